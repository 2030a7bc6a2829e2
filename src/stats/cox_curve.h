#pragma once
// Cumulative hazard and survival predicted by a proportional-hazards fit.
//
//   values   one number per covariate, in the covariates' own units (0 everywhere = the baseline hazard)
//   returns  per stratum, at each of its event times: hazard, survival exp(-hazard), the standard error
//            of the hazard (= of log survival; both the hazard's and the coefficients' part), and limits
//            of survival
//   ties     Breslow's estimate for Breslow and exact fits, Efron's for Efron
//   source   Breslow, discussion of Cox 1972; Tsiatis, Ann Stat 1981; 9:93; Therneau and Grambsch,
//            chapter 10
//   checked  by hand (cox_test.cpp); against R survival::survfit.coxph (tests/golden)

#include "stats/confidence_limits.h"
#include "stats/cox.h"

namespace graftline::stats {

struct CoxCurve {
  std::vector<double> time;
  std::vector<double> cumulative_hazard;
  std::vector<double> cumulative_hazard_se;
  std::vector<double> survival;
  std::vector<double> lower;
  std::vector<double> upper;
};

std::vector<CoxCurve> predicted_curves(const CoxDesign& design, const CoxFit& fit,
                                       std::span<const double> values, const LimitOptions& limits = {});

}  // namespace graftline::stats
