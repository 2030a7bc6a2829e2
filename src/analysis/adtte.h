#pragma once
// ADaM time-to-event tables (ADTTE): one row per subject and parameter, AVAL the time and CNSR 0 for an
// event.
//
// CDISC has no variable for competing events. Ours: CNSR 2 is a competing event, which EVNTDESC names;
// programs that take every CNSR above 0 for censored then give the cause-specific analysis. In a table from
// elsewhere CNSR above 1 may be reasons of censoring, so it competes only in parameters that other events
// compete with (RELAPSE, NRM, GVHD) or where `competing` says so.
//
//   source   CDISC ADaM BDS for time-to-event; docs/analysis.md

#include <optional>
#include <string>
#include <vector>

#include "stats/data_table.h"

namespace graftline::analysis {

bool is_adtte(const stats::DataTable& table);

struct AdtteChoice {
  std::string parameter;       // PARAMCD; may be empty when the table holds one
  std::vector<int> competing;  // values of CNSR that compete; empty: by the parameter
};

// The rows of one parameter with a column EVENT: 0 censored, 1 event, 2 competing, missing where CNSR is.
struct AdtteRows {
  stats::DataTable table;
  std::string parameter;            // PARAMCD
  std::string label;                // PARAM
  std::string formula;              // Surv(AVAL, EVENT) ~ TRTP, or ~ 1
  std::vector<std::string> causes;  // names of the codes of EVENT where one competes
  std::vector<std::string> notes;
};
//   errors   not_found: no such parameter, with those that there are; out_of_range: a CNSR that is no code
Result<AdtteRows> adtte_rows(const stats::DataTable& table, const AdtteChoice& choice);

// Columns of ADTTE that adtte_rows() and its formula need.
std::vector<std::string> adtte_columns();

}  // namespace graftline::analysis
