#include "engine/doses.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/settle.h"
#include "product/counts.h"
#include "protocol/format.h"

namespace graftline::engine {
namespace {

using protocol::Amount;
using protocol::DoseRow;
using protocol::Target;

Missing missing_parameter(const std::string& name, const protocol::Protocol& protocol) {
  Missing result;
  result.name = name;
  const protocol::Parameter* declared = protocol.find_parameter(name);
  result.phrase =
      declared != nullptr && !declared->description.empty() ? declared->description : "parameter of the site";
  result.reasons = Reason::parameter_not_set;
  result.needed_by = {"dose"};
  return result;
}

// The number of a setting such as "3e5 CD3/kg"; its unit was checked when the protocol was read.
std::optional<Rational> number_of(const std::string& setting) {
  const auto number = parse_decimal(std::string_view(setting).substr(0, setting.find(' ')));
  if (!number) return std::nullopt;
  return to_rational(*number);
}

std::optional<TargetDose> target_dose(const Target& target, const Evaluator& evaluator, NextDose& next) {
  TargetDose dose;
  dose.kind = target.kind;
  dose.per_kilogram = target.per_kilogram;
  if (target.parameter.empty()) {
    dose.low = to_rational(target.low);
    dose.high = to_rational(target.high);
    return dose;
  }
  const auto setting = evaluator.parameter(target.parameter);
  const auto number = setting ? number_of(*setting) : std::nullopt;
  if (!number) {
    next.gap = DoseGap::ask;
    next.reasons |= setting ? Reason::unreadable : Reason::parameter_not_set;
    next.because = fmt::format("the dose is the site parameter {}, which is {}", target.parameter,
                               setting ? "not a dose" : "not set");
    next.missing.push_back(missing_parameter(target.parameter, evaluator.protocol()));
    return std::nullopt;
  }
  dose.low = *number;
  dose.high = *number;
  return dose;
}

// 10^step, exact for whole steps; a half step is the conventional 3.162 (10^0.5 to four figures).
Rational power(const Decimal& step, bool& rounded) {
  const Rational exact = to_rational(step);
  const auto whole = static_cast<long>(numerator(exact) / denominator(exact));
  Rational result = 1;
  for (long i = 0; i < std::abs(whole); ++i) {
    if (whole > 0) result *= 10;
    if (whole < 0) result /= 10;
  }
  const Rational rest = exact - whole;
  if (rest == 0) return result;
  rounded = true;
  const double factor = std::pow(10.0, graftline::to_double(rest));
  return result * Rational(std::lround(factor * 1000.0), 1000);
}

void step_from(const Amount& amount, const std::vector<TargetDose>& previous, Dose& dose) {
  bool rounded = false;
  Rational low = 1;
  Rational high = 1;
  if (amount.form == Amount::Form::log_step) {
    low = power(amount.low, rounded);
    high = power(amount.high, rounded);
  } else if (amount.form == Amount::Form::factor) {
    low = to_rational(amount.low);
    high = to_rational(amount.high);
  }
  for (TargetDose target : previous) {
    target.low *= low;
    target.high *= high;
    target.rounded = rounded;
    dose.targets.push_back(target);
  }
  dose.step = fmt::format("{}, previous {}", to_text(amount), to_text(previous.front()));
}

// Above a cap the cap is given; above what the source caps nowhere, a physician is asked.
void apply_cap(const protocol::Cap* cap, bool is_step, const Evaluator& evaluator, NextDose& next) {
  using Form = protocol::Cap::Form;
  if (cap == nullptr || cap->form == Form::none || !next.dose) return;
  std::optional<TargetDose> bound;
  if (cap->target) {
    bound = target_dose(*cap->target, evaluator, next);
    if (!bound) {
      next.dose.reset();
      return;
    }
  }
  for (TargetDose& target : next.dose->targets) {
    if (bound && (target.kind != bound->kind || target.per_kilogram != bound->per_kilogram)) continue;
    const bool above = bound ? target.high > bound->high : is_step;
    if (!above) continue;
    if (cap->form == Form::amount) {
      target.high = bound->high;
      target.low = std::min(target.low, target.high);
      next.dose->capped = true;
      continue;
    }
    next.gap = DoseGap::ask;
    next.reasons |= Reason::not_stated_by_source;
    next.because = fmt::format(
        "cap undefined: the source states no highest dose here, and the step leads to {}; a physician "
        "decides",
        to_text(target));
    next.dose.reset();
    return;
  }
}

// Of what the last infusion delivered, the kinds of cell that the table doses; all, where it names none.
std::vector<TargetDose> of_the_table(std::vector<TargetDose> delivered,
                                     const std::vector<const DoseRow*>& rows) {
  std::vector<Kind> dosed;
  for (const DoseRow* row : rows) {
    for (const Target& target : row->amount.targets) dosed.push_back(target.kind);
  }
  if (dosed.empty()) return delivered;
  // Kinds that every row of amounts doses together have to be on record together: a step from one of two
  // targets alone would quietly drop the other.
  const bool lacks_a_target = std::any_of(dosed.begin(), dosed.end(), [&](Kind kind) {
    const bool in_every_row = std::all_of(rows.begin(), rows.end(), [kind](const DoseRow* row) {
      return row->amount.targets.empty() ||
             std::any_of(row->amount.targets.begin(), row->amount.targets.end(),
                         [kind](const Target& target) { return target.kind == kind; });
    });
    return in_every_row && std::none_of(delivered.begin(), delivered.end(),
                                        [kind](const TargetDose& target) { return target.kind == kind; });
  });
  if (lacks_a_target) return {};
  std::erase_if(delivered, [&](const TargetDose& target) {
    return std::find(dosed.begin(), dosed.end(), target.kind) == dosed.end();
  });
  return delivered;
}

Answer row_applies(const DoseRow& row, const Evaluator& evaluator, std::vector<Missing>& missing) {
  Answer applies = answer(true);
  if (row.when) {
    const Node node = evaluator.evaluate(*row.when);
    collect_missing(node, "dose", evaluator.protocol(), missing);
    applies = node.answer;
  }
  return applies & evaluator.today_in(row.window);
}

}  // namespace

int last_level(const RuleSet& rules) {
  int last = 0;
  for (const DoseRow* row : rules.all(&protocol::Rules::doses)) last = std::max(last, row->last_level);
  return last;
}

std::vector<TargetDose> delivered(const record::Entry& infusion) {
  std::vector<TargetDose> result;
  const auto per_kilogram = parse_unit("/kg");
  for (const Quantity& amount : infusion.amounts) {
    if (!per_kilogram || !comparable(amount.unit, *per_kilogram) || amount.comparator != Comparator::none)
      continue;
    const auto value = convert(to_rational(amount.value), amount.unit, *per_kilogram);
    if (!value) continue;
    result.push_back({amount.kind, true, *value, *value, false});
  }
  return result;
}

NextDose dose_at(int level, const std::vector<TargetDose>& previous, const RuleSet& rules,
                 const Evaluator& evaluator) {
  NextDose next;
  const auto rows = rules.all(&protocol::Rules::doses);
  if (rows.empty()) {
    next.gap = DoseGap::ask;
    next.reasons = Reason::not_stated_by_source;
    next.because = "the protocol holds no dose: not stated by the source";
    return next;
  }
  if (level > last_level(rules)) {
    next.gap = DoseGap::past_ladder;
    next.because = fmt::format("the ladder ends at level {}", last_level(rules));
    return next;
  }
  // The first row that applies is the dose; a row above it that may apply leaves the dose unknown.
  std::vector<const DoseRow*> applying;
  Answer open = answer(false);
  Answer above = answer(false);
  for (const DoseRow* row : rows) {
    if (level < row->first_level || level > row->last_level) continue;
    const Answer applies = row_applies(*row, evaluator, next.missing);
    open = open | applies;
    if (applies.truth == Truth::yes) {
      applying.push_back(row);
      break;
    }
    above = above | applies;
  }
  if (applying.empty() && open.truth == Truth::no) {
    next.missing.clear();
    next.gap = DoseGap::no_row;
    next.because = fmt::format("the dose table has no row for this patient today (level {})", level);
    return next;
  }
  if (applying.empty() || above.truth == Truth::unknown) {
    next.gap = DoseGap::unknown;
    next.reasons = above.reasons;
    next.because = "which row of the dose table applies is unknown";
    return next;
  }
  next.missing.clear();
  const DoseRow& row = *applying.front();
  next.dose = Dose{};
  next.dose->level = level;
  next.dose->cite = row.cite ? &*row.cite : nullptr;
  next.dose->span = row.span;
  const bool is_step =
      row.amount.form != Amount::Form::targets && row.amount.form != Amount::Form::not_stated;
  if (row.amount.form == Amount::Form::not_stated) {
    next.dose.reset();
    next.gap = DoseGap::ask;
    next.reasons = Reason::not_stated_by_source;
    next.because = fmt::format("the dose of level {} is not stated by the source; none is computed", level);
    return next;
  }
  if (is_step) {
    const std::vector<TargetDose> steps_from = of_the_table(previous, rows);
    if (steps_from.empty()) {
      next.dose.reset();
      next.gap = DoseGap::unknown;
      next.reasons = Reason::never_measured;
      next.because = "the next dose is a step from the last, whose cells per kg are not on record";
      next.missing.push_back({"dose of the last infusion",
                              "cells per kg of the last infusion",
                              Reason::never_measured,
                              {"dose"}});
      return next;
    }
    step_from(row.amount, steps_from, *next.dose);
  } else {
    for (const Target& target : row.amount.targets) {
      auto dose = target_dose(target, evaluator, next);
      if (!dose) {
        next.dose.reset();
        return next;
      }
      next.dose->targets.push_back(*dose);
    }
  }
  apply_cap(rules.one(&protocol::Rules::cap), is_step, evaluator, next);
  return next;
}

std::string power_of_ten(const Rational& value, int figures) { return product::power_of_ten(value, figures); }

std::string to_text(const TargetDose& target) {
  std::string text = power_of_ten(target.low);
  if (target.high != target.low) text += " to " + power_of_ten(target.high);
  return fmt::format("{} {}{}", text, full_name(target.kind), target.per_kilogram ? " per kg" : "");
}

std::string to_text(const Dose& dose) {
  std::string text;
  for (const TargetDose& target : dose.targets) text += (text.empty() ? "" : " and ") + to_text(target);
  return text;
}

}  // namespace graftline::engine
