#pragma once
// Neutrophil and platelet recovery, and graft failure against poor graft function.
//
// source  EBMT Handbook 2024 ch. 41 [F11]
// [conv]  days are calendar dates after day 0; a day without a count may or may not have been above the limit

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/quantity.h"
#include "core/result.h"

namespace graftline::clinical {

struct DailyCount {
  int day = 0;  // days after the graft infusion
  Range count_1e9_per_l;
};

struct RecoveryRule {
  Decimal neutrophils_1e9_per_l{5, -1};
  int n_consecutive_days = 3;
  Decimal platelets_1e9_per_l{20, 0};
  int days_without_transfusion = 7;
  int nadir_expected_by_day = 10;  // [conv]
};

// When a count recovered. `certain_day`: the first day that certainly fulfils the rule; `possible_day`: the
// first that may, when days without a count (or "<" results) are taken favorably. The two agree when the day
// is known.
struct Recovery {
  Answer recovered;
  std::optional<int> possible_day;
  std::optional<int> certain_day;
};

// First of three consecutive calendar days with neutrophils of at least 0.5e9/L. Counts before the last low
// one of the first ten days are the patient's own cells on their way down, and do not count [conv]; a patient
// whose counts never fell is counted from day 0.
//   errors  conflict: two counts on one day; out_of_range: a negative count, a day before -30 or after 36500
Result<Recovery> neutrophil_recovery(std::span<const DailyCount> counts, const RecoveryRule& rule = {});

// First day with platelets of at least 20e9/L and no platelet transfusion in the seven days before it (the
// last one at least seven days ago). Without a transfusion record (absent) nothing is certain.
Result<Recovery> platelet_recovery(std::span<const DailyCount> counts,
                                   const std::optional<std::vector<int>>& transfusion_days,
                                   const RecoveryRule& rule = {});

enum class GraftSource : unsigned char { marrow_or_blood, cord_blood };

struct GraftFindings {
  int as_of_day = 0;  // days after the graft infusion
  GraftSource source = GraftSource::marrow_or_blood;
  Recovery neutrophils;
  Truth pancytopenia = Truth::unknown;             // at the deadline for primary engraftment
  Truth lost_recovered_function = Truth::unknown;  // counts that had recovered fell again
  Truth needs_support = Truth::unknown;            // frequent transfusions or growth factor
  Truth donor_chimerism_at_target = Truth::unknown;
  Truth other_cause_excluded = Truth::unknown;  // drugs, infection, relapse, GVHD, ...
};

struct GraftFunction {
  Answer primary_graft_failure;
  Answer secondary_graft_failure;
  Answer poor_graft_function;
};

// primary    no neutrophil recovery by day +30 (cord blood +42), with pancytopenia; before that day the
// window is open secondary  recovered function lost, support needed poor       support needed, donor
// chimerism at target, no other cause. [conv] As chimerism at target is what tells poor
//            function from failure, a loss with chimerism at target is poor graft function and not secondary
//            failure
GraftFunction graft_function(const GraftFindings& findings);

}  // namespace graftline::clinical
