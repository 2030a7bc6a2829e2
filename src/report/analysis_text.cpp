#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/analysis_document.h"

namespace graftline::report {
namespace {

using analysis::Kind;

// Four significant digits, without an exponent where that is readable.
std::string significant(double value) {
  if (value == 0.0) return "0";
  const double size = std::abs(value);
  if (size >= 1e6 || size < 1e-4) return fmt::format("{:.3e}", value);
  const int digits = std::max(0, 3 - static_cast<int>(std::floor(std::log10(size))));
  return fmt::format("{:.{}f}", value, digits);
}

// Columns as wide as their widest cell; a character of Chinese takes two.
std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t bytes = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    width += bytes >= 3 ? 2 : 1;
    i += bytes;
  }
  return width;
}

std::string padded(const std::string& text, std::size_t width, bool left) {
  const std::string blanks(width - std::min(width, width_of(text)), ' ');
  return left ? text + blanks : blanks + text;
}

// A column that says the same in every row (one group, no name) is not printed.
bool is_idle(const analysis::Table& table, std::size_t column) {
  return table.columns[column].kind == Kind::text && !table.rows.empty() &&
         std::all_of(table.rows.begin(), table.rows.end(), [column](const auto& row) {
           const auto* text = std::get_if<std::string>(&row[column]);
           return text != nullptr && text->empty();
         });
}

std::string table_text(const analysis::Table& table) {
  std::vector<std::size_t> columns;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (!is_idle(table, c)) columns.push_back(c);
  std::vector<std::size_t> width;
  for (const std::size_t c : columns) {
    std::size_t w = width_of(table.columns[c].name);
    for (const auto& row : table.rows) w = std::max(w, width_of(shown(row[c], table.columns[c].kind)));
    width.push_back(w);
  }
  std::string text = table.title + "\n";
  const auto line = [&](auto cell) {
    std::string one;
    for (std::size_t i = 0; i < columns.size(); ++i)
      one += (i == 0 ? "  " : "  ") +
             padded(cell(columns[i]), width[i], table.columns[columns[i]].kind == Kind::text);
    while (!one.empty() && one.back() == ' ') one.pop_back();
    text += one + "\n";
  };
  line([&](std::size_t c) { return table.columns[c].name; });
  std::string last_group;
  for (const auto& row : table.rows)
    line([&](std::size_t c) { return shown(row[c], table.columns[c].kind); });
  return text;
}

std::string wrapped(const std::string& text, std::size_t width) {
  std::string out;
  std::string line;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!line.empty() && width_of(line) + 1 + width_of(word) > width) {
      out += line + "\n  ";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
    at = end + 1;
  }
  return out + line + "\n";
}

}  // namespace

std::string shown(const analysis::Value& value, Kind kind) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (std::holds_alternative<std::monostate>(value)) return "-";
  const double x = std::get<double>(value);
  if (std::isinf(x)) return x < 0 ? "-Inf" : "Inf";
  switch (kind) {
    case Kind::count:
      return x == std::floor(x) ? fmt::format("{:.0f}", x) : fmt::format("{:.2f}", x);
    case Kind::time:
      return x == std::floor(x) ? fmt::format("{:.0f}", x) : fmt::format("{:.4g}", x);
    case Kind::probability:
      return fmt::format("{:.{}f}", x, x != 0.0 && std::abs(x) < 0.001 ? 5 : 3);
    case Kind::p_value:
      return x < 0.001 ? "<0.001" : fmt::format("{:.{}f}", x, x < 0.1 ? 4 : 3);
    case Kind::ratio:
      return x >= 1000.0 || (x != 0.0 && x < 0.001) ? fmt::format("{:.3g}", x) : fmt::format("{:.3f}", x);
    case Kind::number:
    case Kind::text:
      break;
  }
  return significant(x);
}

std::string to_text(const AnalysisDocument& document) {
  const analysis::Analysis& a = document.analysis;
  std::string text = fmt::format("{}{}\n", a.kind, a.formula.empty() ? "" : ": " + a.formula);
  text += fmt::format("{}: {} rows, {} analysed\n", document.file, a.rows_read, a.rows_analysed);
  for (const auto& m : a.missing)
    text += fmt::format("missing: {} in {} row{} (line{} {}{})\n", m.column, m.rows, m.rows == 1 ? "" : "s",
                        m.first_lines.size() == 1 ? "" : "s", fmt::join(m.first_lines, ", "),
                        m.rows > m.first_lines.size() ? ", ..." : "");
  for (const auto& table : a.tables) text += "\n" + table_text(table);
  if (!a.notes.empty()) text += "\nNotes\n";
  for (const auto& note : a.notes) text += "  " + wrapped(note, 110);
  text += "\nMethods\n";
  for (const auto& sentence : a.methods) text += "  " + wrapped(sentence, 110);
  text += fmt::format("\ngraftline {}, data sha256 {}\n", document.version, document.sha256);
  return text;
}

}  // namespace graftline::report
