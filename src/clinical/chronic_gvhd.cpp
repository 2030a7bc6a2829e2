#include "clinical/chronic_gvhd.h"

#include <fmt/format.h>

#include <algorithm>

namespace graftline::clinical {
namespace {

constexpr std::array<std::string_view, chronic_organ_count> organ_names{
    "skin", "mouth", "eyes", "gi", "liver", "lung", "joints", "genital"};
constexpr std::array<std::string_view, 4> severity_names{"none", "mild", "moderate", "severe"};

constexpr std::array rash_cuts{Cut{{0, 0}, AtLimit::below}, Cut{{18, 0}, AtLimit::below},
                               Cut{{50, 0}, AtLimit::below}};
constexpr std::array fev1_cuts{Cut{{40, 0}, AtLimit::above}, Cut{{60, 0}, AtLimit::above},
                               Cut{{80, 0}, AtLimit::above}};
constexpr std::array many_drops_cut{Cut{{3, 0}, AtLimit::below}};
constexpr std::array weight_loss_cuts{Cut{{5, 0}, AtLimit::above}, Cut{{15, 0}, AtLimit::below}};
constexpr std::array alt_cuts{Cut{{3, 0}, AtLimit::above}, Cut{{5, 0}, AtLimit::below}};
constexpr std::array alkaline_phosphatase_cut{Cut{{3, 0}, AtLimit::above}};
constexpr std::array raised_cut{Cut{{1, 0}, AtLimit::below}};
constexpr std::array high_bilirubin_cut{Cut{{3, 0}, AtLimit::below}};

ScoreRange steps_of(const UpperLimitRatio& ratio, std::span<const Cut> cuts) {
  return ratio.value ? steps(*ratio.value, cuts) : ScoreRange{0, static_cast<int>(cuts.size())};
}

ScoreRange times(ScoreRange range, int factor) { return {range.low * factor, range.high * factor}; }

// Normal 0, raised up to 3 mg/dL 2, above 3 mg/dL 3.
Result<ScoreRange> bilirubin_score(const ChronicLiverFindings& f) {
  ScoreRange raised = steps_of(f.bilirubin_ratio, raised_cut);
  ScoreRange high{0, 1};
  if (f.bilirubin) {
    auto mg_per_dl = bilirubin_mg_per_dl(*f.bilirubin);
    if (!mg_per_dl) return mg_per_dl.error();
    high = steps(*mg_per_dl, high_bilirubin_cut);
  } else if (raised == ScoreRange::exactly(0)) {
    high = ScoreRange::exactly(0);
  }
  return higher(times(raised, 2), times(high, 3));
}

using Scores = std::array<int, chronic_organ_count>;

ChronicSeverity severity_of(const Scores& scores) {
  const int lung = scores.at(static_cast<std::size_t>(ChronicOrgan::lung));
  const int worst = *std::ranges::max_element(scores);
  if (worst == 3 || lung >= 2) return ChronicSeverity::severe;
  const auto n_involved = std::ranges::count_if(scores, [](int score) { return score > 0; });
  if (worst == 2 || n_involved >= 3 || lung == 1) return ChronicSeverity::moderate;
  return n_involved > 0 ? ChronicSeverity::mild : ChronicSeverity::none;
}

}  // namespace

std::string_view name(ChronicOrgan organ) { return organ_names.at(static_cast<std::size_t>(organ)); }
std::string_view name(ChronicSeverity severity) {
  return severity_names.at(static_cast<std::size_t>(severity));
}

std::optional<ChronicOrgan> chronic_organ_from_name(std::string_view text) {
  const auto found = std::ranges::find(organ_names, text);
  if (found == organ_names.end()) return std::nullopt;
  return static_cast<ChronicOrgan>(found - organ_names.begin());
}

Result<ScoreRange> chronic_skin_score(const ChronicSkinFindings& f) {
  ScoreRange by_rash = any_chronic_score;
  if (f.rash_percent_bsa) {
    if (auto error = outside(*f.rash_percent_bsa, 0, 100, "skin, percent of body surface")) return *error;
    by_rash = steps(*f.rash_percent_bsa, rash_cuts);
  }
  ScoreRange by_sclerosis = any_chronic_score;
  if (f.sclerosis == Sclerosis::none) by_sclerosis = ScoreRange::exactly(0);
  if (f.sclerosis == Sclerosis::superficial) by_sclerosis = ScoreRange::exactly(2);
  if (f.sclerosis == Sclerosis::deep) by_sclerosis = ScoreRange::exactly(3);
  return higher(by_rash, by_sclerosis);
}

Result<ScoreRange> chronic_eye_score(const ChronicEyeFindings& f) {
  ScoreRange drops{0, 2};
  if (f.lubricant_drops_per_day) {
    if (auto error = outside(*f.lubricant_drops_per_day, 0, 100, "eye drops per day")) return *error;
    drops = times(steps(*f.lubricant_drops_per_day, many_drops_cut), 2);
  }
  const ScoreRange moderate = higher(drops, scored(f.punctal_plugs | f.partly_limits_daily_activities, 2));
  const ScoreRange severe = scored(f.unable_to_work | f.visual_loss_from_keratoconjunctivitis, 3);
  return higher(higher(scored(f.dry_eye_symptoms, 1), moderate), severe);
}

Result<ScoreRange> chronic_gi_score(const ChronicGiFindings& f) {
  ScoreRange by_weight = any_chronic_score;
  if (f.weight_loss_percent) {
    if (auto error = outside(*f.weight_loss_percent, 0, 100, "weight loss, percent")) return *error;
    const ScoreRange band = steps(*f.weight_loss_percent, weight_loss_cuts);  // below 5, 5 to 15, above 15 %
    by_weight = {band.low == 0 ? 0 : band.low + 1, band.high == 0 ? 0 : band.high + 1};
  }
  ScoreRange by_diarrhea = any_chronic_score;
  if (f.diarrhea == Diarrhea::none_or_mild) by_diarrhea = ScoreRange::exactly(0);
  if (f.diarrhea == Diarrhea::moderate) by_diarrhea = ScoreRange::exactly(2);
  if (f.diarrhea == Diarrhea::severe) by_diarrhea = ScoreRange::exactly(3);
  const ScoreRange by_care = scored(f.supplements_for_most_calories | f.esophageal_dilation, 3);
  return higher(higher(scored(f.symptoms, 1), by_weight), higher(by_diarrhea, by_care));
}

Result<ScoreRange> chronic_liver_score(const ChronicLiverFindings& f) {
  auto bilirubin = bilirubin_score(f);
  if (!bilirubin) return bilirubin.error();
  const ScoreRange alt = steps_of(f.alt_ratio, alt_cuts);
  const ScoreRange alkaline_phosphatase = steps_of(f.alkaline_phosphatase_ratio, alkaline_phosphatase_cut);
  return higher(*bilirubin, higher(alt, alkaline_phosphatase));
}

Result<ScoreRange> chronic_lung_score(const ChronicLungFindings& f) {
  if (f.fev1_percent_predicted) {
    if (auto error = outside(*f.fev1_percent_predicted, 0, 200, "FEV1, percent of predicted")) return *error;
    const ScoreRange better = steps(*f.fev1_percent_predicted, fev1_cuts);
    return ScoreRange{3 - better.high, 3 - better.low};
  }
  if (f.dyspnea) return ScoreRange::exactly(static_cast<int>(*f.dyspnea));
  return any_chronic_score;
}

ScoreRange chronic_limitation_score(Limitation limitation) {
  return ScoreRange::exactly(static_cast<int>(limitation));
}

ScoreRange chronic_severity(const ChronicGvhdScores& scores) {
  Scores low{};
  Scores high{};
  for (std::size_t i = 0; i < scores.score.size(); ++i) {
    if (scores.has_wholly_other_cause.at(i)) continue;
    const ScoreRange score = scores.score.at(i).value_or(any_chronic_score);
    low.at(i) = score.low;
    high.at(i) = score.high;
  }
  // The severity never falls when a score rises.
  return {static_cast<int>(severity_of(low)), static_cast<int>(severity_of(high))};
}

std::string severity_text(ScoreRange severity) {
  const auto low = severity_names.at(static_cast<std::size_t>(severity.low));
  if (severity.is_exact()) return std::string(low);
  if (severity.high == 3) return fmt::format("at least {}", low);
  return fmt::format("{} to {}", low, severity_names.at(static_cast<std::size_t>(severity.high)));
}

std::vector<std::string> organs_left_open(const ChronicGvhdScores& scores) {
  std::vector<std::string> open;
  for (std::size_t i = 0; i < scores.score.size(); ++i) {
    if (scores.has_wholly_other_cause.at(i)) continue;
    const auto& score = scores.score.at(i);
    if (!score)
      open.push_back(fmt::format("{} not assessed", organ_names.at(i)));
    else if (!score->is_exact())
      open.push_back(fmt::format("{} score {} to {}", organ_names.at(i), score->low, score->high));
  }
  return open;
}

}  // namespace graftline::clinical
