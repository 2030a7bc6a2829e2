#include "clinical/acute_gvhd_older.h"

#include <doctest/doctest.h>

using namespace graftline;
using namespace graftline::clinical;

namespace {

Range at(const char* decimal_text) { return Range::exactly(to_rational(*parse_decimal(decimal_text))); }
ScoreRange exactly(int score) { return ScoreRange::exactly(score); }
OlderGvhdStages stages(int skin, int liver, int gut) { return {exactly(skin), exactly(liver), exactly(gut)}; }
std::string keystone(int skin, int liver, int gut) {
  return grade_text(keystone_grade(stages(skin, liver, gut)));
}
std::string glucksberg(int skin, int liver, int gut, PerformanceDrop drop = PerformanceDrop::none) {
  return grade_text(glucksberg_grade(stages(skin, liver, gut), drop));
}

AcuteGvhdFindings with_bilirubin(const char* mg_per_dl) {
  AcuteGvhdFindings findings;
  findings.bilirubin = *parse_quantity(mg_per_dl, *parse_unit("mg/dL"), Kind::none);
  return findings;
}
ScoreRange glucksberg_liver(const char* mg_per_dl) {
  return *glucksberg_stages(with_bilirubin(mg_per_dl))->liver;
}

KeystoneFindings with_gut(const char* stool_ml, UpperGiSymptoms symptoms, Truth biopsy) {
  KeystoneFindings f;
  LowerGiFindings gut;
  gut.stool_ml_per_day = at(stool_ml);
  gut.severe_abdominal_pain = Truth::no;
  gut.grossly_bloody_stool = Truth::no;
  f.findings.lower_gi = gut;
  f.findings.upper_gi = symptoms;
  f.upper_gi_biopsy_positive = biopsy;
  return f;
}

}  // namespace

TEST_CASE("Keystone: gut stage 4 alone is grade III, liver or skin stage 4 grade IV") {
  CHECK(keystone(0, 0, 0) == "0");
  CHECK(keystone(2, 0, 0) == "I");
  CHECK(keystone(3, 0, 0) == "II");
  CHECK(keystone(0, 1, 0) == "II");
  CHECK(keystone(0, 0, 1) == "II");
  CHECK(keystone(0, 2, 0) == "III");
  CHECK(keystone(0, 3, 0) == "III");
  CHECK(keystone(0, 0, 2) == "III");
  CHECK(keystone(0, 0, 4) == "III");
  CHECK(keystone(4, 0, 0) == "IV");
  CHECK(keystone(0, 4, 0) == "IV");
}

TEST_CASE("Keystone: a missing gut cannot make grade IV") {
  CHECK(keystone_grade({exactly(1), exactly(0), std::nullopt}) == ScoreRange{1, 3});
}

TEST_CASE("Keystone: persistent nausea is gut stage 1 only with a positive biopsy") {
  using enum UpperGiSymptoms;
  CHECK(*keystone_stages(with_gut("100", persistent, Truth::yes))->gut == exactly(1));
  CHECK(*keystone_stages(with_gut("100", persistent, Truth::no))->gut == exactly(0));
  CHECK(*keystone_stages(with_gut("100", persistent, Truth::unknown))->gut == ScoreRange{0, 1});
  CHECK(*keystone_stages(with_gut("100", intermittent, Truth::yes))->gut == exactly(0));
  CHECK(*keystone_stages(with_gut("1200", persistent, Truth::yes))->gut == exactly(2));
}

TEST_CASE("Keystone: a liver or gut finding with another cause counts one stage less") {
  KeystoneFindings f = with_gut("1200", UpperGiSymptoms::none, Truth::no);
  f.findings.bilirubin = with_bilirubin("2.5").bilirubin;
  f.liver_has_other_cause = true;
  f.diarrhea_has_other_cause = true;
  CHECK(*keystone_stages(f)->liver == exactly(0));
  CHECK(*keystone_stages(f)->gut == exactly(1));
}

TEST_CASE("Glucksberg: liver stage 2 begins at 3 mg/dL and stage 3 at 6 mg/dL") {
  CHECK(glucksberg_liver("1.9") == exactly(0));
  CHECK(glucksberg_liver("2") == exactly(1));
  CHECK(glucksberg_liver("2.9") == exactly(1));
  CHECK(glucksberg_liver("3") == exactly(2));
  CHECK(glucksberg_liver("5.9") == exactly(2));
  CHECK(glucksberg_liver("6") == exactly(3));
  CHECK(glucksberg_liver("15") == exactly(3));
  CHECK(glucksberg_liver("15.1") == exactly(4));
}

TEST_CASE("Glucksberg: organs make grades I to III, any organ 4 or an extreme performance drop IV") {
  CHECK(glucksberg(0, 0, 0, PerformanceDrop::extreme) == "0");
  CHECK(glucksberg(2, 0, 0) == "I");
  CHECK(glucksberg(3, 0, 0) == "II");
  CHECK(glucksberg(1, 1, 0, PerformanceDrop::mild) == "II");
  CHECK(glucksberg(2, 2, 0, PerformanceDrop::marked) == "III");
  CHECK(glucksberg(2, 0, 3, PerformanceDrop::marked) == "III");
  CHECK(glucksberg(0, 0, 4) == "IV");
  CHECK(glucksberg(1, 1, 0, PerformanceDrop::extreme) == "IV");
}

TEST_CASE("Glucksberg: without the performance status the grade is a lower bound") {
  CHECK(grade_text(glucksberg_grade(stages(3, 0, 0), std::nullopt)) == "at least II");
  CHECK(grade_text(glucksberg_grade(stages(0, 4, 0), std::nullopt)) == "IV");
  CHECK(grade_text(glucksberg_grade(stages(0, 0, 0), std::nullopt)) == "0");
}
