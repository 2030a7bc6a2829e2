#pragma once
// Operating characteristics of a randomised trial of virtual patients: whole trials, analysed as real data
// would be.
//
//   a trial     entry, strata, allocation, courses (trial_data.h); looks at the first endpoint by number of
//   events, the
//               last analysis when follow-up ends; watching for harm in the order of entry; then every
//               endpoint (trial_analysis.h) as of the day on which the trial stopped
//   rejects     the first endpoint's test crosses the bound of its look (|Z| when two-sided)
//   truth       every patient lived once in each arm, with the same fates, followed to the end and never lost
//   chunks      trials_per_chunk trials each, by number; a chunk is a row of sums, and rows are added in the
//   order of
//               the numbers: so one thread, several, and several machines give the same bytes
//   checked     published power of a design, closed forms (model_trial_test.cpp); no effect gives the nominal
//   error

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/result.h"
#include "sim/plain_trial.h"
#include "sim/trial_analysis.h"
#include "sim/trial_data.h"

namespace graftline::sim {

inline constexpr std::uint32_t trials_per_chunk = 16;

// What one chunk comes to: count, sum and sum of squares of each quantity, in the order of trial_layout().
using TrialSums = std::vector<double>;

// Difference of true incidences of each endpoint, by which estimates are judged.
struct TrialTruth {
  struct Quantity {
    std::string name;
    bool is_endpoint = false;
    std::array<MonteCarlo, 2> proportion;  // by arm, by the end of follow-up
    MonteCarlo caused;                     // with the experimental arm's treatment and not without
    MonteCarlo prevented;                  // the other way round
    MonteCarlo difference;                 // control minus experimental
  };
  std::uint32_t patients = 0;
  std::vector<Quantity> quantities;  // endpoints, then counts
  std::array<MonteCarlo, 2> infusions, cells,
      infused;  // per patient; cells: CD3 per kg; infused: at least once
};

struct EndpointOutcome {
  std::string name;
  bool has_competing = false;
  std::array<MonteCarlo, 2> incidence;  // at the horizon, by arm
  MonteCarlo events;
  MonteCarlo log_rank;  // share of trials that reject at alpha
  MonteCarlo gray;
  MonteCarlo difference_test;
  MonteCarlo difference;  // estimate, control minus experimental
  MonteCarlo bias;        // of that estimate
  MonteCarlo covered;     // its 95 % interval holds the true one
  MonteCarlo log_hazard_ratio;
};

struct LookOutcome {
  std::uint32_t events = 0;  // 0: the last analysis
  double critical_value = 0.0;
  MonteCarlo rejected, futile;
};

struct TrialOutcome {
  std::uint32_t trials = 0;
  MonteCarlo rejected;
  std::vector<LookOutcome> looks;                     // the last analysis last
  std::vector<MonteCarlo> stopped_for_harm;           // by safety rule
  MonteCarlo patients, duration, lost, crossed_over;  // duration in the model's unit
  std::vector<EndpointOutcome> endpoints;
  std::vector<std::array<MonteCarlo, 2>> counts;  // patients of an arm with it, by count
  std::array<MonteCarlo, 2> infusions, infused,
      cells;  // of an arm: infusions, patients infused, CD3 per kg in all
};

class TrialSimulation {
 public:
  //   errors   those of compile() and of stats::group_sequential_design(); out_of_range: a boundary for harm
  //            that cannot be; unsupported: crossing over from or to an arm in which a protocol decides
  // Everything given must outlive it.
  static Result<TrialSimulation> plan(const Model& model, const TrialPlan& trial,
                                      const std::array<const BedsidePlan*, 2>& by_protocol);

  // errors  conflict: the model went wrong for a patient; those of bedside()
  Result<TrialTruth> truth(std::uint32_t patients, std::uint64_t seed, int threads) const;

  std::size_t slots() const;
  // errors  as truth(). Any thread, with a worker of its own.
  Result<TrialSums> chunk(TrialDraw& worker, const TrialTruth& truth, std::uint64_t seed, std::uint32_t first,
                          std::uint32_t n) const;
  TrialDraw worker() const;
  // Chunks added up, in order.
  TrialOutcome outcome(const TrialSums& sums) const;

  // One trial alone: its data, and the day on which it stopped.
  struct Opened {
    TrialData data;
    int stopped_on = 0;  // calendar day
    bool rejected = false;
    std::string because;  // "last analysis", "look 1: efficacy", "harm: NAME"
  };
  Result<Opened> open(std::uint64_t seed, std::uint32_t replicate) const;

  const TrialPlan& trial() const { return *trial_; }
  int horizon_day() const { return horizon_day_; }

 private:
  struct Stop {
    int day = 0;
    int look = -1;    // index of the analysis
    int safety = -1;  // index of the rule
    bool rejected = false;
    bool futile = false;
  };
  TrialSimulation() = default;
  Stop stop_of(const TrialData& data, TrialAnalysis& analysis) const;
  int day_of_harm(const TrialData& data, std::size_t rule) const;
  void add_trial(const TrialData& data, TrialAnalysis& analysis, const TrialTruth& truth,
                 TrialSums& sums) const;

  const Model* model_ = nullptr;
  const TrialPlan* trial_ = nullptr;
  std::array<const BedsidePlan*, 2> by_protocol_{};
  std::vector<Process> processes_;
  std::vector<double> critical_values_;        // one more than the looks
  std::vector<std::vector<int>> safety_stop_;  // by rule: stats::SafetyBoundary::stop_at
  int horizon_day_ = 0;
};

// All of it in one process: the same on any number of threads.
//   errors   those above; out_of_range: no trials
Result<TrialOutcome> simulate_trials(const Model& model, const TrialPlan& trial, const PlainPlan& plan,
                                     const TrialTruth& truth = {});

}  // namespace graftline::sim
