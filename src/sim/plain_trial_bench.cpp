// 10 000 plain two-arm trials of 200 patients on one core, at the end and with three looks.
#include <benchmark/benchmark.h>

#include <cmath>

#include "core/result.h"
#include "sim/plain_trial.h"

using namespace graftline;

namespace {

constexpr std::uint32_t trials = 10'000;

sim::PlainDesign design() {
  sim::PlainDesign design;
  design.arms[0].hazard = 0.05;
  design.arms[1].hazard = 0.03;
  design.accrual = 24.0;
  design.follow_up = 12.0;
  return design;
}

void run(benchmark::State& state, const sim::PlainDesign& plain, double power) {
  for (auto step : state) {
    const auto outcome = sim::simulate_plain_trials(plain, {trials, 1, static_cast<int>(state.range(0))});
    ensure(outcome && std::abs(outcome->rejected.mean - power) < 0.02, "the power of the design");
    benchmark::DoNotOptimize(outcome->rejected.mean);
  }
  state.counters["trials/s"] = benchmark::Counter(trials, benchmark::Counter::kIsIterationInvariantRate);
}

// Schoenfeld at the 118 events seen: Phi(0.511 x sqrt(118) / 2 - 1.96) = 0.79.
void one_analysis(benchmark::State& state) { run(state, design(), 0.79); }

void three_looks(benchmark::State& state) {
  sim::PlainDesign plain = design();
  plain.looks = {{40, 3.471}, {80, 2.454}, {120, 2.004}};  // O'Brien-Fleming, two-sided 5 %
  run(state, plain, 0.78);
}

BENCHMARK(one_analysis)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(three_looks)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
