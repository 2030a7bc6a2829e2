#pragma once
// Coefficients of a regression as a table and as a forest plot. Private to the module.

#include <string>
#include <vector>

#include "analysis/request.h"
#include "analysis/result.h"
#include "stats/cox.h"

namespace graftline::analysis {

// "efron", "breslow" or "exact"; malformed_input for any other word.
Result<stats::Ties> ties_of(const std::string& name);

struct Coefficients {
  const char* ratio;  // "hazard_ratio"
  const std::vector<std::string>& names;
  const std::vector<double>& value;
  const stats::Matrix& used;
  const stats::Matrix& model;
  bool robust;
  const std::vector<int>& collinear;
  const std::vector<stats::Monotone>& monotone;
};

// One row per term: ratio with limits, coefficient, standard errors, z, p. What is collinear or infinite goes
// to the notes.
Table coefficients_table(const Coefficients& c, double level, Analysis& analysis);

// The rows of such a table as a forest plot. Rows of several models are told apart by the columns before
// "term".
Figure effects_figure(const Table& table, const std::string& ratio, double level);

}  // namespace graftline::analysis
