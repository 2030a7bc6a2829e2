#pragma once
// Randomised trials of virtual patients: two variants of a model, analysed as real data would be.
//
//   patients   patient p of replicate r is keyed by (seed, r, p); arms take turns until one is full
//   analysis   of each endpoint: log-rank test with competing events censored; with a competing event also
//   Gray's test and the
//              difference of the cumulative incidences at the end of follow-up over its standard error
//   checked    published power of a design (model_trial_test.cpp); no effect gives the nominal error
//   cost       some microseconds a patient

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "sim/model.h"
#include "sim/plain_trial.h"

namespace graftline::sim {

struct EndpointOutcome {
  std::string name;
  bool has_competing = false;
  std::array<MonteCarlo, 2> incidence;  // at the end of follow-up, by arm
  MonteCarlo events;
  MonteCarlo log_rank;  // share of trials that reject
  MonteCarlo gray;
  MonteCarlo difference;
};

struct TrialOutcome {
  std::uint32_t trials = 0;
  std::vector<EndpointOutcome> endpoints;
  std::array<MonteCarlo, 2> infusions;  // per patient, by arm
  std::array<MonteCarlo, 2> cells;      // CD3 per kg and patient, by arm
};

// The same on any number of threads.
//   errors   those of compile(); out_of_range: no trials; conflict: the model went wrong for a patient
Result<TrialOutcome> simulate_trials(const Model& model, const TrialPlan& trial, const PlainPlan& plan);

}  // namespace graftline::sim
