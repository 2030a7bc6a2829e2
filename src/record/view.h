#pragma once
// A timeline as of a day, as known on a day: the only way rules read a record.
//
// Entries after `as_of`, and entries not yet known on `known_on`, do not exist for a view. A correction known
// by then replaces what it corrects (same fact, same day, same method); before, the old value stands.

#include <optional>
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
//   latest, first   one member (or several when the same day carries different values: then reasons has
//   `conflicting`) worst, best, any   all members in the window; comparisons quantify over them
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

  Reading read(FactId fact, Pick pick, const Window& window,
               const std::vector<Argument>& arguments = {}) const;

  // Whether a statement, event or course held at some time in the window.
  //   yes      one entry certainly did
  //   no       none did, and at least one entry documents it, or absence means no; the window has closed
  //   unknown  otherwise: never_measured, too_old (documented only before the window), imprecise_date,
  //   status_unknown, ...
  Answer held(FactId fact, const Window& window, Absence absence,
              std::vector<const Entry*>* evidence = nullptr) const;

  // Whether it holds on as_of: courses that cover the day, the latest statement, an event that has happened.
  Answer holds_now(FactId fact, Absence absence, std::vector<const Entry*>* evidence = nullptr) const;

  // Infusions of donor lymphocytes since day 0, oldest first; those of unknown status included (see
  // Entry::unusable).
  std::vector<const Entry*> infusions() const;

 private:
  const Timeline* timeline_;
  Day as_of_;
  Day known_on_;
  std::vector<const Entry*> visible_;  // arranged order
};

}  // namespace graftline::record
