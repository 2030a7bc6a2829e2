#pragma once
// Proportional-hazards (Cox) regression.
//
//   design     from cox_design(): strata, delayed entry and start-stop rows, case weights, clusters
//   ties       efron (default), breslow, or exact (the discrete partial likelihood; no case weights)
//   returns    coefficients with model-based covariance and, where rows are clustered or asked for, the
//              robust one (summed within clusters); partial log-likelihoods, likelihood-ratio, score and
//              Wald tests
//   errors     conflict: no event; unsupported: exact ties with case weights
//   collinear  a covariate that the earlier ones explain is left out: coefficient NaN, named in
//              `collinear`
//   monotone   where the likelihood rises for ever along a coefficient (a covariate separates who fails),
//              the estimate is infinite: named in `monotone` with its sign, and the coefficient is where
//              the likelihood stopped changing. Firth's penalty keeps it finite
//   cost       per iteration O(n p^2), without delayed entry one pass over the data; exact: O(events tied
//              x at risk x p^2)
//   source     Cox, JRSS B 1972; 34:187. Breslow, Biometrics 1974; 30:89. Efron, JASA 1977; 72:557. Lin
//              and Wei, JASA 1989; 84:1074 (robust). Heinze and Schemper, Biometrics 2001; 57:114 (Firth)
//   checked    by hand (cox_test.cpp); against R survival::coxph (tests/golden)

#include <span>
#include <string>
#include <vector>

#include "stats/cox_design.h"
#include "stats/logrank.h"
#include "stats/matrix.h"

namespace graftline::stats {

enum class Ties { efron, breslow, exact };

struct CoxOptions {
  Ties ties = Ties::efron;
  bool robust = false;  // also without clusters: each row its own
  bool firth = false;   // efron or breslow only
  int most_iterations = 60;
};

struct Monotone {
  int covariate = 0;
  int sign = 0;  // of the infinite estimate
};

struct CoxFit {
  Ties ties = Ties::efron;
  std::vector<double> coefficient;  // NaN where collinear
  Matrix covariance;                // model-based; rows and columns of collinear covariates are 0
  Matrix robust_covariance;         // empty when not asked for
  double log_likelihood_null = 0.0;
  double log_likelihood = 0.0;
  ChiSquareTest likelihood_ratio;
  ChiSquareTest score;
  ChiSquareTest wald;  // with the robust covariance where there is one
  ChiSquareTest robust_score;
  std::vector<int> collinear;
  std::vector<Monotone> monotone;
  bool converged = false;
  int iterations = 0;

  const Matrix& covariance_used() const {
    return robust_covariance.rows > 0 ? robust_covariance : covariance;
  }
};

Result<CoxFit> cox(const CoxDesign& design, const CoxOptions& options = {});

// Log partial likelihood with its gradient and information at given coefficients.
struct Likelihood {
  double value = 0.0;
  std::vector<double> score;
  Matrix information;
};
Likelihood partial_likelihood(const CoxDesign& design, std::span<const double> coefficient, Ties ties);

}  // namespace graftline::stats
