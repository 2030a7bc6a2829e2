#pragma once
// Gray's test that groups have the same cumulative incidence of one cause when other causes compete.
//
//   rows        status 0 = censored, 1..k = which event came first; `group` 0..g-1, g >= 2; `stratum`
//               optional
//   cause       the cause compared; all others compete
//   rho         weight (1 - F(t-))^rho, F the pooled cumulative incidence
//   returns     scores and their covariance for the first g - 1 groups, summed over strata, and the
//               chi-square
//   degenerate  no event of the cause: chi-square 0 on 0 degrees of freedom, p = 1; a singular
//               covariance: its rank is the degrees of freedom
//   errors      those of inspect(); conflict: one group only; unsupported: case weights, delayed entry
//               (the test is not defined for them); out_of_range: a cause that is not 1..k
//   cost        O(n) + O(distinct times x groups^3)
//   source      Gray, Ann Stat 1988; 16:1141, sections 2 and 3 (variance), with the tie correction of
//               cmprsk
//   checked     by hand (gray_test.cpp); against R cmprsk::cuminc (tests/golden)

#include "stats/follow_up.h"
#include "stats/logrank.h"

namespace graftline::stats {

struct GrayTest {
  std::vector<double> score;
  Matrix covariance;
  ChiSquareTest test;
};

template <class Time> Result<GrayTest> gray_test(const FollowUp<Time>& rows, int cause, double rho = 0.0);

// The same from tables (one per stratum, two groups or more, without weights and delayed entry).
GrayTest gray_test(std::span<const EventTable> tables, int cause, double rho = 0.0);

}  // namespace graftline::stats
