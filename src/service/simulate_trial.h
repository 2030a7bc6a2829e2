#pragma once
// Operating characteristics of the trials of a scenario, or of a model file.
//
// One run answers for a grid of settings (points): of each trial asked for, every combination of the values
// varied. Trials come in units of unit_trials; the sums of a unit can be kept in a file and taken up again,
// made on another machine, or left out when the run is stopped: what is there is reported, with the number of
// trials it rests on.
//
// The answer is a JSON document that holds its own request; text, figure and page are drawn from it
// (report/trial_document.h), so each can be drawn again from the file, and the run repeated.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "service/parted_work.h"

namespace graftline::service {

// Asked after each finished unit of work, from any thread; false: stop after what is in hand.
using Progress = std::function<bool(std::size_t done, std::size_t total)>;

struct TrialRequest {
  std::filesystem::path scenario;  // empty: the trials of the model itself
  std::filesystem::path model;     // with a scenario: what it names, unless given here
  std::vector<std::filesystem::path> model_folders;
  std::vector<std::filesystem::path> protocol_folders;
  std::string trial;              // empty: all
  std::vector<std::string> vary;  // "theta=0.4,0.6,1", "patients=60,80", "experimental.theta=..."
  std::optional<double> target_power;
  std::uint32_t trials = 1000;
  std::uint32_t truth_patients = 0;  // 0: 20 000 where policies decide, 500 where a protocol does
  bool type_1_error = true;          // both arms as control, too
  std::uint64_t seed = 1;
  int threads = 1;
  std::filesystem::path parts;  // empty: nothing is kept
  bool resume = false;
  Progress progress;
};

struct TrialAnswer {
  std::string json;  // docs/schemas/trial-simulation.schema.json
  bool is_complete = true;
};

class TrialRun : public PartedWork {
 public:
  //   errors   of scenario, model, protocols and records, with file and line; not_found: no such trial or
  //   parameter, with
  //            those there are; out_of_range: a value that cannot be; unsupported: a search shared by
  //            processes
  static Result<TrialRun> plan(const TrialRequest& request);
  ~TrialRun() override;
  TrialRun(TrialRun&&) noexcept;
  TrialRun& operator=(TrialRun&&) noexcept;

  std::size_t units() const override;
  std::optional<Error> make_part(std::size_t unit) override;
  bool has_part(std::size_t unit) const override;
  bool resumes() const override;
  std::string beside_parts(const std::string& name) const override;

  // From now on as if `resume` had been asked for.
  void take_up_parts();
  void remove_parts();  // and their folder, when nothing else is in it

  // Makes what is missing and reports. errors  those of the simulation; conflict: parts cannot be written
  Result<TrialAnswer> finish();

 private:
  struct State;
  explicit TrialRun(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

Result<TrialAnswer> simulate_trial(const TrialRequest& request);

// The request that a document holds, to run it again; folders, threads and parts are not among it.
// errors  malformed_input: no such document
Result<TrialRequest> request_of(const std::string& json);

// One trial of it, patient by patient.
struct OpenedTrial {
  std::string csv;       // a row per patient: docs/simulation.md names the columns
  std::string summary;   // a few lines of text
  std::string curves;    // SVG of the first endpoint, as graftline analyze draws it
  std::string swimmers;  // SVG
};
// errors  those of TrialRun::plan(); conflict: several trials or settings, and none is named
Result<OpenedTrial> open_trial(const TrialRequest& request, std::uint32_t replicate);

}  // namespace graftline::service
