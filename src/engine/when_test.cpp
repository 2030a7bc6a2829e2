// The step function over time against asking on every single day.
#include "engine/when.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "engine/decide.h"
#include "engine/selection.h"
#include "protocol/format.h"
#include "protocol/operators.h"
#include "protocol/parse.h"
#include "protocol/random_protocol.h"
#include "record/related.h"
#include "record/story.h"

using namespace graftline;
using namespace graftline::engine;
using namespace graftline::record;

namespace {

constexpr Day transplant_day{20'500};

// A record about the facts that a protocol reads: missing, partial, late, corrected, contradictory.
class RandomRecord {
 public:
  explicit RandomRecord(std::uint64_t seed) : random_(seed) {}

  Timeline about(const protocol::Protocol& protocol) {
    Timeline timeline;
    timeline.patient = "random";
    add_about(timeline, fact_id("transplant"), 1);
    if (chance(30)) add_about(timeline, fact_id("transplant"), 1);
    add_about(timeline, fact_id("birth"), 1);
    if (chance(50)) add_about(timeline, fact_id("dli"), below(4));
    for (const auto& declared : protocol.facts) {
      for (const FactId id : with_facts_behind({declared.fact})) {
        if (chance(id == declared.fact ? 80 : 25)) add_about(timeline, id, 1 + below(4));
      }
    }
    for (const auto& judgement : protocol.judgements) {
      if (chance(50)) continue;
      const Day day = transplant_day + below(200);
      timeline.judgements.push_back(
          {judgement.name, chance(60), exactly(day), day + below(10), "somebody", {"record", ""}});
    }
    timeline.arrange();
    return timeline;
  }

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
  bool chance(int percent) { return below(100) < percent; }

  PartialDate date(FactId id) {
    const Day day = transplant_day + (id == fact_id("transplant") ? below(3) * 20
                                      : id == fact_id("birth")    ? -below(12'000) - 1
                                                                  : below(330) - 90);
    // A window counted from an imprecise day is tried as each of its days: few, or the test takes minutes.
    if (!chance(id == fact_id("transplant") ? 4 : 20)) return exactly(day);
    const CivilDate d = civil(day);
    // A window counted from a year is tried on 366 days: too slow to be asked daily, and no other rule.
    if (id == fact_id("birth"))
      return {day_of({d.year, 1, 1}), day_of({d.year, 12, 31}), DatePrecision::year};
    const Day first = day_of({d.year, d.month, 1});
    return {first, add_months(first, 1) - 1, DatePrecision::month};
  }

  Value value(const Fact& row) {
    switch (row.type) {
      case FactType::quantity: {
        static constexpr std::array numbers{"0.4", "1.5", "3", "12", "40", "48", "60", "95", "250"};
        const auto unit = parse_unit(row.unit.empty() ? "1" : row.unit);
        ensure(static_cast<bool>(unit), "the catalogue's units are UCUM");
        const std::string sign = chance(10) ? "<" : "";
        return *parse_quantity(sign + numbers.at(static_cast<std::size_t>(below(9))), *unit, row.kind);
      }
      case FactType::ordinal:
      case FactType::code: {
        const int n = static_cast<int>(levels_of(row).size());
        const int low = below(n);
        return Level{low, chance(15) && row.type == FactType::ordinal ? n - 1 : low};
      }
      default:
        return chance(70);
    }
  }

  void add_about(Timeline& timeline, FactId id, int n) {
    const Fact& row = fact(id);
    for (int i = 0; i < n; ++i) {
      Entry e;
      e.fact = id;
      e.when = date(id);
      e.known_on = e.when.first + (chance(30) ? below(40) : 0);
      const bool must_hold = id == fact_id("transplant") || id == fact_id("birth");
      e.value = must_hold ? Value(true) : value(row);
      if (row.type == FactType::quantity && chance(60)) {
        e.upper_limit = *parse_quantity("40", *parse_unit(row.unit.empty() ? "1" : row.unit), row.kind);
      }
      if (row.type == FactType::course && chance(25)) e.until = exactly(e.when.last + below(60));
      if (row.type == FactType::course && !e.until && chance(25)) {
        e.is_stop = true;
        e.value = true;
      }
      if (id == fact_id("dli")) {
        e.value = !chance(10);
        Quantity dose = *parse_quantity(chance(50) ? "1e6" : "1e7", *parse_unit("/kg"), Kind::cd3_cells);
        if (chance(80)) e.amounts.push_back(dose);
      }
      if (!must_hold && chance(8)) {
        e.value = std::monostate{};
        e.unusable = Reason::status_unknown;
      }
      if (chance(8)) e.standing = Standing::preliminary;
      timeline.add(e);
      if (chance(10)) {
        e.standing = Standing::corrected;
        e.known_on = e.known_on + 1 + below(30);
        if (!must_hold) e.value = value(row);
        timeline.add(e);
      }
    }
  }

  std::mt19937_64 random_;
};

bool same(const Node& a, const Node& b) {
  const auto same_evidence = [](const Evidence& x, const Evidence& y) {
    return x.fact == y.fact && x.value == y.value && x.date == y.date && x.unusable == y.unusable;
  };
  return a.answer == b.answer && a.margin == b.margin && a.missing == b.missing &&
         std::equal(a.evidence.begin(), a.evidence.end(), b.evidence.begin(), b.evidence.end(),
                    same_evidence) &&
         std::equal(a.children.begin(), a.children.end(), b.children.begin(), b.children.end(), same);
}

bool same(const Decision& a, const Decision& b) {
  const auto same_node = [](const Node& x, const Node& y) { return same(x, y); };
  const auto same_rule = [](const RuleOutcome& x, const RuleOutcome& y) {
    return x.label == y.label && x.until == y.until && same(x.node, y.node);
  };
  const auto same_strategy = [&](const StrategyDecision& x, const StrategyDecision& y) {
    return x.action == y.action && x.because == y.because && x.open == y.open &&
           std::equal(x.criteria.begin(), x.criteria.end(), y.criteria.begin(), y.criteria.end(),
                      same_node) &&
           std::equal(x.rules.begin(), x.rules.end(), y.rules.begin(), y.rules.end(), same_rule);
  };
  return a.verdict == b.verdict && a.action == b.action && a.because == b.because && a.failing == b.failing &&
         std::equal(a.criteria.begin(), a.criteria.end(), b.criteria.begin(), b.criteria.end(), same_node) &&
         std::equal(a.strategies.begin(), a.strategies.end(), b.strategies.begin(), b.strategies.end(),
                    same_strategy);
}

// Whether a condition or rule answers otherwise than the day before.
bool some_answer_differs(const Decision& a, const Decision& b) {
  const auto same_answer = [](const Node& x, const Node& y) { return x.answer == y.answer; };
  if (!std::equal(a.criteria.begin(), a.criteria.end(), b.criteria.begin(), b.criteria.end(), same_answer)) {
    return true;
  }
  for (std::size_t i = 0; i < a.strategies.size(); ++i) {
    const auto& x = a.strategies[i];
    const auto& y = b.strategies[i];
    if (x.open != y.open || x.criteria.size() != y.criteria.size()) return true;
    if (!std::equal(x.criteria.begin(), x.criteria.end(), y.criteria.begin(), y.criteria.end(),
                    same_answer)) {
      return true;
    }
  }
  return false;
}

Settings settings_for(const protocol::Protocol& protocol, std::uint64_t seed) {
  Settings settings;
  for (const auto& parameter : protocol.parameters) {
    if (seed % 3 == 0) continue;
    std::string value = parameter.type == protocol::ParameterType::word       ? parameter.choices.front()
                        : parameter.type == protocol::ParameterType::duration ? "4 weeks"
                                                                              : "2";
    if (parameter.type == protocol::ParameterType::quantity && !parameter.unit.empty()) {
      value = "1e6 " + parameter.unit;
    }
    settings.parameters[parameter.name] = {value, "test"};
  }
  if (seed % 2 == 0) settings.upper_limits["alt"] = {"40 U/L", "test"};
  return settings;
}

// Asks on every day of the series and compares with the steps; the first difference fails.
void check_every_day(const protocol::Protocol& protocol, const Timeline& timeline, const Settings& settings,
                     const Series& series) {
  const History steps = history(protocol, timeline, settings, series);
  const History all_steps = history(protocol, timeline, settings, series, true);
  REQUIRE(steps.steps.front().first == series.first);
  REQUIRE(steps.steps.back().last == series.last);
  const std::vector<Dependent> all = dependents(protocol, settings);
  std::vector<const Dependent*> everything;
  for (const Dependent& one : all) everything.push_back(&one);
  const Selection selection(timeline, everything);
  auto step = steps.steps.begin();
  std::optional<Decision> before;
  for (Day day = series.first; day <= series.last; day = day + 1) {
    if (day > step->last) {
      REQUIRE((step + 1)->first == step->last + 1);
      ++step;
    }
    const Day as_of = series.as_of(day);
    const Day known_on = series.known_on(day);
    const Decision asked = decide(protocol, View(timeline, as_of, known_on), settings);
    CAPTURE(protocol.id);
    CAPTURE(to_text(day));
    CAPTURE(to_text(series.first));
    CAPTURE(static_cast<int>(series.over));
    CAPTURE(step->because);
    CAPTURE(asked.because);
    REQUIRE(step->verdict == asked.verdict);
    REQUIRE(step->action == asked.action);
    REQUIRE(step->because == asked.because);
    REQUIRE(step->failing == asked.failing);
    REQUIRE(step->wait_until == (asked.answer() != nullptr ? asked.answer()->wait_until : std::nullopt));
    REQUIRE(step->strategy == (asked.answer() != nullptr ? asked.answer()->name : ""));
    if (day.value % 4 == 0) {
      const Timeline at_hand = selection.at(as_of, known_on);
      REQUIRE(same(asked, decide(protocol, View(at_hand, as_of, known_on), settings)));
    }
    if (before && some_answer_differs(*before, asked)) {
      const bool is_border = std::any_of(all_steps.steps.begin(), all_steps.steps.end(),
                                         [&](const Step& s) { return s.first == day; });
      REQUIRE(is_border);
    }
    before = asked;
  }
}

Series some_series(std::uint64_t seed, int n_days) {
  Series series;
  series.over = static_cast<Series::Over>(seed % 3);
  series.first = transplant_day - 40 + static_cast<int>(seed * 37 % 260);
  series.last = series.first + n_days - 1;
  series.fixed = series.first + static_cast<int>(seed * 13 % 90);
  return series;
}

protocol::Protocol read(const std::string& text) {
  protocol::Parsed parsed = protocol::parse_protocol(text);
  for (const auto& d : parsed.diagnostics) {
    if (d.severity == protocol::Severity::error) FAIL_CHECK(protocol::to_text(d, text, "test"));
  }
  REQUIRE(parsed.ok());
  return std::move(parsed.protocol);
}

std::vector<protocol::Protocol> shipped_protocols() {
  std::vector<protocol::Protocol> all;
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::recursive_directory_iterator(GRAFTLINE_SOURCE_DIR "/protocols")) {
    if (file.path().extension() == ".protocol") files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    all.push_back(read({std::istreambuf_iterator<char>(in), {}}));
  }
  return all;
}

}  // namespace

TEST_CASE("for every shipped protocol the steps say on each day what asking on that day says") {
  const auto protocols = shipped_protocols();
  REQUIRE(protocols.size() >= 12);
  std::uint64_t seed = 1;
  for (const protocol::Protocol& protocol : protocols) {
    for (int round = 0; round < 3; ++round, ++seed) {
      CAPTURE(seed);
      const Timeline timeline = RandomRecord(seed).about(protocol);
      check_every_day(protocol, timeline, settings_for(protocol, seed), some_series(seed, 25));
    }
  }
}

TEST_CASE("for protocols that use every statement and operator, steps and days agree") {
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    CAPTURE(seed);
    const protocol::Protocol protocol = read(to_text(protocol::random_protocol(seed)));
    const Timeline timeline = RandomRecord(seed).about(protocol);
    check_every_day(protocol, timeline, settings_for(protocol, seed), some_series(seed, 20));
  }
}

TEST_CASE("every operator of the language has its rule of borders, and keeps it on every day") {
  const std::string declarations =
      "protocol \"operators\" id operators version 1.0.0\n"
      "day 0 is graft infusion\n"
      "fact relapse is relapse, any\n"
      "fact infection is uncontrolled infection, any\n"
      "fact lvef is LVEF in %, latest within 30 days\n"
      "fact alt is ALT in U/L, latest within 14 days\n"
      "fact bilirubin is total bilirubin, latest\n"
      "fact agvhd is acute GVHD grade, current\n"
      "fact donor is donor type\n"
      "fact disease is disease\n";
  const auto operators = protocol::operators();
  REQUIRE(border_rules().size() == operators.size());
  for (std::size_t i = 0; i < operators.size(); ++i) {
    CAPTURE(operators[i].symbol);
    CHECK(border_rules()[i].symbol == operators[i].symbol);
    CHECK(!border_rules()[i].rule.empty());
    const protocol::Protocol protocol =
        read(declarations +
             fmt::format("include A \"example\" {}\ndose level 1 1e6 CD3/kg\n", operators[i].example));
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      const Timeline timeline = RandomRecord(seed * 100 + i).about(protocol);
      check_every_day(protocol, timeline, {}, some_series(seed + i, 25));
    }
  }
}

TEST_CASE("windows by calendar months, from one event to another, and ages keep their borders") {
  const protocol::Protocol protocol = read(
      "protocol \"windows\" id windows version 1.0.0\n"
      "day 0 is graft infusion\n"
      "fact enrolled is enrolment, any ever\n"
      "fact age is age\n"
      "fact lvef is LVEF in %, latest within 2 calendar months\n"
      "fact alt is ALT in U/L, worst within 14 days before enrolled or today\n"
      "fact ast is AST in U/L, latest within 14 days before enrolled or today\n"
      "fact infection is uncontrolled infection, any from day +30 to day +60\n"
      "include A \"adult\" age >= 18 a\n"
      "include B \"heart\" lvef >= 50 %\n"
      "include C \"liver\" alt < 40 U/L\n"
      "include D \"liver too\" ast < 40 U/L\n"
      "exclude E \"infection\" infection\n"
      "include F \"time\" days since day 0 >= 21\n"
      "dose level 1 1e6 CD3/kg\n");
  for (std::uint64_t seed = 1; seed <= 15; ++seed) {
    CAPTURE(seed);
    check_every_day(protocol, RandomRecord(seed).about(protocol), {}, some_series(seed, 40));
  }
}

TEST_CASE("a liver value answers for fourteen days and is then too old") {
  // ALT 35 of 1 March, "latest within 14 days": known from the 1st to the 15th, day 14 included.
  const protocol::Protocol protocol = read(
      "protocol \"liver\" id liver version 1.0.0\n"
      "day 0 is graft infusion\n"
      "fact alt is ALT in U/L, latest within 14 days\n"
      "include A \"liver\" alt < 40 U/L\n"
      "dose level 1 1e6 CD3/kg\n");
  const Timeline timeline = story::patient(
      {story::says("transplant", "2026-01-01", true), story::number("alt", "2026-03-01", "35", "U/L")});
  const Series series{Series::Over::days, {}, story::day("2026-02-01"), story::day("2026-04-01")};
  const History found = history(protocol, timeline, {}, series);
  REQUIRE(found.steps.size() == 3);
  CHECK(found.steps[0].verdict == Verdict::unknown);
  CHECK(to_text(found.steps[1].first) == "2026-03-01");
  CHECK(found.steps[1].verdict == Verdict::eligible);
  CHECK(found.steps[1].action == Action::give);
  CHECK(to_text(found.steps[1].last) == "2026-03-15");
  CHECK(found.steps[2].verdict == Verdict::unknown);
  REQUIRE(found.steps[2].changes.size() == 1);
  CHECK(found.steps[2].changes[0].id == "A");
  CHECK(found.steps[2].changes[0].facts == std::vector<std::string>{"alt"});
  CHECK(found.steps[2].changes[0].after == unknown(Reason::too_old));
  REQUIRE(found.openings.size() == 1);
  CHECK(found.openings[0].first_give == story::day("2026-03-01"));
  // Two conditions change on two days: 1 and 16 March are all that is asked, besides the first day.
  CHECK(found.conditions_asked <= 4);
}

TEST_CASE("a series over knowledge says when an answer about one day became what it is") {
  // The sample of 1 March was reported on the 9th: about the 5th nothing was known until then.
  const protocol::Protocol protocol = read(
      "protocol \"liver\" id liver version 1.0.0\n"
      "day 0 is graft infusion\n"
      "fact alt is ALT in U/L, latest within 14 days\n"
      "include A \"liver\" alt < 40 U/L\n"
      "dose level 1 1e6 CD3/kg\n");
  Entry late = story::number("alt", "2026-03-01", "35", "U/L");
  late.known_on = story::day("2026-03-09");
  const Timeline timeline = story::patient({story::says("transplant", "2026-01-01", true), late});
  const Series series{Series::Over::knowledge, story::day("2026-03-05"), story::day("2026-03-01"),
                      story::day("2026-03-31")};
  const History found = history(protocol, timeline, {}, series);
  REQUIRE(found.steps.size() == 2);
  CHECK(found.steps[0].verdict == Verdict::unknown);
  CHECK(to_text(found.steps[1].first) == "2026-03-09");
  CHECK(found.steps[1].verdict == Verdict::eligible);
}

TEST_CASE("what a derivation reads is what its row says: other facts change nothing of it") {
  for (const Fact& row : facts()) {
    if (row.derivation.empty()) continue;
    const FactId id = fact_id(row.id);
    CAPTURE(row.id);
    const std::vector<FactId> on = with_facts_behind({id});
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      protocol::Protocol every_fact;
      for (const Fact& other : facts()) {
        protocol::FactDeclaration declared;
        declared.fact = fact_id(other.id);
        every_fact.facts.push_back(declared);
      }
      const Timeline full = RandomRecord(seed).about(every_fact);
      Timeline reduced;
      for (const Entry& entry : full.entries) {
        if (std::binary_search(on.begin(), on.end(), entry.fact)) reduced.add(entry);
      }
      reduced.arrange();
      const Day day = transplant_day + 120;
      const Reading a = View(full, day).read(id, Pick::latest, {});
      const Reading b = View(reduced, day).read(id, Pick::latest, {});
      REQUIRE(a.reasons == b.reasons);
      REQUIRE(a.members.size() == b.members.size());
      for (std::size_t i = 0; i < a.members.size(); ++i) {
        REQUIRE(a.members[i].reasons == b.members[i].reasons);
        REQUIRE(a.members[i].note == b.members[i].note);
      }
    }
  }
}
