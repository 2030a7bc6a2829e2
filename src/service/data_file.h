#pragma once
// A file of rows as a table for analysis: CSV (also gzipped), CDISC Dataset-JSON or its NDJSON form. What it
// is, its content tells.

#include <string>
#include <vector>

#include "core/result.h"
#include "stats/data_table.h"

namespace graftline::service {

struct DataFile {
  std::string name;    // without its folder
  std::string sha256;  // of its bytes
  stats::DataTable table;
};

//   only     columns wanted; the others are read past. Empty: all
//   errors   not_found: no such file, or it cannot be read; malformed_input: what is wrong, with file and
//   line memory   the file is mapped, not copied; the wanted columns
Result<DataFile> read_data_file(const std::string& path, const std::vector<std::string>& only);

}  // namespace graftline::service
