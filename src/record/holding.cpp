#include "record/holding.h"

#include <algorithm>

namespace graftline::record {

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

// Where a "no" counts, and from which day on an end must still stand.
struct Days {
  Day first;
  Day last;
  Day asked_from;
};

Truth documents_absence(FactType type, const Testimony& no, Days days) {
  switch (type) {
    case FactType::event:  // "never happened" on a day covers every day up to it
      return on_or_after(no.when, days.first).truth;
    case FactType::course: {
      return overlaps(on_days(no), days.first, days.last).truth;
    }
    default:
      return between(no.when, days.first, days.last).truth;
  }
}

// The end that still stands when the window begins: a stop, or the last day of an episode, after which
// nothing began.
const Entry* last_end(const std::vector<Testimony>& own, Day first) {
  const Entry* found = nullptr;
  Day ended = earliest_day;
  for (const Testimony& t : own) {
    const bool is_end = t.reasons.empty() && t.says == Truth::yes && (t.is_stop || t.until);
    const PartialDate end = t.until.value_or(t.when);
    if (!is_end || end.last >= first || end.first < ended) continue;
    ended = end.first;
    found = t.entry;
  }
  for (const Testimony& t : own) {
    const bool is_open_start = t.says != Truth::no && !t.is_stop && !t.until;
    if (is_open_start && t.when.first < first && t.when.last > ended) return nullptr;
  }
  return found;
}

// By its own entries, or by those of the parts that make it up.
Documented documented_below(const View& view, FactId id, Days days) {
  Documented result;
  const Fact& row = fact(id);
  for (const Testimony& t : testimonies(view, id)) {
    if (t.says == Truth::no) result.take(documents_absence(row.type, t, days), t.entry);
  }
  if (row.type == FactType::course) {
    if (const Entry* end = last_end(testimonies(view, id), days.asked_from)) result.take(Truth::yes, end);
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
    const Answer here = held_in(stretch, days.first, days.last);
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

Answer View::held(FactId id, const Window& window, Absence absence,
                  std::vector<const Entry*>* evidence) const {
  if (is_derived_statement(id)) return derived_answer(*this, id, window, evidence);
  const bool is_open = window.last && *window.last > as_of_;
  const Day first = window.first.value_or(earliest_day);
  const Days days{first, is_open ? as_of_ : window.last.value_or(as_of_), first};
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
  const Answer seen = held_by_stretches(*this, id, {as_of_, as_of_, as_of_}, evidence);
  if (seen.truth == Truth::yes) {
    bool is_sure = false;
    for (const Stretch& stretch : stretches(id)) {
      const Answer here = held_in(stretch, as_of_, as_of_);
      is_sure = is_sure || (here.truth == Truth::yes && !contradicts_itself(*this, stretch));
    }
    return is_sure ? seen : unknown(Reason::conflicting);
  }
  if (const Entry* why = makes_impossible(*this, id)) {
    if (evidence != nullptr) evidence->assign(1, why);
    return answer(false);
  }
  if (seen.truth == Truth::unknown) return seen;
  const Documented absent = documented_absent(*this, id, {earliest_day, as_of_, as_of_});
  show(evidence, absent.by);
  if (absent.truth != Truth::no || absence == Absence::no) return answer(false);
  return unknown(Reason::never_measured);
}

}  // namespace graftline::record
