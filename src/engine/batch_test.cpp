// The columnar evaluator against the explaining one: every answer, for whatever a record and a protocol can
// say.
#include "engine/batch.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/decide.h"
#include "engine/evaluate.h"
#include "engine/judgements.h"
#include "engine/operators.h"
#include "protocol/format.h"
#include "protocol/parse.h"
#include "protocol/random_protocol.h"
#include "record/random_patient.h"
#include "record/story.h"

using namespace graftline;
using namespace graftline::engine;
namespace fs = std::filesystem;

namespace {

const Day today = record::story::day("2026-03-01");

void collect(const protocol::Expr& expr, std::vector<Quantity>& numbers) {
  for (const auto* side : {&expr.left, &expr.right}) {
    const bool is_literal =
        expr.form == protocol::Expr::Form::comparison && side->form == protocol::Operand::Form::literal;
    if (is_literal) numbers.push_back(side->quantity);
  }
  for (const auto& child : expr.children) collect(child, numbers);
}

std::vector<Quantity> numbers_of(const protocol::Protocol& protocol) {
  std::vector<Quantity> numbers;
  for (const auto& criterion : protocol.common.criteria) collect(criterion.when, numbers);
  for (const auto& definition : protocol.definitions) collect(definition.when, numbers);
  for (const auto& strategy : protocol.strategies) {
    if (strategy.when) collect(*strategy.when, numbers);
    for (const auto& criterion : strategy.rules.criteria) collect(criterion.when, numbers);
  }
  return numbers;
}

record::Timeline patient_for(const protocol::Protocol& protocol, const Batch& batch, std::uint64_t seed) {
  // A few facts that no rule asks about are among them: they must change nothing.
  std::vector<record::FactId> facts = batch.facts();
  for (std::uint64_t i = 0; i < 5; ++i) {
    facts.push_back(static_cast<record::FactId>((seed * 7 + i * 31) % record::facts().size()));
  }
  std::sort(facts.begin(), facts.end());
  facts.erase(std::unique(facts.begin(), facts.end()), facts.end());
  // Facts that many rules need are recorded well more often than not.
  return record::random_patient(seed,
                                {std::move(facts), numbers_of(protocol), today, seed % 3 == 0 ? 40 : 8});
}

// Asks every patient both ways; the first difference, as a sentence.
std::string compare(const protocol::Protocol& protocol, const Settings& settings, Day known_on,
                    std::uint64_t seed, int n_patients, const BatchOptions& options) {
  Batch batch(protocol, settings, today, known_on);
  record::Cohort cohort(batch.facts());
  std::vector<record::Timeline> patients;
  for (int i = 0; i < n_patients; ++i) {
    patients.push_back(patient_for(protocol, batch, seed + static_cast<std::uint64_t>(i)));
    cohort.add(patients.back());
  }
  const BatchAnswers answers = batch.run(cohort, options);
  const auto lone = free_standing_judgements(protocol);
  for (std::size_t row = 0; row < patients.size(); ++row) {
    const record::View view(patients[row], today, known_on);
    const Evaluator evaluator(protocol, view, settings);
    std::vector<Truth> expected;
    std::vector<std::string> texts;
    const auto ask = [&](const protocol::Expr& expr) {
      expected.push_back(evaluator.evaluate(expr).answer.truth);
      texts.push_back(protocol::to_text(expr));
    };
    for (const auto& criterion : protocol.common.criteria) ask(criterion.when);
    for (const auto& criterion : lone) ask(criterion.when);
    for (const auto& strategy : protocol.strategies) {
      if (strategy.when) ask(*strategy.when);
      for (const auto& criterion : strategy.rules.criteria) ask(criterion.when);
    }
    if (expected.size() != batch.asked().size()) return "not every condition is asked";
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (answers.asked[i][row] == expected[i]) continue;
      return fmt::format("{} {}: patient {} (seed {}): {} explained, {} in columns: {}", protocol.id,
                         batch.asked()[i].id, row, seed + row, name(expected[i]), name(answers.asked[i][row]),
                         texts[i]);
    }
  }
  return {};
}

protocol::Protocol read(const std::string& text) {
  protocol::Parsed parsed = protocol::parse_protocol(text);
  for (const auto& problem : parsed.diagnostics) {
    INFO(problem.message);
    CHECK(problem.severity != protocol::Severity::error);
  }
  REQUIRE(parsed.ok());
  return std::move(parsed.protocol);
}

std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

Settings some_settings(std::uint64_t seed, const protocol::Protocol& protocol) {
  Settings settings;
  for (const auto& parameter : protocol.parameters) {
    if ((seed >>= 1U) % 2 == 0) continue;
    if (!parameter.choices.empty()) settings.parameters[parameter.name] = {parameter.choices.front(), "test"};
    if (parameter.default_value) settings.parameters[parameter.name] = {*parameter.default_value, "test"};
  }
  for (const auto& judgement : protocol.judgements) {
    if ((seed >>= 1U) % 3 == 0) settings.judgements[judgement.name] = {seed % 2 == 0 ? "yes" : "no", "test"};
  }
  if (seed % 2 == 0) settings.upper_limits["alt"] = {"40 U/L", "test"};
  if (seed % 4 == 0) settings.upper_limits["bilirubin"] = {"1.2 mg/dL", "test"};
  return settings;
}

const std::array<std::size_t, 3> chunks{64, 4096, 1};

// Every comparison on every pick of every kind of value, and every other form of a condition.
protocol::Protocol every_operator() {
  std::string text =
      "protocol \"every operator\" id every-operator version 1.0.0\nstatus draft\nsource s \"none\"\n"
      "day 0 is graft infusion\n"
      "parameter equation is one of {ckd_epi_2009, ckd_epi_2021}\n"
      "parameter most is number default 3 because \"test\"\n"
      "judgement fit \"fit\"\n";
  std::string rules;
  int n = 0;
  const auto rule = [&](const std::string& condition) {
    rules += fmt::format("include R{} \"rule {}\" {}\n", ++n, n, condition);
  };
  const std::array<std::string, 6> operators{"<", "<=", "=", "!=", ">=", ">"};
  int f = 0;
  for (const std::string pick :
       {"latest", "latest within 14 days", "latest since day 0", "first", "worst", "best", "any",
        "worst since day 0", "any within 30 days", "latest from day +10 to day +60"}) {
    const std::string alt = fmt::format("alt{}", ++f);
    const std::string bilirubin = fmt::format("bilirubin{}", f);
    const std::string grade = fmt::format("grade{}", f);
    const std::string mrd = fmt::format("mrd{}", f);
    text += fmt::format("fact {} is blood alanine aminotransferase in U/L, {}\n", alt, pick);
    text += fmt::format("fact {} is blood total bilirubin in mg/dL, {}\n", bilirubin, pick);
    text += fmt::format("fact {} is acute GVHD grade, {}\n", grade, pick);
    if (!pick.starts_with("worst") && pick != "best") {
      text += fmt::format("fact {} is measurable residual disease, {}\n", mrd, pick);
    }
    for (const std::string& op : operators) {
      rule(fmt::format("{} {} 120 U/L", alt, op));
      rule(fmt::format("{} {} 3 x upper limit", alt, op));
      rule(fmt::format("{} {} 1.8 mg/dL", bilirubin, op));
      rule(fmt::format("{} {} 1.5 x upper limit", bilirubin, op));
      if (op != "=" && op != "!=") rule(fmt::format("{} {} II", grade, op));
    }
    rule(fmt::format("{} is II", grade));
    rule(fmt::format("{} is not II", grade));
    rule(fmt::format("{} in {{0, I}}", grade));
    if (!pick.starts_with("worst") && pick != "best") {
      rule(fmt::format("{} is negative", mrd));
      rule(fmt::format("{} is not negative", mrd));
    }
    rule(fmt::format("{} is known", alt));
    rule(fmt::format("{} is not known", grade));
  }
  text +=
      "fact egfr is estimated glomerular filtration rate, latest within 14 days, with equation = equation\n"
      "fact age is age\nfact relapse is relapse, any since day 0\nfact relapsed is relapse, current\n"
      "fact infection is uncontrolled infection, current\nfact cs is ciclosporin, current\n"
      "fact cs_ever is ciclosporin, any ever\nfact dli is donor lymphocyte infusion, any since day 0\n"
      "fact donor is donor type\nfact consent is informed consent, current\n"
      "fact agvhd_now is active acute GVHD, current\n";
  for (const std::string& op : operators) {
    rule(fmt::format("egfr {} 60 mL/min/{{1.73_m2}}", op));
    rule(fmt::format("age {} 18 a", op));
    rule(fmt::format("days since day 0 {} 30", op));
    rule(fmt::format("number of infusions {} most", op));
    rule(fmt::format("number of infusions {} 2", op));
  }
  for (const std::string name :
       {"relapse", "relapsed", "infection", "cs", "cs_ever", "dli", "consent", "agvhd_now"}) {
    rule(name);
    rule("not " + name);
    rule(name + " is known");
    for (const std::string window :
         {"from day +10 to day +60", "since day 0", "within 20 days", "until day +30"}) {
      rule(fmt::format("{} at any time {}", name, window));
      rule(fmt::format("{} at no time {}", name, window));
    }
  }
  rule("today from day +30 to day +60");
  rule("today before day +100");
  rule("today on or after day +45");
  rule("fit and relapse");
  rule("donor is haploidentical or relapse");
  rule("at least 2 of (relapse, infection, cs, age >= 18 a)");
  rule("equation is known");
  rule("equation is ckd_epi_2021");
  return read(text + rules);
}

}  // namespace

TEST_CASE("every operator gives one patient and a column of patients the same answer") {
  const protocol::Protocol protocol = every_operator();
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const BatchOptions options{chunks[seed % chunks.size()], seed % 2 == 0};
    const Day known_on = seed % 4 == 0 ? today - 20 : today;
    CHECK(compare(protocol, some_settings(seed * 0x9E37, protocol), known_on, seed * 1000, 24, options) ==
          "");
  }
}

TEST_CASE("the shipped protocols give one patient and a column of patients the same answer") {
  std::size_t count = 0;
  for (const auto& folder : fs::directory_iterator(fs::path(GRAFTLINE_SOURCE_DIR) / "protocols")) {
    for (const auto& file : fs::directory_iterator(folder.path())) {
      if (file.path().extension() != ".protocol") continue;
      ++count;
      const protocol::Protocol protocol = read(text_of(file.path()));
      for (std::uint64_t seed = 1; seed <= 2; ++seed) {
        const BatchOptions options{chunks[seed % chunks.size()], seed % 2 == 0};
        CHECK(compare(protocol, some_settings(seed * 0x51ED, protocol), today, seed * 77'000, 66, options) ==
              "");
      }
    }
  }
  CHECK(count >= 12);
}

TEST_CASE("whatever protocol can be read, one patient and a column of patients get the same answer") {
  CHECK(rc::check([] {
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const protocol::Parsed parsed = protocol::parse_protocol(to_text(protocol::random_protocol(seed)));
    RC_ASSERT(parsed.ok());
    const Day known_on = today - static_cast<int>(seed % 3) * 15;
    const BatchOptions options{chunks[seed % chunks.size()], false};
    const std::string difference =
        compare(parsed.protocol, some_settings(seed, parsed.protocol), known_on, seed, 12, options);
    RC_ASSERT(difference.empty());
  }));
}

TEST_CASE("plain records of plain conditions are answered in columns, none row by row") {
  const protocol::Protocol protocol = read(
      "protocol \"p\" id p version 1.0.0\nstatus draft\nsource s \"none\"\nday 0 is graft infusion\n"
      "fact alt is blood alanine aminotransferase in U/L, latest within 14 days\n"
      "fact age is age\nfact cs is ciclosporin, current\nfact grade is acute GVHD grade, worst since day 0\n"
      "fact egfr is estimated glomerular filtration rate, with equation = ckd_epi_2021, latest within 14 "
      "days\n"
      "include I1 \"a\" alt <= 3 x upper limit\ninclude I2 \"b\" age >= 18 a\ninclude I3 \"c\" cs\n"
      "include I4 \"d\" grade < II\ninclude I5 \"e\" egfr >= 60 mL/min/{1.73_m2}\n"
      "include I6 \"f\" today from day +30 to day +60\n");
  const Settings settings;
  Batch batch(protocol, settings, today);
  for (const Asked& asked : batch.asked()) CHECK(asked.by_row.empty());
  record::Cohort cohort(batch.facts());
  using namespace record::story;
  auto alt = number("alt", "2026-02-27", "80", "U/L");
  alt.upper_limit = std::get<Quantity>(number("alt", "2026-02-27", "40", "U/L").value);
  cohort.add(patient({entry("birth", "1990-05-01", true), level("sex", "1990-05-01", "female"),
                      entry("transplant", "2026-01-20", true), alt,
                      number("creatinine", "2026-02-26", "0.8", "mg/dL"),
                      level("agvhd_grade", "2026-02-10", "I"), says("ciclosporin", "2026-01-20", true)}));
  cohort.add(patient({}));
  const BatchAnswers answers = batch.run(cohort);
  CHECK(answers.rows_explained == 0);
  CHECK(verdict_of(answers.verdict, 0) == Verdict::eligible);
  CHECK(verdict_of(answers.verdict, 1) == Verdict::unknown);
}

TEST_CASE("connectives join planes as they join answers") {
  CHECK(rc::check([] {
    const auto n = static_cast<std::size_t>(*rc::gen::inRange(1, 5));
    const auto rows = static_cast<std::size_t>(*rc::gen::inRange(1, 140));
    const int count = *rc::gen::inRange(0, 6);
    std::vector<Planes> planes(n, Planes(rows));
    for (Planes& plane : planes) {
      for (std::size_t row = 0; row < rows; ++row)
        plane.set(row, static_cast<Truth>(*rc::gen::inRange(0, 3)));
    }
    std::vector<const Planes*> sides;
    for (const Planes& plane : planes) sides.push_back(&plane);
    for (const Joining& join : joining_operators()) {
      Planes out(rows);
      join.many(sides, count, out);
      for (std::size_t row = 0; row < rows; ++row) {
        std::vector<Answer> answers;
        for (const Planes& plane : planes) answers.push_back({plane[row], {}});
        RC_ASSERT(out[row] == join.one(answers, count).truth);
      }
    }
  }));
}

TEST_CASE("a cohort is judged as its patients are: eligible, not eligible, unknown") {
  const protocol::Protocol protocol = read(
      "protocol \"p\" id p version 1.0.0\nstatus draft\nsource s \"none\"\nday 0 is graft infusion\n"
      "fact lvef is left ventricular ejection fraction in %, latest within 90 days\n"
      "exclude E1 \"weak heart\" lvef < 50 %\n");
  const Settings settings;
  Batch batch(protocol, settings, today);
  record::Cohort cohort(batch.facts());
  using namespace record::story;
  cohort.add(patient({number("lvef", "2026-02-01", "55", "%")}));
  cohort.add(patient({number("lvef", "2026-02-01", "49.9", "%")}));
  cohort.add(patient({number("lvef", "2025-02-01", "55", "%")}));  // too old
  cohort.add(patient({number("lvef", "2026-02-01", "<50", "%")}));
  const BatchAnswers answers = batch.run(cohort);
  CHECK(verdict_of(answers.verdict, 0) == Verdict::eligible);
  CHECK(verdict_of(answers.verdict, 1) == Verdict::not_eligible);
  CHECK(verdict_of(answers.verdict, 2) == Verdict::unknown);
  CHECK(verdict_of(answers.verdict, 3) == Verdict::not_eligible);
  CHECK(answers.verdict.count_yes() == 1);
  CHECK(answers.verdict.count_no() == 2);
  CHECK(answers.rows_explained == 0);
}
