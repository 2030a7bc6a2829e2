// Any bytes as a mapping file: a mapping, or mistakes with their lines.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "interop/mapping.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace graftline;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto mapping = interop::Mapping::from_toml(text, "site.toml");
  if (!mapping && mapping.error().message.find("site.toml:") != 0) std::abort();
  return 0;
}
