#pragma once
// Made-up patients after a transplant as FHIR R4 bundles, for measuring and trying out: with the gaps that
// real exports have. They resemble nobody, and their numbers are no epidemiology.
//
// Patient i of a seed is the same text on every machine, whoever makes the patients before it.

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/date.h"

namespace graftline::interop::fhir {

struct SyntheticOptions {
  std::uint64_t seed = 1;
  Day as_of;       // the day the records were taken; everything lies before it
  int draws = 12;  // of each laboratory value; 12 makes about 125 resources, 1 about 30
  bool gaps =
      true;  // missing results and dates, years for dates, values without unit, "<5", withdrawn results
};

// Appends one bundle as one line of NDJSON, with its line end.
void append_synthetic_bundle(const SyntheticOptions& options, std::size_t patient, std::string& out);

}  // namespace graftline::interop::fhir
