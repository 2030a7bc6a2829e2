#pragma once
// Watching a harm patient by patient: when have so many had it that the trial must stop?
//
// After each patient whose outcome is known the number of harms (acute GVHD III-IV by day 100, death by day
// 100, graft failure) is compared with a boundary. The chance to stop although the true proportion is only p0
// is computed exactly, by recursion over patients and numbers of harms, and so is everything else.
//
//   constant_tail   the same pointwise tail probability at every patient, as large as the overall level
//   allows
//                   (Pocock-type). source: Ivanova, Qaqish, Schell, Biometrics 2005; 61:540
//   rising_tail     the tail probability of patient k of K is 1 - Phi(c (k / K)^(shape - 1/2)): shape 1/2 is
//   constant_tail,
//                   0 is O'Brien-Fleming-like, hard to cross early. source: Wang and Tsiatis, Biometrics
//                   1987; 43:193
//   bayesian        stop when P(p > p0 | harms so far) > certainty. source: Geller et al, in: Methods and
//   Applications of
//                   Statistics in Clinical Trials, 2014; Thall and Simon, Biometrics 1994; 50:337
//   sequential_probability_ratio   Wald's test of p0 against p1, truncated at the last patient, upper
//   boundary only.
//                   source: Wald, Sequential Analysis, 1947; used for day-100 mortality by transplant
//                   networks
//   checked         by hand for a few patients, by enumeration of all outcomes (safety_boundary_test.cpp)

#include <vector>

#include "core/result.h"
#include "stats/single_arm.h"

namespace graftline::stats {

struct SafetyBoundary {
  // stop_at[k - 1]: stop when k outcomes are known and this many or more are harms; k + 1: not at this
  // patient.
  std::vector<int> stop_at;
  double level = 0.0;  // attained P(stop) at the p0 it was made for
  double parameter =
      0.0;  // what was tuned: the pointwise tail probability or c; else the certainty or the ratio bound
};

//   errors   out_of_range: no patients, p0 or level outside (0, 1), first_look outside 1..patients
// first_look: the first patient at whom stopping is allowed. The level is not exceeded.
Result<SafetyBoundary> constant_tail_boundary(int patients, double p0, double level, int first_look = 1);
Result<SafetyBoundary> rising_tail_boundary(int patients, double p0, double level, double shape,
                                            int first_look = 1);
Result<SafetyBoundary> bayesian_boundary(int patients, double p0, const BetaPrior& prior, double certainty,
                                         int first_look = 1);
// The largest certainty's complement that keeps the level: the Bayesian boundary tuned to stop with at most
// `level` at p0.
Result<SafetyBoundary> bayesian_boundary_at_level(int patients, double p0, const BetaPrior& prior,
                                                  double level, int first_look = 1);
Result<SafetyBoundary> sequential_probability_ratio_boundary(int patients, double p0, double p1, double level,
                                                             double power, int first_look = 1);

struct SafetyOperating {
  double stopped = 0.0;            // P(the boundary is reached)
  double expected_patients = 0.0;  // outcomes known when the trial ends
  double expected_harms = 0.0;
  std::vector<double> stopped_at;  // P(reached exactly at patient k)
};
SafetyOperating operating(const SafetyBoundary& boundary, double p);

}  // namespace graftline::stats
