// Designs a second: a boundary alone, and a whole design with beta spending and its characteristics. Each
// answer is checked.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdlib>

#include "stats/group_sequential.h"

using namespace graftline::stats;

namespace {

GroupSequentialPlan five_looks() {
  GroupSequentialPlan plan;
  plan.information_fractions = {0.2, 0.4, 0.6, 0.8, 1.0};
  return plan;
}

void boundary_of_five_looks(benchmark::State& state) {
  for (auto _ : state) {
    const auto design = group_sequential_design(five_looks());
    if (std::fabs(design->alpha_spent.back() - 0.025) > 1e-11) std::abort();
    benchmark::DoNotOptimize(design);
  }
}
BENCHMARK(boundary_of_five_looks)->Unit(benchmark::kMicrosecond);

void design_with_binding_futility(benchmark::State& state) {
  GroupSequentialPlan plan = five_looks();
  plan.futility = {FutilityFamily::beta_spending, true, {}, {SpendingFamily::power, 2.0}, {}};
  for (auto _ : state) {
    const auto design = group_sequential_design(plan);
    const auto character = design_characteristics(*design);
    if (std::fabs(character->cumulative_power.back() - 0.8) > 1e-8) std::abort();
    benchmark::DoNotOptimize(character);
  }
}
BENCHMARK(design_with_binding_futility)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
