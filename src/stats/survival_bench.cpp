// Times of the estimators on one million rows with day-valued times, from unsorted columns, and of a trial of
// 200.
//   survival_bench [--write FILE] [google-benchmark options]     --write only writes the data as CSV, for
//   bench/

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <stdexcept>
#include <vector>

#include "stats/cox.h"
#include "stats/cumulative_incidence.h"
#include "stats/fine_gray.h"
#include "stats/gray.h"
#include "stats/kaplan_meier.h"
#include "stats/logrank.h"

namespace {

using namespace graftline::stats;

// Relapse, death and censoring each exponential in days, five covariates of which two act, two arms.
struct Data {
  std::vector<int> time, status, cause, group;
  std::vector<std::vector<double>> x;

  explicit Data(std::size_t n) : x(5) {
    std::mt19937_64 random(20261120);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    std::normal_distribution<double> normal;
    for (std::size_t i = 0; i < n; ++i) {
      for (auto& column : x) column.push_back(std::round(normal(random) * 100.0) / 100.0);
      group.push_back(uniform(random) < 0.5 ? 0 : 1);
      const double hazard = std::exp(0.4 * x[0].back() - 0.3 * x[1].back() - 0.2 * group.back());
      const double relapse = -900.0 / hazard * std::log(uniform(random));
      const double death = -1500.0 * std::log(uniform(random));
      const double censored = 300.0 + 1500.0 * uniform(random);
      const double first = std::min({relapse, death, censored});
      time.push_back(static_cast<int>(std::ceil(first)));
      cause.push_back(first == relapse ? 1 : (first == death ? 2 : 0));
      status.push_back(cause.back() == 0 ? 0 : 1);
    }
  }
  DayFollowUp any() const { return {.time = time, .status = status, .group = group}; }
  DayFollowUp causes() const { return {.time = time, .status = cause, .group = group}; }
  Covariates covariates() const {
    Covariates c{{"x1", "x2", "x3", "x4", "x5"}, {}};
    for (const auto& column : x) c.columns.emplace_back(column);
    return c;
  }
};

const Data& million() {
  static const Data data(1000000);
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

// Kaplan-Meier, log-rank, cumulative incidence with variance and Gray's test from one table.
void trial_of_200(benchmark::State& state) {
  const Data trial(200);
  for (auto _ : state) {
    const auto tables = event_tables(trial.causes());
    const auto curves = kaplan_meier(tables->front(), {.limits = {LimitScale::log, 0.0}});
    const LogRank test = logrank(*tables);
    const auto incidence =
        cumulative_incidence(tables->front(), {{LimitScale::log, 0.0}, IncidenceVariance::greenwood});
    const GrayTest gray = gray_test(*tables, 1);
    check(curves.size() == 2 && incidence.size() == 2 && test.test.df == 1 && gray.test.df == 1);
  }
  rows_per_second(state, 200);
}

BENCHMARK(kaplan_meier_million)->Unit(benchmark::kMillisecond);
BENCHMARK(aalen_johansen_million)->Unit(benchmark::kMillisecond);
BENCHMARK(logrank_million)->Unit(benchmark::kMillisecond);
BENCHMARK(gray_million)->Unit(benchmark::kMillisecond);
BENCHMARK(cox_million)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(fine_gray_million)->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(trial_of_200)->Unit(benchmark::kMicrosecond);

int write_csv(const char* path) {
  std::FILE* out = std::fopen(path, "w");
  if (out == nullptr) return 1;
  std::fputs("time,status,cause,group,x1,x2,x3,x4,x5\n", out);
  const Data& d = million();
  for (std::size_t i = 0; i < d.time.size(); ++i) {
    std::fprintf(out, "%d,%d,%d,%d", d.time[i], d.status[i], d.cause[i], d.group[i]);
    for (const auto& column : d.x) std::fprintf(out, ",%.2f", column[i]);
    std::fputc('\n', out);
  }
  return std::fclose(out) == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 3 && std::strcmp(arguments[1], "--write") == 0) return write_csv(arguments[2]);
  benchmark::Initialize(&count, arguments);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
