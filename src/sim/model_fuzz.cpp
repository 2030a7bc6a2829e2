// Any bytes as a model file: no crash, every mistake has a place inside the text, and what is accepted runs.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sim/history.h"
#include "sim/parse_model.h"

using namespace graftline;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 20'000) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const sim::ParsedModel parsed = sim::parse_model(text, "fuzz");
  for (const auto& d : parsed.diagnostics) {
    ensure(d.span.offset + d.span.length <= size, "every mistake lies inside the text");
    ensure(!protocol::to_text(d, text, "fuzz").empty(), "every mistake has a text");
  }
  if (!parsed.ok()) return 0;
  const auto process = sim::compile(parsed.model, "");
  ensure(static_cast<bool>(process), "what was verified compiles");
  sim::History history(*process);
  for (std::uint32_t patient = 0; patient < 3; ++patient) {
    history.begin({1, patient});
    history.run_until(24.0);
    if (!history.problem()) ensure(history.patient().time == 24.0, "a patient reaches the end");
  }
  return 0;
}
