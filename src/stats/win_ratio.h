#pragma once
// Win ratio of a hierarchy of endpoints: every patient of one arm is compared with every patient of the
// other, first on the most important endpoint, and on the next one only where that one cannot tell.
//
//   endpoints   most important first: for each, time and status (0 = censored) of all patients
//   arm         1 = treatment, 0 = control
//   a win       the control patient is known to have had the event first: at a time at which the treated
//               patient was still without it, which a censoring at that very time still is (events come
//               before censorings)
//   returns     wins and losses by endpoint, ties; win ratio with limits on the log scale and two-sided
//               p; net benefit (wins - losses) / pairs and win odds with theirs
//   errors      malformed_input: no endpoint or columns of different length; out_of_range: an arm other
//               than 0 and 1, a time that cannot be; conflict: an arm without patients
//   degenerate  no wins or no losses: the win ratio is 0, infinite or NaN, its limits NaN
//   variance    two-sample U-statistics of wins and losses, and their covariance
//   cost        O(n1 n0 endpoints)
//   source      Pocock et al., Eur Heart J 2012; 33:176; Bebu and Lachin, Biostatistics 2016; 17:178
//               (variance); Dong et al., Stat Biopharm Res 2020; 12:99 (win odds)
//   checked     by hand (win_ratio_test.cpp)

#include <span>
#include <vector>

#include "core/result.h"

namespace graftline::stats {

struct RankedEndpoint {
  std::span<const double> time;
  std::span<const int> status;
};

struct Estimate {
  double value = 0.0;
  double lower = 0.0;
  double upper = 0.0;
  double p = 1.0;
};

struct WinRatio {
  std::vector<double> wins, losses;  // by endpoint, in pairs
  double ties = 0.0;
  double pairs = 0.0;
  Estimate ratio;
  Estimate net_benefit;
  Estimate win_odds;
};

Result<WinRatio> win_ratio(std::span<const RankedEndpoint> endpoints, std::span<const int> arm,
                           double level = 0.95);

}  // namespace graftline::stats
