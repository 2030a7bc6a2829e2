#pragma once
// CDISC Dataset-JSON 1.1 as a table, in both its forms: one JSON document, or NDJSON (metadata, then
// a row per line).
//
//   decimals  may be text with dataType decimal; null and "" are missing
//   errors    malformed_input: not of the format, with the row (from 1) and column where it breaks;
//             out_of_range: a row of another length than the columns
//   cost      the document is parsed as a whole
//   source    CDISC Dataset-JSON v1.1, 2024-12-05

#include <string_view>

#include "stats/data_table.h"

namespace graftline::analysis {

bool looks_like_dataset_json(std::string_view text);
Result<stats::DataTable> parse_dataset_json(std::string_view text);

}  // namespace graftline::analysis
