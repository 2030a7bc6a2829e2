#include "stats/data_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

namespace graftline::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Cell {
  std::string text;
  bool quoted = false;
};

// Reads one record at a time; a quoted cell may hold line breaks.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : rest_(text) {}
  bool at_end() const { return rest_.empty(); }
  int line() const { return line_; }

  Result<std::vector<Cell>> record() {
    std::vector<Cell> cells;
    for (;;) {
      Cell cell;
      if (!rest_.empty() && rest_.front() == '"') {
        if (!quoted(cell))
          return Error{ErrorKind::malformed_input, fmt::format("line {}: open quote", line_)};
      } else {
        const std::size_t end = std::min(rest_.find_first_of(",\r\n"), rest_.size());
        cell.text = std::string(rest_.substr(0, end));
        rest_.remove_prefix(end);
      }
      cells.push_back(std::move(cell));
      if (!rest_.empty() && rest_.front() == ',') {
        rest_.remove_prefix(1);
        continue;
      }
      if (!rest_.empty() && rest_.front() == '\r') rest_.remove_prefix(1);
      if (!rest_.empty() && rest_.front() != '\n')
        return Error{ErrorKind::malformed_input, fmt::format("line {}: text after a closing quote", line_)};
      if (!rest_.empty()) rest_.remove_prefix(1);
      ++line_;
      return cells;
    }
  }

 private:
  bool quoted(Cell& cell) {
    cell.quoted = true;
    rest_.remove_prefix(1);
    for (;;) {
      const std::size_t quote = rest_.find('"');
      if (quote == std::string_view::npos) return false;
      line_ += static_cast<int>(std::count(rest_.begin(), rest_.begin() + quote, '\n'));
      cell.text += rest_.substr(0, quote);
      rest_.remove_prefix(quote + 1);
      if (rest_.empty() || rest_.front() != '"') return true;
      cell.text += '"';
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
  int line_ = 1;
};

bool is_missing_cell(const Cell& cell) { return !cell.quoted && (cell.text.empty() || cell.text == "NA"); }

bool read_number(const std::string& text, double& value) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (begin != end && *begin == '+') ++begin;
  const auto [stop, error] = std::from_chars(begin, end, value);
  return error == std::errc() && stop == end;
}

Column column_of(const std::vector<Cell>& cells) {
  Column column;
  double value = 0.0;
  column.is_text = std::any_of(cells.begin(), cells.end(), [&value](const Cell& cell) {
    return !is_missing_cell(cell) && !read_number(cell.text, value);
  });
  for (const Cell& cell : cells) {
    const bool missing = is_missing_cell(cell);
    if (column.is_text) {
      column.text.push_back(missing ? "" : cell.text);
    } else {
      value = nan;
      if (!missing) read_number(cell.text, value);
      column.number.push_back(value);
    }
  }
  return column;
}

Result<std::vector<std::string>> header(CsvReader& reader) {
  if (reader.at_end()) return Error{ErrorKind::malformed_input, "line 1: no header"};
  auto cells = reader.record();
  if (!cells) return cells.error();
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (Cell& cell : *cells) {
    if (!seen.insert(cell.text).second)
      return Error{ErrorKind::malformed_input, fmt::format("line 1: column {} appears twice", cell.text)};
    names.push_back(std::move(cell.text));
  }
  return names;
}

}  // namespace

bool Column::is_missing(std::size_t row) const {
  return is_text ? text[row].empty() : std::isnan(number[row]);
}

Column number_column(std::vector<double> values) { return Column{false, std::move(values), {}}; }
Column text_column(std::vector<std::string> values) { return Column{true, {}, std::move(values)}; }

const Column* DataTable::find(std::string_view name) const {
  const auto found = columns.find(name);
  return found == columns.end() ? nullptr : &found->second;
}

Result<DataTable> parse_csv(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  CsvReader reader(text);
  auto names = header(reader);
  if (!names) return names.error();
  DataTable table;
  table.names = *names;
  std::vector<std::vector<Cell>> cells(table.names.size());
  while (!reader.at_end()) {
    const int line = reader.line();
    auto record = reader.record();
    if (!record) return record.error();
    if (record->size() == 1 && record->front().text.empty() && table.names.size() > 1)
      continue;  // an empty line
    if (record->size() != table.names.size())
      return Error{ErrorKind::malformed_input, fmt::format("line {}: {} cells where the header has {}", line,
                                                           record->size(), table.names.size())};
    for (std::size_t c = 0; c < cells.size(); ++c) cells[c].push_back(std::move((*record)[c]));
    ++table.rows;
  }
  for (std::size_t c = 0; c < cells.size(); ++c) table.columns[table.names[c]] = column_of(cells[c]);
  return table;
}

std::string label_of(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
  return fmt::format("{}", value);
}

Coded coded(const Column& column) {
  Coded result;
  if (column.is_text) {
    std::set<std::string> distinct(column.text.begin(), column.text.end());
    distinct.erase("");
    result.label.assign(distinct.begin(), distinct.end());
    for (const std::string& t : column.text) {
      const auto at = std::lower_bound(result.label.begin(), result.label.end(), t);
      result.code.push_back(t.empty() ? -1 : static_cast<int>(at - result.label.begin()));
    }
    return result;
  }
  for (double v : column.number)
    if (!std::isnan(v)) result.value.push_back(v);
  std::sort(result.value.begin(), result.value.end());
  result.value.erase(std::unique(result.value.begin(), result.value.end()), result.value.end());
  for (double v : result.value) result.label.push_back(label_of(v));
  for (double v : column.number) {
    const auto at = std::lower_bound(result.value.begin(), result.value.end(), v);
    result.code.push_back(std::isnan(v) ? -1 : static_cast<int>(at - result.value.begin()));
  }
  return result;
}

}  // namespace graftline::stats
