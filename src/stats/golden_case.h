#pragma once
// One reference case: its input read into rows, and the methods that answer it. Private to the golden runner.

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "stats/data_table.h"
#include "stats/follow_up.h"

namespace graftline::stats::golden {

using Json = nlohmann::json;

// A case that cannot be read or answered throws; the runner turns it into a remark.
struct Unanswerable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class T> T taken(Result<T> result) {
  if (!result) throw Unanswerable(result.error().message);
  return *std::move(result);
}

// Put in place of a number that is a matter of convention (a limit at an estimate of exactly 0 or 1).
extern const char* const not_compared;

struct Case {
  const Json& input;
  const Json& options;
  const Json& expect;  // read only for what was asked (at which times, which quantiles)
  DataTable table;     // the data after inline values and `subset`

  std::string option(const char* key, const char* otherwise) const;
  // The option, which must be one of the words; Unanswerable otherwise.
  std::string choice(const char* key, const char* otherwise, std::initializer_list<const char*> words) const;
  double number(const char* key, double otherwise) const;  // from options, else input, else expect
  bool has(const char* role) const;                        // the role is named, or given inline
  std::string expression(const char* role) const;  // what the role is, as an expression over the table
};

// Makes the case's table: the file's data or the inline values, restricted by `subset` and by group_column =
// group.
DataTable case_table(const Json& input, const DataTable* file_data);

// The rows of one analysis, owning what FollowUp refers to. Rows with a missing value in any column used are
// left out.
struct Rows {
  std::vector<double> time, entry, weight;
  std::vector<int> status, group, stratum, cluster, censoring_group;
  std::vector<std::string> group_labels, stratum_labels;
  std::vector<double> group_values;
  std::vector<std::vector<double>> covariates;  // [name][row]
  std::vector<std::string> covariate_names;
  std::vector<int> covariate_term;
  std::vector<std::string> term_names;
  std::vector<std::size_t> kept;  // row of the case's table

  RealFollowUp view() const {
    return {.time = time,
            .status = status,
            .entry = entry,
            .weight = weight,
            .group = group,
            .stratum = stratum,
            .cluster = cluster};
  }
};

// Roles time, status, entry, weights, group (or arm), strata, cluster (or id), censoring_strata, covariates;
// the last ones only when asked for.
struct Wanted {
  bool group = false;
  bool covariates = false;
  bool censoring_strata = false;
  bool any_event = true;  // status: any number but 0 is an event; else the codes are kept
};
Rows rows_of(const Case& c, const Wanted& wanted);

// Times asked for.
std::vector<double> times_asked(const Case& c);

Json numbers(const std::vector<double>& values);  // NaN becomes null
Json number_or_null(double value);

// The methods; each gives at least the fields of `expect` that it can compute.
Json answer_curves(const std::string& method, const Case& c);      // golden_curves.cpp
Json answer_tests(const std::string& method, const Case& c);       // golden_curves.cpp
Json answer_regression(const std::string& method, const Case& c);  // golden_regression.cpp
Json answer_states(const std::string& method, const Case& c);      // golden_states.cpp

}  // namespace graftline::stats::golden
