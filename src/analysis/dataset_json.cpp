#include "analysis/dataset_json.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

namespace graftline::analysis {
namespace {

using Json = nlohmann::json;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr int deepest = 64;

Error broken(const std::string& why) { return Error{ErrorKind::malformed_input, "Dataset-JSON: " + why}; }

// Nested deeper than any data set is: refused before a recursive parser sees it.
bool too_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      if (++depth > deepest) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

struct Item {
  std::string name;
  bool is_text = true;
};

Result<std::vector<Item>> items_of(const Json& document) {
  const auto columns = document.find("columns");
  if (columns == document.end() || !columns->is_array() || columns->empty()) return broken("no columns");
  std::vector<Item> items;
  std::set<std::string> seen;
  for (const Json& column : *columns) {
    if (!column.is_object() || !column.contains("name") || !column["name"].is_string())
      return broken(fmt::format("column {} has no name", items.size() + 1));
    Item item{column["name"].get<std::string>(), true};
    if (!seen.insert(item.name).second) return broken(fmt::format("column {} appears twice", item.name));
    const auto type = column.find("dataType");
    const std::string word = type != column.end() && type->is_string() ? type->get<std::string>() : "string";
    item.is_text =
        word != "integer" && word != "decimal" && word != "float" && word != "double" && word != "boolean";
    items.push_back(std::move(item));
  }
  return items;
}

bool read_number(const std::string& text, double& value) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && stop == text.data() + text.size();
}

// A column while rows are read.
struct Cells {
  std::vector<std::string> text;
  std::vector<double> number;
};

std::optional<Error> add_row(const Json& row, const std::vector<Item>& items, std::size_t number,
                             std::vector<Cells>& columns) {
  if (!row.is_array() || row.size() != items.size())
    return Error{ErrorKind::out_of_range,
                 fmt::format("Dataset-JSON: row {}: {} values where there are {} columns", number,
                             row.is_array() ? row.size() : 0, items.size())};
  for (std::size_t c = 0; c < items.size(); ++c) {
    const Json& cell = row[c];
    if (items[c].is_text) {
      columns[c].text.push_back(cell.is_string() ? cell.get<std::string>()
                                : cell.is_null() ? std::string()
                                                 : cell.dump());
      continue;
    }
    double value = nan;
    if (cell.is_number())
      value = cell.get<double>();
    else if (cell.is_boolean())
      value = cell.get<bool>() ? 1.0 : 0.0;
    else if (cell.is_string() && !cell.get_ref<const std::string&>().empty()) {
      if (!read_number(cell.get_ref<const std::string&>(), value))
        return broken(
            fmt::format("row {}, column {}: text where a number is expected", number, items[c].name));
    } else if (!cell.is_null() && !cell.is_string())
      return broken(fmt::format("row {}, column {}: not a value", number, items[c].name));
    columns[c].number.push_back(value);
  }
  return std::nullopt;
}

}  // namespace

bool looks_like_dataset_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != std::string_view::npos && text[first] == '{' &&
         text.substr(first, 65536).find("\"datasetJSON") != std::string_view::npos;
}

Result<stats::DataTable> parse_dataset_json(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (too_deep(text)) return broken(fmt::format("nested more than {} levels", deepest));
  // The first line alone is a document in the NDJSON form.
  const std::size_t line_end = std::min(text.find('\n'), text.size());
  Json document = Json::parse(text.substr(0, line_end), nullptr, false);
  const bool by_lines = document.is_object() && document.contains("columns") && !document.contains("rows");
  if (!by_lines) document = Json::parse(text, nullptr, false);
  if (!document.is_object()) return broken("not a JSON object");
  if (!document.contains("datasetJSONVersion")) return broken("no datasetJSONVersion");
  const auto items = items_of(document);
  if (!items) return items.error();
  std::vector<Cells> columns(items->size());
  stats::DataTable table;
  if (by_lines) {
    std::size_t at = line_end;
    std::uint32_t line = 1;
    while (at < text.size()) {
      const std::size_t begin = at + 1;
      at = std::min(text.find('\n', begin), text.size());
      ++line;
      const std::string_view one = text.substr(std::min(begin, text.size()), at - std::min(begin, at));
      if (one.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      const Json row = Json::parse(one, nullptr, false);
      if (const auto problem = add_row(row, *items, table.rows + 1, columns)) return *problem;
      ++table.rows;
      table.lines.push_back(line);
    }
  } else {
    const auto rows = document.find("rows");
    if (rows == document.end() || !rows->is_array()) return broken("no rows");
    for (const Json& row : *rows) {
      if (const auto problem = add_row(row, *items, table.rows + 1, columns)) return *problem;
      ++table.rows;
      table.lines.push_back(static_cast<std::uint32_t>(table.rows));  // rows have no line of their own
    }
  }
  for (std::size_t c = 0; c < columns.size(); ++c) {
    table.names.push_back((*items)[c].name);
    table.columns.emplace((*items)[c].name, (*items)[c].is_text
                                                ? stats::text_column(columns[c].text)
                                                : stats::number_column(std::move(columns[c].number)));
  }
  return table;
}

}  // namespace graftline::analysis
