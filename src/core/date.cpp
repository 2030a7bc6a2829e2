#include "core/date.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>

namespace graftline {
namespace {

constexpr int first_year = 1800;
constexpr int last_year = 2200;

std::chrono::year_month_day calendar_day(CivilDate date) {
  return {std::chrono::year(date.year), std::chrono::month(static_cast<unsigned>(date.month)),
          std::chrono::day(static_cast<unsigned>(date.day))};
}

int last_day_of_month(int year, int month) {
  const std::chrono::year_month_day_last last(
      std::chrono::year(year), std::chrono::month_day_last(std::chrono::month(static_cast<unsigned>(month))));
  return static_cast<int>(static_cast<unsigned>(last.day()));
}

// Takes exactly `digits` digits from the front.
std::optional<int> take_number(std::string_view& rest, std::size_t digits) {
  if (rest.size() < digits) return std::nullopt;
  int number = 0;
  for (const char c : rest.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  rest.remove_prefix(digits);
  return number;
}

bool take(std::string_view& rest, char expected) {
  if (rest.empty() || rest.front() != expected) return false;
  rest.remove_prefix(1);
  return true;
}

std::optional<int> take_number_up_to(std::string_view& rest, int largest) {
  const std::optional<int> number = take_number(rest, 2);
  return number && *number <= largest ? number : std::nullopt;
}

bool take_fraction(std::string_view& rest) {
  const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  rest.remove_prefix(digits);
  return digits > 0;
}

bool take_zone(std::string_view& rest) {
  if (rest.empty() || take(rest, 'Z')) return true;
  if (!take(rest, '+') && !take(rest, '-')) return false;
  return take_number_up_to(rest, 14) && take(rest, ':') && take_number_up_to(rest, 59);
}

// "10:42", "10:42:07", "10:42:07.123", each with or without a zone. 60 seconds exist: FHIR allows the leap
// second.
bool is_time_of_day(std::string_view rest) {
  if (!take_number_up_to(rest, 23) || !take(rest, ':') || !take_number_up_to(rest, 59)) return false;
  if (take(rest, ':')) {
    if (!take_number_up_to(rest, 60)) return false;
    if (take(rest, '.') && !take_fraction(rest)) return false;
  }
  return take_zone(rest) && rest.empty();
}

Error bad_date(const char* expected) {
  return {ErrorKind::malformed_input, fmt::format("not a date: {}", expected)};
}

PartialDate span(CivilDate first, CivilDate last, DatePrecision precision) {
  return {day_of(first), day_of(last), precision};
}

}  // namespace

CivilDate civil(Day day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day.value))};
  return {static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day()))};
}

Day day_of(CivilDate date) {
  const std::chrono::sys_days days(calendar_day(date));
  return {static_cast<std::int32_t>(days.time_since_epoch().count())};
}

Day add_months(Day day, int months) {
  const CivilDate from = civil(day);
  const int month_index = from.year * 12 + (from.month - 1) + months;
  const int year = month_index >= 0 ? month_index / 12 : (month_index - 11) / 12;
  const int month = month_index - year * 12 + 1;
  return day_of({year, month, std::min(from.day, last_day_of_month(year, month))});
}

int completed_years(Day from, Day to) {
  const CivilDate start = civil(from);
  const CivilDate end = civil(to);
  const bool before_anniversary =
      end.month < start.month || (end.month == start.month && end.day < start.day);
  return end.year - start.year - (before_anniversary ? 1 : 0);
}

Result<PartialDate> parse_partial_date(std::string_view text) {
  std::string_view rest = text;
  const std::optional<int> year = take_number(rest, 4);
  if (!year) return bad_date("expected YYYY, YYYY-MM, YYYY-MM-DD or a FHIR dateTime");
  if (*year < first_year || *year > last_year) return bad_date("the year is not from 1800 to 2200");
  if (rest.empty()) return span({*year, 1, 1}, {*year, 12, 31}, DatePrecision::year);

  if (!take(rest, '-')) return bad_date("expected a hyphen after the year");
  const std::optional<int> month = take_number(rest, 2);
  if (!month || *month < 1 || *month > 12) return bad_date("the month is not from 01 to 12");
  const int month_end = last_day_of_month(*year, *month);
  if (rest.empty()) return span({*year, *month, 1}, {*year, *month, month_end}, DatePrecision::month);

  if (!take(rest, '-')) return bad_date("expected a hyphen after the month");
  const std::optional<int> day = take_number(rest, 2);
  if (!day || *day < 1 || *day > month_end) return bad_date("there is no such day in that month");
  if (!rest.empty() && (!take(rest, 'T') || !is_time_of_day(rest))) {
    return bad_date("after the day only a time such as T10:42:00+01:00 may follow");
  }
  return exactly(day_of({*year, *month, *day}));
}

Result<Day> parse_day(std::string_view text) {
  auto date = parse_partial_date(text);
  if (!date) return date.error();
  if (date->precision != DatePrecision::day) return bad_date("a whole day is needed, as in 2026-03-01");
  return date->first;
}

std::string to_text(Day day) {
  const CivilDate date = civil(day);
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

std::string to_text(const PartialDate& date) {
  std::string first = to_text(date.first);
  switch (date.precision) {
    case DatePrecision::year:
      return first.substr(0, 4);
    case DatePrecision::month:
      return first.substr(0, 7);
    case DatePrecision::day:
      break;
  }
  return first;
}

Answer on_or_before(const PartialDate& a, Day b) {
  if (a.last <= b) return answer(true);
  return a.first > b ? answer(false) : unknown(Reason::imprecise_date);
}

Answer on_or_after(const PartialDate& a, Day b) {
  if (a.first >= b) return answer(true);
  return a.last < b ? answer(false) : unknown(Reason::imprecise_date);
}

Answer between(const PartialDate& a, Day first, Day last) {
  if (first > last) return answer(false);
  return on_or_after(a, first) & on_or_before(a, last);
}

}  // namespace graftline
