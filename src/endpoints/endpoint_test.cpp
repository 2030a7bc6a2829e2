#include "endpoints/endpoint.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "record/story.h"

using namespace graftline;
using namespace graftline::endpoints;
using namespace graftline::record::story;

namespace {

HistoryOptions from(TimeZero zero, std::vector<Component> absence_means_no = {}) {
  HistoryOptions options;
  options.time_zero = zero;
  options.cut_off = day("2026-12-31");
  options.absence_means_no = std::move(absence_means_no);
  return options;
}

Endpoint ask(std::string_view id, const record::Timeline& timeline, const HistoryOptions& options) {
  const Definition* d = definition(id);
  REQUIRE(d != nullptr);
  return endpoint_of(*d, history_of(timeline, options));
}

const std::vector<Component> all_components = [] {
  std::vector<Component> all;
  for (std::size_t c = 0; c < component_count; ++c) all.push_back(static_cast<Component>(c));
  return all;
}();

// Transplanted on 1 January, infused on 1 March.
std::vector<record::Entry> infused() {
  return {says("transplant", "2026-01-01", true), says("dli", "2026-03-01", true)};
}
record::Timeline with(std::vector<record::Entry> more) {
  auto entries = infused();
  entries.insert(entries.end(), more.begin(), more.end());
  return patient(std::move(entries));
}

}  // namespace

TEST_CASE("overall survival is known of everybody: who is seen is alive") {
  const auto alive = with({says("remission", "2026-06-01", true)});
  const Endpoint os = ask("os", alive, from(TimeZero::transplant));
  CHECK(os.status == Status::censored);
  CHECK(os.day == day("2026-06-01"));
  const auto dead = with({says("death", "2026-07-15", true)});
  const Endpoint died = ask("os", dead, from(TimeZero::first_dli));
  CHECK(died.status == Status::event);
  CHECK(*died.day - *history_of(dead, from(TimeZero::first_dli)).time_zero == 136);
}

TEST_CASE("a relapse that nobody looked for is unknown, not absent") {
  const auto silent = with({says("death", "2026-07-15", true)});
  for (const char* id : {"relapse", "nrm", "infection"}) {
    const Endpoint e = ask(id, silent, from(TimeZero::first_dli));
    CHECK_MESSAGE(e.status == Status::unknown, id);
    CHECK(e.reason.find("never looked for") != std::string::npos);
  }
  const auto alive = with({number("weight", "2026-09-01", "70", "kg")});
  for (const char* id : {"relapse", "nrm", "lfs", "grfs"})
    CHECK_MESSAGE(ask(id, alive, from(TimeZero::first_dli)).status == Status::unknown, id);
}

TEST_CASE(
    "a death ends leukaemia-free survival, though an earlier relapse was never looked for, and says so") {
  const auto silent = with({says("death", "2026-07-15", true)});
  for (const char* id : {"lfs", "grfs"}) {
    const Endpoint e = ask(id, silent, from(TimeZero::first_dli));
    CHECK_MESSAGE(e.status == Status::event, id);
    CHECK(e.day == day("2026-07-15"));
    CHECK(e.reason.find("relapse: never looked for") != std::string::npos);
  }
}

TEST_CASE("an infusion for relapse is followed for GVHD, and not for relapse or non-relapse death") {
  const auto relapsed = with({says("relapse", "2026-02-10", true), level("agvhd_grade", "2026-03-20", "III"),
                              says("death", "2026-06-01", true)});
  const auto options = from(TimeZero::first_dli, all_components);
  CHECK(ask("agvhd34", relapsed, options).status == Status::event);
  for (const char* id : {"relapse", "nrm", "lfs", "grfs"})
    CHECK_MESSAGE(ask(id, relapsed, options).status == Status::not_at_risk, id);
}

TEST_CASE("where a source always records relapse, no record means no relapse") {
  const auto silent = with({says("death", "2026-07-15", true)});
  const auto options = from(TimeZero::first_dli, {Component::relapse});
  CHECK(ask("nrm", silent, options).status == Status::event);
  CHECK(ask("nrm", silent, options).description == "death without relapse");
  CHECK(ask("relapse", silent, options).status == Status::competing);
  CHECK(ask("lfs", silent, options).status == Status::event);
}

TEST_CASE("remission seen after the infusion documents that there was no relapse") {
  const auto seen = with({says("remission", "2026-05-01", true), says("death", "2026-07-15", true)});
  CHECK(ask("nrm", seen, from(TimeZero::first_dli)).status == Status::event);
  // Seen before it, it says nothing of what came after.
  const auto before = with({says("remission", "2026-02-01", true), says("death", "2026-07-15", true)});
  CHECK(ask("nrm", before, from(TimeZero::first_dli)).status == Status::unknown);
}

TEST_CASE("relapse and then death is a relapse, and no non-relapse death") {
  const auto relapsed = with({says("relapse", "2026-05-01", true), says("death", "2026-07-15", true)});
  const Endpoint relapse = ask("relapse", relapsed, from(TimeZero::first_dli));
  CHECK(relapse.status == Status::event);
  CHECK(relapse.day == day("2026-05-01"));
  CHECK(ask("nrm", relapsed, from(TimeZero::first_dli)).status == Status::competing);
  // On one day the relapse comes first.
  const auto same_day = with({says("relapse", "2026-05-01", true), says("death", "2026-05-01", true)});
  CHECK(ask("relapse", same_day, from(TimeZero::first_dli)).status == Status::event);
  CHECK(ask("nrm", same_day, from(TimeZero::first_dli)).status == Status::competing);
}

TEST_CASE("acute GVHD II-IV and III-IV after an infusion are the first days of those grades") {
  const auto options = from(TimeZero::first_dli, all_components);
  const auto graded = with({level("agvhd_grade", "2026-03-20", "I"), level("agvhd_grade", "2026-04-01", "II"),
                            level("agvhd_grade", "2026-04-10", "III")});
  CHECK(ask("agvhd24", graded, options).day == day("2026-04-01"));
  CHECK(ask("agvhd34", graded, options).day == day("2026-04-10"));
  CHECK(ask("grfs", graded, options).day == day("2026-04-10"));
}

TEST_CASE("who has GVHD of the grade when infused is not at risk of it") {
  const auto options = from(TimeZero::first_dli, all_components);
  const auto ill =
      with({level("agvhd_grade", "2026-02-20", "III"), level("agvhd_grade", "2026-03-20", "III")});
  CHECK(ask("agvhd34", ill, options).status == Status::not_at_risk);
  const auto well_again =
      with({level("agvhd_grade", "2026-02-01", "III"), level("agvhd_grade", "2026-02-20", "0"),
            level("agvhd_grade", "2026-03-20", "III")});
  CHECK(ask("agvhd34", well_again, options).status == Status::event);
}

TEST_CASE("GVHD recorded without a grade may be of any grade") {
  const auto options = from(TimeZero::first_dli, all_components);
  const auto ungraded = with({says("active_agvhd", "2026-04-01", true)});
  const Endpoint e = ask("agvhd34", ungraded, options);
  CHECK(e.status == Status::unknown);
  CHECK(e.reason.find("without a grade") != std::string::npos);
  // A death before it settles the matter.
  const auto dead = with({says("active_agvhd", "2026-06-01", true), says("death", "2026-04-01", true)});
  CHECK(ask("agvhd34", dead, options).status == Status::competing);
}

TEST_CASE("GRFS counts chronic GVHD from the day on which it has systemic treatment") {
  const auto options = from(TimeZero::first_dli, all_components);
  const auto treated = with({level("cgvhd_severity", "2026-05-01", "moderate"),
                             says("immunosuppression_for_gvhd", "2026-05-20", true)});
  const Endpoint e = ask("grfs", treated, options);
  CHECK(e.status == Status::event);
  CHECK(e.day == day("2026-05-20"));
  CHECK(ask("crfs", treated, options).day == day("2026-05-01"));
  CHECK(ask("rgrfs", treated, options).status == Status::censored);  // moderate, not severe
  // Treatment that is not recorded at all leaves it open.
  const auto untold = with({level("cgvhd_severity", "2026-05-01", "moderate")});
  CHECK(ask("grfs", untold, from(TimeZero::first_dli, {Component::acute_gvhd_3_to_4, Component::relapse}))
            .status == Status::unknown);
}

TEST_CASE("a date known by the month leaves the endpoint unknown where the order matters") {
  const auto options = from(TimeZero::first_dli, all_components);
  const auto vague = with({says("relapse", "2026-05", true), says("death", "2026-05-10", true)});
  CHECK(ask("relapse", vague, options).status == Status::unknown);
  CHECK(ask("relapse", vague, options).reason.find("imprecise date") != std::string::npos);
  const auto later = with({says("relapse", "2026-05-02", true), says("death", "2026-08", true)});
  CHECK(ask("lfs", later, options).status == Status::event);
}

TEST_CASE("an infusion of unknown status is no time 0, and neither is none") {
  auto unclear = patient({says("transplant", "2026-01-01", true),
                          unusable("dli", "2026-03-01", ReasonSet(Reason::status_unknown))});
  const Endpoint e = ask("os", unclear, from(TimeZero::first_dli));
  CHECK(e.status == Status::unknown);
  CHECK(e.reason.find("status unknown") != std::string::npos);
  const auto never = patient({says("transplant", "2026-01-01", true)});
  CHECK(ask("os", never, from(TimeZero::first_dli)).reason == "no donor lymphocyte infusion is recorded");
}

TEST_CASE("what happened after the cut-off is not known at the cut-off") {
  const auto dead = with({says("remission", "2026-05-01", true), says("death", "2026-07-15", true)});
  HistoryOptions early = from(TimeZero::first_dli);
  early.cut_off = day("2026-06-30");
  const Endpoint e = ask("os", dead, early);
  CHECK(e.status == Status::censored);
  CHECK(e.day == day("2026-05-01"));
}

TEST_CASE("follow-up can end at the last assessment instead of the last contact") {
  const auto seen = with({says("remission", "2026-05-01", true), number("weight", "2026-09-01", "70", "kg")});
  HistoryOptions options = from(TimeZero::first_dli);
  CHECK(ask("relapse", seen, options).day == day("2026-09-01"));
  options.censor_at_last_assessment = true;
  CHECK(ask("relapse", seen, options).day == day("2026-05-01"));
}

TEST_CASE("aplasia and severe infection compete with death") {
  const auto options = from(TimeZero::first_dli, all_components);
  const auto timeline =
      with({says("marrow_aplasia", "2026-04-01", true), says("severe_infection", "2026-04-10", true),
            says("death", "2026-04-20", true)});
  CHECK(ask("aplasia", timeline, options).day == day("2026-04-01"));
  CHECK(ask("infection", timeline, options).day == day("2026-04-10"));
}

TEST_CASE("every parameter code fits into eight characters, and names one endpoint") {
  std::vector<std::string_view> seen;
  for (const Definition& d : definitions()) {
    CHECK(d.paramcd.size() <= 8);
    CHECK(std::find(seen.begin(), seen.end(), d.paramcd) == seen.end());
    seen.push_back(d.paramcd);
    CHECK(!d.source.empty());
    CHECK(definition(d.paramcd) == &d);
  }
}
