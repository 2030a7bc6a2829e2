#include "stats/golden_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "stats/formula.h"

namespace graftline::stats::golden {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::string_view inline_suffix = "_values";

Column column_from(const Json& values) {
  const bool is_text = std::any_of(values.begin(), values.end(), [](const Json& v) { return v.is_string(); });
  Column column;
  column.is_text = is_text;
  for (const Json& v : values) {
    if (is_text)
      column.add_word(v.is_null() ? "" : (v.is_string() ? v.get<std::string>() : label_of(v.get<double>())));
    else
      column.number.push_back(v.is_boolean() ? (v.get<bool>() ? 1.0 : 0.0)
                                             : (v.is_number() ? v.get<double>() : nan));
  }
  return column;
}

void add_column(DataTable& table, const std::string& name, Column column) {
  if (table.columns.empty()) table.rows = column.size();
  if (column.size() != table.rows) {
    // Inline values describe their own subjects, not the file's.
    table = DataTable{};
    table.rows = column.size();
  }
  table.names.push_back(name);
  table.columns.insert_or_assign(name, std::move(column));
}

// covariates_values: columns by name, or rows of numbers (then named x1, x2, ...).
void add_matrix(DataTable& table, const Json& values) {
  if (values.is_object()) {
    for (const auto& [name, column] : values.items()) add_column(table, name, column_from(column));
    return;
  }
  const std::size_t width = values.empty() ? 0 : values.front().size();
  for (std::size_t j = 0; j < width; ++j) {
    Json column = Json::array();
    for (const Json& row : values) column.push_back(row.at(j));
    add_column(table, fmt::format("x{}", j + 1), column_from(column));
  }
}

DataTable selected(const DataTable& table, const std::vector<std::size_t>& rows) {
  DataTable kept;
  kept.names = table.names;
  kept.rows = rows.size();
  for (const auto& [name, column] : table.columns) kept.columns.emplace(name, selected(column, rows));
  return kept;
}

// A subset is a condition, a list of conditions, of row numbers (from 1) or of flags, or wanted values by
// column.
std::vector<std::size_t> subset_rows(const DataTable& table, const Json& subset) {
  std::vector<std::size_t> rows;
  if (subset.is_string()) return taken(rows_where(table, subset.get<std::string>()));
  if (subset.is_array() && !subset.empty() && subset.front().is_number()) {
    for (const Json& row : subset) rows.push_back(row.get<std::size_t>() - 1);
    return rows;
  }
  if (subset.is_array() && !subset.empty() && subset.front().is_boolean()) {
    for (std::size_t i = 0; i < subset.size(); ++i)
      if (subset[i].get<bool>()) rows.push_back(i);
    return rows;
  }
  std::string condition;
  if (subset.is_array()) {
    for (const Json& part : subset)
      condition += (condition.empty() ? "(" : " & (") + part.get<std::string>() + ")";
  } else if (subset.is_object() && subset.contains("column")) {
    const Json& value = subset.contains("value") ? subset["value"] : subset.at("equals");
    condition = subset["column"].get<std::string>() + " == " + value.dump();
  } else if (subset.is_object()) {
    for (const auto& [name, value] : subset.items())
      condition += (condition.empty() ? "" : " & ") + name + " == " + value.dump();
  }
  if (condition.empty()) throw Unanswerable("subset: cannot be read");
  return taken(rows_where(table, condition));
}

std::string joined(const Json& list, const char* with) {
  std::string text;
  for (const Json& item : list) text += (text.empty() ? "" : with) + item.get<std::string>();
  return text;
}

Column evaluated(const Case& c, const std::string& expression) {
  return taken(evaluate(c.table, expression));
}

// Several columns together (strata by two factors): one code per combination that occurs, in sorted order.
Coded combined(const Case& c, const std::vector<std::string>& expressions) {
  std::vector<Coded> parts;
  for (const std::string& e : expressions) parts.push_back(coded(evaluated(c, e)));
  if (parts.size() == 1) return parts.front();
  std::map<std::vector<int>, int> codes;
  std::vector<std::vector<int>> keys(c.table.rows);
  for (std::size_t i = 0; i < c.table.rows; ++i) {
    for (const Coded& part : parts) keys[i].push_back(part.code[i]);
    if (*std::min_element(keys[i].begin(), keys[i].end()) >= 0) codes.emplace(keys[i], 0);
  }
  Coded result;
  for (auto& [key, code] : codes) {
    code = static_cast<int>(result.label.size());
    std::string label;
    for (std::size_t p = 0; p < parts.size(); ++p) label += (p > 0 ? ", " : "") + parts[p].label[key[p]];
    result.label.push_back(label);
  }
  for (const auto& key : keys) {
    const auto at = codes.find(key);
    result.code.push_back(at == codes.end() ? -1 : at->second);
  }
  return result;
}

std::vector<std::string> expressions_of(const Case& c, const char* role) {
  const auto found = c.input.find(role);
  if (found != c.input.end() && found->is_array() && !found->empty() && found->front().is_string() &&
      !c.input.contains(std::string(role) + "_values")) {
    std::vector<std::string> all;
    for (const Json& item : *found) all.push_back(item.get<std::string>());
    return all;
  }
  const std::string text = c.expression(role);
  if (c.table.find(text) != nullptr) return {text};
  std::vector<std::string> all;
  for (const std::string& comma : split_outside(text, ','))
    for (const std::string& part : split_outside(comma, '+')) {
      const bool wrapped = part.starts_with("strata(") && part.back() == ')';
      for (const std::string& inner :
           wrapped ? split_outside(std::string_view(part).substr(7, part.size() - 8), ',')
                   : std::vector<std::string>{part})
        all.push_back(inner);
    }
  return all;
}

// The columns of one analysis before incomplete rows are left out.
struct Drafted {
  Column time, entry, weight;
  std::vector<int> status;  // -1 = missing
  std::optional<Coded> group, stratum, cluster, censoring;
  ModelColumns covariates;
};

std::vector<int> statuses(const Case& c, bool any_event) {
  const Column column = evaluated(c, c.expression("status"));
  std::vector<int> codes;
  if (column.is_text) {
    // Factor levels in sorted order; the first is "censored".
    const Coded levels = coded(column);
    for (int code : levels.code) codes.push_back(any_event && code > 0 ? 1 : code);
    return codes;
  }
  for (double v : column.number) {
    if (!std::isnan(v) && (v < 0 || v != std::floor(v) || v > 1e6))
      throw Unanswerable("status: a code that is not 0, 1, 2, ...");
    codes.push_back(std::isnan(v) ? -1 : (any_event && v != 0.0 ? 1 : static_cast<int>(v)));
  }
  return codes;
}

std::string covariate_terms(const Case& c) {
  const auto found = c.input.find("covariates");
  if (found != c.input.end() && found->is_string()) return found->get<std::string>();
  if (found != c.input.end() && found->is_array() && (found->empty() || found->front().is_string()))
    return joined(*found, " + ");
  const auto values = c.input.find("covariates_values");
  const Json& inlined = values != c.input.end() ? *values : (found != c.input.end() ? *found : c.input);
  std::string terms;
  if (&inlined == &c.input) return terms;
  if (inlined.is_object()) {
    for (const auto& [name, column] : inlined.items()) terms += (terms.empty() ? "" : " + ") + name;
    return terms;
  }
  for (std::size_t j = 0; j < (inlined.empty() ? 0 : inlined.front().size()); ++j)
    terms += fmt::format("{}x{}", j > 0 ? " + " : "", j + 1);
  return terms;
}

Drafted draft(const Case& c, const Wanted& wanted) {
  Drafted d;
  d.time = evaluated(c, c.expression("time"));
  d.status = statuses(c, wanted.any_event);
  if (c.has("entry")) d.entry = evaluated(c, c.expression("entry"));
  if (c.has("weights")) d.weight = evaluated(c, c.expression("weights"));
  if (wanted.group) {
    const char* role = c.has("group") ? "group" : "arm";
    if (c.has(role)) d.group = combined(c, expressions_of(c, role));
  }
  if (c.has("strata")) d.stratum = combined(c, expressions_of(c, "strata"));
  if (wanted.censoring_strata && c.has("censoring_strata"))
    d.censoring = combined(c, expressions_of(c, "censoring_strata"));
  if (c.has("cluster")) d.cluster = combined(c, expressions_of(c, "cluster"));
  if (!wanted.covariates) return d;
  // Which level of a factor is the reference depends on the locale of who sorted them: the names tell.
  std::vector<std::string> expected_names;
  if (const auto listed = c.expect.find("terms"); listed != c.expect.end() && listed->is_array())
    for (const Json& name : *listed)
      if (name.is_string()) expected_names.push_back(name.get<std::string>());
  ModelTerms terms = taken(model_terms(c.table, covariate_terms(c), expected_names));
  d.covariates = std::move(terms.covariates);
  const auto tuple_of = [&c](const std::vector<std::string>& names) { return combined(c, names); };
  if (!terms.strata.empty()) d.stratum = tuple_of(terms.strata);
  if (!terms.cluster.empty()) d.cluster = tuple_of(terms.cluster);
  return d;
}

bool complete(const Drafted& d, std::size_t i) {
  if (d.time.is_missing(i) || d.status[i] < 0) return false;
  if (d.entry.size() > 0 && d.entry.is_missing(i)) return false;
  if (d.weight.size() > 0 && d.weight.is_missing(i)) return false;
  for (const auto* code : {&d.group, &d.stratum, &d.cluster, &d.censoring})
    if (code->has_value() && (*code)->code[i] < 0) return false;
  return std::none_of(d.covariates.columns.begin(), d.covariates.columns.end(),
                      [i](const std::vector<double>& column) { return std::isnan(column[i]); });
}

// Codes that no kept row has are closed up, so that "groups" are those with rows.
void close_up(std::vector<int>& code, std::vector<std::string>* labels, std::vector<double>* values) {
  if (code.empty()) return;
  const int highest = *std::max_element(code.begin(), code.end());
  std::vector<int> next(highest + 1, -1);
  for (int k : code) next[k] = 0;
  std::vector<std::string> kept_labels;
  std::vector<double> kept_values;
  int used = 0;
  for (int k = 0; k <= highest; ++k) {
    if (next[k] < 0) continue;
    next[k] = used++;
    if (labels && k < static_cast<int>(labels->size())) kept_labels.push_back((*labels)[k]);
    if (values && k < static_cast<int>(values->size())) kept_values.push_back((*values)[k]);
  }
  for (int& k : code) k = next[k];
  if (labels) *labels = kept_labels;
  if (values) *values = kept_values;
}

}  // namespace

const char* const not_compared = "(a matter of convention)";

std::string Case::option(const char* key, const char* otherwise) const {
  const auto found = options.find(key);
  return found != options.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

std::string Case::choice(const char* key, const char* otherwise,
                         std::initializer_list<const char*> words) const {
  const auto found = options.find(key);
  if (found == options.end() || found->is_null()) return otherwise;
  std::string word = found->is_string() ? found->get<std::string>() : found->dump();
  for (const char* known : words)
    if (word == known) return word;
  std::string all;
  for (const char* known : words) all += (all.empty() ? "" : ", ") + std::string(known);
  throw Unanswerable(fmt::format("{}: {} is not known; there are {}", key, word, all));
}

double Case::number(const char* key, double otherwise) const {
  for (const Json* place : {&options, &input, &expect}) {
    const auto found = place->find(key);
    if (found != place->end() && found->is_number()) return found->get<double>();
  }
  return otherwise;
}

bool Case::has(const char* role) const {
  const auto found = input.find(role);
  return (found != input.end() && !found->is_null()) ||
         input.contains(std::string(role) + std::string(inline_suffix));
}

std::string Case::expression(const char* role) const {
  const auto found = input.find(role);
  if (found != input.end() && found->is_string()) return found->get<std::string>();
  if (has(role)) return role;  // given inline: the column is named after the role
  throw Unanswerable(fmt::format("input: no {}", role));
}

DataTable case_table(const Json& input, const DataTable* file_data) {
  DataTable table = file_data ? *file_data : DataTable{};
  if (const auto data = input.find("data"); data != input.end() && data->is_object())
    for (const auto& [name, values] : data->items()) add_column(table, name, column_from(values));
  for (const auto& [key, values] : input.items()) {
    if (key.size() > inline_suffix.size() && key.ends_with(inline_suffix)) {
      const std::string name = key.substr(0, key.size() - inline_suffix.size());
      if (name == "covariates")
        add_matrix(table, values);
      else if (values.is_array())
        add_column(table, name, column_from(values));
    } else if (values.is_array() && values.size() > 0 && !values.front().is_string() &&
               !values.front().is_array() &&
               (key == "time" || key == "status" || key == "entry" || key == "weights" || key == "group" ||
                key == "strata" || key == "cluster" || key == "arm" || key == "censoring_strata")) {
      add_column(table, key, column_from(values));
    }
  }
  if (const auto subset = input.find("subset"); subset != input.end() && !subset->is_null())
    table = selected(table, subset_rows(table, *subset));
  if (const auto column = input.find("group_column"); column != input.end() && input.contains("group"))
    table = selected(table,
                     taken(rows_where(table, column->get<std::string>() + " == " + input["group"].dump())));
  return table;
}

Rows rows_of(const Case& c, const Wanted& wanted) {
  const Drafted d = draft(c, wanted);
  if (d.time.is_text) throw Unanswerable("time: text where a number is needed");
  Rows rows;
  rows.covariate_names = d.covariates.names;
  rows.covariate_term = d.covariates.term;
  rows.term_names = d.covariates.term_names;
  rows.covariates.resize(d.covariates.columns.size());
  for (std::size_t i = 0; i < c.table.rows; ++i) {
    if (!complete(d, i)) continue;
    rows.kept.push_back(i);
    rows.time.push_back(d.time.number[i]);
    rows.status.push_back(d.status[i]);
    if (d.entry.size() > 0) rows.entry.push_back(d.entry.number[i]);
    if (d.weight.size() > 0) rows.weight.push_back(d.weight.number[i]);
    if (d.group) rows.group.push_back(d.group->code[i]);
    if (d.stratum) rows.stratum.push_back(d.stratum->code[i]);
    if (d.cluster) rows.cluster.push_back(d.cluster->code[i]);
    if (d.censoring) rows.censoring_group.push_back(d.censoring->code[i]);
    for (std::size_t j = 0; j < rows.covariates.size(); ++j)
      rows.covariates[j].push_back(d.covariates.columns[j][i]);
  }
  if (d.group) {
    rows.group_labels = d.group->label;
    rows.group_values = d.group->value;
    close_up(rows.group, &rows.group_labels, &rows.group_values);
  }
  if (d.stratum) {
    rows.stratum_labels = d.stratum->label;
    close_up(rows.stratum, &rows.stratum_labels, nullptr);
  }
  close_up(rows.cluster, nullptr, nullptr);
  close_up(rows.censoring_group, nullptr, nullptr);
  return rows;
}

std::vector<double> times_asked(const Case& c) {
  std::vector<double> times;
  for (const Json* place : {&c.expect, &c.options, &c.input}) {
    const auto found = place->find(place == &c.input ? "times" : "time");
    if (found == place->end() || !found->is_array()) continue;
    for (const Json& t : *found) times.push_back(t.get<double>());
    return times;
  }
  return times;
}

Json number_or_null(double value) { return std::isnan(value) ? Json(nullptr) : Json(value); }

Json numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (double v : values) list.push_back(number_or_null(v));
  return list;
}

}  // namespace graftline::stats::golden
