#include "stats/data_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <set>
#include <unordered_map>

namespace graftline::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// One cell: a piece of the file, which is unquoted only when somebody wants its text.
struct Cell {
  std::string_view text;
  bool quoted = false;
  bool has_quote_inside = false;

  bool is_missing() const { return text.empty() || (!quoted && text == "NA"); }
  std::string unquoted() const {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
      result += text[i];
      if (has_quote_inside && text[i] == '"') ++i;
    }
    return result;
  }
};

std::string_view without_mark(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

char separator_of(std::string_view text) {
  std::array<std::size_t, 3> count{};
  constexpr std::string_view candidates = ",;\t";
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\n' || c == '\r') break;
    if (const auto at = candidates.find(c); at != std::string_view::npos) ++count[at];
  }
  return candidates[static_cast<std::size_t>(std::max_element(count.begin(), count.end()) - count.begin())];
}

// Walks the file a cell at a time; a quoted cell may hold line breaks.
class CellReader {
 public:
  explicit CellReader(std::string_view text)
      : at_(text.data()), end_(text.data() + text.size()), separator_(separator_of(text)) {}

  bool at_end() const { return at_ == end_; }
  std::uint32_t line() const { return line_; }
  const char* problem() const { return problem_; }

  // The next cell; `last_of_row` says whether it ends its row. False: the file is broken, see problem().
  bool next(Cell& cell, bool& last_of_row) {
    cell.quoted = cell.has_quote_inside = false;
    if (at_ != end_ && *at_ == '"') {
      if (!quoted(cell)) return false;
    } else {
      const char* begin = at_;
      while (at_ != end_ && *at_ != separator_ && *at_ != '\n' && *at_ != '\r') ++at_;
      cell.text = {begin, static_cast<std::size_t>(at_ - begin)};
    }
    last_of_row = at_ == end_ || *at_ != separator_;
    if (!last_of_row) {
      ++at_;
      return true;
    }
    if (at_ != end_ && *at_ == '\r') ++at_;
    if (at_ != end_ && *at_ == '\n') {
      ++at_;
    } else if (at_ != end_ && cell.quoted) {
      problem_ = "text after a closing quote";
      return false;
    }
    ++line_;
    return true;
  }

 private:
  bool quoted(Cell& cell) {
    cell.quoted = true;
    const char* begin = ++at_;
    for (;;) {
      const auto* quote =
          static_cast<const char*>(std::memchr(at_, '"', static_cast<std::size_t>(end_ - at_)));
      if (quote == nullptr) {
        problem_ = "open quote";
        return false;
      }
      line_ += static_cast<std::uint32_t>(std::count(at_, quote, '\n'));
      at_ = quote + 1;
      if (at_ == end_ || *at_ != '"') break;
      cell.has_quote_inside = true;
      ++at_;
    }
    cell.text = {begin, static_cast<std::size_t>(at_ - 1 - begin)};
    return true;
  }

  const char* at_;
  const char* end_;
  char separator_;
  std::uint32_t line_ = 1;
  const char* problem_ = "";
};

bool read_number(std::string_view text, double& value) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  while (begin != end && *begin == ' ') ++begin;
  while (end != begin && end[-1] == ' ') --end;
  if (begin != end && *begin == '+') ++begin;
  // Most cells are short whole numbers.
  if (end - begin > 0 && end - begin <= 15) {
    std::int64_t whole = 0;
    const char* digit = begin;
    while (digit != end && *digit >= '0' && *digit <= '9') whole = whole * 10 + (*digit++ - '0');
    if (digit == end) {
      value = static_cast<double>(whole);
      return true;
    }
  }
  const auto [stop, error] = std::from_chars(begin, end, value);
  return error == std::errc() && stop == end && begin != end;
}

Error broken(const CellReader& reader) {
  return Error{ErrorKind::malformed_input, fmt::format("line {}: {}", reader.line(), reader.problem())};
}

Result<std::vector<std::string>> header(CellReader& reader) {
  if (reader.at_end()) return Error{ErrorKind::malformed_input, "line 1: no header"};
  std::vector<std::string> names;
  std::set<std::string> seen;
  Cell cell;
  for (bool last = false; !last;) {
    if (!reader.next(cell, last)) return broken(reader);
    names.push_back(cell.unquoted());
    if (!seen.insert(names.back()).second)
      return Error{ErrorKind::malformed_input, fmt::format("line 1: column {} appears twice", names.back())};
  }
  return names;
}

// A column while the file is read: numbers as long as every cell is one.
struct Draft {
  bool wanted = true;
  bool numbers_only = true;
  Column column;
  std::unordered_map<std::string, std::uint32_t> word_of;  // filled on the second pass

  void take_number(const Cell& cell, std::size_t row) {
    double value = nan;
    if (!cell.is_missing()) {
      if (read_number(cell.text, value)) {
        ++column.n_numbers;
      } else if (numbers_only) {
        numbers_only = false;
        column.first_text_row = row;
      }
    }
    if (numbers_only) column.number.push_back(value);
  }
  void take_text(const Cell& cell) {
    if (cell.is_missing()) {
      column.word.push_back(0);
      return;
    }
    key_.assign(cell.text);
    if (cell.has_quote_inside) key_ = cell.unquoted();
    const auto [at, is_new] = word_of.try_emplace(key_, static_cast<std::uint32_t>(column.words.size()));
    if (is_new) column.words.push_back(key_);
    column.word.push_back(at->second);
  }

 private:
  std::string key_;
};

// Reads every row and hands each wanted cell on: take(column, cell, row).
template <class Take>
std::optional<Error> each_cell(CellReader& reader, std::vector<Draft>& drafts, DataTable& table,
                               bool counting, Take take) {
  Cell cell;
  std::size_t row = 0;
  while (!reader.at_end()) {
    const std::uint32_t line = reader.line();
    std::size_t c = 0;
    for (bool last = false; !last; ++c) {
      if (!reader.next(cell, last)) return broken(reader);
      if (c == 0 && last && cell.text.empty() && !cell.quoted && drafts.size() > 1) {
        c = drafts.size();  // an empty line
        break;
      }
      if (c < drafts.size() && drafts[c].wanted) take(drafts[c], cell, row);
      if (last && c + 1 != drafts.size())
        return Error{ErrorKind::malformed_input,
                     fmt::format("line {}: {} cells where the header has {}", line, c + 1, drafts.size())};
      if (last && counting) {
        if (line != row + 2 && table.lines.empty()) {
          table.lines.resize(row);
          for (std::size_t r = 0; r < row; ++r) table.lines[r] = static_cast<std::uint32_t>(r + 2);
        }
        if (line != row + 2 || !table.lines.empty()) table.lines.push_back(line);
      }
      if (last) ++row;
    }
  }
  if (counting) table.rows = row;
  return std::nullopt;
}

// The order of the Unicode collation root, in which R sorts the levels of a factor: blanks, punctuation,
// digits, letters; capitals count only between words that are otherwise alike. Beyond ASCII by byte.
struct Alphabetical {
  static int place(char c) {
    constexpr std::string_view before_letters = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789";
    const auto byte = static_cast<unsigned char>(c);
    const auto at = before_letters.find(c);
    if (at != std::string_view::npos) return static_cast<int>(at);
    if (byte >= 'A' && byte <= 'Z') return 100 + byte - 'A' + 'a';
    return 100 + byte;
  }
  bool operator()(const std::string& a, const std::string& b) const {
    const auto less = [](char x, char y) { return place(x) < place(y); };
    if (std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), less)) return true;
    if (std::lexicographical_compare(b.begin(), b.end(), a.begin(), a.end(), less)) return false;
    return b < a;  // small letters, which have the larger bytes, come first
  }
};

}  // namespace

bool Column::is_missing(std::size_t row) const {
  return is_text ? words[word[row]].empty() : std::isnan(number[row]);
}

void Column::add_word(std::string_view text) {
  is_text = true;
  if (words.empty()) words.emplace_back();
  const auto at = std::find(words.begin(), words.end(), text);
  word.push_back(static_cast<std::uint32_t>(at - words.begin()));
  if (at == words.end()) words.emplace_back(text);
}

Column number_column(std::vector<double> values) {
  Column column;
  column.number = std::move(values);
  return column;
}

Column text_column(const std::vector<std::string>& values) {
  Column column;
  column.is_text = true;
  column.words.emplace_back();
  std::unordered_map<std::string_view, std::uint32_t> word_of{{"", 0}};
  for (const std::string& value : values) {
    const auto [at, is_new] = word_of.try_emplace(value, static_cast<std::uint32_t>(column.words.size()));
    if (is_new) column.words.push_back(value);
    column.word.push_back(at->second);
  }
  return column;
}

Column selected(const Column& column, std::span<const std::size_t> rows) {
  Column part;
  part.is_text = column.is_text;
  part.words = column.words;
  for (const std::size_t row : rows)
    column.is_text ? part.word.push_back(column.word[row]) : part.number.push_back(column.number[row]);
  return part;
}

const Column* DataTable::find(std::string_view name) const {
  const auto found = columns.find(name);
  return found == columns.end() ? nullptr : &found->second;
}

Result<std::vector<std::string>> csv_header(std::string_view text) {
  CellReader reader(without_mark(text));
  return header(reader);
}

Result<DataTable> parse_csv(std::string_view text, std::span<const std::string> only) {
  text = without_mark(text);
  CellReader reader(text);
  auto names = header(reader);
  if (!names) return names.error();
  std::vector<Draft> drafts(names->size());
  for (std::size_t c = 0; c < drafts.size() && !only.empty(); ++c)
    drafts[c].wanted = std::find(only.begin(), only.end(), (*names)[c]) != only.end();
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  for (Draft& draft : drafts)
    if (draft.wanted) draft.column.number.reserve(lines);
  DataTable table;
  const auto numbers = [](Draft& draft, const Cell& cell, std::size_t row) { draft.take_number(cell, row); };
  if (const auto problem = each_cell(reader, drafts, table, true, numbers)) return *problem;
  bool any_text = false;
  for (Draft& draft : drafts) {
    draft.wanted = draft.wanted && !draft.numbers_only;
    if (!draft.wanted) continue;
    any_text = true;
    draft.column.is_text = true;
    draft.column.number = {};
    draft.column.words.emplace_back();
    draft.column.word.reserve(table.rows);
  }
  if (any_text) {
    CellReader again(text);
    auto passed = header(again);
    const auto texts = [](Draft& draft, const Cell& cell, std::size_t) { draft.take_text(cell); };
    if (const auto problem = each_cell(again, drafts, table, false, texts)) return *problem;
  }
  table.names = *names;
  for (std::size_t c = 0; c < drafts.size(); ++c) {
    if (!only.empty() && std::find(only.begin(), only.end(), (*names)[c]) == only.end()) continue;
    table.columns.emplace((*names)[c], std::move(drafts[c].column));
  }
  return table;
}

std::string label_of(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
  return fmt::format("{}", value);
}

Coded coded(const Column& column) {
  Coded result;
  if (column.is_text) {
    std::set<std::string, Alphabetical> distinct;
    std::vector<bool> used(column.words.size(), false);
    for (const std::uint32_t w : column.word) used[w] = true;
    for (std::size_t w = 0; w < used.size(); ++w)
      if (used[w] && !column.words[w].empty()) distinct.insert(column.words[w]);
    result.label.assign(distinct.begin(), distinct.end());
    std::vector<int> code_of(column.words.size(), -1);
    for (std::size_t w = 0; w < code_of.size(); ++w) {
      const auto at =
          std::lower_bound(result.label.begin(), result.label.end(), column.words[w], Alphabetical());
      if (at != result.label.end() && *at == column.words[w] && !column.words[w].empty())
        code_of[w] = static_cast<int>(at - result.label.begin());
    }
    result.code.reserve(column.word.size());
    for (const std::uint32_t w : column.word) result.code.push_back(code_of[w]);
    return result;
  }
  // Sorting every row would cost far more than the few distinct values that a group has.
  std::set<double> distinct;
  double last = nan;
  for (const double v : column.number) {
    if (std::isnan(v) || v == last) continue;
    last = v;
    if (distinct.size() <= 1000) distinct.insert(v);
  }
  if (distinct.size() <= 1000) {
    result.value.assign(distinct.begin(), distinct.end());
  } else {
    for (const double v : column.number)
      if (!std::isnan(v)) result.value.push_back(v);
    std::sort(result.value.begin(), result.value.end());
    result.value.erase(std::unique(result.value.begin(), result.value.end()), result.value.end());
  }
  for (const double v : result.value) result.label.push_back(label_of(v));
  result.code.reserve(column.number.size());
  for (const double v : column.number) {
    const auto at = std::lower_bound(result.value.begin(), result.value.end(), v);
    result.code.push_back(std::isnan(v) ? -1 : static_cast<int>(at - result.value.begin()));
  }
  return result;
}

}  // namespace graftline::stats
