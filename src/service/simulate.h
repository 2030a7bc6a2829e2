#pragma once
// What people do with models of virtual patients: check the file, rerun its calibration.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace graftline::service {

// The file of a model: a path, or the id of one in the folders ("acute-leukaemia" is acute-leukaemia.model).
// errors  not_found, with the models there are
Result<std::filesystem::path> find_model(const std::string& id_or_path,
                                         const std::vector<std::filesystem::path>& folders);

// Likewise of a scenario ("nct07319793" is nct07319793.scenario). Empty: there is none of that name.
std::filesystem::path find_scenario(const std::string& id_or_path,
                                    const std::vector<std::filesystem::path>& folders);

// What a model file holds, in a few lines. errors  malformed_input: every mistake, with its place
Result<std::string> describe_model(const std::filesystem::path& path);

struct Calibration {
  std::filesystem::path model;
  std::filesystem::path targets;  // empty: the checks of the model itself
  std::uint32_t patients = 100'000;
  std::uint64_t seed = 1;
  int threads = 1;
  bool json = false;
  bool failures_only = false;
};

struct CalibrationAnswer {
  std::string text;  // table or JSON (docs/schemas/calibration.schema.json)
  int checks = 0;
  int failed = 0;
};

// errors  those of the model, of the file of targets, or of the simulation
Result<CalibrationAnswer> calibrate(const Calibration& request);

}  // namespace graftline::service
