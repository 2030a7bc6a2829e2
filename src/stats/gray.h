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

// Into memory that is used again.
struct GrayMemory {
  struct Group {
    double free_before = 1.0, free = 1.0, per_free = 1.0;  // event-free survival; 1 / free
    double incidence_before = 0.0, incidence = 0.0;
    double at_risk = 0.0, events = 0.0, other = 0.0;  // at the time in hand
    double h = 0.0, quadratic = 0.0, score = 0.0;
  };
  std::vector<Group> group;
  std::vector<double> effect;
  std::vector<double>
      compensator;          // c in the paper's variance: what the pooled curve takes from each group so far
  std::vector<double> own;  // a: the same at the current time
  std::vector<double> linear, covariance;
  void start(int groups);
};
void gray_test(std::span<const EventTable> tables, int cause, double rho, GrayMemory& memory,
               GrayTest& result);

}  // namespace graftline::stats
