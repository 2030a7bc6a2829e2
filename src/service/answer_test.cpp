#include "service/answer.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>

#include "interop/import.h"
#include "protocol/parse.h"
#include "service/case_runner.h"

namespace graftline::service {
namespace {

const std::string source = GRAFTLINE_SOURCE_DIR;

const protocol::Protocol& trial() {
  static const protocol::Protocol loaded = [] {
    auto protocol = load_protocol(source + "/protocols/nct07319793");
    REQUIRE(protocol);
    return std::move(*protocol);
  }();
  return loaded;
}

// The first case of the trial's case file: eligible, and given.
const CaseQuestion& eligible_patient() {
  static const CaseQuestion question = [] {
    const auto file = interop::read_case_file(source + "/protocols/nct07319793/nct07319793.cases");
    REQUIRE(file);
    auto made = question_of(file->cases.front(), file->path);
    REQUIRE(made);
    return std::move(*made);
  }();
  return question;
}

void collect(const std::vector<engine::Node>& nodes, std::map<std::string, Truth>& truths) {
  for (const auto& node : nodes) truths[node.id] = node.answer.truth;
}

std::map<std::string, Truth> truths_of(const Answered& answered) {
  std::map<std::string, Truth> truths;
  collect(answered.decision.criteria, truths);
  return truths;
}

}  // namespace

TEST_CASE("what is not in the record makes an answer unknown, and never turns a yes into a no") {
  const CaseQuestion& full = eligible_patient();
  const Answered whole = answer(trial(), full.timeline, full.question);
  REQUIRE(whole.decision.action == engine::Action::give);
  const auto all = truths_of(whole);
  CHECK(rc::check([&] {
    record::Timeline part;
    part.patient = full.timeline.patient;
    for (const auto& entry : full.timeline.entries) {
      if (*rc::gen::inRange(0, 4) != 0) part.add(entry);
    }
    part.arrange();
    const Answered partly = answer(trial(), part, full.question);
    for (const auto& [id, truth] : truths_of(partly)) {
      // Death has a declared absence; everything else is either as with the whole record or unknown.
      if (id == "I1" && truth == Truth::no) RC_FAIL("a missing transplant is not a no");
      RC_ASSERT(truth == Truth::unknown || truth == all.at(id));
    }
    if (partly.decision.action == engine::Action::give) {
      RC_ASSERT(partly.decision.verdict == engine::Verdict::eligible);
      RC_ASSERT(partly.decision.missing.empty());
    }
    if (partly.decision.verdict == engine::Verdict::unknown) {
      RC_ASSERT(!partly.decision.missing.empty());
      RC_ASSERT(!partly.decision.would_decide.empty());
    }
  }));
}

TEST_CASE(
    "the same question gives the same answer, and entries from the future or not yet known change nothing") {
  const CaseQuestion& full = eligible_patient();
  const Answered before = answer(trial(), full.timeline, full.question);
  record::Timeline later = full.timeline;
  for (const auto& entry : full.timeline.entries) {
    record::Entry tomorrow = entry;
    tomorrow.when = exactly(full.question.as_of + 1);
    tomorrow.known_on = full.question.as_of + 1;
    later.add(tomorrow);
    record::Entry late = entry;
    late.known_on = full.question.as_of + 30;
    later.add(late);
  }
  later.arrange();
  const Answered after = answer(trial(), later, full.question);
  CHECK(truths_of(after) == truths_of(before));
  CHECK(after.decision.action == before.decision.action);
}

TEST_CASE("ten records on which engines in use are confidently wrong end as they should") {
  constexpr std::string_view text = R"(protocol "ten traps" id traps version 1.0.0
status draft
source own "tests/data/traps"
day 0 is graft infusion
fact lvef is left ventricular ejection fraction in %, latest
fact gfr is reported glomerular filtration rate, latest
fact alt is blood alanine aminotransferase in U/L, latest
fact bilirubin is blood total bilirubin in mg/dL, latest
fact dli is donor lymphocyte infusion, any since day 0
fact dli_no is donor lymphocyte infusion, any since day 0; absence means no because "the cell laboratory issues every infusion"
fact agvhd is acute GVHD grade, latest
include LVEF "heart" lvef >= 50 % cite own "1 and 2"
include GFR "kidney" gfr >= 60 mL/min/{1.73_m2} cite own "3"
include ALT "liver" alt <= 3 x upper limit cite own "4 and 5"
include BILI "bilirubin" bilirubin <= 1.5 x upper limit cite own "6"
include NODLI "no infusion yet" not dli cite own "8 and 9"
include NODLI2 "no infusion yet, absence declared" not dli_no cite own "9"
include GRADE "acute GVHD below II" agvhd < II cite own "10"
)";
  const protocol::Parsed parsed = protocol::parse_protocol(text, "traps");
  for (const auto& diagnostic : parsed.diagnostics) CAPTURE(diagnostic.message);
  REQUIRE(parsed.ok());
  const auto ask = [&](const std::string& file) {
    record::Timeline timeline;
    const auto report = interop::import_records({source + "/tests/data/traps/" + file + ".json"},
                                                interop::Mapping::defaults(),
                                                [&](record::Timeline&& read) { timeline = std::move(read); });
    REQUIRE(report);
    Question question;
    question.as_of = *parse_day("2026-03-01");
    return answer(parsed.protocol, timeline, question);
  };
  const auto check = [&](const std::string& file, const std::string& id, Truth truth, ReasonSet reasons) {
    CAPTURE(file);
    const Answered answered = ask(file);
    for (const auto& node : answered.decision.criteria) {
      if (node.id != id) continue;
      CHECK(name(node.answer.truth) == name(truth));
      CHECK(node.answer.reasons == reasons);
      return;
    }
    FAIL("no such criterion");
  };
  check("01-lvef-without-unit", "LVEF", Truth::unknown, Reason::no_unit);
  check("02-lvef-below-50", "LVEF", Truth::no, {});
  check("03-egfr-below-60", "GFR", Truth::no, {});
  check("04-alt-in-iu-per-litre", "ALT", Truth::unknown, Reason::not_convertible);
  check("05-alt-in-microkatal", "ALT", Truth::no, {});
  check("06-bilirubin-at-the-limit", "BILI", Truth::yes, {});
  check("08-infusion-of-unknown-status", "NODLI", Truth::unknown, Reason::status_unknown);
  check("08-infusion-of-unknown-status", "NODLI2", Truth::unknown, Reason::status_unknown);
  check("09-no-record", "NODLI", Truth::unknown, Reason::never_measured);
  check("09-no-record", "NODLI2", Truth::yes, {});
  check("10-grade-as-text", "GRADE", Truth::no, {});
}

TEST_CASE("a CD3 dose compared with CD34 cells is a mistake of the protocol, found before any patient") {
  const protocol::Parsed parsed = protocol::parse_protocol(R"(protocol "kinds" id kinds version 1.0.0
status draft
source own "here"
day 0 is graft infusion
dose level 1 1e6 CD3/kg cite own "dose"
cap 1e8 CD34/kg cite own "cap"
)");
  CHECK_FALSE(parsed.ok());
}

TEST_CASE("settings that the protocol does not know are mistakes, with the nearest name") {
  engine::Settings settings;
  settings.parameters["egfr_equatoin"] = {"ckd_epi_2021", "test"};
  const auto wrong_name = check_settings(trial(), settings, false);
  REQUIRE(wrong_name);
  CHECK(wrong_name->message.find("did you mean 'egfr_equation'?") != std::string::npos);
  CHECK_FALSE(check_settings(trial(), settings, true));  // a site file serves many protocols
  settings.parameters.clear();
  settings.parameters["egfr_equation"] = {"mdrd", "test"};
  CHECK(check_settings(trial(), settings, true));
  settings.parameters.clear();
  settings.strategy = "prophylaxis";
  CHECK(check_settings(trial(), settings, false));
}

}  // namespace graftline::service
