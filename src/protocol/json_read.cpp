#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "protocol/format.h"
#include "protocol/json.h"
#include "protocol/json_names.h"
#include "protocol/json_tree.h"

namespace graftline::protocol {
namespace {

using Json = nlohmann::json;

constexpr std::size_t max_json_bytes = std::size_t{16} << 20U;  // four times the largest text
constexpr int max_json_depth = 2000;  // conditions nest 200 deep, each through a few brackets

// Brackets within brackets, outside strings: measured before parsing, so that no depth of input can matter.
int bracket_depth(std::string_view json) {
  int depth = 0;
  int deepest = 0;
  bool inside_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (inside_string) {
      if (c == '\\') ++i;
      if (c == '"') inside_string = false;
    } else if (c == '"') {
      inside_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return deepest;
}

// Reads fields by name and remembers the first that cannot be understood. What it builds is only as good as
// its text: from_json parses that text and compares the result with the input.
class TreeReader {
 public:
  std::string problem;  // empty: none

  Protocol protocol(const Json& json) {
    Protocol p;
    if (!is_object(json, "the protocol")) return p;
    if (text(json, "format") != json_format) fail(fmt::format("\"format\" is not \"{}\"", json_format));
    p.id = text(json, "id");
    p.title = text(json, "title");
    p.version = text(json, "version");
    p.status = word<Status>(json, "status");
    list(json, "reviews", p.reviews, &TreeReader::review);
    list(json, "sources", p.sources, &TreeReader::source);
    list(json, "gaps", p.gaps, &TreeReader::gap);
    list(json, "facts", p.facts, &TreeReader::fact);
    list(json, "judgements", p.judgements, &TreeReader::judgement);
    list(json, "parameters", p.parameters, &TreeReader::parameter);
    list(json, "definitions", p.definitions, &TreeReader::definition);
    if (json.contains("common")) p.common = rules(json["common"]);
    list(json, "strategies", p.strategies, &TreeReader::strategy);
    list(json, "claims", p.claims, &TreeReader::claim);
    list(json, "order", p.order, &TreeReader::statement);
    p.closing_comments = texts(json, "closing_comments");
    check_order(p);
    return p;
  }

 private:
  void fail(std::string message) {
    if (problem.empty()) problem = std::move(message);
  }

  bool is_object(const Json& json, std::string_view what) {
    if (!json.is_object()) fail(fmt::format("{} is not an object", what));
    return json.is_object();
  }

  // Control characters would let a string leave its line in the text form.
  std::string safe(const std::string& value, const char* key) {
    const bool is_plain = std::ranges::none_of(
        value, [](char c) { return static_cast<unsigned char>(c) < 0x20U && c != '\t'; });
    if (!is_plain) fail(fmt::format("\"{}\" holds a control character", key));
    return is_plain ? value : "";
  }

  std::string text(const Json& json, const char* key) {
    const auto found = json.is_object() ? json.find(key) : json.end();
    if (!json.is_object() || found == json.end()) return "";
    if (!found->is_string()) {
      fail(fmt::format("\"{}\" is not a text", key));
      return "";
    }
    return safe(found->get_ref<const std::string&>(), key);
  }

  std::vector<std::string> texts(const Json& json, const char* key) {
    std::vector<std::string> values;
    for (const Json& item : array(json, key)) {
      if (!item.is_string()) {
        fail(fmt::format("\"{}\" holds something that is not a text", key));
        continue;
      }
      const auto& value = item.get_ref<const std::string&>();
      values.push_back(value == "\n" ? value : safe(value, key));
    }
    return values;
  }

  int number(const Json& json, const char* key, int otherwise = 0) {
    if (!json.is_object() || !json.contains(key)) return otherwise;
    const Json& value = json[key];
    constexpr int largest = 99'999;
    if (value.is_number_unsigned() && value.get<std::uint64_t>() <= largest) return value.get<int>();
    fail(fmt::format("\"{}\" is not a whole number from 0 to {}", key, largest));
    return otherwise;
  }

  bool flag(const Json& json, const char* key) {
    if (!json.is_object() || !json.contains(key)) return false;
    if (json[key].is_boolean()) return json[key].get<bool>();
    fail(fmt::format("\"{}\" is neither true nor false", key));
    return false;
  }

  template <class E> E word(const Json& json, const char* key) {
    const std::string value = text(json, key);
    if (const auto found = from_json_name<E>(value)) return *found;
    fail(fmt::format("\"{}\" is not one of {}", key, fmt::join(JsonNames<E>::names, ", ")));
    return E{};
  }

  const Json& array(const Json& json, const char* key) {
    static const Json none = Json::array();
    if (!json.is_object() || !json.contains(key)) return none;
    if (json[key].is_array()) return json[key];
    fail(fmt::format("\"{}\" is not an array", key));
    return none;
  }

  template <class T>
  void list(const Json& json, const char* key, std::vector<T>& items, T (TreeReader::*read)(const Json&)) {
    for (const Json& item : array(json, key)) {
      if (is_object(item, key)) items.push_back((this->*read)(item));
    }
  }

  Duration duration(const Json& json, const char* key) {
    if (const auto duration = parse_duration(text(json, key))) return *duration;
    fail(fmt::format("\"{}\" is not a length of time such as \"4 weeks\"", key));
    return {};
  }
  std::optional<Duration> optional_duration(const Json& json, const char* key) {
    if (!json.contains(key)) return std::nullopt;
    return duration(json, key);
  }
  Decimal decimal_of(const Json& json, const char* key) {
    auto value = parse_decimal(text(json, key));
    if (value) return *value;
    fail(fmt::format("\"{}\" is not a decimal number in a text", key));
    return {};
  }

  std::optional<Citation> cite(const Json& json) {
    if (!json.contains("cite") || !is_object(json["cite"], "cite")) return std::nullopt;
    return Citation{text(json["cite"], "source"), text(json["cite"], "locator"), {}};
  }

  Anchor anchor(const Json& json) {
    Anchor anchor;
    if (!is_object(json, "a day")) return anchor;
    anchor.base = word<Anchor::Base>(json, "base");
    anchor.infusion = number(json, "infusion");
    anchor.event = text(json, "event");
    anchor.or_today = flag(json, "or_today");
    anchor.offset = optional_duration(json, "offset");
    anchor.sign = text(json, "direction") == "before" ? -1 : 1;
    return anchor;
  }

  Window window(const Json& json) {
    Window window;
    if (!json.contains("window") || !is_object(json["window"], "window")) return window;
    const Json& inner = json["window"];
    if (inner.contains("first")) window.first = anchor(inner["first"]);
    if (inner.contains("last")) window.last = anchor(inner["last"]);
    window.so_far = flag(inner, "so_far");
    window.ever = flag(inner, "ever");
    return window;
  }

  Operand operand(const Json& json) {
    Operand operand;
    if (!is_object(json, "a side of a comparison")) return operand;
    operand.form = word<Operand::Form>(json, "form");
    if (json.contains("factor")) operand.factor = decimal_of(json, "factor");
    operand.quantity_text = text(json, "quantity");
    operand.name = text(json, "name");
    if (json.contains("since")) operand.anchor = anchor(json["since"]);
    return operand;
  }

  Expr expr(const Json& json) {
    Expr expr;
    if (!is_object(json, "a condition")) return expr;
    expr.form = word<Expr::Form>(json, "form");
    expr.name = text(json, "name");
    expr.window = window(json);
    expr.at_no_time = flag(json, "at_no_time");
    expr.count = number(json, "count");
    expr.words = texts(json, "words");
    if (expr.form == Expr::Form::comparison) {
      expr.op = word<Op>(json, "op");
      if (json.contains("left")) expr.left = operand(json["left"]);
      if (json.contains("right")) expr.right = operand(json["right"]);
    }
    for (const Json& child : array(json, "children")) expr.children.push_back(this->expr(child));
    const bool is_list = expr.form == Expr::Form::all || expr.form == Expr::Form::any;
    if (is_list && expr.children.size() < 2) fail("\"all\" and \"any\" join at least two conditions");
    if (expr.form == Expr::Form::negation && expr.children.size() != 1) fail("\"not\" has one condition");
    return expr;
  }
  std::optional<Expr> condition(const Json& json, const char* key) {
    if (!json.contains(key)) return std::nullopt;
    return expr(json[key]);
  }

  Target target(const Json& json) {
    Target target;
    if (!is_object(json, "a target")) return target;
    target.parameter = text(json, "parameter");
    if (!target.parameter.empty()) return target;
    if (!kind_from_name(text(json, "cells"), target.kind))
      fail("\"cells\" does not say which cells are counted");
    target.low = decimal_of(json, "low");
    target.high = decimal_of(json, "high");
    target.per_kilogram = text(json, "per") != "total";
    return target;
  }

  Amount amount(const Json& json) {
    Amount amount;
    if (!is_object(json, "amount")) return amount;
    amount.form = word<Amount::Form>(json, "form");
    list(json, "targets", amount.targets, &TreeReader::target);
    if (amount.form == Amount::Form::log_step || amount.form == Amount::Form::factor) {
      amount.low = decimal_of(json, "low");
      amount.high = decimal_of(json, "high");
    }
    return amount;
  }

  Review review(const Json& json) {
    Review review{text(json, "by"), {}, text(json, "compared"), text(json, "finding"), {}};
    if (auto day = parse_day(text(json, "on"))) {
      review.on = *day;
    } else {
      fail("\"on\" is not a day such as \"2026-03-01\"");
    }
    return review;
  }
  Source source(const Json& json) {
    return {text(json, "id"), text(json, "reference"), text(json, "description"), text(json, "url"), {}};
  }
  Gap gap(const Json& json) { return {text(json, "text"), cite(json), {}}; }

  FactDeclaration fact(const Json& json) {
    FactDeclaration fact;
    fact.name = text(json, "name");
    fact.phrase = text(json, "phrase");
    fact.unit = text(json, "unit");
    fact.pick = word<Pick>(json, "pick");
    for (const Json& argument : array(json, "with")) {
      if (is_object(argument, "with"))
        fact.arguments.push_back({text(argument, "name"), text(argument, "value"), false, {}});
    }
    fact.window = window(json);
    if (json.contains("absence")) fact.absence = word<record::Absence>(json, "absence");
    fact.absence_because = text(json, "absence_because");
    fact.cite = cite(json);
    return fact;
  }
  Judgement judgement(const Json& json) {
    return {text(json, "name"), text(json, "question"), cite(json), {}};
  }
  Parameter parameter(const Json& json) {
    Parameter parameter;
    parameter.name = text(json, "name");
    parameter.type = word<ParameterType>(json, "type");
    parameter.choices = texts(json, "choices");
    parameter.unit = text(json, "unit");
    parameter.description = text(json, "description");
    if (json.contains("default")) parameter.default_value = text(json, "default");
    parameter.default_because = text(json, "default_because");
    parameter.cite = cite(json);
    return parameter;
  }
  Definition definition(const Json& json) {
    return {
        text(json, "name"), text(json, "label"), condition(json, "when").value_or(Expr{}), cite(json), {}};
  }

  Criterion criterion(const Json& json) {
    Criterion criterion;
    criterion.include = text(json, "kind") == "include";
    criterion.id = text(json, "id");
    criterion.label = text(json, "label");
    criterion.when = condition(json, "when").value_or(Expr{});
    criterion.cite = cite(json);
    return criterion;
  }
  DoseRow dose(const Json& json) {
    DoseRow row;
    row.first_level = number(json, "first_level", 1);
    row.last_level = number(json, "last_level", 1);
    if (json.contains("amount")) row.amount = amount(json["amount"]);
    row.when = condition(json, "for");
    row.window = window(json);
    row.cite = cite(json);
    return row;
  }
  GiveRule give(const Json& json) {
    GiveRule rule;
    rule.first_level = number(json, "first_level", 1);
    rule.last_level = number(json, "last_level", 1);
    rule.window = window(json);
    rule.once = flag(json, "once");
    rule.when = condition(json, "when");
    rule.cite = cite(json);
    return rule;
  }
  Interval interval(const Json& json) {
    Interval interval;
    interval.at_least = duration(json, "at_least");
    interval.recommended_from = optional_duration(json, "recommended_from");
    interval.recommended_to = optional_duration(json, "recommended_to");
    interval.at_most = optional_duration(json, "at_most");
    interval.first_level = number(json, "first_level", 2);
    interval.last_level = number(json, "last_level", 0);
    interval.when = condition(json, "when");
    interval.cite = cite(json);
    return interval;
  }
  Guard guard(const Json& json) {
    return {word<Guard::Form>(json, "form"), text(json, "label"), condition(json, "when"), cite(json), {}};
  }
  Wait wait(const Json& json) {
    return {duration(json, "duration"), text(json, "after"), text(json, "label"), cite(json), {}};
  }
  Preparation preparation(const Json& json) {
    return {
        text(json, "what"),         duration(json, "from"),  duration(json, "to"), text(json, "reference"),
        text(json, "reference_of"), condition(json, "when"), cite(json),           {}};
  }
  Prophylaxis prophylaxis(const Json& json) {
    return {text(json, "what"),
            duration(json, "at_least"),
            duration(json, "at_most"),
            condition(json, "when"),
            cite(json),
            {}};
  }
  Monitoring monitoring(const Json& json) {
    Monitoring monitoring;
    monitoring.what = text(json, "what");
    for (const Json& at : array(json, "at")) monitoring.at.push_back(duration(Json{{"at", at}}, "at"));
    monitoring.every = optional_duration(json, "every");
    monitoring.from = optional_duration(json, "from");
    monitoring.until = optional_duration(json, "until");
    monitoring.before_infusion = flag(json, "before_infusion");
    monitoring.when = condition(json, "when");
    monitoring.cite = cite(json);
    return monitoring;
  }

  Rules rules(const Json& json) {
    Rules rules;
    if (!is_object(json, "rules")) return rules;
    list(json, "criteria", rules.criteria, &TreeReader::criterion);
    list(json, "doses", rules.doses, &TreeReader::dose);
    list(json, "gives", rules.gives, &TreeReader::give);
    list(json, "intervals", rules.intervals, &TreeReader::interval);
    if (json.contains("infusions") && is_object(json["infusions"], "infusions")) {
      const Json& count = json["infusions"];
      rules.count = Count{number(count, "at_least"), number(count, "at_most"), cite(count), {}};
    }
    if (json.contains("cap") && is_object(json["cap"], "cap")) {
      Cap cap;
      cap.form = word<Cap::Form>(json["cap"], "form");
      if (json["cap"].contains("target")) cap.target = target(json["cap"]["target"]);
      cap.cite = cite(json["cap"]);
      rules.cap = std::move(cap);
    }
    if (json.contains("governing") && is_object(json["governing"], "governing")) {
      rules.governing = Governing{text(json["governing"], "target"), cite(json["governing"]), {}};
    }
    list(json, "guards", rules.guards, &TreeReader::guard);
    list(json, "waits", rules.waits, &TreeReader::wait);
    list(json, "preparations", rules.preparations, &TreeReader::preparation);
    list(json, "prophylaxis", rules.prophylaxis, &TreeReader::prophylaxis);
    list(json, "monitoring", rules.monitoring, &TreeReader::monitoring);
    return rules;
  }

  Strategy strategy(const Json& json) {
    Strategy strategy;
    strategy.name = text(json, "name");
    strategy.label = text(json, "label");
    strategy.when = condition(json, "when");
    if (json.contains("rules")) strategy.rules = rules(json["rules"]);
    strategy.cite = cite(json);
    return strategy;
  }

  Claim claim(const Json& json) {
    Claim claim;
    claim.form = word<Claim::Form>(json, "form");
    claim.about = word<Claim::About>(json, "about");
    claim.level = number(json, "level");
    if (json.contains("within")) claim.within = duration(json, "within");
    claim.decision = text(json, "decision");
    claim.when = condition(json, "when");
    return claim;
  }

  StatementRef statement(const Json& json) {
    StatementRef ref;
    ref.kind = word<StatementRef::Kind>(json, "kind");
    ref.index = number(json, "index");
    ref.strategy = number(json, "strategy", -1);
    ref.comments = texts(json, "comments");
    ref.blank_lines_before = flag(json, "blank_line_before") ? 1 : 0;
    ref.trailing_comment = text(json, "trailing_comment");
    if (!ref.trailing_comment.empty() && ref.trailing_comment.front() != '#')
      fail("\"trailing_comment\" does not begin with #");
    return ref;
  }

  // Every index of the order exists, so that the formatter may rely on it.
  void check_order(const Protocol& p) {
    for (const StatementRef& ref : p.order) {
      if (!exists(p, ref))
        return fail(fmt::format("\"order\" names a {} that is not there", json_name(ref.kind)));
    }
  }

  static bool exists(const Protocol& p, const StatementRef& ref) {
    using Kind = StatementRef::Kind;
    if (ref.strategy >= static_cast<int>(p.strategies.size())) return false;
    const Rules& rules =
        ref.strategy < 0 ? p.common : p.strategies[static_cast<std::size_t>(ref.strategy)].rules;
    const auto within = [&](std::size_t size) { return static_cast<std::size_t>(ref.index) < size; };
    switch (ref.kind) {
      case Kind::header:
      case Kind::status:
      case Kind::day_zero:
      case Kind::common:
        return true;
      case Kind::review:
        return within(p.reviews.size());
      case Kind::source:
        return within(p.sources.size());
      case Kind::gap:
        return within(p.gaps.size());
      case Kind::fact:
        return within(p.facts.size());
      case Kind::judgement:
        return within(p.judgements.size());
      case Kind::parameter:
        return within(p.parameters.size());
      case Kind::definition:
        return within(p.definitions.size());
      case Kind::strategy:
        return within(p.strategies.size());
      case Kind::claim:
        return within(p.claims.size());
      case Kind::when:
        return ref.strategy >= 0 && p.strategies[static_cast<std::size_t>(ref.strategy)].when.has_value();
      case Kind::criterion:
        return within(rules.criteria.size());
      case Kind::dose:
        return within(rules.doses.size());
      case Kind::give:
        return within(rules.gives.size());
      case Kind::interval:
        return within(rules.intervals.size());
      case Kind::count:
        return rules.count.has_value();
      case Kind::cap:
        return rules.cap.has_value();
      case Kind::governing:
        return rules.governing.has_value();
      case Kind::guard:
        return within(rules.guards.size());
      case Kind::wait:
        return within(rules.waits.size());
      case Kind::preparation:
        return within(rules.preparations.size());
      case Kind::prophylaxis:
        return within(rules.prophylaxis.size());
      case Kind::monitoring:
        return within(rules.monitoring.size());
    }
    return false;
  }
};

std::string line_at(std::string_view text, std::size_t offset) {
  const std::size_t at = std::min(offset, text.size());
  const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  return std::string(text.substr(begin, text.find('\n', begin) - begin));
}

}  // namespace

Parsed from_json(std::string_view json) {
  const Span whole{0, static_cast<std::uint32_t>(std::min(json.size(), max_json_bytes)), 1, 1};
  Parsed refused;
  const auto refuse = [&](std::string message) {
    refused.diagnostics.push_back({Severity::error, std::move(message), "", whole});
    return refused;
  };
  if (json.size() > max_json_bytes)
    return refuse(fmt::format("a protocol in JSON has at most {} bytes", max_json_bytes));
  if (bracket_depth(json) > max_json_depth)
    return refuse(fmt::format("this JSON nests more than {} deep", max_json_depth));
  const Json tree = Json::parse(json, nullptr, false);
  if (tree.is_discarded()) return refuse("this is not JSON");

  TreeReader reader;
  const Protocol built = reader.protocol(tree);
  if (!reader.problem.empty()) return refuse(reader.problem);
  const std::string text = to_text(built);
  Parsed parsed = parse_protocol(text);
  for (Diagnostic& diagnostic : parsed.diagnostics) {
    diagnostic.message += fmt::format(" (in: {})", line_at(text, diagnostic.span.offset));
    diagnostic.span = whole;
  }
  if (!parsed.ok()) return parsed;
  Json expected = json_tree(parsed.protocol);
  if (!tree.contains("order")) expected.erase("order");
  if (expected != tree) {
    const Json difference = Json::diff(tree, expected);
    return refuse(fmt::format("the field {} is unknown, or not as the protocol would write it",
                              difference.front().value("path", "")));
  }
  return parsed;
}

}  // namespace graftline::protocol
