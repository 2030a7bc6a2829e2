#include "record/view.h"

#include <doctest/doctest.h>

#include "record/story.h"

using namespace graftline;
using namespace graftline::record;
using namespace graftline::record::story;

namespace {

Reading read(const Timeline& record, std::string_view as_of, std::string_view fact, Pick pick = Pick::latest,
             const Window& days = {}) {
  return View(record, day(as_of)).read(fact_id(fact), pick, days);
}
Window last_days(std::string_view as_of, int days) { return {day(as_of) - days, day(as_of)}; }

std::string value_of(const Member& member) {
  const Quantity* number = std::get_if<Quantity>(&member.value);
  return number != nullptr ? to_text(number->value) : "";
}

}  // namespace

TEST_CASE("the latest value of the window answers, and both of its ends belong to it") {
  const Timeline record =
      patient({number("alt", "2026-02-15", "50", "U/L"), number("alt", "2026-02-20", "35", "U/L")});
  const Reading reading = read(record, "2026-03-01", "alt", Pick::latest, last_days("2026-03-01", 14));
  REQUIRE(reading.members.size() == 1);
  CHECK(value_of(reading.members[0]) == "35");
  CHECK(reading.reasons.empty());
  // 15 February is 14 days before 1 March.
  CHECK(read(record, "2026-03-01", "alt", Pick::first, last_days("2026-03-01", 14)).members.size() == 1);
  CHECK(value_of(read(record, "2026-03-01", "alt", Pick::first, last_days("2026-03-01", 14)).members[0]) ==
        "50");
  CHECK(value_of(read(record, "2026-03-01", "alt", Pick::first, last_days("2026-03-01", 13)).members[0]) ==
        "35");
}

TEST_CASE("a value from before the window is too old, and shown; without any it was never measured") {
  const Timeline record = patient({number("lvef", "2025-11-01", "62", "%")});
  const Reading old = read(record, "2026-03-01", "lvef", Pick::latest, last_days("2026-03-01", 90));
  CHECK(old.members.empty());
  CHECK(old.reasons == Reason::too_old);
  REQUIRE(old.nearest.size() == 1);
  CHECK(old.nearest[0]->when == exactly(day("2025-11-01")));
  CHECK(read(patient({}), "2026-03-01", "lvef").reasons == Reason::never_measured);
}

TEST_CASE("a value of tomorrow does not exist today") {
  const Timeline record = patient({number("alt", "2026-03-02", "35", "U/L")});
  CHECK(read(record, "2026-03-01", "alt").reasons == Reason::never_measured);
  CHECK(read(record, "2026-03-02", "alt").members.size() == 1);
}

TEST_CASE("two different values of the latest day conflict, two equal ones do not") {
  const Timeline differ =
      patient({number("spo2", "2026-02-27", "98", "%"), number("spo2", "2026-02-27", "91", "%")});
  CHECK(read(differ, "2026-03-01", "spo2").reasons == Reason::conflicting);
  CHECK(read(differ, "2026-03-01", "spo2").members.size() == 2);
  const Timeline agree =
      patient({number("spo2", "2026-02-27", "98", "%"), number("spo2", "2026-02-27", "98.0", "%")});
  CHECK(read(agree, "2026-03-01", "spo2").reasons.empty());
  REQUIRE(read(agree, "2026-03-01", "spo2").members.size() == 1);
  CHECK(read(agree, "2026-03-01", "spo2").members[0].evidence.size() == 2);
}

TEST_CASE("a conflict of an earlier day does not matter to the latest") {
  const Timeline record =
      patient({number("spo2", "2026-02-20", "98", "%"), number("spo2", "2026-02-20", "91", "%"),
               number("spo2", "2026-02-27", "97", "%")});
  CHECK(read(record, "2026-03-01", "spo2").reasons.empty());
  CHECK(read(record, "2026-03-01", "spo2").members.size() == 1);
}

TEST_CASE("1 g/L and 100 mg/dL are the same value") {
  const Timeline record = patient(
      {number("bilirubin", "2026-02-27", "1", "g/L"), number("bilirubin", "2026-02-27", "100", "mg/dL")});
  CHECK(read(record, "2026-03-01", "bilirubin").members.size() == 1);
}

TEST_CASE("a value of February may be later than one of the tenth, and then it is open which is the latest") {
  const Timeline record =
      patient({number("alt", "2026-02-10", "35", "U/L"), number("alt", "2026-02", "90", "U/L")});
  const Reading reading = read(record, "2026-03-01", "alt");
  CHECK(reading.members.size() == 2);
  CHECK(reading.reasons == Reason::imprecise_date);
  const Timeline later =
      patient({number("alt", "2026-03-01", "35", "U/L"), number("alt", "2026-02", "90", "U/L")});
  CHECK(read(later, "2026-03-01", "alt").members.size() == 1);
  CHECK(read(later, "2026-03-01", "alt").reasons.empty());
  const Timeline same =
      patient({number("alt", "2026-02-10", "35", "U/L"), number("alt", "2026-02", "35", "U/L")});
  CHECK(read(same, "2026-03-01", "alt").reasons.empty());
}

TEST_CASE("a value that may lie outside the window leaves open that there is none") {
  const Timeline record = patient({number("alt", "2026-02", "35", "U/L")});
  const Reading reading = read(record, "2026-03-01", "alt", Pick::latest, last_days("2026-03-01", 14));
  CHECK(reading.reasons == Reason::imprecise_date);
  REQUIRE(reading.members.size() == 2);
  CHECK(reading.members[0].in_window.truth == Truth::unknown);
  CHECK(std::holds_alternative<std::monostate>(reading.members[1].value));
}

TEST_CASE("a value without a unit stays a member, and it is the latest") {
  const Timeline record =
      patient({number("lvef", "2026-02-20", "62", "%"), unusable("lvef", "2026-02-25", Reason::no_unit)});
  const Reading reading = read(record, "2026-03-01", "lvef");
  REQUIRE(reading.members.size() == 1);
  CHECK(reading.members[0].reasons == Reason::no_unit);
  CHECK(std::holds_alternative<std::monostate>(reading.members[0].value));
}

TEST_CASE("a preliminary result is not yet a value; the final one replaces it") {
  Entry preliminary = number("alt", "2026-02-27", "400", "U/L");
  preliminary.standing = Standing::preliminary;
  CHECK(read(patient({preliminary}), "2026-03-01", "alt").members[0].reasons == Reason::status_unknown);
  const Timeline final = patient({preliminary, number("alt", "2026-02-27", "40", "U/L")});
  REQUIRE(read(final, "2026-03-01", "alt").members.size() == 1);
  CHECK(value_of(read(final, "2026-03-01", "alt").members[0]) == "40");
}

TEST_CASE("a correction counts from the day it became known, and before it the old value stands") {
  Entry corrected = number("creatinine", "2026-02-10", "1.8", "mg/dL");
  corrected.standing = Standing::corrected;
  corrected.known_on = day("2026-02-20");
  const Timeline record = patient({number("creatinine", "2026-02-10", "0.8", "mg/dL"), corrected});
  const auto as_known = [&](std::string_view known_on) {
    const Reading reading =
        View(record, day("2026-02-10"), day(known_on)).read(fact_id("creatinine"), Pick::latest, {});
    return reading.members.size() == 1 ? value_of(reading.members[0]) : "several";
  };
  CHECK(as_known("2026-02-19") == "0.8");
  CHECK(as_known("2026-02-20") == "1.8");
}

TEST_CASE("a correction of one assay leaves the other assay's result of that day alone") {
  Entry flow = level("mrd", "2026-02-10", "positive");
  flow.method = "flow cytometry";
  Entry corrected = level("mrd", "2026-02-10", "negative");
  corrected.method = "qPCR";
  corrected.standing = Standing::corrected;
  CHECK(read(patient({flow, corrected}), "2026-03-01", "mrd").members.size() == 2);
}

TEST_CASE("worst, best and any read every value of the window, unknown ones too") {
  const Timeline record =
      patient({level("agvhd_grade", "2026-01-30", "II"), level("agvhd_grade", "2026-02-10", "0"),
               unusable("agvhd_grade", "2026-02-12", Reason::unreadable)});
  for (const Pick pick : {Pick::worst, Pick::best, Pick::any}) {
    CHECK(read(record, "2026-03-01", "agvhd_grade", pick).members.size() == 3);
  }
}

TEST_CASE("a window that ends after the day asked about is open") {
  const Timeline record = patient({level("agvhd_grade", "2026-02-20", "I")});
  const Window days{day("2026-02-09"), day("2026-03-11")};
  CHECK(read(record, "2026-03-01", "agvhd_grade", Pick::worst, days).window_is_open);
  CHECK_FALSE(read(record, "2026-03-11", "agvhd_grade", Pick::worst, days).window_is_open);
}

TEST_CASE("day 0 is the latest transplant that has happened by the day asked about") {
  const Timeline record =
      patient({says("transplant", "2024-05-02", true), says("transplant", "2026-01-10", true)});
  CHECK(View(record, day("2026-03-01")).day_zero() == exactly(day("2026-01-10")));
  CHECK(View(record, day("2025-03-01")).day_zero() == exactly(day("2024-05-02")));
  CHECK_FALSE(View(record, day("2024-05-01")).day_zero());
}

TEST_CASE("infusions before the present transplant belong to the one before") {
  const Timeline record = patient({says("transplant", "2024-05-02", true), says("dli", "2024-09-01", true),
                                   says("transplant", "2026-01-10", true), says("dli", "2026-03-20", true)});
  const auto given = View(record, day("2026-04-01")).infusions();
  REQUIRE(given.size() == 1);
  CHECK(given[0]->when == exactly(day("2026-03-20")));
}
