#pragma once
// Runs reference cases of trial designs, files of schema "design-golden/1", and says how far our answers are
// off.
//
// A case names a method and its input, and what a reference program answered. Methods: gs_boundary,
// gs_futility, interim_analysis, survival_power, survival_sample_size; docs/designs.md describes the fields.
// A null in the reference means "not defined here": a number of ours in its place is a disagreement too.
//
//   errors   not_found: no such directory; malformed_input: a file that claims the schema and cannot be read

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace graftline::stats {

struct DesignCaseOutcome {
  std::string file, id, method;
  bool agrees = false;
  double worst_absolute_error = 0.0;
  double worst_relative_error = 0.0;
  double tolerance = 0.0;  // absolute
  std::string worst_field;
  std::string remark;                        // what disagreed or was not understood; empty otherwise
  std::vector<std::string> inputs_not_read;  // named, and compared all the same
};

struct DesignValidation {
  std::vector<DesignCaseOutcome> cases;  // in order of file name, then of the file
  bool all_agree() const;
};

// Every *.json file of the directory (not below it) whose "schema" is design-golden/1; other files are passed
// over.
Result<DesignValidation> validate_designs(const std::filesystem::path& directory);

// Reads cases from text; `file` only labels them.
Result<DesignValidation> validate_design_text(const std::string& json, const std::string& file);

// One line per method (cases, agreeing, worst errors), then one per input that is not read and per case that
// disagrees.
std::string design_validation_table(const DesignValidation& validation);

}  // namespace graftline::stats
