#include "verify/verify.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "engine/decide.h"
#include "engine/evaluate.h"
#include "protocol/random_protocol.h"
#include "verify/machine.h"

using namespace graftline;
using namespace graftline::verify;

namespace {

const std::filesystem::path root = GRAFTLINE_SOURCE_DIR;

protocol::Protocol read(std::string_view text) {
  auto parsed = protocol::parse_protocol(text);
  for (const auto& diagnostic : parsed.diagnostics) CAPTURE(diagnostic.message);
  REQUIRE(parsed.ok());
  return std::move(parsed.protocol);
}

protocol::Protocol with(const std::string& rules) {
  return read(
      "protocol \"test\" id test version 1.0.0\nstatus draft\nsource own \"tests\"\nday 0 is graft "
      "infusion\n" +
      rules);
}

Verification verified(const std::string& rules) { return verify::verify(with(rules), {}); }

bool has(const Verification& v, FindingKind kind) {
  return std::any_of(v.findings.begin(), v.findings.end(), [&](const Finding& f) { return f.kind == kind; });
}

const Finding& found(const Verification& v, FindingKind kind) {
  const auto at =
      std::find_if(v.findings.begin(), v.findings.end(), [&](const Finding& f) { return f.kind == kind; });
  REQUIRE(at != v.findings.end());
  return *at;
}

// Every condition of a protocol that the fold looks at.
std::vector<const protocol::Expr*> conditions_of(const protocol::Protocol& p) {
  std::vector<const protocol::Expr*> all;
  const auto add = [&](const protocol::Rules& rules) {
    for (const auto& c : rules.criteria) all.push_back(&c.when);
    for (const auto& g : rules.guards) {
      if (g.when && g.form != protocol::Guard::Form::caution) all.push_back(&*g.when);
    }
    for (const auto& r : rules.doses) {
      if (r.when) all.push_back(&*r.when);
    }
    for (const auto& g : rules.gives) {
      if (g.when) all.push_back(&*g.when);
    }
    for (const auto& i : rules.intervals) {
      if (i.when) all.push_back(&*i.when);
    }
  };
  add(p.common);
  for (const auto& s : p.strategies) {
    if (s.when) all.push_back(&*s.when);
    add(s.rules);
  }
  return all;
}

// Puts the search's patients to the engine: where the record says what the search meant it to say, both have
// to decide the same. Returns how many were compared.
int compare_with_engine(const protocol::Protocol& protocol, std::size_t n_places) {
  Work work(1'000'000'000);
  const Inputs inputs(protocol);
  const Borders borders(protocol);
  Decisions decisions(protocol, inputs, borders, work);
  Machine machine(protocol, inputs, borders, decisions, work, 3000);
  machine.search();
  Conditions own(protocol, inputs, borders, work);
  std::vector<std::pair<const protocol::Expr*, int>> nodes;
  for (const auto* expr : conditions_of(protocol)) nodes.emplace_back(expr, own.compile(*expr));
  const bool has_waits =
      !protocol.common.waits.empty() || std::any_of(protocol.strategies.begin(), protocol.strategies.end(),
                                                    [](const auto& s) { return !s.rules.waits.empty(); });
  int n_compared = 0;
  const std::size_t stride = std::max<std::size_t>(1, machine.places().size() / n_places);
  for (std::size_t p = 0; p < machine.places().size(); p += stride) {
    const auto& place = machine.places()[p];
    // The day of an infusion has it on record already; courses of earlier days are the next test's.
    if (place.state.clocks.n > 0 && (place.state.clocks.last == 0 || has_waits)) continue;
    for (std::size_t o = 0; o < place.finals.size(); o += 1 + place.finals.size() / 4) {
      const auto& option = place.point->options[o];
      const Story story = machine.story(place.index, option.patient, true);
      const record::Timeline timeline = timeline_of(story);
      const record::View view(timeline, story.as_of);
      const engine::Settings settings = settings_of(story);
      const engine::Evaluator evaluator(protocol, view, settings);
      Clocks clocks = place.state.clocks;
      if (!machine.uses_days()) clocks.day = 1000;
      own.go_to(clocks);
      const bool is_as_meant = std::all_of(nodes.begin(), nodes.end(), [&](const auto& node) {
        return four_of(evaluator.evaluate(*node.first), protocol) == own.truth(node.second, option.patient);
      });
      if (!is_as_meant) continue;
      const engine::Decision decision = engine::decide(protocol, view, settings);
      CAPTURE(protocol.id);
      CAPTURE(decision.because);
      CAPTURE(story.as_of - story.day_zero);
      CHECK(engine::name(decision.action) == engine::name(place.finals[o].action));
      CHECK(decision.answering == (protocol.strategies.empty() ? 0 : option.strategy));
      ++n_compared;
    }
  }
  return n_compared;
}

}  // namespace

TEST_CASE("the search decides as the engine does, wherever the record says what the search meant") {
  int n_compared = 0;
  for (const char* folder : {"protocols", "tests/data/verify", "tests/cases"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      if (entry.path().extension() != ".protocol") continue;
      const auto parsed = protocol::parse_protocol_file(entry.path());
      if (parsed.ok()) n_compared += compare_with_engine(parsed.protocol, 12);
    }
  }
  MESSAGE("patients compared: " << n_compared);
  CHECK(n_compared > 200);
}

TEST_CASE("any protocol is verified with the work allowed, or said not to be settled") {
  Limits limits;
  limits.n_steps = 5'000'000;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    CAPTURE(seed);
    const Verification v = verify::verify(protocol::random_protocol(seed), {}, limits);
    CHECK(v.statistics.n_steps <= limits.n_steps);
    if (!v.statistics.is_complete) CHECK(has(v, FindingKind::not_settled));
  }
}

TEST_CASE(
    "what verification says does not depend on when its work is used up: the same steps, the same answer") {
  for (const std::uint64_t n_steps : {1'000U, 30'000U, 300'000U}) {
    CAPTURE(n_steps);
    Limits limits;
    limits.n_steps = n_steps;
    const auto said = [&] {
      std::string text;
      const Verification v = verify::verify(protocol::random_protocol(7), {}, limits);
      for (const Finding& finding : v.findings) text += to_text(finding, "x.protocol");
      for (const Proved& proved : v.proved) text += proved.claim + "\n";
      return text + std::to_string(v.statistics.n_steps);
    };
    CHECK(said() == said());
  }
}

TEST_CASE("a search that is cut short proves nothing and says so") {
  Limits limits;
  limits.n_states = 5;
  const Verification v =
      verify::verify(with("dose level 1 1e5 CD3/kg  cite own \"t\"\n"
                          "dose level 2 1e6 CD3/kg  cite own \"t\"\n"
                          "interval at least 4 weeks\nclaim never two infusions within 3 weeks\n"),
                     {}, limits);
  CHECK_FALSE(v.statistics.is_complete);
  CHECK(has(v, FindingKind::not_settled));
  CHECK(v.proved.empty());
}

TEST_CASE("a counter-example is a shortest one: the earliest day on which it can happen") {
  // Level 1 on day +45 at the earliest; level 2 has no interval, so the day after is the first.
  const Verification v = verified(
      "dose level 1 1e5 CD3/kg  cite own \"t\"\ndose level 2 1e6 CD3/kg  cite own \"t\"\n"
      "give level 1 from day +45 to day +60\ninterval at least 4 weeks for level 3\n"
      "dose level 3 1e7 CD3/kg  cite own \"t\"\n");
  const Finding& finding = found(v, FindingKind::too_close);
  REQUIRE(finding.story);
  CHECK(finding.story->as_of - finding.story->day_zero == 46);
  CHECK(finding.story->decision == "give");
}

TEST_CASE(
    "an interval that is never long enough for the window of the next level leaves the level out of reach") {
  // Day +45 and 28 days are day +73: after the window that closes on day +60.
  const Verification v = verified(
      "dose level 1 to 2 1e5 CD3/kg  cite own \"t\"\ngive level 1 to 2 from day +45 to day +60\n"
      "interval at least 4 weeks\n");
  CHECK(found(v, FindingKind::window_not_met).severity == Severity::error);
  // With two weeks, day +59 is early enough.
  CHECK_FALSE(has(verified("dose level 1 to 2 1e5 CD3/kg  cite own \"t\"\n"
                           "give level 1 to 2 from day +45 to day +60\ninterval at least 2 weeks\n"),
                  FindingKind::window_not_met));
}

TEST_CASE("claims: never, always, reachable, eventually") {
  const std::string ladder =
      "fact agvhd is acute GVHD grade, current\nhold \"GVHD\" while agvhd >= II\n"
      "dose level 1 1e5 CD3/kg  cite own \"t\"\ndose level 2 1e6 CD3/kg  cite own \"t\"\n"
      "infusions 1 to 2\ninterval at least 4 weeks\n";
  const auto holds = [&](const std::string& claim) {
    return !has(verified(ladder + claim + "\n"), FindingKind::claim_fails);
  };
  CHECK(holds("claim never two infusions within 27 days"));
  CHECK_FALSE(holds("claim never two infusions within 28 days"));  // day 28 is allowed
  CHECK(holds("claim reachable give level 2"));
  CHECK(holds("claim reachable hold while agvhd = III"));
  CHECK_FALSE(holds("claim reachable give while agvhd = III"));
  CHECK_FALSE(holds("claim always hold while agvhd >= II"));  // stop, when both infusions were given
  CHECK(holds("claim eventually stop"));
  CHECK_FALSE(holds("claim eventually ask"));
  CHECK_FALSE(holds("claim never need data"));
}

TEST_CASE("a cap in cells is never compared with doses per kg, and that is an error") {
  const Verification v = verified("dose level 1 1e7 CD3/kg  cite own \"t\"\ncap 1e9 CD3\ninfusions 1\n");
  CHECK(found(v, FindingKind::dose_above_cap).severity == Severity::error);
}

TEST_CASE("limits in other units and multiples of upper limits are compared as what they are") {
  // 1 mg/dL of bilirubin is 17.1 umol/L: 34.2 umol/L are 2.0 mg/dL, so the second criterion is implied.
  const Verification v = verified(
      "fact bilirubin is blood total bilirubin in mg/dL, latest within 14 days\n"
      "exclude E1 \"high\" bilirubin > 2 mg/dL  cite own \"t\"\n"
      "exclude E2 \"higher\" bilirubin > 40 umol/L  cite own \"t\"\n"
      "dose level 1 1e6 CD3/kg  cite own \"t\"\ninfusions 1\n");
  CHECK(found(v, FindingKind::implied_criterion).what.find("E2") == 0);
  // Three times the upper limit and 3 U/L have nothing to do with each other.
  CHECK_FALSE(has(verified("fact alt is blood alanine aminotransferase in U/L, latest within 14 days\n"
                           "exclude E1 \"high\" alt > 3 x upper limit  cite own \"t\"\n"
                           "exclude E2 \"higher\" alt > 3000 U/L  cite own \"t\"\n"
                           "dose level 1 1e6 CD3/kg  cite own \"t\"\ninfusions 1\n"),
                  FindingKind::implied_criterion));
}

TEST_CASE("an unknown that a caution names, or a claim, is a note; without them an error") {
  const std::string rules =
      "fact infection is uncontrolled infection, current\n"
      "hold \"infection\" while infection is known and infection\n"
      "dose level 1 1e6 CD3/kg  cite own \"t\"\ninfusions 1\n";
  CHECK(found(verified(rules), FindingKind::unknown_gives).severity == Severity::error);
  CHECK(found(verified(rules + "caution \"not documented\" when infection is not known\n"),
              FindingKind::unknown_gives)
            .severity == Severity::note);
  CHECK(found(verified(rules + "claim reachable give while infection is not known\n"),
              FindingKind::unknown_gives)
            .severity == Severity::note);
}
