// How long a protocol takes to read. A real one has about 100 lines; 200 should stay below a millisecond.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

#include "protocol/format.h"
#include "protocol/json.h"
#include "protocol/parse.h"

using namespace graftline;
using namespace graftline::protocol;

namespace {

std::string two_hundred_lines() {
  std::string text =
      "protocol \"benchmark\" id benchmark version 1.0.0\n"
      "status draft\n"
      "source s NCT00000000 \"registry record\"\n"
      "day 0 is graft infusion\n";
  constexpr int n_facts = 60;
  for (int i = 0; i < n_facts; ++i) {
    text +=
        fmt::format("fact alt{} is blood alanine aminotransferase in U/L, latest within {} days\n", i, 7 + i);
  }
  for (int i = 0; i < n_facts; ++i) {
    text += fmt::format(
        "exclude E{} \"liver tests too high\" alt{} > 3 x upper limit or not (alt{} <= 120 U/L and alt{} is "
        "known)\n",
        i, i, i, i);
    text += fmt::format("        cite s \"exclusion criteria, item {}\"\n", i);
  }
  text += "dose level 1 1e5 CD3/kg  cite s \"arm\"\n";
  for (int level = 2; level <= 14; ++level)
    text += fmt::format("dose level {} previous + 0.5 to 1 log  cite s \"arm\"\n", level);
  text += "give level 1 to 14 from day +45 to day +600\ninterval at least 4 weeks recommended 4 to 8 weeks\n";
  return text;
}

void parse(benchmark::State& state) {
  const std::string text = two_hundred_lines();
  for (auto _ : state) {
    const Parsed parsed = parse_protocol(text);
    ensure(parsed.ok() && parsed.protocol.common.doses.size() == 14, "the benchmark's protocol is sound");
    benchmark::DoNotOptimize(parsed);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(parse)->Unit(benchmark::kMicrosecond);

void format(benchmark::State& state) {
  const Parsed parsed = parse_protocol(two_hundred_lines());
  for (auto _ : state) benchmark::DoNotOptimize(to_text(parsed.protocol));
}
BENCHMARK(format)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
