// Any bytes as FHIR: the books add up, and an entry without a value says why.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "interop/import.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace graftline;
  static const interop::Mapping mapping = interop::Mapping::defaults();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t entries = 0;
  const auto sink = [&](record::Timeline&& timeline) {
    for (const auto& entry : timeline.entries) {
      require(std::holds_alternative<std::monostate>(entry.value) == !entry.unusable.empty());
    }
    entries += timeline.entries.size();
  };
  interop::ImportOptions options;
  options.read_on = day_of({2026, 3, 1});
  const auto report = interop::import_text("input.ndjson", text, mapping, sink, options);
  require(report.adds_up());
  std::size_t counted = 0;
  for (const auto& [fact, tally] : report.by_fact) counted += tally.usable + tally.unusable;
  require(entries == counted);
  require(!interop::to_text(report, true).empty() && !interop::to_json(report).empty());
  return 0;
}
