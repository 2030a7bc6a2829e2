#pragma once
// Cox regression of each transition of a multi-state model. Private to the module.
//
//   clock   forward: time since the origin, at risk from entering the state (delayed entry); reset: time
//   since
//           entering the state
//   models  one for each transition, with a baseline and coefficients of its own: the same as one stratified
//   fit
//           in which every covariate may act differently on each transition
//   source  Putter, Fiocco and Geskus, Stat Med 2007; 26:2389

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/kinds.h"
#include "stats/multi_state.h"

namespace graftline::analysis {

struct TransitionModel {
  stats::Stays stays;
  std::span<const std::string> states;
  std::span<const stats::Transition> transitions;
  std::span<const std::size_t> row;  // of the table, for each stay
};

// Adds the tables "transition_sizes", "transition_coefficients" and "transition_proportional_hazards". A stay
// whose covariates are not all known is left out, counted.
std::optional<Error> add_transition_regression(Analysis& analysis, const stats::DataTable& table,
                                               const std::vector<std::string>& terms,
                                               const TransitionModel& model, const Request& request);

}  // namespace graftline::analysis
