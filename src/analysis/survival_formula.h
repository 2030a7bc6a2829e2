#pragma once
// A formula as R's survival package writes it, taken apart. The parts are expressions over a table's columns
// (stats/formula.h).
//
//   Surv(time, status) ~ terms          Surv(start, stop, status) ~ terms         Surv(time) ~ terms: all
//   events terms      x + z, x * z, factor(x), strata(x), cluster(x); 1 for none errors     malformed_input:
//   no such form, saying what was expected

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace graftline::analysis {

struct SurvivalFormula {
  std::string entry;  // empty: none
  std::string time;
  std::string status;              // empty: every row ends with the event
  std::vector<std::string> terms;  // without strata and cluster; empty for ~ 1
  std::vector<std::string> strata, cluster;
};
Result<SurvivalFormula> parse_survival_formula(std::string_view text);

// "arm ~ age + sex" or "~ age + sex": what is on either side.
struct TwoSides {
  std::string left;
  std::vector<std::string> terms;
};
Result<TwoSides> parse_two_sides(std::string_view text);

// Names that an expression may refer to: its words that are neither functions nor quoted.
std::vector<std::string> names_in(std::string_view expression);

}  // namespace graftline::analysis
