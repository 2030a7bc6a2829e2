// Any bytes as the JSON twin: no crash, and what is accepted is written back as it would be written.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/format.h"
#include "protocol/json.h"

using namespace graftline;
using namespace graftline::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const Parsed parsed = from_json(json);
  for (const Diagnostic& d : parsed.diagnostics) {
    ensure(d.span.offset + d.span.length <= size, "every diagnostic lies inside the input");
  }
  if (!parsed.ok()) return 0;
  const Parsed again = from_json(to_json(parsed.protocol));
  ensure(again.ok() && again.protocol == parsed.protocol, "JSON to protocol to JSON keeps the protocol");
  return 0;
}
