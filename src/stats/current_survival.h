#pragma once
// Survival that can be regained: how likely a patient is to be alive and free of disease (and of GVHD)
// now, rather than never to have been otherwise. Donor lymphocytes bring relapsed patients back into
// remission and treated GVHD resolves, so the first relapse or the first GVHD is not the end.
//
// Current leukaemia-free survival counts those alive in any remission, first or regained; dynamic
// GVHD-free, relapse-free survival those alive, in remission, and without active GVHD that counts, now.
// Both are sums of state occupancies of a multi-state model; which states count is the caller's (medical)
// choice.
//
//   errors   those of state_occupancy()
//   source   Klein, Szydlo, Craddock and Goldman, Stat Med 2000; 19:3005 (current leukaemia-free survival
//            after DLI)
//   checked  by hand (current_survival_test.cpp)

#include "stats/multi_state.h"

namespace graftline::stats {

struct CurrentSurvival {
  std::vector<double> time;
  std::vector<double> probability;
  std::vector<double> standard_error;
  std::vector<double> lower, upper;
  std::vector<double> never_left;  // probability of never having been outside the states that count
};

// `good` are the states in which the patient is as wished. Every patient is assumed to have started in one of
// them.
Result<CurrentSurvival> current_survival(const Stays& stays, int states, const std::vector<int>& good,
                                         std::span<const double> times, const LimitOptions& limits = {});

}  // namespace graftline::stats
