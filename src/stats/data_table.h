#pragma once
// A rectangular table of named columns, as read from CSV: what a formula's names refer to.
//
// A column is text when any of its cells is no number (quotes alone do not make text); else it is numbers,
// with NaN where the cell is empty or NA. Text keeps each distinct word once; "" is missing.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace graftline::stats {

struct Column {
  bool is_text = false;
  std::vector<double> number;       // one per row; NaN = missing. Of a text column: empty
  std::vector<std::uint32_t> word;  // one per row: which of `words`; 0 = missing. Of a number column: empty
  std::vector<std::string> words;   // distinct, in order of appearance; words[0] is "" (missing)

  // Of a text column read from a file: how many cells are numbers, and the first row that is neither a number
  // nor missing. Many numbers and a little text is a mistake in the file rather than a factor.
  std::size_t n_numbers = 0;
  std::size_t first_text_row = 0;

  std::size_t size() const { return is_text ? word.size() : number.size(); }
  bool is_missing(std::size_t row) const;
  const std::string& text(std::size_t row) const { return words[word[row]]; }
  void add_word(std::string_view text);  // one more row of a text column; few distinct words are expected
};

Column number_column(std::vector<double> values);
Column text_column(const std::vector<std::string>& values);
// The rows asked for, in that order.
Column selected(const Column& column, std::span<const std::size_t> rows);

struct DataTable {
  std::vector<std::string> names;  // of all columns of the file, also of those that were not wanted
  std::map<std::string, Column, std::less<>> columns;
  std::size_t rows = 0;
  // Line of the file on which each row begins, from 1; empty: row r stands on line r + 2.
  std::vector<std::uint32_t> lines;

  const Column* find(std::string_view name) const;
  std::size_t line(std::size_t row) const { return lines.empty() ? row + 2 : lines[row]; }
};

// Separated by the comma, semicolon or tab that the first row (the names) has most of; double quotes with ""
// for a quote inside, CRLF and a byte order mark accepted, empty lines passed over.
//   only     the columns wanted; the others are read past. Empty: all. A name that is not there is not an
//            error
//   errors   malformed_input: no header, a name twice, a row of another length, an open quote, text after a
//            closing quote; each with its line
//   cost     O(bytes), twice where a column wanted is text; memory 8 bytes a cell of numbers, 4 of text
Result<DataTable> parse_csv(std::string_view text, std::span<const std::string> only = {});

// The names of the first row alone.
Result<std::vector<std::string>> csv_header(std::string_view text);

// Each row's place among the distinct values in sorted order (numbers by size; text as R does: punctuation,
// digits, letters, case last), 0-based; -1 where missing.
struct Coded {
  std::vector<int> code;
  std::vector<std::string> label;  // of each code; whole numbers without a decimal point
  std::vector<double> value;       // of each code, for number columns
};
Coded coded(const Column& column);

// A number as it appears in labels: 3, 0.5.
std::string label_of(double value);

}  // namespace graftline::stats
