#include "clinical/hct_ci.h"

#include <doctest/doctest.h>

using namespace graftline;
using namespace graftline::clinical;

namespace {

Range at(const char* decimal_text) { return Range::exactly(to_rational(*parse_decimal(decimal_text))); }
UpperLimitRatio times(const char* multiple) { return {at(multiple), {}}; }

HctCiFindings none_present() {
  HctCiFindings f;
  f.present.fill(Truth::no);
  return f;
}
HctCiFindings with(std::initializer_list<HctCiItem> items) {
  HctCiFindings f = none_present();
  for (const HctCiItem item : items) f[item] = Truth::yes;
  return f;
}
int points(std::initializer_list<HctCiItem> items) {
  const ScoreRange result = hct_ci(with(items)).points;
  REQUIRE(result.is_exact());
  return result.low;
}

PulmonaryFindings lungs(const char* dlco, const char* fev1) {
  return {at(dlco), at(fev1), PulmonaryDyspnea::none, Truth::no};
}
HepaticFindings liver(const char* bilirubin, const char* ast, const char* alt) {
  return {times(bilirubin), times(ast), times(alt), Truth::no, Truth::no};
}

using enum HctCiItem;

}  // namespace

TEST_CASE("each item has the points of the published table: nine of 1, four of 2, four of 3") {
  for (const HctCiItem item : {arrhythmia, cardiac, inflammatory_bowel_disease, diabetes, cerebrovascular,
                               psychiatric, mild_hepatic, obesity, infection})
    CHECK(points({item}) == 1);
  for (const HctCiItem item : {rheumatologic, peptic_ulcer, moderate_or_severe_renal, moderate_pulmonary})
    CHECK(points({item}) == 2);
  for (const HctCiItem item : {prior_solid_tumor, heart_valve, severe_pulmonary, moderate_or_severe_hepatic})
    CHECK(points({item}) == 3);
}

TEST_CASE("lung and liver count once, at their greater degree") {
  CHECK(points({mild_hepatic, moderate_or_severe_hepatic}) == 3);
  CHECK(points({moderate_pulmonary, severe_pulmonary}) == 3);
  CHECK(points({mild_hepatic, moderate_pulmonary}) == 3);
}

TEST_CASE("0 points are low risk, 1-2 intermediate, 3 and more high") {
  const auto risk = [](std::initializer_list<HctCiItem> items) { return hct_ci(with(items)).risk; };
  CHECK(risk({}) == ScoreRange::exactly(0));
  CHECK(risk({diabetes}) == ScoreRange::exactly(1));
  CHECK(risk({rheumatologic}) == ScoreRange::exactly(1));
  CHECK(risk({rheumatologic, diabetes}) == ScoreRange::exactly(2));
  CHECK(name(HctCiRisk::intermediate) == "intermediate");
}

TEST_CASE("flexible groups: 0-3, 4-5, above 5") {
  const auto group = [](std::initializer_list<HctCiItem> items) {
    return hct_ci(with(items)).flexible_group;
  };
  CHECK(group({heart_valve}) == ScoreRange::exactly(0));
  CHECK(group({heart_valve, diabetes}) == ScoreRange::exactly(1));
  CHECK(group({heart_valve, peptic_ulcer}) == ScoreRange::exactly(1));
  CHECK(group({heart_valve, prior_solid_tumor}) == ScoreRange::exactly(2));
}

TEST_CASE("from 40 years on HCT-CI/Age has one point more") {
  HctCiFindings f = with({diabetes});
  f.age_years = at("39");
  CHECK(hct_ci(f).points_with_age == ScoreRange::exactly(1));
  f.age_years = at("40");
  CHECK(hct_ci(f).points_with_age == ScoreRange::exactly(2));
  f.age_years = std::nullopt;
  CHECK(hct_ci(f).points_with_age == ScoreRange{1, 2});
}

TEST_CASE("an item nobody looked for leaves the points a lower bound, and is listed") {
  HctCiFindings f = with({diabetes});
  f[heart_valve] = Truth::unknown;
  const HctCi result = hct_ci(f);
  CHECK(result.points == ScoreRange{1, 4});
  CHECK(points_text(result.points) == "at least 1 (up to 4)");
  CHECK(result.risk == ScoreRange{1, 2});
  CHECK(result.unknown_items == std::vector{heart_valve});
}

TEST_CASE("with nothing asked the index lies between 0 and 26, and is not 0") {
  // 9 x 1 + 4 x 2 + 4 x 3 = 29, less mild hepatic 1 and moderate pulmonary 2, which the greater degree
  // replaces: 26.
  CHECK(hct_ci(HctCiFindings{}).points == ScoreRange{0, 26});
}

TEST_CASE("an unknown mild degree does not matter once the severe one is present") {
  HctCiFindings f = with({severe_pulmonary});
  f[moderate_pulmonary] = Truth::unknown;
  CHECK(hct_ci(f).points == ScoreRange::exactly(3));
  CHECK(hct_ci(f).unknown_items.empty());
}

TEST_CASE("DLCO or FEV1 of 65 % is severe, above 65 to 80 % moderate, above 80 % neither") {
  CHECK(pulmonary_items(lungs("65", "90")).greater == Truth::yes);
  CHECK(pulmonary_items(lungs("65.1", "90")).greater == Truth::no);
  CHECK(pulmonary_items(lungs("90", "66")).lesser == Truth::yes);
  CHECK(pulmonary_items(lungs("80", "90")).lesser == Truth::yes);
  CHECK(pulmonary_items(lungs("80.1", "90")).lesser == Truth::no);
  PulmonaryFindings f = lungs("90", "90");
  f.dyspnea = PulmonaryDyspnea::on_slight_activity;
  CHECK(pulmonary_items(f).lesser == Truth::yes);
  CHECK(pulmonary_items(f).greater == Truth::no);
  f.oxygen = Truth::yes;
  CHECK(pulmonary_items(f).greater == Truth::yes);
  f = lungs("90", "90");
  f.dlco_percent = std::nullopt;
  CHECK(pulmonary_items(f).greater == Truth::unknown);
}

TEST_CASE("bilirubin above 1.5 or AST or ALT above 2.5 times the limit is moderate to severe, above 1 mild") {
  CHECK(hepatic_items(liver("1", "1", "1")).lesser == Truth::no);
  CHECK(hepatic_items(liver("1.01", "1", "1")).lesser == Truth::yes);
  CHECK(hepatic_items(liver("1.5", "2.5", "2.5")).greater == Truth::no);
  CHECK(hepatic_items(liver("1.51", "1", "1")).greater == Truth::yes);
  CHECK(hepatic_items(liver("1", "2.51", "1")).greater == Truth::yes);
  CHECK(hepatic_items(liver("1", "1", "2.51")).greater == Truth::yes);
  HepaticFindings f = liver("1", "1", "1");
  f.chronic_hepatitis = Truth::yes;
  CHECK(hepatic_items(f).lesser == Truth::yes);
  CHECK(hepatic_items(f).greater == Truth::no);
  f.cirrhosis = Truth::yes;
  CHECK(hepatic_items(f).greater == Truth::yes);
}

TEST_CASE(
    "creatinine above 2 mg/dL, not 2, is the renal item; a body mass index above 35, not 35, the obesity "
    "item") {
  CHECK(renal_item({at("2"), Truth::no, Truth::no}) == Truth::no);
  CHECK(renal_item({at("2.01"), Truth::no, Truth::no}) == Truth::yes);
  CHECK(renal_item({at("1"), Truth::yes, Truth::no}) == Truth::yes);
  CHECK(renal_item({std::nullopt, Truth::no, Truth::no}) == Truth::unknown);
  CHECK(obesity_item(at("35")) == Truth::no);
  CHECK(obesity_item(at("35.1")) == Truth::yes);
}

TEST_CASE("each item is found by its name") {
  for (int i = 0; i < hct_ci_item_count; ++i)
    CHECK(hct_ci_item_from_name(row(static_cast<HctCiItem>(i)).name) == static_cast<HctCiItem>(i));
}
