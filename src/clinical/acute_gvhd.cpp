#include "clinical/acute_gvhd.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "clinical/laboratory.h"

namespace graftline::clinical {
namespace {

constexpr std::array rash_cuts{Cut{{0, 0}, AtLimit::below}, Cut{{25, 0}, AtLimit::above},
                               Cut{{50, 0}, AtLimit::below}};
constexpr std::array bilirubin_cuts{Cut{{2, 0}, AtLimit::above}, Cut{{3, 0}, AtLimit::below},
                                    Cut{{6, 0}, AtLimit::below}, Cut{{15, 0}, AtLimit::below}};
constexpr std::array adult_volume_cuts{Cut{{500, 0}, AtLimit::above}, Cut{{1000, 0}, AtLimit::above},
                                       Cut{{1500, 0}, AtLimit::below}};
constexpr std::array adult_episode_cuts{Cut{{3, 0}, AtLimit::above}, Cut{{5, 0}, AtLimit::above},
                                        Cut{{7, 0}, AtLimit::below}};
constexpr std::array child_volume_cuts{Cut{{10, 0}, AtLimit::above}, Cut{{20, 0}, AtLimit::above},
                                       Cut{{30, 0}, AtLimit::below}};
constexpr std::array child_episode_cuts{Cut{{4, 0}, AtLimit::above}, Cut{{7, 0}, AtLimit::above},
                                        Cut{{10, 0}, AtLimit::below}};
constexpr ScoreRange any_volume{0, 3};

// A volume range over a weight range: least over heaviest, most over lightest.
Range per_kg(const Range& volume, const Range& weight) {
  Range result{.low = {},
               .high = {},
               .low_open = volume.low_open || weight.high_open,
               .high_open = volume.high_open || weight.low_open};
  if (volume.low && weight.high) result.low = *volume.low / *weight.high;
  if (volume.high && weight.low && *weight.low > 0) result.high = *volume.high / *weight.low;
  return result;
}

Range halved(Range volume, bool mixed_with_urine) {
  if (!mixed_with_urine) return volume;
  if (volume.low) *volume.low /= 2;
  if (volume.high) *volume.high /= 2;
  return volume;
}

ScoreRange either(ScoreRange a, ScoreRange b) { return {std::min(a.low, b.low), std::max(a.high, b.high)}; }

ScoreRange adult_stool(const LowerGiFindings& f) {
  if (f.stool_ml_per_day) return steps(halved(*f.stool_ml_per_day, f.mixed_with_urine), adult_volume_cuts);
  if (f.episodes_per_day) return steps(*f.episodes_per_day, adult_episode_cuts);
  return any_volume;
}

ScoreRange child_stool(const LowerGiFindings& f) {
  if (f.stool_ml_per_kg_per_day)
    return steps(halved(*f.stool_ml_per_kg_per_day, f.mixed_with_urine), child_volume_cuts);
  if (f.stool_ml_per_day && f.weight_kg)
    return steps(per_kg(halved(*f.stool_ml_per_day, f.mixed_with_urine), *f.weight_kg), child_volume_cuts);
  if (f.episodes_per_day) return steps(*f.episodes_per_day, child_episode_cuts);
  return any_volume;
}

ScoreRange stool_stage(const LowerGiFindings& f, AgeGroup age_group) {
  if (age_group == AgeGroup::adult) return adult_stool(f);
  if (!f.weight_kg) return child_stool(f);
  constexpr std::array above_50_kg{Cut{{50, 0}, AtLimit::below}};
  const ScoreRange adult_sized = steps(*f.weight_kg, above_50_kg);
  if (!adult_sized.is_exact()) return either(child_stool(f), adult_stool(f));
  if (adult_sized.low == 0) return child_stool(f);
  LowerGiFindings whole = f;
  if (!whole.stool_ml_per_day && whole.stool_ml_per_kg_per_day && whole.weight_kg->is_point()) {
    whole.stool_ml_per_day = whole.stool_ml_per_kg_per_day;
    if (whole.stool_ml_per_day->low) *whole.stool_ml_per_day->low *= *whole.weight_kg->low;
    if (whole.stool_ml_per_day->high) *whole.stool_ml_per_day->high *= *whole.weight_kg->low;
  }
  return adult_stool(whole);
}

std::optional<Error> impossible(const LowerGiFindings& f) {
  const auto check = [](const std::optional<Range>& value, int low, int high, const char* field) {
    return value ? outside(*value, low, high, field) : std::nullopt;
  };
  if (auto error = check(f.stool_ml_per_day, 0, 50000, "stool volume, mL/day")) return error;
  if (auto error = check(f.stool_ml_per_kg_per_day, 0, 1000, "stool volume, mL/kg/day")) return error;
  if (auto error = check(f.episodes_per_day, 0, 200, "stool episodes per day")) return error;
  if (!f.weight_kg) return std::nullopt;
  if (f.weight_kg->high && *f.weight_kg->high <= 0)
    return Error{ErrorKind::out_of_range, "weight: expected above 0 kg"};
  return outside(*f.weight_kg, 0, 500, "weight, kg");
}

bool skin_is_settled(const SkinFindings& findings) {
  const auto stage = skin_stage(findings);
  return !findings.rash_percent_bsa || !stage || stage->is_exact();
}

bool any_is(int stage, const std::array<int, 4>& organs) { return std::ranges::count(organs, stage) > 0; }

// The printed table, evaluated from IV downwards. Order of organs: skin, liver, upper GI, lower GI.
int grade_of(const std::array<int, 4>& organs) {
  const auto [skin, liver, upper_gi, lower_gi] = organs;
  if (any_is(4, organs)) return 4;
  if (liver >= 2 || lower_gi >= 2) return 3;
  if (skin == 3 || liver == 1 || upper_gi == 1 || lower_gi == 1) return 2;
  return skin >= 1 ? 1 : 0;
}

}  // namespace

Result<ScoreRange> skin_stage(const SkinFindings& findings) {
  if (!findings.rash_percent_bsa) return ScoreRange{0, highest_acute_stage};
  if (auto error = outside(*findings.rash_percent_bsa, 0, 100, "rash, percent of body surface"))
    return *error;
  ScoreRange stage = steps(*findings.rash_percent_bsa, rash_cuts);
  // Stage 4 is a rash of more than 50 % that also blisters; bullae on a smaller rash do not make it.
  if (stage.high == 3 && findings.bullae_and_desquamation != Truth::no) stage.high = 4;
  if (stage.low == 3 && findings.bullae_and_desquamation == Truth::yes) stage.low = 4;
  return stage;
}

Result<ScoreRange> liver_stage(const Quantity& bilirubin) {
  auto mg_per_dl = bilirubin_mg_per_dl(bilirubin);
  if (!mg_per_dl) return mg_per_dl.error();
  return steps(*mg_per_dl, bilirubin_cuts);
}

ScoreRange upper_gi_stage(UpperGiSymptoms symptoms) {
  return ScoreRange::exactly(symptoms == UpperGiSymptoms::persistent ? 1 : 0);
}

Result<ScoreRange> lower_gi_stage(const LowerGiFindings& findings, AgeGroup age_group) {
  if (auto error = impossible(findings)) return *error;
  const ScoreRange by_signs = scored(findings.severe_abdominal_pain | findings.grossly_bloody_stool, 4);
  return higher(stool_stage(findings, age_group), by_signs);
}

Result<AcuteGvhdStages> magic_stages(const AcuteGvhdFindings& findings) {
  AcuteGvhdStages stages;
  if (findings.skin) {
    auto stage = skin_stage(*findings.skin);
    if (!stage) return stage.error();
    stages.skin = *stage;
  }
  if (findings.bilirubin) {
    auto stage = liver_stage(*findings.bilirubin);
    if (!stage) return stage.error();
    stages.liver = *stage;
  }
  if (findings.upper_gi) stages.upper_gi = upper_gi_stage(*findings.upper_gi);
  if (findings.lower_gi) {
    auto stage = lower_gi_stage(*findings.lower_gi, findings.age_group);
    if (!stage) return stage.error();
    stages.lower_gi = *stage;
  }
  return stages;
}

DescribedFindings features_not_described_taken_as_absent(AcuteGvhdFindings findings) {
  DescribedFindings described;
  const auto assume = [&](Truth& feature, const char* assumption) {
    if (feature != Truth::unknown) return;
    feature = Truth::no;
    described.assumed.emplace_back(assumption);
  };
  // Bullae matter only on a rash that may cover more than half of the body.
  if (findings.skin && !skin_is_settled(*findings.skin))
    assume(findings.skin->bullae_and_desquamation, "no bullae with desquamation");
  if (findings.lower_gi) {
    assume(findings.lower_gi->severe_abdominal_pain, "no severe abdominal pain");
    assume(findings.lower_gi->grossly_bloody_stool, "no grossly bloody stool");
  }
  described.findings = std::move(findings);
  return described;
}

ScoreRange magic_grade(const AcuteGvhdStages& stages) {
  constexpr ScoreRange any_stage{0, highest_acute_stage};
  const ScoreRange skin = stages.skin.value_or(any_stage);
  const ScoreRange liver = stages.liver.value_or(any_stage);
  const ScoreRange upper_gi = stages.upper_gi.value_or(ScoreRange{0, highest_upper_gi_stage});
  const ScoreRange lower_gi = stages.lower_gi.value_or(any_stage);
  // The grade never falls when a stage rises, so its bounds are the grades of the bounds.
  return {grade_of({skin.low, liver.low, upper_gi.low, lower_gi.low}),
          grade_of({skin.high, liver.high, upper_gi.high, lower_gi.high})};
}

std::string grade_text(ScoreRange grade) {
  constexpr std::array<const char*, 5> roman{"0", "I", "II", "III", "IV"};
  const char* low = roman.at(static_cast<std::size_t>(grade.low));
  if (grade.is_exact()) return low;
  if (grade.high == 4) return fmt::format("at least {}", low);
  return fmt::format("{} to {}", low, roman.at(static_cast<std::size_t>(grade.high)));
}

std::vector<std::string> organs_left_open(const AcuteGvhdStages& stages) {
  std::vector<std::string> open;
  const auto look = [&](const std::optional<ScoreRange>& stage, const char* organ) {
    if (!stage)
      open.push_back(fmt::format("{} not assessed", organ));
    else if (!stage->is_exact())
      open.push_back(fmt::format("{} stage {} to {}", organ, stage->low, stage->high));
  };
  look(stages.skin, "skin");
  look(stages.liver, "liver");
  look(stages.upper_gi, "upper GI");
  look(stages.lower_gi, "lower GI");
  return open;
}

}  // namespace graftline::clinical
