#pragma once
// Calendar days. Day 0 is the calendar day of graft infusion: we subtract dates, never instants, since a
// clock change must not turn day 99 into day 100. A record may say only "March 2021"; its precision is kept
// and it compares as an interval.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/truth.h"

namespace graftline {

struct Day {
  std::int32_t value = 0;  // days since 1970-01-01
  friend constexpr auto operator<=>(Day, Day) = default;
};
constexpr Day operator+(Day d, int days) { return {d.value + days}; }
constexpr Day operator-(Day d, int days) { return {d.value - days}; }
constexpr int operator-(Day a, Day b) { return a.value - b.value; }

struct CivilDate {
  int year, month, day;
};
CivilDate civil(Day day);
Day day_of(CivilDate date);
Day add_months(Day day, int months);  // calendar months; 31 January + 1 month = 28 or 29 February
int completed_years(Day from, Day to);

enum class DatePrecision : unsigned char { year, month, day };

// The days it may have been, both ends included.
struct PartialDate {
  Day first;
  Day last;
  DatePrecision precision = DatePrecision::day;
  friend constexpr bool operator==(const PartialDate&, const PartialDate&) = default;
};
constexpr PartialDate exactly(Day day) { return {day, day, DatePrecision::day}; }

// "2021", "2021-03", "2021-03-04", and FHIR dateTime "2021-03-04T10:42:00+01:00" (the calendar day as written
// there). errors  malformed_input: no such form or no such day (2021-02-30); years 1800 to 2200
Result<PartialDate> parse_partial_date(std::string_view text);
Result<Day> parse_day(std::string_view text);  // a whole day only

std::string to_text(Day day);                  // "2026-03-01"
std::string to_text(const PartialDate& date);  // "2026-03-01", "2026-03" or "2026"

// Three-valued: certainly, certainly not, or unknown (imprecise date).
Answer on_or_before(const PartialDate& a, Day b);
Answer on_or_after(const PartialDate& a, Day b);
Answer between(const PartialDate& a, Day first, Day last);  // both ends included

}  // namespace graftline
