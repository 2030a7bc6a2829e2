#pragma once
// Multi-state models without covariates: hazards by transition, transition probabilities, occupancy, time
// in each state.
//
//   stays     one row per stay of a subject in a state: from when to when, and where he went (-1 = still
//             there, censored)
//   states    0..S-1
//   ties      moves at one time happen together; moves come before censorings; a stay entered at t is at
//             risk after t
//   errors    malformed_input: no rows, or columns of different length; out_of_range: a row whose times
//             or states cannot be, with row and column. That the stays of one cluster do not overlap is
//             not checked
//   variance  greenwood: multinomial increments within each state; aalen: independent (Poisson)
//             increments; infinitesimal jackknife by cluster for occupancies, right also when the process
//             is not Markov
//   cost      O(n log n) + O(times x states^4) for probabilities; occupancies O(clusters x times x
//             transitions)
//   source    Aalen and Johansen, Scand J Stat 1978; 5:141. Andersen et al., Statistical Models Based on
//             Counting Processes, 1993, IV.4. Putter, Fiocco and Geskus, Stat Med 2007; 26:2389. Datta
//             and Satten, Stat Prob Lett 2001; 55:403 (occupancy without the Markov property)
//   checked   by hand (multi_state_test.cpp); against R mstate, etm and survival (tests/golden)

#include <span>
#include <vector>

#include "core/result.h"
#include "stats/confidence_limits.h"
#include "stats/matrix.h"

namespace graftline::stats {

struct Stays {
  std::span<const int> from;
  std::span<const int> to;  // -1 = censored
  std::span<const double> entry;
  std::span<const double> exit;
  std::span<const double> weight = {};
  std::span<const int> cluster = {};  // usually the subject; empty: each row its own
  std::span<const double> since =
      {};  // when the state was entered, where a stay is several rows; empty: entry

  std::size_t size() const { return from.size(); }
  double weight_of(std::size_t i) const { return weight.empty() ? 1.0 : weight[i]; }
  int cluster_of(std::size_t i) const { return cluster.empty() ? static_cast<int>(i) : cluster[i]; }
};

struct Transition {
  int from = 0;
  int to = 0;
  friend bool operator==(Transition, Transition) = default;
};

enum class StateVariance { greenwood, aalen };

// What happened at each time at which anybody moved: the one thing all estimates below are made of.
struct MultiState {
  int states = 0;
  std::vector<Transition> transitions;  // those asked for, or those that occur, by from then to
  std::vector<double> time;             // increasing
  std::vector<double> at_risk;          // [time * states + state], just before
  std::vector<double> moves;            // [time * transitions + transition]
  Matrix counts;  // states x (states + 2): moves to each state, no move, all stays entered

  double n_at_risk(std::size_t i, int state) const { return at_risk[i * states + state]; }
  double n_moves(std::size_t i, std::size_t transition) const {
    return moves[i * transitions.size() + transition];
  }
};

Result<MultiState> multi_state(const Stays& stays, int states, std::span<const Transition> transitions = {});

struct TransitionHazard {
  Transition transition;
  std::vector<double> cumulative_hazard;  // at MultiState::time
  std::vector<double> standard_error;
};
std::vector<TransitionHazard> cumulative_hazards(const MultiState& model,
                                                 StateVariance variance = StateVariance::greenwood);

// P(s, t): row = state at s, column = state at t. One matrix per time asked, each time >= s.
struct TransitionProbabilities {
  double from_time = 0.0;
  std::vector<double> time;
  std::vector<Matrix> probability;
  std::vector<Matrix> standard_error;
};
Result<TransitionProbabilities> transition_probabilities(const MultiState& model, double from_time,
                                                         std::span<const double> times,
                                                         StateVariance variance = StateVariance::greenwood);

// Mean time spent in each state (column) from s to tau by those in each state (row) at s.
Result<Matrix> expected_length_of_stay(const MultiState& model, double from_time, double tau);

// Probability of being in each of several sets of states, for everybody: where they started, then
// Aalen-Johansen. A set of one state is its occupancy. Sets are what current leukaemia-free survival, and
// GVHD-free relapse-free survival that can be regained, are (current_survival.h).
struct Occupancy {
  std::vector<double> time;
  std::vector<std::vector<double>> probability;     // [set][time]
  std::vector<std::vector<double>> standard_error;  // infinitesimal jackknife by cluster
  std::vector<std::vector<double>> lower, upper;
};
Result<Occupancy> state_occupancy(const Stays& stays, int states, const std::vector<std::vector<int>>& sets,
                                  std::span<const double> times, const LimitOptions& limits = {});

// Rows for Cox regression by transition: every stay once for each transition it could make, stratum =
// transition.
//   clock  forward: time since the origin, delayed entry; reset: time since entering the state
struct TransitionRows {
  std::vector<double> entry, time;  // entry empty for clock reset without Stays::since
  std::vector<int> status, transition;
  std::vector<double> weight;
  std::vector<int> cluster;
  std::vector<std::uint32_t> stay;  // row of the stays given
};
enum class Clock { forward, reset };
Result<TransitionRows> transition_rows(const Stays& stays, int states,
                                       std::span<const Transition> transitions, Clock clock);

// A covariate that may act differently on each transition: one column per transition, 0 on the others' rows.
std::vector<std::vector<double>> by_transition(const TransitionRows& rows,
                                               std::span<const double> covariate_of_stay,
                                               std::size_t transitions);

}  // namespace graftline::stats
