#pragma once
// Times of a bag: hold times are counted in hours, so here, unlike in a timeline, the clock matters.

#include <optional>
#include <string>
#include <string_view>

#include "core/date.h"
#include "product/amounts.h"

namespace graftline::product {

struct ClockTime {
  Day day;
  std::optional<int> minute;          // of the day; absent: only the day was recorded
  std::optional<int> offset_minutes;  // east of UTC; absent: the site's own clock

  friend bool operator==(const ClockTime&, const ClockTime&) = default;
};

// "2026-03-01", "2026-03-01T08:30", "2026-03-01 08:30", each time also with "Z" or "+01:00".
// errors  malformed_input
Result<ClockTime> parse_clock_time(std::string_view text);
std::string to_text(const ClockTime& time);

// Absent when a time of day is missing, or only one of the two says its distance from UTC.
std::optional<Hours> hours_between(const ClockTime& from, const ClockTime& to);

// Certainly before, certainly not, or unknown (same day without times).
Truth before(const ClockTime& a, const ClockTime& b);

}  // namespace graftline::product
