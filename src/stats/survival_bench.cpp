// Times of the estimators on one million rows with day-valued times, from unsorted columns, and of a trial of
// 200. survival_report_bench prints the same side by side with other programs, with memory and growth.

#include <benchmark/benchmark.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "stats/cox.h"
#include "stats/cumulative_incidence.h"
#include "stats/fine_gray.h"
#include "stats/gray.h"
#include "stats/kaplan_meier.h"
#include "stats/logrank.h"
#include "stats/survival_bench_data.h"
#include "stats/trial_workspace.h"

namespace {

using namespace graftline::stats;

const BenchData& million() {
  static const BenchData data(1000000);
  return data;
}

void check(bool right) {
  if (!right) throw std::runtime_error("a benchmark's answer is wrong");
}

void rows_per_second(benchmark::State& state, double rows) {
  state.counters["rows/s"] = benchmark::Counter(rows, benchmark::Counter::kIsIterationInvariantRate);
}

void kaplan_meier_million(benchmark::State& state) {
  DayFollowUp rows = million().any();
  rows.group = {};
  for (auto _ : state) {
    const auto curves = kaplan_meier(rows);
    check(curves && curves->front().n == 1e6);
  }
  rows_per_second(state, 1e6);
}

void aalen_johansen_million(benchmark::State& state) {
  DayFollowUp rows = million().causes();
  rows.group = {};
  for (auto _ : state) {
    const auto curves = cumulative_incidence(rows);
    const auto& c = curves->front();
    check(std::abs(c.event_free.back() + c.causes[0].incidence.back() + c.causes[1].incidence.back() - 1.0) <
          1e-9);
  }
  rows_per_second(state, 1e6);
}

void logrank_million(benchmark::State& state) {
  for (auto _ : state) {
    const auto test = logrank(million().any());
    check(test && test->test.df == 1 && test->test.p < 1e-6);
  }
  rows_per_second(state, 1e6);
}

void gray_million(benchmark::State& state) {
  for (auto _ : state) {
    const auto test = gray_test(million().causes(), 1);
    check(test && test->test.df == 1 && test->test.p < 1e-6);
  }
  rows_per_second(state, 1e6);
}

void cox_million(benchmark::State& state) {
  DayFollowUp rows = million().any();
  rows.group = {};
  for (auto _ : state) {
    const auto design = cox_design(rows, million().covariates());
    const auto fit = cox(*design);
    check(fit && fit->converged && fit->coefficient[0] > 0.2);
  }
  rows_per_second(state, 1e6);
}

void fine_gray_million(benchmark::State& state) {
  for (auto _ : state) {
    const auto fit = fine_gray(million().causes(), million().covariates(), 1);
    check(fit && fit->converged && fit->coefficient[0] > 0.2);
  }
  rows_per_second(state, 1e6);
}

void cox_start_stop_million(benchmark::State& state) {
  DayFollowUp rows = million().any();
  rows.group = {};
  const std::vector<int> entry = million().entries();
  rows.entry = entry;
  for (auto _ : state) {
    const auto design = cox_design(rows, million().covariates());
    const auto fit = cox(*design);
    check(fit && fit->converged && fit->coefficient[0] > 0.2);
  }
  rows_per_second(state, 1e6);
}

// Kaplan-Meier, log-rank, cumulative incidence with variance and Gray's test, as a simulation calls them.
void trial_of_200(benchmark::State& state) {
  const BenchData trial(200);
  TrialWorkspace workspace;
  for (auto _ : state) {
    check(!workspace.load(trial.causes()));
    const auto& curves = workspace.kaplan_meier({.limits = {LimitScale::log, 0.0}});
    const LogRank& test = workspace.logrank();
    const auto& incidence =
        workspace.cumulative_incidence({{LimitScale::log, 0.0}, IncidenceVariance::greenwood});
    const GrayTest& gray = workspace.gray_test(1);
    check(curves.size() == 2 && incidence.size() == 2 && test.test.df == 1 && gray.test.df == 1);
  }
  rows_per_second(state, 200);
}

BENCHMARK(kaplan_meier_million)->Unit(benchmark::kMillisecond);
BENCHMARK(aalen_johansen_million)->Unit(benchmark::kMillisecond);
BENCHMARK(logrank_million)->Unit(benchmark::kMillisecond);
BENCHMARK(gray_million)->Unit(benchmark::kMillisecond);
BENCHMARK(cox_million)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(cox_start_stop_million)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(fine_gray_million)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(trial_of_200)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
