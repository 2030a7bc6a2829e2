#include "interop/csv/table.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

namespace graftline::interop::csv {

namespace {

std::string trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return std::string(text);
}

// Splits one logical row. False when a quote does not close within it: the row goes on in the next line.
bool split(std::string_view text, char separator, std::vector<std::string>& fields) {
  fields.clear();
  std::size_t at = 0;
  for (;;) {
    std::size_t start = at;
    while (start < text.size() && (text[start] == ' ')) ++start;
    if (start < text.size() && text[start] == '"') {
      std::string field;
      at = start + 1;
      for (;;) {
        if (at >= text.size()) return false;
        if (text[at] != '"') {
          field += text[at++];
        } else if (at + 1 < text.size() && text[at + 1] == '"') {
          field += '"';
          at += 2;
        } else {
          ++at;
          break;
        }
      }
      // Anything between the closing quote and the separator is kept, as spreadsheets do.
      const std::size_t end = std::min(text.find(separator, at), text.size());
      field += trimmed(text.substr(at, end - at));
      fields.push_back(std::move(field));
      at = end;
    } else {
      const std::size_t end = std::min(text.find(separator, at), text.size());
      fields.push_back(trimmed(text.substr(at, end - at)));
      at = end;
    }
    if (at >= text.size()) return true;
    ++at;  // the separator
    if (at == text.size()) {
      fields.emplace_back();
      return true;
    }
  }
}

}  // namespace

Table::Got Table::next(Row& row, std::string& what) {
  std::string joined;
  for (;;) {
    if (is_over_) return Got::end;
    std::string_view line;
    const auto got = source_->next(line);
    if (got == LineSource::Got::end) {
      if (joined.empty()) return Got::end;
      what = "a quote does not close";
      return Got::mistake;
    }
    if (got == LineSource::Got::broken) {
      is_over_ = true;
      row.line = source_->line_number();
      what = "the file is damaged or cut short";
      return Got::mistake;
    }
    if (joined.empty()) row.line = source_->line_number();
    if (got == LineSource::Got::too_long) {
      what = "line too long";
      return Got::mistake;
    }
    if (is_first_) {
      line = without_byte_order_mark(line);
      is_first_ = false;
    }
    if (joined.empty() && line.find_first_not_of(" \t") == line.npos) continue;
    if (!simdjson::validate_utf8(line.data(), line.size())) {
      what = "wrong encoding: not UTF-8";
      return Got::mistake;
    }
    joined.append(line);
    if (split(joined, separator_, row.fields)) return Got::row;
    joined += '\n';
    if (joined.size() > longest_) {
      what = "a quote does not close";
      return Got::mistake;
    }
  }
}

Table::Got Table::header(Row& row, std::string& what) {
  // One field by commas: perhaps another separator.
  const Got got = next(row, what);
  if (got != Got::row || row.fields.size() != 1) return got;
  for (const char separator : {';', '\t'}) {
    const std::string line = row.fields.front();
    if (line.find(separator) == line.npos) continue;
    separator_ = separator;
    split(line, separator, row.fields);
    break;
  }
  return got;
}

}  // namespace graftline::interop::csv
