#include "service/case_expectations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/doses.h"
#include "report/decision_text.h"

namespace graftline::service {
namespace {

using engine::Node;
using engine::PlannedInfusion;
using engine::PlannedTarget;
using interop::Expectation;

constexpr double tolerance = 0.005;  // of cells and volumes; day counts, doses and words are exact

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> list_of(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (const auto item = trimmed(text.substr(0, end)); !item.empty() && item != "none")
      items.emplace_back(item);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::sort(items.begin(), items.end());
  return items;
}

// What an expectation's subject comes to: a text, or a set of names, or a number.
struct Found {
  enum class Form : unsigned char { text, names, number, dose, missing } form = Form::text;
  std::string text;
  std::vector<std::string> names;
  double number = 0;
  std::vector<engine::TargetDose> targets;
};
Found text(std::string value) { return {Found::Form::text, std::move(value), {}, 0, {}}; }
Found names(std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  std::string joined = values.empty() ? "none" : fmt::format("{}", fmt::join(values, ", "));
  return {Found::Form::names, std::move(joined), std::move(values), 0, {}};
}
Found number(double value, std::string shown) {
  return {Found::Form::number, std::move(shown), {}, value, {}};
}
Found not_there(std::string why) { return {Found::Form::missing, std::move(why), {}, 0, {}}; }

Found day(const std::optional<Day>& value) { return text(value ? to_text(*value) : "none"); }

const Node* find_node(const std::vector<Node>& nodes, std::string_view id) {
  for (const Node& node : nodes) {
    if (node.id == id) return &node;
    if (const Node* inside = find_node(node.children, id)) return inside;
  }
  return nullptr;
}

const Node* find_criterion(const Answered& answered, std::string_view id) {
  if (const Node* node = find_node(answered.decision.criteria, id)) return node;
  for (const auto& strategy : answered.decision.strategies) {
    if (const Node* node = find_node(strategy.criteria, id)) return node;
    if (strategy.trigger) {
      if (strategy.trigger->id == id) return &*strategy.trigger;
      if (const Node* node = find_node(strategy.trigger->children, id)) return node;
    }
    for (const auto& rule : strategy.rules) {
      if (rule.label == id || rule.node.id == id) return &rule.node;
      if (const Node* node = find_node(rule.node.children, id)) return node;
    }
  }
  return nullptr;
}

std::string give_infusion(engine::Action action) {
  if (action == engine::Action::give) return "yes";
  return action == engine::Action::need_data || action == engine::Action::ask ? "unknown" : "no";
}

const PlannedTarget* target_of(const PlannedInfusion& infusion, std::string_view kind_name) {
  for (const PlannedTarget& target : infusion.targets) {
    if (kind_name.empty() || name(target.dose.kind) == kind_name) return &target;
  }
  return nullptr;
}

std::string window_text(const engine::Dates& dates) {
  return fmt::format("{} to {}", dates.earliest ? to_text(*dates.earliest) : "open",
                     dates.latest ? to_text(*dates.latest) : "open");
}

std::string tasks_text(const std::vector<engine::DatedTask>& tasks) {
  std::string result;
  for (const auto& task : tasks) {
    result += fmt::format("{}{} {}", result.empty() ? "" : "; ", task.what, task.timing);
    if (task.first && task.last)
      result += fmt::format(": {} to {}", to_text(*task.first), to_text(*task.last));
  }
  return result.empty() ? "none" : result;
}

// Subjects about one infusion: "dose", "cells CD3", "volume MNC", "volume CD3 delivers MNC", dates and tasks.
std::optional<Found> about_infusion(std::string_view subject, const PlannedInfusion* infusion,
                                    const Answered& answered) {
  const bool known = subject == "dose" || subject == "level" || subject == "window" ||
                     subject == "earliest" || subject == "latest" || subject == "recommended" ||
                     subject == "ratio" || subject == "preparation" || subject == "prophylaxis" ||
                     subject == "monitoring" || subject.starts_with("cells") || subject.starts_with("volume");
  if (!known) return std::nullopt;
  if (infusion == nullptr) {
    if (subject == "dose") return text("none");
    return not_there("no infusion is planned: " + answered.plan.end);
  }
  if (subject == "dose") {
    if (!infusion->dose) return text("none");
    Found found = text(engine::to_text(*infusion->dose));
    found.form = Found::Form::dose;
    found.targets = infusion->dose->targets;
    return found;
  }
  if (subject == "level") return text(std::to_string(infusion->level));
  if (subject == "window") return text(window_text(infusion->dates));
  if (subject == "earliest") return day(infusion->dates.earliest);
  if (subject == "latest") return day(infusion->dates.latest);
  if (subject == "recommended") {
    const auto& dates = infusion->dates;
    if (!dates.recommended_first || !dates.recommended_last) return text("none");
    return text(fmt::format("{} to {}", to_text(*dates.recommended_first), to_text(*dates.recommended_last)));
  }
  if (subject == "preparation") return text(tasks_text(infusion->preparation));
  if (subject == "prophylaxis") return text(tasks_text(infusion->prophylaxis));
  if (subject == "monitoring") return text(tasks_text(infusion->monitoring));
  if (subject == "ratio") {
    const PlannedTarget* target = target_of(*infusion, "");
    if (target == nullptr || !target->ratio_to_last) return not_there("no ratio: no last dose on record");
    return number(to_double(*target->ratio_to_last), to_text(*target->ratio_to_last, 4));
  }
  // cells KIND, volume KIND, volume KIND delivers KIND
  std::string_view rest = trimmed(
      subject.substr(subject.find(' ') == std::string_view::npos ? subject.size() : subject.find(' ')));
  std::string_view delivers;
  if (const auto at = rest.find(" delivers "); at != std::string_view::npos) {
    delivers = trimmed(rest.substr(at + 10));
    rest = trimmed(rest.substr(0, at));
  }
  const PlannedTarget* target = target_of(*infusion, rest);
  if (target == nullptr)
    return not_there(infusion->dose ? "no such target" : "no dose: " + infusion->dose_gap);
  if (subject.starts_with("cells")) {
    if (!target->cells_low) return not_there("cells unknown: no usable weight");
    return number(to_double(*target->cells_low), to_text(*target->cells_low, 6));
  }
  if (!target->volume_ml)
    return not_there(target->volume_gap.empty() ? "no product was given" : target->volume_gap);
  if (delivers.empty()) return number(*target->volume_ml, fmt::format("{:.3f} mL", *target->volume_ml));
  for (const auto& other : target->also_delivers) {
    if (name(other.kind) == delivers)
      return number(other.per_kilogram, fmt::format("{:.0f} per kg", other.per_kilogram));
  }
  return not_there("the product's count of it is not known");
}

constexpr std::array<ExpectationSubject, 29> subjects{{
    {"verdict", "eligible, not eligible or unknown"},
    {"decision", "give, wait, hold, stop, need data, ask or outside"},
    {"give infusion", "yes (give), no (stop, outside, hold, wait) or unknown (need data, ask)"},
    {"because", "the sentence behind the decision; use includes"},
    {"failing", "ids of all criteria that fail, or none"},
    {"missing", "names of everything unknown that was looked for, or none"},
    {"reasons", "why it is unknown: never measured, too old, no unit, ..."},
    {"would decide", "names in the sets that would settle the verdict; use includes"},
    {"criterion ID", "yes, no or unknown: whether the condition of that criterion or definition holds"},
    {"margin ID", "how far from the limit; use includes"},
    {"strategy", "the strategy that answers, or none"},
    {"strategy NAME", "what that strategy decides: give, hold, ..., or its trigger: not open, unknown"},
    {"infusions given", "how many count"},
    {"wait until", "the day a wait ends"},
    {"caution", "cautions shown; use includes"},
    {"assumption", "assumptions made; use includes"},
    {"end", "why the plan stops; use includes"},
    {"weight", "the dosing weight, or unknown"},
    {"dose", "\"3.0e7 CD3/kg and 1.0e8 MNC/kg\", \"1e5 to 5e5 CD3/kg\", or none"},
    {"level", "level of the next infusion"},
    {"cells [KIND]", "total cells of the next infusion, within 0.5 %"},
    {"volume [KIND]", "mL of the product, within 0.5 %"},
    {"volume KIND delivers KIND", "what that volume delivers per kg, within 0.5 %"},
    {"ratio", "next dose over the last"},
    {"window", "\"EARLIEST to LATEST\""},
    {"earliest, latest, recommended", "dates of the next infusion"},
    {"preparation, prophylaxis, monitoring", "what is due around it; use includes"},
    {"infusion N ...", "any of dose, level, cells, window, earliest, ... of a later infusion of the plan"},
    {"dose gap", "why there is no dose; use includes"},
}};

Found find_subject(std::string_view subject, const Answered& answered) {
  const engine::Decision& decision = answered.decision;
  const engine::StrategyDecision* strategy = decision.answer();
  if (subject == "verdict") return text(std::string(engine::name(decision.verdict)));
  if (subject == "decision") return text(std::string(engine::name(decision.action)));
  if (subject == "give infusion") return text(give_infusion(decision.action));
  if (subject == "because") return text(decision.because);
  if (subject == "failing") return names(decision.failing);
  if (subject == "missing") {
    std::vector<std::string> result;
    for (const auto& missing : decision.missing) result.push_back(missing.name);
    return names(std::move(result));
  }
  if (subject == "reasons") {
    ReasonSet reasons;
    for (const auto& missing : decision.missing) reasons |= missing.reasons;
    if (strategy != nullptr) reasons |= strategy->reasons;
    return names(list_of(report::to_text(reasons)));
  }
  if (subject == "would decide") {
    std::vector<std::string> result;
    for (const auto& would : decision.would_decide)
      result.insert(result.end(), would.names.begin(), would.names.end());
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return names(std::move(result));
  }
  if (subject == "strategy") return text(strategy == nullptr ? "none" : strategy->name);
  if (subject == "infusions given") return text(std::to_string(decision.infusions.size()));
  if (subject == "wait until") return day(strategy == nullptr ? std::nullopt : strategy->wait_until);
  if (subject == "caution") return text(fmt::format("{}", fmt::join(answered.plan.cautions, "; ")));
  if (subject == "assumption") return text(fmt::format("{}", fmt::join(decision.assumptions, "; ")));
  if (subject == "end") return text(answered.plan.end);
  if (subject == "dose gap") return text(strategy == nullptr ? "" : strategy->dose_gap);
  if (subject == "weight")
    return text(answered.plan.weight.kilograms ? answered.plan.weight.text : "unknown");
  if (subject.starts_with("strategy ")) {
    const std::string_view wanted = trimmed(subject.substr(9));
    for (const auto& one : decision.strategies) {
      if (one.name != wanted) continue;
      if (one.open.truth == Truth::yes) return text(std::string(engine::name(one.action)));
      return text(one.open.truth == Truth::no ? "not open" : "unknown");
    }
    return not_there("no such strategy");
  }
  const auto& infusions = answered.plan.infusions;
  if (subject.starts_with("infusion ")) {
    std::string_view rest = trimmed(subject.substr(9));
    const std::string number_text(rest.substr(0, rest.find(' ')));
    rest = trimmed(rest.substr(number_text.size()));
    for (const PlannedInfusion& infusion : infusions) {
      if (std::to_string(infusion.number) != number_text) continue;
      if (auto found = about_infusion(rest, &infusion, answered)) return *found;
    }
    return not_there(fmt::format("infusion {} is not planned: {}", number_text, answered.plan.end));
  }
  if (auto found = about_infusion(subject, infusions.empty() ? nullptr : &infusions.front(), answered))
    return *found;
  const bool is_margin = subject.starts_with("margin ");
  std::string_view id = is_margin ? trimmed(subject.substr(7)) : subject;
  if (id.starts_with("criterion ")) id = trimmed(id.substr(10));
  if (const Node* node = find_criterion(answered, id)) {
    if (!is_margin) return text(std::string(name(node->answer.truth)));
    while (node->margin.empty() && !node->children.empty()) node = &node->children.front();
    return text(node->margin);
  }
  return not_there("no such subject, criterion or definition");
}

// "3.0e7 CD3/kg and 1.0e8 MNC/kg"
std::optional<std::vector<engine::TargetDose>> read_dose(std::string_view value) {
  std::vector<engine::TargetDose> targets;
  while (!value.empty()) {
    const std::size_t end = std::min(value.find(" and "), value.size());
    std::string_view part = trimmed(value.substr(0, end));
    value.remove_prefix(std::min(end + 5, value.size()));
    const std::size_t last_blank = part.find_last_of(' ');
    if (last_blank == std::string_view::npos) return std::nullopt;
    std::string_view unit = part.substr(last_blank + 1);
    part = trimmed(part.substr(0, last_blank));
    engine::TargetDose target;
    target.per_kilogram = unit.ends_with("/kg");
    if (target.per_kilogram) unit.remove_suffix(3);
    if (!kind_from_name(unit, target.kind)) return std::nullopt;
    const std::size_t to = part.find(" to ");
    const auto low = parse_decimal(trimmed(part.substr(0, to)));
    const auto high = to == std::string_view::npos ? low : parse_decimal(trimmed(part.substr(to + 4)));
    if (!low || !high) return std::nullopt;
    target.low = to_rational(*low);
    target.high = to_rational(*high);
    targets.push_back(target);
  }
  return targets;
}

// Within a thousandth: a half-log step is shown to four figures.
bool same_number(const Rational& a, const Rational& b) {
  const double x = to_double(a);
  const double y = to_double(b);
  return std::abs(x - y) <= 1e-3 * std::max(std::abs(x), std::abs(y));
}

bool same_dose(std::vector<engine::TargetDose> a, std::vector<engine::TargetDose> b) {
  if (a.size() != b.size()) return false;
  const auto by_kind = [](const engine::TargetDose& x, const engine::TargetDose& y) {
    return x.kind < y.kind;
  };
  std::sort(a.begin(), a.end(), by_kind);
  std::sort(b.begin(), b.end(), by_kind);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool exact = !a[i].rounded && !b[i].rounded;
    const bool low = exact ? a[i].low == b[i].low : same_number(a[i].low, b[i].low);
    const bool high = exact ? a[i].high == b[i].high : same_number(a[i].high, b[i].high);
    if (a[i].kind != b[i].kind || a[i].per_kilogram != b[i].per_kilogram || !low || !high) return false;
  }
  return true;
}

bool equals(const Found& found, const std::string& expected) {
  switch (found.form) {
    case Found::Form::text:
      return found.text == expected;
    case Found::Form::names:
      return found.names == list_of(expected);
    case Found::Form::number: {
      const auto wanted = parse_decimal(std::string_view(expected).substr(0, expected.find(' ')));
      if (!wanted) return false;
      const double value = to_double(*wanted);
      return std::abs(found.number - value) <= tolerance * std::abs(value);
    }
    case Found::Form::dose: {
      const auto wanted = read_dose(expected);
      return wanted && same_dose(found.targets, *wanted);
    }
    case Found::Form::missing:
      return false;
  }
  return false;
}

bool contains(const Found& found, const std::string& part) {
  if (found.form == Found::Form::missing) return false;
  if (found.form != Found::Form::names) return found.text.find(part) != std::string::npos;
  for (const std::string& wanted : list_of(part)) {
    if (std::find(found.names.begin(), found.names.end(), wanted) == found.names.end()) return false;
  }
  return true;
}

}  // namespace

std::span<const ExpectationSubject> expectation_subjects() { return subjects; }

std::string check_expectation(const Expectation& expectation, const Answered& answered,
                              const protocol::Protocol&) {
  std::string wanted = expectation.value;
  if (wanted.size() >= 2 && wanted.front() == '"' && wanted.back() == '"')
    wanted = wanted.substr(1, wanted.size() - 2);
  // "decision = hold, because "off immunosuppression"" and "E12 = unknown, because never measured"
  std::string because;
  if (const auto at = wanted.find(", because "); at != std::string::npos) {
    because = wanted.substr(at + 10);
    wanted.resize(at);
    std::erase(because, '"');
  }
  const Found found = find_subject(expectation.subject, answered);
  bool holds = expectation.relation == "=" ? equals(found, wanted) : contains(found, wanted);
  if (expectation.relation == "excludes") holds = found.form != Found::Form::missing && !holds;
  if (!holds) {
    return fmt::format("expected {} {} {}, found {}", expectation.subject, expectation.relation, wanted,
                       found.text.empty() ? "nothing" : found.text);
  }
  if (because.empty()) return "";
  std::string reason = answered.decision.because;
  if (const Node* node = find_criterion(answered, expectation.subject))
    reason = report::to_text(node->answer.reasons) + node->margin;
  if (reason.find(because) != std::string::npos) return "";
  return fmt::format("expected the reason of {} to include '{}', found '{}'", expectation.subject, because,
                     reason);
}

}  // namespace graftline::service
