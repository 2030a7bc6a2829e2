#include "product/clock_time.h"

#include <fmt/format.h>

#include <cstdlib>

namespace graftline::product {
namespace {

// "08:30" as minutes; -1 when it is none.
int minutes_of(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return -1;
  for (const std::size_t at : {0, 1, 3, 4}) {
    if (text[at] < '0' || text[at] > '9') return -1;
  }
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  return hour < 24 && minute < 60 ? hour * 60 + minute : -1;
}

std::int64_t minute_count(const ClockTime& time) {
  return std::int64_t{time.day.value} * 1440 + time.minute.value_or(0) - time.offset_minutes.value_or(0);
}

}  // namespace

Result<ClockTime> parse_clock_time(std::string_view text) {
  const Error malformed{ErrorKind::malformed_input,
                        "expected a day or a time: 2026-03-01, 2026-03-01T08:30 or 2026-03-01T08:30+01:00"};
  if (text.size() < 10) return malformed;
  const auto day = parse_day(text.substr(0, 10));
  if (!day) return malformed;
  ClockTime time{*day, std::nullopt, std::nullopt};
  text.remove_prefix(10);
  if (text.empty()) return time;
  if ((text.front() != 'T' && text.front() != ' ') || text.size() < 6) return malformed;
  const int minute = minutes_of(text.substr(1, 5));
  if (minute < 0) return malformed;
  time.minute = minute;
  text.remove_prefix(6);
  if (text.empty()) return time;
  if (text == "Z") {
    time.offset_minutes = 0;
    return time;
  }
  const int offset = minutes_of(text.substr(1));
  if ((text.front() != '+' && text.front() != '-') || offset < 0) return malformed;
  time.offset_minutes = text.front() == '-' ? -offset : offset;
  return time;
}

std::string to_text(const ClockTime& time) {
  std::string text = graftline::to_text(time.day);
  if (!time.minute) return text;
  text += fmt::format("T{:02}:{:02}", *time.minute / 60, *time.minute % 60);
  if (!time.offset_minutes) return text;
  if (*time.offset_minutes == 0) return text + "Z";
  const int offset = std::abs(*time.offset_minutes);
  return text + fmt::format("{}{:02}:{:02}", *time.offset_minutes < 0 ? '-' : '+', offset / 60, offset % 60);
}

std::optional<Hours> hours_between(const ClockTime& from, const ClockTime& to) {
  if (!from.minute || !to.minute || from.offset_minutes.has_value() != to.offset_minutes.has_value())
    return std::nullopt;
  return Hours(Rational(minute_count(to) - minute_count(from), 60));
}

Truth before(const ClockTime& a, const ClockTime& b) {
  if (const auto hours = hours_between(a, b)) return hours->value() > 0 ? Truth::yes : Truth::no;
  if (a.day == b.day) return Truth::unknown;
  return a.day < b.day ? Truth::yes : Truth::no;
}

}  // namespace graftline::product
