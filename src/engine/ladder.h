#pragma once
// The doses of a protocol one after another, without asking whether they may be given: what cells are
// collected and frozen for.

#include <optional>
#include <string>
#include <vector>

#include "engine/decision.h"
#include "record/view.h"

namespace graftline::engine {

struct LadderStep {
  int level = 1;
  std::optional<Dose> dose;
  std::string gap;               // why there is none; the ladder ends here
  std::vector<Missing> missing;  // what would have to be known of the patient
};

// From level 1, each step from the one before, to the end of the table, the number of infusions, or the first
// gap. A view of an empty timeline asks what the protocol says to anybody.
//   errors  not_found: the protocol has several strategies and the settings name none, or none of that name
Result<std::vector<LadderStep>> ladder(const protocol::Protocol& protocol, const record::View& view,
                                       const Settings& settings);

}  // namespace graftline::engine
