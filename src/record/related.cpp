#include "record/related.h"

#include <algorithm>
#include <set>

#include "record/derived.h"
#include "record/holding.h"

namespace graftline::record {

namespace {

void add_computed(FactId id, std::set<FactId>& found) {
  for (const FactId other : computed_from(fact(id))) {
    if (found.insert(other).second) add_computed(other, found);
  }
}

// What documents that a fact did not hold: its grades and its parts.
void add_testimony(FactId id, std::set<FactId>& found) {
  found.insert(id);
  add_computed(id, found);
  for (const FactId member : members_of(id)) {
    if (fact(member).type != FactType::ordinal) continue;
    found.insert(member);
    add_computed(member, found);
  }
  for (const std::string_view part : split(fact(id).made_of)) add_testimony(fact_id(part), found);
  const std::string_view rule = fact(id).impossible_when;
  if (!rule.empty()) found.insert(fact_id(rule.substr(0, rule.find('='))));
}

bool has_clock(FactId id, Clock clock) {
  const std::vector<FactId> all = with_facts_behind({id});
  return std::any_of(all.begin(), all.end(), [clock](FactId one) { return clock_of(fact(one)) == clock; });
}

}  // namespace

bool counts_days(FactId id) { return has_clock(id, Clock::days); }
bool counts_birthdays(FactId id) { return has_clock(id, Clock::years); }

std::vector<FactId> facts_behind(FactId id) {
  std::set<FactId> found;
  for (const FactId member : with_members(id)) {
    for (const FactId superset : with_supersets(member)) add_testimony(superset, found);
  }
  found.erase(id);
  return {found.begin(), found.end()};
}

std::vector<FactId> facts_that_add(FactId id) {
  std::vector<FactId> found = added_from(fact(id));
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto more = added_from(fact(found[i]));
    found.insert(found.end(), more.begin(), more.end());
  }
  return found;
}

std::vector<FactId> with_facts_behind(const std::vector<FactId>& ids) {
  std::set<FactId> found(ids.begin(), ids.end());
  for (const FactId id : ids) {
    for (const FactId other : facts_behind(id)) found.insert(other);
  }
  return {found.begin(), found.end()};
}

}  // namespace graftline::record
