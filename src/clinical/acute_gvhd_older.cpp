#include "clinical/acute_gvhd_older.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "clinical/laboratory.h"

namespace graftline::clinical {
namespace {

constexpr std::array glucksberg_bilirubin_cuts{Cut{{2, 0}, AtLimit::above}, Cut{{3, 0}, AtLimit::above},
                                               Cut{{6, 0}, AtLimit::above}, Cut{{15, 0}, AtLimit::below}};
constexpr ScoreRange any_stage{0, highest_acute_stage};

struct Organs {
  int skin, liver, gut;
};

int keystone_grade_of(const Organs& o) {
  if (o.skin == 4 || o.liver == 4) return 4;
  if (o.liver >= 2 || o.gut >= 2) return 3;
  if (o.skin == 3 || o.liver == 1 || o.gut == 1) return 2;
  return o.skin >= 1 ? 1 : 0;
}

int glucksberg_grade_of(const Organs& o, PerformanceDrop performance) {
  const bool is_involved = o.skin > 0 || o.liver > 0 || o.gut > 0;
  if (o.skin == 4 || o.liver == 4 || o.gut == 4) return 4;
  if (is_involved && performance == PerformanceDrop::extreme) return 4;
  if (o.liver >= 2 || o.gut >= 2) return 3;
  if (o.skin == 3 || o.liver == 1 || o.gut == 1) return 2;
  return is_involved ? 1 : 0;
}

Organs lowest(const OlderGvhdStages& s) {
  return {s.skin.value_or(any_stage).low, s.liver.value_or(any_stage).low, s.gut.value_or(any_stage).low};
}

Organs highest(const OlderGvhdStages& s) {
  return {s.skin.value_or(any_stage).high, s.liver.value_or(any_stage).high, s.gut.value_or(any_stage).high};
}

ScoreRange one_stage_less(ScoreRange stage) {
  return {std::max(0, stage.low - 1), std::max(0, stage.high - 1)};
}

LowerGiFindings by_volume_only(LowerGiFindings findings) {
  findings.episodes_per_day = std::nullopt;
  return findings;
}

// Persistent symptoms count as gut stage 1 only with a positive biopsy.
std::optional<ScoreRange> upper_gi_as_gut(const KeystoneFindings& f) {
  if (!f.findings.upper_gi) return std::nullopt;
  if (*f.findings.upper_gi != UpperGiSymptoms::persistent) return ScoreRange::exactly(0);
  return scored(f.upper_gi_biopsy_positive, 1);
}

}  // namespace

Result<OlderGvhdStages> keystone_stages(const KeystoneFindings& f) {
  AcuteGvhdFindings findings = f.findings;
  if (findings.lower_gi) findings.lower_gi = by_volume_only(*findings.lower_gi);
  auto magic = magic_stages(findings);
  if (!magic) return magic.error();
  OlderGvhdStages stages{magic->skin, magic->liver, magic->lower_gi};
  if (stages.liver && f.liver_has_other_cause) stages.liver = one_stage_less(*stages.liver);
  if (stages.gut && f.diarrhea_has_other_cause) stages.gut = one_stage_less(*stages.gut);
  // The lower gut decides; the upper gut can only lift it to stage 1.
  if (stages.gut) stages.gut = higher(*stages.gut, upper_gi_as_gut(f).value_or(ScoreRange{0, 1}));
  return stages;
}

ScoreRange keystone_grade(const OlderGvhdStages& stages) {
  return {keystone_grade_of(lowest(stages)), keystone_grade_of(highest(stages))};
}

Result<OlderGvhdStages> glucksberg_stages(const AcuteGvhdFindings& f) {
  AcuteGvhdFindings findings = f;
  if (findings.lower_gi) findings.lower_gi = by_volume_only(*findings.lower_gi);
  findings.bilirubin = std::nullopt;
  auto magic = magic_stages(findings);
  if (!magic) return magic.error();
  OlderGvhdStages stages{magic->skin, std::nullopt, magic->lower_gi};
  if (!f.bilirubin) return stages;
  auto bilirubin = bilirubin_mg_per_dl(*f.bilirubin);
  if (!bilirubin) return bilirubin.error();
  stages.liver = steps(*bilirubin, glucksberg_bilirubin_cuts);
  return stages;
}

ScoreRange glucksberg_grade(const OlderGvhdStages& stages, std::optional<PerformanceDrop> performance) {
  return {glucksberg_grade_of(lowest(stages), performance.value_or(PerformanceDrop::none)),
          glucksberg_grade_of(highest(stages), performance.value_or(PerformanceDrop::extreme))};
}

std::vector<std::string> organs_left_open(const OlderGvhdStages& stages) {
  std::vector<std::string> open;
  const auto look = [&](const std::optional<ScoreRange>& stage, const char* organ) {
    if (!stage)
      open.push_back(fmt::format("{} not assessed", organ));
    else if (!stage->is_exact())
      open.push_back(fmt::format("{} stage {} to {}", organ, stage->low, stage->high));
  };
  look(stages.skin, "skin");
  look(stages.liver, "liver");
  look(stages.gut, "gut");
  return open;
}

}  // namespace graftline::clinical
