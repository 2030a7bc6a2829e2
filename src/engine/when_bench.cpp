// How the cost of all days grows: with the number of results on record, and with the length of the time asked
// about. Day by day, for comparison, over the same time.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "engine/decide.h"
#include "engine/when.h"
#include "protocol/parse.h"
#include "record/story.h"

using namespace graftline;
using namespace graftline::engine;
using namespace graftline::record;

namespace {

constexpr Day transplant_day{18'000};

void require(bool holds) {
  if (!holds) std::abort();
}

protocol::Protocol protocol_of_the_trial() {
  std::ifstream in(GRAFTLINE_SOURCE_DIR "/protocols/nct07319793/nct07319793.protocol", std::ios::binary);
  auto parsed = protocol::parse_protocol({std::istreambuf_iterator<char>(in), {}});
  require(parsed.ok());
  return std::move(parsed.protocol);
}

// Five laboratory values every `every` days, `n` times each; every twentieth is above its limit.
Timeline patient(int n, int every) {
  std::vector<Entry> entries{story::says("transplant", to_text(transplant_day), true)};
  for (int i = 0; i < n; ++i) {
    const std::string day = to_text(transplant_day + i * every);
    const std::string high = i % 20 == 7 ? "9" : "";
    entries.push_back(story::number("alt", day, high + "30", "U/L"));
    entries.push_back(story::number("ast", day, "30", "U/L"));
    entries.push_back(story::number("bilirubin", day, "0.8", "mg/dL"));
    entries.push_back(story::number("creatinine", day, "0.9", "mg/dL"));
    entries.push_back(story::number("spo2", day, "97", "%"));
    for (auto e = entries.end() - 5; e != entries.end(); ++e) e->upper_limit = std::nullopt;
  }
  return story::patient(std::move(entries));
}

Settings site() {
  Settings settings;
  for (const char* fact : {"alt", "ast"}) settings.upper_limits[fact] = {"40 U/L", "bench"};
  settings.upper_limits["bilirubin"] = {"1.2 mg/dL", "bench"};
  settings.upper_limits["creatinine"] = {"1.2 mg/dL", "bench"};
  return settings;
}

// A result every four weeks: n results are n * 28 days.
void all_days_by_results(benchmark::State& state) {
  const int n = static_cast<int>(state.range(0));
  const protocol::Protocol protocol = protocol_of_the_trial();
  const Timeline timeline = patient(n, 28);
  const Series series{Series::Over::days, {}, transplant_day, transplant_day + n * 28};
  History found;
  for (auto _ : state) {
    found = history(protocol, timeline, site(), series);
    require(found.steps.back().last == series.last);
  }
  state.counters["entries"] = static_cast<double>(timeline.entries.size());
  state.counters["days"] = static_cast<double>(series.last - series.first + 1);
  state.counters["conditions"] = static_cast<double>(found.conditions_asked);
  state.counters["decisions"] = static_cast<double>(found.decisions_made);
  state.SetComplexityN(n);
}
BENCHMARK(all_days_by_results)
    ->RangeMultiplier(4)
    ->Range(8, 2048)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();

// Twenty results, over longer and longer times.
void all_days_by_length(benchmark::State& state) {
  const int days = static_cast<int>(state.range(0));
  const protocol::Protocol protocol = protocol_of_the_trial();
  const Timeline timeline = patient(20, days / 20);
  const Series series{Series::Over::days, {}, transplant_day, transplant_day + days};
  for (auto _ : state) require(history(protocol, timeline, site(), series).steps.back().last == series.last);
}
BENCHMARK(all_days_by_length)->RangeMultiplier(4)->Range(256, 16384)->Unit(benchmark::kMillisecond);

void day_by_day(benchmark::State& state) {
  const int days = static_cast<int>(state.range(0));
  const protocol::Protocol protocol = protocol_of_the_trial();
  const Timeline timeline = patient(20, days / 20);
  const Settings settings = site();
  for (auto _ : state) {
    for (int i = 0; i <= days; ++i) {
      const Decision decision = decide(protocol, View(timeline, transplant_day + i), settings);
      benchmark::DoNotOptimize(decision.verdict);
    }
  }
}
BENCHMARK(day_by_day)->RangeMultiplier(4)->Range(256, 4096)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
