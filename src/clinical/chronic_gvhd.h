#pragma once
// Chronic graft-versus-host disease after the NIH consensus of 2014: organ scores 0 to 3 and the global
// severity.
//
// source  Jagasia 2015, read as the source code of a published scoring tool [F42], cross-checked with [F41,
// F43];
//         global severity: NCI Thesaurus C225388 [F43] and NCI PDQ [F41]
// [conv]  gaps of the printed table: rash above 0 and below 1 % scores 1, above 18 % scores 2; FEV1 between
// 79 and 80,
//         59 and 60, 39 and 40 % belongs to the worse score

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clinical/laboratory.h"
#include "clinical/score_range.h"

namespace graftline::clinical {

enum class ChronicOrgan : unsigned char { skin, mouth, eyes, gi, liver, lung, joints, genital };
inline constexpr int chronic_organ_count = 8;
std::string_view name(ChronicOrgan organ);
std::optional<ChronicOrgan> chronic_organ_from_name(std::string_view text);
inline constexpr ScoreRange any_chronic_score{0, 3};

// What can be pinched is superficial sclerosis; deep: hidebound, impaired mobility or ulceration.
enum class Sclerosis : unsigned char { none, superficial, deep };
struct ChronicSkinFindings {
  std::optional<Range> rash_percent_bsa;
  std::optional<Sclerosis> sclerosis;
};

enum class Limitation : unsigned char {
  none,
  mild,
  partial,
  severe
};  // of intake (mouth), or of daily activities

struct ChronicEyeFindings {
  Truth dry_eye_symptoms = Truth::unknown;
  std::optional<Range> lubricant_drops_per_day;  // more than 3: score 2
  Truth punctal_plugs = Truth::unknown;
  Truth partly_limits_daily_activities = Truth::unknown;
  Truth unable_to_work = Truth::unknown;
  Truth visual_loss_from_keratoconjunctivitis = Truth::unknown;
};

enum class Diarrhea : unsigned char {
  none_or_mild,
  moderate,
  severe
};  // severe: limits daily life significantly
struct ChronicGiFindings {
  Truth symptoms = Truth::unknown;
  std::optional<Range> weight_loss_percent;  // over 3 months
  std::optional<Diarrhea> diarrhea;
  Truth supplements_for_most_calories = Truth::unknown;
  Truth esophageal_dilation = Truth::unknown;
};

struct ChronicLiverFindings {
  std::optional<Quantity> bilirubin;                                      // mg/dL or umol/L
  UpperLimitRatio bilirubin_ratio{std::nullopt, Reason::never_measured};  // each times its own upper limit
  UpperLimitRatio alt_ratio{std::nullopt, Reason::never_measured};
  UpperLimitRatio alkaline_phosphatase_ratio{std::nullopt, Reason::never_measured};
};

enum class Dyspnea : unsigned char { none, one_flight_of_stairs, on_the_flat, at_rest_or_oxygen };
struct ChronicLungFindings {
  std::optional<Range> fev1_percent_predicted;  // decides whenever it is known
  std::optional<Dyspnea> dyspnea;
};

// errors  out_of_range, unit_mismatch (bilirubin)
Result<ScoreRange> chronic_skin_score(const ChronicSkinFindings& findings);
Result<ScoreRange> chronic_eye_score(const ChronicEyeFindings& findings);
Result<ScoreRange> chronic_gi_score(const ChronicGiFindings& findings);
Result<ScoreRange> chronic_liver_score(const ChronicLiverFindings& findings);
Result<ScoreRange> chronic_lung_score(const ChronicLungFindings& findings);
ScoreRange chronic_limitation_score(
    Limitation limitation);  // mouth, joints and fascia, genital tract: as graded

// Absent: not assessed. An organ whose changes have wholly another documented cause is left out; a mixed
// cause counts in full [F43].
struct ChronicGvhdScores {
  std::array<std::optional<ScoreRange>, chronic_organ_count> score;
  std::array<bool, chronic_organ_count> has_wholly_other_cause{};

  std::optional<ScoreRange>& operator[](ChronicOrgan organ) {
    return score.at(static_cast<std::size_t>(organ));
  }
  const std::optional<ScoreRange>& operator[](ChronicOrgan organ) const {
    return score.at(static_cast<std::size_t>(organ));
  }
};

enum class ChronicSeverity : unsigned char { none, mild, moderate, severe };
std::string_view name(ChronicSeverity severity);

// Bounds of the severity, as positions in ChronicSeverity. severe: any organ 3, or lung 2 or more. moderate:
// any other organ 2, three or more organs with 1, or lung 1. mild: one or two organs with 1, lung 0. The
// scores alone do not make the diagnosis, which needs a diagnostic sign, or a distinctive one and its
// confirmation.
ScoreRange chronic_severity(const ChronicGvhdScores& scores);
std::string severity_text(ScoreRange severity);  // "moderate", "at least mild", "none to moderate"
std::vector<std::string> organs_left_open(const ChronicGvhdScores& scores);

}  // namespace graftline::clinical
