#include "protocol/json.h"

#include <nlohmann/json.hpp>

#include "protocol/format.h"
#include "protocol/json_names.h"
#include "protocol/json_tree.h"

namespace graftline::protocol {
namespace {

using Json = nlohmann::json;

// What was not said is left out.
void put(Json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}
void put(Json& object, const char* key, bool value) {
  if (value) object[key] = true;
}
void put(Json& object, const char* key, const std::optional<Duration>& duration) {
  if (duration) object[key] = to_text(*duration);
}
void put(Json& object, const char* key, const std::optional<Citation>& cite) {
  if (cite) object[key] = {{"source", cite->source}, {"locator", cite->locator}};
}

Json anchor_json(const Anchor& anchor) {
  Json json{{"base", json_name(anchor.base)}};
  if (anchor.base == Anchor::Base::infusion) json["infusion"] = anchor.infusion;
  put(json, "event", anchor.event);
  put(json, "or_today", anchor.or_today);
  if (anchor.offset) {
    json["offset"] = to_text(*anchor.offset);
    json["direction"] = anchor.sign < 0 ? "before" : "after";
  }
  return json;
}

void put(Json& object, const char* key, const Window& window) {
  if (!window.is_written()) return;
  Json json = Json::object();
  if (window.first) json["first"] = anchor_json(*window.first);
  if (window.last) json["last"] = anchor_json(*window.last);
  put(json, "so_far", window.so_far);
  put(json, "ever", window.ever);
  object[key] = std::move(json);
}

Json operand_json(const Operand& operand) {
  Json json{{"form", json_name(operand.form)}};
  if (operand.factor) json["factor"] = decimal_text(*operand.factor);
  put(json, "quantity", operand.quantity_text);
  put(json, "name", operand.name);
  if (operand.form == Operand::Form::days_since) json["since"] = anchor_json(operand.anchor);
  return json;
}

Json expr_json(const Expr& expr) {
  Json json{{"form", json_name(expr.form)}};
  put(json, "name", expr.name);
  put(json, "window", expr.window);
  put(json, "at_no_time", expr.at_no_time);
  if (expr.form == Expr::Form::at_least) json["count"] = expr.count;
  if (!expr.words.empty()) json["words"] = expr.words;
  if (expr.form == Expr::Form::comparison) {
    json["op"] = json_name(expr.op);
    json["left"] = operand_json(expr.left);
    json["right"] = operand_json(expr.right);
  }
  for (const Expr& child : expr.children) json["children"].push_back(expr_json(child));
  return json;
}

void put(Json& object, const char* key, const std::optional<Expr>& expr) {
  if (expr) object[key] = expr_json(*expr);
}

Json target_json(const Target& target) {
  if (!target.parameter.empty()) return {{"parameter", target.parameter}};
  Json json{{"cells", std::string(name(target.kind))},
            {"low", decimal_text(target.low)},
            {"high", decimal_text(target.high)}};
  json["per"] = target.per_kilogram ? "kg" : "total";
  return json;
}

Json amount_json(const Amount& amount) {
  Json json{{"form", json_name(amount.form)}};
  for (const Target& target : amount.targets) json["targets"].push_back(target_json(target));
  if (amount.form == Amount::Form::log_step || amount.form == Amount::Form::factor) {
    json["low"] = decimal_text(amount.low);
    json["high"] = decimal_text(amount.high);
  }
  return json;
}

Json item_json(const Review& review) {
  Json json{{"by", review.role}, {"on", graftline::to_text(review.on)}, {"compared", review.compared}};
  put(json, "finding", review.finding);
  return json;
}

Json item_json(const Source& source) {
  Json json{{"id", source.id}, {"description", source.description}};
  put(json, "reference", source.reference);
  put(json, "url", source.url);
  return json;
}

Json item_json(const Gap& gap) {
  Json json{{"text", gap.text}};
  put(json, "cite", gap.cite);
  return json;
}

Json item_json(const FactDeclaration& fact) {
  Json json{{"name", fact.name}, {"phrase", fact.phrase}, {"pick", json_name(fact.pick)}};
  put(json, "unit", fact.unit);
  for (const RuleArgument& argument : fact.arguments) {
    json["with"].push_back({{"name", argument.name}, {"value", argument.value}});
  }
  put(json, "window", fact.window);
  if (fact.absence) json["absence"] = json_name(*fact.absence);
  put(json, "absence_because", fact.absence_because);
  put(json, "cite", fact.cite);
  return json;
}

Json item_json(const Judgement& judgement) {
  Json json{{"name", judgement.name}, {"question", judgement.question}};
  put(json, "cite", judgement.cite);
  return json;
}

Json item_json(const Parameter& parameter) {
  Json json{{"name", parameter.name}, {"type", json_name(parameter.type)}};
  if (!parameter.choices.empty()) json["choices"] = parameter.choices;
  put(json, "unit", parameter.unit);
  put(json, "description", parameter.description);
  if (parameter.default_value) {
    json["default"] = *parameter.default_value;
    json["default_because"] = parameter.default_because;
  }
  put(json, "cite", parameter.cite);
  return json;
}

Json item_json(const Definition& definition) {
  Json json{{"name", definition.name}, {"when", expr_json(definition.when)}};
  put(json, "label", definition.label);
  put(json, "cite", definition.cite);
  return json;
}

Json item_json(const Criterion& criterion) {
  Json json{{"id", criterion.id}, {"label", criterion.label}, {"when", expr_json(criterion.when)}};
  json["kind"] = criterion.include ? "include" : "exclude";
  put(json, "cite", criterion.cite);
  return json;
}

void put_levels(Json& json, int first, int last) {
  json["first_level"] = first;
  json["last_level"] = last;
}

Json item_json(const DoseRow& row) {
  Json json{{"amount", amount_json(row.amount)}};
  put_levels(json, row.first_level, row.last_level);
  put(json, "for", row.when);
  put(json, "window", row.window);
  put(json, "cite", row.cite);
  return json;
}

Json item_json(const GiveRule& rule) {
  Json json = Json::object();
  put_levels(json, rule.first_level, rule.last_level);
  put(json, "window", rule.window);
  put(json, "once", rule.once);
  put(json, "when", rule.when);
  put(json, "cite", rule.cite);
  return json;
}

Json item_json(const Interval& interval) {
  Json json{{"at_least", to_text(interval.at_least)}};
  put(json, "recommended_from", interval.recommended_from);
  put(json, "recommended_to", interval.recommended_to);
  put(json, "at_most", interval.at_most);
  if (interval.last_level != 0) put_levels(json, interval.first_level, interval.last_level);
  put(json, "when", interval.when);
  put(json, "cite", interval.cite);
  return json;
}

Json item_json(const Guard& guard) {
  Json json{{"form", json_name(guard.form)}};
  put(json, "label", guard.label);
  put(json, "when", guard.when);
  put(json, "cite", guard.cite);
  return json;
}

Json item_json(const Wait& wait) {
  Json json{{"duration", to_text(wait.duration)}, {"after", wait.after}};
  put(json, "label", wait.label);
  put(json, "cite", wait.cite);
  return json;
}

Json item_json(const Preparation& preparation) {
  Json json{{"what", preparation.what}, {"from", to_text(preparation.from)}, {"to", to_text(preparation.to)}};
  put(json, "reference", preparation.reference);
  put(json, "reference_of", preparation.reference_of);
  put(json, "when", preparation.when);
  put(json, "cite", preparation.cite);
  return json;
}

Json item_json(const Prophylaxis& prophylaxis) {
  Json json{{"what", prophylaxis.what},
            {"at_least", to_text(prophylaxis.at_least)},
            {"at_most", to_text(prophylaxis.at_most)}};
  put(json, "when", prophylaxis.when);
  put(json, "cite", prophylaxis.cite);
  return json;
}

Json item_json(const Monitoring& monitoring) {
  Json json{{"what", monitoring.what}};
  for (const Duration& at : monitoring.at) json["at"].push_back(to_text(at));
  put(json, "every", monitoring.every);
  put(json, "from", monitoring.from);
  put(json, "until", monitoring.until);
  put(json, "before_infusion", monitoring.before_infusion);
  put(json, "when", monitoring.when);
  put(json, "cite", monitoring.cite);
  return json;
}

Json item_json(const Strategy& strategy);
Json item_json(const Claim& claim);
Json item_json(const StatementRef& ref);

template <class T> void put_list(Json& object, const char* key, const std::vector<T>& items) {
  for (const T& item : items) object[key].push_back(item_json(item));
}

Json rules_json(const Rules& rules) {
  Json json = Json::object();
  put_list(json, "criteria", rules.criteria);
  put_list(json, "doses", rules.doses);
  put_list(json, "gives", rules.gives);
  put_list(json, "intervals", rules.intervals);
  if (rules.count) {
    json["infusions"] = {{"at_least", rules.count->at_least}, {"at_most", rules.count->at_most}};
    put(json["infusions"], "cite", rules.count->cite);
  }
  if (rules.cap) {
    json["cap"] = {{"form", json_name(rules.cap->form)}};
    if (rules.cap->target) json["cap"]["target"] = target_json(*rules.cap->target);
    put(json["cap"], "cite", rules.cap->cite);
  }
  if (rules.governing) {
    json["governing"] = {{"target", rules.governing->target_or_parameter}};
    put(json["governing"], "cite", rules.governing->cite);
  }
  put_list(json, "guards", rules.guards);
  put_list(json, "waits", rules.waits);
  put_list(json, "preparations", rules.preparations);
  put_list(json, "prophylaxis", rules.prophylaxis);
  put_list(json, "monitoring", rules.monitoring);
  return json;
}

Json item_json(const Strategy& strategy) {
  Json json{{"name", strategy.name}, {"label", strategy.label}};
  put(json, "when", strategy.when);
  put(json, "cite", strategy.cite);
  Json rules = rules_json(strategy.rules);
  if (!rules.empty()) json["rules"] = std::move(rules);
  return json;
}

Json item_json(const Claim& claim) {
  Json json{{"form", json_name(claim.form)}, {"about", json_name(claim.about)}};
  if (claim.about == Claim::About::give_level) json["level"] = claim.level;
  if (claim.about == Claim::About::two_infusions_within) json["within"] = to_text(claim.within);
  put(json, "decision", claim.decision);
  put(json, "when", claim.when);
  return json;
}

Json item_json(const StatementRef& ref) {
  Json json{{"kind", json_name(ref.kind)}};
  if (ref.index != 0) json["index"] = ref.index;
  if (ref.strategy >= 0) json["strategy"] = ref.strategy;
  if (!ref.comments.empty()) json["comments"] = ref.comments;
  put(json, "blank_line_before", ref.blank_lines_before > 0);
  put(json, "trailing_comment", ref.trailing_comment);
  return json;
}

}  // namespace

Json json_tree(const Protocol& protocol) {
  Json json{{"format", std::string(json_format)},
            {"id", protocol.id},
            {"title", protocol.title},
            {"version", protocol.version},
            {"status", json_name(protocol.status)}};
  put_list(json, "reviews", protocol.reviews);
  put_list(json, "sources", protocol.sources);
  put_list(json, "gaps", protocol.gaps);
  put_list(json, "facts", protocol.facts);
  put_list(json, "judgements", protocol.judgements);
  put_list(json, "parameters", protocol.parameters);
  put_list(json, "definitions", protocol.definitions);
  Json common = rules_json(protocol.common);
  if (!common.empty()) json["common"] = std::move(common);
  put_list(json, "strategies", protocol.strategies);
  put_list(json, "claims", protocol.claims);
  put_list(json, "order", protocol.order);
  if (!protocol.closing_comments.empty()) json["closing_comments"] = protocol.closing_comments;
  return json;
}

// Text that is not UTF-8 cannot come from the parser; a built protocol gets the replacement character.
std::string to_json(const Protocol& protocol) {
  return json_tree(protocol).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string to_readable_json(const Protocol& protocol) {
  return json_tree(protocol).dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace graftline::protocol
