#include "report/worklist.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "report/decision_text.h"
#include "report/dose_text.h"

namespace graftline::report {
namespace {

using engine::Action;

Lane lane_of(const engine::Decision& decision) {
  switch (decision.action) {
    case Action::give: {
      const auto* strategy = decision.answer();
      const auto& last = strategy != nullptr ? strategy->dates.recommended_last : std::nullopt;
      return last && decision.as_of > *last ? Lane::overdue : Lane::due;
    }
    case Action::wait:
      return Lane::upcoming;
    case Action::stop:
    case Action::outside:
      return Lane::closed;
    default:
      return Lane::blocked;
  }
}

// The sentence of a criterion, wherever in the tree it stands.
std::string sentence_of(const std::vector<engine::Node>& nodes, std::string_view id) {
  for (const auto& node : nodes) {
    if (node.id == id) return node.sentence;
  }
  return "";
}

std::string failing_text(const engine::Decision& decision, const std::string& id) {
  std::string sentence = sentence_of(decision.criteria, id);
  if (const auto* strategy = decision.answer(); sentence.empty() && strategy != nullptr)
    sentence = sentence_of(strategy->criteria, id);
  return sentence.empty() ? id : id + " " + sentence;
}

void take_doses(const engine::Plan& plan, WorklistRow& row) {
  if (plan.infusions.empty()) return;
  const engine::PlannedInfusion& next = plan.infusions.front();
  row.weight = plan.weight.kilograms ? plan.weight.text : "";
  row.weighed_on = plan.weight.date;
  for (const auto& target : next.targets) {
    if (target.ratio_to_last) row.ratio = graftline::to_text(*target.ratio_to_last, 2);
    row.is_range = row.is_range || target.dose.low != target.dose.high;
    if (!target.cells_low) continue;
    if (!row.cells.empty()) row.cells += " and ";
    row.cells += fmt::format("{} {}", total_cells(target), full_name(target.dose.kind));
  }
}

}  // namespace

std::string_view name(Lane lane) {
  static constexpr std::array<std::string_view, 5> names{"overdue", "due", "upcoming", "blocked", "closed"};
  return names.at(static_cast<std::size_t>(lane));
}

WorklistRow worklist_row(const engine::Decision& decision, const engine::Plan& plan,
                         const protocol::Protocol& protocol) {
  WorklistRow row;
  row.lane = lane_of(decision);
  row.patient = decision.patient;
  row.protocol = decision.protocol_id;
  row.decision = decision.action;
  row.blocked_by = decision.because;
  if (decision.verdict == engine::Verdict::not_eligible) {
    for (const std::string& id : decision.failing) row.failing.push_back(failing_text(decision, id));
  }
  if (decision.day_zero) row.day = fmt::format("{:+}", decision.as_of - decision.day_zero->last);
  if (row.lane == Lane::blocked) {
    for (const auto& missing : decision.missing) {
      row.missing.push_back(missing.name);
      row.missing_phrases.push_back(missing.phrase.empty() ? missing.name : missing.phrase);
    }
  }
  row.cautions = plan.cautions;
  if (!decision.infusions.empty()) row.last_infusion = graftline::to_text(decision.infusions.back().when);
  if (const auto* strategy = decision.answer()) {
    row.strategy = strategy->name;
    if (strategy->dose) row.dose = both_ways(*strategy->dose);
    row.latest = strategy->dates.latest;
    row.date = decision.action == Action::wait ? strategy->wait_until : strategy->dates.earliest;
    if (row.lane == Lane::overdue) {
      row.date = strategy->dates.recommended_last;
      row.days_overdue = decision.as_of - *row.date;
    }
    // Open from today on says nothing: only an earlier day tells how long the patient has been due.
    const bool is_news = row.lane != Lane::due || (row.date && *row.date < decision.as_of);
    if (row.lane == Lane::blocked || row.lane == Lane::closed || !is_news) row.date.reset();
  }
  take_doses(plan, row);
  row.detail = to_text(decision, plan, protocol);
  return row;
}

void Worklist::sort() {
  std::stable_sort(rows.begin(), rows.end(), [](const WorklistRow& a, const WorklistRow& b) {
    if (a.lane != b.lane) return a.lane < b.lane;
    const Day last{std::numeric_limits<std::int32_t>::max()};
    if (a.date.value_or(last) != b.date.value_or(last)) return a.date.value_or(last) < b.date.value_or(last);
    return a.patient < b.patient;
  });
}

}  // namespace graftline::report
