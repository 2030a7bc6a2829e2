#pragma once
// One patient's dated, sourced entries. Each has the day it happened and the day it became known, so that "as
// known on" can be asked of the past. Nothing is interpreted here: unreadable and unit-less values are kept
// and say so.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/date.h"
#include "core/quantity.h"
#include "core/truth.h"
#include "record/facts.h"

namespace graftline::record {

// A level of an ordinal or code fact. A lower bound ("at least II: liver not assessed") has low < high.
struct Level {
  int low = 0;
  int high = 0;
  friend bool operator==(const Level&, const Level&) = default;
};

// monostate: the record says something that cannot be used; `Entry::unusable` says why.
// bool: statements, events and courses; false documents absence ("no infection", "never infused", "not on
// ciclosporin").
using Value = std::variant<std::monostate, Quantity, Level, bool>;

// Where an entry was read, so that every answer can lead back: {"labs.csv", "line 17"} or {"p1.json",
// "Observation/alt-1"}.
struct Origin {
  std::string file;
  std::string place;
};

enum class Standing : unsigned char { final, preliminary, corrected };

struct Entry {
  FactId fact = 0;
  // Courses: this entry says only that the course ended, on `when` (a drug stopped). `value` is true. It ends
  // the open course before it; with none, it is a course of unknown start. A dated "no" (value false) says
  // something else: that the course did not hold on that day.
  bool is_stop = false;
  Standing standing = Standing::final;
  PartialDate when;  // happened, or began
  // Courses: last day it held; absent: still holds, or never said to have ended.
  std::optional<PartialDate> until;
  Day known_on;        // from this day on the record contained it
  ReasonSet unusable;  // why `value` is empty: no unit, unreadable, status unknown, ...
  Value value;
  std::optional<Quantity> upper_limit;  // of the reference range reported with this very value
  std::vector<Quantity> amounts;        // infusions: cells per kg and total cells, by kind; drugs: dose
  std::string method;      // assay, scale or grading criteria as recorded: "STR-PCR", "MAGIC-2016"
  std::string context;     // infusion intent, specimen, marker: as recorded
  std::string as_written;  // the value as the record wrote it, for explanations
  Origin origin;
};

// A person's answer to a question that no record can settle ("unsuitable per investigator"), by its name in a
// protocol.
struct GivenJudgement {
  std::string name;
  bool value = false;
  PartialDate when;
  Day known_on;
  std::string by;
  Origin origin;
};

// Everything known about one patient. Transplants are entries of the fact "transplant"; day 0 is asked of a
// View, since a second transplant moves it only from its own day on.
struct Timeline {
  std::string patient;  // identifier as the record gives it
  std::vector<Entry>
      entries;  // any order on the way in; `arrange` sorts by fact, then first possible day, then known_on

  std::vector<GivenJudgement> judgements;

  void add(Entry entry) { entries.push_back(std::move(entry)); }
  // Sorts. Call once after the last `add`. Which course a stop ends is worked out by View, since the stop may
  // have become known later than the day asked about.
  void arrange();
};

}  // namespace graftline::record
