// Reference files come from outside: no text may crash the reader, and no case may hang it.
#include <cstddef>
#include <cstdint>
#include <string>

#include "stats/design_golden.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto validation =
      graftline::stats::validate_design_text(std::string(reinterpret_cast<const char*>(data), size), "fuzz");
  if (validation) (void)graftline::stats::design_validation_table(*validation);
  return 0;
}
