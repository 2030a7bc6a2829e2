#pragma once
// Residuals of a proportional-hazards fit, in the order of the rows given to cox_design().
//
//   martingale  events seen minus events expected
//   deviance    the same, made symmetric
//   score       what each row adds to the gradient: n x p
//   dfbeta      how far each row moves the coefficients: score x covariance
//   schoenfeld  per event (by stratum, then time): covariates minus their mean in the risk set; not weighted
//   scaled      Schoenfeld x number of events x covariance + coefficient (Grambsch and Therneau)
//   ties        as fitted; exact ties take the Breslow form, as R does not offer the score residuals either
//   weights     residuals are per row, before its weight is applied
//   source      Therneau and Grambsch, Modeling Survival Data, chapters 4 to 7

#include "stats/cox.h"

namespace graftline::stats {

std::vector<double> martingale_residuals(const CoxDesign& design, const CoxFit& fit);
std::vector<double> deviance_residuals(const CoxDesign& design, const CoxFit& fit);
Matrix score_residuals(const CoxDesign& design, const CoxFit& fit);
Matrix score_residuals_at(const CoxDesign& design, std::span<const double> coefficient, Ties ties);
Matrix dfbeta_residuals(const CoxDesign& design, const CoxFit& fit);

struct SchoenfeldResiduals {
  std::vector<double> time;
  std::vector<int> stratum;
  Matrix residual;  // event x covariate
  Matrix scaled;
};
SchoenfeldResiduals schoenfeld_residuals(const CoxDesign& design, const CoxFit& fit);

// Test of proportional hazards: the score test of adding g(t) x covariate to the model.
//   transform  of time: km (1 - Kaplan-Meier just before t), rank, identity, log
//   terms      which covariates belong together (0-based term of each); empty = each alone
//   returns    one test per term, and all together
//   source     Grambsch and Therneau, Biometrika 1994; 81:515; the score form is that of R survival >= 3.0
enum class TimeTransform { km, rank, identity, log };
struct ProportionalHazardsTest {
  std::vector<ChiSquareTest> term;
  ChiSquareTest global;
};
ProportionalHazardsTest proportional_hazards_test(const CoxDesign& design, const CoxFit& fit,
                                                  TimeTransform transform = TimeTransform::km,
                                                  std::span<const int> terms = {});

}  // namespace graftline::stats
