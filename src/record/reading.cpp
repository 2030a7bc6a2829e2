// Which entries answer a question: View::read.
#include <algorithm>
#include <iterator>

#include "record/derived.h"
#include "record/holding.h"

namespace graftline::record {

namespace {

bool same_number(const Quantity& a, const Quantity& b) {
  if (a.comparator != b.comparator || a.kind != b.kind || a.viability != b.viability) return false;
  if (a.unit == b.unit) return a.value == b.value;
  const auto converted = convert(to_rational(b.value), b.unit, a.unit);
  return converted && *converted == to_rational(a.value);
}

bool same_upper_limit(const Member& a, const Member& b) {
  const auto limit = [](const Member& m) -> const Quantity* {
    const bool has_one = !m.evidence.empty() && m.evidence.front()->upper_limit;
    return has_one ? &*m.evidence.front()->upper_limit : nullptr;
  };
  return limit(a) == nullptr || limit(b) == nullptr || same_number(*limit(a), *limit(b));
}

bool same_value(const Member& a, const Member& b) {
  if (a.reasons.empty() != b.reasons.empty() || a.value.index() != b.value.index()) return false;
  if (!a.reasons.empty()) return a.reasons == b.reasons;
  if (const Quantity* number = std::get_if<Quantity>(&a.value)) {
    return same_number(*number, std::get<Quantity>(b.value)) && same_upper_limit(a, b);
  }
  if (const Level* level = std::get_if<Level>(&a.value)) return *level == std::get<Level>(b.value);
  if (const bool* said = std::get_if<bool>(&a.value)) return *said == std::get<bool>(b.value);
  return true;
}

struct Days {
  Day first;
  Day last;
};

// What may answer: an entry, or a member prepared from several. Members are made only of those that do
// answer.
struct Candidate {
  PartialDate when;
  Answer in_window;
  const Entry* entry = nullptr;
  std::optional<std::size_t> prepared;  // index into Candidates::prepared
};
struct Candidates {
  std::vector<Candidate> all;  // by their first possible day
  std::vector<Member> prepared;

  void add(Member member, const PartialDate& when) {
    all.push_back({when, member.in_window, member.evidence.front(), prepared.size()});
    prepared.push_back(std::move(member));
  }
  Member take(const Candidate& c) {
    if (c.prepared) return std::move(prepared[*c.prepared]);
    Member member;
    member.reasons = reasons_not_to_use(*c.entry);
    if (member.reasons.empty()) member.value = c.entry->value;
    member.evidence = {c.entry};
    member.in_window = c.in_window;
    return member;
  }
};

Candidates candidates(const View& view, FactId id, Days days) {
  Candidates found;
  for (const Entry* entry : view.own_entries(id)) {
    found.all.push_back({entry->when, between(entry->when, days.first, days.last), entry, std::nullopt});
  }
  std::vector<Member> added = added_members(view, id);
  if (added.empty()) return found;
  for (Member& member : added) {
    const PartialDate when = member.evidence.front()->when;
    member.in_window = between(when, days.first, days.last);
    found.add(std::move(member), when);
  }
  std::stable_sort(found.all.begin(), found.all.end(), [](const Candidate& a, const Candidate& b) {
    return std::pair(a.when.first, a.when.last) < std::pair(b.when.first, b.when.last);
  });
  return found;
}

// A course counts by its stretches: what began long ago and still holds is in the window.
Candidates course_candidates(const View& view, FactId id, Days days) {
  Candidates found;
  for (const Stretch& stretch : view.stretches(id)) {
    Member member;
    member.reasons = stretch.reasons;
    if (stretch.holds == Truth::yes) member.value = true;
    member.evidence = {stretch.entry};
    member.in_window = overlaps(stretch, days.first, days.last);
    found.add(std::move(member), stretch.entry->when);
  }
  for (const Testimony& t : testimonies(view, id)) {
    if (t.says != Truth::no) continue;
    Member member;
    member.value = false;
    member.evidence = {t.entry};
    member.in_window = overlaps(on_days(t), days.first, days.last);
    found.add(std::move(member), t.when);
  }
  return found;
}

// Entries on the wrong side of the window that come nearest to it.
std::vector<const Entry*> last_before(const std::vector<Candidate>& all, Day first) {
  std::vector<const Entry*> nearest;
  Day day = earliest_day;
  for (const Candidate& c : all) {
    if (c.when.last >= first || c.when.last < day) continue;
    if (c.when.last > day) nearest.clear();
    day = c.when.last;
    nearest.push_back(c.entry);
  }
  return nearest;
}

// One member per value; the entries that agree stand together as its evidence.
void add_distinct(std::vector<Member>& members, Member member) {
  for (Member& known : members) {
    if (!same_value(known, member)) continue;
    known.evidence.insert(known.evidence.end(), member.evidence.begin(), member.evidence.end());
    known.in_window = known.in_window | member.in_window;
    return;
  }
  members.push_back(std::move(member));
}

// Those that may be the last (or the first) of the window: no other one certainly comes after (before) them.
void pick_end(Candidates& found, const std::vector<Candidate>& inside, Pick pick, Reading& reading) {
  const bool is_latest = pick == Pick::latest;
  std::optional<Day> bound;  // the latest first day (the earliest last day) of those certainly in the window
  for (const Candidate& c : inside) {
    if (c.in_window.truth != Truth::yes) continue;
    if (is_latest) bound = std::max(bound.value_or(c.when.first), c.when.first);
    if (!is_latest) bound = std::min(bound.value_or(c.when.last), c.when.last);
  }
  bool is_precise = bound.has_value();
  std::vector<Member> members;
  for (const Candidate& c : inside) {
    const bool is_beaten = bound && (is_latest ? c.when.last < *bound : c.when.first > *bound);
    if (is_beaten) continue;
    is_precise = is_precise && c.when.first == c.when.last && c.in_window.truth == Truth::yes;
    add_distinct(members, found.take(c));
  }
  if (!bound) {
    Member none;
    none.reasons = Reason::imprecise_date;
    members.push_back(std::move(none));
  }
  if (members.size() > 1) reading.reasons |= is_precise ? Reason::conflicting : Reason::imprecise_date;
  reading.members = std::move(members);
}

}  // namespace

Reading View::read(FactId id, Pick pick, const Window& window, const std::vector<Argument>& arguments) const {
  if (is_computed(fact(id))) return compute(*this, id, pick, window, arguments);
  Reading reading;
  reading.pick = pick;
  reading.window_is_open = window.last && *window.last > as_of_;
  const Days days{window.first.value_or(earliest_day),
                  reading.window_is_open ? as_of_ : window.last.value_or(as_of_)};
  const bool is_course = fact(id).type == FactType::course;
  Candidates found = is_course ? course_candidates(*this, id, days) : candidates(*this, id, days);
  std::vector<Candidate> inside;
  std::copy_if(found.all.begin(), found.all.end(), std::back_inserter(inside),
               [](const Candidate& c) { return c.in_window.truth != Truth::no; });
  if (inside.empty()) {
    reading.nearest = last_before(found.all, days.first);
    reading.reasons = reading.nearest.empty() ? Reason::never_measured : Reason::too_old;
    if (reading.window_is_open) reading.reasons |= Reason::window_open;
    return reading;
  }
  if (pick == Pick::latest || pick == Pick::first) {
    pick_end(found, inside, pick, reading);
  } else {
    for (const Candidate& c : inside) reading.members.push_back(found.take(c));
  }
  return reading;
}

}  // namespace graftline::record
