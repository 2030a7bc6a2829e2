#include "clinical/hct_ci.h"

#include <fmt/format.h>

#include <algorithm>

namespace graftline::clinical {
namespace {

constexpr std::array<HctCiRow, hct_ci_item_count> rows{{
    {"arrhythmia", 1, "atrial fibrillation or flutter, sick sinus syndrome, ventricular arrhythmia"},
    {"cardiac", 1,
     "coronary artery disease, heart failure, myocardial infarction, ejection fraction of 50 % or less"},
    {"inflammatory_bowel_disease", 1, "Crohn disease or ulcerative colitis"},
    {"diabetes", 1, "diabetes treated with a drug"},
    {"cerebrovascular", 1, "transient ischemic attack or stroke"},
    {"psychiatric", 1, "depression, anxiety or another disturbance under treatment"},
    {"mild_hepatic", 1,
     "chronic hepatitis; bilirubin above 1 to 1.5, or AST or ALT above 1 to 2.5 times the upper limit"},
    {"obesity", 1, "body mass index above 35 kg/m2"},
    {"infection", 1, "infection that needs treatment beyond day 0"},
    {"rheumatologic", 2, "connective tissue disease or other rheumatologic disease"},
    {"peptic_ulcer", 2, "peptic ulcer that needed treatment"},
    {"moderate_or_severe_renal", 2,
     "creatinine above 2 mg/dL (176.8 umol/L), dialysis, or a renal transplant"},
    {"moderate_pulmonary", 2, "DLCO or FEV1 above 65 to 80 %, or dyspnea on slight activity"},
    {"prior_solid_tumor", 3, "solid tumor at any time, other than nonmelanoma skin cancer"},
    {"heart_valve", 3, "heart valve disease other than mitral valve prolapse"},
    {"severe_pulmonary", 3, "DLCO or FEV1 of 65 % or less, dyspnea at rest, or oxygen"},
    {"moderate_or_severe_hepatic", 3,
     "cirrhosis; bilirubin above 1.5, or AST or ALT above 2.5 times the upper limit"},
}};

constexpr std::array<std::string_view, 3> risk_names{"low", "intermediate", "high"};

struct Pair {
  HctCiItem lesser, greater;
};
// Lung and liver count once, at the greater degree.
constexpr std::array graded_pairs{Pair{HctCiItem::mild_hepatic, HctCiItem::moderate_or_severe_hepatic},
                                  Pair{HctCiItem::moderate_pulmonary, HctCiItem::severe_pulmonary}};

bool is_superseded(HctCiItem item, const HctCiFindings& f, Truth at_least_this_sure) {
  return std::ranges::any_of(graded_pairs, [&](const Pair& pair) {
    return pair.lesser == item && f[pair.greater] >= at_least_this_sure;
  });
}

int total(const HctCiFindings& f, Truth counts_from) {
  int points = 0;
  for (int i = 0; i < hct_ci_item_count; ++i) {
    const auto item = static_cast<HctCiItem>(i);
    if (f[item] >= counts_from && !is_superseded(item, f, counts_from)) points += row(item).points;
  }
  return points;
}

int risk_of(int points) { return points == 0 ? 0 : points <= 2 ? 1 : 2; }
int flexible_group_of(int points) { return points <= 3 ? 0 : points <= 5 ? 1 : 2; }

Truth above(const std::optional<Range>& value, const Decimal& limit) {
  if (!value) return Truth::unknown;
  return less(Range::exactly(to_rational(limit)), *value, Reason::comparator).truth;
}

Truth at_most(const std::optional<Range>& value, const Decimal& limit) { return !above(value, limit); }

Truth dyspnea_at_least(const std::optional<PulmonaryDyspnea>& dyspnea, PulmonaryDyspnea degree) {
  return dyspnea ? truth(*dyspnea >= degree) : Truth::unknown;
}

}  // namespace

const HctCiRow& row(HctCiItem item) { return rows.at(static_cast<std::size_t>(item)); }
std::string_view name(HctCiRisk risk) { return risk_names.at(static_cast<std::size_t>(risk)); }

std::optional<HctCiItem> hct_ci_item_from_name(std::string_view text) {
  const auto found = std::ranges::find(rows, text, &HctCiRow::name);
  if (found == rows.end()) return std::nullopt;
  return static_cast<HctCiItem>(found - rows.begin());
}

HctCi hct_ci(const HctCiFindings& f) {
  HctCi result;
  result.points = {total(f, Truth::yes), total(f, Truth::unknown)};
  result.risk = {risk_of(result.points.low), risk_of(result.points.high)};
  result.flexible_group = {flexible_group_of(result.points.low), flexible_group_of(result.points.high)};
  ScoreRange age_point{0, 1};
  if (f.age_years) age_point = steps(*f.age_years, std::array{Cut{{40, 0}, AtLimit::above}});
  result.points_with_age = {result.points.low + age_point.low, result.points.high + age_point.high};
  for (int i = 0; i < hct_ci_item_count; ++i) {
    const auto item = static_cast<HctCiItem>(i);
    if (f[item] == Truth::unknown && !is_superseded(item, f, Truth::yes))
      result.unknown_items.push_back(item);
  }
  return result;
}

std::string points_text(ScoreRange points) {
  if (points.is_exact()) return fmt::format("{}", points.low);
  return fmt::format("at least {} (up to {})", points.low, points.high);
}

Truth obesity_item(const std::optional<Range>& body_mass_index) { return above(body_mass_index, {35, 0}); }

Truth renal_item(const RenalFindings& f) {
  return above(f.creatinine_mg_per_dl, {2, 0}) | f.dialysis | f.renal_transplant;
}

Graded pulmonary_items(const PulmonaryFindings& f) {
  const Truth severe = at_most(f.dlco_percent, {65, 0}) | at_most(f.fev1_percent, {65, 0}) |
                       dyspnea_at_least(f.dyspnea, PulmonaryDyspnea::at_rest) | f.oxygen;
  const Truth at_least_moderate = at_most(f.dlco_percent, {80, 0}) | at_most(f.fev1_percent, {80, 0}) |
                                  dyspnea_at_least(f.dyspnea, PulmonaryDyspnea::on_slight_activity) | severe;
  return {at_least_moderate, severe};
}

Graded hepatic_items(const HepaticFindings& f) {
  const auto above_limit = [](const UpperLimitRatio& ratio, const Decimal& factor) {
    return above_upper_limit(ratio, factor).truth;
  };
  const Truth severe = f.cirrhosis | above_limit(f.bilirubin_ratio, {15, -1}) |
                       above_limit(f.ast_ratio, {25, -1}) | above_limit(f.alt_ratio, {25, -1});
  const Truth at_least_mild = f.chronic_hepatitis | above_limit(f.bilirubin_ratio, {1, 0}) |
                              above_limit(f.ast_ratio, {1, 0}) | above_limit(f.alt_ratio, {1, 0}) | severe;
  return {at_least_mild, severe};
}

}  // namespace graftline::clinical
