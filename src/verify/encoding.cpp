#include "verify/encoding.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/format.h"
#include "protocol/units.h"
#include "record/facts.h"

namespace graftline::verify {
namespace {

using protocol::Anchor;
using protocol::Expr;
using protocol::FactDeclaration;
using protocol::Op;
using protocol::Operand;
using record::FactType;

// Results of which the laboratory says that they tell nothing: neither the word asked for nor another.
bool tells_nothing(std::string_view word) { return word == "indeterminate" || word == "not_evaluable"; }

std::optional<Rational> in_unit_of(const record::Fact& row, Quantity quantity) {
  const auto unit = parse_unit(row.unit.empty() ? "1" : row.unit);
  if (!unit) return std::nullopt;
  quantity.kind = row.kind;
  const auto range = range_in(quantity, *unit, row.kind, protocol::molar_mass(row));
  if (!range || !range->is_point()) return std::nullopt;
  return *range->low;
}

}  // namespace

Encoding::Encoding(const protocol::Protocol& protocol, Solver& solver)
    : protocol_(protocol), solver_(solver) {}

std::string Encoding::timed(const std::string& name) const { return fmt::format("{}@{}", name, moment_); }

// Declarations that read the same record the same way are the same variable.
std::string Encoding::name_of(const FactDeclaration& fact) const {
  std::string name = fmt::format("{}/{}/{}", record::fact(fact.fact).id, static_cast<int>(fact.pick),
                                 protocol::to_text(fact.window));
  for (const auto& argument : fact.arguments) name += fmt::format("/{}={}", argument.name, argument.value);
  return name;
}

Formula Encoding::known_of(const std::string& name) {
  const Formula known = solver_.variable("known " + name);
  known_.emplace(name, known);
  return known;
}

Truths Encoding::decided(Formula known, Formula holds) {
  return {solver_.both(known, holds), solver_.both(known, solver_.negation(holds))};
}

Truths Encoding::opaque(const std::string& name) {
  return decided(known_of(name), solver_.variable("value " + name));
}

Formula Encoding::everything_known() {
  std::vector<Formula> all;
  for (const auto& [name, known] : known_) all.push_back(known);
  return solver_.all_of(all);
}

// Days
// ---------------------------------------------------------------------------------------------------------

Number Encoding::infusions() {
  const std::string name = timed("infusions");
  const Number n = solver_.integer(name);
  if (bounded_.emplace(name, true).second)
    solver_.assume(solver_.compare(Op::greater_or_equal, n, solver_.number(0)));
  return n;
}

Number Encoding::offset_of(const Anchor& anchor) {
  if (!anchor.offset) return solver_.number(0);
  if (anchor.offset->unit != protocol::TimeUnit::calendar_months)
    return solver_.number(anchor.sign * in_days(*anchor.offset));
  // A calendar month has 28 to 31 days.
  const std::string name = timed(fmt::format("{} months", anchor.offset->count));
  const Number days = solver_.integer(name);
  if (bounded_.emplace(name, true).second) {
    solver_.assume(
        solver_.compare(Op::greater_or_equal, days, solver_.number(28 * Rational(anchor.offset->count))));
    solver_.assume(
        solver_.compare(Op::less_or_equal, days, solver_.number(31 * Rational(anchor.offset->count))));
  }
  return solver_.scaled(anchor.sign, days);
}

// Days from the anchor's base, without its offset, to today.
Encoding::Side Encoding::days_since(const Anchor& anchor) {
  using Base = Anchor::Base;
  const auto number_at_least = [&](int count) {
    return solver_.compare(Op::greater_or_equal, infusions(), solver_.number(count));
  };
  Side side;
  side.known = solver_.truth(true);
  std::string name;
  switch (anchor.base) {
    case Base::today:
      side.value = solver_.number(0);
      return side;
    case Base::day_zero:
      name = "day 0";
      break;
    case Base::first_infusion:
    case Base::last_infusion:
    case Base::infusion: {
      const bool is_later = anchor.base == Base::infusion && anchor.infusion > 1;
      name = anchor.base == Base::last_infusion ? "last infusion"
             : is_later                         ? fmt::format("infusion {}", anchor.infusion)
                                                : "first infusion";
      side.known = number_at_least(is_later ? anchor.infusion : 1);
      side.since_no_infusion = true;
      break;
    }
    case Base::event:
      name = anchor.event + (anchor.or_today ? " or today" : "");
      if (!anchor.or_today) side.known = known_of("day of " + anchor.event);
      break;
  }
  const std::string variable = timed("days since " + name);
  side.value = solver_.integer(variable);
  if (bounded_.emplace(variable, true).second) {
    solver_.assume(solver_.compare(Op::greater_or_equal, side.value, solver_.number(0)));
    if (side.since_no_infusion) {
      // Infusions of the series lie between day 0 and today, the last after the first.
      const Number day = days_since(Anchor{}).value;
      solver_.assume(solver_.compare(Op::less_or_equal, side.value, day));
      const Number first = solver_.integer(timed("days since first infusion"));
      const Number last = solver_.integer(timed("days since last infusion"));
      solver_.assume(solver_.compare(Op::less_or_equal, last, first));
    }
  }
  return side;
}

// Today against the anchor's day: "today >= day +45" is "days since day 0 >= 45".
Formula Encoding::reached(const Anchor& anchor, Op op) {
  return solver_.compare(op, days_since(anchor).value, offset_of(anchor));
}

Truths Encoding::today_in(const protocol::Window& window) {
  std::vector<Formula> known;
  std::vector<Formula> inside;
  if (window.first) {
    known.push_back(days_since(*window.first).known);
    inside.push_back(reached(*window.first, Op::greater_or_equal));
  }
  if (window.last) {
    known.push_back(days_since(*window.last).known);
    inside.push_back(reached(*window.last, Op::less_or_equal));
  }
  return decided(solver_.all_of(known), solver_.all_of(inside));
}

// Values
// -------------------------------------------------------------------------------------------------------

Encoding::Side Encoding::fact_value(const FactDeclaration& fact) {
  const record::Fact& row = record::fact(fact.fact);
  const std::string name = name_of(fact);
  Side side;
  if (row.id == "days_since_transplant") {
    side = days_since(Anchor{});
    return side;
  }
  side.known = known_of(name);
  const bool is_quantity = row.type == FactType::quantity;
  side.value = is_quantity ? solver_.real("value " + name) : solver_.integer("value " + name);
  if (!bounded_.emplace(name, true).second) return side;
  const auto unit = parse_unit(row.unit.empty() ? "1" : row.unit);
  const bool may_be_negative = row.derivation == "chimerism_rise" || (unit && unit->is_special);
  if (!may_be_negative) solver_.assume(solver_.compare(Op::greater_or_equal, side.value, solver_.number(0)));
  if (!is_quantity) {
    const auto levels = static_cast<int>(record::levels_of(row).size());
    solver_.assume(solver_.compare(Op::less, side.value, solver_.number(levels)));
  } else if (protocol::is_share(row)) {
    solver_.assume(solver_.compare(Op::less_or_equal, side.value, solver_.number(100)));
  }
  return side;
}

bool Encoding::side(const Operand& operand, const Operand& other, Side& filled) {
  const FactDeclaration* beside =
      other.form == Operand::Form::fact ? protocol_.find_fact(other.name) : nullptr;
  filled.known = solver_.truth(true);
  switch (operand.form) {
    case Operand::Form::fact: {
      const FactDeclaration* fact = protocol_.find_fact(operand.name);
      // Of "any" value each comparison may be met by another one.
      if (fact == nullptr || fact->pick == protocol::Pick::any) return false;
      filled = fact_value(*fact);
      break;
    }
    case Operand::Form::level:
      filled.value = solver_.number(operand.level);
      return beside != nullptr;
    case Operand::Form::literal: {
      std::optional<Rational> value;
      if (beside != nullptr) {
        value = in_unit_of(record::fact(beside->fact), operand.quantity);
      } else {
        value = to_rational(operand.quantity.value);
        const auto days = parse_unit("d");
        if (other.form == Operand::Form::days_since && days && comparable(operand.quantity.unit, *days)) {
          if (const auto converted = convert(*value, operand.quantity.unit, *days)) value = *converted;
        }
      }
      if (!value) return false;
      filled.value = solver_.number(*value);
      break;
    }
    case Operand::Form::upper_limit: {
      if (beside == nullptr) return false;
      const std::string name = fmt::format("upper limit of {}", record::fact(beside->fact).id);
      filled.value = solver_.real(name);
      filled.known = known_of(name);
      if (bounded_.emplace(name, true).second)
        solver_.assume(solver_.compare(Op::greater, filled.value, solver_.number(0)));
      break;
    }
    case Operand::Form::parameter: {
      const protocol::Parameter* parameter = protocol_.find_parameter(operand.name);
      if (parameter == nullptr || parameter->type == protocol::ParameterType::word) return false;
      const std::string name = "parameter " + operand.name;
      filled.value = solver_.real(name);
      filled.known = known_of(name);
      break;
    }
    case Operand::Form::days_since:
      filled = days_since(operand.anchor);
      if (operand.anchor.offset) {
        filled.value = solver_.sum(filled.value, solver_.scaled(-1, offset_of(operand.anchor)));
      }
      break;
    case Operand::Form::infusions:
      filled.value = infusions();
      break;
  }
  if (operand.factor) filled.value = solver_.scaled(to_rational(*operand.factor), filled.value);
  return true;
}

Truths Encoding::comparison(const Expr& expr) {
  Side left;
  Side right;
  if (!side(expr.left, expr.right, left) || !side(expr.right, expr.left, right))
    return opaque(timed(to_text(expr)));
  const Formula holds = solver_.compare(expr.op, left.value, right.value);
  Truths result = decided(solver_.both(left.known, right.known), holds);
  for (const auto* level : {&expr.left, &expr.right}) {
    const Operand& fact = level == &expr.left ? expr.right : expr.left;
    if (level->form != Operand::Form::level || fact.form != Operand::Form::fact) continue;
    const FactDeclaration* declared = protocol_.find_fact(fact.name);
    const auto words = record::levels_of(record::fact(declared->fact));
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (!tells_nothing(words[i]) || level->name == words[i]) continue;
      const Formula is_it = solver_.compare(Op::equal, level == &expr.left ? right.value : left.value,
                                            solver_.number(static_cast<int>(i)));
      result = {solver_.both(result.yes, solver_.negation(is_it)),
                solver_.both(result.no, solver_.negation(is_it))};
    }
  }
  // Before the first infusion it is longer ago than any number of days.
  for (const auto& [own, op] : {std::pair{&left, expr.op}, std::pair{&right, expr.op}}) {
    if (!own->since_no_infusion) continue;
    const bool upward = own == &left ? op == Op::greater || op == Op::greater_or_equal
                                     : op == Op::less || op == Op::less_or_equal;
    const Formula never_given = solver_.negation(own->known);
    Formula& certain = upward || op == Op::not_equal ? result.yes : result.no;
    certain = solver_.either(certain, never_given);
  }
  return result;
}

Truths Encoding::membership(const Expr& expr) {
  const FactDeclaration* fact = protocol_.find_fact(expr.name);
  if (fact == nullptr || fact->pick == protocol::Pick::any) {
    if (fact != nullptr) return opaque(timed(to_text(expr)));
    // A word that the site chooses.
    const protocol::Parameter* parameter = protocol_.find_parameter(expr.name);
    std::vector<Formula> any;
    const Number value = solver_.integer("parameter " + expr.name);
    for (const std::string& word : expr.words) {
      const auto at = std::find(parameter->choices.begin(), parameter->choices.end(), word);
      any.push_back(solver_.compare(Op::equal, value,
                                    solver_.number(static_cast<int>(at - parameter->choices.begin()))));
    }
    return decided(known_of("parameter " + expr.name), solver_.any_of(any));
  }
  const Side value = fact_value(*fact);
  std::vector<Formula> any;
  for (const int level : expr.levels)
    any.push_back(solver_.compare(Op::equal, value.value, solver_.number(level)));
  return decided(value.known, solver_.any_of(any));
}

Truths Encoding::named(const Expr& expr) {
  if (const protocol::Definition* definition = protocol_.find_definition(expr.name)) {
    const std::string name = timed(expr.name);
    const auto known = definitions_.find(name);
    if (known != definitions_.end()) return known->second;
    const Truths truths = of(definition->when);
    definitions_.emplace(name, truths);
    return truths;
  }
  const FactDeclaration* fact = protocol_.find_fact(expr.name);
  return opaque(fact != nullptr ? name_of(*fact) : "judgement " + expr.name);
}

// At least k yes: certainly; at least size - k + 1 no: certainly not.
Truths Encoding::at_least(const Expr& expr) {
  std::vector<Formula> yes;
  std::vector<Formula> no;
  for (const Expr& child : expr.children) {
    const Truths truths = of(child);
    yes.push_back(truths.yes);
    no.push_back(truths.no);
  }
  const int size = static_cast<int>(expr.children.size());
  switch (expr.form) {
    case Expr::Form::all:
      return {solver_.all_of(yes), solver_.any_of(no)};
    case Expr::Form::any:
      return {solver_.any_of(yes), solver_.all_of(no)};
    default:
      return {solver_.at_least(expr.count, yes), solver_.at_least(size - expr.count + 1, no)};
  }
}

Truths Encoding::of(const Expr& expr) {
  switch (expr.form) {
    case Expr::Form::all:
    case Expr::Form::any:
    case Expr::Form::at_least:
      return at_least(expr);
    case Expr::Form::negation: {
      const Truths inner = of(expr.children.front());
      return {inner.no, inner.yes};
    }
    case Expr::Form::comparison: {
      const protocol::Parameter* word =
          expr.left.form == Operand::Form::parameter ? protocol_.find_parameter(expr.left.name) : nullptr;
      if (word == nullptr || word->type != protocol::ParameterType::word) return comparison(expr);
      const Formula same = solver_.compare(Op::equal, solver_.integer("parameter " + word->name),
                                           solver_.number(expr.right.level));
      return decided(known_of("parameter " + word->name),
                     expr.op == Op::equal ? same : solver_.negation(same));
    }
    case Expr::Form::membership:
      return membership(expr);
    case Expr::Form::is_true:
      return named(expr);
    case Expr::Form::held: {
      const FactDeclaration* fact = protocol_.find_fact(expr.name);
      const Truths truths = opaque(timed(fmt::format("{} held {}", name_of(*fact), to_text(expr.window))));
      return expr.at_no_time ? Truths{truths.no, truths.yes} : truths;
    }
    case Expr::Form::known: {
      const FactDeclaration* fact = protocol_.find_fact(expr.name);
      const std::string name = fact != nullptr                                  ? name_of(*fact)
                               : protocol_.find_parameter(expr.name) != nullptr ? "parameter " + expr.name
                                                                                : "judgement " + expr.name;
      if (free_known_) {
        const Formula asked = solver_.variable("asked whether known " + name);
        return {asked, solver_.negation(asked)};
      }
      // Not among what is known "when everything is known": it asks that very thing.
      const Formula known = solver_.variable("known " + name);
      return {known, solver_.negation(known)};
    }
    case Expr::Form::today:
      return today_in(expr.window);
  }
  return opaque(to_text(expr));
}

}  // namespace graftline::verify
