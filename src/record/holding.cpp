#include "record/holding.h"

#include <algorithm>

#include "record/derived.h"

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

// The last day by which an open stretch must have been over, and the last on which it was still seen.
PartialDate end_by(const Testimony& start, const Testimony& closer, const std::vector<Testimony>& own) {
  if (closer.is_stop) return closer.when;
  Day last_seen = start.when.last;
  for (const Testimony& t : own) {
    if (t.says == Truth::yes && !t.is_stop && t.when.last < closer.when.first) {
      last_seen = std::max(last_seen, t.when.last);
    }
  }
  return {last_seen, std::max(last_seen, closer.when.last - 1), DatePrecision::day};
}

void close(Stretch& stretch, const Testimony& start, const std::vector<Testimony>& closers,
           const std::vector<Testimony>& own) {
  bool may_have_ended = false;
  for (const Testimony& closer : closers) {
    if (certainly_ends(closer, start)) {
      stretch.ended = end_by(start, closer, own);
      stretch.closed_by = closer.entry;
      break;
    }
    may_have_ended = may_have_ended || possibly_ends(closer, start);
  }
  if (!may_have_ended) return;
  // A closer whose imprecise date may lie before or after the start: from the start on nothing is certain.
  if (!stretch.ended) stretch.ended = PartialDate{start.when.last, never_ends, DatePrecision::day};
  stretch.ended->first = std::min(stretch.ended->first, start.when.last);
}

// A stop that follows no start since the last time the course was said not to hold.
bool has_no_start(const Testimony& stop, const std::vector<Testimony>& own) {
  for (auto t = own.rbegin(); t != own.rend(); ++t) {
    if (t->entry == stop.entry || !possibly_ends(stop, *t)) continue;
    const bool says_the_same = t->when == stop.when && (t->is_stop || t->says == Truth::no);
    if (says_the_same) continue;
    return t->is_stop || t->says == Truth::no;
  }
  return true;
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
        const bool is_certain = t.reasons.empty();
        if (is_certain && (t.is_stop || t.says == Truth::no)) closers.push_back(t);
      }
    }
    std::stable_sort(closers.begin(), closers.end(), before);
  }
  std::vector<Stretch> all;
  for (const Testimony& t : own) {
    if (t.says == Truth::no) continue;
    Stretch stretch{t.entry, nullptr, t.says, t.reasons, t.when, std::nullopt};
    if (!is_course) {
      stretch.ended = t.when;
    } else if (t.is_stop) {
      if (!has_no_start(t, own)) continue;
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
  if (stretch.began.first <= last && ended_last >= first) return unknown(Reason::imprecise_date);
  return answer(false);
}

namespace {

// Adds entries to what the caller shows, each once.
void show(std::vector<const Entry*>* evidence, const Entry* entry) {
  if (evidence == nullptr || entry == nullptr) return;
  if (std::find(evidence->begin(), evidence->end(), entry) == evidence->end()) evidence->push_back(entry);
}
void show(std::vector<const Entry*>* evidence, const std::vector<const Entry*>& entries) {
  for (const Entry* entry : entries) show(evidence, entry);
}

// Whether, and by which entries, a fact is documented not to have held in the window; it is known that no
// stretch overlaps the window.
struct Documented {
  Truth truth = Truth::no;
  std::vector<const Entry*> by;

  void take(Truth other, const Entry* entry) {
    if (other == Truth::no || other < truth) return;
    if (other > truth) by.clear();
    truth = other;
    by.push_back(entry);
  }
  void take(const Documented& other) {
    for (const Entry* entry : other.by) take(other.truth, entry);
  }
};

struct Days {
  Day first;
  Day last;
};

Truth documents_absence(FactType type, const Testimony& no, Days days) {
  switch (type) {
    case FactType::event:  // "never happened" on a day covers every day up to it
      return on_or_after(no.when, days.first).truth;
    case FactType::course: {
      const Stretch span{no.entry, nullptr, Truth::yes, {}, no.when, no.until ? no.until : no.when};
      return overlaps(span, days.first, days.last).truth;
    }
    default:
      return between(no.when, days.first, days.last).truth;
  }
}

// By its own entries, or by those of the parts that make it up.
Documented documented_below(const View& view, FactId id, Days days) {
  Documented result;
  const Fact& row = fact(id);
  for (const Testimony& t : testimonies(view, id)) {
    if (t.says == Truth::no) result.take(documents_absence(row.type, t, days), t.entry);
  }
  if (row.type == FactType::course) {
    for (const Stretch& stretch : own_stretches(view, id)) {
      const bool has_end = stretch.ended && stretch.holds == Truth::yes && stretch.ended->last < days.last;
      const bool closed_by_no = stretch.closed_by != nullptr && !stretch.closed_by->is_stop;
      if (has_end && !closed_by_no) {
        result.take(Truth::yes, stretch.closed_by != nullptr ? stretch.closed_by : stretch.entry);
      }
    }
  }
  if (result.truth == Truth::yes || row.made_of.empty()) return result;
  Documented parts{Truth::yes, {}};
  for (const std::string_view part : split(row.made_of)) {
    const Documented one = documented_below(view, fact_id(part), days);
    parts.truth = std::min(parts.truth, one.truth);
    parts.by.insert(parts.by.end(), one.by.begin(), one.by.end());
  }
  result.take(parts);
  return result;
}

Documented documented_absent(const View& view, FactId id, Days days) {
  Documented result;
  for (const FactId superset : with_supersets(id)) result.take(documented_below(view, superset, days));
  return result;
}

// "sex=male" of Fact::impossible_when.
const Entry* makes_impossible(const View& view, FactId id) {
  const std::string_view rule = fact(id).impossible_when;
  if (rule.empty()) return nullptr;
  const auto equals = rule.find('=');
  const FactId other = fact_id(rule.substr(0, equals));
  const auto level = level_of(fact(other), rule.substr(equals + 1));
  ensure(level.has_value(), "impossible_when names a level of its fact");
  const Reading reading = view.read(other, Pick::latest, {});
  if (reading.members.size() != 1 || !reading.reasons.empty()) return nullptr;
  const Level* found = std::get_if<Level>(&reading.members.front().value);
  const bool applies = found != nullptr && *found == Level{*level, *level};
  return applies ? reading.members.front().evidence.front() : nullptr;
}

// The most recent entry that says anything of the fact, for explanations of "too old".
const Entry* last_before(const View& view, FactId id, Day first) {
  const Entry* found = nullptr;
  std::vector<FactId> related = with_supersets(id);
  for (const FactId member : with_members(id)) related.push_back(member);
  for (const FactId other : related) {
    for (const Testimony& t : testimonies(view, other)) {
      if (t.when.last >= first) continue;
      if (found == nullptr || t.when.last >= found->when.last) found = t.entry;
    }
  }
  return found;
}

Answer held_by_stretches(const View& view, FactId id, Days days, std::vector<const Entry*>* evidence) {
  Answer result = answer(false);
  std::vector<const Entry*> yes;
  std::vector<const Entry*> perhaps;
  for (const Stretch& stretch : view.stretches(id)) {
    const Answer here = overlaps(stretch, days.first, days.last) & Answer{stretch.holds, stretch.reasons};
    if (here.truth == Truth::yes) yes.push_back(stretch.entry);
    if (here.truth == Truth::unknown) perhaps.push_back(stretch.entry);
    result = result | here;
  }
  show(evidence, result.truth == Truth::yes ? yes : perhaps);
  return result;
}

// A statement that a rule computes rather than somebody records.
Answer derived_answer(const View& view, FactId id, const Window& window,
                      std::vector<const Entry*>* evidence) {
  const Reading reading = view.read(id, Pick::latest, window);
  if (reading.members.empty()) return unknown(reading.reasons);
  const Member& member = reading.members.front();
  show(evidence, member.evidence);
  const bool* value = std::get_if<bool>(&member.value);
  return value != nullptr ? answer(*value) : unknown(member.reasons | reading.reasons);
}

bool is_derived_statement(FactId id) {
  return !fact(id).derivation.empty() && fact(id).type == FactType::statement;
}

Answer latest_statement(const View& view, FactId id, Absence absence, std::vector<const Entry*>* evidence) {
  const Reading reading = view.read(id, Pick::latest, {});
  if (reading.members.empty()) return absence == Absence::no ? answer(false) : unknown(reading.reasons);
  ReasonSet reasons = reading.reasons;
  for (const Member& member : reading.members) {
    show(evidence, member.evidence);
    reasons |= member.reasons;
  }
  const bool* value = std::get_if<bool>(&reading.members.front().value);
  return reasons.empty() && value != nullptr ? answer(*value) : unknown(reasons);
}

// A yes and a no of the same latest day.
bool contradicts_itself(const View& view, const Stretch& stretch) {
  for (const FactId superset : with_supersets(stretch.entry->fact)) {
    for (const Testimony& t : testimonies(view, superset)) {
      if (t.says == Truth::no && t.entry->when == stretch.entry->when && !stretch.ended) return true;
    }
  }
  return false;
}

}  // namespace

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

Answer View::held(FactId id, const Window& window, Absence absence,
                  std::vector<const Entry*>* evidence) const {
  if (is_derived_statement(id)) return derived_answer(*this, id, window, evidence);
  const bool is_open = window.last && *window.last > as_of_;
  const Days days{window.first.value_or(earliest_day), is_open ? as_of_ : window.last.value_or(as_of_)};
  if (days.first <= days.last) {
    const Answer seen = held_by_stretches(*this, id, days, evidence);
    if (seen.truth == Truth::yes) return seen;
    if (const Entry* why = makes_impossible(*this, id)) {
      if (evidence != nullptr) evidence->assign(1, why);
      return answer(false);
    }
    if (seen.truth == Truth::unknown) return seen;
  }
  if (is_open) return unknown(Reason::window_open);
  if (days.first > days.last) return answer(false);  // no day to hold on
  const Documented absent = documented_absent(*this, id, days);
  show(evidence, absent.by);
  if (absent.truth == Truth::yes) return answer(false);
  if (absence == Absence::no) return answer(false);
  if (absent.truth == Truth::unknown) return unknown(Reason::imprecise_date);
  const Entry* old = last_before(*this, id, days.first);
  show(evidence, old);
  return unknown(old != nullptr ? Reason::too_old : Reason::never_measured);
}

Answer View::holds_now(FactId id, Absence absence, std::vector<const Entry*>* evidence) const {
  const FactType type = fact(id).type;
  if (is_derived_statement(id)) return derived_answer(*this, id, {}, evidence);
  if (type == FactType::statement) return latest_statement(*this, id, absence, evidence);
  if (type != FactType::course) return held(id, {}, absence, evidence);
  const Answer seen = held_by_stretches(*this, id, {as_of_, as_of_}, evidence);
  if (seen.truth == Truth::yes) {
    bool is_sure = false;
    for (const Stretch& stretch : stretches(id)) {
      const Answer here = overlaps(stretch, as_of_, as_of_) & Answer{stretch.holds, stretch.reasons};
      is_sure = is_sure || (here.truth == Truth::yes && !contradicts_itself(*this, stretch));
    }
    return is_sure ? seen : unknown(Reason::conflicting);
  }
  if (const Entry* why = makes_impossible(*this, id)) {
    if (evidence != nullptr) evidence->assign(1, why);
    return answer(false);
  }
  if (seen.truth == Truth::unknown) return seen;
  const Documented absent = documented_absent(*this, id, {earliest_day, as_of_});
  show(evidence, absent.by);
  if (absent.truth != Truth::no || absence == Absence::no) return answer(false);
  return unknown(Reason::never_measured);
}

}  // namespace graftline::record
