#pragma once
// Restricted mean survival time: the mean time without the event up to tau (area under the Kaplan-Meier
// curve).
//
//   curve    from kaplan_meier()
//   tau      horizon, > 0, in the unit of the curve's times
//   returns  mean, time lost (tau - mean), standard error of either (Greenwood plug-in), limits on the
//            plain scale
//   errors   out_of_range: tau <= 0, or tau beyond the last time while the curve has not come down to 0
//            there (the area is then not identified)
//   cost     O(distinct times)
//   source   Irwin, J Hyg 1949; 47:188. Uno et al., J Clin Oncol 2014; 32:2380 (contrasts)
//   checked  by hand (restricted_mean_test.cpp); against R survRM2::rmst2 (tests/golden)

#include "stats/kaplan_meier.h"

namespace graftline::stats {

struct RestrictedMean {
  double tau = 0.0;
  double mean = 0.0;
  double standard_error = 0.0;
  double lower = 0.0;
  double upper = 0.0;
  double time_lost = 0.0;
};

Result<RestrictedMean> restricted_mean(const SurvivalCurve& curve, double tau, double level = 0.95);

struct Contrast {
  double estimate = 0.0;
  double lower = 0.0;
  double upper = 0.0;
  double p = 1.0;  // two-sided normal
};

// Of arm 1 against arm 0: difference of means, ratio of means, ratio of times lost. The ratios' limits are
// symmetric on the logarithm (delta method).
struct RestrictedMeanContrast {
  Contrast difference;
  Contrast ratio;
  Contrast time_lost_ratio;
};
RestrictedMeanContrast contrast(const RestrictedMean& arm1, const RestrictedMean& arm0, double level = 0.95);

// The largest tau that two curves allow: the shorter follow-up, or the longer when the shorter curve ends at
// 0.
double largest_common_tau(const SurvivalCurve& a, const SurvivalCurve& b);

}  // namespace graftline::stats
