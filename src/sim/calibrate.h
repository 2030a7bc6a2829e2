#pragma once
// Does a model show what was published? Every check of a model file, over as many virtual patients as asked.
//
// A check passes when the simulated figure lies within its tolerance of the printed one; with fewer than 100
// 000 patients it may be off by three Monte-Carlo standard errors more.

#include <cstdint>
#include <functional>
#include <vector>

#include "core/result.h"
#include "sim/model.h"

namespace graftline::sim {

struct CalibrationPlan {
  std::uint32_t patients = 100'000;  // of each variant that a check asks
  std::uint64_t seed = 1;
  int threads = 1;
};

struct CheckOutcome {
  double simulated = 0.0;       // NaN: no patient met the condition
  double standard_error = 0.0;  // Monte-Carlo
  std::uint64_t n = 0;          // patients who met the condition
  bool passed = false;
};

// One per check of the model, in order. The same on any number of threads.
//   errors   those of compile(); out_of_range: no patients or threads; conflict: the model went wrong for a
//   patient
Result<std::vector<CheckOutcome>> calibrate(const Model& model, const CalibrationPlan& plan);

}  // namespace graftline::sim
