#pragma once
// What the looks so far allow one to say: act, estimate, and the chances of what is still to come.
//
// Data are the cumulative log-rank statistics of a two-arm survival trial. Hazard ratios are treated over
// control.
//
//   group_sequential  the cumulative statistic is compared with the boundary as planned
//   inverse_normal    independent increments are combined with weights fixed in the plan, which keeps the
//   level even when
//                     the number of events of a stage was changed in the light of earlier results
//
//   source   Jennison and Turnbull 2000, chapters 8 (stagewise ordering), 9 (repeated intervals), 10
//   (stochastic
//            curtailment). Lehmacher and Wassmer, Biometrics 1999; 55:1286. Wassmer and Brannath, Group
//            Sequential and Confirmatory Adaptive Designs, 2016. Spiegelhalter, Freedman, Parmar, J R Stat
//            Soc A 1994; 157:357
//   checked  against rpact 4.3.0 and 3.3.4 (tests/golden/designs), by hand (interim_analysis_test.cpp)

#include <optional>
#include <vector>

#include "core/result.h"
#include "stats/group_sequential.h"

namespace graftline::stats {

enum class Combination : unsigned char { group_sequential, inverse_normal };

struct SurvivalInterimData {
  std::vector<double> cumulative_events;  // one per look done; increasing
  std::vector<double>
      cumulative_z;               // log-rank statistics; positive when the treated arm has the higher hazard
  double allocation_ratio = 1.0;  // treated : control
  bool benefit_is_higher_hazard_ratio = false;
  Combination combination = Combination::group_sequential;
};

enum class LookAction : unsigned char { go_on, reject_and_stop, accept_and_stop, reject, accept };

using Maybe = std::optional<double>;

struct InterimAnalysis {
  std::vector<LookAction> action;     // one per look done
  std::vector<double> statistic;      // what the boundary was compared with, upward meaning benefit
  std::vector<Maybe> repeated_lower;  // hazard ratio; one per look done
  std::vector<Maybe> repeated_upper;
  std::vector<Maybe> repeated_p;  // smallest level at which this look would reject; searched in [1e-6, 1/2]
  std::vector<Maybe>
      conditional_rejection_probability;  // given the data, under no effect; not at the last look
  // Of the trial that has ended (stagewise ordering): the look it ended at, counted from 1, and what it
  // shows.
  std::optional<int> final_look;
  Maybe final_p, final_lower, final_upper, median_unbiased;
};

//   errors   out_of_range: no look, more looks than planned, events that do not increase, a ratio <= 0
Result<InterimAnalysis> analyse_interim(const GroupSequentialDesign& design, const SurvivalInterimData& data);

// Probability to reject by each of the looks still to come, given the data, if the hazard ratio is
// `hazard_ratio`. planned_events: events of each remaining look, not cumulative. Non-binding futility bounds
// count as if observed. Empty when no look remains.
Result<std::vector<double>> conditional_power(const GroupSequentialDesign& design,
                                              const SurvivalInterimData& data,
                                              const std::vector<double>& planned_events, double hazard_ratio);

struct LogHazardRatioPrior {
  double mean = 0.0;
  double sd = 0.0;  // <= 0: flat, so that the data alone say what to expect
};

// Conditional power at the last look, averaged over what is believed about the hazard ratio after the data so
// far.
Result<double> predictive_power(const GroupSequentialDesign& design, const SurvivalInterimData& data,
                                const std::vector<double>& planned_events,
                                const LogHazardRatioPrior& prior = {});

}  // namespace graftline::stats
