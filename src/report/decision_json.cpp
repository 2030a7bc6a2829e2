#include "report/decision_json.h"

#include <nlohmann/json.hpp>

#include "engine/doses.h"
#include "report/decision_text.h"
#include "report/dose_text.h"

namespace graftline::report {
namespace {

using json = nlohmann::ordered_json;

json optional_day(const std::optional<Day>& day) {
  return day ? json(graftline::to_text(*day)) : json(nullptr);
}

json reasons_json(ReasonSet reasons) {
  json list = json::array();
  for (int i = 0; i < reason_count; ++i) {
    if (reasons.has(static_cast<Reason>(i))) list.push_back(std::string(name(static_cast<Reason>(i))));
  }
  return list;
}

json answer_json(const Answer& answer) {
  return {{"truth", name(answer.truth)}, {"reasons", reasons_json(answer.reasons)}};
}

json cite_json(const protocol::Citation* cite, const protocol::Protocol& protocol) {
  if (cite == nullptr) return nullptr;
  json result{{"source", cite->source}, {"locator", cite->locator}};
  if (const auto* source = protocol.find_source(cite->source)) result["reference"] = source->reference;
  return result;
}

json span_json(const protocol::Span& span) {
  return {{"line", span.line}, {"column", span.column}, {"length", span.length}};
}

json evidence_json(const std::vector<engine::Evidence>& evidence) {
  json list = json::array();
  for (const auto& item : evidence) {
    list.push_back({{"fact", item.fact},
                    {"value", item.value},
                    {"date", item.date},
                    {"origin", item.origin},
                    {"unusable", reasons_json(item.unusable)}});
  }
  return list;
}

std::string_view form_name(engine::Node::Form form) {
  static constexpr std::array<std::string_view, 7> names{"all",       "any",       "not",       "at_least",
                                                         "condition", "criterion", "definition"};
  return names.at(static_cast<std::size_t>(form));
}

json node_json(const engine::Node& node, const protocol::Protocol& protocol) {
  json result;
  if (!node.id.empty()) result["id"] = node.id;
  result["form"] = form_name(node.form);
  result["sentence"] = node.sentence;
  result["truth"] = name(node.answer.truth);
  result["reasons"] = reasons_json(node.answer.reasons);
  if (node.form == engine::Node::Form::criterion) result["counts_against"] = node.counts_against;
  if (!node.margin.empty()) result["margin"] = node.margin;
  if (!node.note.empty()) result["how"] = node.note;
  if (!node.evidence.empty()) result["evidence"] = evidence_json(node.evidence);
  if (!node.assumptions.empty()) result["assumptions"] = node.assumptions;
  if (!node.missing.empty()) result["missing"] = node.missing;
  if (node.cite != nullptr) result["cite"] = cite_json(node.cite, protocol);
  result["span"] = span_json(node.span);
  if (!node.children.empty()) {
    json children = json::array();
    for (const auto& child : node.children) children.push_back(node_json(child, protocol));
    result["children"] = std::move(children);
  }
  return result;
}

json missing_json(const std::vector<engine::Missing>& missing) {
  json list = json::array();
  for (const auto& item : missing) {
    list.push_back({{"name", item.name},
                    {"phrase", item.phrase},
                    {"reasons", reasons_json(item.reasons)},
                    {"needed_by", item.needed_by}});
  }
  return list;
}

json dose_json(const std::optional<engine::Dose>& dose, const protocol::Protocol& protocol) {
  if (!dose) return nullptr;
  json targets = json::array();
  for (const auto& target : dose->targets) {
    targets.push_back({{"cells", name(target.kind)},
                       {"per_kg", target.per_kilogram},
                       {"low", graftline::to_text(target.low, 12)},
                       {"high", graftline::to_text(target.high, 12)},
                       {"rounded", target.rounded}});
  }
  return {{"level", dose->level},   {"targets", targets}, {"text", both_ways(*dose)},
          {"capped", dose->capped}, {"step", dose->step}, {"cite", cite_json(dose->cite, protocol)}};
}

json dates_json(const engine::Dates& dates) {
  return {{"earliest", optional_day(dates.earliest)},
          {"recommended_first", optional_day(dates.recommended_first)},
          {"recommended_last", optional_day(dates.recommended_last)},
          {"latest", optional_day(dates.latest)}};
}

json tasks_json(const std::vector<engine::DatedTask>& tasks, const protocol::Protocol& protocol) {
  json list = json::array();
  for (const auto& task : tasks) {
    list.push_back({{"what", task.what},
                    {"timing", task.timing},
                    {"first", optional_day(task.first)},
                    {"last", optional_day(task.last)},
                    {"applies", answer_json(task.applies)},
                    {"cite", cite_json(task.cite, protocol)}});
  }
  return list;
}

json target_json(const engine::PlannedTarget& target) {
  json result{{"cells", name(target.dose.kind)}};
  result["total_low"] = target.cells_low ? json(graftline::to_text(*target.cells_low, 12)) : json(nullptr);
  result["total_high"] = target.cells_high ? json(graftline::to_text(*target.cells_high, 12)) : json(nullptr);
  result["volume_ml"] = target.volume_ml ? json(*target.volume_ml) : json(nullptr);
  result["volume_ml_high"] = target.volume_ml_high ? json(*target.volume_ml_high) : json(nullptr);
  if (!target.volume_gap.empty()) result["volume_gap"] = target.volume_gap;
  result["ratio_to_last"] =
      target.ratio_to_last ? json(graftline::to_text(*target.ratio_to_last, 6)) : json(nullptr);
  result["governs"] = target.governs;
  json delivers = json::array();
  for (const auto& other : target.also_delivers)
    delivers.push_back({{"cells", name(other.kind)}, {"per_kg", other.per_kilogram}});
  result["volume_also_delivers"] = delivers;
  return result;
}

json plan_json(const engine::Plan& plan, const protocol::Protocol& protocol) {
  json infusions = json::array();
  for (const auto& infusion : plan.infusions) {
    json targets = json::array();
    for (const auto& target : infusion.targets) targets.push_back(target_json(target));
    infusions.push_back({{"number", infusion.number},
                         {"level", infusion.level},
                         {"is_next", infusion.is_next},
                         {"dose", dose_json(infusion.dose, protocol)},
                         {"dose_gap", infusion.dose_gap},
                         {"targets", targets},
                         {"dates", dates_json(infusion.dates)},
                         {"counted_from", optional_day(infusion.assumed_day)},
                         {"preparation", tasks_json(infusion.preparation, protocol)},
                         {"prophylaxis", tasks_json(infusion.prophylaxis, protocol)},
                         {"monitoring", tasks_json(infusion.monitoring, protocol)}});
  }
  json weight{
      {"kg", plan.weight.kilograms ? json(graftline::to_text(*plan.weight.kilograms, 9)) : json(nullptr)},
      {"date", plan.weight.date},
      {"origin", plan.weight.origin},
      {"reasons", reasons_json(plan.weight.reasons)}};
  return {{"weight", weight},
          {"governing_target", plan.governing},
          {"infusions", infusions},
          {"end", plan.end},
          {"cautions", plan.cautions}};
}

json strategy_json(const engine::StrategyDecision& strategy, const protocol::Protocol& protocol) {
  json criteria = json::array();
  for (const auto& node : strategy.criteria) criteria.push_back(node_json(node, protocol));
  json rules = json::array();
  for (const auto& rule : strategy.rules) {
    rules.push_back({{"leads_to", rule.is_caution ? "caution" : engine::name(rule.action)},
                     {"label", rule.label},
                     {"until", optional_day(rule.until)},
                     {"condition", node_json(rule.node, protocol)}});
  }
  return {{"name", strategy.name},
          {"label", strategy.label},
          {"open", answer_json(strategy.open)},
          {"chosen_by_user", strategy.chosen_by_user},
          {"trigger", strategy.trigger ? node_json(*strategy.trigger, protocol) : json(nullptr)},
          {"verdict", engine::name(strategy.verdict)},
          {"action", engine::name(strategy.action)},
          {"because", strategy.because},
          {"reasons", reasons_json(strategy.reasons)},
          {"wait_until", optional_day(strategy.wait_until)},
          {"infusions_given", strategy.infusions_given},
          {"next_level", strategy.next_level},
          {"dose", dose_json(strategy.dose, protocol)},
          {"dose_gap", strategy.dose_gap},
          {"dates", dates_json(strategy.dates)},
          {"criteria", criteria},
          {"rules", rules},
          {"missing", missing_json(strategy.missing)}};
}

}  // namespace

std::string to_json(const engine::Decision& decision, const engine::Plan& plan,
                    const protocol::Protocol& protocol, bool indented) {
  json result;
  result["schema"] = "graftline-decision/1";
  result["patient"] = decision.patient;
  result["protocol"] = {{"id", decision.protocol_id},
                        {"version", decision.protocol_version},
                        {"sha256", decision.protocol_sha256},
                        {"status", protocol::name(decision.protocol_status)}};
  result["as_of"] = graftline::to_text(decision.as_of);
  result["known_on"] = graftline::to_text(decision.known_on);
  result["day_zero"] = decision.day_zero ? json(graftline::to_text(*decision.day_zero)) : json(nullptr);
  result["verdict"] = engine::name(decision.verdict);
  result["failing"] = decision.failing;
  result["decision"] = engine::name(decision.action);
  result["because"] = decision.because;
  const auto* answering = decision.answer();
  result["strategy"] =
      answering != nullptr && !answering->name.empty() ? json(answering->name) : json(nullptr);
  result["wait_until"] = answering != nullptr ? optional_day(answering->wait_until) : json(nullptr);
  result["missing"] = missing_json(decision.missing);
  result["decided_by"] = decision.decided_by;
  json would = json::array();
  for (const auto& set : decision.would_decide)
    would.push_back({{"verdict", engine::name(set.verdict)}, {"names", set.names}});
  result["would_decide"] = would;
  json criteria = json::array();
  for (const auto& node : decision.criteria) criteria.push_back(node_json(node, protocol));
  result["criteria"] = criteria;
  json strategies = json::array();
  for (const auto& strategy : decision.strategies) strategies.push_back(strategy_json(strategy, protocol));
  result["strategies"] = strategies;
  json given = json::array();
  for (const auto& infusion : decision.infusions) {
    given.push_back({{"date", graftline::to_text(infusion.when)},
                     {"as_written", infusion.as_written},
                     {"origin", infusion.origin},
                     {"status_unknown", infusion.status_unknown}});
  }
  result["infusions_given"] = given;
  result["plan"] = plan_json(plan, protocol);
  result["assumptions"] = decision.assumptions;
  result["parameters"] = decision.parameters;
  result["notice"] = research_use;
  return result.dump(indented ? 2 : -1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace graftline::report
