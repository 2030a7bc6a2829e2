// Records on which software in use gives a confident wrong answer (tests/data/traps). What the importer owes
// the evaluator: the value exactly as written, or an unknown with its reason; never a guess.
#include "interop/import_story.h"
#include "record/view.h"

using namespace graftline;
using namespace graftline::interop::story;
using graftline::interop::Mapping;

namespace {

const Day asked = *parse_day("2026-03-01");

Imported trap(std::string_view name, const Mapping& mapping = Mapping::defaults()) {
  return import_files({data("traps/") + std::string(name) + ".json"}, mapping);
}

Answer held(const Imported& imported, std::string_view fact,
            record::Absence absence = record::Absence::unknown) {
  const record::View view(imported.timelines.at(0), asked);
  return view.held(record::fact_id(fact), {}, absence);
}

}  // namespace

TEST_CASE("trap 1: an ejection fraction without a unit is unknown for want of a unit") {
  const auto imported = trap("01-lvef-without-unit");
  const auto& lvef = imported.only("lvef");
  CHECK(std::holds_alternative<std::monostate>(lvef.value));
  CHECK(lvef.unusable == ReasonSet(Reason::no_unit));
  REQUIRE(imported.report.refusals.size() == 1);
  CHECK(imported.report.refusals[0].origin.place == "Observation/lvef");
  CHECK(imported.report.refusals[0].path == "valueQuantity.unit");
}

TEST_CASE("trap 2: an ejection fraction below 50 % stays an interval below 50 %") {
  CHECK(said(trap("02-lvef-below-50").only("lvef")) == "<50 %");
}

TEST_CASE("trap 3: an eGFR below 60 stays an interval below 60") {
  CHECK(said(trap("03-egfr-below-60").only("reported_gfr")) == "<60 mL/min/{1.73_m2}");
}

TEST_CASE("trap 4: IU/L is not UCUM, which costs that value and nothing else of the patient") {
  const auto imported = trap("04-alt-in-iu-per-litre");
  CHECK(imported.only("alt").unusable == ReasonSet(Reason::not_convertible));
  CHECK(imported.only("alt").as_written == "500 IU/L");
  CHECK(yes(imported.only("transplant")));
  CHECK(imported.report.by_type.at("Observation").refused == 1);
}

TEST_CASE("trap 4: a site that declares IU/L to be U/L gets the value") {
  const auto imported = trap("04-alt-in-iu-per-litre", mapping("[units]\n\"IU/L\" = \"U/L\"\n"));
  CHECK(said(imported.only("alt")) == "500 U/L");
  CHECK(said(*imported.only("alt").upper_limit) == "40 U/L");
}

TEST_CASE("trap 5: a value in microkatal keeps its unit, and so does its upper limit in units per litre") {
  const auto imported = trap("05-alt-in-microkatal");
  const auto& alt = imported.only("alt");
  CHECK(said(alt) == "3.0 ukat/L");
  CHECK(said(*alt.upper_limit) == "40 U/L");
  // 3.0 umol/s = 180 umol/min: 4.5 times 40 U/L.
  CHECK(*convert(to_rational(number(alt).value), number(alt).unit, alt.upper_limit->unit) == Rational(180));
}

TEST_CASE("trap 6: 1.8 and 1.2 arrive as decimals, so that 1.8 is 1.5 x 1.2 exactly") {
  const auto imported = trap("06-bilirubin-at-the-limit");
  const auto& bilirubin = imported.only("bilirubin");
  CHECK(to_rational(number(bilirubin).value) == Rational(3, 2) * to_rational(bilirubin.upper_limit->value));
}

TEST_CASE("trap 7: a dose counted in CD34 cells never becomes one of CD3 cells") {
  const auto imported = trap("07-dose-of-other-cells");
  REQUIRE(imported.only("dli").amounts.size() == 1);
  const Quantity& dose = imported.only("dli").amounts.front();
  CHECK(dose.kind == Kind::cd34_cells);
  const auto as_cd3 = range_in(dose, *parse_unit("10*6/kg"), Kind::cd3_cells, std::nullopt);
  REQUIRE(!as_cd3);
  CHECK(as_cd3.error().kind == ErrorKind::unit_mismatch);
}

TEST_CASE("trap 8: an infusion of unknown status leaves it unknown whether there was one") {
  const auto imported = trap("08-infusion-of-unknown-status");
  CHECK(imported.only("dli").unusable == ReasonSet(Reason::status_unknown));
  CHECK(held(imported, "dli") == unknown(Reason::status_unknown));
  CHECK(held(imported, "dli", record::Absence::no) == unknown(Reason::status_unknown));
}

TEST_CASE("trap 9: no record of an infusion is unknown unless absence is declared to mean no") {
  const auto imported = trap("09-no-record");
  CHECK(imported.all("dli").empty());
  CHECK(held(imported, "dli") == unknown(Reason::never_measured));
  CHECK(held(imported, "dli", record::Absence::no) == answer(false));
}

TEST_CASE("trap 10: a grade written as the text III is grade III") {
  CHECK(level(trap("10-grade-as-text").only("agvhd_grade")) == "III");
}

TEST_CASE("trap 10: a grade written in words nobody listed is unreadable") {
  std::ifstream file(data("traps/10-grade-as-text.json"));
  std::string text(std::istreambuf_iterator<char>(file), {});
  const std::string from = "\"III\"";
  text.replace(text.find(from), from.size(), "\"fairly bad\"");
  const auto imported = import(text);
  CHECK(imported.only("agvhd_grade").unusable == ReasonSet(Reason::unreadable));
  CHECK(imported.refuses("value unreadable"));
}
