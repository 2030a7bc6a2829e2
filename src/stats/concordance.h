#pragma once
// Concordance (Harrell's C) of a risk score with survival: of the pairs whose order in time is known, the
// part in which the one with the higher score failed first; equal scores count a half.
//
//   score    one number per row, higher = earlier failure expected
//   pairs    within strata; an event against everybody still under observation after its time, and
//            against those censored at it; two events at one time are not ordered
//   returns  C, its standard error (infinitesimal jackknife, summed within clusters), and the pairs; NaN
//            without pairs
//   cost     O(n log n)
//   source   Harrell et al., JAMA 1982; 247:2543; Therneau and Watson, Mayo Clinic technical report 85,
//            2017
//   checked  by counting pairs (concordance_test.cpp); against R survival::concordance (tests/golden)

#include <span>

#include "stats/follow_up.h"

namespace graftline::stats {

struct Concordance {
  double value = 0.0;
  double standard_error = 0.0;
  double concordant = 0.0;
  double discordant = 0.0;
  double tied_score = 0.0;
};

Result<Concordance> concordance(const RealFollowUp& rows, std::span<const double> score);

}  // namespace graftline::stats
