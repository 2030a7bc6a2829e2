#pragma once
// Made-up patients for the benchmarks, the same for every program that asks for as many.

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "stats/cox_design.h"

namespace graftline::stats {

// Relapse, death and censoring each exponential in days, five covariates of which two act, two arms.
struct BenchData {
  std::vector<int> time, status, cause, group;
  std::vector<std::vector<double>> x;

  explicit BenchData(std::size_t n) : x(5) {
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
  // Of an analysis with late entry: every second patient comes under observation some days after day 0.
  std::vector<int> entries() const {
    std::vector<int> entry;
    for (std::size_t i = 0; i < time.size(); ++i)
      entry.push_back(i % 2 == 0 ? 0 : static_cast<int>((i * 7919) % static_cast<std::size_t>(time[i])));
    return entry;
  }
  DayFollowUp any() const { return {.time = time, .status = status, .group = group}; }
  DayFollowUp causes() const { return {.time = time, .status = cause, .group = group}; }
  Covariates covariates() const {
    Covariates c{{"x1", "x2", "x3", "x4", "x5"}, {}};
    for (const auto& column : x) c.columns.emplace_back(column);
    return c;
  }
};

}  // namespace graftline::stats
