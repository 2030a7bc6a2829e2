#pragma once
// A timeline as of a day, as known on a day: the only way rules read a record.
//
// Entries after `as_of`, and entries not yet known on `known_on`, do not exist for a view. A correction known
// by then replaces what it corrects (same fact, same day, same method); before, the old value stands.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "record/timeline.h"

namespace graftline::record {

// Days asked about, both ends included. An end after as_of leaves the window open: "no" cannot be certain
// yet.
struct Window {
  std::optional<Day> first;  // absent: from the beginning of the record
  std::optional<Day> last;   // absent: as_of
};

// Which of several entries a fact means.
enum class Pick : unsigned char {
  latest,  // the most recent in the window
  first,   // the earliest in the window
  worst,   // the highest level or value in the window
  best,    // the lowest
  any,     // every one; a quantifier follows
};

// One entry, or one derived value, that answers a question.
struct Member {
  Value value;  // monostate: unknown, see reasons
  ReasonSet reasons;
  std::optional<Range> range;  // a derived quantity known only within limits (eGFR of a year-only birth date)
  std::string unit;            // of `range`: canonical unit of the fact
  std::vector<const Entry*> evidence;
  Answer in_window = answer(true);  // unknown when an imprecise date leaves it open
  std::string
      note;  // how a derived value came about: "CKD-EPI 2021 from creatinine 62 umol/L, age 34, female"
};

// What a view knows about a fact in a window. No members and no reasons cannot be: absence is a reason.
//   latest, first     one member; several when the day carries different values (reasons: conflicting) or an
//   imprecise
//                     date leaves open which came last (reasons: imprecise_date; a member without value
//                     stands for "none in the window"). Whatever is true of each of them is true of the
//                     latest
//   worst, best, any  all members in the window; comparisons quantify over them
struct Reading {
  Pick pick = Pick::latest;
  std::vector<Member> members;
  ReasonSet reasons;  // never_measured, too_old, conflicting, parameter_not_set, window_open, imprecise_date
  std::vector<const Entry*> nearest;  // what exists but does not count: the too-old value, for explanations
  bool window_is_open = false;        // the window ends after as_of
};

// What a derivation was told: name = value, as the protocol or the site gives it.
struct Argument {
  std::string name;
  std::string value;  // empty: the parameter is not set
};

// One stretch of a course, or one event: what the entries that are visible together say about it. It
// certainly holds from began.last to ended.first (if that is not before began.last) and possibly from
// began.first to ended.last.
//   a stop                    ends every open stretch before it; the day of the stop is the last day held
//   a dated "no" on day N     ends it some day between the last entry that still says yes and N - 1
//   a stop with none before   is a stretch of unknown start that ended on the day of the stop
struct Stretch {
  const Entry* entry = nullptr;  // what began it, or the stop of a stretch of unknown start
  const Entry* closed_by =
      nullptr;  // the stop or the "no" that ended it; null: its own last day, or still open
  Truth holds =
      Truth::yes;     // unknown: an entry of unknown status, a preliminary one, one that cannot be read
  ReasonSet reasons;  // why, when unknown
  PartialDate began;
  std::optional<PartialDate> ended;  // absent: nothing visible says that it ended
  ReasonSet why_end_is_open;         // a later entry that cannot be used may have ended it
};
inline constexpr Day earliest_day{-1'000'000'000};  // `began.first` of a stretch of unknown start

class View {
 public:
  // `timeline` must be arranged and outlive the view. known_on defaults to as_of.
  View(const Timeline& timeline, Day as_of, std::optional<Day> known_on = std::nullopt);

  const Timeline& timeline() const { return *timeline_; }
  Day as_of() const { return as_of_; }
  Day known_on() const { return known_on_; }

  // Calendar day of the most recent completed allogeneic transplant on or before as_of; imprecise as
  // recorded.
  std::optional<PartialDate> day_zero() const;

  // Visible entries of a fact (and of its members), oldest first, whatever their date.
  std::vector<const Entry*> entries(FactId fact) const;
  std::span<const Entry* const> own_entries(FactId fact) const;  // without its members

  // Stretches of a course, event or statement and of its members, oldest first.
  std::vector<Stretch> stretches(FactId fact) const;

  Reading read(FactId fact, Pick pick, const Window& window,
               const std::vector<Argument>& arguments = {}) const;

  // Whether a statement, event or course held at some time in the window. The first that applies:
  //   yes      one entry, of the fact or of a member, certainly held in it
  //   unknown  one may have: status_unknown, unreadable, imprecise_date, ...
  //   no       another fact makes it impossible (Fact::impossible_when)
  //   unknown  window_open: the window ends after as_of
  //   no       it is documented not to have held: a "no" dated in the window counts for all of it
  //   (convention); a
  //            "no" of an event counts for every day up to its own; an end counts until something begins
  //            again. The "no" of a superset counts too, and so do those of all parts together
  //   no       absence means no
  //   unknown  too_old (documented only before the window), never_measured
  Answer held(FactId fact, const Window& window, Absence absence,
              std::vector<const Entry*>* evidence = nullptr) const;

  // Whether it holds on as_of: courses that cover the day, the latest statement, an event that has happened.
  // The latest documentation counts, however old; a protocol that wants it fresher gives a window.
  Answer holds_now(FactId fact, Absence absence, std::vector<const Entry*>* evidence = nullptr) const;

  // The first possible day of the earliest "no" on record about the fact itself, its supersets or an ordinal
  // member: since when at most it is documented not to hold. What lies before is not documented.
  std::optional<Day> documented_absent_since(FactId fact) const;

  // Infusions of donor lymphocytes since day 0, oldest first; those of unknown status included (see
  // Entry::unusable).
  std::vector<const Entry*> infusions() const;

 private:
  const Timeline* timeline_;
  Day as_of_;
  Day known_on_;
  std::vector<const Entry*> visible_;  // arranged order, superseded entries left out
};

}  // namespace graftline::record
