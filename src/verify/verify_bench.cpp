// The search alone: a ladder of four levels with gaps of eight weeks over 104 weeks, acute GVHD 0 to IV or
// unknown, response unknown, holds and a stop. Reports states a second.
#include <benchmark/benchmark.h>

#include "protocol/parse.h"
#include "verify/machine.h"
#include "verify/verify.h"

namespace {

using namespace graftline;
using namespace graftline::verify;

constexpr const char* two_years = R"(protocol "two years" id two-years version 1.0.0
status draft
source own "made for this measurement"
day 0 is graft infusion
fact agvhd is acute GVHD grade, current
fact worst is acute GVHD grade, worst since first infusion
fact infection is uncontrolled infection, current
fact response is disease response after infusion, latest from 1 day after last infusion to today
hold "acute GVHD" while agvhd >= II
hold "infection" while infection
stop "severe GVHD after an infusion" when number of infusions >= 1 and worst >= III
stop "response" when number of infusions >= 1 and response is complete_response
repeat "no escalation after grade I" when agvhd = I
dose level 1 1e5 to 5e5 CD3/kg  cite own "table"
dose level 2 to 4 previous + 0.5 to 1 log  cite own "table"
cap 1e8 CD3/kg  cite own "table"
give level 1 to 4 from day 0 to day +728
infusions 1 to 4
interval at least 8 weeks  cite own "table"
claim never give while agvhd >= II
)";

void search(benchmark::State& state) {
  const auto parsed = protocol::parse_protocol(two_years);
  if (!parsed.ok()) state.SkipWithError("the protocol has mistakes");
  std::size_t n_states = 0;
  for ([[maybe_unused]] auto _ : state) {
    Work work(1'000'000'000);
    const Inputs inputs(parsed.protocol);
    const Borders borders(parsed.protocol);
    Decisions decisions(parsed.protocol, inputs, borders, work);
    Machine machine(parsed.protocol, inputs, borders, decisions, work, 10'000'000);
    machine.search();
    if (!machine.is_complete()) state.SkipWithError("the search did not end");
    n_states = machine.n_states();
  }
  state.counters["states"] = static_cast<double>(n_states);
  state.counters["states/s"] =
      benchmark::Counter(static_cast<double>(n_states), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(search)->Unit(benchmark::kMillisecond);

void everything(benchmark::State& state) {
  const auto parsed = protocol::parse_protocol(two_years);
  for ([[maybe_unused]] auto _ : state) {
    const Verification v = verify::verify(parsed.protocol, {});
    if (!v.statistics.is_complete) state.SkipWithError("not settled");
    benchmark::DoNotOptimize(v.findings.size());
  }
}
BENCHMARK(everything)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
