// What bench/survival/run.sh compares with R: each estimator on N rows, with its seconds, its growth, its
// memory and some of its numbers.
//   survival_report_bench N            one line per estimator: name, seconds, exponent, memory, values
//   survival_report_bench N write FILE  the data as CSV
// seconds   of the thread's processor, the best of five, from unsorted columns to the answer
// exponent  log8 of the seconds for N over those for N / 8
// memory    peak beyond the columns that were given, over the size of those columns

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <functional>
#include <string>

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
using Values = std::vector<double>;

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// kB of this process: VmRSS now, VmHWM the most since it was last reset.
double memory_kb(const char* which) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind(which, 0) == 0) return std::atof(line.c_str() + std::strlen(which) + 1);
  return 0.0;
}
void reset_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

struct Task {
  const char* name;
  int columns;  // of 4 bytes that are read
  std::function<Values(const BenchData&, const std::vector<int>&)> run;
};

Values curve_at(const std::vector<double>& time, std::initializer_list<const std::vector<double>*> columns) {
  Values values;
  for (double t : {100.0, 400.0, 1000.0})
    for (const auto* column : columns) values.push_back((*column)[row_at(time, t)]);
  return values;
}

Values of_cox(const DayFollowUp& rows, const BenchData& data) {
  const auto design = cox_design(rows, data.covariates());
  const auto fit = cox(*design);
  Values values = fit->coefficient;
  for (int j = 0; j < 5; ++j) values.push_back(std::sqrt(fit->covariance(j, j)));
  values.push_back(fit->log_likelihood);
  return values;
}

const std::vector<Task> tasks{
    {"kaplan_meier", 2,
     [](const BenchData& d, const std::vector<int>&) {
       const auto curves = kaplan_meier(DayFollowUp{.time = d.time, .status = d.status});
       return curve_at(curves->front().time, {&curves->front().survival, &curves->front().standard_error});
     }},
    {"aalen_johansen", 2,
     [](const BenchData& d, const std::vector<int>&) {
       const auto curves = cumulative_incidence(DayFollowUp{.time = d.time, .status = d.cause});
       const IncidenceOfCause& cause = curves->front().causes[0];
       return curve_at(curves->front().time, {&cause.incidence, &cause.standard_error});
     }},
    {"logrank", 3,
     [](const BenchData& d, const std::vector<int>&) {
       const auto test = logrank(d.any());
       return Values{test->test.statistic};
     }},
    {"gray", 3,
     [](const BenchData& d, const std::vector<int>&) {
       const auto test = gray_test(d.causes(), 1);
       return Values{test->test.statistic};
     }},
    {"cox", 12,
     [](const BenchData& d, const std::vector<int>&) {
       return of_cox(DayFollowUp{.time = d.time, .status = d.status}, d);
     }},
    {"cox_start_stop", 13,
     [](const BenchData& d, const std::vector<int>& entry) {
       return of_cox(DayFollowUp{.time = d.time, .status = d.status, .entry = entry}, d);
     }},
    {"fine_gray", 12, [](const BenchData& d, const std::vector<int>&) {
       const auto fit = fine_gray(DayFollowUp{.time = d.time, .status = d.cause}, d.covariates(), 1, {},
                                  {.gradient_tolerance = 1e-6});
       Values values = fit->coefficient;
       for (int j = 0; j < 5; ++j) values.push_back(std::sqrt(fit->sandwich_covariance(j, j)));
       return values;
     }}};

double best_seconds(const Task& task, const BenchData& data, const std::vector<int>& entry, int runs) {
  double best = 1e300;
  for (int i = 0; i < runs; ++i) {
    const double start = processor_seconds();
    const Values values = task.run(data, entry);
    best = std::min(best, processor_seconds() - start);
  }
  return best;
}

void report(const Task& task, const BenchData& data, const BenchData& eighth) {
  const std::vector<int> entry = data.entries();
  const double seconds = best_seconds(task, data, entry, 5);
  const double shorter = best_seconds(task, eighth, eighth.entries(), 9);
  reset_peak();
  const double before = memory_kb("VmRSS");
  const Values values = task.run(data, entry);
  const double memory =
      (memory_kb("VmHWM") - before) * 1024.0 / (4.0 * task.columns * static_cast<double>(data.time.size()));
  std::printf("%s\t%.5f\t%.2f\t%.2f", task.name, seconds, std::log(seconds / shorter) / std::log(8.0),
              memory);
  for (double value : values) std::printf("\t%.12g", value);
  std::printf("\n");
}

// Kaplan-Meier, log-rank, cumulative incidence with variance and Gray's test of one trial of 200.
void report_small_trial() {
  const BenchData trial(200);
  TrialWorkspace workspace;
  double best = 1e300;
  double sum = 0.0;
  for (int repeat = 0; repeat < 50; ++repeat) {
    const double start = processor_seconds();
    for (int i = 0; i < 200; ++i) {
      if (workspace.load(trial.causes())) std::abort();
      sum += workspace.kaplan_meier({.limits = {LimitScale::log, 0.0}})[0].survival.back();
      sum += workspace.logrank().test.statistic + workspace.gray_test(1).test.statistic;
      sum += workspace.cumulative_incidence({{LimitScale::log, 0.0}, IncidenceVariance::greenwood})[0].n;
    }
    best = std::min(best, (processor_seconds() - start) / 200.0);
  }
  std::printf("trial_of_200\t%.3g\t\t\t%.12g\n", best, workspace.logrank().test.statistic);
  if (sum == 0.0) std::abort();
}

int write_csv(const BenchData& d, const char* path) {
  std::FILE* out = std::fopen(path, "w");
  if (out == nullptr) return 1;
  const std::vector<int> entry = d.entries();
  std::fputs("time,status,cause,group,entry,x1,x2,x3,x4,x5\n", out);
  for (std::size_t i = 0; i < d.time.size(); ++i) {
    std::fprintf(out, "%d,%d,%d,%d,%d", d.time[i], d.status[i], d.cause[i], d.group[i], entry[i]);
    for (const auto& column : d.x) std::fprintf(out, ",%.2f", column[i]);
    std::fputc('\n', out);
  }
  return std::fclose(out) == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2 && !(count == 4 && std::strcmp(arguments[2], "write") == 0)) {
    std::fprintf(stderr, "usage: survival_report_bench N [write FILE]\n");
    return 2;
  }
  const auto n = static_cast<std::size_t>(std::atof(arguments[1]));
  const BenchData data(n);
  if (count == 4) return write_csv(data, arguments[3]);
  const BenchData eighth(n / 8);
  for (const Task& task : tasks) report(task, data, eighth);
  report_small_trial();
  return 0;
}
