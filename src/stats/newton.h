#pragma once
// Newton's method for a log-likelihood, with the end told apart: an optimum, or an estimate at infinity.
// Private to the regression files.

#include <functional>
#include <vector>

#include "stats/cox.h"

namespace graftline::stats {

struct Ascent {
  Likelihood likelihood;
  double value = 0.0;            // what is maximised: the log-likelihood, perhaps with a penalty
  std::vector<double> gradient;  // of the value
  Matrix curvature = {};         // minus its second derivative; empty: the likelihood's information
};

struct NewtonOptions {
  std::vector<double> range;  // of each covariate: how far apart two subjects can be in it
  int most_iterations = 60;
  // 0: as far as doubles go. Otherwise stops as cmprsk::crr does, before a step is taken, when
  // max |gradient| max(|coefficient|, 1) < tolerance max(|value|, 1).
  double gradient_tolerance = 0.0;
};

struct NewtonEnd {
  bool converged = false;
  int iterations = 0;
  std::vector<Monotone> monotone;
};

// From the given coefficients, where `at` has been evaluated; both are moved to the end.
NewtonEnd maximise(const std::function<Ascent(const std::vector<double>&)>& evaluate,
                   const NewtonOptions& options, std::vector<double>& coefficient, Ascent& at);

}  // namespace graftline::stats
