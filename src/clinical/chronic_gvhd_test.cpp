#include "clinical/chronic_gvhd.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace graftline;
using namespace graftline::clinical;

namespace {

Range at(const char* decimal_text) { return Range::exactly(to_rational(*parse_decimal(decimal_text))); }
ScoreRange exactly(int score) { return ScoreRange::exactly(score); }
Quantity measured(const char* value, const char* ucum) {
  return *parse_quantity(value, *parse_unit(ucum), Kind::none);
}
UpperLimitRatio times(const char* multiple) { return {at(multiple), {}}; }

ScoreRange skin(const char* percent, Sclerosis sclerosis = Sclerosis::none) {
  return *chronic_skin_score({at(percent), sclerosis});
}

ScoreRange lung(const char* fev1) { return *chronic_lung_score({at(fev1), std::nullopt}); }

ChronicLiverFindings liver_findings(const char* bilirubin_times, const char* alt, const char* ap,
                                    const char* bilirubin_mg = "0.5") {
  return {measured(bilirubin_mg, "mg/dL"), times(bilirubin_times), times(alt), times(ap)};
}
ScoreRange liver(const char* bilirubin_times, const char* alt, const char* ap,
                 const char* bilirubin_mg = "0.5") {
  return *chronic_liver_score(liver_findings(bilirubin_times, alt, ap, bilirubin_mg));
}

ChronicGiFindings calm_gi(const char* weight_loss) {
  ChronicGiFindings f;
  f.symptoms = Truth::no;
  f.weight_loss_percent = at(weight_loss);
  f.diarrhea = Diarrhea::none_or_mild;
  f.supplements_for_most_calories = Truth::no;
  f.esophageal_dilation = Truth::no;
  return f;
}
ScoreRange gi(const char* weight_loss) { return *chronic_gi_score(calm_gi(weight_loss)); }

ChronicEyeFindings calm_eyes() {
  ChronicEyeFindings f;
  f.dry_eye_symptoms = Truth::no;
  f.lubricant_drops_per_day = at("0");
  f.punctal_plugs = Truth::no;
  f.partly_limits_daily_activities = Truth::no;
  f.unable_to_work = Truth::no;
  f.visual_loss_from_keratoconjunctivitis = Truth::no;
  return f;
}

// In the order skin, mouth, eyes, gi, liver, lung, joints, genital.
ChronicGvhdScores scores(const std::array<int, chronic_organ_count>& values) {
  ChronicGvhdScores result;
  for (std::size_t i = 0; i < values.size(); ++i) result.score.at(i) = exactly(values.at(i));
  return result;
}
std::string severity(const std::array<int, chronic_organ_count>& values) {
  return severity_text(chronic_severity(scores(values)));
}

}  // namespace

// Every boundary of the NIH 2014 organ score table (Jagasia 2015), from both sides.

TEST_CASE("skin: 1-18 % of the surface scores 1, 19-50 % 2, above 50 % 3") {
  CHECK(skin("0") == exactly(0));
  CHECK(skin("0.5") == exactly(1));
  CHECK(skin("1") == exactly(1));
  CHECK(skin("18") == exactly(1));
  CHECK(skin("18.5") == exactly(2));
  CHECK(skin("19") == exactly(2));
  CHECK(skin("50") == exactly(2));
  CHECK(skin("50.5") == exactly(3));
}

TEST_CASE("skin: the higher of surface and sclerosis counts") {
  CHECK(skin("0", Sclerosis::superficial) == exactly(2));
  CHECK(skin("10", Sclerosis::deep) == exactly(3));
  CHECK(skin("60", Sclerosis::superficial) == exactly(3));
  CHECK(*chronic_skin_score({at("10"), std::nullopt}) == ScoreRange{1, 3});
  CHECK(*chronic_skin_score({std::nullopt, Sclerosis::superficial}) == ScoreRange{2, 3});
}

TEST_CASE("eyes: up to three drops a day score 1, more 2, loss of work or sight 3") {
  ChronicEyeFindings f = calm_eyes();
  CHECK(*chronic_eye_score(f) == exactly(0));
  f.dry_eye_symptoms = Truth::yes;
  f.lubricant_drops_per_day = at("3");
  CHECK(*chronic_eye_score(f) == exactly(1));
  f.lubricant_drops_per_day = at("4");
  CHECK(*chronic_eye_score(f) == exactly(2));
  f.lubricant_drops_per_day = at("1");
  f.punctal_plugs = Truth::yes;
  CHECK(*chronic_eye_score(f) == exactly(2));
  f.visual_loss_from_keratoconjunctivitis = Truth::yes;
  CHECK(*chronic_eye_score(f) == exactly(3));
}

TEST_CASE("GI: weight loss below 5 % adds nothing to symptoms, 5-15 % scores 2, above 15 % 3") {
  CHECK(gi("0") == exactly(0));
  CHECK(gi("4.9") == exactly(0));
  CHECK(gi("5") == exactly(2));
  CHECK(gi("15") == exactly(2));
  CHECK(gi("15.1") == exactly(3));
  ChronicGiFindings f = calm_gi("4.9");
  f.symptoms = Truth::yes;
  CHECK(*chronic_gi_score(f) == exactly(1));
  f.diarrhea = Diarrhea::moderate;
  CHECK(*chronic_gi_score(f) == exactly(2));
  f.diarrhea = Diarrhea::severe;
  CHECK(*chronic_gi_score(f) == exactly(3));
  f = calm_gi("0");
  f.esophageal_dilation = Truth::yes;
  CHECK(*chronic_gi_score(f) == exactly(3));
}

TEST_CASE("liver: ALT from 3 to 5 times its limit scores 1, above 5 times 2") {
  CHECK(liver("1", "2.99", "1") == exactly(0));
  CHECK(liver("1", "3", "1") == exactly(1));
  CHECK(liver("1", "5", "1") == exactly(1));
  CHECK(liver("1", "5.01", "1") == exactly(2));
}

TEST_CASE("liver: alkaline phosphatase from 3 times its limit scores 1, however high") {
  CHECK(liver("1", "1", "2.99") == exactly(0));
  CHECK(liver("1", "1", "3") == exactly(1));
  CHECK(liver("1", "1", "9") == exactly(1));
}

TEST_CASE("liver: a raised bilirubin up to 3 mg/dL scores 2, above 3") {
  CHECK(liver("1", "1", "1", "1.2") == exactly(0));
  CHECK(liver("1.01", "1", "1", "1.3") == exactly(2));
  CHECK(liver("2.5", "1", "1", "3") == exactly(2));
  CHECK(liver("2.6", "1", "1", "3.01") == exactly(3));
  ChronicLiverFindings f = liver_findings("2.5", "1", "1");
  f.bilirubin = measured("51.3", "umol/L");
  CHECK(*chronic_liver_score(f) == exactly(2));
  f.bilirubin = measured("51.4", "umol/L");
  CHECK(*chronic_liver_score(f) == exactly(3));
}

TEST_CASE("liver: without the limit of bilirubin the score stays open unless bilirubin is above 3 mg/dL") {
  ChronicLiverFindings f = liver_findings("1", "1", "1");
  f.bilirubin_ratio = {std::nullopt, Reason::no_reference_range};
  CHECK(*chronic_liver_score(f) == ScoreRange{0, 2});
  f.bilirubin = measured("4", "mg/dL");
  CHECK(*chronic_liver_score(f) == exactly(3));
}

TEST_CASE("lung: FEV1 from 80 % scores 0, 60-79 % 1, 40-59 % 2, below 40 % 3") {
  CHECK(lung("80") == exactly(0));
  CHECK(lung("79.9") == exactly(1));
  CHECK(lung("79") == exactly(1));
  CHECK(lung("60") == exactly(1));
  CHECK(lung("59") == exactly(2));
  CHECK(lung("40") == exactly(2));
  CHECK(lung("39.5") == exactly(3));
  CHECK(lung("39") == exactly(3));
}

TEST_CASE("lung: FEV1 decides over symptoms; symptoms stand in when it is missing") {
  CHECK(*chronic_lung_score({at("85"), Dyspnea::on_the_flat}) == exactly(0));
  CHECK(*chronic_lung_score({at("45"), Dyspnea::none}) == exactly(2));
  CHECK(*chronic_lung_score({std::nullopt, Dyspnea::one_flight_of_stairs}) == exactly(1));
  CHECK(*chronic_lung_score({std::nullopt, Dyspnea::at_rest_or_oxygen}) == exactly(3));
  CHECK(*chronic_lung_score({}) == ScoreRange{0, 3});
}

TEST_CASE("mouth, joints and genital tract are scored by their limitation") {
  CHECK(chronic_limitation_score(Limitation::none) == exactly(0));
  CHECK(chronic_limitation_score(Limitation::severe) == exactly(3));
}

TEST_CASE("global severity follows the table: number of organs, worst organ, and lungs one step stricter") {
  CHECK(severity({0, 0, 0, 0, 0, 0, 0, 0}) == "none");
  CHECK(severity({1, 0, 0, 0, 0, 0, 0, 0}) == "mild");
  CHECK(severity({1, 1, 0, 0, 0, 0, 0, 0}) == "mild");
  CHECK(severity({1, 1, 1, 0, 0, 0, 0, 0}) == "moderate");
  CHECK(severity({2, 0, 0, 0, 0, 0, 0, 0}) == "moderate");
  CHECK(severity({0, 0, 0, 0, 0, 1, 0, 0}) == "moderate");
  CHECK(severity({0, 0, 0, 0, 0, 2, 0, 0}) == "severe");
  CHECK(severity({3, 0, 0, 0, 0, 0, 0, 0}) == "severe");
  CHECK(severity({2, 2, 2, 2, 2, 1, 2, 2}) == "moderate");
}

TEST_CASE("an organ that was not assessed leaves a lower bound; severe is exact") {
  ChronicGvhdScores partly = scores({1, 0, 0, 0, 0, 0, 0, 0});
  partly[ChronicOrgan::lung] = std::nullopt;
  CHECK(severity_text(chronic_severity(partly)) == "at least mild");
  CHECK(organs_left_open(partly) == std::vector<std::string>{"lung not assessed"});
  partly[ChronicOrgan::mouth] = exactly(3);
  CHECK(severity_text(chronic_severity(partly)) == "severe");
  CHECK(severity_text(chronic_severity({})) == "at least none");
}

TEST_CASE("an organ whose changes have wholly another cause is left out") {
  ChronicGvhdScores values = scores({1, 0, 0, 0, 3, 0, 0, 0});
  CHECK(severity_text(chronic_severity(values)) == "severe");
  values.has_wholly_other_cause.at(static_cast<std::size_t>(ChronicOrgan::liver)) = true;
  CHECK(severity_text(chronic_severity(values)) == "mild");
}

TEST_CASE("whatever a missing organ would have shown, the severity lies within the bounds") {
  CHECK(rc::check([] {
    ChronicGvhdScores full;
    for (auto& score : full.score) score = exactly(*rc::gen::inRange(0, 4));
    ChronicGvhdScores partly = full;
    for (auto& score : partly.score)
      if (*rc::gen::inRange(0, 3) == 0) score = std::nullopt;
    const ScoreRange bounds = chronic_severity(partly);
    const int truth = chronic_severity(full).low;
    RC_ASSERT(bounds.low <= truth && truth <= bounds.high);
  }));
}
