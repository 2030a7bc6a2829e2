#pragma once
// An import for its own sake: what became of everything that was read.

#include <string>
#include <vector>

#include "core/result.h"

namespace graftline::service {

Result<std::string> import_report(const std::vector<std::string>& paths, const std::string& mapping_file,
                                  bool json, bool full);

// Every entry in the CSV long form, oldest first by patient: what graftline understood, to read or to import
// again.
Result<std::string> import_as_csv(const std::vector<std::string>& paths, const std::string& mapping_file);

}  // namespace graftline::service
