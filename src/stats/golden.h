#pragma once
// Runs reference cases of estimators, files of schema "survival-golden/1", and says how far our answers are
// off.
//
// A file names its data (a CSV beside it) and holds cases: method, input (columns by name or expression,
// inline `*_values`, subset, weights, entry, strata, cluster ...), options, what another program answered,
// and the relative difference within which that is the same answer. docs/validation.md lists methods, fields
// and the rules of comparison:
//
//   number   |ours - theirs| <= rel_tol |theirs| (and anything below 1e-14 in absolute size is 0)
//   null     undefined there: not compared, except quantiles, where ours must be undefined too
//   role     of the rows (entry, weights, strata ...): one the method does not read is an error
//   option   a word that is not known is an error; an option the method does not read is named in the table
//   field    every field of `expect` must be answered; one we do not compute counts as disagreement
//
//   errors   not_found: no such directory; malformed_input: a file that claims the schema and cannot be read

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace graftline::stats {

struct GoldenOutcome {
  std::string file, id, method;
  bool agrees = false;
  int values_compared = 0;
  double worst_relative_error = 0.0;
  double rel_tol = 0.0;
  std::string worst_field;
  std::string remark;                         // what disagreed or was not understood; empty otherwise
  std::vector<std::string> options_not_read;  // by this method: named, and compared all the same
};

struct GoldenValidation {
  std::vector<GoldenOutcome> cases;  // in order of file name, then of the file
  bool all_agree() const;
};

// Every *.json file of the directory (not below it) whose "schema" is survival-golden/1; other files are
// passed over.
Result<GoldenValidation> validate_survival(const std::filesystem::path& directory);

// Reads cases from text; `directory` is where their data are, `file` only labels them.
Result<GoldenValidation> validate_survival_text(const std::string& json,
                                                const std::filesystem::path& directory,
                                                const std::string& file);

// One line per method (cases, agreeing, worst error and where), then one line per case that disagrees, and
// one per option that was given to a method which does not read it.
std::string survival_validation_table(const GoldenValidation& validation);

}  // namespace graftline::stats
