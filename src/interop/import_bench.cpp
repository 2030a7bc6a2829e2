// How fast records come in: a cohort of bundles in memory, one bundle of about 95 KB, a long table.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>

#include "interop/import.h"
#include "interop/source.h"

namespace graftline::interop {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::vector<std::string> bundles() {
  std::vector<std::string> lines;
  auto source =
      LineSource::open(GRAFTLINE_SOURCE_DIR "/tests/data/fhir/synthetic-dli/bundles.ndjson.gz", 1 << 24);
  require(static_cast<bool>(source));
  std::string_view line;
  while (source->next(line) == LineSource::Got::line) lines.emplace_back(line);
  require(lines.size() == 100);
  return lines;
}

// The entries of several bundles as those of one.
std::string joined(const std::vector<std::string>& lines, std::size_t bytes) {
  std::string text = R"({"resourceType":"Bundle","type":"collection","entry":[)";
  for (const auto& line : lines) {
    const auto start = line.find('[', line.find("\"entry\"")) + 1;
    if (text.back() != '[') text += ',';
    text += line.substr(start, line.rfind(']') - start);
    if (text.size() >= bytes) break;
  }
  return text + "]}";
}

void import(benchmark::State& state, std::string_view name, const std::string& text, std::size_t patients) {
  const Mapping mapping = *Mapping::from_file(GRAFTLINE_SOURCE_DIR "/tests/data/fhir/synthetic-dli.toml");
  for (auto _ : state) {
    std::size_t found = 0;
    const auto report = import_text(name, text, mapping, [&](record::Timeline&&) { ++found; });
    require(report.adds_up() && found == patients);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(text.size()));
  state.counters["patients/s"] =
      benchmark::Counter(static_cast<double>(patients), benchmark::Counter::kIsIterationInvariantRate);
}

void hundred_bundles_a_line_each(benchmark::State& state) {
  std::string text;
  for (const auto& line : bundles()) text += line + "\n";
  import(state, "cohort.ndjson", text, 100);
}
BENCHMARK(hundred_bundles_a_line_each)->Unit(benchmark::kMillisecond);

void one_bundle_of_95_kilobytes(benchmark::State& state) {
  const std::string text = joined(bundles(), 95'000);
  import(state, "bundle.json", text, 6);
}
BENCHMARK(one_bundle_of_95_kilobytes)->Unit(benchmark::kMicrosecond);

void ten_thousand_rows(benchmark::State& state) {
  std::string text = "patient,date,fact,value,unit,upper_limit\n";
  for (int i = 0; i < 10'000; ++i)
    text += fmt::format("p{},2026-02-{:02},alt,{},U/L,40\n", i / 20, i % 20 + 1, 20 + i % 50);
  import(state, "labs.csv", text, 500);
}
BENCHMARK(ten_thousand_rows)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace graftline::interop

BENCHMARK_MAIN();
