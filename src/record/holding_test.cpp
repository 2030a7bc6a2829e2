#include <doctest/doctest.h>

#include "record/story.h"
#include "record/view.h"

using namespace graftline;
using namespace graftline::record;
using namespace graftline::record::story;

namespace {

Window window(std::string_view first, std::string_view last) { return {day(first), day(last)}; }

Answer held(const Timeline& record, std::string_view as_of, std::string_view fact, const Window& days,
            Absence absence = Absence::unknown) {
  return View(record, day(as_of)).held(fact_id(fact), days, absence);
}
Answer now(const Timeline& record, std::string_view as_of, std::string_view fact,
           Absence absence = Absence::unknown) {
  return View(record, day(as_of)).holds_now(fact_id(fact), absence);
}

const Answer yes = answer(true);
const Answer no = answer(false);

}  // namespace

TEST_CASE("no record of an infection does not mean no infection, unless the protocol says so") {
  const Timeline empty = patient({});
  CHECK(held(empty, "2026-03-01", "severe_infection", {}) == unknown(Reason::never_measured));
  CHECK(held(empty, "2026-03-01", "severe_infection", {}, Absence::no) == no);
  CHECK(now(empty, "2026-03-01", "severe_infection") == unknown(Reason::never_measured));
  CHECK(now(empty, "2026-03-01", "severe_infection", Absence::no) == no);
}

TEST_CASE("a window that still runs is not closed by silence, by a no, nor by a declared absence") {
  const Window days = window("2026-02-09", "2026-03-11");  // day +30 to day +60 of 10 January
  const Timeline record = patient({says("uncontrolled_gvhd", "2026-02-20", false)});
  CHECK(held(record, "2026-03-01", "uncontrolled_gvhd", days) == unknown(Reason::window_open));
  CHECK(held(patient({}), "2026-03-01", "uncontrolled_gvhd", days, Absence::no) ==
        unknown(Reason::window_open));
  CHECK(held(record, "2026-03-11", "uncontrolled_gvhd", days) == no);
  const Timeline happened = patient({says("uncontrolled_gvhd", "2026-02-20", true)});
  CHECK(held(happened, "2026-03-01", "uncontrolled_gvhd", days) == yes);
}

TEST_CASE("a no from before the window is too old for it") {
  const Timeline record = patient({says("severe_infection", "2026-01-20", false)});
  CHECK(held(record, "2026-03-01", "severe_infection", window("2026-02-15", "2026-03-01")) ==
        unknown(Reason::too_old));
  CHECK(now(record, "2026-03-01", "severe_infection") == no);
}

TEST_CASE("an infusion of unknown status leaves it unknown whether there was one") {
  const Timeline record = patient({unusable("dli", "2026-02-20", Reason::status_unknown)});
  CHECK(held(record, "2026-03-01", "dli", {}) == unknown(Reason::status_unknown));
  CHECK(held(record, "2026-03-01", "dli", {}, Absence::no) == unknown(Reason::status_unknown));
  CHECK(View(record, day("2026-03-01")).infusions().size() == 1);
}

TEST_CASE("a documented no infusion is no infusion, and a yes beside an unknown one is a yes") {
  CHECK(held(patient({says("dli", "2026-02-20", false)}), "2026-03-01", "dli", {}) == no);
  CHECK(View(patient({says("dli", "2026-02-20", false)}), day("2026-03-01")).infusions().empty());
  const Timeline both =
      patient({unusable("dli", "2026-02-20", Reason::status_unknown), says("dli", "2026-02-25", true)});
  CHECK(held(both, "2026-03-01", "dli", {}) == yes);
}

TEST_CASE("that no relapse had happened by day 50 covers day 0 to 30, and part of day 40 to 55") {
  const Timeline record = patient({says("relapse", "2026-03-01", false)});
  CHECK(held(record, "2026-03-10", "relapse", window("2026-01-10", "2026-02-09")) == no);
  CHECK(held(record, "2026-03-10", "relapse", window("2026-02-19", "2026-03-06")) == no);
  CHECK(held(record, "2026-03-10", "relapse", window("2026-03-02", "2026-03-06")) ==
        unknown(Reason::too_old));
}

TEST_CASE(
    "an infarction of March may or may not lie within the last days of February and the first of March") {
  const Timeline record = patient({says("myocardial_infarction", "2026-03", true)});
  CHECK(held(record, "2026-04-10", "myocardial_infarction", window("2026-03-01", "2026-03-31")) == yes);
  CHECK(held(record, "2026-04-10", "myocardial_infarction", window("2026-03-10", "2026-04-10")) ==
        unknown(Reason::imprecise_date));
  CHECK(held(record, "2026-04-10", "myocardial_infarction", window("2026-04-01", "2026-04-10")) ==
        unknown(Reason::too_old));
}

TEST_CASE("a drug that was started and not stopped is still taken") {
  const Timeline record = patient({says("ciclosporin", "2026-01-05", true)});
  CHECK(now(record, "2026-03-01", "ciclosporin") == yes);
  CHECK(held(record, "2026-03-01", "ciclosporin", window("2026-02-20", "2026-03-01")) == yes);
  CHECK(now(record, "2026-01-04", "ciclosporin") == unknown(Reason::never_measured));
}

TEST_CASE("a drug stopped on a day was last taken on that day, and no longer since") {
  const Timeline record =
      patient({says("ciclosporin", "2026-01-05", true), stop("ciclosporin", "2026-02-10")});
  CHECK(now(record, "2026-02-10", "ciclosporin") == yes);
  CHECK(now(record, "2026-02-11", "ciclosporin") == no);
  CHECK(held(record, "2026-03-01", "ciclosporin", window("2026-02-11", "2026-03-01")) == no);
  CHECK(held(record, "2026-03-01", "ciclosporin", window("2026-02-01", "2026-03-01")) == yes);
  // The day before the stop it was open, and that is what the past knew.
  CHECK(now(record, "2026-02-09", "ciclosporin") == yes);
}

TEST_CASE("a stop without a start was taken until then, since nobody knows when") {
  const Timeline record = patient({stop("tacrolimus", "2026-02-10")});
  CHECK(now(record, "2026-03-01", "tacrolimus") == no);
  CHECK(held(record, "2026-03-01", "tacrolimus", window("2026-02-10", "2026-02-20")) == yes);
  CHECK(held(record, "2026-03-01", "tacrolimus", window("2026-01-01", "2026-02-01")) ==
        unknown(Reason::imprecise_date));
  CHECK(held(record, "2026-03-01", "tacrolimus", window("2026-02-11", "2026-03-01")) == no);
}

TEST_CASE("a drug that was restarted after a stop is taken again") {
  const Timeline record = patient({says("ciclosporin", "2026-01-05", true), stop("ciclosporin", "2026-02-10"),
                                   says("ciclosporin", "2026-02-20", true)});
  CHECK(now(record, "2026-03-01", "ciclosporin") == yes);
  CHECK(held(record, "2026-03-01", "ciclosporin", window("2026-02-11", "2026-02-19")) == no);
}

TEST_CASE("a dated no ends an open episode on a day that is not known") {
  const Timeline record =
      patient({says("active_agvhd", "2026-02-01", true), says("active_agvhd", "2026-02-20", false)});
  CHECK(now(record, "2026-02-25", "active_agvhd") == no);
  CHECK(held(record, "2026-02-25", "active_agvhd", window("2026-02-10", "2026-02-15")) ==
        unknown(Reason::imprecise_date));
  CHECK(held(record, "2026-02-25", "active_agvhd", window("2026-02-20", "2026-02-25")) == no);
  CHECK(held(record, "2026-02-25", "active_agvhd", window("2026-01-20", "2026-02-01")) == yes);
}

TEST_CASE("an episode with a first and a last day leaves the days after it free") {
  const Timeline record = patient({from_to("active_infection", "2026-01-15", "2026-01-25")});
  CHECK(now(record, "2026-01-25", "active_infection") == yes);
  CHECK(now(record, "2026-01-26", "active_infection") == no);
  CHECK(held(record, "2026-03-01", "active_infection", window("2026-02-01", "2026-03-01")) == no);
}

TEST_CASE("yes and no of the same latest day contradict each other") {
  const Timeline record =
      patient({says("severe_infection", "2026-02-20", true), says("severe_infection", "2026-02-20", false)});
  CHECK(now(record, "2026-03-01", "severe_infection") == unknown(Reason::conflicting));
  const Timeline statement =
      patient({says("remission", "2026-02-20", true), says("remission", "2026-02-20", false)});
  CHECK(now(statement, "2026-03-01", "remission") == unknown(Reason::conflicting));
}

TEST_CASE("the latest statement counts, and agreement on a day is no conflict") {
  const Timeline record =
      patient({says("remission", "2026-01-20", false), says("remission", "2026-02-20", true),
               says("remission", "2026-02-20", true)});
  CHECK(now(record, "2026-03-01", "remission") == yes);
  CHECK(now(record, "2026-02-01", "remission") == no);
}

TEST_CASE("on ciclosporin is on immunosuppression, off ciclosporin is not yet off it") {
  const Timeline on = patient({says("ciclosporin", "2026-01-05", true)});
  CHECK(now(on, "2026-03-01", "systemic_immunosuppression") == yes);
  const Timeline stopped =
      patient({says("ciclosporin", "2026-01-05", true), stop("ciclosporin", "2026-02-10")});
  CHECK(now(stopped, "2026-03-01", "systemic_immunosuppression") == unknown(Reason::never_measured));
  CHECK(now(stopped, "2026-03-01", "systemic_immunosuppression", Absence::no) == no);
}

TEST_CASE("off all immunosuppression is off ciclosporin, also when its stop was never recorded") {
  const Timeline record = patient(
      {says("ciclosporin", "2026-01-05", true), says("systemic_immunosuppression", "2026-02-20", false)});
  CHECK(now(record, "2026-03-01", "ciclosporin") == no);
  CHECK(now(record, "2026-03-01", "systemic_immunosuppression") == no);
  CHECK(now(record, "2026-02-19", "ciclosporin") == yes);
}

TEST_CASE("no GVHD at all is no uncontrolled GVHD; no acute GVHD alone does not exclude chronic") {
  const Window days = window("2026-02-09", "2026-03-01");
  const Timeline none = patient({says("active_gvhd", "2026-02-15", false)});
  CHECK(held(none, "2026-03-01", "uncontrolled_gvhd", days) == no);
  const Timeline no_acute = patient({says("active_agvhd", "2026-02-15", false)});
  CHECK(held(no_acute, "2026-03-01", "active_gvhd", days) == unknown(Reason::never_measured));
  const Timeline neither =
      patient({says("active_agvhd", "2026-02-15", false), says("active_cgvhd", "2026-02-15", false)});
  CHECK(held(neither, "2026-03-01", "active_gvhd", days) == no);
  CHECK(held(neither, "2026-03-01", "uncontrolled_gvhd", days) == no);
}

TEST_CASE("uncontrolled GVHD is active GVHD") {
  const Timeline record = patient({says("uncontrolled_gvhd", "2026-02-15", true)});
  CHECK(now(record, "2026-03-01", "active_gvhd") == yes);
}

TEST_CASE("acute GVHD of grade II is active acute GVHD until a grade 0 is recorded") {
  const Timeline record =
      patient({level("agvhd_grade", "2026-02-10", "II"), level("agvhd_grade", "2026-02-24", "0")});
  CHECK(now(record, "2026-02-15", "active_agvhd") == yes);
  CHECK(now(record, "2026-02-15", "active_gvhd") == yes);
  CHECK(now(record, "2026-03-01", "active_agvhd") == no);
  CHECK(now(record, "2026-03-01", "active_gvhd") == unknown(Reason::never_measured));
}

TEST_CASE("of four coronary events, no to each is no to all, and one left open is not") {
  std::vector<Entry> three{says("unstable_angina", "2026-02-27", false),
                           says("myocardial_infarction", "2026-02-27", false),
                           says("cabg", "2026-02-27", false)};
  CHECK(held(patient(three), "2026-03-01", "coronary_event", {}) == unknown(Reason::never_measured));
  std::vector<Entry> four = three;
  four.push_back(says("pci", "2026-02-27", false));
  CHECK(held(patient(four), "2026-03-01", "coronary_event", {}) == no);
  CHECK(held(patient({says("coronary_event", "2026-02-27", false)}), "2026-03-01", "pci", {}) == no);
}

TEST_CASE("death documented absent and relapse left open leave death or relapse unknown") {
  const Timeline record = patient({says("death", "2026-03-01", false)});
  CHECK(held(record, "2026-03-01", "death_or_relapse", window("2026-01-10", "2026-02-09")) ==
        unknown(Reason::never_measured));
}

TEST_CASE("pregnancy cannot be in a man, and is unknown in a woman nobody asked") {
  CHECK(now(patient({level("sex", "1974-01-01", "male")}), "2026-03-01", "pregnancy_or_breast_feeding") ==
        no);
  CHECK(now(patient({level("sex", "1974-01-01", "female")}), "2026-03-01", "pregnancy_or_breast_feeding") ==
        unknown(Reason::never_measured));
}

TEST_CASE("a preliminary report of an infection leaves it unknown") {
  Entry report = says("severe_infection", "2026-02-20", true);
  report.standing = Standing::preliminary;
  CHECK(now(patient({report}), "2026-03-01", "severe_infection") == unknown(Reason::status_unknown));
}

TEST_CASE("what became known in April was not known in March") {
  Entry late = says("relapse", "2026-02-20", true);
  late.known_on = day("2026-04-01");
  const Timeline record = patient({late});
  CHECK(held(record, "2026-03-01", "relapse", {}) == unknown(Reason::never_measured));
  CHECK(View(record, day("2026-03-01"), day("2026-04-01")).held(fact_id("relapse"), {}, Absence::unknown) ==
        yes);
}

TEST_CASE("a stop that became known late leaves the drug running until then") {
  Entry stopped = stop("ciclosporin", "2026-02-10");
  stopped.known_on = day("2026-03-15");
  const Timeline record = patient({says("ciclosporin", "2026-01-05", true), stopped});
  CHECK(now(record, "2026-03-01", "ciclosporin") == yes);
  CHECK(View(record, day("2026-03-01"), day("2026-03-15"))
            .holds_now(fact_id("ciclosporin"), Absence::unknown) == no);
}
