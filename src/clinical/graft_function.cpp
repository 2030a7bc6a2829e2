#include "clinical/graft_function.h"

#include <algorithm>
#include <map>

#include "clinical/laboratory.h"

namespace graftline::clinical {
namespace {

using ByDay = std::map<int, Range>;

Result<ByDay> by_day(std::span<const DailyCount> counts) {
  ByDay result;
  for (const DailyCount& c : counts) {
    if (c.day < -30 || c.day > 36500)
      return Error{ErrorKind::out_of_range, "count: day -30 to 36500 expected"};
    if (auto error = outside(c.count_1e9_per_l, 0, 10000, "count, 1e9/L")) return *error;
    if (!result.emplace(c.day, c.count_1e9_per_l).second)
      return Error{ErrorKind::conflict, "count: two values for one day"};
  }
  return result;
}

Truth reaches(const ByDay& counts, int day, const Decimal& limit) {
  const auto found = counts.find(day);
  if (found == counts.end()) return Truth::unknown;
  return less_or_equal(Range::exactly(to_rational(limit)), found->second, Reason::comparator).truth;
}

// The day after the last count that is certainly low among those of the first days; day 0 when none is.
int first_day_counted(const ByDay& counts, const Decimal& limit, int nadir_expected_by_day) {
  int first = 0;
  for (const auto& [day, count] : counts)
    if (day >= 0 && day <= nadir_expected_by_day && reaches(counts, day, limit) == Truth::no) first = day + 1;
  return first;
}

Recovery recovery_of(std::optional<int> possible_day, std::optional<int> certain_day, bool has_counts) {
  Answer recovered = answer(false);
  if (certain_day)
    recovered = answer(true);
  else if (possible_day || !has_counts)
    recovered = unknown(Reason::never_measured);
  return {recovered, possible_day, certain_day};
}

Truth all_reach(const ByDay& counts, int first_day, int n_days, const Decimal& limit) {
  Truth all = Truth::yes;
  for (int day = first_day; day < first_day + n_days; ++day) all = all & reaches(counts, day, limit);
  return all;
}

Truth free_of_transfusion(const std::optional<std::vector<int>>& transfusion_days, int day,
                          int days_without) {
  if (!transfusion_days) return Truth::unknown;
  return truth(
      std::ranges::none_of(*transfusion_days, [&](int t) { return t <= day && day - t < days_without; }));
}

Answer judged(Truth finding) {
  return {finding, finding == Truth::unknown ? ReasonSet(Reason::never_measured) : ReasonSet{}};
}

// Whether neutrophils had recovered by the deadline.
Answer recovered_by(const Recovery& recovery, int deadline) {
  if (recovery.certain_day && *recovery.certain_day <= deadline) return answer(true);
  if (recovery.recovered.truth == Truth::no) return answer(false);
  const bool may_have = !recovery.possible_day || *recovery.possible_day <= deadline;
  return may_have ? unknown(Reason::never_measured) : answer(false);
}

Answer primary_failure(const GraftFindings& f) {
  const int deadline = f.source == GraftSource::cord_blood ? 42 : 30;
  const Answer recovered = recovered_by(f.neutrophils, deadline);
  if (recovered.truth == Truth::yes) return answer(false);
  if (f.as_of_day < deadline) return unknown(Reason::window_open);
  return (!recovered) & judged(f.pancytopenia);
}

}  // namespace

Result<Recovery> neutrophil_recovery(std::span<const DailyCount> counts, const RecoveryRule& rule) {
  auto days = by_day(counts);
  if (!days) return days.error();
  std::optional<int> possible_day;
  std::optional<int> certain_day;
  const int n_days = rule.n_consecutive_days;
  if (!days->empty()) {
    // A run may begin on a day without a count before a measured one, but one of its days was measured, and
    // it lies wholly within the time that was watched.
    const int last_start = days->rbegin()->first - n_days + 1;
    const int first = first_day_counted(*days, rule.neutrophils_1e9_per_l, rule.nadir_expected_by_day);
    for (int day = std::max(first, days->begin()->first); day <= last_start && !certain_day; ++day) {
      const Truth run = all_reach(*days, day, n_days, rule.neutrophils_1e9_per_l);
      if (run == Truth::yes) certain_day = day;
      if (run != Truth::no && !possible_day) possible_day = day;
    }
  }
  return recovery_of(possible_day, certain_day, !days->empty());
}

Result<Recovery> platelet_recovery(std::span<const DailyCount> counts,
                                   const std::optional<std::vector<int>>& transfusion_days,
                                   const RecoveryRule& rule) {
  auto days = by_day(counts);
  if (!days) return days.error();
  std::optional<int> possible_day;
  std::optional<int> certain_day;
  const int first = first_day_counted(*days, rule.platelets_1e9_per_l, rule.nadir_expected_by_day);
  for (const auto& [day, count] : *days) {
    if (day < first) continue;
    const Truth fulfilled = reaches(*days, day, rule.platelets_1e9_per_l) &
                            free_of_transfusion(transfusion_days, day, rule.days_without_transfusion);
    if (fulfilled == Truth::yes && !certain_day) certain_day = day;
    if (fulfilled != Truth::no && !possible_day) possible_day = day;
  }
  return recovery_of(possible_day, certain_day, !days->empty());
}

GraftFunction graft_function(const GraftFindings& f) {
  const Answer support = judged(f.needs_support);
  const Answer at_target = judged(f.donor_chimerism_at_target);
  GraftFunction result;
  result.primary_graft_failure = primary_failure(f);
  result.secondary_graft_failure =
      f.neutrophils.recovered & judged(f.lost_recovered_function) & support & (!at_target);
  result.poor_graft_function = support & at_target & judged(f.other_cause_excluded);
  return result;
}

}  // namespace graftline::clinical
