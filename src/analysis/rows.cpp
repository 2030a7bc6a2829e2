#include "analysis/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "analysis/exposure.h"
#include "core/suggestion.h"

namespace graftline::analysis {
namespace {

constexpr std::size_t most_groups = 60;
constexpr std::size_t most_lines_listed = 5;

Error no_column(const stats::DataTable& table, const std::string& name) {
  std::string message = fmt::format("there is no column {}", name);
  if (const auto closest = closest_name(name, table.names))
    message += fmt::format("; did you mean {}?", *closest);
  message +=
      fmt::format("{} the table has {}", message.back() == '?' ? "" : ";", fmt::join(table.names, ", "));
  return Error{ErrorKind::not_found, message};
}

// Text in a column of numbers: which line.
Error text_in_numbers(const stats::DataTable& table, const std::string& expression, std::string_view role) {
  for (const std::string& name : names_in(expression))
    if (const stats::Column* column = table.find(name); column != nullptr && column->is_text)
      return Error{ErrorKind::malformed_input, fmt::format("{}: text where a number is expected ({})",
                                                           place(table, column->first_text_row, name), role)};
  return Error{ErrorKind::malformed_input,
               fmt::format("\"{}\": text where a number is expected ({})", expression, role)};
}

// Columns of a table before incomplete rows are left out, each with the name under which it can miss.
struct Part {
  std::string name;
  std::function<bool(std::size_t)> is_missing;
};

template <class T> void keep(std::vector<T>& values, const std::vector<std::size_t>& rows) {
  if (values.empty()) return;
  std::vector<T> kept;
  kept.reserve(rows.size());
  for (const std::size_t row : rows) kept.push_back(values[row]);
  values = std::move(kept);
}

// Codes that no kept row has are closed up.
void close_up(std::vector<int>& code, std::vector<std::string>& label, std::vector<double>& value) {
  if (code.empty()) return;
  std::vector<int> next(label.size(), -1);
  for (const int k : code) next[static_cast<std::size_t>(k)] = 0;
  std::vector<std::string> labels;
  std::vector<double> values;
  for (std::size_t k = 0; k < next.size(); ++k) {
    if (next[k] < 0) continue;
    next[k] = static_cast<int>(labels.size());
    labels.push_back(label[k]);
    if (k < value.size()) values.push_back(value[k]);
  }
  for (int& k : code) k = next[static_cast<std::size_t>(k)];
  label = std::move(labels);
  value = std::move(values);
}

std::optional<Error> check_times(const stats::DataTable& table, const SurvivalFormula& formula,
                                 const Rows& rows) {
  for (std::size_t i = 0; i < rows.time.size(); ++i) {
    if (std::isnan(rows.time[i])) continue;
    if (rows.time[i] < 0.0)
      return Error{ErrorKind::out_of_range, fmt::format("{}: a negative time; times count from 0",
                                                        place(table, rows.row[i], formula.time))};
    if (std::isinf(rows.time[i]))
      return Error{ErrorKind::out_of_range,
                   fmt::format("{}: an infinite time", place(table, rows.row[i], formula.time))};
    if (rows.entry.empty() || std::isnan(rows.entry[i])) continue;
    if (rows.entry[i] >= rows.time[i])
      return Error{ErrorKind::out_of_range, fmt::format("{}: a row that begins at or after its end ({})",
                                                        place(table, rows.row[i], "entry"), formula.time)};
    if (rows.entry[i] < 0.0)
      return Error{ErrorKind::out_of_range,
                   fmt::format("{}: a negative entry time", place(table, rows.row[i], "entry"))};
  }
  for (std::size_t i = 0; i < rows.weight.size(); ++i)
    if (rows.weight[i] < 0.0 || std::isinf(rows.weight[i]))
      return Error{ErrorKind::out_of_range, fmt::format("{}: a weight that is negative or infinite",
                                                        place(table, rows.row[i], "weights"))};
  return std::nullopt;
}

// A covariate that is mostly numbers and partly text is a mistake, not a factor.
std::optional<Error> check_covariate(const stats::DataTable& table, const std::string& term) {
  if (auto problem = check_names(table, term)) return problem;
  if (term.find("factor(") != std::string::npos) return std::nullopt;
  for (const std::string& name : names_in(term)) {
    const stats::Column* column = table.find(name);
    if (column == nullptr || !column->is_text || column->n_numbers * 2 <= table.rows) continue;
    return Error{
        ErrorKind::malformed_input,
        fmt::format("{}: text where the other rows are numbers; correct the cell, leave it empty if it "
                    "is missing, or write factor({}) if the numbers are names",
                    place(table, column->first_text_row, name), name)};
  }
  return std::nullopt;
}

// What the analysis needs of a table, row by row.
struct Draft {
  Rows rows;
  std::vector<Part> parts;

  void numbers(const std::string& name, std::vector<double>& values) {
    // A column that turns out to say nothing (every entry 0) is emptied.
    parts.push_back({name, [&values](std::size_t i) { return i < values.size() && std::isnan(values[i]); }});
  }
  void codes(const std::string& name, std::vector<int>& values) {
    parts.push_back({name, [&values](std::size_t i) { return values[i] < 0; }});
  }
};

std::optional<Error> take_labels(const stats::DataTable& table, const std::vector<std::string>& expressions,
                                 Draft& draft, std::vector<int>& code, std::vector<std::string>& label,
                                 std::vector<double>& value) {
  if (expressions.empty()) return std::nullopt;
  auto read = labelled(table, expressions);
  if (!read) return read.error();
  code = std::move(read->code);
  label = std::move(read->label);
  value = std::move(read->value);
  draft.codes(fmt::format("{}", fmt::join(expressions, ", ")), code);
  return std::nullopt;
}

// Leaves incomplete rows out and says which they were.
void leave_out_incomplete(const stats::DataTable& table, Draft& draft, std::vector<std::size_t>& kept) {
  std::vector<unsigned char> incomplete(table.rows, 0);
  for (const Part& part : draft.parts) {
    MissingColumn missing{part.name, 0, {}};
    for (std::size_t i = 0; i < table.rows; ++i) {
      if (!part.is_missing(i)) continue;
      incomplete[i] = 1;
      ++missing.rows;
      if (missing.first_lines.size() < most_lines_listed) missing.first_lines.push_back(table.line(i));
    }
    if (missing.rows > 0) draft.rows.missing.push_back(std::move(missing));
  }
  kept.reserve(table.rows);
  for (std::size_t i = 0; i < table.rows; ++i)
    if (incomplete[i] == 0) kept.push_back(i);
}

std::vector<std::string> joined(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::optional<Error> read_columns(const stats::DataTable& table, const SurvivalFormula& formula,
                                  const Request& request, const RowsWanted& wanted, Draft& draft,
                                  std::vector<double>& censoring_values,
                                  std::vector<std::string>& censoring_labels,
                                  std::vector<double>& stratum_values) {
  Rows& rows = draft.rows;
  auto time = numbers_of(table, formula.time, "time");
  if (!time) return time.error();
  rows.time = std::move(*time);
  draft.numbers(formula.time, rows.time);
  auto status = status_codes(table, formula, request, wanted.one_event);
  if (!status) return status.error();
  rows.status = std::move(status->code);
  rows.causes = std::move(status->causes);
  if (!status->note.empty()) rows.notes.push_back(status->note);
  draft.codes(formula.status.empty() ? "status" : formula.status, rows.status);
  const std::string& entry = formula.entry.empty() ? request.entry : formula.entry;
  for (const auto& [expression, role, target] :
       {std::tuple{&entry, "entry", &rows.entry}, std::tuple{&request.weights, "weights", &rows.weight}}) {
    if (expression->empty()) continue;
    auto values = numbers_of(table, *expression, role);
    if (!values) return values.error();
    *target = std::move(*values);
    draft.numbers(*expression, *target);
  }
  if (std::all_of(rows.entry.begin(), rows.entry.end(), [](double e) { return e == 0.0; }))
    rows.entry.clear();
  std::vector<std::string> strata = joined(formula.strata, request.strata);
  std::vector<std::string> groups = wanted.terms_are_covariates ? std::vector<std::string>{} : formula.terms;
  if (wanted.strata_are_groups) {
    groups = joined(groups, strata);
    strata.clear();
  }
  for (const auto& problem : {take_labels(table, groups, draft, rows.group, rows.groups, rows.group_values),
                              take_labels(table, strata, draft, rows.stratum, rows.strata, stratum_values),
                              take_labels(table, request.censoring_strata, draft, rows.censoring_group,
                                          censoring_labels, censoring_values)})
    if (problem) return problem;
  if (rows.groups.size() > most_groups)
    return Error{ErrorKind::conflict,
                 fmt::format("{} has {} different values: too many groups. Group it, for example {} > 60",
                             fmt::join(groups, ", "), rows.groups.size(), groups.front())};
  std::vector<std::string> cluster = joined(formula.cluster, request.cluster);
  std::vector<std::string> no_labels;
  std::vector<double> no_values;
  if (auto problem = take_labels(table, cluster, draft, rows.cluster, no_labels, no_values)) return problem;
  if (!wanted.terms_are_covariates || formula.terms.empty()) return std::nullopt;
  for (const std::string& term : formula.terms)
    if (auto problem = check_covariate(table, term)) return problem;
  auto model = stats::model_terms(table, fmt::format("{}", fmt::join(formula.terms, " + ")));
  if (!model) return model.error();
  rows.covariates = std::move(model->covariates);
  for (std::size_t c = 0; c < rows.covariates.columns.size(); ++c)
    draft.numbers(rows.covariates.term_names[static_cast<std::size_t>(rows.covariates.term[c])],
                  rows.covariates.columns[c]);
  return std::nullopt;
}

void merge_missing_of_one_term(std::vector<MissingColumn>& missing) {
  // The indicators of one factor miss together.
  const auto same = [](const MissingColumn& a, const MissingColumn& b) { return a.column == b.column; };
  missing.erase(std::unique(missing.begin(), missing.end(), same), missing.end());
}

}  // namespace

stats::Covariates Rows::covariate_view() const {
  stats::Covariates view{covariates.names, {}};
  for (const auto& column : covariates.columns) view.columns.emplace_back(column);
  return view;
}

std::string place(const stats::DataTable& table, std::size_t row, std::string_view column) {
  return fmt::format("line {}, column {}", table.line(row), column);
}

std::optional<Error> check_names(const stats::DataTable& table, const std::string& expression) {
  for (const std::string& name : names_in(expression))
    if (table.find(name) == nullptr && name != "TRUE" && name != "FALSE" && name != "NA" && name != "in")
      return no_column(table, name);
  return std::nullopt;
}

Result<std::vector<double>> numbers_of(const stats::DataTable& table, const std::string& expression,
                                       std::string_view role) {
  if (const auto problem = check_names(table, expression)) return *problem;
  auto column = stats::evaluate(table, expression);
  if (!column && column.error().message.find("is text") != std::string::npos)
    return text_in_numbers(table, expression, role);
  if (!column) return column.error();
  if (column->is_text) return text_in_numbers(table, expression, role);
  return std::move(column->number);
}

Result<Labelled> labelled(const stats::DataTable& table, const std::vector<std::string>& expressions) {
  std::vector<stats::Coded> parts;
  std::vector<bool> bare;  // labels that need no name before them
  for (const std::string& expression : expressions) {
    if (const auto problem = check_names(table, expression)) return *problem;
    auto column = stats::evaluate(table, expression);
    if (!column) return column.error();
    parts.push_back(stats::coded(*column));
    const bool any_number = std::any_of(
        parts.back().label.begin(), parts.back().label.end(),
        [](const auto& l) { return l.find_first_of("0123456789") == l.find_first_not_of("+-."); });
    bare.push_back(column->is_text && !any_number && expressions.size() == 1);
    const bool is_condition =
        expression.find_first_of("<>=!") != std::string::npos || expression.find("%in%") != std::string::npos;
    if (!column->is_text && is_condition)
      for (std::size_t l = 0; l < parts.back().label.size(); ++l)
        parts.back().label[l] = parts.back().value[l] == 0.0 ? "FALSE" : "TRUE";
  }
  const auto label = [&](std::size_t part, int code) {
    const std::string& word = parts[part].label[static_cast<std::size_t>(code)];
    return bare[part] ? word : fmt::format("{}={}", expressions[part], word);
  };
  Labelled result;
  if (parts.size() == 1) {
    result.code = std::move(parts[0].code);
    for (std::size_t k = 0; k < parts[0].label.size(); ++k)
      result.label.push_back(label(0, static_cast<int>(k)));
    result.value = std::move(parts[0].value);
    return result;
  }
  std::map<std::vector<int>, int> codes;
  std::vector<int> key(parts.size());
  const auto key_of = [&](std::size_t row) {
    for (std::size_t p = 0; p < parts.size(); ++p) key[p] = parts[p].code[row];
    return *std::min_element(key.begin(), key.end()) >= 0;
  };
  for (std::size_t i = 0; i < table.rows; ++i)
    if (key_of(i)) codes.emplace(key, 0);
  for (auto& [combination, code] : codes) {
    code = static_cast<int>(result.label.size());
    std::string text;
    for (std::size_t p = 0; p < parts.size(); ++p) text += (p > 0 ? ", " : "") + label(p, combination[p]);
    result.label.push_back(text);
  }
  result.code.reserve(table.rows);
  for (std::size_t i = 0; i < table.rows; ++i) result.code.push_back(key_of(i) ? codes.at(key) : -1);
  return result;
}

Result<Rows> rows_of(const stats::DataTable& table, const SurvivalFormula& formula, const Request& request,
                     const RowsWanted& wanted) {
  Draft draft;
  std::vector<double> censoring_values, stratum_values;
  std::vector<std::string> censoring_labels;
  if (const auto problem = read_columns(table, formula, request, wanted, draft, censoring_values,
                                        censoring_labels, stratum_values))
    return *problem;
  std::vector<std::size_t> kept;
  leave_out_incomplete(table, draft, kept);
  Rows& rows = draft.rows;
  merge_missing_of_one_term(rows.missing);
  rows.rows_read = table.rows;
  if (kept.empty()) {
    std::string message = table.rows == 0 ? "the table has no rows" : "no complete row is left";
    for (const MissingColumn& m : rows.missing)
      message += fmt::format("; {} missing in {}", m.column, m.rows);
    return Error{ErrorKind::conflict, message};
  }
  if (kept.size() < table.rows) {
    for (auto* values : {&rows.time, &rows.entry, &rows.weight}) keep(*values, kept);
    for (auto* codes : {&rows.status, &rows.group, &rows.stratum, &rows.cluster, &rows.censoring_group})
      keep(*codes, kept);
    for (auto& column : rows.covariates.columns) keep(column, kept);
  }
  rows.row = std::move(kept);
  if (const auto problem = check_times(table, formula, rows)) return *problem;
  close_up(rows.group, rows.groups, rows.group_values);
  close_up(rows.stratum, rows.strata, stratum_values);
  close_up(rows.censoring_group, censoring_labels, censoring_values);
  return std::move(rows);
}

std::vector<std::string> columns_of(const Request& request) {
  std::vector<std::string> names;
  const auto add = [&names](const std::string& expression) {
    for (std::string& name : names_in(expression))
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  };
  for (const std::string* text : {&request.formula, &request.subset, &request.entry, &request.weights,
                                  &request.id, &request.from_state})
    add(*text);
  for (const auto* list : {&request.strata, &request.cluster, &request.censoring_strata})
    for (const std::string& text : *list) add(text);
  for (const Exposure& exposure : request.exposures) add(exposure.day);
  for (const StateColumn& state : request.states) {
    add(state.time);
    add(state.status);
  }
  return names;
}

}  // namespace graftline::analysis
