#include "protocol/comparisons.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "protocol/format.h"
#include "protocol/units.h"
#include "protocol/vocabulary.h"

namespace graftline::protocol {
namespace {

using Form = Operand::Form;
using record::FactType;

// Words that go on after an operand, so that "days since day 0 >= 30 and ..." ends its number there.
bool is_after_operand(const Token& token) {
  if (token.kind == TokenKind::end || token.kind == TokenKind::string || token.kind == TokenKind::number)
    return true;
  if (token.kind == TokenKind::symbol) {
    return token.text == ")" || token.text == "," || token.text == ";" || token.text == "}" ||
           op_of(token.text).has_value();
  }
  for (const std::string_view word : {"and", "or", "cite", "from", "when", "while", "once", "for"}) {
    if (token.text == word) return true;
  }
  return false;
}

void parse_literal(Reader& reader, Operand& operand, const Decimal& value) {
  operand.form = Form::literal;
  operand.quantity.value = value;
  operand.quantity_text = decimal_text(value);
  if (is_after_operand(reader.peek())) {
    operand.quantity.unit = *parse_unit("1");
    return;
  }
  const std::size_t begin = reader.mark();
  const std::string_view text = reader.raw("a unit");
  operand.quantity_text += fmt::format(" {}", text);
  const auto unit = read_unit(reader, text, reader.span_since(begin));
  if (!unit) return;
  operand.quantity.unit = unit->unit;
  operand.quantity.kind = unit->kind;
}

void parse_word_operand(Reader& reader, Scope& scope, Operand& operand) {
  const Token token = reader.peek();
  const Symbol* symbol = nullptr;
  if (reader.accept_words({"upper", "limit"})) {
    operand.form = Form::upper_limit;
  } else if (reader.accept_words({"days", "since"})) {
    operand.form = Form::days_since;
    operand.anchor = parse_anchor(reader, scope);
  } else if (reader.accept_words({"number", "of", "infusions"})) {
    operand.form = Form::infusions;
  } else if ((symbol = scope.find(token.text)) != nullptr) {
    reader.take();
    operand.name = token.text;
    operand.form = symbol->kind == Symbol::Kind::parameter ? Form::parameter : Form::fact;
  } else if (is_reserved(token.text)) {
    reader.fail_here("a condition");
  } else {
    reader.take();
    operand.form = Form::level;
    operand.level = -1;
    operand.name = token.text;
  }
}

const Symbol* symbol_of(Scope& scope, const Operand& operand) {
  return operand.form == Form::fact || operand.form == Form::parameter ? scope.find(operand.name) : nullptr;
}

std::optional<int> level_index(Scope& scope, const Symbol& symbol, std::string_view word) {
  if (symbol.kind == Symbol::Kind::fact) return record::level_of(scope.catalogue_row(symbol), word);
  if (symbol.kind != Symbol::Kind::parameter) return std::nullopt;
  const auto& choices = scope.parameter(symbol).choices;
  const auto found = std::ranges::find(choices, word);
  if (found == choices.end()) return std::nullopt;
  return static_cast<int>(found - choices.begin());
}

std::vector<std::string_view> levels_of(Scope& scope, const Symbol& symbol) {
  if (symbol.kind == Symbol::Kind::fact) return record::levels_of(scope.catalogue_row(symbol));
  const auto& choices = scope.parameter(symbol).choices;
  return {choices.begin(), choices.end()};
}

// Whether a symbol has levels at all; complains when not.
bool has_levels(Reader& reader, Scope& scope, const Symbol& symbol, std::string_view name, Span span) {
  if (symbol.kind == Symbol::Kind::fact) {
    const FactType type = scope.catalogue_row(symbol).type;
    if (type == FactType::ordinal || type == FactType::code) return true;
    if (type == FactType::quantity) {
      reader.error(span, fmt::format("'{}' is a quantity and has no levels", name),
                   fmt::format("compare it with an amount in {}", scope.catalogue_row(symbol).unit));
    } else {
      reader.error(span, fmt::format("'{}' is {}: it holds or not", name, with_article(type)),
                   fmt::format("write '{}' or 'not {}'", name, name));
    }
    return false;
  }
  if (symbol.kind == Symbol::Kind::parameter && scope.parameter(symbol).type == ParameterType::word)
    return true;
  reader.error(span, fmt::format("'{}' is {} and has no words to be compared with", name,
                                 symbol.kind == Symbol::Kind::parameter ? "a number or a length of time"
                                                                        : protocol::name(symbol.kind)));
  return false;
}

void refuse_level(Reader& reader, Scope& scope, const Symbol& symbol, std::string_view name,
                  std::string_view word, Span span) {
  const auto levels = levels_of(scope, symbol);
  std::string suggestion = did_you_mean(word, levels);
  reader.error(span, fmt::format("'{}' is not a level of '{}': {}", word, name, fmt::join(levels, ", ")),
               std::move(suggestion));
}

// False when a mistake was reported.
bool resolve_level(Reader& reader, Scope& scope, Operand& level, const Operand& subject) {
  const Symbol* symbol = symbol_of(scope, subject);
  if (symbol == nullptr) {
    reader.error(level.span, fmt::format("'{}' is not declared", level.name), scope.suggest(level.name));
    return false;
  }
  if (!symbol->is_usable) return true;
  const bool is_name_meant = symbol->kind == Symbol::Kind::fact &&
                             scope.catalogue_row(*symbol).type == FactType::quantity &&
                             level.form == Form::level;
  if (is_name_meant) {
    reader.error(level.span, fmt::format("'{}' is not declared", level.name), scope.suggest(level.name));
    return false;
  }
  if (!has_levels(reader, scope, *symbol, subject.name, subject.span)) return false;
  const auto index = level_index(scope, *symbol, level.name);
  if (!index) {
    refuse_level(reader, scope, *symbol, subject.name, level.name, level.span);
    return false;
  }
  level.level = *index;
  level.name = levels_of(scope, *symbol)[static_cast<std::size_t>(*index)];
  return true;
}

// "agvhd >= 2": a bare number beside a scale is one of its levels.
void number_to_level(Scope& scope, Operand& number, const Operand& subject) {
  const Symbol* symbol = symbol_of(scope, subject);
  if (symbol == nullptr || !symbol->is_usable || number.form != Form::literal || number.factor) return;
  if (symbol->kind != Symbol::Kind::fact || scope.catalogue_row(*symbol).type != FactType::ordinal) return;
  if (number.quantity_text.find(' ') != std::string::npos) return;
  number.name = number.quantity_text;
  number.form = Form::level;
  number.level = -1;
  number.quantity = {};
  number.quantity_text.clear();
}

struct Checker {
  Reader& reader;
  Scope& scope;
  Expr& expr;

  bool is_equality() const { return expr.op == Op::equal || expr.op == Op::not_equal; }

  // The type of a declared fact; none when it is broken or something else.
  const record::Fact* row(const Operand& side) const {
    const Symbol* symbol = symbol_of(scope, side);
    const bool is_fact = symbol != nullptr && symbol->kind == Symbol::Kind::fact && symbol->is_usable;
    return is_fact ? &scope.catalogue_row(*symbol) : nullptr;
  }
  const Parameter* parameter(const Operand& side) const {
    const Symbol* symbol = symbol_of(scope, side);
    const bool is_parameter =
        symbol != nullptr && symbol->kind == Symbol::Kind::parameter && symbol->is_usable;
    return is_parameter ? &scope.parameter(*symbol) : nullptr;
  }

  void check_factor(const Operand& side) {
    if (!side.factor) return;
    const auto* fact = row(side);
    const bool is_number = side.form == Form::upper_limit || side.form == Form::parameter ||
                           (fact != nullptr && fact->type == FactType::quantity) ||
                           (side.form == Form::fact && fact == nullptr);
    if (!is_number)
      reader.error(side.span, "only an upper limit, a quantity or a parameter can be multiplied");
  }

  // Both orders of the sides are checked the same way: `subject` is the fact, parameter or count.
  void check(Operand& subject, Operand& other) {
    if (const record::Fact* fact = row(subject)) return check_fact(subject, *fact, other);
    if (const Parameter* chosen = parameter(subject)) return check_parameter(subject, *chosen, other);
    if (subject.form == Form::days_since) return check_days(other);
    if (subject.form == Form::infusions) return check_count(other);
  }

  void check_fact(const Operand& subject, const record::Fact& fact, Operand& other) {
    if (fact.type == FactType::statement || fact.type == FactType::event || fact.type == FactType::course) {
      reader.error(subject.span,
                   fmt::format("'{}' is {}: it holds or not, there is nothing to compare", subject.name,
                               with_article(fact.type)),
                   fmt::format("write '{}' or 'not {}'", subject.name, subject.name));
    } else if (fact.type == FactType::quantity) {
      check_quantity(subject, fact, other);
    } else {
      check_scale(subject, fact, other);
    }
  }

  void check_quantity(const Operand& subject, const record::Fact& fact, Operand& other) {
    switch (other.form) {
      case Form::literal:
        return check_literal(subject, fact, other);
      case Form::upper_limit:
        if (!has_upper_limit(fact)) {
          reader.error(
              other.span,
              fmt::format("'{}' ({}) is no laboratory result with an upper limit", subject.name, fact.phrase),
              fmt::format("compare it with an amount in {}", fact.unit));
        }
        return;
      case Form::fact:
        if (const record::Fact* second = row(other)) check_two_quantities(subject, fact, other, *second);
        return;
      case Form::parameter:
        if (const Parameter* chosen = parameter(other))
          check_against_parameter(subject, fact, other, *chosen);
        return;
      case Form::days_since:
      case Form::infusions:
        reader.error(expr.span, fmt::format("'{}' is measured in {} and cannot be compared with a count",
                                            subject.name, fact.unit));
        return;
      case Form::level:
        return;  // reported when the level was resolved
    }
  }

  void check_literal(const Operand& subject, const record::Fact& fact, Operand& literal) {
    const bool is_bare = literal.quantity_text.find(' ') == std::string::npos;
    if (is_bare && !is_plain_number(fact)) {
      reader.error(literal.span,
                   fmt::format("{} has no unit; '{}' is measured in {}", literal.quantity_text, subject.name,
                               fact.unit),
                   fmt::format("write it as in {} {}", literal.quantity_text, fact.unit));
      return;
    }
    const std::string unit_text =
        is_bare ? "" : literal.quantity_text.substr(literal.quantity_text.find(' ') + 1);
    if (unit_text.empty() != is_bare || literal.quantity.unit.code.empty())
      return;  // reported when the unit was read
    if (!check_unit(reader, fact, {literal.quantity.unit, literal.quantity.kind, unit_text}, subject.name,
                    literal.span))
      return;
    literal.quantity.kind = fact.kind;
    check_possible(reader, fact, literal.quantity, literal.span);
  }

  void check_two_quantities(const Operand& a, const record::Fact& first, const Operand& b,
                            const record::Fact& second) {
    if (second.type != FactType::quantity) {
      reader.error(b.span,
                   fmt::format("'{}' is {}, '{}' a quantity", b.name, with_article(second.type), a.name));
    } else if (auto unit = parse_unit(second.unit)) {
      check_unit(reader, first, {*std::move(unit), second.kind, std::string(second.unit)}, a.name, b.span);
    }
  }

  void check_against_parameter(const Operand& subject, const record::Fact& fact, const Operand& other,
                               const Parameter& chosen) {
    if (chosen.type == ParameterType::quantity) {
      if (const auto unit = read_unit(reader, chosen.unit, other.span))
        check_unit(reader, fact, *unit, subject.name, other.span);
    } else if (chosen.type != ParameterType::number || !is_plain_number(fact)) {
      reader.error(
          other.span,
          fmt::format("'{}' is measured in {}; '{}' has no such unit", subject.name, fact.unit, other.name),
          fmt::format("declare: parameter {} is quantity in {}", other.name, fact.unit));
    }
  }

  void check_scale(const Operand& subject, const record::Fact& fact, const Operand& other) {
    if (!is_equality() && fact.type == FactType::code) {
      reader.error(expr.span, fmt::format("the words of '{}' have no order", subject.name),
                   "write 'is', 'is not' or 'in {...}'");
      return;
    }
    if (other.form == Form::level) return;
    if (const Parameter* chosen = parameter(other)) return check_choices(subject, fact, other, *chosen);
    const record::Fact* second = row(other);
    if (other.form == Form::fact && second == nullptr) return;
    if (second != nullptr && second->levels == fact.levels) return;
    reader.error(other.span, fmt::format("'{}' is compared with one of its levels: {}", subject.name,
                                         fmt::join(record::levels_of(fact), ", ")));
  }

  // "agvhd >= hold_grade": every choice of the parameter is a level of the fact.
  void check_choices(const Operand& subject, const record::Fact& fact, const Operand& other,
                     const Parameter& chosen) {
    const auto odd = std::ranges::find_if(
        chosen.choices, [&](const std::string& choice) { return !record::level_of(fact, choice); });
    if (chosen.type == ParameterType::word && odd == chosen.choices.end()) return;
    reader.error(
        other.span,
        chosen.type == ParameterType::word
            ? fmt::format("the choice '{}' of '{}' is not a level of '{}'", *odd, other.name, subject.name)
            : fmt::format("'{}' is no choice of words", other.name),
        fmt::format("the levels are {}", fmt::join(record::levels_of(fact), ", ")));
  }

  void check_parameter(const Operand& subject, const Parameter& chosen, const Operand& other) {
    if (chosen.type == ParameterType::word) {
      if (!is_equality()) {
        reader.error(expr.span, fmt::format("the choices of '{}' have no order", subject.name),
                     "write 'is', 'is not' or 'in {...}'");
      } else if (other.form != Form::level) {
        reader.error(other.span, fmt::format("'{}' is compared with one of its choices: {}", subject.name,
                                             fmt::join(chosen.choices, ", ")));
      }
      return;
    }
    const bool is_bare = other.form == Form::literal && other.quantity_text.find(' ') == std::string::npos;
    const Parameter* second = parameter(other);
    const bool is_number = is_bare || (second != nullptr && second->type == ParameterType::number);
    if (chosen.type == ParameterType::number && is_number) return;
    if (other.form == Form::parameter && second == nullptr) return;
    reader.error(
        expr.span, fmt::format("'{}' cannot be compared with this", subject.name),
        "a number parameter is compared with a bare number; others are used by the rules themselves");
  }

  // Days since an anchor: whole days or weeks; a bare number is days.
  void check_days(Operand& other) {
    if (other.form == Form::days_since) return;
    if (other.form == Form::parameter) {
      const Parameter* chosen = parameter(other);
      if (chosen == nullptr || chosen->type == ParameterType::duration ||
          chosen->type == ParameterType::number)
        return;
      reader.error(other.span, fmt::format("'{}' is no length of time", other.name));
      return;
    }
    const bool is_bare = other.form == Form::literal && other.quantity_text.find(' ') == std::string::npos;
    if (is_bare) {
      other.quantity.unit = *parse_unit("d");
      return;
    }
    const bool is_fixed =
        other.form == Form::literal && (other.quantity.unit.code == "d" || other.quantity.unit.code == "wk");
    if (!is_fixed) {
      reader.error(other.span, "days since a day are compared with a number of days or weeks",
                   "count months as days: 30 each, 365 for twelve");
    }
  }

  void check_count(const Operand& other) {
    const bool is_bare = other.form == Form::literal && other.quantity_text.find(' ') == std::string::npos;
    if (is_bare || other.form == Form::infusions) return;
    if (other.form == Form::parameter) {
      const Parameter* chosen = parameter(other);
      if (chosen == nullptr || chosen->type == ParameterType::number) return;
    }
    reader.error(other.span, "the number of infusions is compared with a bare number");
  }
};

// What other languages write.
constexpr std::array<std::pair<std::string_view, Op>, 4> foreign_signs{
    {{"==", Op::equal}, {"<>", Op::not_equal}, {"=>", Op::greater_or_equal}, {"=<", Op::less_or_equal}}};

bool is_subject(const Operand& operand) {
  return operand.form == Form::fact || operand.form == Form::parameter || operand.form == Form::days_since ||
         operand.form == Form::infusions;
}

}  // namespace

std::optional<Op> op_of(std::string_view sign) {
  for (const auto& [foreign, op] : foreign_signs) {
    if (foreign == sign) return op;
  }
  for (const Op op :
       {Op::less, Op::less_or_equal, Op::equal, Op::not_equal, Op::greater_or_equal, Op::greater}) {
    if (symbol(op) == sign) return op;
  }
  return std::nullopt;
}

Operand parse_operand(Reader& reader, Scope& scope, const Operand* other) {
  const std::size_t begin = reader.mark();
  Operand operand;
  const bool is_negative = reader.at_symbol("-") && reader.peek(1).kind == TokenKind::number;
  if (is_negative) reader.take();
  if (reader.at_number()) {
    Decimal value = reader.decimal("a number");
    if (is_negative) value.mantissa = -value.mantissa;
    if (!reader.failed() && (reader.accept_word("x") || reader.accept_symbol("*"))) {
      operand.factor = value;
      if (reader.peek().kind == TokenKind::word) {
        parse_word_operand(reader, scope, operand);
      } else {
        reader.fail_here("'upper limit', or the name of a quantity or parameter");
      }
    } else if (!reader.failed()) {
      parse_literal(reader, operand, value);
    }
  } else if (reader.peek().kind == TokenKind::word) {
    const Symbol* subject = other == nullptr ? nullptr : symbol_of(scope, *other);
    const std::string_view word = reader.peek().text;
    if (subject != nullptr && subject->is_usable && level_index(scope, *subject, word)) {
      reader.take();
      operand.form = Form::level;
      operand.level = -1;
      operand.name = word;
    } else {
      parse_word_operand(reader, scope, operand);
    }
  } else if (reader.at_string() && other != nullptr) {
    operand.form = Form::level;
    operand.level = -1;
    operand.name = unquoted(reader.take());
  } else {
    reader.fail_here(other == nullptr ? "a condition" : "something to compare with");
  }
  if (const Symbol* symbol = symbol_of(scope, operand)) scope.use(operand.name), (void)symbol;
  operand.span = reader.span_since(begin);
  return operand;
}

void read_level(Reader& reader, Scope& scope, const Symbol* symbol, std::string_view name,
                std::vector<std::string>& words, std::vector<int>& levels) {
  const std::size_t begin = reader.mark();
  const Token first = reader.peek();
  const bool is_word =
      first.kind == TokenKind::word || first.kind == TokenKind::number || first.kind == TokenKind::string;
  if (!is_word) return reader.fail_here("a word");
  std::string word = first.kind == TokenKind::string ? unquoted(first) : std::string(first.text);
  reader.take();
  if (symbol == nullptr || !symbol->is_usable) {
    words.push_back(std::move(word));
    return;
  }
  if (!has_levels(reader, scope, *symbol, name, first.span)) return;
  // "matched unrelated" is the level matched_unrelated: the longest run of words that is a level counts.
  constexpr std::size_t longest = 5;
  std::optional<int> index = level_index(scope, *symbol, word);
  std::size_t best_end = reader.mark();
  for (std::size_t more = 1; more < longest && reader.peek().kind == TokenKind::word; ++more) {
    reader.take();
    const std::string run(reader.text_since(begin));
    if (const auto found = level_index(scope, *symbol, run)) {
      index = found;
      best_end = reader.mark();
    }
  }
  reader.reset(best_end);
  if (!index) return refuse_level(reader, scope, *symbol, name, word, first.span);
  const auto canonical = levels_of(scope, *symbol)[static_cast<std::size_t>(*index)];
  if (std::ranges::find(levels, *index) != levels.end()) {
    reader.error(reader.span_since(begin), fmt::format("'{}' stands twice", canonical));
  }
  words.emplace_back(canonical);
  levels.push_back(*index);
}

void bind_comparison(Reader& reader, Scope& scope, Expr& comparison) {
  Operand& left = comparison.left;
  Operand& right = comparison.right;
  number_to_level(scope, right, left);
  number_to_level(scope, left, right);
  for (const auto& [level, subject] : {std::pair{&right, &left}, std::pair{&left, &right}}) {
    if (level->form != Form::level) continue;
    if (!resolve_level(reader, scope, *level, *subject)) return;
  }
  for (const Operand* side : {&left, &right}) {
    const Symbol* symbol = side->form == Form::fact ? scope.find(side->name) : nullptr;
    if (symbol == nullptr || symbol->kind == Symbol::Kind::fact) continue;
    reader.error(side->span, fmt::format("'{}' is {}: it holds or not, there is nothing to compare",
                                         side->name, with_article(symbol->kind)));
    return;
  }
  Checker checker{reader, scope, comparison};
  checker.check_factor(left);
  checker.check_factor(right);
  if (is_subject(left)) return checker.check(left, right);
  if (is_subject(right)) return checker.check(right, left);
  if (left.form == Form::level || right.form == Form::level) return;  // reported above
  reader.error(comparison.span, "this compares two numbers and says nothing about the patient");
}

}  // namespace graftline::protocol
