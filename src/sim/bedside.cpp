#include "sim/bedside.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/rational.h"
#include "engine/decide.h"
#include "record/view.h"
#include "sim/delay.h"
#include "stats/normal.h"

namespace graftline::sim {
namespace {

// Numbers of measurements: apart from those of the patient's own course.
constexpr std::uint64_t measurement_area = std::uint64_t{3} << 60U;
constexpr std::uint64_t lateness_area = std::uint64_t{7} << 59U;  // delays that need several numbers
enum Slot : std::uint64_t { missed_slot, error_slot, level_slot, late_slot };

struct Visit {
  int day = 0;  // after transplant
  std::uint32_t measurement = 0;
  std::uint32_t number = 0;
};

class Course {
 public:
  Course(const Process& process, const BedsidePlan& plan, RandomKey key)
      : process_(process), model_(*process.model), plan_(plan), key_(key), history_(process) {
    from_day_ = static_cast<int>(std::lround(-process.transplant_at * model_.days_per_unit));
    for (const Measurement& one : model_.measurements) {
      Ready ready{&one,
                  process.instantiate(one.value),
                  process.instantiate(one.error),
                  process.instantiate(one.limit),
                  process.instantiate(one.missed),
                  process.instantiate(one.false_first),
                  process.instantiate(one.missed_first),
                  {}};
      for (const Measurement::Level& level : one.levels)
        ready.when.push_back(process.instantiate(level.when));
      ready_.push_back(std::move(ready));
    }
    followed_ = process.instantiate(model_.followed);
  }

  Result<BedsideCourse> run() {
    course_.record = plan_.base;
    course_.record.patient = fmt::format("virtual-{}-{}", key_.seed, key_.stream);
    history_.watch(plan_.questions);
    history_.begin(key_);
    const std::vector<Visit> visits = all_visits();
    std::size_t next = 0;
    const int first = std::max(plan_.first_decision, from_day_);
    for (int day = from_day_; day <= plan_.until; ++day) {
      const bool is_decision_day = day >= first && (day - first) % plan_.every == 0;
      const bool has_visit = next < visits.size() && visits[next].day == day;
      if (!is_decision_day && !has_visit) continue;
      history_.run_until((day - from_day_) / model_.days_per_unit);
      if (history_.problem()) return *history_.problem();
      if (!holds(followed_, history_.patient(), process_)) break;
      for (; next < visits.size() && visits[next].day == day; ++next) {
        if (auto problem = measure(visits[next])) return *problem;
      }
      if (is_decision_day) {
        if (auto problem = decide_on(plan_.day_zero + day)) return *problem;
      }
    }
    history_.run_until(std::max(plan_.followed, history_.patient().time));
    if (history_.problem()) return *history_.problem();
    course_.record.arrange();
    for (std::size_t i = 0; i < plan_.questions.size(); ++i)
      course_.first_true.push_back(history_.first_true(i));
    course_.given = history_.given();
    course_.infusions = history_.patient().infusions;
    course_.at_end = history_.patient();
    return std::move(course_);
  }

 private:
  struct Ready {
    const Measurement* what = nullptr;
    Expression value, error, limit, missed, false_first, missed_first;
    std::vector<Expression> when;
  };

  std::vector<Visit> all_visits() const {
    std::vector<Visit> visits;
    for (std::uint32_t i = 0; i < model_.measurements.size(); ++i) {
      const Measurement& one = model_.measurements[i];
      std::uint32_t number = 0;
      const auto add = [&](double time) {
        const int day = from_day_ + static_cast<int>(std::lround(time * model_.days_per_unit));
        if (day <= plan_.until) visits.push_back({day, i, number++});
      };
      double time = one.first;
      add(time);
      for (const Measurement::Period& period : one.periods) {
        constexpr double rounding = 1e-9;
        for (time += period.every; time <= period.until + rounding; time += period.every) add(time);
        time -= period.every;
      }
    }
    std::ranges::stable_sort(visits, {}, &Visit::day);
    return visits;
  }

  double draw(const Visit& visit, Slot slot) const {
    return random_unit(key_, measurement_area + (std::uint64_t{visit.measurement} << 32U) +
                                 std::uint64_t{visit.number} * 4 + slot);
  }
  double value_of(const Expression& expression) const {
    return expression.empty() ? 0.0 : evaluate(expression, history_.patient(), process_);
  }

  std::optional<Error> measure(const Visit& visit) {
    const Ready& ready = ready_[visit.measurement];
    if (draw(visit, missed_slot) < value_of(ready.missed)) return std::nullopt;
    record::Entry entry;
    const Day day = plan_.day_zero + visit.day;
    entry.fact = ready.what->fact;
    entry.when = exactly(day);
    entry.known_on = day + known_after(ready, visit);
    entry.method = ready.what->method;
    entry.origin = {"virtual patient", ready.what->name};
    if (ready.what->levels.empty()) {
      const double error = value_of(ready.error);
      double value = value_of(ready.value);
      if (error > 0.0) value += error * stats::normal_quantile(draw(visit, error_slot));
      const bool is_below = !ready.limit.empty() && value < value_of(ready.limit);
      if (is_below) value = value_of(ready.limit);
      entry.as_written = fmt::format("{}{:.4g}", is_below ? "<" : "", value);
      const auto unit = parse_unit(ready.what->unit);
      ensure(static_cast<bool>(unit), "the unit was verified");
      auto quantity = parse_quantity(entry.as_written, *unit, record::fact(entry.fact).kind);
      if (!quantity) return quantity.error();
      entry.value = *quantity;
    } else {
      const std::string& word = ready.what->levels[level(ready, visit)].word;
      entry.as_written = word;
      const record::Fact& fact = record::fact(entry.fact);
      if (const auto index = record::level_of(fact, word);
          index && fact.type != record::FactType::statement) {
        entry.value = record::Level{*index, *index};
      } else {
        entry.value = word == "yes";
      }
    }
    course_.record.add(std::move(entry));
    return std::nullopt;
  }

  std::size_t level(const Ready& ready, const Visit& visit) const {
    std::size_t found = 0;
    while (found + 1 < ready.when.size() && !holds(ready.when[found], history_.patient(), process_)) ++found;
    const double error = draw(visit, level_slot);
    if (found == 0 && error < value_of(ready.missed_first)) return ready.when.size() - 1;
    if (found != 0 && error < value_of(ready.false_first)) return 0;
    return found;
  }

  // Whole days from the visit to the result.
  int known_after(const Ready& ready, const Visit& visit) const {
    if (!ready.what->known_after) return 0;
    const Delay& delay = *ready.what->known_after;
    const double first = value_of(process_.instantiate(delay.first));
    const double second = delay.second.empty() ? 0.0 : value_of(process_.instantiate(delay.second));
    const std::uint64_t several = ((std::uint64_t{visit.measurement} << 20U) + visit.number) << 16U;
    const double wait = drawn_delay(delay.form, first, second, draw(visit, late_slot),
                                    KeyedRandom(key_, lateness_area + several));
    return static_cast<int>(std::ceil(std::clamp(wait * model_.days_per_unit, 0.0, 36'525.0)));
  }

  std::optional<Error> decide_on(Day today) {
    course_.record.arrange();
    const record::View view(course_.record, today);
    const engine::Decision decision = engine::decide(*plan_.protocol, view, plan_.settings);
    BedsideDecision note{today, decision.action, decision.because, 0.0};
    if (decision.action == engine::Action::give) {
      if (auto problem = give(decision, today, note)) return problem;
    }
    course_.decisions.push_back(std::move(note));
    return std::nullopt;
  }

  std::optional<Error> give(const engine::Decision& decision, Day today, BedsideDecision& note) {
    const engine::StrategyDecision* answer = decision.answer();
    ensure(answer != nullptr && answer->dose.has_value(), "nothing is given without a dose");
    record::Entry entry;
    entry.fact = record::fact_id("dli");
    entry.when = exactly(today);
    entry.known_on = today;
    entry.value = true;
    entry.origin = {"virtual patient", "infusion"};
    for (const engine::TargetDose& target : answer->dose->targets) {
      if (!target.per_kilogram) continue;
      const double amount = to_double(target.low);
      const auto unit = parse_unit("/kg");
      ensure(static_cast<bool>(unit), "cells per kilogram are a unit");
      auto quantity = parse_quantity(fmt::format("{:.6g}", amount), *unit, target.kind);
      if (!quantity) return quantity.error();
      entry.amounts.push_back(*quantity);
      entry.as_written +=
          fmt::format("{}{:.6g} {}/kg", entry.as_written.empty() ? "" : "; ", amount, name(target.kind));
      if (target.kind == Kind::cd3_cells) note.cd3_per_kg = amount;
    }
    if (note.cd3_per_kg <= 0.0) {
      return Error{
          ErrorKind::unsupported,
          fmt::format(
              "protocol {} gives no number of CD3 cells per kg on {}: the model cannot tell what follows",
              plan_.protocol->id, to_text(today))};
    }
    course_.record.add(std::move(entry));
    history_.infuse(note.cd3_per_kg);
    return std::nullopt;
  }

  const Process& process_;
  const Model& model_;
  const BedsidePlan& plan_;
  RandomKey key_;
  History history_;
  std::vector<Ready> ready_;
  Expression followed_;
  int from_day_ = 0;
  BedsideCourse course_;
};

}  // namespace

Result<BedsideCourse> bedside(const Process& process, const BedsidePlan& plan, RandomKey key) {
  if (plan.every < 1 || plan.until < plan.first_decision || plan.until > 36'525)
    return Error{ErrorKind::out_of_range,
                 "decision days are a day or more apart, and end after they began, within 100 years"};
  ensure(plan.protocol != nullptr, "a plan has a protocol");
  return Course(process, plan, key).run();
}

}  // namespace graftline::sim
