#pragma once
// Operating characteristics of a plain two-arm trial, and the sample size that reaches a power.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace graftline::service {

struct PlainRequest {
  std::array<std::uint32_t, 2> patients{100, 100};
  double control_hazard = 0.0;
  double hazard_ratio = 1.0;
  double competing_hazard = 0.0;
  double dropout_hazard = 0.0;
  double accrual = 0.0;
  double follow_up = 0.0;
  double alpha = 0.05;
  int sides = 2;
  std::vector<std::uint32_t> looks;         // numbers of events; empty: one analysis when follow-up ends
  std::string boundary = "obrien-fleming";  // or pocock
  std::optional<double> target_power;       // search: the smallest equal arms that reach it
  std::uint32_t trials = 10'000;
  std::uint64_t seed = 1;
  int threads = 1;
  bool json = false;
};

// As text or JSON (docs/schemas/plain-trials.schema.json), each mean with its Monte-Carlo standard error.
// errors  out_of_range: an impossible design; conflict: no sample size up to 20 000 per arm reaches the
// power;
//         not_found: an unknown boundary; unsupported: a search with looks
Result<std::string> simulate_plain(const PlainRequest& request);

}  // namespace graftline::service
