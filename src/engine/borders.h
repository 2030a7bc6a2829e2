#pragma once
// On which days an answer can change. For each condition of a protocol a finite set of days, taken from the
// record's own days and the protocol's lengths of time, outside of which its answer stays what it was.
//
// Why it is finite: a condition reads the record only through comparisons of two days, each being a day of an
// entry (or the day it became known), a day counted from one (day +45, 28 days after an infusion), today, or
// a day counted from today (within 14 days). Two of the record's own days never change their order; one of
// them and one that moves with today change it once. Ages change on birthdays besides.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decision.h"
#include "protocol/protocol.h"
#include "record/timeline.h"

namespace graftline::engine {

// A row of points in time at which a question is asked.
struct Series {
  enum class Over : unsigned char {
    days,       // as of each day, as known on that day: what would have been said
    as_of,      // as of each day, as known on `fixed`
    knowledge,  // as of `fixed`, as known on each day: what was said about that day, and when
  };
  Over over = Over::days;
  Day fixed;
  Day first;  // both included
  Day last;

  Day as_of(Day at) const { return over == Over::knowledge ? fixed : at; }
  Day known_on(Day at) const { return over == Over::as_of ? fixed : at; }
};

// A day that a rule counts from: today, or the day of an entry of some fact; moved by calendar months, then
// days.
struct CountedDay {
  bool is_today = false;
  std::vector<record::FactId> facts;
  int months = 0;
  int days = 0;
};

// What one condition, or one rule about the infusions, depends on.
struct Dependent {
  const protocol::Expr* condition = nullptr;  // null: a rule (wait, interval, window, dose row, count)
  std::vector<record::FactId> facts;          // sorted: whose entries it reads
  // The fact of which it reads only the latest value before an end of its window, when that is so.
  std::vector<record::FactId> latest_only;
  std::vector<CountedDay> starts;  // of its windows
  std::vector<CountedDay> ends;
  std::vector<int> limits;  // in days: of `days since`, intervals and waits
  std::vector<std::string> judgements;
  bool changes_on_birthdays = false;
  bool every_day = false;  // a count of days against something that is no number: no rule but to look daily
};

// Everything that a decision by the protocol is made of; conditions that are written alike stand once.
// `protocol` must outlive the result.
std::vector<Dependent> dependents(const protocol::Protocol& protocol, const Settings& settings);

// The days in (series.first, series.last] on which its answer can differ from the day before, in order.
// cost  linear in the entries of its facts, times the windows and limits it names
std::vector<Day> borders(const Dependent& dependent, const record::Timeline& timeline, const Series& series);

// How each operator of the language gets its borders: one row per row of protocol::operators().
struct BorderRule {
  std::string_view symbol;
  std::string_view rule;
};
std::span<const BorderRule> border_rules();

}  // namespace graftline::engine
