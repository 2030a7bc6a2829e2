#pragma once
// Short ways to write a patient's record in tests.

#include <string_view>

#include "core/date.h"
#include "core/quantity.h"
#include "record/timeline.h"

namespace graftline::record::story {

inline Day day(std::string_view text) {
  const auto parsed = parse_day(text);
  ensure(static_cast<bool>(parsed), "a test writes days that exist");
  return *parsed;
}
inline PartialDate date(std::string_view text) {
  const auto parsed = parse_partial_date(text);
  ensure(static_cast<bool>(parsed), "a test writes dates that exist");
  return *parsed;
}

// An entry known since it happened (since the first day it may have happened, when its date is imprecise).
inline Entry entry(std::string_view fact, std::string_view when, Value value) {
  Entry e;
  e.fact = fact_id(fact);
  e.when = date(when);
  e.known_on = e.when.first;
  e.value = std::move(value);
  return e;
}
inline Entry says(std::string_view fact, std::string_view when, bool value) {
  return entry(fact, when, value);
}

inline Entry from_to(std::string_view fact, std::string_view when, std::string_view until) {
  Entry e = says(fact, when, true);
  e.until = date(until);
  return e;
}
inline Entry stop(std::string_view fact, std::string_view when) {
  Entry e = says(fact, when, true);
  e.is_stop = true;
  return e;
}
inline Entry level(std::string_view fact, std::string_view when, std::string_view word) {
  const auto index = level_of(record::fact(fact_id(fact)), word);
  ensure(index.has_value(), "a test writes levels that exist");
  Entry e = entry(fact, when, Level{*index, *index});
  e.as_written = word;
  return e;
}
inline Entry number(std::string_view fact, std::string_view when, std::string_view value,
                    std::string_view unit) {
  const auto parsed_unit = parse_unit(unit);
  ensure(static_cast<bool>(parsed_unit), "a test writes units that exist");
  const auto quantity = parse_quantity(value, *parsed_unit, record::fact(fact_id(fact)).kind);
  ensure(static_cast<bool>(quantity), "a test writes numbers that can be read");
  Entry e = entry(fact, when, *quantity);
  e.as_written = value;
  return e;
}
inline Entry unusable(std::string_view fact, std::string_view when, ReasonSet why) {
  Entry e = entry(fact, when, std::monostate{});
  e.unusable = why;
  return e;
}

inline Timeline patient(std::vector<Entry> entries) {
  Timeline timeline;
  timeline.patient = "test";
  timeline.entries = std::move(entries);
  timeline.arrange();
  return timeline;
}

}  // namespace graftline::record::story
