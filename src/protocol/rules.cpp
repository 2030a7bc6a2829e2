#include "protocol/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "protocol/vocabulary.h"

namespace graftline::protocol {
namespace {

std::string label_if_any(Reader& reader) { return reader.at_string() ? reader.string("a label") : ""; }

std::optional<Expr> condition_if_any(Reader& reader, Scope& scope, bool allows_while = false) {
  if (!reader.accept_word("when") && !(allows_while && reader.accept_word("while"))) return std::nullopt;
  return parse_condition(reader, scope).expr;
}

constexpr std::array<std::string_view, 7> decision_words{"wait",    "hold", "stop",        "need data",
                                                         "outside", "ask",  "not eligible"};

}  // namespace

std::span<const std::string_view> decisions() { return decision_words; }

std::string_view keyword(Guard::Form form) {
  constexpr std::array<std::string_view, 5> words{"hold", "stop", "ask", "caution", "repeat"};
  return words.at(static_cast<std::size_t>(form));
}

std::string_view keyword(Claim::Form form) {
  constexpr std::array<std::string_view, 4> words{"never", "always", "reachable", "eventually"};
  return words.at(static_cast<std::size_t>(form));
}

Definition parse_definition(Reader& reader, Scope& scope, ParsedCondition& condition) {
  Definition definition;
  definition.name = reader.word("a name for the definition");
  definition.label = label_if_any(reader);
  condition = parse_condition(reader, scope);
  definition.when = condition.expr;
  definition.cite = reader.citation();
  return definition;
}

Criterion parse_criterion(Reader& reader, Scope& scope, bool include) {
  Criterion criterion;
  criterion.include = include;
  criterion.id = reader.word("a short id such as E5");
  criterion.label = reader.string("what the criterion says");
  if (!reader.failed()) criterion.when = parse_condition(reader, scope).expr;
  criterion.cite = reader.citation();
  return criterion;
}

Strategy parse_strategy(Reader& reader) {
  Strategy strategy;
  strategy.name = reader.word("a short name for the strategy");
  strategy.label = reader.string("what the strategy is");
  strategy.cite = reader.citation();
  return strategy;
}

Guard parse_guard(Reader& reader, Scope& scope, Guard::Form form) {
  Guard guard;
  guard.form = form;
  const bool needs_label = form == Guard::Form::ask || form == Guard::Form::caution;
  if (needs_label || reader.at_string()) {
    guard.label = reader.string(form == Guard::Form::ask       ? "the question"
                                : form == Guard::Form::caution ? "the caution"
                                                               : "a label");
  }
  guard.when = condition_if_any(reader, scope, true);
  if (!guard.when && !needs_label) {
    reader.fail_here(form == Guard::Form::hold ? "'while' and a condition" : "'when' and a condition");
  }
  guard.cite = reader.citation();
  return guard;
}

Wait parse_wait(Reader& reader, Scope& scope) {
  Wait wait;
  const std::size_t begin = reader.mark();
  wait.duration = reader.duration("a length of time");
  const Span length = reader.span_since(begin);
  reader.expect_word("after", "and the name of an event or a course");
  if (reader.failed()) return wait;
  reader.expect_days(wait.duration, length);
  const Token token = reader.peek();
  wait.after = reader.word("the name of an event or a course");
  bind_event(reader, scope, token.text, token.span, "what a wait counts from");
  wait.label = label_if_any(reader);
  wait.cite = reader.citation();
  return wait;
}

Preparation parse_preparation(Reader& reader, Scope& scope) {
  Preparation preparation;
  preparation.what = reader.string("what is prepared");
  const std::size_t begin = reader.mark();
  const auto range = reader.duration_range("hours or days");
  if (!reader.failed() && range.from.unit != range.to.unit) {
    reader.error(reader.span_since(begin), "both ends are counted in hours, or both in days");
  }
  const bool is_short = range.from.unit == TimeUnit::hours || range.from.unit == TimeUnit::days;
  if (!reader.failed() && !is_short)
    reader.error(reader.span_since(begin), "a preparation is counted in hours or days");
  preparation.from = range.from.count >= range.to.count ? range.from : range.to;
  preparation.to = range.from.count >= range.to.count ? range.to : range.from;
  if (!reader.accept_words({"before", "infusion"})) reader.fail_here("'before infusion'");
  if (reader.accept_words({"counted", "from"})) {
    const Token token = reader.peek();
    preparation.reference = reader.word("start, end or the name of a parameter");
    reader.expect_word("of", "and what is counted from");
    preparation.reference_of = reader.string("what is counted from");
    const bool is_fixed = preparation.reference == "start" || preparation.reference == "end";
    const Symbol* symbol = is_fixed || reader.failed() ? nullptr : scope.use(token.text);
    if (!is_fixed && (symbol == nullptr || symbol->kind != Symbol::Kind::parameter)) {
      reader.error(token.span, fmt::format("'{}' is neither start, nor end, nor a parameter", token.text));
    }
  }
  preparation.when = condition_if_any(reader, scope);
  preparation.cite = reader.citation();
  return preparation;
}

Prophylaxis parse_prophylaxis(Reader& reader, Scope& scope) {
  Prophylaxis prophylaxis;
  reader.expect_word("infusion", "and what is given");
  prophylaxis.what = reader.string("what is given");
  reader.expect_word("for", "and how long");
  const std::size_t begin = reader.mark();
  const auto range = reader.failed() ? Reader::DurationRange{} : reader.duration_range("a length of time");
  reader.expect_days(range.from, reader.span_since(begin));
  if (range.to.unit != range.from.unit) reader.expect_days(range.to, reader.span_since(begin));
  prophylaxis.at_least = range.from;
  prophylaxis.at_most = range.to;
  if (!reader.failed() && range.from.unit == range.to.unit && range.to.count < range.from.count) {
    reader.error(reader.span_since(begin), "the range runs from the longer to the shorter",
                 "write the shorter first");
  }
  prophylaxis.when = condition_if_any(reader, scope);
  prophylaxis.cite = reader.citation();
  return prophylaxis;
}

namespace {

// "day 28", "week 4", "28 days"; after the first, a bare number keeps the unit: "week 4, 8".
Duration parse_time_point(Reader& reader, std::optional<TimeUnit> unit_before) {
  Duration point;
  if (const auto unit = reader.accept_time_unit()) {
    point.unit = *unit;
    point.count = reader.integer("a number");
    return point;
  }
  const bool is_bare = reader.at_number() && unit_before;
  if (!is_bare) return reader.duration("day or week and a number");
  point.unit = *unit_before;
  point.count = reader.integer("a number");
  if (const auto unit = reader.accept_time_unit()) point.unit = *unit;
  return point;
}

void check_counted_in_days(Reader& reader, const Monitoring& monitoring, Span span) {
  std::vector<Duration> all = monitoring.at;
  for (const auto& duration : {monitoring.every, monitoring.from, monitoring.until}) {
    if (duration) all.push_back(*duration);
  }
  const auto is_days = [](const Duration& d) {
    return d.unit != TimeUnit::hours && d.unit != TimeUnit::calendar_months;
  };
  const auto odd = std::ranges::find_if_not(all, is_days);
  if (odd != all.end()) reader.expect_days(*odd, span);
}

Duration parse_period(Reader& reader) {
  if (const auto unit = reader.accept_time_unit()) return {1, *unit};
  return reader.duration("a length of time");
}

}  // namespace

Monitoring parse_monitoring(Reader& reader, Scope& scope) {
  Monitoring monitoring;
  monitoring.what = reader.string("what is looked at");
  const std::size_t begin = reader.mark();
  if (reader.accept_word("at")) {
    monitoring.at.push_back(parse_time_point(reader, std::nullopt));
    while (!reader.failed() && reader.accept_symbol(",")) {
      monitoring.at.push_back(parse_time_point(reader, monitoring.at.back().unit));
    }
  } else if (reader.accept_word("every")) {
    monitoring.every = parse_period(reader);
    if (!reader.failed() && monitoring.every->count < 1)
      reader.error(reader.span_since(begin), "a period is more than zero");
    if (reader.accept_word("from")) monitoring.from = parse_time_point(reader, std::nullopt);
    if (reader.accept_word("until")) monitoring.until = parse_time_point(reader, std::nullopt);
  } else if (reader.accept_words({"before", "infusion"})) {
    monitoring.before_infusion = true;
  } else {
    reader.fail_here("'at day 28', 'every 1 week' or 'before infusion'");
  }
  check_counted_in_days(reader, monitoring, reader.span_since(begin));
  monitoring.when = condition_if_any(reader, scope);
  monitoring.cite = reader.citation();
  return monitoring;
}

namespace {

void parse_claim_subject(Reader& reader, Claim& claim) {
  if (reader.accept_word("give")) {
    if (!reader.accept_word("level")) return;
    claim.about = Claim::About::give_level;
    claim.level = reader.integer("the number of the level");
    return;
  }
  if (reader.accept_words({"two", "infusions", "within"})) {
    claim.about = Claim::About::two_infusions_within;
    const std::size_t begin = reader.mark();
    claim.within = reader.duration("a length of time");
    reader.expect_days(claim.within, reader.span_since(begin));
    return;
  }
  claim.about = Claim::About::decision;
  for (const std::string_view decision : decision_words) {
    const std::size_t blank = decision.find(' ');
    const bool is_this = blank == std::string_view::npos
                             ? reader.accept_word(decision)
                             : reader.accept_words({decision.substr(0, blank), decision.substr(blank + 1)});
    if (!is_this) continue;
    claim.decision = decision;
    return;
  }
  reader.fail_here(
      "give, give level N, two infusions within ..., wait, hold, stop, need data, ask, outside or not "
      "eligible");
}

}  // namespace

Claim parse_claim(Reader& reader, Scope& scope) {
  Claim claim;
  bool has_form = false;
  for (const auto form :
       {Claim::Form::never, Claim::Form::always, Claim::Form::reachable, Claim::Form::eventually}) {
    if (!reader.accept_word(keyword(form))) continue;
    claim.form = form;
    has_form = true;
    break;
  }
  if (!has_form) {
    reader.fail_here("never, always, reachable or eventually",
                     did_you_mean(reader.peek().text, {"never", "always", "reachable", "eventually"}));
  }
  if (!reader.failed()) parse_claim_subject(reader, claim);
  claim.when = condition_if_any(reader, scope, true);
  return claim;
}

}  // namespace graftline::protocol
