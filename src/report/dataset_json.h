#pragma once
// Rows as CDISC Dataset-JSON 1.1, one document or NDJSON.
//
//   source   CDISC Dataset-JSON v1.1, 2024-12-05

#include <string>
#include <string_view>
#include <vector>

#include "analysis/result.h"

namespace graftline::report {

enum class DatasetType : unsigned char { text, integer, number, date };

struct DatasetColumn {
  std::string_view name;
  std::string_view label;
  DatasetType type = DatasetType::text;
  int key = 0;  // place in the key, from 1; 0: not part of it
};

struct Dataset {
  std::string_view name;  // "ADTTE"
  std::string_view label;
  std::string study;    // empty: left out
  std::string made_at;  // ISO 8601 date and time
  std::string version;  // of this program
  std::vector<DatasetColumn> columns;
  std::vector<std::vector<analysis::Value>> rows;  // monostate becomes null
};

std::string to_dataset_json(const Dataset& dataset);
std::string to_dataset_ndjson(const Dataset& dataset);
std::string to_dataset_csv(const Dataset& dataset);

}  // namespace graftline::report
