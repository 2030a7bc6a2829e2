// Class, fall and rise of donor chimerism from the recorded donor shares.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "clinical/chimerism.h"
#include "record/derivation.h"

namespace graftline::record {

namespace {

using clinical::Lineage;

struct LineageFact {
  Lineage lineage;
  std::string_view fact;
  std::string_view word;  // as an argument names it
};
constexpr std::array<LineageFact, clinical::lineage_count> lineage_facts{
    {{Lineage::whole_blood, "donor_chimerism_blood", "blood"},
     {Lineage::bone_marrow, "donor_chimerism_marrow", "marrow"},
     {Lineage::t_cell, "donor_chimerism_t", "t_cells"},
     {Lineage::myeloid, "donor_chimerism_myeloid", "myeloid"},
     {Lineage::b_cell, "donor_chimerism_b", "b_cells"},
     {Lineage::nk_cell, "donor_chimerism_nk", "nk_cells"},
     {Lineage::cd34, "donor_chimerism_cd34", "cd34"}}};

std::optional<Range> donor_percent(const Member& member) {
  const Quantity* share = std::get_if<Quantity>(&member.value);
  if (share == nullptr) return std::nullopt;
  const auto percent = clinical::donor_percent(*share);
  return percent ? std::optional<Range>(*percent) : std::nullopt;
}

// The last day of the window on which any lineage was measured.
std::optional<Day> last_test(const Question& question) {
  std::optional<Day> last;
  for (const LineageFact& row : lineage_facts) {
    for (const Member& member : measurements(question, fact_id(row.fact))) {
      const Day day = member.evidence.front()->when.last;
      if (!last || day > *last) last = day;
    }
  }
  return last;
}

ReasonSet why_no_test(const Question& question) {
  for (const LineageFact& row : lineage_facts) {
    const Reading reading = question.view.read(fact_id(row.fact), Pick::latest, question.window);
    if (reading.reasons.has(Reason::too_old)) return Reason::too_old;
  }
  return Reason::never_measured;
}

constexpr std::array<clinical::ChimerismClass, clinical::chimerism_class_count> level_order{
    clinical::ChimerismClass::absent, clinical::ChimerismClass::mixed, clinical::ChimerismClass::split,
    clinical::ChimerismClass::full};  // as the row's levels

// From the lowest to the highest class that is allowed; a wider span never turns an unknown into an answer.
Level level_of_classes(const clinical::ChimerismClasses& classes) {
  Level level{static_cast<int>(level_order.size()), -1};
  for (std::size_t i = 0; i < level_order.size(); ++i) {
    if (!classes.allows(level_order[i])) continue;
    level.low = std::min(level.low, static_cast<int>(i));
    level.high = std::max(level.high, static_cast<int>(i));
  }
  return level;
}

std::vector<clinical::LineageChimerism> lineages_of(const Question& question, Day day, Member& member) {
  std::vector<clinical::LineageChimerism> lineages;
  const Window one_day{day, day};
  for (const LineageFact& row : lineage_facts) {
    const Reading reading = question.view.read(fact_id(row.fact), Pick::latest, one_day);
    if (reading.members.empty()) continue;
    const Member& measured = reading.members.front();
    member.evidence.insert(member.evidence.end(), measured.evidence.begin(), measured.evidence.end());
    clinical::LineageChimerism lineage{row.lineage, std::nullopt};
    if (reading.members.size() == 1) lineage.donor_percent = donor_percent(measured);
    if (!lineage.donor_percent) member.reasons |= reading.reasons | measured.reasons;
    lineages.push_back(lineage);
  }
  return lineages;
}

const LineageFact* lineage_named(std::string_view word) {
  if (word.empty()) return &lineage_facts.front();
  for (const LineageFact& row : lineage_facts) {
    if (word == row.word || find_fact(word) == fact_id(row.fact)) return &row;
  }
  return nullptr;
}

}  // namespace

Reading chimerism_class(const Question& question) {
  clinical::ChimerismLimits limits;
  const auto full_above = number_argument(question, "full_above");
  const auto absent_below = number_argument(question, "absent_below");
  if (!full_above || !absent_below) return no_answer(question, Reason::unreadable);
  if (*full_above) limits.full_above = **full_above;
  if (*absent_below) limits.absent_below = **absent_below;
  const auto day = last_test(question);
  if (!day) return no_answer(question, why_no_test(question));
  Member member;
  const auto lineages = lineages_of(question, *day, member);
  const auto found = clinical::chimerism_over_lineages(lineages, limits);
  if (!found) {
    member.reasons |= Reason::unreadable;
    return answer_with(question, std::move(member));
  }
  const Level level = level_of_classes(found->overall);
  if (level.low != level.high) member.reasons |= Reason::never_measured;
  member.value = level;
  member.note = fmt::format("{} on {}", to_text(found->overall), to_text(*day));
  if (level.low == level.high) member.reasons = {};
  return answer_with(question, std::move(member));
}

Reading falling_chimerism(const Question& question) {
  clinical::FallingRule rule;
  const auto drop = number_argument(question, "drop");
  const auto gap = number_argument(question, "gap_days");
  const auto single = number_argument(question, "single_drop");
  const LineageFact* lineage = lineage_named(argument(question, "lineage"));
  if (!drop || !gap || !single || lineage == nullptr) return no_answer(question, Reason::unreadable);
  if (*drop) rule.step = **drop;
  if (*gap) rule.min_gap_days = static_cast<int>(to_double(**gap));
  if (*single) rule.single_drop = **single;
  std::vector<clinical::ChimerismTest> tests;
  std::vector<const Entry*> evidence;
  for (const Member& member : measurements(question, fact_id(lineage->fact))) {
    tests.push_back({member.evidence.front()->when, donor_percent(member)});
    evidence.push_back(member.evidence.front());
  }
  const auto trend = clinical::chimerism_trend(tests, rule);
  if (!trend) return no_answer(question, Reason::unreadable);
  return statement(question, trend->donor_falling, std::move(evidence), to_text(*trend));
}

Reading chimerism_rise(const Question& question) {
  const auto from = number_argument(question, "from_day");
  const auto tolerance = number_argument(question, "tolerance_days");
  if (!from || !tolerance) return no_answer(question, Reason::unreadable);
  const auto zero = question.view.day_zero();
  if (!zero || zero->first != zero->last) {
    return no_answer(question, zero ? Reason::imprecise_date : Reason::never_measured);
  }
  const Day target = zero->first + static_cast<int>(to_double(from->value_or(decimal(28))));
  const int reach = static_cast<int>(to_double(tolerance->value_or(decimal(7))));
  const FactId t_cells = fact_id("donor_chimerism_t");
  const Reading latest = question.view.read(t_cells, Pick::latest, question.window);
  if (latest.members.size() != 1 || !latest.reasons.empty()) {
    return no_answer(question, latest.reasons.empty() ? ReasonSet(Reason::conflicting) : latest.reasons);
  }
  // The test nearest to the day; of two equally near, the earlier.
  const Member* nearest = nullptr;
  const Reading around = question.view.read(t_cells, Pick::any, {target - reach, target + reach});
  const auto distance = [&](const Member& m) { return std::abs(m.evidence.front()->when.first - target); };
  for (const Member& member : around.members) {
    if (nearest == nullptr || distance(member) < distance(*nearest)) nearest = &member;
  }
  if (nearest == nullptr) return no_answer(question, Reason::never_measured);
  const auto then = donor_percent(*nearest);
  const auto now = donor_percent(latest.members.front());
  Member member;
  member.evidence = {nearest->evidence.front(), latest.members.front().evidence.front()};
  member.reasons = nearest->reasons | latest.members.front().reasons;
  if (!then || !now) return answer_with(question, std::move(member));
  Range rise;
  if (now->low && then->high) rise.low = *now->low - *then->high;
  if (now->high && then->low) rise.high = *now->high - *then->low;
  rise.low_open = now->low_open || then->high_open;
  rise.high_open = now->high_open || then->low_open;
  if (!rise.is_point()) member.reasons |= Reason::comparator;
  member.range = rise;
  member.unit = "%";
  member.note =
      fmt::format("{} minus {}", to_text(member.evidence[1]->when), to_text(member.evidence[0]->when));
  return answer_with(question, std::move(member));
}

}  // namespace graftline::record
