#pragma once
// CSV -> entries: the long form (one row per value) and wide tables (one row per patient and visit, by
// mapping).

#include <optional>
#include <string>
#include <vector>

#include "interop/csv/table.h"
#include "interop/gather.h"
#include "interop/ledger.h"
#include "interop/value.h"

namespace graftline::interop::csv {

class CsvReader {
 public:
  CsvReader(ValueReader& values, Ledger& ledger, Gatherer& gatherer)
      : values_(&values), ledger_(&ledger), gatherer_(&gatherer) {}

  // Reads a table to its end. `file` names it in origins.
  void read(Table& table, const std::string& file);

 private:
  void read_long(Table& table, const std::vector<std::string>& header);
  void read_wide(Table& table, const std::vector<std::string>& header);

  ValueReader* values_;
  Ledger* ledger_;
  Gatherer* gatherer_;
  std::string file_;
};

// "column 4 (value)".
std::string column_name(std::size_t index, std::string_view name);

// What became of a row's status word.
struct RowStatus {
  record::Standing standing = record::Standing::final;
  bool is_known = true;  // false: the value may not stand
  bool is_not_done = false;
  std::string ignored_because;
};
RowStatus status_of(std::string_view word);

}  // namespace graftline::interop::csv
