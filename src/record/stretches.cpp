// From entries to the stretches over which a course held.
#include <algorithm>

#include "record/derived.h"
#include "record/holding.h"

namespace graftline::record {

namespace {

constexpr Day never_ends{1'000'000'000};

bool before(const Testimony& a, const Testimony& b) {
  return std::pair(a.when.first, a.when.last) < std::pair(b.when.first, b.when.last);
}

Testimony testimony(const Entry& entry) {
  Testimony t{&entry, Truth::unknown, reasons_not_to_use(entry), entry.when, entry.until, entry.is_stop};
  if (const bool* said = std::get_if<bool>(&entry.value); said != nullptr && t.reasons.empty()) {
    t.says = truth(*said);
  } else if (t.reasons.empty()) {
    t.reasons = Reason::unreadable;
  }
  return t;
}

// A grade above the lowest says that the disease is active; the lowest says that it is not.
void add_ordinal(const View& view, FactId ordinal, std::vector<Testimony>& all) {
  for (const Member& member : view.read(ordinal, Pick::any, {}).members) {
    if (member.evidence.empty()) continue;
    Testimony t{
        member.evidence.front(), Truth::unknown, member.reasons, member.evidence.front()->when, {}, false};
    if (const Level* level = std::get_if<Level>(&member.value)) {
      if (level->low > 0) t.says = Truth::yes;
      if (level->high == 0) t.says = Truth::no;
    }
    if (t.says == Truth::unknown && t.reasons.empty()) t.reasons = Reason::never_measured;
    all.push_back(t);
  }
}

// Whether `later` comes after `earlier` whatever their imprecise dates are. A stop counts on the same day.
bool certainly_ends(const Testimony& later, const Testimony& earlier) {
  return later.is_stop ? later.when.first >= earlier.when.last : later.when.first > earlier.when.last;
}
bool possibly_ends(const Testimony& later, const Testimony& earlier) {
  return later.is_stop ? later.when.last >= earlier.when.first : later.when.last > earlier.when.first;
}

bool is_certain(const Testimony& t) { return t.reasons.empty(); }
bool may_coincide(const Testimony& a, const Testimony& b) {
  return a.when.first <= b.when.last && b.when.first <= a.when.last;
}

// When a stretch ended if this closer ended it. A "no" says only that it had ended by the day before; a stop
// of the same day comes first, since the day of a stop is the last day held.
PartialDate end_by(const Testimony& start, const Testimony& closer, const std::vector<Testimony>& closers,
                   const std::vector<Testimony>& own) {
  if (closer.is_stop) {
    return {std::max(closer.when.first, start.when.first), closer.when.last, DatePrecision::day};
  }
  Day last_seen = start.when.first;
  for (const Testimony& t : own) {
    const bool was_seen = t.says == Truth::yes && !t.is_stop && t.when.last < closer.when.first;
    if (was_seen) last_seen = std::max(last_seen, t.when.first);
  }
  const bool may_stop_that_day = std::any_of(closers.begin(), closers.end(), [&](const Testimony& other) {
    return other.is_stop && may_coincide(other, closer);
  });
  const Day last = may_stop_that_day ? closer.when.last : closer.when.last - 1;
  return {last_seen, std::max(last_seen, last), DatePrecision::day};
}

// Of a stop and a "no" of one and the same day, the stop is what ended the stretch.
bool gives_way_to_a_stop(const Testimony& closer, const std::vector<Testimony>& closers) {
  return !closer.is_stop && std::any_of(closers.begin(), closers.end(), [&](const Testimony& other) {
    return other.is_stop && is_certain(other) && other.when == closer.when &&
           closer.when.first == closer.when.last;
  });
}

// `closers` in order of their first possible day.
void close(Stretch& stretch, const Testimony& start, const std::vector<Testimony>& closers,
           const std::vector<Testimony>& own) {
  // Only what may have come first after the start can have ended it.
  Day first_certain = never_ends;
  for (const Testimony& closer : closers) {
    if (closer.when.first > first_certain) break;
    if (is_certain(closer) && certainly_ends(closer, start)) {
      first_certain = std::min(first_certain, closer.when.last);
    }
  }
  PartialDate ended{never_ends, never_ends, DatePrecision::day};
  for (const Testimony& closer : closers) {
    if (closer.when.first > first_certain) break;
    if (!possibly_ends(closer, start)) continue;
    if (gives_way_to_a_stop(closer, closers)) continue;
    const PartialDate end = end_by(start, closer, closers, own);
    ended.first = std::min(ended.first, end.first);
    stretch.why_end_is_open |= closer.reasons;
    if (!is_certain(closer) || !certainly_ends(closer, start) || end.last >= ended.last) continue;
    ended.last = end.last;
    stretch.closed_by = closer.entry;
  }
  if (ended.first < never_ends) stretch.ended = ended;
}

bool is_certain_yes(const Testimony& t) { return is_certain(t) && t.says == Truth::yes && !t.is_stop; }

// A start on the day of the stop comes before it; a "no" or another stop of that day says the same as the
// stop.
bool certainly_precedes(const Testimony& t, const Testimony& stop) {
  return is_certain_yes(t) ? t.when.last <= stop.when.first : t.when.last < stop.when.first;
}
bool possibly_precedes(const Testimony& t, const Testimony& stop) {
  const bool says_the_same = is_certain(t) && !is_certain_yes(t);
  return says_the_same ? t.when.first < stop.when.last : t.when.first <= stop.when.last;
}

// What may have been the last thing said before a stop; of the things said on one and the same day, a yes.
std::vector<const Testimony*> last_said_before(const Testimony& stop, const std::vector<Testimony>& own) {
  std::vector<const Testimony*> said;
  Day last_certain = earliest_day;
  for (const Testimony& t : own) {
    if (t.entry == stop.entry || !possibly_precedes(t, stop)) continue;
    said.push_back(&t);
    if (certainly_precedes(t, stop)) last_certain = std::max(last_certain, t.when.first);
  }
  said.erase(std::remove_if(said.begin(), said.end(),
                            [&](const Testimony* t) { return t->when.last < last_certain; }),
             said.end());
  std::vector<const Testimony*> last;
  for (const Testimony* t : said) {
    const bool yields = std::any_of(said.begin(), said.end(), [&](const Testimony* other) {
      return other != t && !is_certain_yes(*t) && is_certain_yes(*other) && other->when == t->when &&
             t->when.first == t->when.last;
    });
    if (!yields) last.push_back(t);
  }
  return last;
}

// Whether a start of the course is recorded for a stop: the last thing said before it is a yes.
Truth has_start(const Testimony& stop, const std::vector<Testimony>& own) {
  const auto last = last_said_before(stop, own);
  const bool certainly = !last.empty() && std::all_of(last.begin(), last.end(), [&](const Testimony* t) {
    return is_certain_yes(*t) && certainly_precedes(*t, stop);
  });
  if (certainly) return Truth::yes;
  const bool possibly = std::any_of(last.begin(), last.end(),
                                    [](const Testimony* t) { return !is_certain(*t) || is_certain_yes(*t); });
  return possibly ? Truth::unknown : Truth::no;
}

}  // namespace

ReasonSet reasons_not_to_use(const Entry& entry) {
  ReasonSet reasons = entry.unusable;
  if (entry.standing == Standing::preliminary) reasons |= Reason::status_unknown;
  if (reasons.empty() && std::holds_alternative<std::monostate>(entry.value)) reasons = Reason::unreadable;
  return reasons;
}

std::vector<Testimony> testimonies(const View& view, FactId id) {
  std::vector<Testimony> all;
  for (const Entry* entry : view.own_entries(id)) all.push_back(testimony(*entry));
  for (const FactId member : members_of(id)) {
    if (fact(member).type == FactType::ordinal) add_ordinal(view, member, all);
  }
  std::stable_sort(all.begin(), all.end(), before);
  return all;
}

std::vector<FactId> with_members(FactId id) {
  std::vector<FactId> all{id};
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const FactId member : members_of(all[i])) {
      const bool is_new = std::find(all.begin(), all.end(), member) == all.end();
      if (is_new && fact(member).type != FactType::ordinal) all.push_back(member);
    }
  }
  return all;
}

std::vector<FactId> with_supersets(FactId id) {
  std::vector<FactId> all{id};
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const FactId superset : supersets_of(all[i])) {
      if (std::find(all.begin(), all.end(), superset) == all.end()) all.push_back(superset);
    }
  }
  return all;
}

std::vector<Stretch> own_stretches(const View& view, FactId id) {
  const std::vector<Testimony> own = testimonies(view, id);
  const bool is_course = fact(id).type == FactType::course;
  std::vector<Testimony> closers;
  if (is_course) {
    for (const FactId superset : with_supersets(id)) {
      for (const Testimony& t : superset == id ? own : testimonies(view, superset)) {
        if (t.is_stop || t.says != Truth::yes) closers.push_back(t);
      }
    }
    std::stable_sort(closers.begin(), closers.end(), before);
  }
  std::vector<Stretch> all;
  for (const Testimony& t : own) {
    if (t.says == Truth::no) continue;
    Stretch stretch;
    stretch.entry = t.entry;
    stretch.holds = t.says;
    stretch.reasons = t.reasons;
    stretch.began = t.when;
    if (!is_course) {
      stretch.ended = t.when;
    } else if (t.is_stop) {
      const Truth start = has_start(t, own);
      if (start == Truth::yes) continue;
      if (start == Truth::unknown) stretch.holds = Truth::unknown;
      if (start == Truth::unknown && stretch.reasons.empty()) stretch.reasons = Reason::imprecise_date;
      stretch.began.first = earliest_day;
      stretch.ended = t.when;
    } else if (t.until) {
      stretch.ended = t.until;
    } else {
      close(stretch, t, closers, own);
    }
    all.push_back(stretch);
  }
  return all;
}

Answer overlaps(const Stretch& stretch, Day first, Day last) {
  const Day ended_first = stretch.ended ? stretch.ended->first : never_ends;
  const Day ended_last = stretch.ended ? stretch.ended->last : never_ends;
  if (stretch.began.last <= last && std::max(ended_first, stretch.began.first) >= first) return answer(true);
  if (stretch.began.first > last || ended_last < first) return answer(false);
  return unknown(stretch.why_end_is_open.empty() ? ReasonSet(Reason::imprecise_date)
                                                 : stretch.why_end_is_open);
}

Answer held_in(const Stretch& stretch, Day first, Day last) {
  const Answer here = overlaps(stretch, first, last);
  if (here.truth == Truth::no || stretch.holds == Truth::yes) return here;
  return unknown(stretch.reasons);
}

Stretch on_days(const Testimony& testimony) {
  Stretch days;
  days.entry = testimony.entry;
  days.began = testimony.when;
  days.ended = testimony.until ? testimony.until : testimony.when;
  return days;
}

std::optional<Day> View::documented_absent_since(FactId id) const {
  std::optional<Day> first;
  for (const FactId superset : with_supersets(id)) {
    for (const Testimony& testimony : testimonies(*this, superset)) {
      if (testimony.says != Truth::no || testimony.is_stop) continue;
      if (!first || testimony.when.first < *first) first = testimony.when.first;
    }
  }
  return first;
}

std::vector<Stretch> View::stretches(FactId id) const {
  std::vector<Stretch> all;
  for (const FactId member : with_members(id)) {
    const auto own = own_stretches(*this, member);
    all.insert(all.end(), own.begin(), own.end());
  }
  std::stable_sort(all.begin(), all.end(), [](const Stretch& a, const Stretch& b) {
    return std::pair(a.began.first, a.began.last) < std::pair(b.began.first, b.began.last);
  });
  return all;
}

}  // namespace graftline::record
