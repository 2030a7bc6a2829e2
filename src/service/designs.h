#pragma once
// What a statistician plans before a trial, one function per question. Each answers with a DesignSheet;
// errors are those of the stats header it names, and malformed_input or out_of_range naming the option.

#include <optional>
#include <string>
#include <vector>

#include "service/design_sheet.h"
#include "service/design_values.h"

namespace graftline::service {

// Boundaries, spending, power per look and what the looks cost (stats/group_sequential.h).
Result<DesignSheet> design_boundaries(const LooksRequest& request);

// One hazard, in one of several ways of saying it.
struct HazardRequest {
  std::string hazard;  // "0.05" or "0:0.05,6:0.03"
  std::optional<double> median;
  std::string by_time;  // "0.4@12": the event-free or the affected proportion, as the option says
};

// Two arms, accrual, losses: what brings the events.
struct TwoArmRequest {
  HazardRequest control;  // of the event; by_time is survival
  std::string incidence;  // competing risks: cumulative incidences by one time, "0.3@12" and, of the others,
  std::string competing_incidence;
  std::string competing_hazard;
  double competing_hazard_ratio = 1.0;
  double hazard_ratio = 0.0;
  std::string allocation = "1:1";
  std::string accrual;
  double follow_up = 0.0;
  std::string dropout, dropout_treated;  // "0.1@12"
  std::string formula = "schoenfeld";
  std::string scale = "cause-specific";
  std::optional<double> patients;  // given: power for that many, and
  std::optional<double> events;    // that many events (default: as many as the plan of time brings)
  LooksRequest looks;
};

// Log-rank test, no competing events (stats/survival_design.h). Without accrual only the events are given.
Result<DesignSheet> design_logrank(const TwoArmRequest& request);
// Competing events: cause-specific (log-rank) or subdistribution (Gray, Fine-Gray).
Result<DesignSheet> design_competing(const TwoArmRequest& request);

// Difference of two cumulative incidences at one time (stats/incidence_difference.h).
struct IncidenceRequest {
  double time = 0.0;
  std::string control, treated;                      // "0.30@12"
  std::string control_competing, treated_competing;  // "0.20@12"; absent: none
  std::string dropout, accrual, allocation = "1:1", scale = "difference";
  std::optional<double> study_end;  // default: accrual and then the time
  double alpha = 0.05, power = 0.8;
  int sides = 2;
  std::optional<double> patients;  // given: power
};
Result<DesignSheet> design_incidence(const IncidenceRequest& request);

// A look at a running trial (stats/interim_analysis.h).
struct InterimRequest {
  LooksRequest looks;
  std::vector<double> events, z;  // cumulative, one per look done
  std::string allocation = "1:1";
  bool higher_hazard_is_benefit = false;
  bool inverse_normal = false;
  std::vector<double> planned_events;          // of each look to come, not cumulative
  std::optional<double> hazard_ratio;          // for conditional power
  std::optional<double> prior_mean, prior_sd;  // of log hazard ratio, for predictive power
};
Result<DesignSheet> design_interim(const InterimRequest& request);

// One arm, a proportion (stats/single_arm.h): ahern, simon, predictive, posterior.
struct SingleArmRequest {
  std::string method = "simon";
  double p0 = 0.0, p1 = 0.0, alpha = 0.05, power = 0.8;
  int most_patients = 0;
  std::vector<int> looks;  // Bayesian: patients at each look, the last is the maximum
  std::vector<double> prior{1.0, 1.0};
  double certainty = 0.95, futile_below = 0.05, success_above = 1.0;
};
Result<DesignSheet> design_single_arm(const SingleArmRequest& request);

// A harm watched patient by patient (stats/safety_boundary.h): constant-tail, rising-tail, bayesian, sprt.
struct SafetyRequest {
  std::string method = "constant-tail";
  int patients = 0;
  double p0 = 0.0;
  std::optional<double> p1;  // a rate that should be noticed: its chance to stop is given; sprt needs it
  double level = 0.05, power = 0.8, shape = 0.0;
  std::optional<double> certainty;  // bayesian: fixed; without it tuned to the level
  std::vector<double> prior{1.0, 1.0};
  int first_look = 1;
};
Result<DesignSheet> design_safety(const SafetyRequest& request);

}  // namespace graftline::service
