#include "interop/csv/stock.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "core/suggestion.h"
#include "interop/csv/table.h"
#include "interop/csv/writer.h"
#include "interop/source.h"

namespace graftline::interop::csv {
namespace {

constexpr std::size_t longest_row = 1 << 20;
constexpr std::size_t most_mistakes = 20;

class Mistakes {
 public:
  explicit Mistakes(std::string_view file) : file_(file) {}
  void add(std::size_t line, const std::string& what) {
    ++count_;
    if (count_ <= most_mistakes)
      text_ += fmt::format("{}{}:{}: {}", text_.empty() ? "" : "\n", file_, line, what);
  }
  std::optional<Error> error() const {
    if (count_ == 0) return std::nullopt;
    const std::string more =
        count_ > most_mistakes ? fmt::format("\nand {} more", count_ - most_mistakes) : "";
    return Error{ErrorKind::malformed_input, text_ + more};
  }

 private:
  std::string file_;
  std::string text_;
  std::size_t count_ = 0;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

const product::BagColumn* column_of(std::string_view name) {
  for (const product::BagColumn& column : product::bag_columns()) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

std::vector<std::string> column_names() {
  std::vector<std::string> names;
  for (const product::BagColumn& column : product::bag_columns()) names.emplace_back(column.name);
  return names;
}

// Which column each field of the header is; null: not ours.
std::vector<const product::BagColumn*> columns_of(const Row& header, StockFile& stock, Mistakes& mistakes) {
  std::vector<const product::BagColumn*> columns;
  for (const std::string& field : header.fields) {
    const product::BagColumn* column = column_of(trimmed(field));
    if (column == nullptr) {
      const auto closest = closest_name(trimmed(field), column_names());
      stock.ignored_columns.push_back(closest ? fmt::format("{} (did you mean {}?)", field, *closest)
                                              : field);
    } else if (std::find(columns.begin(), columns.end(), column) != columns.end()) {
      mistakes.add(header.line, fmt::format("column {} stands twice", column->name));
    }
    columns.push_back(column);
  }
  for (const product::BagColumn& column : product::bag_columns()) {
    if (column.is_required && std::find(columns.begin(), columns.end(), &column) == columns.end())
      mistakes.add(header.line, fmt::format("column {} is missing: {}", column.name, column.meaning));
  }
  return columns;
}

// The line on which each name was read first.
using Lines = std::map<std::string, std::size_t, std::less<>>;

void read_bag(const Row& row, const std::vector<const product::BagColumn*>& columns, StockFile& stock,
              Lines& lines, Mistakes& mistakes) {
  if (row.fields.size() != columns.size()) {
    mistakes.add(row.line,
                 fmt::format("{} fields, and the header has {}", row.fields.size(), columns.size()));
    return;
  }
  product::Bag bag;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const product::BagColumn* column = columns[i];
    const std::string& field = row.fields[i];
    if (column == nullptr) continue;
    if (field.empty()) {
      if (column->is_required)
        mistakes.add(row.line, fmt::format("{} is empty: {}", column->name, column->meaning));
      continue;
    }
    std::string expected = column->set(bag, field);
    if (!expected.empty() && trimmed(field) != field) {
      expected = trimmed(field).empty() ? "" : column->set(bag, trimmed(field));
    }
    if (!expected.empty()) mistakes.add(row.line, fmt::format("{}: expected {}", column->name, expected));
  }
  const auto [first, is_new] = lines.emplace(bag.id, row.line);
  if (!is_new && !bag.id.empty())
    mistakes.add(row.line, fmt::format("bag {} stands on line {} already", bag.id, first->second));
  stock.bags.push_back(std::move(bag));
}

Result<StockFile> read(LineSource& source, std::string_view file) {
  Table table(source, longest_row);
  Mistakes mistakes(file);
  StockFile stock;
  Row row;
  std::string what;
  switch (table.header(row, what)) {
    case Table::Got::end:
      return Error{ErrorKind::malformed_input,
                   fmt::format("{}:1: expected a header: {}", file, fmt::join(column_names(), ","))};
    case Table::Got::mistake:
      return Error{ErrorKind::malformed_input, fmt::format("{}:1: {}", file, what)};
    case Table::Got::row:
      break;
  }
  const auto columns = columns_of(row, stock, mistakes);
  if (auto error = mistakes.error()) return *error;
  Lines lines;
  for (;;) {
    const auto got = table.next(row, what);
    if (got == Table::Got::end) break;
    if (got == Table::Got::mistake) {
      mistakes.add(row.line, what);
    } else {
      read_bag(row, columns, stock, lines, mistakes);
    }
  }
  if (auto error = mistakes.error()) return *error;
  return stock;
}

}  // namespace

Result<StockFile> parse_stock(std::string_view text, std::string_view file) {
  LineSource source = LineSource::of(text, longest_row);
  return read(source, file);
}

Result<StockFile> read_stock_file(const std::string& path) {
  auto source = LineSource::open(path, longest_row);
  if (!source) return source.error();
  return read(*source, path);
}

std::string stock_csv(const std::vector<product::Bag>& bags) {
  std::string out = fmt::format("{}\n", fmt::join(column_names(), ","));
  for (const product::Bag& bag : bags) {
    bool is_first = true;
    for (const product::BagColumn& column : product::bag_columns()) {
      out += (is_first ? "" : ",") + field(column.get(bag));
      is_first = false;
    }
    out += "\n";
  }
  return out;
}

Result<product::ProductNames> read_product_names(const std::string& path) {
  auto source = LineSource::open(path, longest_row);
  if (!source) return source.error();
  Table table(*source, longest_row);
  Row row;
  std::string what;
  const Error no_header{ErrorKind::malformed_input,
                        fmt::format("{}:1: expected the columns code,name", path)};
  if (table.header(row, what) != Table::Got::row || row.fields != std::vector<std::string>{"code", "name"})
    return no_header;
  product::ProductNames names;
  Lines lines;
  for (;;) {
    const auto got = table.next(row, what);
    if (got == Table::Got::end) return names;
    if (got == Table::Got::mistake)
      return Error{ErrorKind::malformed_input, fmt::format("{}:{}: {}", path, row.line, what)};
    if (row.fields.size() != 2 || row.fields[0].size() != 5)
      return Error{
          ErrorKind::malformed_input,
          fmt::format("{}:{}: expected a description code of five characters and its name", path, row.line)};
    if (!names.emplace(row.fields[0], row.fields[1]).second)
      return Error{ErrorKind::malformed_input, fmt::format("{}:{}: the code stands twice", path, row.line)};
  }
}

}  // namespace graftline::interop::csv
