#pragma once
// The settings that one run of trials answers for: every trial asked for, with every combination of the
// values varied.

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "service/simulate_bedside.h"
#include "service/simulate_trial.h"
#include "sim/model_trial.h"

namespace graftline::service {

// One setting, ready to be simulated. Everything it points into is its own.
struct TrialPoint {
  std::vector<std::pair<std::string, double>> settings;  // what is varied
  sim::Model model;
  sim::TrialPlan plan;
  sim::TrialPlan null_plan;  // both arms as control
  std::array<std::shared_ptr<const ProtocolArm>, 2> protocols;
  std::array<std::optional<sim::BedsidePlan>, 2> bedside;
  std::optional<sim::TrialSimulation> simulation, null_simulation;
  std::optional<sim::TrialTruth> truth;

  bool has_protocol() const { return bedside[0] || bedside[1]; }
  std::array<const sim::BedsidePlan*, 2> by_protocol(bool is_null) const;
  // Arms of so many patients, control's given; numbers of events of the looks grow alike.
  //   errors  those of TrialSimulation::plan()
  std::optional<Error> resize(std::uint32_t control_patients);
  std::optional<Error> make_ready();
};

struct TrialSource {
  sim::Model model;  // with the trials of the scenario, or its own
  std::filesystem::path model_file;
  std::string model_sha256;
  std::string scenario_sha256;  // empty: no scenario
};

// errors  those of TrialRun::plan()
Result<TrialSource> trial_source(const TrialRequest& request);
Result<std::vector<std::unique_ptr<TrialPoint>>> trial_points(const TrialRequest& request,
                                                              const TrialSource& source);

}  // namespace graftline::service
