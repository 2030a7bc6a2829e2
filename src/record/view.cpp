#include "record/view.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "record/derived.h"
#include "record/holding.h"

namespace graftline::record {

namespace {

bool same_measurement(const Entry& a, const Entry& b) {
  return std::tie(a.fact, a.when, a.method, a.context, a.is_stop) ==
         std::tie(b.fact, b.when, b.method, b.context, b.is_stop);
}

// A correction replaces what was known of the same measurement before it, a final result its preliminary one.
bool supersedes(const Entry& newer, const Entry& older) {
  if (&newer == &older || !same_measurement(newer, older) || newer.known_on < older.known_on) return false;
  if (newer.standing == Standing::preliminary) return false;
  const bool corrects = newer.standing == Standing::corrected && older.standing != Standing::corrected;
  const bool corrects_again = newer.standing == Standing::corrected && newer.known_on > older.known_on;
  return corrects || corrects_again || older.standing == Standing::preliminary;
}

// Entries of one fact lie together, those of one day next to each other. A day of final results only, however
// many, supersedes nothing.
std::vector<const Entry*> without_superseded(const std::vector<const Entry*>& known) {
  std::vector<const Entry*> kept;
  for (auto first = known.begin(); first != known.end();) {
    const auto last = std::find_if(first, known.end(), [&](const Entry* other) {
      return other->fact != (*first)->fact || other->when.first != (*first)->when.first;
    });
    const bool all_final =
        std::all_of(first, last, [](const Entry* e) { return e->standing == Standing::final; });
    std::copy_if(first, last, std::back_inserter(kept), [&](const Entry* entry) {
      return all_final ||
             std::none_of(first, last, [&](const Entry* other) { return supersedes(*other, *entry); });
    });
    first = last;
  }
  return kept;
}

}  // namespace

View::View(const Timeline& timeline, Day as_of, std::optional<Day> known_on)
    : timeline_(&timeline), as_of_(as_of), known_on_(known_on.value_or(as_of)) {
  std::vector<const Entry*> known;
  FactId highest = 0;
  for (const Entry& entry : timeline.entries) {
    ensure(entry.fact >= highest, "a timeline is arranged before it is viewed");
    highest = entry.fact;
    if (entry.known_on <= known_on_ && entry.when.first <= as_of_) known.push_back(&entry);
  }
  visible_ = without_superseded(known);
}

std::span<const Entry* const> View::own_entries(FactId id) const {
  const auto first = std::partition_point(visible_.begin(), visible_.end(),
                                          [id](const Entry* entry) { return entry->fact < id; });
  const auto last =
      std::partition_point(first, visible_.end(), [id](const Entry* entry) { return entry->fact == id; });
  return {visible_.data() + (first - visible_.begin()), static_cast<std::size_t>(last - first)};
}

std::vector<const Entry*> View::entries(FactId id) const {
  std::vector<FactId> facts{id};
  for (std::size_t i = 0; i < facts.size(); ++i) {
    for (const FactId member : members_of(facts[i])) {
      if (std::find(facts.begin(), facts.end(), member) == facts.end()) facts.push_back(member);
    }
  }
  std::vector<const Entry*> all;
  for (const FactId one : facts) {
    const auto own = own_entries(one);
    all.insert(all.end(), own.begin(), own.end());
  }
  std::stable_sort(all.begin(), all.end(), [](const Entry* a, const Entry* b) {
    return std::pair(a->when.first, a->when.last) < std::pair(b->when.first, b->when.last);
  });
  return all;
}

std::optional<PartialDate> View::day_zero() const {
  static const FactId transplant = fact_id("transplant");
  std::optional<PartialDate> latest;
  for (const Entry* entry : own_entries(transplant)) {
    const bool* happened = std::get_if<bool>(&entry->value);
    if (happened == nullptr || !*happened || !reasons_not_to_use(*entry).empty()) continue;
    if (!latest || entry->when.last >= latest->last) latest = entry->when;
  }
  return latest;
}

std::vector<const Entry*> View::infusions() const {
  static const FactId infusion = fact_id("dli");
  const auto from = day_zero();
  std::vector<const Entry*> given;
  for (const Entry* entry : own_entries(infusion)) {
    const bool* happened = std::get_if<bool>(&entry->value);
    const bool documented_none = happened != nullptr && !*happened;
    if (documented_none || (from && entry->when.last < from->first)) continue;
    given.push_back(entry);
  }
  return given;
}

}  // namespace graftline::record
