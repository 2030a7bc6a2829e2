#include "core/date.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace graftline {
namespace {

Day day(int year, int month, int day_of_month) { return day_of({year, month, day_of_month}); }

PartialDate read(std::string_view text) {
  auto date = parse_partial_date(text);
  REQUIRE_MESSAGE(bool(date), text);
  return *date;
}

rc::Gen<Day> any_day() {
  return rc::gen::map(rc::gen::inRange(day(1800, 1, 1).value, day(2200, 12, 31).value + 1),
                      [](int value) { return Day{value}; });
}

TEST_CASE("days are counted between calendar dates, so a clock change does not lose one") {
  CHECK(day(1970, 1, 1).value == 0);
  CHECK(day(2000, 3, 1) - day(2000, 2, 28) == 2);  // 2000 is a leap year
  CHECK(day(1900, 3, 1) - day(1900, 2, 28) == 1);  // 1900 is not
  // Transplant on 10 January 2026: day +45 and day +60.
  CHECK(day(2026, 1, 10) + 45 == day(2026, 2, 24));
  CHECK(day(2026, 1, 10) + 60 == day(2026, 3, 11));
  CHECK(day(2026, 3, 30) - day(2026, 3, 28) == 2);  // over the European clock change
}

TEST_CASE("a month after the 31st is the last day of the next month") {
  CHECK(add_months(day(2026, 1, 31), 1) == day(2026, 2, 28));
  CHECK(add_months(day(2024, 1, 31), 1) == day(2024, 2, 29));
  CHECK(add_months(day(2026, 1, 31), 3) == day(2026, 4, 30));
  CHECK(add_months(day(2026, 1, 15), -1) == day(2025, 12, 15));
  CHECK(add_months(day(2026, 3, 31), -13) == day(2025, 2, 28));
  CHECK(add_months(day(2026, 12, 5), 12) == day(2027, 12, 5));
}

TEST_CASE("a year of life is completed on the birthday, for those born on 29 February on 1 March") {
  CHECK(completed_years(day(2008, 3, 2), day(2026, 3, 1)) == 17);
  CHECK(completed_years(day(2008, 3, 1), day(2026, 3, 1)) == 18);
  CHECK(completed_years(day(2008, 2, 29), day(2026, 2, 28)) == 17);
  CHECK(completed_years(day(2008, 2, 29), day(2026, 3, 1)) == 18);
  CHECK(completed_years(day(2026, 3, 1), day(2026, 3, 1)) == 0);
}

TEST_CASE("a date is read with the precision it was written in") {
  CHECK(read("2021") == PartialDate{day(2021, 1, 1), day(2021, 12, 31), DatePrecision::year});
  CHECK(read("2021-02") == PartialDate{day(2021, 2, 1), day(2021, 2, 28), DatePrecision::month});
  CHECK(read("2021-03-04") == exactly(day(2021, 3, 4)));
}

TEST_CASE("a FHIR instant counts for the calendar day written in it, not for the day elsewhere") {
  for (const std::string_view text :
       {"2021-03-04T10:42:00+01:00", "2021-03-04T23:59:60Z", "2021-03-04T00:30:00.123+14:00",
        "2021-03-04T10:42", "2021-03-04T10:42:00", "2021-03-04T10:42:00-11:30"}) {
    CAPTURE(text);
    CHECK(read(text) == exactly(day(2021, 3, 4)));
  }
}

TEST_CASE("what is not a date is refused, not guessed") {
  for (const std::string_view text : {"",
                                      "21",
                                      "2021-",
                                      "2021-13",
                                      "2021-00",
                                      "2021-3",
                                      "2021-02-30",
                                      "2021-02-29",
                                      "1900-02-29",
                                      "2021-03-00",
                                      "2021-03-04T",
                                      "2021-03-04T24:00:00",
                                      "2021-03-04T10",
                                      "2021-03-04T10:60",
                                      "2021-03-04T10:42:00+15:00",
                                      "2021-03-04T10:42:00.",
                                      "2021-03-04 10:42",
                                      "04.03.2021",
                                      "03/04/2021",
                                      "2021/03/04",
                                      "20210304",
                                      "1799",
                                      "2201-01-01",
                                      " 2021",
                                      "2021-03-04Z",
                                      "２０２１"}) {
    CAPTURE(text);
    const auto date = parse_partial_date(text);
    REQUIRE_FALSE(date);
    CHECK(date.error().kind == ErrorKind::malformed_input);
  }
  CHECK_FALSE(parse_day("2021-03"));
  CHECK(parse_day("2021-03-04"));
}

TEST_CASE("an imprecise date gives an unknown exactly where its precision matters") {
  const PartialDate march = read("2021-03");
  CHECK(on_or_before(march, day(2021, 3, 31)) == answer(true));
  CHECK(on_or_before(march, day(2021, 2, 28)) == answer(false));
  CHECK(on_or_before(march, day(2021, 3, 30)) == unknown(Reason::imprecise_date));
  CHECK(on_or_after(march, day(2021, 3, 1)) == answer(true));
  CHECK(on_or_after(march, day(2021, 4, 1)) == answer(false));
  CHECK(on_or_after(march, day(2021, 3, 2)) == unknown(Reason::imprecise_date));
  CHECK(between(march, day(2021, 3, 1), day(2021, 3, 31)) == answer(true));
  CHECK(between(march, day(2021, 4, 1), day(2021, 4, 30)) == answer(false));
  CHECK(between(march, day(2021, 3, 10), day(2021, 3, 20)) == unknown(Reason::imprecise_date));
  CHECK(between(march, day(2021, 4, 2), day(2021, 4, 1)) == answer(false));
}

TEST_CASE("every day reads back from its text") {
  CHECK(rc::check([] {
    const Day drawn = *any_day();
    const auto reread = parse_day(to_text(drawn));
    RC_ASSERT(bool(reread));
    RC_ASSERT(*reread == drawn);
    const PartialDate month = *parse_partial_date(to_text(drawn).substr(0, 7));
    RC_ASSERT(month.first <= drawn);
    RC_ASSERT(drawn <= month.last);
    RC_ASSERT(to_text(month) == to_text(drawn).substr(0, 7));
  }));
}

TEST_CASE("an answer about an imprecise date is what all the days it may have been agree on") {
  CHECK(rc::check([] {
    const Day first = *any_day();
    const PartialDate date{first, first + *rc::gen::inRange(0, 40), DatePrecision::month};
    const Day from = first + *rc::gen::inRange(-20, 60);
    const Day to = from + *rc::gen::inRange(0, 40);
    bool some_inside = false;
    bool some_outside = false;
    for (Day d = date.first; d <= date.last; d = d + 1)
      (from <= d && d <= to ? some_inside : some_outside) = true;
    const Truth expected = some_inside && some_outside ? Truth::unknown : truth(some_inside);
    RC_ASSERT(between(date, from, to).truth == expected);
  }));
}

}  // namespace
}  // namespace graftline
