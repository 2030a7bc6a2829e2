#include "analysis/adtte.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/honesty.h"
#include "core/suggestion.h"

namespace graftline::analysis {
namespace {

constexpr const char* event_column = "EVENT";

bool competes(int cnsr, const AdtteChoice& choice, const std::string& parameter) {
  if (!choice.competing.empty())
    return std::find(choice.competing.begin(), choice.competing.end(), cnsr) != choice.competing.end();
  return cnsr == 2 && (names_competing_event(parameter) || parameter == "INFECT" || parameter == "APLASIA");
}

}  // namespace

std::vector<std::string> adtte_columns() {
  return {"USUBJID", "PARAMCD", "PARAM", "AVAL", "CNSR", "EVNTDESC", "TRTP", "DLIDY"};
}

bool is_adtte(const stats::DataTable& table) {
  return table.find("PARAMCD") != nullptr && table.find("AVAL") != nullptr && table.find("CNSR") != nullptr;
}

Result<AdtteRows> adtte_rows(const stats::DataTable& table, const AdtteChoice& choice) {
  const stats::Coded parameters = stats::coded(*table.find("PARAMCD"));
  AdtteRows result;
  result.parameter = choice.parameter;
  if (result.parameter.empty()) {
    if (parameters.label.size() != 1)
      return Error{ErrorKind::malformed_input,
                   fmt::format("the table holds several parameters: name one with --param ({})",
                               fmt::join(parameters.label, ", "))};
    result.parameter = parameters.label.front();
  }
  const auto wanted = std::find(parameters.label.begin(), parameters.label.end(), result.parameter);
  if (wanted == parameters.label.end()) {
    const auto closest = closest_name(result.parameter, parameters.label);
    return Error{ErrorKind::not_found,
                 closest ? fmt::format("no parameter {}; did you mean {}?", result.parameter, *closest)
                         : fmt::format("no parameter {}; there are {}", result.parameter,
                                       fmt::join(parameters.label, ", "))};
  }
  const int code = static_cast<int>(wanted - parameters.label.begin());
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < table.rows; ++i)
    if (parameters.code[i] == code) rows.push_back(i);
  result.table.names = table.names;
  result.table.rows = rows.size();
  for (const std::size_t row : rows)
    result.table.lines.push_back(static_cast<std::uint32_t>(table.line(row)));
  for (const auto& [name, column] : table.columns)
    result.table.columns.emplace(name, stats::selected(column, rows));
  const stats::Column& cnsr = *table.find("CNSR");
  if (cnsr.is_text)
    return Error{ErrorKind::malformed_input,
                 fmt::format("line {}, column CNSR: text where a number is expected",
                             table.line(cnsr.first_text_row))};
  std::vector<double> event;
  std::size_t other_codes = 0;
  for (const std::size_t row : rows) {
    const double value = cnsr.number[row];
    if (std::isnan(value)) {
      event.push_back(std::numeric_limits<double>::quiet_NaN());
      continue;
    }
    if (value < 0 || value != std::floor(value) || value > 1000)
      return Error{ErrorKind::out_of_range,
                   fmt::format("line {}, column CNSR: expected 0 (event), 1 (censored) or a further code",
                               table.line(row))};
    const int one = static_cast<int>(value);
    const bool other = one > 0 && competes(one, choice, result.parameter);
    event.push_back(one == 0 ? 1.0 : (other ? 2.0 : 0.0));
    other_codes += one > 1 && !other ? 1 : 0;
  }
  if (other_codes > 0)
    result.notes.push_back(fmt::format(
        "{} row{} with CNSR above 1 read as censored; if they are competing events, say --competing-cnsr 2.",
        other_codes, other_codes == 1 ? "" : "s"));
  if (const stats::Column* label = table.find("PARAM"); label != nullptr && label->is_text && !rows.empty())
    result.label = label->text(rows.front());
  const stats::Column* planned = result.table.find("TRTP");
  bool has_arms = false;
  if (planned != nullptr && planned->is_text) {
    const stats::Coded arms = stats::coded(*planned);
    const auto without = std::count(arms.code.begin(), arms.code.end(), -1);
    has_arms = arms.label.size() > 1 && without == 0;
    if (arms.label.size() > 1 && without > 0)
      result.notes.push_back(fmt::format(
          "TRTP is missing in {} rows: all are one group; ~ TRTP compares those that have it.", without));
  }
  if (std::find(event.begin(), event.end(), 2.0) != event.end())
    result.causes = {"1=" + result.parameter, "2=competing event"};
  result.formula = fmt::format("Surv(AVAL, {}) ~ {}", event_column, has_arms ? "TRTP" : "1");
  result.table.names.emplace_back(event_column);
  result.table.columns.insert_or_assign(event_column, stats::number_column(std::move(event)));
  return result;
}

}  // namespace graftline::analysis
