#pragma once
// Weighted log-rank tests of equal hazards between groups: the G-rho family, within strata, for trend.
//
//   rows        status 0 = censored, any other = event; `group` 0..g-1, g >= 2; `stratum` optional;
//               delayed entry allowed
//   rho         each event time counts S(t-)^rho, S the Kaplan-Meier curve of the stratum's groups
//               pooled: 0 log-rank, 1 Peto and Peto's form of the Wilcoxon test
//   returns     observed and expected (weighted by S^rho, summed over strata), covariance of observed -
//               expected (hypergeometric), and chi-square on the groups that had any expected event
//   degenerate  fewer than two such groups: chi-square 0 on 0 degrees of freedom, p = 1
//   errors      those of inspect(); conflict: one group only
//   weights     case weights count as numbers of subjects
//   cost        O(n) + O(distinct times x groups^2)
//   source      Mantel, Cancer Chemother Rep 1966; 50:163. Harrington and Fleming, Biometrika 1982;
//               69:553
//   checked     by hand (logrank_test.cpp); against R survival::survdiff (tests/golden)

#include <span>
#include <vector>

#include "stats/event_table.h"
#include "stats/follow_up.h"
#include "stats/matrix.h"
#include "stats/sums.h"

namespace graftline::stats {

struct ChiSquareTest {
  double statistic = 0.0;
  int df = 0;
  double p = 1.0;
};

struct LogRank {
  std::vector<double> n;  // rows per group
  std::vector<double> observed;
  std::vector<double> expected;
  Matrix covariance;
  std::vector<std::vector<double>> observed_by_stratum;  // [stratum][group]
  std::vector<std::vector<double>> expected_by_stratum;
  ChiSquareTest test;
};

template <class Time> Result<LogRank> logrank(const FollowUp<Time>& rows, double rho = 0.0);

// The same from tables (one per stratum, two groups or more) that other estimates use too.
LogRank logrank(std::span<const EventTable> tables, double rho = 0.0);

// Into memory that is used again.
struct LogRankSums {
  std::vector<Sum> observed, expected;
  std::vector<Sum>
      covariance;             // of each pair of groups, upward; those of a group with itself follow from them
  std::vector<Sum> total;     // over the strata: the same, one after another
  std::vector<double> share;  // of each group among those at risk, at the time in hand
  void start(int groups);
};
void logrank(std::span<const EventTable> tables, double rho, LogRankSums& sums, LogRank& fitted);

// One degree of freedom against an ordered alternative: sum of score x (observed - expected).
//   scores   one per group, in its order; out_of_range: another number of them
//   source   Tarone, Biometrika 1975; 62:679
Result<ChiSquareTest> logrank_trend(const LogRank& fitted, std::span<const double> scores);

}  // namespace graftline::stats
