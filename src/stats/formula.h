#pragma once
// Expressions over the columns of a table, in the notation statisticians write: conditions for a subset
// and the terms of a regression model.
//
//   conditions  age > 60 & sex == "F", !is.na(mspike), group %in% c(1, 3), ifelse(...)
//   terms       age + sex + age:sex + log(bili) + factor(stage) + I(age^2); a * b is a + b + a:b; `-1`
//               and `.` are not read
//   functions   is.na log log2 log10 exp sqrt abs pmin pmax ifelse I as.numeric factor as.factor
//   missing     a cell that is missing makes the result missing, except where | or & is decided by the
//               other side
//   coding      text columns and factor(x): one indicator per level but the first in sorted order
//               (treatment contrasts), named column followed by level
//   errors      malformed_input: text that is no expression, with its position; not_found: a column that
//               is not there
//   source      conventions of R's model.matrix (Chambers and Hastie, Statistical Models in S, chapter 2)

#include <string_view>

#include "stats/data_table.h"
#include "stats/matrix.h"

namespace graftline::stats {

Result<Column> evaluate(const DataTable& table, std::string_view expression);

// Rows for which the condition is true; missing is not true.
Result<std::vector<std::size_t>> rows_where(const DataTable& table, std::string_view condition);

struct ModelColumns {
  std::vector<std::string> names;
  std::vector<std::vector<double>> columns;  // [name][row], NaN where a cell is missing
  std::vector<int> term;                     // which term each column came from, 0-based
  std::vector<std::string> term_names;
};

// Terms joined by +. `terms` may name strata(...) and cluster(...), which are returned apart.
struct ModelTerms {
  ModelColumns covariates;
  std::vector<std::string> strata;
  std::vector<std::string> cluster;
};
// A factor's first level in sorted order is its reference, unless `wanted` names the indicators of all
// others.
Result<ModelTerms> model_terms(const DataTable& table, std::string_view terms,
                               std::span<const std::string> wanted = {});

// The columns of a model for one subject, a table of one row: an expression is evaluated; the indicator of a
// factor's level is 1 when the subject has that level. not_found: a column that the subject has no value for.
Result<std::vector<double>> subject_values(const DataTable& subject, std::span<const std::string> names);

// Splits at a character outside parentheses and quotes, trimming blanks.
std::vector<std::string> split_outside(std::string_view text, char separator);

}  // namespace graftline::stats
