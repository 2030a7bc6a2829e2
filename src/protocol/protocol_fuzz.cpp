// Any bytes as protocol text: no crash, every place inside the text, and what is accepted formats to itself.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/format.h"
#include "protocol/json.h"
#include "protocol/parse.h"

using namespace graftline;
using namespace graftline::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Parsed parsed = parse_protocol(text, "fuzz");
  for (const Diagnostic& d : parsed.diagnostics) {
    ensure(d.span.offset + d.span.length <= size, "every diagnostic lies inside the text");
    ensure(!to_text(d, text, "fuzz").empty(), "every diagnostic has a text");
  }
  if (!parsed.ok()) return 0;
  const std::string formatted = to_text(parsed.protocol);
  const Parsed again = parse_protocol(formatted);
  ensure(again.ok(), "what was formatted is accepted");
  ensure(again.protocol == parsed.protocol, "formatting keeps the protocol");
  ensure(to_text(again.protocol) == formatted, "formatting twice changes nothing");
  const Parsed twin = from_json(to_json(parsed.protocol));
  ensure(twin.ok() && twin.protocol == parsed.protocol, "the JSON twin is the same protocol");
  return 0;
}
