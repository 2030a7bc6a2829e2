// Chronic GVHD as typed: scores or findings per organ, and the NIH 2014 severity.

#include <fmt/format.h>

#include "clinical/chronic_gvhd.h"
#include "service/calculators.h"
#include "service/written_values.h"

namespace graftline::service {
namespace {

using namespace clinical;

constexpr std::string_view nih_source =
    "NIH 2014 (Jagasia 2015), as read from a published scoring tool and cross-checked with NCI PDQ and NCI "
    "Thesaurus C225388";

// Collects the first error of many readings, so that each reads as one line.
class Reader {
 public:
  explicit Reader(Calculation& told) : told_(&told) {}

  Truth feature(const char* field, const Typed& typed, const char* absence) {
    const Truth read = keep(read_truth(field, typed), Truth::unknown);
    if (typed) told_->inputs.push_back({field, std::string(name(read))});
    // An organ that was described without the feature: taken as absent, and said so.
    if (read != Truth::unknown || typed) return read;
    told_->assumed.emplace_back(absence);
    return Truth::no;
  }
  std::optional<Range> range(const char* field, const Typed& typed, const char* unit) {
    auto read = read_range(field, typed, unit);
    if (typed) told_->inputs.push_back({field, *typed});
    return keep(std::move(read), std::optional<Range>());
  }
  std::optional<Quantity> quantity(const char* field, const Typed& typed) {
    if (!typed) return std::nullopt;
    auto read = read_quantity(field, *typed);
    if (!read) error_ = error_ ? error_ : read.error();
    told_->inputs.push_back({field, *typed});
    if (!read) return std::nullopt;
    return *read;
  }
  std::optional<int> word(const char* field, const Typed& typed, const std::vector<std::string_view>& words) {
    if (!typed) return std::nullopt;
    told_->inputs.push_back({field, *typed});
    auto read = read_word(field, *typed, words);
    if (!read) error_ = error_ ? error_ : read.error();
    if (!read) return std::nullopt;
    return *read;
  }
  template <class T> T keep(Result<T> read, T otherwise) {
    if (read) return *read;
    error_ = error_ ? error_ : read.error();
    return otherwise;
  }
  const std::optional<Error>& error() const { return error_; }
  Calculation& told() { return *told_; }

 private:
  Calculation* told_;
  std::optional<Error> error_;
};

std::optional<ScoreRange> skin(Reader& in, const ChronicGvhdRequest& r) {
  if (!r.skin_bsa && !r.sclerosis) return std::nullopt;
  ChronicSkinFindings f;
  f.rash_percent_bsa = in.range("skin-bsa", r.skin_bsa, "%");
  if (auto degree = in.word("sclerosis", r.sclerosis, {"none", "superficial", "deep"}))
    f.sclerosis = static_cast<Sclerosis>(*degree);
  if (!r.sclerosis) {
    f.sclerosis = Sclerosis::none;
    in.told().assumed.emplace_back("no sclerosis");
  }
  return in.keep(chronic_skin_score(f), any_chronic_score);
}

std::optional<ScoreRange> eyes(Reader& in, const ChronicGvhdRequest& r) {
  if (!r.eye_symptoms && !r.eye_drops && !r.eye_plugs && !r.eye_limits && !r.eye_work && !r.eye_vision)
    return std::nullopt;
  ChronicEyeFindings f;
  f.lubricant_drops_per_day = in.range("eye-drops", r.eye_drops, "1");
  // Whoever uses drops has symptoms.
  const bool has_drops =
      f.lubricant_drops_per_day && f.lubricant_drops_per_day->low && *f.lubricant_drops_per_day->low > 0;
  f.dry_eye_symptoms = has_drops && !r.eye_symptoms
                           ? Truth::yes
                           : in.feature("eye-symptoms", r.eye_symptoms, "no dry eye symptoms");
  f.punctal_plugs = in.feature("eye-plugs", r.eye_plugs, "no punctal plugs");
  f.partly_limits_daily_activities =
      in.feature("eye-limits", r.eye_limits, "eyes do not limit daily activities");
  f.unable_to_work = in.feature("eye-work", r.eye_work, "able to work as far as the eyes go");
  f.visual_loss_from_keratoconjunctivitis = in.feature("eye-vision", r.eye_vision, "no visual loss");
  if (!r.eye_drops) {
    f.lubricant_drops_per_day = Range::exactly(Rational(0));
    in.told().assumed.emplace_back("no eye drops");
  }
  return in.keep(chronic_eye_score(f), any_chronic_score);
}

std::optional<ScoreRange> gi(Reader& in, const ChronicGvhdRequest& r) {
  if (!r.gi_symptoms && !r.weight_loss && !r.diarrhea && !r.supplements && !r.dilation) return std::nullopt;
  ChronicGiFindings f;
  f.symptoms = in.feature("gi-symptoms", r.gi_symptoms, "no GI symptoms");
  f.supplements_for_most_calories =
      in.feature("supplements", r.supplements, "no supplements for most calories");
  f.esophageal_dilation = in.feature("dilation", r.dilation, "no esophageal dilation");
  f.weight_loss_percent = in.range("weight-loss", r.weight_loss, "%");
  if (auto degree = in.word("diarrhea", r.diarrhea, {"none", "mild", "moderate", "severe"}))
    f.diarrhea = *degree <= 1 ? Diarrhea::none_or_mild : static_cast<Diarrhea>(*degree - 1);
  if (!r.diarrhea) {
    f.diarrhea = Diarrhea::none_or_mild;
    in.told().assumed.emplace_back("no moderate or severe diarrhea");
  }
  return in.keep(chronic_gi_score(f), any_chronic_score);
}

UpperLimitRatio ratio(Reader& in, const char* field, const char* limit_field, const Typed& value,
                      const Typed& limit) {
  const auto measured = in.quantity(field, value);
  const auto upper_limit = in.quantity(limit_field, limit);
  if (!measured) return {std::nullopt, Reason::never_measured};
  return upper_limit_ratio(*measured, upper_limit,
                           *parse_decimal("584.66"));  // of bilirubin; enzymes do not need it
}

std::optional<ScoreRange> liver(Reader& in, const ChronicGvhdRequest& r) {
  if (!r.bilirubin && !r.alt && !r.alp) return std::nullopt;
  ChronicLiverFindings f;
  if (r.bilirubin)
    if (auto bilirubin = read_quantity("bilirubin", *r.bilirubin)) f.bilirubin = *bilirubin;
  f.bilirubin_ratio = ratio(in, "bilirubin", "bilirubin-uln", r.bilirubin, r.bilirubin_upper_limit);
  f.alt_ratio = ratio(in, "alt", "alt-uln", r.alt, r.alt_upper_limit);
  f.alkaline_phosphatase_ratio = ratio(in, "alp", "alp-uln", r.alp, r.alp_upper_limit);
  return in.keep(chronic_liver_score(f), any_chronic_score);
}

std::optional<ScoreRange> lung(Reader& in, const ChronicGvhdRequest& r) {
  if (!r.fev1 && !r.dyspnea) return std::nullopt;
  ChronicLungFindings f;
  f.fev1_percent_predicted = in.range("fev1", r.fev1, "%");
  if (auto degree = in.word("dyspnea", r.dyspnea, {"none", "stairs", "flat", "rest"}))
    f.dyspnea = static_cast<Dyspnea>(*degree);
  if (f.fev1_percent_predicted && f.dyspnea) in.told().notes.emplace_back("FEV1 decides over symptoms");
  if (!f.fev1_percent_predicted) in.told().notes.emplace_back("lung scored by symptoms: FEV1 was not given");
  return in.keep(chronic_lung_score(f), any_chronic_score);
}

struct OrganRow {
  ChronicOrgan organ;
  Typed ChronicGvhdRequest::*typed;
  std::optional<ScoreRange> (*from_findings)(Reader&, const ChronicGvhdRequest&);
};
std::optional<ScoreRange> no_findings(Reader&, const ChronicGvhdRequest&) { return std::nullopt; }

constexpr std::array<OrganRow, chronic_organ_count> organs{{
    {ChronicOrgan::skin, &ChronicGvhdRequest::skin, skin},
    {ChronicOrgan::mouth, &ChronicGvhdRequest::mouth, no_findings},
    {ChronicOrgan::eyes, &ChronicGvhdRequest::eyes, eyes},
    {ChronicOrgan::gi, &ChronicGvhdRequest::gi, gi},
    {ChronicOrgan::liver, &ChronicGvhdRequest::liver, liver},
    {ChronicOrgan::lung, &ChronicGvhdRequest::lung, lung},
    {ChronicOrgan::joints, &ChronicGvhdRequest::joints, no_findings},
    {ChronicOrgan::genital, &ChronicGvhdRequest::genital, no_findings},
}};

// The score typed for an organ: 0 to 3, "none", or "other-cause".
std::optional<Error> read_typed_score(const OrganRow& row, const Typed& typed, ChronicGvhdScores& scores) {
  if (!typed) return std::nullopt;
  if (scores[row.organ])
    return Error{ErrorKind::conflict, fmt::format("{}: give a score or findings, not both", name(row.organ))};
  if (*typed == "other-cause") {
    scores.has_wholly_other_cause.at(static_cast<std::size_t>(row.organ)) = true;
    return std::nullopt;
  }
  auto score = read_word(name(row.organ), *typed, {"0", "1", "2", "3", "none", "other-cause"});
  if (!score) return score.error();
  scores[row.organ] = ScoreRange::exactly(*score == 4 ? 0 : *score);
  return std::nullopt;
}

std::string score_text(const ChronicGvhdScores& scores, ChronicOrgan organ) {
  if (scores.has_wholly_other_cause.at(static_cast<std::size_t>(organ))) return "left out: another cause";
  const auto& score = scores[organ];
  if (!score) return "not assessed";
  return score->is_exact() ? fmt::format("{}", score->low) : fmt::format("{} to {}", score->low, score->high);
}

void conclude(Calculation& c, ScoreRange severity, std::vector<std::string> open) {
  c.low = name(static_cast<ChronicSeverity>(severity.low));
  c.high = name(static_cast<ChronicSeverity>(severity.high));
  const std::string because = fmt::format("{}", fmt::join(open, ", "));
  c.result = severity_text(severity);
  if (!severity.is_exact()) {
    c.result += ": " + because;
    c.missing = std::move(open);
  } else if (!open.empty()) {
    c.notes.push_back(because + "; this cannot change the severity");
  }
  c.notes.emplace_back(
      "scores alone do not make the diagnosis, which needs a diagnostic sign, or a distinctive one and its "
      "confirmation");
}

}  // namespace

Result<Calculation> grade_chronic_gvhd(const ChronicGvhdRequest& r) {
  Calculation c;
  c.what = "chronic GVHD after NIH 2014";
  c.source = nih_source;
  if (r.others && *r.others != "none")
    return Error{ErrorKind::malformed_input,
                 "others: expected none (organs not mentioned are documented as free)"};
  Reader in(c);
  ChronicGvhdScores scores;
  for (const OrganRow& row : organs) {
    scores[row.organ] = row.from_findings(in, r);
    if (in.error()) return *in.error();
    if (auto error = read_typed_score(row, r.*row.typed, scores)) return *error;
    if (r.others && !scores[row.organ]) scores[row.organ] = ScoreRange::exactly(0);
    c.parts.push_back({fmt::format("{} score", name(row.organ)), score_text(scores, row.organ)});
  }
  conclude(c, chronic_severity(scores), organs_left_open(scores));
  return c;
}

}  // namespace graftline::service
