#pragma once
// A rectangular table of named columns, as read from CSV: what a formula's names refer to.
//
// A column is text when any of its cells is no number (quotes alone do not make text); else it is numbers,
// with NaN where the cell is empty or NA. Text keeps "" for missing.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace graftline::stats {

struct Column {
  bool is_text = false;
  std::vector<double> number;     // one per row; NaN = missing. Of a text column: empty
  std::vector<std::string> text;  // one per row; "" = missing. Of a number column: empty

  std::size_t size() const { return is_text ? text.size() : number.size(); }
  bool is_missing(std::size_t row) const;
};

Column number_column(std::vector<double> values);
Column text_column(std::vector<std::string> values);

struct DataTable {
  std::vector<std::string> names;
  std::map<std::string, Column, std::less<>> columns;
  std::size_t rows = 0;

  const Column* find(std::string_view name) const;
};

// Comma-separated, first row names, double quotes with "" for a quote inside, CRLF accepted.
//   errors  malformed_input: no header, a name twice, a row of another length, an open quote; each with its
//   line
Result<DataTable> parse_csv(std::string_view text);

// Each row's place among the distinct values in sorted order (numbers by size, text by byte), 0-based; -1
// where missing.
struct Coded {
  std::vector<int> code;
  std::vector<std::string> label;  // of each code; whole numbers without a decimal point
  std::vector<double> value;       // of each code, for number columns
};
Coded coded(const Column& column);

// A number as it appears in labels: 3, 0.5.
std::string label_of(double value);

}  // namespace graftline::stats
