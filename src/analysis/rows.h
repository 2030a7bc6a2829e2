#pragma once
// The rows of one survival analysis, owning what stats::FollowUp refers to.
//
//   missing  a row that misses a value in any column used is left out, counted by column and listed
//            by line
//   status   0 censored, 1..k causes. Numbers are taken as they are; without a 0, codes 1 and 2 are
//            read as R does (1 censored, 2 event) where there is one event, and as two causes where
//            causes compete. Words need one that means censored ("censored", "alive", "none", or
//            `censored` of the request)
//   errors   not_found: a column that is not there, with the closest name; out_of_range: a value
//            that cannot be, with line and column; malformed_input: text in a column of numbers,
//            with line and column; conflict: no complete row

#include <span>
#include <string>
#include <vector>

#include "analysis/request.h"
#include "analysis/result.h"
#include "analysis/survival_formula.h"
#include "stats/cox_design.h"
#include "stats/data_table.h"
#include "stats/follow_up.h"
#include "stats/formula.h"

namespace graftline::analysis {

struct Rows {
  std::vector<double> time, entry, weight;
  std::vector<int> status, group, stratum, cluster, censoring_group;
  std::vector<std::string> causes;  // names of status 1..k
  std::vector<std::string> groups, strata;
  std::vector<double> group_values;  // of a numeric group column
  stats::ModelColumns covariates;
  std::vector<std::size_t> row;  // of the table
  std::size_t rows_read = 0;
  std::vector<MissingColumn> missing;
  std::vector<std::string> notes;

  stats::RealFollowUp view() const {
    return {.time = time,
            .status = status,
            .entry = entry,
            .weight = weight,
            .group = group,
            .stratum = stratum,
            .cluster = cluster};
  }
  stats::Covariates covariate_view() const;
  std::string group_label(std::size_t g) const { return groups.empty() ? "" : groups[g]; }
  std::size_t n_groups() const { return groups.empty() ? 1 : groups.size(); }
};

// What the status expression says of every row.
struct StatusCodes {
  std::vector<int> code;            // 0 censored, 1..k; -1 missing
  std::vector<std::string> causes;  // names of 1..k
  std::vector<std::size_t> count;   // rows by code 0..k
  std::string note;                 // a convention that was needed to read them
};
Result<StatusCodes> status_codes(const stats::DataTable& table, const SurvivalFormula& formula,
                                 const Request& request, bool one_event);
// The code (1..k) of the cause of interest: by name or number; the first where none is named.
Result<int> cause_of_interest(const std::vector<std::string>& causes, const std::string& wanted);

struct RowsWanted {
  bool one_event = true;              // else causes are kept apart
  bool terms_are_covariates = false;  // else they form groups
  bool strata_are_groups = false;     // survfit: strata(x) makes curves
};

Result<Rows> rows_of(const stats::DataTable& table, const SurvivalFormula& formula, const Request& request,
                     const RowsWanted& wanted);

// Names of all columns that a request may need, so that only they are read.
std::vector<std::string> columns_of(const Request& request);

// An expression over the table as numbers; text is refused with the line and column that hold it.
Result<std::vector<double>> numbers_of(const stats::DataTable& table, const std::string& expression,
                                       std::string_view role);

// Distinct combinations of several expressions: "group=1, sex=F".
struct Labelled {
  std::vector<int> code;  // -1 missing
  std::vector<std::string> label;
  std::vector<double> value;  // of a single numeric column
};
Result<Labelled> labelled(const stats::DataTable& table, const std::vector<std::string>& expressions);

// "line 17, column time".
std::string place(const stats::DataTable& table, std::size_t row, std::string_view column);

// The column, or not_found with the closest name.
std::optional<Error> check_names(const stats::DataTable& table, const std::string& expression);

}  // namespace graftline::analysis
