#pragma once
// Separated values as RFC 4180 writes them: quoted fields may hold separators, quotes ("" for ") and line
// breaks. Lines may end in LF or CR LF; a byte order mark is passed over.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "interop/source.h"

namespace graftline::interop::csv {

struct Row {
  std::size_t line = 0;  // on which the row begins, from 1
  std::vector<std::string> fields;
};

class Table {
 public:
  enum class Got : unsigned char { row, end, mistake };

  // Reads the header line; its separator (',', ';' or tab) is the one of the file.
  explicit Table(LineSource& source, std::size_t longest_row) : source_(&source), longest_(longest_row) {}

  // The next row; blank lines are passed over.
  //   mistake  the row cannot be read (not UTF-8, a quote that does not close, too long); `what` says why,
  //   and reading
  //            goes on with the next line
  Got next(Row& row, std::string& what);

  // As `next`, and fixes the separator.
  Got header(Row& row, std::string& what);
  char separator() const { return separator_; }

 private:
  LineSource* source_;
  std::size_t longest_;
  char separator_ = ',';
  bool is_first_ = true;
  bool is_over_ = false;  // the source broke: nothing more follows
};

}  // namespace graftline::interop::csv
