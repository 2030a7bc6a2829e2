#pragma once
// Made-up cohorts.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/date.h"
#include "core/result.h"

namespace graftline::service {

struct GenerateCohort {
  std::size_t patients = 1000;
  std::uint64_t seed = 1;
  Day as_of;
  int draws = 12;  // of each laboratory value
  bool gaps = true;
  std::string output;  // NDJSON; empty: standard output
};

// One FHIR bundle a line; the same options give the same bytes on every machine. Memory: a few bundles.
// errors  conflict: the file cannot be written
std::optional<Error> generate_cohort(const GenerateCohort& options);

}  // namespace graftline::service
