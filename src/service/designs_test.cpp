#include "service/designs.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "service/randomisation.h"

using namespace graftline;
using namespace graftline::service;

namespace {

double number(const DesignSheet& sheet, const std::string& name) {
  for (const SheetResult& result : sheet.results)
    if (result.name == name) return std::get<double>(result.value);
  FAIL("no result " << name);
  return 0.0;
}

double at(const SheetTable& table, std::size_t row, const std::string& column) {
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (table.columns[c] == column) return std::get<double>(table.rows[row][c]);
  FAIL("no column " << column);
  return 0.0;
}

const std::string secret = "a secret of the trial's statistician";

}  // namespace

TEST_CASE("Schoenfeld asks 247 events for a hazard ratio of 0.7 at 80 % power") {
  // (1.959964 + 0.841621)^2 x 4 / ln(0.7)^2 = 7.848879 x 4 / 0.127217 = 246.79
  TwoArmRequest request;
  request.hazard_ratio = 0.7;
  const auto sheet = design_logrank(request);
  REQUIRE(sheet);
  CHECK(number(*sheet, "events") == doctest::Approx(246.79).epsilon(1e-4));
  CHECK(number(*sheet, "events, rounded up") == 247.0);
}

TEST_CASE("Patients are events over the chance that a patient has one") {
  // Median 12 in the control arm, nobody lost, everybody enters within 0.001 and is followed for 12: half of
  // the controls have the event, and 1 - 2^-0.5 = 0.2928932 of the treated: 0.3964466 on average.
  TwoArmRequest request;
  request.hazard_ratio = 0.5;
  request.control.median = 12.0;
  request.accrual = "0.001";
  request.follow_up = 12.0;
  const auto sheet = design_logrank(request);
  REQUIRE(sheet);
  CHECK(number(*sheet, "patients") * 0.3964466 == doctest::Approx(number(*sheet, "events")).epsilon(1e-4));
}

TEST_CASE("Power for the patients that a design asks for is the power it was made for") {
  TwoArmRequest request;
  request.hazard_ratio = 0.6;
  request.control.by_time = "0.5@24";
  request.accrual = "24";
  request.follow_up = 12.0;
  request.dropout = "0.1@12";
  request.looks.sides = 1;
  request.looks.alpha = 0.025;
  const auto size = design_logrank(request);
  REQUIRE(size);
  request.patients = number(*size, "patients");
  const auto power = design_logrank(request);
  REQUIRE(power);
  CHECK(number(*power, "power") == doctest::Approx(0.8).epsilon(1e-6));
}

TEST_CASE("Without competing events the competing design is the log-rank design") {
  TwoArmRequest request;
  request.hazard_ratio = 0.6;
  request.control.hazard = "0.05";
  request.accrual = "12";
  request.follow_up = 12.0;
  const auto alone = design_logrank(request);
  request.competing_hazard = "0";
  for (const char* scale : {"cause-specific", "subdistribution"}) {
    request.scale = scale;
    const auto beside = design_competing(request);
    REQUIRE(alone);
    REQUIRE(beside);
    CHECK(number(*beside, "patients") == doctest::Approx(number(*alone, "patients")).epsilon(1e-9));
  }
}

TEST_CASE("Incidences that are given are the incidences that are compared") {
  IncidenceRequest request;
  request.time = 12.0;
  request.control = "0.30@12";
  request.treated = "0.15@12";
  request.control_competing = request.treated_competing = "0.2@12";
  request.accrual = "24";
  const auto sheet = design_incidence(request);
  REQUIRE(sheet);
  CHECK(number(*sheet, "incidence at the time, control") == doctest::Approx(0.30).epsilon(1e-12));
  CHECK(number(*sheet, "incidence at the time, treated") == doctest::Approx(0.15).epsilon(1e-12));
  // Nobody lost: n per arm = (1.959964 + 0.841621)^2 (0.3 0.7 + 0.15 0.85) / 0.15^2 = 117.73
  CHECK(number(*sheet, "patients") == doctest::Approx(2 * 117.73).epsilon(1e-3));
}

TEST_CASE("O'Brien and Fleming's three looks at 5 % two-sided are 3.471, 2.454, 2.004") {
  // Jennison and Turnbull 2000, table 2.3: C_B(3, 0.05) = 2.004; times sqrt(3 / k).
  LooksRequest request;
  request.looks = 3;
  request.boundary = "obrien-fleming";
  const auto sheet = design_boundaries(request);
  REQUIRE(sheet);
  CHECK(at(sheet->tables[0], 0, "critical Z") == doctest::Approx(3.471).epsilon(2e-4));
  CHECK(at(sheet->tables[0], 1, "critical Z") == doctest::Approx(2.454).epsilon(2e-4));
  CHECK(at(sheet->tables[0], 2, "critical Z") == doctest::Approx(2.004).epsilon(3e-4));
}

TEST_CASE("Boundaries that cannot be read are named with what there is") {
  LooksRequest request;
  request.looks = 3;
  for (const char* text :
       {"obrien", "hwang-shih-decani", "kim-demets:x", "pocock:2", "wang-tsiatis", "alpha:a"}) {
    request.boundary = text;
    const auto sheet = design_boundaries(request);
    REQUIRE_FALSE(sheet);
    CHECK(sheet.error().message.find("--boundary") != std::string::npos);
  }
}

TEST_CASE("Simon's designs for 0.2 against 0.4 are those of his table") {
  // Simon 1989, table 1, alpha 0.05, power 0.80: optimal 3/13, 12/43; minimax 4/18, 10/33.
  SingleArmRequest request;
  request.p0 = 0.2;
  request.p1 = 0.4;
  const auto sheet = design_single_arm(request);
  REQUIRE(sheet);
  const SheetTable& table = sheet->tables[0];
  CHECK(at(table, 0, "r1") == 3);
  CHECK(at(table, 0, "n1") == 13);
  CHECK(at(table, 0, "r") == 12);
  CHECK(at(table, 0, "n") == 43);
  CHECK(at(table, 1, "r1") == 4);
  CHECK(at(table, 1, "n1") == 18);
  CHECK(at(table, 1, "r") == 10);
  CHECK(at(table, 1, "n") == 33);
}

TEST_CASE("A safety boundary never stops more often than allowed at the tolerable rate") {
  for (const char* method : {"constant-tail", "rising-tail", "bayesian", "sprt"}) {
    SafetyRequest request;
    request.method = method;
    request.patients = 30;
    request.p0 = 0.15;
    request.p1 = 0.4;
    const auto sheet = design_safety(request);
    REQUIRE(sheet);
    CHECK(number(*sheet, "chance to stop at p0") <= 0.05);
    CHECK(at(sheet->tables[1], 1, "chance to stop") > 0.5);
  }
}

TEST_CASE("A look reports the hazard ratio of its Z") {
  // log HR = Z (1 + r) / sqrt(r d): -2 x 2 / sqrt(80) = -0.447214, HR 0.639407
  InterimRequest request;
  request.looks.looks = 3;
  request.looks.alpha = 0.025;
  request.looks.sides = 1;
  request.events = {40.0, 80.0};
  request.z = {-1.2, -2.0};
  request.planned_events = {40.0};
  request.hazard_ratio = 0.65;
  const auto sheet = design_interim(request);
  REQUIRE(sheet);
  CHECK(at(sheet->tables[0], 1, "hazard ratio") == doctest::Approx(0.639407).epsilon(1e-6));
  CHECK(number(*sheet, "predictive power") > 0.0);
}

TEST_CASE("CSV holds every digit and JSON nothing for a boundary that cannot be reached") {
  LooksRequest request;
  request.looks = 2;
  request.boundary = "last-look-only";
  const auto sheet = design_boundaries(request);
  REQUIRE(sheet);
  const auto json = nlohmann::json::parse(printed(*sheet, SheetFormat::json));
  CHECK(json["tables"][0]["rows"][0]["critical Z"].is_null());
  CHECK(json["tables"][0]["rows"][1]["critical Z"].get<double>() ==
        doctest::Approx(1.959963984540054).epsilon(1e-12));
  CHECK(printed(*sheet, SheetFormat::csv).find("2,1,1.95996398454") != std::string::npos);
}

TEST_CASE("Every block of an allocation list holds the arms in ratio") {
  RuleRequest rule;
  rule.arms = {"control", "dli"};
  rule.ratio = "1:2";
  rule.block_sizes = {3};
  rule.factors = {"HLA=matched,mismatched"};
  const auto sheet = randomise_list(rule, secret, 9);
  REQUIRE(sheet);
  REQUIRE(sheet->tables[0].rows.size() == 18);
  for (std::size_t block = 0; block < 18; block += 3) {
    int controls = 0;
    for (std::size_t i = block; i < block + 3; ++i)
      controls += std::get<std::string>(sheet->tables[0].rows[i][2]) == "control" ? 1 : 0;
    CHECK(controls == 1);
  }
}

TEST_CASE("An audit finds the allocation that was changed, and a secret that was not the sealed one") {
  RuleRequest rule;
  rule.rule = "minimisation";
  rule.factors = {"HLA=matched,mismatched", "centre=1,2"};
  const auto sealed = randomise_seal(secret);
  REQUIRE(sealed);
  const std::string seal = std::get<std::string>(sealed->results[0].value);
  std::string csv = "HLA,centre,arm\n";
  for (int i = 0; i < 12; ++i) {
    const std::vector<std::string> levels{i % 3 == 0 ? "mismatched" : "matched", i % 2 == 0 ? "1" : "2"};
    const auto next = randomise_next(rule, secret, i == 0 ? "" : csv, levels);
    REQUIRE(next);
    csv += levels[0] + "," + levels[1] + "," + std::get<std::string>(next->results[1].value) + "\n";
  }
  const auto honest = randomise_verify(rule, secret, seal, csv);
  REQUIRE(honest);
  CHECK(honest->ok);
  const auto other = randomise_verify(rule, secret + "!", seal, csv);
  REQUIRE(other);
  CHECK_FALSE(other->ok);
  std::string changed = csv;
  char& arm = changed[changed.size() - 2];
  arm = arm == 'A' ? 'B' : 'A';
  const auto caught = randomise_verify(rule, secret, seal, changed);
  REQUIRE(caught);
  CHECK_FALSE(caught->ok);
  REQUIRE(caught->sheet.tables[0].rows.size() == 1);
  CHECK(std::get<double>(caught->sheet.tables[0].rows[0][0]) == 12.0);
}

TEST_CASE("Minimisation has no list beforehand") {
  RuleRequest rule;
  rule.rule = "minimisation";
  const auto sheet = randomise_list(rule, secret, 10);
  REQUIRE_FALSE(sheet);
  CHECK(sheet.error().kind == ErrorKind::unsupported);
}
