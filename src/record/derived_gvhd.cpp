// Acute GVHD: organ stages from findings, and the grade from organ stages, on days when neither was recorded.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "clinical/acute_gvhd.h"
#include "record/derivation.h"
#include "record/holding.h"

namespace graftline::record {

namespace {

using clinical::ScoreRange;

// The usable members of each whole day; a day with two different values has none.
using ByDay = std::map<Day, Member>;

ByDay by_day(const View& view, std::string_view id) {
  ByDay days;
  std::vector<Day> contradicted;
  for (Member& member : view.read(fact_id(id), Pick::any, {}).members) {
    const PartialDate when = member.evidence.front()->when;
    if (when.first != when.last || !member.reasons.empty()) continue;
    const auto place = days.emplace(when.first, member).first;
    const Level* known = std::get_if<Level>(&place->second.value);
    const Level* found = std::get_if<Level>(&member.value);
    if (known != nullptr && found != nullptr && !(*known == *found)) contradicted.push_back(when.first);
  }
  for (const Day day : contradicted) days.erase(day);
  return days;
}

bool is_recorded(const View& view, std::string_view id, Day day) {
  for (const Entry* entry : view.own_entries(fact_id(id))) {
    if (between(entry->when, day, day).truth != Truth::no) return true;
  }
  return false;
}

void add_stage(const ByDay& stages, Day day, std::optional<ScoreRange>& stage, Member& grade) {
  const auto found = stages.find(day);
  if (found == stages.end()) return;
  const Level* level = std::get_if<Level>(&found->second.value);
  if (level == nullptr) return;
  stage = ScoreRange{level->low, level->high};
  grade.evidence.insert(grade.evidence.end(), found->second.evidence.begin(), found->second.evidence.end());
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

Member staged(const ScoreRange& stage, const Member& from, std::string note) {
  Member member;
  member.value = Level{stage.low, stage.high};
  member.evidence = from.evidence;
  member.note = std::move(note);
  return member;
}

std::optional<Range> measured(const Member& member) {
  const Quantity* number = std::get_if<Quantity>(&member.value);
  if (number == nullptr) return std::nullopt;
  const auto range = in_own_unit(*number, fact(member.evidence.front()->fact));
  return range ? std::optional<Range>(*range) : std::nullopt;
}

// Child or adult, when the recorded age leaves no doubt. MAGIC's volumes for children apply below 18 years.
std::optional<clinical::AgeGroup> age_group(const View& view) {
  const Reading reading = view.read(fact_id("age"), Pick::latest, {});
  if (reading.members.empty() || !reading.members.front().range) return std::nullopt;
  const Range& years = *reading.members.front().range;
  if (years.low && *years.low >= 18) return clinical::AgeGroup::adult;
  if (years.high && *years.high < 18) return clinical::AgeGroup::child;
  return std::nullopt;
}

std::optional<Range> weight(const View& view, Day day) {
  const Reading reading = view.read(fact_id("weight"), Pick::latest, {std::nullopt, day});
  return reading.members.size() == 1 && reading.reasons.empty() ? measured(reading.members.front())
                                                                : std::nullopt;
}

}  // namespace

std::vector<Member> grades_from_stages(const View& view) {
  const ByDay skin = by_day(view, "agvhd_skin");
  const ByDay liver = by_day(view, "agvhd_liver");
  const ByDay upper_gi = by_day(view, "agvhd_upper_gi");
  const ByDay lower_gi = by_day(view, "agvhd_lower_gi");
  std::vector<Day> days;
  for (const ByDay* organ : {&skin, &liver, &upper_gi, &lower_gi}) {
    for (const auto& [day, member] : *organ) days.push_back(day);
  }
  std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
  std::vector<Member> grades;
  for (const Day day : days) {
    if (is_recorded(view, "agvhd_grade", day)) continue;
    clinical::AcuteGvhdStages stages;
    Member grade;
    add_stage(skin, day, stages.skin, grade);
    add_stage(liver, day, stages.liver, grade);
    add_stage(upper_gi, day, stages.upper_gi, grade);
    add_stage(lower_gi, day, stages.lower_gi, grade);
    const ScoreRange found = clinical::magic_grade(stages);
    grade.value = Level{found.low, found.high};
    grade.note = fmt::format("{} by MAGIC from organ stages", clinical::grade_text(found));
    const auto open = clinical::organs_left_open(stages);
    if (!open.empty()) grade.note += fmt::format("; not assessed: {}", joined(open));
    grades.push_back(std::move(grade));
  }
  return grades;
}

std::vector<Member> skin_stages_from_rash(const View& view) {
  std::vector<Member> stages;
  for (const auto& [day, member] : by_day(view, "rash_bsa")) {
    const auto percent = measured(member);
    if (!percent || is_recorded(view, "agvhd_skin", day)) continue;
    clinical::AcuteGvhdFindings findings;
    findings.skin = clinical::SkinFindings{*percent, Truth::unknown};
    const auto described = clinical::features_not_described_taken_as_absent(findings);
    const auto stage = clinical::skin_stage(*described.findings.skin);
    if (!stage) continue;
    stages.push_back(
        staged(*stage, member, fmt::format("from the rash; taken as absent: {}", joined(described.assumed))));
  }
  return stages;
}

std::vector<Member> lower_gi_stages_from_stool(const View& view) {
  std::vector<Member> stages;
  const auto group = age_group(view);
  if (!group) return stages;
  for (const auto& [day, member] : by_day(view, "stool_volume")) {
    const auto volume = measured(member);
    if (!volume || is_recorded(view, "agvhd_lower_gi", day)) continue;
    clinical::LowerGiFindings gut;
    gut.stool_ml_per_day = *volume;
    gut.weight_kg = weight(view, day);
    clinical::AcuteGvhdFindings findings;
    findings.age_group = *group;
    findings.lower_gi = gut;
    const auto described = clinical::features_not_described_taken_as_absent(findings);
    const auto stage = clinical::lower_gi_stage(*described.findings.lower_gi, *group);
    if (!stage) continue;
    stages.push_back(
        staged(*stage, member,
               fmt::format("from the stool volume; taken as absent: {}", joined(described.assumed))));
  }
  return stages;
}

}  // namespace graftline::record
