#include "report/dataset_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace graftline::report {
namespace {

using Json = nlohmann::ordered_json;

Json value_of(const analysis::Value& value, DatasetType type) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (text->empty()) return nullptr;
    return *text;
  }
  const auto* number = std::get_if<double>(&value);
  if (number == nullptr || !std::isfinite(*number)) return nullptr;
  if (type == DatasetType::integer) return static_cast<std::int64_t>(*number);
  return *number;
}

Json header(const Dataset& dataset) {
  Json columns = Json::array();
  for (std::size_t c = 0; c < dataset.columns.size(); ++c) {
    const DatasetColumn& column = dataset.columns[c];
    Json one{{"itemOID", fmt::format("IT.{}.{}", dataset.name, column.name)},
             {"name", column.name},
             {"label", column.label}};
    switch (column.type) {
      case DatasetType::text: {
        std::size_t length = 1;
        for (const auto& row : dataset.rows)
          if (const auto* text = std::get_if<std::string>(&row[c])) length = std::max(length, text->size());
        one["dataType"] = "string";
        one["length"] = length;
        break;
      }
      case DatasetType::integer:
        one["dataType"] = "integer";
        break;
      case DatasetType::number:
        one["dataType"] = "double";
        break;
      case DatasetType::date:
        one["dataType"] = "date";
        one["targetDataType"] = "integer";
        one["displayFormat"] = "DATE9.";
        break;
    }
    if (column.key > 0) one["keySequence"] = column.key;
    columns.push_back(std::move(one));
  }
  Json head{{"datasetJSONCreationDateTime", dataset.made_at},
            {"datasetJSONVersion", "1.1.0"},
            {"originator", "graftline"},
            {"sourceSystem", {{"name", "graftline"}, {"version", dataset.version}}}};
  if (!dataset.study.empty()) head["studyOID"] = dataset.study;
  head["itemGroupOID"] = fmt::format("IG.{}", dataset.name);
  head["records"] = dataset.rows.size();
  head["name"] = dataset.name;
  head["label"] = dataset.label;
  head["columns"] = std::move(columns);
  return head;
}

Json row_of(const Dataset& dataset, const std::vector<analysis::Value>& row) {
  Json one = Json::array();
  for (std::size_t c = 0; c < row.size(); ++c) one.push_back(value_of(row[c], dataset.columns[c].type));
  return one;
}

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

std::string to_dataset_json(const Dataset& dataset) {
  // One row a line: a diff shows which patient changed.
  std::string text = header(dataset).dump(1, ' ', false, Json::error_handler_t::replace);
  text.resize(text.find_last_of('}'));
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  text += ",\n \"rows\": [";
  for (std::size_t r = 0; r < dataset.rows.size(); ++r)
    text += (r == 0 ? "\n  " : ",\n  ") + dumped(row_of(dataset, dataset.rows[r]));
  return text + "\n ]\n}\n";
}

std::string to_dataset_ndjson(const Dataset& dataset) {
  std::string text = dumped(header(dataset)) + "\n";
  for (const auto& row : dataset.rows) text += dumped(row_of(dataset, row)) + "\n";
  return text;
}

std::string to_dataset_csv(const Dataset& dataset) {
  std::string text;
  for (std::size_t c = 0; c < dataset.columns.size(); ++c)
    text += (c == 0 ? "" : ",") + std::string(dataset.columns[c].name);
  text += "\n";
  for (const auto& row : dataset.rows) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (c > 0) text += ",";
      if (const auto* words = std::get_if<std::string>(&row[c])) text += csv_field(*words);
      if (const auto* number = std::get_if<double>(&row[c])) text += fmt::format("{}", *number);
    }
    text += "\n";
  }
  return text;
}

}  // namespace graftline::report
