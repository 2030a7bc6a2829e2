#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/analysis_document.h"

namespace graftline::report {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const analysis::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<double>(&value); number != nullptr && std::isfinite(*number)) {
    if (*number == std::floor(*number) && std::abs(*number) < 1e15) return static_cast<std::int64_t>(*number);
    return *number;
  }
  return nullptr;
}

Json rows_of(const analysis::Table& table) {
  Json rows = Json::array();
  for (const auto& row : table.rows) {
    Json one = Json::object();
    for (std::size_t c = 0; c < row.size(); ++c) one[table.columns[c].name] = json_of(row[c]);
    rows.push_back(std::move(one));
  }
  return rows;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_value(const analysis::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return csv_field(*text);
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  return "";
}

}  // namespace

std::string to_json(const AnalysisDocument& document) {
  const analysis::Analysis& a = document.analysis;
  Json missing = Json::array();
  for (const auto& m : a.missing)
    missing.push_back({{"column", m.column}, {"rows", m.rows}, {"first_lines", m.first_lines}});
  Json options = Json::object();
  for (const auto& [name, value] : document.options) options[name] = value;
  Json tables = Json::object();
  for (const auto& table : a.tables) tables[table.id] = rows_of(table);
  const Json whole{{"schema", "graftline-analysis/1"},
                   {"analysis", a.kind},
                   {"formula", a.formula},
                   {"options", options},
                   {"data",
                    {{"file", document.file},
                     {"sha256", document.sha256},
                     {"cut_off", document.cut_off.empty() ? Json(nullptr) : Json(document.cut_off)},
                     {"rows", a.rows_read},
                     {"analysed", a.rows_analysed},
                     {"missing", missing}}},
                   {"tables", tables},
                   {"methods", a.methods},
                   {"notes", a.notes},
                   {"version", document.version}};
  return whole.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<std::string> to_csv(const AnalysisDocument& document, const std::string& wanted) {
  const auto& tables = document.analysis.tables;
  auto at = tables.begin();
  if (!wanted.empty()) {
    at = std::find_if(tables.begin(), tables.end(), [&wanted](const auto& t) { return t.id == wanted; });
  } else {
    for (const char* preferred : {"estimates", "coefficients", "occupancy", "tests"}) {
      at = std::find_if(tables.begin(), tables.end(),
                        [preferred](const auto& t) { return t.id == preferred; });
      if (at != tables.end()) break;
    }
    if (at == tables.end()) at = tables.begin();
  }
  if (at == tables.end()) {
    std::vector<std::string> names;
    for (const auto& table : tables) names.push_back(table.id);
    return Error{ErrorKind::malformed_input,
                 fmt::format("--table {}: this analysis has {}", wanted, fmt::join(names, ", "))};
  }
  std::string text;
  for (std::size_t c = 0; c < at->columns.size(); ++c)
    text += (c == 0 ? "" : ",") + csv_field(at->columns[c].name);
  text += "\n";
  for (const auto& row : at->rows) {
    for (std::size_t c = 0; c < row.size(); ++c) text += (c == 0 ? "" : ",") + csv_value(row[c]);
    text += "\n";
  }
  return text;
}

}  // namespace graftline::report
