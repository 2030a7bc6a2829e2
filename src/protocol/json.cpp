#include "protocol/json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "protocol/format.h"
#include "protocol/json_names.h"
#include "protocol/json_tree.h"
#include "protocol/json_write.h"

namespace graftline::protocol {

void append_json_string(std::string& out, std::string_view value) {
  out += '"';
  std::size_t written = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20U) continue;
    out.append(value, written, i - written);
    written = i + 1;
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    }
  }
  out.append(value, written);
  out += '"';
}

namespace {

// Every function below writes its keys in alphabetical order, and leaves out what was not said.
using Out = std::string;

void append_text(Out& out, const std::string& text) { append_json_string(out, text); }
void append_duration(Out& out, const Duration& duration) { append_json_string(out, to_text(duration)); }

void duration_if_any(JsonObject& object, std::string_view key, const std::optional<Duration>& duration) {
  if (duration) object.text(key, to_text(*duration));
}

void cite_if_any(JsonObject& object, const std::optional<Citation>& cite) {
  if (!cite) return;
  JsonObject json(object.key("cite"));
  json.text("locator", cite->locator);
  json.text("source", cite->source);
}

void append_anchor(Out& out, const Anchor& anchor) {
  JsonObject json(out);
  json.text("base", json_name(anchor.base));
  if (anchor.offset) json.text("direction", anchor.sign < 0 ? "before" : "after");
  json.text_if_any("event", anchor.event);
  if (anchor.base == Anchor::Base::infusion) json.number("infusion", anchor.infusion);
  duration_if_any(json, "offset", anchor.offset);
  json.flag_if_set("or_today", anchor.or_today);
}

void window_if_any(JsonObject& object, const Window& window) {
  if (!window.is_written()) return;
  JsonObject json(object.key("window"));
  json.flag_if_set("ever", window.ever);
  if (window.first) append_anchor(json.key("first"), *window.first);
  if (window.last) append_anchor(json.key("last"), *window.last);
  json.flag_if_set("so_far", window.so_far);
}

void append_operand(Out& out, const Operand& operand) {
  JsonObject json(out);
  if (operand.factor) json.text("factor", decimal_text(*operand.factor));
  json.text("form", json_name(operand.form));
  json.text_if_any("name", operand.name);
  json.text_if_any("quantity", operand.quantity_text);
  if (operand.form == Operand::Form::days_since) append_anchor(json.key("since"), operand.anchor);
}

void append_expr(Out& out, const Expr& expr) {
  const bool is_comparison = expr.form == Expr::Form::comparison;
  JsonObject json(out);
  json.flag_if_set("at_no_time", expr.at_no_time);
  json.list_if_any("children", expr.children, append_expr);
  if (expr.form == Expr::Form::at_least) json.number("count", expr.count);
  json.text("form", json_name(expr.form));
  if (is_comparison) append_operand(json.key("left"), expr.left);
  json.text_if_any("name", expr.name);
  if (is_comparison) json.text("op", json_name(expr.op));
  if (is_comparison) append_operand(json.key("right"), expr.right);
  window_if_any(json, expr.window);
  json.list_if_any("words", expr.words, append_text);
}

void expr_if_any(JsonObject& object, std::string_view key, const std::optional<Expr>& expr) {
  if (expr) append_expr(object.key(key), *expr);
}

void append_target(Out& out, const Target& target) {
  JsonObject json(out);
  if (!target.parameter.empty()) return json.text("parameter", target.parameter);
  json.text("cells", name(target.kind));
  json.text("high", decimal_text(target.high));
  json.text("low", decimal_text(target.low));
  json.text("per", target.per_kilogram ? "kg" : "total");
}

void append_amount(Out& out, const Amount& amount) {
  const bool is_step = amount.form == Amount::Form::log_step || amount.form == Amount::Form::factor;
  JsonObject json(out);
  json.text("form", json_name(amount.form));
  if (is_step) json.text("high", decimal_text(amount.high));
  if (is_step) json.text("low", decimal_text(amount.low));
  json.list_if_any("targets", amount.targets, append_target);
}

void append_review(Out& out, const Review& review) {
  JsonObject json(out);
  json.text("by", review.role);
  json.text("compared", review.compared);
  json.text_if_any("finding", review.finding);
  json.text("on", graftline::to_text(review.on));
}

void append_source(Out& out, const Source& source) {
  JsonObject json(out);
  json.text("description", source.description);
  json.text("id", source.id);
  json.text_if_any("reference", source.reference);
  json.text_if_any("url", source.url);
}

void append_gap(Out& out, const Gap& gap) {
  JsonObject json(out);
  cite_if_any(json, gap.cite);
  json.text("text", gap.text);
}

void append_argument(Out& out, const RuleArgument& argument) {
  JsonObject json(out);
  json.text("name", argument.name);
  json.text("value", argument.value);
}

void append_fact(Out& out, const FactDeclaration& fact) {
  JsonObject json(out);
  if (fact.absence) json.text("absence", json_name(*fact.absence));
  json.text_if_any("absence_because", fact.absence_because);
  cite_if_any(json, fact.cite);
  json.text("name", fact.name);
  json.text("phrase", fact.phrase);
  json.text("pick", json_name(fact.pick));
  json.text_if_any("unit", fact.unit);
  window_if_any(json, fact.window);
  json.list_if_any("with", fact.arguments, append_argument);
}

void append_judgement(Out& out, const Judgement& judgement) {
  JsonObject json(out);
  cite_if_any(json, judgement.cite);
  json.text("name", judgement.name);
  json.text("question", judgement.question);
}

void append_parameter(Out& out, const Parameter& parameter) {
  JsonObject json(out);
  json.list_if_any("choices", parameter.choices, append_text);
  cite_if_any(json, parameter.cite);
  if (parameter.default_value) json.text("default", *parameter.default_value);
  if (parameter.default_value) json.text("default_because", parameter.default_because);
  json.text_if_any("description", parameter.description);
  json.text("name", parameter.name);
  json.text("type", json_name(parameter.type));
  json.text_if_any("unit", parameter.unit);
}

void append_definition(Out& out, const Definition& definition) {
  JsonObject json(out);
  cite_if_any(json, definition.cite);
  json.text_if_any("label", definition.label);
  json.text("name", definition.name);
  append_expr(json.key("when"), definition.when);
}

void append_criterion(Out& out, const Criterion& criterion) {
  JsonObject json(out);
  cite_if_any(json, criterion.cite);
  json.text("id", criterion.id);
  json.text("kind", criterion.include ? "include" : "exclude");
  json.text("label", criterion.label);
  append_expr(json.key("when"), criterion.when);
}

void append_dose(Out& out, const DoseRow& row) {
  JsonObject json(out);
  append_amount(json.key("amount"), row.amount);
  cite_if_any(json, row.cite);
  json.number("first_level", row.first_level);
  expr_if_any(json, "for", row.when);
  json.number("last_level", row.last_level);
  window_if_any(json, row.window);
}

void append_give(Out& out, const GiveRule& rule) {
  JsonObject json(out);
  cite_if_any(json, rule.cite);
  json.number("first_level", rule.first_level);
  json.number("last_level", rule.last_level);
  json.flag_if_set("once", rule.once);
  expr_if_any(json, "when", rule.when);
  window_if_any(json, rule.window);
}

void append_interval(Out& out, const Interval& interval) {
  const bool has_levels = interval.last_level != 0;
  JsonObject json(out);
  json.text("at_least", to_text(interval.at_least));
  duration_if_any(json, "at_most", interval.at_most);
  cite_if_any(json, interval.cite);
  if (has_levels) json.number("first_level", interval.first_level);
  if (has_levels) json.number("last_level", interval.last_level);
  duration_if_any(json, "recommended_from", interval.recommended_from);
  duration_if_any(json, "recommended_to", interval.recommended_to);
  expr_if_any(json, "when", interval.when);
}

void append_guard(Out& out, const Guard& guard) {
  JsonObject json(out);
  cite_if_any(json, guard.cite);
  json.text("form", json_name(guard.form));
  json.text_if_any("label", guard.label);
  expr_if_any(json, "when", guard.when);
}

void append_wait(Out& out, const Wait& wait) {
  JsonObject json(out);
  json.text("after", wait.after);
  cite_if_any(json, wait.cite);
  json.text("duration", to_text(wait.duration));
  json.text_if_any("label", wait.label);
}

void append_preparation(Out& out, const Preparation& preparation) {
  JsonObject json(out);
  cite_if_any(json, preparation.cite);
  json.text("from", to_text(preparation.from));
  json.text_if_any("reference", preparation.reference);
  json.text_if_any("reference_of", preparation.reference_of);
  json.text("to", to_text(preparation.to));
  json.text("what", preparation.what);
  expr_if_any(json, "when", preparation.when);
}

void append_prophylaxis(Out& out, const Prophylaxis& prophylaxis) {
  JsonObject json(out);
  json.text("at_least", to_text(prophylaxis.at_least));
  json.text("at_most", to_text(prophylaxis.at_most));
  cite_if_any(json, prophylaxis.cite);
  json.text("what", prophylaxis.what);
  expr_if_any(json, "when", prophylaxis.when);
}

void append_monitoring(Out& out, const Monitoring& monitoring) {
  JsonObject json(out);
  json.list_if_any("at", monitoring.at, append_duration);
  json.flag_if_set("before_infusion", monitoring.before_infusion);
  cite_if_any(json, monitoring.cite);
  duration_if_any(json, "every", monitoring.every);
  duration_if_any(json, "from", monitoring.from);
  duration_if_any(json, "until", monitoring.until);
  json.text("what", monitoring.what);
  expr_if_any(json, "when", monitoring.when);
}

void append_count(Out& out, const Count& count) {
  JsonObject json(out);
  json.number("at_least", count.at_least);
  json.number("at_most", count.at_most);
  cite_if_any(json, count.cite);
}

void append_cap(Out& out, const Cap& cap) {
  JsonObject json(out);
  cite_if_any(json, cap.cite);
  json.text("form", json_name(cap.form));
  if (cap.target) append_target(json.key("target"), *cap.target);
}

void append_governing(Out& out, const Governing& governing) {
  JsonObject json(out);
  cite_if_any(json, governing.cite);
  json.text("target", governing.target_or_parameter);
}

void rules_if_any(JsonObject& object, std::string_view key, const Rules& rules) {
  if (rules == Rules{}) return;
  JsonObject json(object.key(key));
  if (rules.cap) append_cap(json.key("cap"), *rules.cap);
  json.list_if_any("criteria", rules.criteria, append_criterion);
  json.list_if_any("doses", rules.doses, append_dose);
  json.list_if_any("gives", rules.gives, append_give);
  if (rules.governing) append_governing(json.key("governing"), *rules.governing);
  json.list_if_any("guards", rules.guards, append_guard);
  if (rules.count) append_count(json.key("infusions"), *rules.count);
  json.list_if_any("intervals", rules.intervals, append_interval);
  json.list_if_any("monitoring", rules.monitoring, append_monitoring);
  json.list_if_any("preparations", rules.preparations, append_preparation);
  json.list_if_any("prophylaxis", rules.prophylaxis, append_prophylaxis);
  json.list_if_any("waits", rules.waits, append_wait);
}

void append_strategy(Out& out, const Strategy& strategy) {
  JsonObject json(out);
  cite_if_any(json, strategy.cite);
  json.text("label", strategy.label);
  json.text("name", strategy.name);
  rules_if_any(json, "rules", strategy.rules);
  expr_if_any(json, "when", strategy.when);
}

void append_claim(Out& out, const Claim& claim) {
  JsonObject json(out);
  json.text("about", json_name(claim.about));
  json.text_if_any("decision", claim.decision);
  json.text("form", json_name(claim.form));
  if (claim.about == Claim::About::give_level) json.number("level", claim.level);
  expr_if_any(json, "when", claim.when);
  if (claim.about == Claim::About::two_infusions_within) json.text("within", to_text(claim.within));
}

void append_statement(Out& out, const StatementRef& ref) {
  JsonObject json(out);
  json.flag_if_set("blank_line_before", ref.blank_lines_before > 0);
  json.list_if_any("comments", ref.comments, append_text);
  if (ref.index != 0) json.number("index", ref.index);
  json.text("kind", json_name(ref.kind));
  if (ref.strategy >= 0) json.number("strategy", ref.strategy);
  json.text_if_any("trailing_comment", ref.trailing_comment);
}

}  // namespace

std::string to_json(const Protocol& protocol) {
  std::string out;
  {
    JsonObject json(out);
    json.list_if_any("claims", protocol.claims, append_claim);
    json.list_if_any("closing_comments", protocol.closing_comments, append_text);
    rules_if_any(json, "common", protocol.common);
    json.list_if_any("definitions", protocol.definitions, append_definition);
    json.list_if_any("facts", protocol.facts, append_fact);
    json.text("format", json_format);
    json.list_if_any("gaps", protocol.gaps, append_gap);
    json.text("id", protocol.id);
    json.list_if_any("judgements", protocol.judgements, append_judgement);
    json.list_if_any("order", protocol.order, append_statement);
    json.list_if_any("parameters", protocol.parameters, append_parameter);
    json.list_if_any("reviews", protocol.reviews, append_review);
    json.list_if_any("sources", protocol.sources, append_source);
    json.text("status", json_name(protocol.status));
    json.list_if_any("strategies", protocol.strategies, append_strategy);
    json.text("title", protocol.title);
    json.text("version", protocol.version);
  }
  return out;
}

nlohmann::json json_tree(const Protocol& protocol) {
  return nlohmann::json::parse(to_json(protocol), nullptr, false);
}

std::string to_readable_json(const Protocol& protocol) { return json_tree(protocol).dump(2) + '\n'; }

}  // namespace graftline::protocol
