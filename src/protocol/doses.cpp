// Rules about doses, infusions and the time between them.
#include <fmt/format.h>

#include "protocol/rules.h"
#include "protocol/units.h"
#include "protocol/vocabulary.h"

namespace graftline::protocol {
namespace {

struct Levels {
  int first = 1;
  int last = 1;
};

// "level 2", "level 2 to 3"; the word `level` has been read.
Levels parse_levels(Reader& reader) {
  const std::size_t begin = reader.mark();
  Levels levels;
  levels.first = levels.last = reader.integer("the number of the level");
  if (reader.accept_word("to")) levels.last = reader.integer("the number of the last level");
  if (reader.failed()) return levels;
  constexpr int highest = 100;
  if (levels.first < 1) reader.error(reader.span_since(begin), "levels count from 1");
  if (levels.last < levels.first)
    reader.error(reader.span_since(begin), "the levels run backwards", "write the lower level first");
  if (levels.last > highest)
    reader.error(reader.span_since(begin), fmt::format("a ladder has at most {} levels", highest));
  return levels;
}

void refuse_bare_dose(Reader& reader, Span span) {
  reader.fail(span, "a bare number is not a dose: say which cells, and per kg or in total",
              "write it as in 1e6 CD3/kg");
}

// A quantity parameter in CD3/kg.
Target parse_parameter_target(Reader& reader, Scope& scope) {
  Target target;
  const Token token = reader.peek();
  target.parameter = reader.word("a dose such as 1e6 CD3/kg");
  Symbol* symbol = scope.use(token.text);
  if (symbol == nullptr) {
    reader.error(token.span, fmt::format("'{}' is not declared", token.text), scope.suggest(token.text));
    return target;
  }
  if (!symbol->is_usable) return target;
  const bool is_quantity =
      symbol->kind == Symbol::Kind::parameter && scope.parameter(*symbol).type == ParameterType::quantity;
  if (!is_quantity) {
    reader.error(token.span, fmt::format("'{}' is no quantity of cells", token.text),
                 fmt::format("declare: parameter {} is quantity in CD3/kg", token.text));
    return target;
  }
  if (const auto unit = read_cell_unit(reader, scope.parameter(*symbol).unit, token.span)) {
    target.kind = unit->kind;
    target.per_kilogram = unit->per_kilogram;
  }
  return target;
}

bool unit_follows(const Reader& reader) {
  if (reader.peek().kind != TokenKind::word || reader.peek().starts_line) return false;
  for (const std::string_view word : {"to", "and", "of", "for", "from", "cite", "once"}) {
    if (reader.at_word(word)) return false;
  }
  return true;
}

// "3.0e7 CD3/kg", "1e5 to 1e6 CD3/kg", "1e5 CD3/kg to 1e6 CD3/kg", a parameter
Target parse_target(Reader& reader, Scope& scope, bool allows_range) {
  if (!reader.at_number()) {
    if (reader.peek().kind == TokenKind::word) return parse_parameter_target(reader, scope);
    if (reader.at_symbol("-")) reader.fail(reader.peek().span, "a dose is never negative");
    reader.fail_here("a dose such as 1e6 CD3/kg");
    return {};
  }
  const std::size_t begin = reader.mark();
  Target target;
  target.low = reader.decimal("a dose");
  target.high = target.low;
  std::optional<CellUnit> low_unit;
  const auto read = [&]() -> std::optional<CellUnit> {
    const std::size_t unit = reader.mark();
    const std::string_view text = reader.raw("the cells of the dose");
    return read_cell_unit(reader, text, reader.span_since(unit));
  };
  if (reader.failed()) return target;
  const bool has_low_unit = unit_follows(reader);
  if (has_low_unit) low_unit = read();
  std::optional<CellUnit> unit = low_unit;
  if (allows_range && reader.at_word("to") && reader.peek(1).kind == TokenKind::number) {
    reader.take();
    target.high = reader.decimal("a dose");
    if (reader.failed()) return target;
    if (unit_follows(reader)) {
      unit = read();
      if (low_unit && unit &&
          (low_unit->kind != unit->kind || low_unit->per_kilogram != unit->per_kilogram)) {
        reader.error(reader.span_since(begin), "the two ends of a range count different cells");
      }
    }
  }
  if (!unit && !has_low_unit && !reader.failed()) {
    refuse_bare_dose(reader, reader.span_since(begin));
    return target;
  }
  if (unit) {
    target.kind = unit->kind;
    target.per_kilogram = unit->per_kilogram;
  }
  if (target.low.mantissa <= 0) reader.error(reader.span_since(begin), "a dose is more than zero");
  if (target.high < target.low) {
    reader.error(reader.span_since(begin), "the range runs from the higher dose to the lower",
                 "write the lower dose first");
  }
  return target;
}

void parse_step(Reader& reader, Amount& amount) {
  const std::size_t begin = reader.mark();
  amount.low = reader.decimal("a number");
  amount.high = amount.low;
  if (reader.accept_word("to")) amount.high = reader.decimal("a number");
  if (reader.failed()) return;
  const bool is_factor = amount.form == Amount::Form::factor;
  if (amount.low.mantissa < 0 || (is_factor && amount.low.mantissa == 0)) {
    reader.error(reader.span_since(begin), "a step is more than zero");
  }
  if (amount.high < amount.low) {
    reader.error(reader.span_since(begin), "the range runs from the higher to the lower",
                 "write the lower number first");
  }
}

Amount parse_amount(Reader& reader, Scope& scope) {
  const std::size_t begin = reader.mark();
  Amount amount;
  if (reader.accept_words({"same", "as", "previous"})) {
    amount.form = Amount::Form::same;
  } else if (reader.accept_words({"not", "stated", "by", "the", "source"})) {
    amount.form = Amount::Form::not_stated;
  } else if (reader.accept_word("previous")) {
    if (reader.accept_symbol("+")) {
      amount.form = Amount::Form::log_step;
      parse_step(reader, amount);
      reader.expect_word("log", "(one log is ten times the previous dose)");
    } else if (reader.accept_word("x")) {
      amount.form = Amount::Form::factor;
      parse_step(reader, amount);
    } else {
      reader.fail_here("'+ N log' or 'x N'");
    }
  } else {
    amount.targets.push_back(parse_target(reader, scope, true));
    if (reader.accept_word("and")) {
      const std::size_t second = reader.mark();
      amount.targets.push_back(parse_target(reader, scope, true));
      if (!reader.failed() && amount.targets[0].kind == amount.targets[1].kind) {
        reader.error(reader.span_since(second),
                     "two targets of one dose count different cells, such as CD3 and MNC");
      }
    }
  }
  reader.accept_words({"of", "recipient", "weight"});  // always meant; the formatter leaves it out
  amount.span = reader.span_since(begin);
  return amount;
}

Window parse_row_window(Reader& reader, Scope& scope) {
  const std::size_t begin = reader.mark();
  Window window;
  if (!reader.accept_word("from")) return window;
  window.first = parse_anchor(reader, scope);
  if (reader.accept_word("to")) window.last = parse_anchor(reader, scope);
  window.span = reader.span_since(begin);
  check_order(reader, window);
  return window;
}

}  // namespace

DoseRow parse_dose(Reader& reader, Scope& scope) {
  DoseRow row;
  reader.expect_word("level", "and its number");
  if (reader.failed()) return row;
  const std::size_t begin = reader.mark();
  const Levels levels = parse_levels(reader);
  const Span span = reader.span_since(begin);
  row.first_level = levels.first;
  row.last_level = levels.last;
  if (!reader.failed()) row.amount = parse_amount(reader, scope);
  if (reader.accept_word("for")) row.when = parse_condition(reader, scope, false).expr;
  if (!reader.failed()) row.window = parse_row_window(reader, scope);
  row.cite = reader.citation();
  const bool needs_previous =
      row.amount.form != Amount::Form::targets && row.amount.form != Amount::Form::not_stated;
  if (!reader.failed() && needs_previous && row.first_level == 1) {
    reader.error(span, "level 1 is the first dose: there is no previous one to count from");
  }
  return row;
}

GiveRule parse_give(Reader& reader, Scope& scope) {
  GiveRule rule;
  reader.expect_word("level", "and its number");
  if (reader.failed()) return rule;
  const Levels levels = parse_levels(reader);
  rule.first_level = levels.first;
  rule.last_level = levels.last;
  const std::size_t begin = reader.mark();
  if (reader.accept_word("on")) {
    rule.window.first = rule.window.last = parse_anchor(reader, scope);
  } else if (reader.accept_word("within")) {
    const Duration length = reader.duration("a length of time");
    reader.expect_word("after", "the day it counts from");
    if (reader.failed()) return rule;
    rule.window.first = parse_anchor(reader, scope);
    rule.window.last = rule.window.first;
    if (!reader.failed() && rule.window.first->offset) {
      reader.error(rule.window.first->span, "'within ... after' counts from a plain anchor",
                   "write 'from ... to ...'");
    }
    rule.window.last->sign = 1;
    rule.window.last->offset = length;
  } else {
    rule.window = parse_row_window(reader, scope);
  }
  if (rule.window.is_written()) rule.window.span = reader.span_since(begin);
  rule.once = reader.accept_word("once");
  if (reader.accept_word("when")) rule.when = parse_condition(reader, scope).expr;
  rule.cite = reader.citation();
  return rule;
}

namespace {

// Complains when `longer` is certainly shorter.
void check_not_shorter(Reader& reader, const Duration& shorter, const Duration& longer, Span span,
                       std::string message) {
  const auto is_fixed = [](TimeUnit unit) {
    return unit != TimeUnit::hours && unit != TimeUnit::calendar_months;
  };
  const bool is_comparable = shorter.unit == longer.unit || (is_fixed(shorter.unit) && is_fixed(longer.unit));
  if (reader.failed() || !is_comparable) return;
  const int a = is_fixed(shorter.unit) ? in_days(shorter) : shorter.count;
  const int b = is_fixed(longer.unit) ? in_days(longer) : longer.count;
  if (b < a) reader.error(span, std::move(message));
}

}  // namespace

Interval parse_interval(Reader& reader, Scope& scope) {
  Interval interval;
  if (!reader.accept_words({"at", "least"})) reader.fail_here("'at least' and a length of time");
  if (reader.failed()) return interval;
  const std::size_t begin = reader.mark();
  interval.at_least = reader.duration("a length of time");
  reader.expect_days(interval.at_least, reader.span_since(begin));
  if (reader.accept_word("recommended")) {
    const auto range = reader.duration_range("a length of time");
    reader.expect_days(range.from, reader.span_since(begin));
    if (range.to.unit != range.from.unit) reader.expect_days(range.to, reader.span_since(begin));
    interval.recommended_from = range.from;
    interval.recommended_to = range.to;
    check_not_shorter(reader, range.from, range.to, reader.span_since(begin),
                      "the recommended interval ends before it begins");
    check_not_shorter(reader, interval.at_least, range.from, reader.span_since(begin),
                      "the recommended interval begins before the shortest that is allowed");
  }
  if (reader.accept_words({"at", "most"})) {
    interval.at_most = reader.duration("a length of time");
    reader.expect_days(*interval.at_most, reader.span_since(begin));
    check_not_shorter(reader, interval.at_least, *interval.at_most, reader.span_since(begin),
                      "the longest interval is shorter than the shortest");
  }
  if (reader.accept_words({"for", "level"})) {
    const Levels levels = parse_levels(reader);
    interval.first_level = levels.first;
    interval.last_level = levels.last;
  }
  if (reader.accept_word("when")) interval.when = parse_condition(reader, scope).expr;
  interval.cite = reader.citation();
  return interval;
}

Count parse_count(Reader& reader) {
  Count count;
  const std::size_t begin = reader.mark();
  if (reader.accept_words({"up", "to"})) {
    count.at_most = reader.integer("the number of infusions");
  } else {
    count.at_least = count.at_most = reader.integer("the number of infusions");
    if (reader.accept_word("to")) count.at_most = reader.integer("the largest number of infusions");
  }
  if (reader.failed()) return count;
  if (count.at_most < 1) reader.error(reader.span_since(begin), "a series has at least one infusion");
  if (count.at_most < count.at_least) {
    reader.error(reader.span_since(begin), "the numbers run backwards", "write the lower number first");
  }
  count.cite = reader.citation();
  return count;
}

Cap parse_cap(Reader& reader, Scope& scope) {
  Cap cap;
  if (reader.accept_word("none")) {
    cap.form = Cap::Form::none;
  } else if (reader.accept_words({"not", "stated", "by", "the", "source"})) {
    cap.form = Cap::Form::not_stated;
    reader.accept_symbol(",");
    if (reader.accept_words({"ask", "above"})) cap.target = parse_target(reader, scope, false);
  } else {
    cap.target = parse_target(reader, scope, false);
    reader.accept_words({"of", "recipient", "weight"});
  }
  cap.cite = reader.citation();
  return cap;
}

Cap parse_no_cap(Reader& reader) {
  Cap cap;
  cap.form = Cap::Form::none;
  reader.expect_word("cap", "");
  cap.cite = reader.citation();
  return cap;
}

Governing parse_governing(Reader& reader, Scope& scope) {
  Governing governing;
  reader.expect_word("target", "and which of the two decides");
  if (reader.failed()) return governing;
  const Token token = reader.peek();
  governing.target_or_parameter = reader.raw("CD3, MNC, both or the name of a parameter");
  if (reader.failed() || governing.target_or_parameter == "both") {
    governing.cite = reader.citation();
    return governing;
  }
  Kind kind = Kind::none;
  if (kind_from_name(governing.target_or_parameter, kind) && is_cell_kind(kind)) {
    governing.target_or_parameter = name(kind);
  } else if (const Symbol* symbol = scope.use(governing.target_or_parameter);
             symbol == nullptr || symbol->kind != Symbol::Kind::parameter) {
    reader.error(token.span,
                 fmt::format("'{}' is neither a kind of cell, nor both, nor a parameter",
                             governing.target_or_parameter),
                 "write CD3, MNC, both or the name of a parameter");
  }
  governing.cite = reader.citation();
  return governing;
}

}  // namespace graftline::protocol
