#include "clinical/acute_gvhd.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace graftline;
using namespace graftline::clinical;

namespace {

Range at(const char* decimal_text) { return Range::exactly(to_rational(*parse_decimal(decimal_text))); }
Quantity measured(const char* value, const char* ucum) {
  return *parse_quantity(value, *parse_unit(ucum), Kind::none);
}
ScoreRange exactly(int score) { return ScoreRange::exactly(score); }

ScoreRange skin(const char* percent, Truth bullae = Truth::no) { return *skin_stage({at(percent), bullae}); }
ScoreRange liver(const char* value, const char* ucum = "mg/dL") {
  return *liver_stage(measured(value, ucum));
}

LowerGiFindings calm_gut() {
  LowerGiFindings findings;
  findings.severe_abdominal_pain = Truth::no;
  findings.grossly_bloody_stool = Truth::no;
  return findings;
}
ScoreRange adult_volume(const char* ml) {
  auto findings = calm_gut();
  findings.stool_ml_per_day = at(ml);
  return *lower_gi_stage(findings, AgeGroup::adult);
}
ScoreRange adult_episodes(const char* n) {
  auto findings = calm_gut();
  findings.episodes_per_day = at(n);
  return *lower_gi_stage(findings, AgeGroup::adult);
}
ScoreRange child_volume(const char* ml_per_kg) {
  auto findings = calm_gut();
  findings.stool_ml_per_kg_per_day = at(ml_per_kg);
  return *lower_gi_stage(findings, AgeGroup::child);
}
ScoreRange child_episodes(const char* n) {
  auto findings = calm_gut();
  findings.episodes_per_day = at(n);
  return *lower_gi_stage(findings, AgeGroup::child);
}

AcuteGvhdStages stages(int skin, int liver, int upper_gi, int lower_gi) {
  return {exactly(skin), exactly(liver), exactly(upper_gi), exactly(lower_gi)};
}
int grade(int skin, int liver, int upper_gi, int lower_gi) {
  const ScoreRange result = magic_grade(stages(skin, liver, upper_gi, lower_gi));
  REQUIRE(result.is_exact());
  return result.low;
}

}  // namespace

// Every boundary printed in the stage table of MAGIC (Harris 2016, in EBMT Handbook 2024 ch. 43), from both
// sides.

TEST_CASE("a rash below 25 % of the body surface is stage 1, from 25 to 50 % stage 2, above 50 % stage 3") {
  CHECK(skin("0") == exactly(0));
  CHECK(skin("0.5") == exactly(1));
  CHECK(skin("24.9") == exactly(1));
  CHECK(skin("25") == exactly(2));
  CHECK(skin("50") == exactly(2));
  CHECK(skin("50.1") == exactly(3));
  CHECK(skin("100") == exactly(3));
}

TEST_CASE("skin stage 4 needs a rash above 50 % and bullae with desquamation") {
  CHECK(skin("51", Truth::yes) == exactly(4));
  CHECK(skin("50", Truth::yes) == exactly(2));
  CHECK(skin("51", Truth::unknown) == ScoreRange{3, 4});
  CHECK(skin("50", Truth::unknown) == exactly(2));
}

TEST_CASE("a rash of more than the whole body is an error") {
  CHECK(skin_stage({at("100.1"), Truth::no}).error().kind == ErrorKind::out_of_range);
  CHECK(skin_stage({at("-1"), Truth::no}).error().kind == ErrorKind::out_of_range);
}

TEST_CASE("bilirubin in mg/dL: 2 to 3 is stage 1, up to 6 stage 2, up to 15 stage 3, above 15 stage 4") {
  CHECK(liver("1.99") == exactly(0));
  CHECK(liver("2") == exactly(1));
  CHECK(liver("3") == exactly(1));
  CHECK(liver("3.01") == exactly(2));  // printed gap 3 to 3.1
  CHECK(liver("3.1") == exactly(2));
  CHECK(liver("6") == exactly(2));
  CHECK(liver("6.05") == exactly(3));  // printed gap 6 to 6.1
  CHECK(liver("6.1") == exactly(3));
  CHECK(liver("15") == exactly(3));
  CHECK(liver("15.1") == exactly(4));
}

TEST_CASE("bilirubin in umol/L has its boundaries where the table prints them: 34.2, 51.3, 102.6, 256.5") {
  CHECK(liver("34.1", "umol/L") == exactly(0));
  CHECK(liver("34.2", "umol/L") == exactly(1));
  CHECK(liver("51.3", "umol/L") == exactly(1));
  CHECK(liver("51.4", "umol/L") == exactly(2));
  CHECK(liver("102.6", "umol/L") == exactly(2));
  CHECK(liver("102.7", "umol/L") == exactly(3));
  CHECK(liver("256.5", "umol/L") == exactly(3));
  CHECK(liver("256.6", "umol/L") == exactly(4));
}

TEST_CASE("a bilirubin reported as below 2 mg/dL is stage 0; below 4 may be any stage from 0 to 2") {
  CHECK(liver("<2") == exactly(0));
  CHECK(liver("<4") == ScoreRange{0, 2});
  CHECK(liver(">15") == exactly(4));
  CHECK(liver(">=15") == ScoreRange{3, 4});
}

TEST_CASE("a bilirubin in grams is an error of units") {
  CHECK(liver_stage(measured("2", "g")).error().kind == ErrorKind::unit_mismatch);
}

TEST_CASE("only persistent nausea, vomiting or anorexia is upper GI stage 1") {
  CHECK(upper_gi_stage(UpperGiSymptoms::none) == exactly(0));
  CHECK(upper_gi_stage(UpperGiSymptoms::intermittent) == exactly(0));
  CHECK(upper_gi_stage(UpperGiSymptoms::persistent) == exactly(1));
}

TEST_CASE("an adult's stool: from 500 mL/day stage 1, from 1000 stage 2, above 1500 stage 3") {
  CHECK(adult_volume("499") == exactly(0));
  CHECK(adult_volume("500") == exactly(1));
  CHECK(adult_volume("999") == exactly(1));
  CHECK(adult_volume("999.5") == exactly(1));  // printed gap 999 to 1000
  CHECK(adult_volume("1000") == exactly(2));
  CHECK(adult_volume("1500") == exactly(2));
  CHECK(adult_volume("1501") == exactly(3));
}

TEST_CASE("an adult's episodes a day: 3-4 stage 1, 5-7 stage 2, more than 7 stage 3") {
  CHECK(adult_episodes("2") == exactly(0));
  CHECK(adult_episodes("3") == exactly(1));
  CHECK(adult_episodes("4") == exactly(1));
  CHECK(adult_episodes("5") == exactly(2));
  CHECK(adult_episodes("7") == exactly(2));
  CHECK(adult_episodes("8") == exactly(3));
}

TEST_CASE("a child's stool: from 10 mL/kg/day stage 1, from 20 stage 2, above 30 stage 3") {
  CHECK(child_volume("9.9") == exactly(0));
  CHECK(child_volume("10") == exactly(1));
  CHECK(child_volume("19.9") == exactly(1));
  CHECK(child_volume("20") == exactly(2));
  CHECK(child_volume("30") == exactly(2));
  CHECK(child_volume("30.1") == exactly(3));
}

TEST_CASE("a child's episodes a day: 4-6 stage 1, 7-10 stage 2, more than 10 stage 3") {
  CHECK(child_episodes("3") == exactly(0));
  CHECK(child_episodes("4") == exactly(1));
  CHECK(child_episodes("6") == exactly(1));
  CHECK(child_episodes("7") == exactly(2));
  CHECK(child_episodes("10") == exactly(2));
  CHECK(child_episodes("11") == exactly(3));
}

TEST_CASE("a child of 20 kg with 400 mL of stool has 20 mL/kg: stage 2") {
  auto findings = calm_gut();
  findings.stool_ml_per_day = at("400");
  findings.weight_kg = at("20");
  CHECK(*lower_gi_stage(findings, AgeGroup::child) == exactly(2));
  findings.stool_ml_per_day = at("399");
  CHECK(*lower_gi_stage(findings, AgeGroup::child) == exactly(1));
}

TEST_CASE("a child above 50 kg is staged by adult volumes, at 50 kg by children's") {
  auto findings = calm_gut();
  findings.stool_ml_per_day = at("510");
  findings.weight_kg = at("51");  // 10 mL/kg; as an adult 510 mL: stage 1 either way
  CHECK(*lower_gi_stage(findings, AgeGroup::child) == exactly(1));
  findings.stool_ml_per_day = at("1000");
  findings.weight_kg = at("51");  // 19.6 mL/kg would be stage 1
  CHECK(*lower_gi_stage(findings, AgeGroup::child) == exactly(2));
  findings.weight_kg = at("50");
  findings.stool_ml_per_day = at("990");  // 19.8 mL/kg
  CHECK(*lower_gi_stage(findings, AgeGroup::child) == exactly(1));
}

TEST_CASE("a volume per kg of a child above 50 kg is turned back into a volume") {
  auto findings = calm_gut();
  findings.stool_ml_per_kg_per_day = at("25");  // 60 kg: 1500 mL, adult stage 2
  findings.weight_kg = at("60");
  CHECK(*lower_gi_stage(findings, AgeGroup::child) == exactly(2));
  findings.stool_ml_per_kg_per_day = at("26");  // 1560 mL, adult stage 3; as a child it would be 2
  CHECK(*lower_gi_stage(findings, AgeGroup::child) == exactly(3));
}

TEST_CASE("a child's volume without a weight leaves the stage between 0 and 3") {
  auto findings = calm_gut();
  findings.stool_ml_per_day = at("400");
  CHECK(*lower_gi_stage(findings, AgeGroup::child) == ScoreRange{0, 3});
}

TEST_CASE("when volume and episodes disagree, volume decides") {
  auto findings = calm_gut();
  findings.stool_ml_per_day = at("800");
  findings.episodes_per_day = at("8");
  CHECK(*lower_gi_stage(findings, AgeGroup::adult) == exactly(1));
}

TEST_CASE("half of a stool collection mixed with urine counts") {
  auto findings = calm_gut();
  findings.stool_ml_per_day = at("1999");
  findings.mixed_with_urine = true;
  CHECK(*lower_gi_stage(findings, AgeGroup::adult) == exactly(1));
}

TEST_CASE("severe pain or grossly bloody stool is lower GI stage 4 at any volume") {
  auto findings = calm_gut();
  findings.stool_ml_per_day = at("100");
  findings.severe_abdominal_pain = Truth::yes;
  CHECK(*lower_gi_stage(findings, AgeGroup::adult) == exactly(4));
  findings.severe_abdominal_pain = Truth::no;
  findings.grossly_bloody_stool = Truth::yes;
  CHECK(*lower_gi_stage(findings, AgeGroup::child) == exactly(4));
  findings.grossly_bloody_stool = Truth::unknown;
  CHECK(*lower_gi_stage(findings, AgeGroup::adult) == ScoreRange{0, 4});
}

TEST_CASE("the grade is that of the worst organ, and each organ counts as the table says") {
  CHECK(grade(0, 0, 0, 0) == 0);
  CHECK(grade(1, 0, 0, 0) == 1);
  CHECK(grade(2, 0, 0, 0) == 1);
  CHECK(grade(3, 0, 0, 0) == 2);
  CHECK(grade(0, 1, 0, 0) == 2);
  CHECK(grade(0, 0, 1, 0) == 2);
  CHECK(grade(0, 0, 0, 1) == 2);
  CHECK(grade(0, 2, 0, 0) == 3);
  CHECK(grade(0, 3, 0, 0) == 3);
  CHECK(grade(0, 0, 0, 2) == 3);
  CHECK(grade(0, 0, 0, 3) == 3);
  CHECK(grade(3, 3, 1, 3) == 3);
  CHECK(grade(4, 0, 0, 0) == 4);
  CHECK(grade(0, 4, 0, 0) == 4);
  CHECK(grade(0, 0, 0, 4) == 4);  // grade III after Keystone
}

TEST_CASE("a rash of 60 % with liver and gut documented as free is grade II; one of 40 % grade I") {
  AcuteGvhdStages documented = stages(0, 0, 0, 0);
  documented.skin = skin("60");
  CHECK(grade_text(magic_grade(documented)) == "II");
  documented.skin = skin("40");
  CHECK(grade_text(magic_grade(documented)) == "I");
}

TEST_CASE(
    "rash 30 %, bilirubin 60 umol/L, stool 800 mL: stages 2, 2, 1 and grade III whatever the upper gut "
    "shows") {
  const AcuteGvhdStages found{skin("30"), liver("60", "umol/L"), std::nullopt, adult_volume("800")};
  CHECK(*found.skin == exactly(2));
  CHECK(*found.liver == exactly(2));
  CHECK(*found.lower_gi == exactly(1));
  CHECK(grade_text(magic_grade(found)) == "III");
}

TEST_CASE("an organ that was not assessed leaves a lower bound and is named") {
  AcuteGvhdStages partly = stages(3, 0, 0, 0);
  partly.liver = std::nullopt;
  CHECK(magic_grade(partly) == ScoreRange{2, 4});
  CHECK(grade_text(magic_grade(partly)) == "at least II");
  CHECK(organs_left_open(partly) == std::vector<std::string>{"liver not assessed"});
}

TEST_CASE("nothing assessed is not grade 0") {
  CHECK(magic_grade({}) == ScoreRange{0, 4});
  CHECK(grade_text(magic_grade({})) == "at least 0");
}

TEST_CASE("a missing organ does not open a grade that another organ has made IV") {
  AcuteGvhdStages partly;
  partly.skin = exactly(4);
  CHECK(grade_text(magic_grade(partly)) == "IV");
}

TEST_CASE("a missing upper gut can only lift a grade to II") {
  AcuteGvhdStages partly = stages(1, 0, 0, 0);
  partly.upper_gi = std::nullopt;
  CHECK(grade_text(magic_grade(partly)) == "I to II");
  partly.lower_gi = exactly(1);
  CHECK(grade_text(magic_grade(partly)) == "II");
}

TEST_CASE("features nobody described are taken as absent only on request, and each is named") {
  AcuteGvhdFindings findings;
  findings.skin = SkinFindings{at("60"), Truth::unknown};
  LowerGiFindings gut;
  gut.stool_ml_per_day = at("100");
  gut.grossly_bloody_stool = Truth::yes;
  findings.lower_gi = gut;
  CHECK(*magic_stages(findings)->skin == ScoreRange{3, 4});
  const auto described = features_not_described_taken_as_absent(findings);
  CHECK(described.assumed ==
        std::vector<std::string>{"no bullae with desquamation", "no severe abdominal pain"});
  CHECK(*magic_stages(described.findings)->skin == exactly(3));
  CHECK(*magic_stages(described.findings)->lower_gi == exactly(4));
}

TEST_CASE("whatever a missing organ would have shown, the grade lies within the bounds") {
  CHECK(rc::check([] {
    const auto stage = [](int highest) { return *rc::gen::inRange(0, highest + 1); };
    const AcuteGvhdStages full = stages(stage(4), stage(4), stage(1), stage(4));
    AcuteGvhdStages partly = full;
    if (*rc::gen::arbitrary<bool>()) partly.skin = std::nullopt;
    if (*rc::gen::arbitrary<bool>()) partly.liver = std::nullopt;
    if (*rc::gen::arbitrary<bool>()) partly.upper_gi = std::nullopt;
    if (*rc::gen::arbitrary<bool>()) partly.lower_gi = std::nullopt;
    const ScoreRange bounds = magic_grade(partly);
    const int truth = magic_grade(full).low;
    RC_ASSERT(bounds.low <= truth);
    RC_ASSERT(truth <= bounds.high);
  }));
}
