#include "engine/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/doses.h"
#include "engine/evaluate.h"
#include "product/counts.h"
#include "protocol/format.h"
#include "record/facts.h"

namespace graftline::engine {
namespace {

constexpr int weight_valid_days = 30;  // [conv C6]

// Weeks of "until week 8" and days of "at day 28" count from the infusion.
int days_of(const protocol::Duration& duration) {
  return duration.unit == protocol::TimeUnit::hours ? (duration.count + 23) / 24 : in_days(duration);
}

DosingWeight dosing_weight(const record::View& view) {
  DosingWeight result;
  const record::FactId weight = record::fact_id("weight");
  const record::Window recent{view.as_of() - weight_valid_days, view.as_of()};
  const record::Reading reading = view.read(weight, record::Pick::latest, recent);
  const auto kilogram = parse_unit("kg");
  ensure(static_cast<bool>(kilogram), "kg is UCUM");
  if (reading.members.size() == 1 && reading.reasons.empty()) {
    const record::Member& member = reading.members.front();
    const auto* quantity = std::get_if<Quantity>(&member.value);
    if (quantity != nullptr && quantity->comparator == Comparator::none) {
      if (const auto value = convert(to_rational(quantity->value), quantity->unit, *kilogram);
          value && *value > 0) {
        result.kilograms = *value;
        const Evidence evidence = evidence_of("weight", *member.evidence.front());
        result.text = evidence.value;
        result.date = evidence.date;
        result.origin = evidence.origin;
        return result;
      }
    }
    result.reasons = member.reasons.empty() ? ReasonSet(Reason::unreadable) : member.reasons;
    return result;
  }
  result.reasons = reading.reasons;
  for (const record::Entry* entry : reading.nearest) {
    const Evidence evidence = evidence_of("weight", *entry);
    result.too_old = fmt::format("{} of {}", evidence.value, evidence.date);
  }
  return result;
}

std::string governing_target(const protocol::Governing* rule, const Evaluator& evaluator) {
  if (rule == nullptr) return "";
  if (evaluator.protocol().find_parameter(rule->target_or_parameter) == nullptr)
    return rule->target_or_parameter;
  return evaluator.parameter(rule->target_or_parameter).value_or("not set");
}

std::vector<PlannedTarget> planned_targets(const Dose& dose, const DosingWeight& weight,
                                           const std::vector<TargetDose>& previous,
                                           const std::optional<product::Product>& product,
                                           const std::string& governing) {
  std::vector<PlannedTarget> result;
  for (const TargetDose& target : dose.targets) {
    PlannedTarget planned;
    planned.dose = target;
    planned.governs = governing == name(target.kind) || (dose.targets.size() == 1);
    if (!target.per_kilogram) {
      planned.cells_low = target.low;
      planned.cells_high = target.high;
    } else if (weight.kilograms) {
      planned.cells_low = target.low * *weight.kilograms;
      planned.cells_high = target.high * *weight.kilograms;
    }
    for (const TargetDose& last : previous) {
      if (last.kind == target.kind && last.per_kilogram == target.per_kilogram && last.high > 0) {
        planned.ratio_to_last = Rational(target.high / last.high);
      }
    }
    if (product) {
      const auto per_ml = product::viable_per_ml(*product, target.kind);
      if (!per_ml) {
        planned.volume_gap = per_ml.error().message;
      } else if (!planned.cells_low) {
        planned.volume_gap = "the weight is unknown";
      } else if (per_ml->value() > 0) {
        planned.volume_ml = graftline::to_double(Rational(*planned.cells_low / per_ml->value()));
        planned.volume_ml_high = graftline::to_double(Rational(*planned.cells_high / per_ml->value()));
      } else {
        planned.volume_gap = fmt::format("the product holds no viable {} cells", name(target.kind));
      }
    }
    result.push_back(std::move(planned));
  }
  if (!product || !weight.kilograms) return result;
  for (PlannedTarget& target : result) {
    if (!target.volume_ml) continue;
    for (const PlannedTarget& other : result) {
      const auto per_ml = product::viable_per_ml(*product, other.dose.kind);
      if (&other == &target || !per_ml) continue;
      const double cells = *target.volume_ml * graftline::to_double(per_ml->value());
      target.also_delivers.push_back({other.dose.kind, cells / graftline::to_double(*weight.kilograms)});
    }
  }
  return result;
}

Answer applies(const std::optional<protocol::Expr>& when, const Evaluator& evaluator) {
  return when ? evaluator.evaluate(*when).answer : answer(true);
}

template <class T> const protocol::Citation* cite_of(const T& rule) {
  return rule.cite ? &*rule.cite : nullptr;
}

void add_tasks(const RuleSet& rules, const Evaluator& evaluator, PlannedInfusion& infusion) {
  const std::optional<Day> day = infusion.assumed_day;
  for (const protocol::Preparation* rule : rules.all(&protocol::Rules::preparations)) {
    DatedTask task{rule->what,    std::nullopt, std::nullopt, "", applies(rule->when, evaluator),
                   cite_of(*rule)};
    if (task.applies.truth == Truth::no) continue;
    std::string counted = rule->reference;
    if (evaluator.protocol().find_parameter(rule->reference) != nullptr) {
      counted = evaluator.parameter(rule->reference).value_or("");
    }
    const std::string count_text =
        rule->from.unit == rule->to.unit ? std::to_string(rule->from.count) : to_text(rule->from);
    task.timing = fmt::format("{} to {} before infusion", count_text, to_text(rule->to));
    if (rule->reference.empty()) {
      // nothing more to say
    } else if (counted.empty()) {
      task.timing += fmt::format(", counted from a point of {} that is not stated (parameter {} not set)",
                                 rule->reference_of, rule->reference);
    } else {
      task.timing += fmt::format(", counted from the {} of {}", counted, rule->reference_of);
    }
    if (day) {
      task.first = *day - days_of(rule->from);
      task.last = *day - days_of(rule->to);
    }
    infusion.preparation.push_back(std::move(task));
  }
  for (const protocol::Prophylaxis* rule : rules.all(&protocol::Rules::prophylaxis)) {
    DatedTask task{rule->what, day, std::nullopt, "", applies(rule->when, evaluator), cite_of(*rule)};
    if (task.applies.truth == Truth::no) continue;
    task.timing = rule->at_least == rule->at_most
                      ? fmt::format("for {}", to_text(rule->at_least))
                      : fmt::format("for {} to {} ({} to {} days)", rule->at_least.count,
                                    to_text(rule->at_most), days_of(rule->at_least), days_of(rule->at_most));
    if (day) {
      task.first = *day + days_of(rule->at_least);
      task.last = *day + days_of(rule->at_most);
    }
    infusion.prophylaxis.push_back(std::move(task));
  }
  for (const protocol::Monitoring* rule : rules.all(&protocol::Rules::monitoring)) {
    const Answer due = applies(rule->when, evaluator);
    if (due.truth == Truth::no) continue;
    const auto add = [&](int after, std::string timing) {
      DatedTask task{rule->what, std::nullopt, std::nullopt, std::move(timing), due, cite_of(*rule)};
      if (day) task.first = task.last = *day + after;
      infusion.monitoring.push_back(std::move(task));
    };
    for (const protocol::Duration& at : rule->at)
      add(days_of(at), fmt::format("{} after infusion", to_text(at)));
    if (rule->at.empty() && !rule->every) add(0, "before infusion");
    if (!rule->every) continue;
    const int step = days_of(*rule->every);
    // "from week 2" includes week 2, unless a rule above has the same on that day already.
    const int start = rule->from ? days_of(*rule->from) : step;
    const int end = rule->until ? days_of(*rule->until) : start;
    const auto is_listed = [&](int after) {
      return day &&
             std::any_of(infusion.monitoring.begin(), infusion.monitoring.end(),
                         [&](const DatedTask& t) { return t.what == rule->what && t.first == *day + after; });
    };
    for (int after = start; step > 0 && after <= end; after += step) {
      if (is_listed(after)) continue;
      add(after, fmt::format("{} days after infusion (every {})", after, to_text(*rule->every)));
    }
  }
  std::stable_sort(
      infusion.monitoring.begin(), infusion.monitoring.end(),
      [](const DatedTask& a, const DatedTask& b) { return a.first && b.first && *a.first < *b.first; });
}

// The day from which later dates are counted: the first day on which everything allows it, the first
// recommended one where the window leaves room for it.
std::optional<Day> assumed_day(const Dates& dates, Day as_of) {
  const Day allowed = std::max(dates.earliest.value_or(as_of), as_of);
  Day day = dates.recommended_first ? std::max(allowed, *dates.recommended_first) : allowed;
  if (dates.latest && day > *dates.latest) day = std::max(allowed, *dates.latest);
  return day;
}

bool is_for_level(int level, const protocol::Interval& interval) {
  const bool every = interval.last_level < interval.first_level;
  return every || (level >= interval.first_level && level <= interval.last_level);
}

void not_before(Day day, Dates& dates) { dates.earliest = std::max(dates.earliest.value_or(day), day); }
void not_after(Day day, Dates& dates) { dates.latest = std::min(dates.latest.value_or(day), day); }

// An anchor that stands whatever is given until then: what counts from infusions moves with the plan.
bool is_fixed(const protocol::Anchor& anchor) {
  using Base = protocol::Anchor::Base;
  return anchor.base == Base::day_zero || (anchor.base == Base::event && !anchor.or_today);
}

// When a later level may follow an infusion on `last`: all intervals that may apply, and its own window.
Dates dates_after(Day last, int level, const RuleSet& rules, const Evaluator& evaluator) {
  Dates dates;
  for (const protocol::Interval* interval : rules.all(&protocol::Rules::intervals)) {
    if (!is_for_level(level, *interval) || applies(interval->when, evaluator).truth == Truth::no) continue;
    not_before(last + in_days(interval->at_least), dates);
    if (interval->recommended_from) dates.recommended_first = last + in_days(*interval->recommended_from);
    if (interval->recommended_to) dates.recommended_last = last + in_days(*interval->recommended_to);
    if (interval->at_most) not_after(last + in_days(*interval->at_most), dates);
  }
  for (const protocol::GiveRule* rule : rules.all(&protocol::Rules::gives)) {
    if (level < rule->first_level || level > rule->last_level) continue;
    if (rule->window.first && is_fixed(*rule->window.first)) {
      if (const auto first = evaluator.anchor(*rule->window.first).date) not_before(first->last, dates);
    }
    if (rule->window.last && is_fixed(*rule->window.last)) {
      if (const auto end = evaluator.anchor(*rule->window.last).date) not_after(end->first, dates);
    }
  }
  return dates;
}

}  // namespace

Plan plan(const protocol::Protocol& protocol, const record::View& view, const Settings& settings,
          const Decision& decision, const std::optional<product::Product>& product) {
  Plan result;
  result.weight = dosing_weight(view);
  const StrategyDecision* strategy = decision.answer();
  if (strategy == nullptr) {
    result.end = decision.because;
    return result;
  }
  RuleSet rules;
  rules.common = &protocol.common;
  for (const auto& declared : protocol.strategies) {
    if (declared.name == strategy->name) rules.own = &declared.rules;
  }
  const Evaluator evaluator(protocol, view, settings);
  result.governing = governing_target(rules.one(&protocol::Rules::governing), evaluator);
  for (const RuleOutcome& rule : strategy->rules) {
    if (!rule.is_caution || rule.node.answer.truth == Truth::no) continue;
    const bool is_certain = rule.node.answer.truth == Truth::yes;
    result.cautions.push_back(rule.label + (is_certain ? "" : " (whether this applies is unknown)"));
  }
  if (strategy->action == Action::stop || strategy->action == Action::outside) {
    result.end = fmt::format("{}: {}", name(strategy->action), strategy->because);
    return result;
  }

  std::vector<TargetDose> previous;
  if (!view.infusions().empty()) previous = delivered(*view.infusions().back());
  const protocol::Count* count = rules.one(&protocol::Rules::count);
  PlannedInfusion next;
  next.number = strategy->infusions_given + 1;
  next.level = strategy->next_level;
  next.is_next = true;
  next.dose = strategy->dose;
  next.dose_gap = strategy->dose_gap;
  next.dates = strategy->dates;
  next.assumed_day = assumed_day(next.dates, view.as_of());
  for (;;) {
    if (next.dose)
      next.targets = planned_targets(*next.dose, result.weight, previous, product, result.governing);
    add_tasks(rules, evaluator, next);
    const bool has_dose = next.dose.has_value();
    if (has_dose) previous = next.dose->targets;
    const Day day = *next.assumed_day;
    const int number = next.number;
    const int level = next.level;
    result.infusions.push_back(std::move(next));
    if (!has_dose) {
      result.end = result.infusions.back().dose_gap;
      break;
    }
    if (count != nullptr && number >= count->at_most) {
      result.end = fmt::format("at most {} infusion{}", count->at_most, count->at_most == 1 ? "" : "s");
      break;
    }
    if (level + 1 > last_level(rules)) {
      result.end = fmt::format("the ladder ends at level {}", level);
      break;
    }
    next = PlannedInfusion{};
    next.number = number + 1;
    next.level = level + 1;
    next.dates = dates_after(day, next.level, rules, evaluator);
    next.assumed_day = assumed_day(next.dates, day);
    if (next.dates.latest && *next.assumed_day > *next.dates.latest) {
      result.end = fmt::format("the window of level {} closes on {}, before it can be reached", next.level,
                               to_text(*next.dates.latest));
      break;
    }
    const record::View later(view.timeline(), *next.assumed_day, view.known_on());
    NextDose dose = dose_at(next.level, previous, rules, Evaluator(protocol, later, settings));
    next.dose = std::move(dose.dose);
    next.dose_gap = dose.because;
    if (!next.dose && dose.gap == DoseGap::no_row) {
      result.end = dose.because;
      break;
    }
  }
  return result;
}

}  // namespace graftline::engine
