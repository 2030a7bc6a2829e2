#pragma once
// The endpoints of one simulated trial as of a calendar day, by the functions of `stats` that graftline
// analyze calls.
//
//   rows        everybody who had entered, followed to that day; whole days
//   log-rank    of the event, competing events censored; Gray of the event, against the competing one
//   difference  of the Aalen-Johansen incidences at the end of planned follow-up (or of what was seen), over
//   its
//               standard error; without a competing event that is 1 - Kaplan-Meier, with Greenwood's
//   Z           above 0 where the experimental arm does better (fewer events)
//   strata      log-rank and Gray within strata where the plan says so; incidences never

#include <array>

#include "sim/trial_data.h"
#include "stats/trial_workspace.h"

namespace graftline::sim {

struct EndpointAnalysis {
  std::array<double, 2> incidence{};  // by arm
  double events = 0.0;                // of interest, both arms
  double log_rank_z = 0.0, log_rank_p = 1.0;
  double gray_z = 0.0, gray_p = 1.0;  // without a competing event: not tested
  double difference = 0.0;            // control minus experimental
  double difference_se = 0.0;
  double log_hazard_ratio = 0.0;  // one step from 1, (O - E) / V
  double log_hazard_ratio_se = 0.0;

  double z(TrialPlan::Test test) const;
  double p(TrialPlan::Test test) const;  // two-sided
};

class TrialAnalysis {
 public:
  // `horizon_day` is where incidences are compared.
  TrialAnalysis(const TrialPlan& plan, int horizon_day) : plan_(plan), horizon_day_(horizon_day) {}

  // Nobody entered: an analysis without events.
  EndpointAnalysis endpoint(const TrialData& data, std::size_t endpoint, int calendar_day);

  // How an endpoint stands for patient p on a calendar day: days followed; 0 neither, 1 event, 2 competing.
  struct Row {
    int days = 0;
    int status = 0;
  };
  static Row row(const TrialData& data, std::size_t endpoint, std::size_t p, int calendar_day);

 private:
  const TrialPlan& plan_;
  int horizon_day_ = 0;
  std::vector<int> time_, status_, only_event_, group_, stratum_;
  stats::TrialWorkspace workspace_;
};

}  // namespace graftline::sim
