#pragma once
// Acute graft-versus-host disease after MAGIC (Mount Sinai Acute GVHD International Consortium): organ stages
// from findings, and the overall grade. An organ that was not assessed leaves the grade a lower bound.
//
// source  Harris 2016 as printed in the EBMT Handbook 2024 ch. 43 [F3]; children's volumes and notes: NCI PDQ
// [F41] [conv]  gaps of the printed table: liver 3 to 3.1 and 6 to 6.1 mg/dL belong to the higher stage,
// stool from 999 to
//         1000 mL/day to the lower

#include <optional>
#include <string>
#include <vector>

#include "clinical/score_range.h"
#include "core/result.h"

namespace graftline::clinical {

enum class AgeGroup : unsigned char { adult, child };

struct SkinFindings {
  std::optional<Range> rash_percent_bsa;           // active erythema, percent of the body surface
  Truth bullae_and_desquamation = Truth::unknown;  // bullae, and desquamation of more than 5 % of the surface
};

enum class UpperGiSymptoms : unsigned char {
  none,
  intermittent,
  persistent
};  // nausea, vomiting or anorexia

// Average of three days. When volume and episodes are both known, volume decides [recall].
struct LowerGiFindings {
  std::optional<Range> stool_ml_per_day;
  std::optional<Range> stool_ml_per_kg_per_day;  // children; else made from the volume and the weight
  std::optional<Range> episodes_per_day;
  bool mixed_with_urine = false;  // half of the volume counts as stool [F41]
  Truth severe_abdominal_pain =
      Truth::unknown;  // needs an opioid and impairs performance, with or without ileus
  Truth grossly_bloody_stool = Truth::unknown;
  std::optional<Range> weight_kg;  // above 50 kg a child's stool is staged like an adult's [F41]
};

struct AcuteGvhdFindings {
  AgeGroup age_group = AgeGroup::adult;
  std::optional<SkinFindings> skin;   // absent: the organ was not assessed
  std::optional<Quantity> bilirubin;  // mg/dL or umol/L; total
  std::optional<UpperGiSymptoms> upper_gi;
  std::optional<LowerGiFindings> lower_gi;
};

// Stages 0 to 4 (upper GI 0 to 1). Absent: not assessed.
struct AcuteGvhdStages {
  std::optional<ScoreRange> skin;
  std::optional<ScoreRange> liver;
  std::optional<ScoreRange> upper_gi;
  std::optional<ScoreRange> lower_gi;
};
inline constexpr int highest_upper_gi_stage = 1;
inline constexpr int highest_acute_stage = 4;

// errors of all stages  out_of_range: a percentage outside 0 to 100, a negative volume; unit_mismatch (liver)
Result<ScoreRange> skin_stage(const SkinFindings& findings);
Result<ScoreRange> liver_stage(const Quantity& bilirubin);
ScoreRange upper_gi_stage(UpperGiSymptoms symptoms);
Result<ScoreRange> lower_gi_stage(const LowerGiFindings& findings, AgeGroup age_group);
Result<AcuteGvhdStages> magic_stages(const AcuteGvhdFindings& findings);

// An examiner who measures a rash or a stool volume and says nothing of bullae, severe pain or blood saw none
// of them: the features left unknown in an organ that was assessed become "no". Never applied silently:
// `assumed` names each. [conv]; worked patient: a rash of 60 % BSA is skin stage 3
struct DescribedFindings {
  AcuteGvhdFindings findings;
  std::vector<std::string> assumed;  // "no bullae or desquamation", ...
};
DescribedFindings features_not_described_taken_as_absent(AcuteGvhdFindings findings);

// Overall grade 0 to 4 (IV). Exact only if no organ left open could change it.
ScoreRange magic_grade(const AcuteGvhdStages& stages);

// "0", "I" .. "IV"; "at least II"; "I to III". `highest` is the top of the scale, where "to" becomes "at
// least".
std::string grade_text(ScoreRange grade);

// Organs that were not assessed or are only known within bounds, in the order of the table; for "liver not
// assessed".
std::vector<std::string> organs_left_open(const AcuteGvhdStages& stages);

}  // namespace graftline::clinical
