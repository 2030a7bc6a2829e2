// Acute GVHD as typed: findings or stages per organ, graded after MAGIC, Keystone or Glucksberg.

#include <fmt/format.h>

#include "clinical/acute_gvhd.h"
#include "clinical/acute_gvhd_older.h"
#include "clinical/laboratory.h"
#include "service/calculators.h"
#include "service/written_values.h"

namespace graftline::service {
namespace {

using namespace clinical;

constexpr std::string_view magic_source =
    "Harris 2016 (MAGIC) as in EBMT Handbook 2024 ch. 43; children and notes: NCI PDQ. Gaps of the printed "
    "table are closed by "
    "convention (docs/clinical.md)";
constexpr std::string_view keystone_source =
    "Przepiorka 1995 (Keystone), structure as in NBK12966 table 69-3. The grade table is from general "
    "knowledge: verify before use";
constexpr std::string_view glucksberg_source =
    "Glucksberg 1974, structure as in NBK12966 table 69-3. The grade table is from general knowledge: verify "
    "before use";

// Stages given as such, instead of findings.
struct GivenStages {
  std::optional<ScoreRange> skin, liver, lower_gi;
  bool others_are_free = false;
};

Result<std::optional<ScoreRange>> given_stage(std::string_view field, const Typed& typed, int highest) {
  if (!typed) return std::optional<ScoreRange>();
  if (*typed == "none") return std::optional(ScoreRange::exactly(0));
  auto stage = read_integer(field, *typed);
  if (!stage || *stage < 0 || *stage > highest)
    return Error{ErrorKind::malformed_input,
                 fmt::format("{}: expected none or a stage from 0 to {}", field, highest)};
  return std::optional(ScoreRange::exactly(*stage));
}

bool has_gut_findings(const AcuteGvhdRequest& r) {
  return !r.stool.empty() || r.episodes || r.severe_pain || r.bloody_stool || r.ileus;
}

std::optional<Error> stage_and_findings(const AcuteGvhdRequest& r) {
  const auto both = [](bool has_stage, bool has_findings, std::string_view organ) -> std::optional<Error> {
    if (!has_stage || !has_findings) return std::nullopt;
    return Error{ErrorKind::conflict, fmt::format("{}: give a stage or findings, not both", organ)};
  };
  if (auto error = both(r.skin.has_value(), r.skin_bsa || r.bullae, "skin")) return error;
  if (auto error = both(r.liver.has_value(), r.bilirubin.has_value(), "liver")) return error;
  return both(r.lower_gi.has_value(), has_gut_findings(r), "lower GI");
}

Result<GivenStages> given_stages(const AcuteGvhdRequest& r) {
  if (auto error = stage_and_findings(r)) return *error;
  auto skin = given_stage("skin", r.skin, highest_acute_stage);
  if (!skin) return skin.error();
  auto liver = given_stage("liver", r.liver, highest_acute_stage);
  if (!liver) return liver.error();
  auto lower_gi = given_stage("lower-gi", r.lower_gi, highest_acute_stage);
  if (!lower_gi) return lower_gi.error();
  if (r.others && *r.others != "none")
    return Error{ErrorKind::malformed_input,
                 "others: expected none (organs not mentioned are documented as free)"};
  return GivenStages{*skin, *liver, *lower_gi, r.others.has_value()};
}

Result<std::optional<UpperGiSymptoms>> read_upper_gi(const Typed& typed) {
  if (!typed) return std::optional<UpperGiSymptoms>();
  if (*typed == "0") return std::optional(UpperGiSymptoms::none);
  if (*typed == "1") return std::optional(UpperGiSymptoms::persistent);
  auto word = read_word("upper-gi", *typed, {"none", "intermittent", "persistent"});
  if (!word) return word.error();
  return std::optional(static_cast<UpperGiSymptoms>(*word));
}

// One day as typed, or the mean of several in one unit.
Result<Range> read_stool(const std::vector<std::string>& days, std::string_view unit) {
  if (days.size() == 1) return read_range("stool", std::string_view(days.front()), unit);
  Range mean = Range::exactly(Rational(0));
  for (const std::string& day : days) {
    auto volume = read_range("stool", std::string_view(day), unit);
    if (!volume) return volume.error();
    if (!volume->is_point())
      return Error{ErrorKind::malformed_input,
                   "stool: expected plain volumes when several days are averaged"};
    *mean.low += *volume->low / static_cast<int>(days.size());
  }
  mean.high = mean.low;
  return mean;
}

Result<LowerGiFindings> read_lower_gi(const AcuteGvhdRequest& r) {
  LowerGiFindings f;
  f.mixed_with_urine = r.is_mixed_with_urine;
  if (!r.stool.empty()) {
    const bool is_per_kg = r.stool.front().find("/kg") != std::string::npos;
    auto stool = read_stool(r.stool, is_per_kg ? "mL/kg/d" : "mL/d");
    if (!stool) return stool.error();
    (is_per_kg ? f.stool_ml_per_kg_per_day : f.stool_ml_per_day) = *stool;
  }
  auto episodes = read_range("episodes", r.episodes, "1");
  if (!episodes) return episodes.error();
  f.episodes_per_day = *episodes;
  auto weight = read_range("weight", r.weight, "kg");
  if (!weight) return weight.error();
  f.weight_kg = *weight;
  auto pain = read_truth("severe-pain", r.severe_pain);
  if (!pain) return pain.error();
  auto blood = read_truth("bloody-stool", r.bloody_stool);
  if (!blood) return blood.error();
  f.severe_abdominal_pain = *pain;
  f.grossly_bloody_stool = *blood;
  // A stool per kg of an adult becomes a volume.
  if (!r.is_child && f.stool_ml_per_kg_per_day && !f.stool_ml_per_day) {
    if (!f.weight_kg || !f.weight_kg->is_point() || !f.stool_ml_per_kg_per_day->is_point())
      return Error{ErrorKind::not_found, "weight: needed to stage an adult's stool given per kg"};
    f.stool_ml_per_day = Range::exactly(*f.stool_ml_per_kg_per_day->low * *f.weight_kg->low);
  }
  return f;
}

struct Findings {
  AcuteGvhdFindings organs;
  Calculation told;  // what was read and assumed, for the answer
};

std::string with_mg_per_dl(const Quantity& bilirubin, const std::string& typed) {
  auto mg_per_dl = bilirubin_mg_per_dl(bilirubin);
  if (!mg_per_dl || bilirubin.unit.code == "mg/dL") return typed;
  return fmt::format("{} = {} mg/dL", typed, written(*mg_per_dl, 2));
}

std::optional<Error> read_skin_and_liver(const AcuteGvhdRequest& r, Findings& f) {
  if (r.skin_bsa || r.bullae) {
    auto bsa = read_range("skin-bsa", r.skin_bsa, "%");
    if (!bsa) return bsa.error();
    auto bullae = read_truth("bullae", r.bullae);
    if (!bullae) return bullae.error();
    f.organs.skin = SkinFindings{*bsa, *bullae};
    if (*bsa) f.told.inputs.push_back({"rash", written(**bsa, 0) + " % of body surface"});
    if (r.bullae) f.told.inputs.push_back({"bullae with desquamation", std::string(name(*bullae))});
  }
  if (!r.bilirubin) return std::nullopt;
  auto bilirubin = read_quantity("bilirubin", *r.bilirubin);
  if (!bilirubin) return bilirubin.error();
  f.organs.bilirubin = *bilirubin;
  f.told.inputs.push_back({"bilirubin", with_mg_per_dl(*bilirubin, *r.bilirubin)});
  return std::nullopt;
}

void tell_lower_gi(const AcuteGvhdRequest& r, const LowerGiFindings& gut, Calculation& told) {
  if (!r.stool.empty()) {
    const bool is_per_kg = gut.stool_ml_per_kg_per_day.has_value();
    const Range& volume = is_per_kg ? *gut.stool_ml_per_kg_per_day : *gut.stool_ml_per_day;
    told.inputs.push_back(
        {"stool",
         fmt::format("{} {}{}{}", written(volume, is_per_kg ? 1 : 0), is_per_kg ? "mL/kg/day" : "mL/day",
                     r.stool.size() > 1 ? fmt::format(", mean of {} days", r.stool.size()) : "",
                     gut.mixed_with_urine ? ", mixed with urine: half counts" : "")});
  }
  if (r.episodes) told.inputs.push_back({"episodes per day", *r.episodes});
  if (r.weight) told.inputs.push_back({"weight", *r.weight});
  if (r.severe_pain)
    told.inputs.push_back({"severe abdominal pain", std::string(name(gut.severe_abdominal_pain))});
  if (r.bloody_stool)
    told.inputs.push_back({"grossly bloody stool", std::string(name(gut.grossly_bloody_stool))});
  if (gut.stool_ml_per_day && gut.episodes_per_day) told.notes.emplace_back("volume decides over episodes");
}

// Ileus alone does not make stage 4; it leaves open whether there was severe pain.
void apply_ileus(const AcuteGvhdRequest& r, Truth ileus, DescribedFindings& described, Calculation& told) {
  if (!r.ileus) return;
  told.inputs.push_back({"ileus", std::string(name(ileus))});
  if (ileus == Truth::no || r.severe_pain || !described.findings.lower_gi) return;
  described.findings.lower_gi->severe_abdominal_pain = Truth::unknown;
  std::erase(described.assumed, "no severe abdominal pain");
  told.notes.emplace_back("ileus counts together with severe abdominal pain: say whether there was any");
}

Result<Findings> read_findings(const AcuteGvhdRequest& r) {
  Findings f;
  f.organs.age_group = r.is_child ? AgeGroup::child : AgeGroup::adult;
  if (auto error = read_skin_and_liver(r, f)) return *error;
  auto upper_gi = read_upper_gi(r.upper_gi);
  if (!upper_gi) return upper_gi.error();
  f.organs.upper_gi = *upper_gi;
  if (r.upper_gi) f.told.inputs.push_back({"upper GI", *r.upper_gi});
  if (has_gut_findings(r)) {
    auto gut = read_lower_gi(r);
    if (!gut) return gut.error();
    f.organs.lower_gi = *gut;
    tell_lower_gi(r, *gut, f.told);
  }
  auto ileus = read_truth("ileus", r.ileus);
  if (!ileus) return ileus.error();
  DescribedFindings described = features_not_described_taken_as_absent(f.organs);
  apply_ileus(r, *ileus, described, f.told);
  f.organs = std::move(described.findings);
  f.told.assumed = std::move(described.assumed);
  return f;
}

void overlay(std::optional<ScoreRange>& stage, const std::optional<ScoreRange>& given, bool others_are_free) {
  if (given) stage = given;
  if (!stage && others_are_free) stage = ScoreRange::exactly(0);
}

AcuteGvhdStages overlaid(AcuteGvhdStages stages, const GivenStages& given) {
  overlay(stages.skin, given.skin, given.others_are_free);
  overlay(stages.liver, given.liver, given.others_are_free);
  overlay(stages.upper_gi, std::nullopt, given.others_are_free);
  overlay(stages.lower_gi, given.lower_gi, given.others_are_free);
  return stages;
}

OlderGvhdStages overlaid(OlderGvhdStages stages, const GivenStages& given) {
  overlay(stages.skin, given.skin, given.others_are_free);
  overlay(stages.liver, given.liver, given.others_are_free);
  overlay(stages.gut, given.lower_gi, given.others_are_free);
  return stages;
}

Item stage_item(std::string organ, const std::optional<ScoreRange>& stage) {
  if (!stage) return {std::move(organ), "not assessed"};
  if (stage->is_exact()) return {std::move(organ), fmt::format("{}", stage->low)};
  return {std::move(organ), fmt::format("{} to {}", stage->low, stage->high)};
}

void conclude(Calculation& c, ScoreRange grade, std::vector<std::string> open) {
  c.low = grade_text(ScoreRange::exactly(grade.low));
  c.high = grade_text(ScoreRange::exactly(grade.high));
  const std::string because = fmt::format("{}", fmt::join(open, ", "));
  if (grade.is_exact()) {
    c.result = fmt::format("grade {}", c.low);
    if (!open.empty()) c.notes.push_back(because + "; this cannot change the grade");
    return;
  }
  const bool is_lower_bound = grade.high == highest_acute_stage;
  c.result = is_lower_bound ? fmt::format("at least grade {}: {}", c.low, because)
                            : fmt::format("grade {}: {}", grade_text(grade), because);
  c.missing = std::move(open);
}

void tell_older(Calculation& c, const OlderGvhdStages& stages, const AcuteGvhdRequest& r) {
  c.parts = {stage_item("skin stage", stages.skin), stage_item("liver stage", stages.liver),
             stage_item("gut stage", stages.gut)};
  if (r.episodes) c.notes.emplace_back("stool episodes are not part of this scale");
}

Result<Calculation> magic(Findings f, const GivenStages& given) {
  auto found = magic_stages(f.organs);
  if (!found) return found.error();
  const AcuteGvhdStages stages = overlaid(*found, given);
  Calculation c = std::move(f.told);
  c.what =
      fmt::format("acute GVHD after MAGIC, {}", f.organs.age_group == AgeGroup::child ? "child" : "adult");
  c.parts = {stage_item("skin stage", stages.skin), stage_item("liver stage", stages.liver),
             stage_item("upper GI stage", stages.upper_gi), stage_item("lower GI stage", stages.lower_gi)};
  c.source = magic_source;
  conclude(c, magic_grade(stages), organs_left_open(stages));
  return c;
}

Result<Calculation> keystone(const AcuteGvhdRequest& r, Findings f, const GivenStages& given) {
  auto biopsy = read_truth("upper-gi-biopsy", r.upper_gi_biopsy);
  if (!biopsy) return biopsy.error();
  auto found = keystone_stages({f.organs, *biopsy, r.liver_has_other_cause, r.diarrhea_has_other_cause});
  if (!found) return found.error();
  const OlderGvhdStages stages = overlaid(*found, given);
  Calculation c = std::move(f.told);
  c.what = "acute GVHD after Keystone";
  c.source = keystone_source;
  tell_older(c, stages, r);
  conclude(c, keystone_grade(stages), organs_left_open(stages));
  return c;
}

Result<Calculation> glucksberg(const AcuteGvhdRequest& r, Findings f, const GivenStages& given) {
  std::optional<PerformanceDrop> drop;
  if (r.performance) {
    auto word = read_word("performance", *r.performance, {"none", "mild", "marked", "extreme"});
    if (!word) return word.error();
    drop = static_cast<PerformanceDrop>(*word);
    f.told.inputs.push_back({"drop of performance status", *r.performance});
  }
  auto found = glucksberg_stages(f.organs);
  if (!found) return found.error();
  const OlderGvhdStages stages = overlaid(*found, given);
  Calculation c = std::move(f.told);
  c.what = "acute GVHD after Glucksberg";
  c.source = glucksberg_source;
  tell_older(c, stages, r);
  if (r.upper_gi) c.notes.emplace_back("the upper GI tract is not part of this scale");
  std::vector<std::string> open = organs_left_open(stages);
  if (!drop) open.emplace_back("performance status not given");
  conclude(c, glucksberg_grade(stages, drop), std::move(open));
  return c;
}

}  // namespace

Result<Calculation> grade_acute_gvhd(const AcuteGvhdRequest& r) {
  auto criteria = read_word("criteria", r.criteria, {"magic", "keystone", "glucksberg"});
  if (!criteria) return criteria.error();
  auto given = given_stages(r);
  if (!given) return given.error();
  auto findings = read_findings(r);
  if (!findings) return findings.error();
  if (*criteria == 1) return keystone(r, std::move(*findings), *given);
  if (*criteria == 2) return glucksberg(r, std::move(*findings), *given);
  return magic(std::move(*findings), *given);
}

}  // namespace graftline::service
