#pragma once
// One kind of analysis of one table.
//
//   kinds   km, cif, logrank, gray, rmst, cox, finegray, multistate, mcf, table1 (analysis_kinds())
//   errors  those of rows_of(), honesty.h and the estimator; not_found: no such kind;
//           malformed_input: an option that cannot be read, named as on the command line

#include <span>
#include <string_view>

#include "analysis/request.h"
#include "analysis/result.h"
#include "stats/data_table.h"

namespace graftline::analysis {

struct AnalysisKind {
  std::string_view name;
  std::string_view summary;
  Result<Analysis> (*run)(const stats::DataTable& table, const Request& request);
};
std::span<const AnalysisKind> analysis_kinds();

Result<Analysis> analyse(std::string_view kind, const stats::DataTable& table, const Request& request);

}  // namespace graftline::analysis
