#pragma once
// The files an import reads, and how a large one is divided.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace graftline::interop {

struct Input {
  std::string path;
  bool is_read =
      true;  // below a directory only files of a known ending are; one named by the caller always is
};

// errors  not_found: a path that is not there
Result<std::vector<Input>> inputs_of(const std::vector<std::string>& paths);

// By its name, without ".gz".
bool is_one_document_per_line(std::string_view name);

// A part of the input that can be read by itself: the lines of a file that begin in [begin, end), or a whole
// file.
struct Piece {
  std::string path;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_part = false;  // lines of a file; otherwise the whole of it
};

// In the order of the input. How it is divided depends on the files alone, not on who reads which part:
// NDJSON that is not packed in pieces of about `bytes`, every other file whole. errors  not_found
Result<std::vector<Piece>> pieces_of(const std::vector<std::string>& paths, std::size_t bytes);

}  // namespace graftline::interop
