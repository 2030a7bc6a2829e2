// Virtual patients of the shipped model, three years each, on one core.
#include <benchmark/benchmark.h>

#include <cmath>
#include <string>

#include "sim/history.h"
#include "sim/parse_model.h"

using namespace graftline;

namespace {

void patients(benchmark::State& state) {
  const auto model = sim::read_model(std::string(GRAFTLINE_SOURCE_DIR) + "/models/acute-leukaemia.model");
  ensure(static_cast<bool>(model), "the shipped model");
  const auto process = sim::compile(*model, "h_preemptive");
  sim::History history(*process);
  std::uint32_t patient = 0;
  double relapsed = 0.0;
  for (auto step : state) {
    history.begin({1, stream_of(0, patient++)});
    history.run_until(36.0);
    relapsed += history.patient().state[1] == 4 ? 1.0 : 0.0;
  }
  ensure(patient < 10'000 || std::abs(relapsed / patient - 0.362) < 0.02, "the relapse of the model");
  state.counters["patients/s"] = benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(patients)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
