#pragma once
// An import for its own sake: what became of everything that was read.

#include <optional>
#include <string>
#include <vector>

#include "core/date.h"
#include "core/result.h"

namespace graftline::service {

// read_on: the day the records were taken; what is dated after it is listed as future
Result<std::string> import_report(const std::vector<std::string>& paths, const std::string& mapping_file,
                                  std::optional<Day> read_on, bool json, bool full);

// Every entry in the CSV long form, oldest first by patient: what graftline understood, to read or to import
// again.
Result<std::string> import_as_csv(const std::vector<std::string>& paths, const std::string& mapping_file);

}  // namespace graftline::service
