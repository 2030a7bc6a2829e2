#pragma once
// Bytes from outside: files, gzip, directories, lines of bounded length.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace graftline::interop {

// The files that paths mean, in a fixed order: as given, and below a directory by name.
// errors  not_found: a path that is not there
Result<std::vector<std::string>> files_of(const std::vector<std::string>& paths);

// "labs.csv" of "export/labs.csv.gz".
std::string base_name_without_gz(std::string_view path);

// Reads a file, unpacking gzip, a line at a time. Only the line being looked at is in memory.
class LineSource {
 public:
  enum class Got : unsigned char { line, end, too_long, broken };

  // errors  not_found: it cannot be opened
  static Result<LineSource> open(const std::string& path, std::size_t longest_line);
  // Only the lines that begin in bytes [begin, end) of a file that is not packed.
  static Result<LineSource> open(const std::string& path, std::size_t begin, std::size_t end,
                                 std::size_t longest_line);
  // The bytes themselves, which must outlive the source.
  static LineSource of(std::string_view bytes, std::size_t longest_line);

  LineSource(LineSource&&) noexcept;
  LineSource& operator=(LineSource&&) noexcept;
  ~LineSource();

  // The next line without its end ("\n", "\r\n"). Followed by at least 64 readable bytes.
  //   too_long  the line is longer than allowed; the rest of it is passed over
  //   broken    the gzip stream is damaged or cut short, or reading failed: nothing more follows
  Got next(std::string_view& line);

  // The last line, not too long, will be the next one again.
  void unread();

  // Everything from the start of the last line to the end of the file, as one piece (`too_long` when longer
  // than allowed). For documents that are spread over lines.
  Got rest(std::string_view& document);

  std::size_t line_number()
      const;  // of the last line, from 1 (in the file, or in the part of it that was opened)
  std::size_t bytes_read() const;

 private:
  struct State;
  explicit LineSource(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// What a file's first bytes say that cannot be read as UTF-8 text; empty when nothing speaks against it.
//   "UTF-16", "UTF-32", "a ZIP archive (xlsx?)", "a PDF"
std::string_view foreign_encoding(std::string_view first_bytes);

// Without the byte order mark that some programs write before UTF-8.
std::string_view without_byte_order_mark(std::string_view text);

}  // namespace graftline::interop
