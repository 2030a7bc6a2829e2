#pragma once
// Tries the UCUM implementation on a published suite: files in the layout of ucum-functional-tests.json.

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"

namespace graftline {

struct UcumCount {
  std::string kind;  // "validation", "displayNameGeneration", "conversion", "multiplication", "division"
  int passed = 0;
  int failed = 0;
};

struct UcumFailure {
  std::string kind;
  std::string id;
  std::string expected;
  std::string got;
};

struct UcumReport {
  std::vector<UcumCount> counts;  // one a kind, in the order above
  std::vector<UcumFailure> failures;
  std::vector<std::string> files;    // those that were tried
  std::vector<std::string> skipped;  // JSON files of another layout
};

// Every *.json file of the directory that holds at least one list of cases. A number agrees when it equals
// the printed outcome to the figures shown: half a unit of the last decimal; without decimals exactly, or
// when the input has a point, half a unit of the last figure that is not 0. An empty unit is the unit 1, as
// the suite has it. errors  not_found: no such directory, or no such file in it; malformed_input: a file that
// is not JSON
Result<UcumReport> validate_ucum_directory(const std::filesystem::path& directory);

}  // namespace graftline
