#pragma once
// One function per scale or equation that people use alone, from values as typed to a Calculation. The rules
// are in clinical; here values are read and the answer is put into words.
//
// errors of all  those of written_values.h and of the rule: malformed_input, unit_mismatch, out_of_range,
// unsupported,
//                conflict, not_found; the message names the option

#include <optional>
#include <string>
#include <vector>

#include "service/calculation.h"

namespace graftline::service {

using Typed = std::optional<std::string>;  // absent: not given

struct AcuteGvhdRequest {
  std::string criteria = "magic";  // magic, keystone, glucksberg
  bool is_child = false;
  Typed weight;                           // "18 kg"
  Typed skin, liver, upper_gi, lower_gi;  // a stage, or "none"; upper GI also intermittent, persistent
  Typed others;                           // "none": organs not mentioned are documented as free
  Typed skin_bsa;                         // percent
  Typed bullae;                           // yes, no, unknown
  Typed bilirubin;                        // "60 umol/L"
  std::vector<std::string> stool;         // "800 mL/d" or "25 mL/kg/d"; several days are averaged
  Typed episodes;                         // per day
  bool is_mixed_with_urine = false;
  Typed severe_pain, ileus, bloody_stool;  // yes, no, unknown
  Typed upper_gi_biopsy;                   // Keystone: yes, no, unknown
  bool liver_has_other_cause = false;      // Keystone
  bool diarrhea_has_other_cause = false;
  Typed performance;  // Glucksberg: none, mild, marked, extreme
};
Result<Calculation> grade_acute_gvhd(const AcuteGvhdRequest& request);

struct ChronicGvhdRequest {
  Typed skin, mouth, eyes, gi, liver, lung, joints, genital;  // 0 to 3, "none", or "other-cause"
  Typed others;
  Typed skin_bsa, sclerosis;  // percent; none, superficial, deep
  Typed eye_symptoms, eye_drops, eye_plugs, eye_limits, eye_work, eye_vision;
  Typed gi_symptoms, weight_loss, diarrhea, supplements, dilation;
  Typed bilirubin, bilirubin_upper_limit, alt, alt_upper_limit, alp, alp_upper_limit;
  Typed fev1, dyspnea;  // percent; none, stairs, flat, rest
};
Result<Calculation> grade_chronic_gvhd(const ChronicGvhdRequest& request);

struct EgfrRequest {
  std::string equation;
  Typed sex, age, creatinine, weight, height;
  bool with_black_race_coefficient = false;
};
Result<Calculation> estimate_gfr(const EgfrRequest& request);

struct UpperLimitRequest {
  std::string value;  // "120 U/L"
  Typed upper_limit;  // "40 U/L"
  Typed limit;        // "3": is the value above 3 times?
  Typed molar_mass;   // g/mol, where value and limit are in mass and amount
};
Result<Calculation> compare_with_upper_limit(const UpperLimitRequest& request);

struct ChimerismRequest {
  std::vector<std::string> lineages;  // "t_cell=60"
  std::vector<std::string> series;    // "2026-01-10,95": one lineage over time
  bool is_recipient = false;          // the percentages are recipient shares
  Typed full_above, absent_below, step, n_steps, min_gap_days, single_drop;
};
Result<Calculation> classify_chimerism(const ChimerismRequest& request);

struct MrdRequest {
  std::vector<std::string> samples;  // "2026-01-10,flow,positive" or a number, with `methods` to judge it
  std::vector<std::string> methods;  // "flow>=0.1", "WT1>0.6", "flow"
  Typed n_consecutive, min_gap_days, n_methods_in_one_sample;
};
Result<Calculation> judge_residual_disease(const MrdRequest& request);

struct CmlRelapseRequest {
  std::string transplant;            // date
  std::vector<std::string> samples;  // "2026-01-10,0.06": percent
};
Result<Calculation> judge_cml_relapse(const CmlRelapseRequest& request);

struct HctCiRequest {
  std::vector<std::string> present, absent;  // names of items
  bool rest_is_absent = false;
  Typed age, bmi, creatinine, dlco, fev1;
  Typed bilirubin_times_limit, ast_times_limit, alt_times_limit;
};
Result<Calculation> score_comorbidity(const HctCiRequest& request);

struct DriRequest {
  std::string disease, stage;
  Typed conditioning;  // mac, ric
};
Result<Calculation> find_disease_risk(const DriRequest& request);

struct GraftFunctionRequest {
  std::string as_of_day;
  std::vector<std::string> neutrophils, platelets;  // "16=0.5": day after transplant, 1e9/L
  std::vector<std::string> platelet_transfusions;   // days
  bool no_platelet_transfusions = false;
  bool is_cord_blood = false;
  Typed pancytopenia, lost_function, needs_support, chimerism_at_target, other_cause_excluded;
};
Result<Calculation> judge_graft_function(const GraftFunctionRequest& request);

}  // namespace graftline::service
