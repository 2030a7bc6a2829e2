#pragma once
// Hematopoietic cell transplantation comorbidity index, scored before transplant (not before an infusion of
// lymphocytes).
//
// source  Sorror 2005, items and points as in NCI PDQ [F41]; HCT-CI/Age and the flexible groups: EBMT
// Handbook 2024 ch. 11
//         [F9]. The handbook's own rows for severe lung and liver are misprinted and not used.
// [conv]  DLCO or FEV1 of exactly 65 % is severe, above 65 up to 80 % moderate

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clinical/laboratory.h"
#include "clinical/score_range.h"

namespace graftline::clinical {

enum class HctCiItem : unsigned char {
  arrhythmia,
  cardiac,
  inflammatory_bowel_disease,
  diabetes,
  cerebrovascular,
  psychiatric,
  mild_hepatic,
  obesity,
  infection,
  rheumatologic,
  peptic_ulcer,
  moderate_or_severe_renal,
  moderate_pulmonary,
  prior_solid_tumor,
  heart_valve,
  severe_pulmonary,
  moderate_or_severe_hepatic,
};
inline constexpr int hct_ci_item_count = 17;

struct HctCiRow {
  std::string_view name;  // "inflammatory_bowel_disease"
  int points;
  std::string_view meaning;  // what counts, in own words
};
const HctCiRow& row(HctCiItem item);
std::optional<HctCiItem> hct_ci_item_from_name(std::string_view text);

// Everything starts unknown: an item nobody looked for is not absent.
struct HctCiFindings {
  std::array<Truth, hct_ci_item_count> present;
  std::optional<Range> age_years;  // for HCT-CI/Age only

  HctCiFindings() { present.fill(Truth::unknown); }
  Truth& operator[](HctCiItem item) { return present.at(static_cast<std::size_t>(item)); }
  Truth operator[](HctCiItem item) const { return present.at(static_cast<std::size_t>(item)); }
};

enum class HctCiRisk : unsigned char { low, intermediate, high };
std::string_view name(HctCiRisk risk);

// All as bounds: items that are unknown may or may not add their points.
struct HctCi {
  ScoreRange points;
  ScoreRange risk;                       // 0 low, 1-2 intermediate, 3 or more high; positions in HctCiRisk
  ScoreRange flexible_group;             // 0-3, 4-5, above 5; positions 0 to 2
  ScoreRange points_with_age;            // one more from 40 years on
  std::vector<HctCiItem> unknown_items;  // those that could still add points
};
HctCi hct_ci(const HctCiFindings& findings);
std::string points_text(ScoreRange points);  // "3", "at least 3 (up to 7)"

// The items that measurements decide. Unknown inputs stay unknown.
Truth obesity_item(const std::optional<Range>& body_mass_index);  // above 35 kg/m2

struct RenalFindings {
  std::optional<Range> creatinine_mg_per_dl;  // above 2 mg/dL (176.8 umol/L)
  Truth dialysis = Truth::unknown;
  Truth renal_transplant = Truth::unknown;
};
Truth renal_item(const RenalFindings& findings);

enum class PulmonaryDyspnea : unsigned char { none, on_slight_activity, at_rest };
struct PulmonaryFindings {
  std::optional<Range> dlco_percent;  // corrected, of predicted
  std::optional<Range> fev1_percent;
  std::optional<PulmonaryDyspnea> dyspnea;
  Truth oxygen = Truth::unknown;
};
struct HepaticFindings {
  UpperLimitRatio bilirubin_ratio{std::nullopt, Reason::never_measured};
  UpperLimitRatio ast_ratio{std::nullopt, Reason::never_measured};
  UpperLimitRatio alt_ratio{std::nullopt, Reason::never_measured};
  Truth chronic_hepatitis = Truth::unknown;
  Truth cirrhosis = Truth::unknown;
};
struct Graded {
  Truth lesser = Truth::unknown;  // mild hepatic, moderate pulmonary: also yes when the greater is
  Truth greater = Truth::unknown;
};
Graded pulmonary_items(const PulmonaryFindings& findings);
Graded hepatic_items(const HepaticFindings& findings);

}  // namespace graftline::clinical
