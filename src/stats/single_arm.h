#pragma once
// Single-arm trials of a proportion: exact one-stage and two-stage designs, and Bayesian monitoring.
//
// A response is whatever the proportion counts (full donor chimerism by day 100, say). p0 is a proportion not
// worth pursuing, p1 one that is. All probabilities are sums of binomial terms; nothing is approximated.
//
//   source   A'Hern, Stat Med 2001; 20:859. Simon, Control Clin Trials 1989; 10:1. Jung et al, Stat Med 2004;
//   23:561
//            (admissible designs). Thall and Simon, Biometrics 1994; 50:337. Lee and Liu, Clin Trials 2008;
//            5:93
//   checked  against the tables of the papers (single_arm_test.cpp)

#include <vector>

#include "core/result.h"

namespace graftline::stats {

struct ProportionGoal {
  double p0 = 0.0;
  double p1 = 0.0;
  double alpha = 0.05;  // most P(declared worth pursuing | p0)
  double beta = 0.2;    // most P(not declared | p1)
};

struct OneStageDesign {
  int patients = 0;
  int responses_needed = 0;         // this many or more: worth pursuing
  double alpha = 0.0, power = 0.0;  // attained
};

// The smallest number of patients for which some cut-off keeps both error rates (a larger number need not:
// the binomial is discrete, and that is A'Hern's rule).
//   errors   out_of_range: not 0 < p0 < p1 < 1, levels outside (0, 1); conflict: more than 5000 patients
Result<OneStageDesign> exact_one_stage(const ProportionGoal& goal);

struct TwoStageDesign {
  int first_patients = 0;    // n1
  int futile_at_first = 0;   // r1: stop after the first stage with this many responses or fewer
  int patients = 0;          // n, both stages
  int not_worth_at_end = 0;  // r: not worth pursuing with this many responses or fewer
  double alpha = 0.0, power = 0.0;
  double early_stop_under_p0 = 0.0;
  double expected_patients_under_p0 = 0.0;
};

struct SimonDesigns {
  TwoStageDesign optimal;                  // fewest expected patients under p0
  TwoStageDesign minimax;                  // fewest patients, then fewest expected
  std::vector<TwoStageDesign> admissible;  // from minimax to optimal: best for some weighting of the two
};

// Exhaustive over both stages, up to `most_patients` in total (0: twice the one-stage design, enough for the
// optimum in every case of the paper's tables).
//   errors   as exact_one_stage; conflict: nothing within most_patients, or a search beyond 1000 patients
Result<SimonDesigns> simon_two_stage(const ProportionGoal& goal, int most_patients = 0);

// P(declared worth pursuing), P(stopped after the first stage), expected patients, at a true proportion.
struct TwoStageOperating {
  double declared = 0.0, stopped_early = 0.0, expected_patients = 0.0;
};
TwoStageOperating operating(const TwoStageDesign& design, double p);

// ---- Bayesian monitoring
// ---------------------------------------------------------------------------------------------

struct BetaPrior {
  double responses = 1.0;      // a
  double non_responses = 1.0;  // b
};

// After each of the listed looks the trial stops for futility when the chance of ending in success is below
// `futile_below`, and for success when it is above `success_above`. The trial is a success when, at the end,
// P(p > p0 | data) > `certainty`.
struct PredictiveMonitoring {
  BetaPrior prior;
  double p0 = 0.0;
  double certainty = 0.95;
  double futile_below = 0.05;
  double success_above = 1.0;  // 1: never early
  std::vector<int> looks;      // numbers of patients, increasing; the last is the maximum
};

// P(p > p0 | x of n responded).
double posterior_above(const BetaPrior& prior, int n, int x, double p0);
// P(success at the end | x of n so far), averaged over the posterior.
double predictive_probability_of_success(const PredictiveMonitoring& plan, int n, int x);

struct MonitoringBoundary {
  std::vector<int> looks;
  std::vector<int> futile_at_most;  // stop with this many responses or fewer; -1: never at this look
  std::vector<int>
      success_at_least;  // stop with this many or more; looks + 1: never. At the last look the two meet
};
//   errors   out_of_range: looks that do not increase, probabilities outside [0, 1], a prior that is not
//   positive
Result<MonitoringBoundary> monitoring_boundary(const PredictiveMonitoring& plan);

// The same boundary from the posterior alone (Thall and Simon): futile when P(p > p1 | data) < futile_below,
// success when P(p > p0 | data) > certainty.
struct PosteriorMonitoring {
  BetaPrior prior;
  double p0 = 0.0;
  double p1 = 0.0;
  double certainty = 0.95;
  double futile_below = 0.05;
  bool success_may_stop = false;  // else success counts only at the last look
  std::vector<int> looks;
};
Result<MonitoringBoundary> monitoring_boundary(const PosteriorMonitoring& plan);

struct MonitoringOperating {
  double success = 0.0;
  double stopped_early = 0.0;
  double expected_patients = 0.0;
};
// Exact, patient by patient.
MonitoringOperating operating(const MonitoringBoundary& boundary, double p);

}  // namespace graftline::stats
