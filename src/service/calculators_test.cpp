#include "service/calculators.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

using namespace graftline;
using namespace graftline::service;

namespace {

std::string part(const Calculation& c, std::string_view name) {
  const auto found = std::ranges::find(c.parts, name, &Item::name);
  return found == c.parts.end() ? "absent" : found->value;
}

template <class T> bool contains(const std::vector<T>& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

AcuteGvhdRequest adult_with_three_organs() {
  AcuteGvhdRequest r;
  r.skin_bsa = "30";
  r.bilirubin = "60 umol/L";
  r.stool = {"800 mL/d"};
  return r;
}

EgfrRequest man_of_55(const char* equation) {
  EgfrRequest r;
  r.equation = equation;
  r.sex = "male";
  r.age = "55";
  r.creatinine = "1.35 mg/dL";
  return r;
}

}  // namespace

TEST_CASE("rash 30 %, bilirubin 60 umol/L, stool 800 mL/day: skin 2, liver 2, lower GI 1, grade III") {
  const auto c = *grade_acute_gvhd(adult_with_three_organs());
  CHECK(part(c, "skin stage") == "2");
  CHECK(part(c, "liver stage") == "2");
  CHECK(part(c, "lower GI stage") == "1");
  CHECK(part(c, "upper GI stage") == "not assessed");
  CHECK(c.result == "grade III");
  CHECK(c.missing.empty());
}

TEST_CASE("a rash of 60 % with the other organs documented as free is grade II, of 40 % grade I") {
  AcuteGvhdRequest r;
  r.skin_bsa = "60";
  r.others = "none";
  CHECK(grade_acute_gvhd(r)->result == "grade II");
  CHECK(grade_acute_gvhd(r)->assumed == std::vector<std::string>{"no bullae with desquamation"});
  r.skin_bsa = "40";
  CHECK(grade_acute_gvhd(r)->result == "grade I");
  CHECK(grade_acute_gvhd(r)->assumed.empty());
}

TEST_CASE("without the other organs the grade is a lower bound, and the answer says which are missing") {
  AcuteGvhdRequest r;
  r.skin_bsa = "60";
  const auto c = *grade_acute_gvhd(r);
  CHECK(c.result.starts_with("at least grade II: liver not assessed"));
  CHECK(c.low == "II");
  CHECK(c.high == "IV");
  CHECK(contains(c.missing, "lower GI not assessed"));
}

TEST_CASE("ileus without a word on pain leaves stage 4 of the lower GI tract possible") {
  AcuteGvhdRequest r = adult_with_three_organs();
  r.ileus = "yes";
  CHECK(part(*grade_acute_gvhd(r), "lower GI stage") == "1 to 4");
  r.severe_pain = "yes";
  CHECK(grade_acute_gvhd(r)->result == "grade IV");
  r.severe_pain = "no";
  CHECK(grade_acute_gvhd(r)->result == "grade III");
}

TEST_CASE("several days of stool are averaged: 400, 500 and 600 mL are stage 1") {
  AcuteGvhdRequest r;
  r.stool = {"400 mL/d", "500 mL/d", "600 mL/d"};
  CHECK(part(*grade_acute_gvhd(r), "lower GI stage") == "1");
  r.stool = {"400 mL/d", "500 mL/d", "599 mL/d"};
  CHECK(part(*grade_acute_gvhd(r), "lower GI stage") == "0");
}

TEST_CASE("gut stage 4 is grade III after Keystone and IV after MAGIC") {
  AcuteGvhdRequest r;
  r.skin = "2";
  r.liver = "1";
  r.lower_gi = "4";
  CHECK(grade_acute_gvhd(r)->result == "grade IV");
  r.criteria = "keystone";
  CHECK(grade_acute_gvhd(r)->result == "grade III");
  CHECK(grade_acute_gvhd(r)->source.find("verify before use") != std::string::npos);
}

TEST_CASE("Glucksberg asks for the performance status") {
  AcuteGvhdRequest r;
  r.criteria = "glucksberg";
  r.skin = "2";
  r.liver = "1";
  r.lower_gi = "none";
  CHECK(grade_acute_gvhd(r)->result == "at least grade II: performance status not given");
  r.performance = "mild";
  CHECK(grade_acute_gvhd(r)->result == "grade II");
  r.performance = "extreme";
  CHECK(grade_acute_gvhd(r)->result == "grade IV");
}

TEST_CASE(
    "a stage beside findings of the same organ, a stage 5, and a unit of another kind are refused by name") {
  AcuteGvhdRequest r = adult_with_three_organs();
  r.skin = "2";
  CHECK(grade_acute_gvhd(r).error().kind == ErrorKind::conflict);
  r = adult_with_three_organs();
  r.stool = {"800 mg/d"};
  CHECK(grade_acute_gvhd(r).error().message.starts_with("stool:"));
  r = adult_with_three_organs();
  r.bilirubin = "60";
  CHECK(grade_acute_gvhd(r).error().message == "bilirubin: expected a unit behind the number");
  r = {};
  r.skin = "5";
  CHECK(grade_acute_gvhd(r).error().kind == ErrorKind::malformed_input);
}

TEST_CASE("chronic GVHD: FEV1 72 % is lung 1 and makes it moderate; 59 % makes it severe") {
  ChronicGvhdRequest r;
  r.skin = "1";
  r.fev1 = "72";
  r.others = "none";
  CHECK(grade_chronic_gvhd(r)->result == "moderate");
  r.fev1 = "59";
  CHECK(grade_chronic_gvhd(r)->result == "severe");
}

TEST_CASE("chronic GVHD: organs that were not assessed leave a lower bound") {
  ChronicGvhdRequest r;
  r.eyes = "1";
  r.liver = "other-cause";
  const auto c = *grade_chronic_gvhd(r);
  CHECK(c.result.starts_with("at least mild: skin not assessed"));
  CHECK(part(c, "liver score") == "left out: another cause");
  CHECK_FALSE(contains(c.missing, "liver not assessed"));
}

TEST_CASE(
    "the 2021 equation gives 62.00 and the 2009 equation 58.69 to the same man, and none is a default") {
  CHECK(estimate_gfr(man_of_55("ckd_epi_2021"))->result == "62.00 mL/min/1.73 m2");
  CHECK(estimate_gfr(man_of_55("ckd_epi_2009"))->result == "58.69 mL/min/1.73 m2");
  CHECK(estimate_gfr(man_of_55("")).error().kind == ErrorKind::malformed_input);
  CHECK(estimate_gfr(man_of_55("ckd_epi")).error().kind == ErrorKind::malformed_input);
}

TEST_CASE("an eGFR just below 60 is never shown as 60") {
  EgfrRequest r;
  r.equation = "bedside_schwartz";
  r.age = "8";
  r.height = "120 cm";
  r.creatinine = "0.826 mg/dL";  // 0.413 x 120 / 0.826 = 60
  CHECK(estimate_gfr(r)->result == "60.00 mL/min/1.73 m2");
  r.creatinine = "0.82603 mg/dL";  // 49.56 / 0.82603 = 59.99782
  CHECK(estimate_gfr(r)->result == "59.998 mL/min/1.73 m2");
  CHECK(estimate_gfr(r)->low == "59.998");
}

TEST_CASE("without the sex an eGFR is given as bounds, and the answer says why") {
  EgfrRequest r = man_of_55("ckd_epi_2021");
  r.sex = std::nullopt;
  CHECK(estimate_gfr(r)->missing == std::vector<std::string>{"sex not given: the bounds cover both"});
}

TEST_CASE("a child is refused by CKD-EPI and shown the equation for children") {
  EgfrRequest r = man_of_55("ckd_epi_2021");
  r.age = "12";
  const auto refused = estimate_gfr(r);
  CHECK(refused.error().kind == ErrorKind::unsupported);
  CHECK(refused.error().message.find("bedside_schwartz") != std::string::npos);
}

TEST_CASE("1.8 with an upper limit of 1.2 is 1.5 times and not above 1.5 times") {
  const auto c = *compare_with_upper_limit({"1.8 mg/dL", "1.2 mg/dL", "1.5", {}});
  CHECK(c.result == "1.5 x upper limit");
  CHECK(part(c, "above 1.5 x upper limit") == "no");
  CHECK(compare_with_upper_limit({"1.8 mg/dL", {}, "1.5", {}})->result == "unknown: no reference range");
}

TEST_CASE("18 % recipient in whole blood is mixed there, and may be split over lineages") {
  ChimerismRequest r;
  r.lineages = {"whole-blood=18"};
  r.is_recipient = true;
  const auto c = *classify_chimerism(r);
  CHECK(part(c, "whole blood") == "mixed");
  CHECK(c.result == "mixed or split");
}

TEST_CASE("a series of chimerism tests says which side increases") {
  ChimerismRequest r;
  r.series = {"2026-01-10,95", "2026-01-24,90", "2026-02-07,84"};
  CHECK(classify_chimerism(r)->result == "donor falling (recipient increasing)");
  r.single_drop = "3";
  r.series = {"2026-01-10,95", "2026-01-24,97"};
  CHECK(classify_chimerism(r)->result == "donor neither falling nor rising");
}

TEST_CASE("a number without its method's threshold is refused: none is a default") {
  MrdRequest r;
  r.methods = {"flow"};
  r.n_consecutive = "1";
  r.samples = {"2026-01-10,flow,0.3"};
  CHECK(judge_residual_disease(r).error().kind == ErrorKind::not_found);
  r.methods = {"flow>=0.1"};
  CHECK(judge_residual_disease(r)->result == "positive: yes");
  r.methods = {"flow>0.3"};
  CHECK(judge_residual_disease(r)->result == "positive: no");
}

TEST_CASE("two BCR::ABL1 samples above 0.05 % 31 days apart are a molecular relapse of CML") {
  CmlRelapseRequest r{"2025-06-01", {"2025-11-01,0.06", "2025-12-02,0.08"}};
  CHECK(judge_cml_relapse(r)->result == "molecular relapse: yes");
  r.samples.pop_back();
  CHECK(judge_cml_relapse(r)->result == "molecular relapse: unknown: never measured");
}

TEST_CASE("HCT-CI: a DLCO of 70 % is moderate pulmonary once everything else is documented as absent") {
  HctCiRequest r;
  r.dlco = "70";
  r.rest_is_absent = true;
  r.age = "40";
  const auto c = *score_comorbidity(r);
  CHECK(c.result == "2 points, intermediate risk");
  CHECK(part(c, "HCT-CI/Age") == "3");
  r.rest_is_absent = false;
  CHECK(score_comorbidity(r)->result.starts_with("at least 2 (up to"));
}

TEST_CASE("DRI: ALL is refused with its reason, adverse AML in first remission is high") {
  CHECK(find_disease_risk({"aml_adverse_cytogenetics", "cr1", {}})->result == "high");
  CHECK(find_disease_risk({"all", "cr1", {}}).error().kind == ErrorKind::unsupported);
}

TEST_CASE("lost function with donor chimerism at target is poor graft function") {
  GraftFunctionRequest r;
  r.as_of_day = "120";
  r.neutrophils = {"16,0.5", "17,0.6", "18,0.9"};
  r.lost_function = r.needs_support = r.chimerism_at_target = r.other_cause_excluded = "yes";
  CHECK(part(*judge_graft_function(r), "neutrophil recovery") == "day +16");
  CHECK(judge_graft_function(r)->result == "poor graft function");
  r.chimerism_at_target = "no";
  CHECK(judge_graft_function(r)->result == "secondary graft failure");
}

TEST_CASE("text and JSON carry the same result, bounds and source") {
  const auto c = *grade_acute_gvhd(adult_with_three_organs());
  CHECK(to_text(c).find("result: grade III\n") != std::string::npos);
  const auto json = nlohmann::json::parse(to_json(c));
  CHECK(json["result"] == "grade III");
  CHECK(json["low"] == "III");
  CHECK(json["high"] == "III");
  CHECK(json["parts"]["liver stage"] == "2");
  CHECK(json["source"] == c.source);
}
