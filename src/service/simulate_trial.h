#pragma once
// Operating characteristics of the trials a model file declares.

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/result.h"

namespace graftline::service {

struct TrialRequest {
  std::filesystem::path model;
  std::filesystem::path file;  // further trials; empty: those of the model
  std::string trial;           // empty: all
  std::uint32_t trials = 1000;
  std::uint64_t seed = 1;
  int threads = 1;
  bool json = false;
};

// As text or JSON (docs/schemas/model-trials.schema.json), each mean with its Monte-Carlo standard error.
// errors  those of the model or the file; not_found: no such trial, with those there are
Result<std::string> simulate_trial(const TrialRequest& request);

}  // namespace graftline::service
