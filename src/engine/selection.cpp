#include "engine/selection.h"

#include <algorithm>

namespace graftline::engine {
namespace {

using record::Entry;
using record::FactId;

Day moved(Day day, const CountedDay& counted) {
  return (counted.months == 0 ? day : add_months(day, counted.months)) + counted.days;
}

}  // namespace

Selection::Selection(const record::Timeline& timeline, const std::vector<const Dependent*>& dependents)
    : timeline_(timeline) {
  for (const Dependent* one : dependents) {
    for (const FactId id : one->facts) facts_[id];
  }
  const Entry* const end = timeline.entries.data() + timeline.entries.size();
  for (auto& [id, facts] : facts_) {
    const FactId fact = id;
    facts.first =
        std::partition_point(timeline.entries.data(), end, [fact](const Entry& e) { return e.fact < fact; });
    facts.last = std::partition_point(facts.first, end, [fact](const Entry& e) { return e.fact == fact; });
    for (const Entry* e = facts.first; e != facts.last; ++e) {
      facts.widest = std::max(facts.widest, e->when.last - e->when.first);
    }
  }
  for (const Dependent* one : dependents) {
    for (const FactId id : one->facts) {
      Facts& facts = facts_[id];
      const auto& latest = one->latest_only;
      if (std::find(latest.begin(), latest.end(), id) == latest.end()) {
        // Facts that stand beside the one read (its supersets) are not read by a latest value.
        const bool is_anchor = [&] {
          for (const auto* ends : {&one->starts, &one->ends}) {
            for (const CountedDay& end_day : *ends) {
              if (std::find(end_day.facts.begin(), end_day.facts.end(), id) != end_day.facts.end())
                return true;
            }
          }
          return false;
        }();
        if (latest.empty() || is_anchor) facts.latest_only = false;
        continue;
      }
      if (one->ends.empty()) facts.ends.push_back({true, {}, 0, 0});
      facts.ends.insert(facts.ends.end(), one->ends.begin(), one->ends.end());
    }
  }
}

void Selection::add_latest(const Facts& facts, Day first_end, Day last_end, Day known_on,
                           std::vector<const Entry*>& selected) const {
  const Entry* e = std::partition_point(
      facts.first, facts.last, [last_end](const Entry& entry) { return entry.when.first <= last_end; });
  std::optional<Day> newest;  // whole day on or before every end
  while (e != facts.first) {
    --e;
    if (newest && e->when.first < *newest - facts.widest) break;
    if (e->known_on > known_on) continue;
    if (!newest && e->when.first == e->when.last && e->when.last <= first_end) newest = e->when.last;
    if (!newest || e->when.last >= *newest) selected.push_back(e);
  }
}

record::Timeline Selection::at(Day as_of, Day known_on) const {
  std::vector<const Entry*> selected;
  for (const auto& [id, facts] : facts_) {
    if (!facts.latest_only) {
      for (const Entry* e = facts.first; e != facts.last; ++e) selected.push_back(e);
      continue;
    }
    for (const CountedDay& end : facts.ends) {
      if (end.is_today) {
        const Day day = std::min(moved(as_of, end), as_of);
        add_latest(facts, day, day, known_on, selected);
        continue;
      }
      for (const FactId anchor : end.facts) {
        const auto found = facts_.find(anchor);
        if (found == facts_.end()) continue;
        for (const Entry* e = found->second.first; e != found->second.last; ++e) {
          add_latest(facts, std::min(moved(e->when.first, end), as_of),
                     std::min(moved(e->when.last, end), as_of), known_on, selected);
        }
      }
    }
  }
  // Entries of a timeline lie in its arranged order.
  std::sort(selected.begin(), selected.end());
  selected.erase(std::unique(selected.begin(), selected.end()), selected.end());
  record::Timeline result;
  result.patient = timeline_.patient;
  result.judgements = timeline_.judgements;
  result.entries.reserve(selected.size());
  for (const Entry* entry : selected) result.entries.push_back(*entry);
  return result;
}

}  // namespace graftline::engine
