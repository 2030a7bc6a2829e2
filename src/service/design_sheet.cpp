#include "service/design_sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace graftline::service {
namespace {

std::string shown(const SheetCell& value) {
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{:.6g}", *number);
  if (const auto* word = std::get_if<std::string>(&value)) return *word;
  return "-";
}

nlohmann::ordered_json json_of(const SheetCell& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* word = std::get_if<std::string>(&value)) return *word;
  return nullptr;
}

std::string text_of(const SheetTable& table) {
  std::vector<std::size_t> width;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    width.push_back(table.columns[c].size());
    for (const auto& row : table.rows) width[c] = std::max(width[c], shown(row[c]).size());
  }
  std::string text = table.title + "\n";
  for (std::size_t c = 0; c < width.size(); ++c) text += fmt::format("  {:>{}}", table.columns[c], width[c]);
  text += "\n";
  for (const auto& row : table.rows) {
    for (std::size_t c = 0; c < width.size(); ++c) text += fmt::format("  {:>{}}", shown(row[c]), width[c]);
    text += "\n";
  }
  return text;
}

std::string as_text(const DesignSheet& sheet) {
  std::size_t width = 0;
  for (const Item& item : sheet.inputs) width = std::max(width, item.name.size());
  for (const SheetResult& result : sheet.results) width = std::max(width, result.name.size());
  std::string text = sheet.what + "\n";
  for (const Item& item : sheet.inputs) text += fmt::format("  {:<{}}  {}\n", item.name, width, item.value);
  if (!sheet.results.empty()) text += "\n";
  for (const SheetResult& result : sheet.results)
    text += fmt::format("  {:<{}}  {}\n", result.name, width, shown(result.value));
  for (const SheetTable& table : sheet.tables) text += "\n" + text_of(table);
  text += "\n";
  for (const std::string& note : sheet.notes) text += "note: " + note + "\n";
  return text + "source: " + sheet.source + "\n";
}

std::string as_json(const DesignSheet& sheet) {
  nlohmann::ordered_json json;
  json["design"] = sheet.what;
  json["inputs"] = nlohmann::ordered_json::object();
  for (const Item& item : sheet.inputs) json["inputs"][item.name] = item.value;
  json["results"] = nlohmann::ordered_json::object();
  for (const SheetResult& result : sheet.results) json["results"][result.name] = json_of(result.value);
  json["tables"] = nlohmann::ordered_json::array();
  for (const SheetTable& table : sheet.tables) {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const auto& row : table.rows) {
      auto& object = rows.emplace_back(nlohmann::ordered_json::object());
      for (std::size_t c = 0; c < row.size(); ++c) object[table.columns[c]] = json_of(row[c]);
    }
    json["tables"].push_back({{"title", table.title}, {"rows", rows}});
  }
  json["notes"] = sheet.notes;
  json["source"] = sheet.source;
  return json.dump(2) + "\n";
}

std::string csv_cell(const SheetCell& value) {
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  const auto* word = std::get_if<std::string>(&value);
  if (word == nullptr) return "";
  if (word->find_first_of(",\"\n") == std::string::npos) return *word;
  std::string quoted = "\"";
  for (char c : *word) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string as_csv(const DesignSheet& sheet) {
  SheetTable table{"", {"name", "value"}, {}};
  if (sheet.tables.empty())
    for (const SheetResult& result : sheet.results) table.rows.push_back({result.name, result.value});
  else
    table = sheet.tables.front();
  std::string text;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    text += (c > 0 ? "," : "") + csv_cell(SheetCell(table.columns[c]));
  text += "\n";
  for (const auto& row : table.rows) {
    for (std::size_t c = 0; c < row.size(); ++c) text += (c > 0 ? "," : "") + csv_cell(row[c]);
    text += "\n";
  }
  return text;
}

}  // namespace

SheetCell cell(double value) { return std::isfinite(value) ? SheetCell(value) : SheetCell(); }

std::string printed(const DesignSheet& sheet, SheetFormat format) {
  if (format == SheetFormat::json) return as_json(sheet);
  return format == SheetFormat::csv ? as_csv(sheet) : as_text(sheet);
}

}  // namespace graftline::service
