#pragma once
// Made-up patients for tests of this module and those above: whatever a record can say about the facts named,
// well and badly recorded, on days that lie close together so that entries meet.

#include <cstdint>
#include <vector>

#include "record/timeline.h"

namespace graftline::record {

struct RandomPatientOptions {
  std::vector<FactId> facts;      // that may occur
  std::vector<Quantity> numbers;  // values that rules compare with: entries lie on and beside them
  Day today;                      // days scatter before it, a few after
  // Out of a hundred entries, so many are odd: imprecise dates, other units, comparators, statuses,
  // corrections.
  int odd_percent = 25;
};

// The same seed gives the same patient, everywhere. Arranged.
Timeline random_patient(std::uint64_t seed, const RandomPatientOptions& options);

}  // namespace graftline::record
