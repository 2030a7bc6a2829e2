#include "stats/survival_design.h"

#include <cmath>
#include <cstddef>

#include "stats/root.h"

namespace graftline::stats {
namespace {

double event_probability_in_arm(const TwoArmTrial& trial, bool treated, double time) {
  const double ratio = treated ? trial.hazard_ratio : 1.0;
  const PiecewiseHazard& dropout = treated ? trial.treated_dropout : trial.control_dropout;
  if (trial.scale == EffectScale::subdistribution) {
    return event_probability(
        SubdistributionProcess{trial.control_hazard, trial.competing_hazard, ratio, dropout}, trial.accrual,
        time);
  }
  const PiecewiseHazard competing =
      scaled(trial.competing_hazard, treated ? trial.competing_hazard_ratio : 1.0);
  return event_probability(EventProcess{scaled(trial.control_hazard, ratio), sum(competing, dropout)},
                           trial.accrual, time);
}

// Hazard ratios at which Z just reaches each critical value: log HR = Z (1 + r) / sqrt(r d).
std::vector<double> critical_hazard_ratios(const GroupSequentialDesign& design,
                                           const std::vector<double>& events, double allocation_ratio,
                                           double direction) {
  std::vector<double> ratios;
  for (std::size_t k = 0; k < events.size(); ++k) {
    ratios.push_back(std::exp(direction * design.critical_values[k] * (1.0 + allocation_ratio) /
                              std::sqrt(allocation_ratio * events[k])));
  }
  return ratios;
}

Result<SurvivalSchedule> schedule(const GroupSequentialDesign& design, const TwoArmTrial& trial,
                                  double patients, double events, double direction) {
  SurvivalSchedule plan;
  const auto& t = design.plan.information_fractions;
  for (double fraction : t) {
    const double by_now = events * fraction;
    const auto when = time_of_event_fraction(trial, by_now / patients);
    if (!when) return Error{ErrorKind::conflict, "events: more than these patients will ever have"};
    plan.analysis_time.push_back(*when);
    plan.cumulative_events.push_back(by_now);
    plan.patients_entered.push_back(patients * trial.accrual.entered(*when));
  }
  plan.critical_hazard_ratio =
      critical_hazard_ratios(design, plan.cumulative_events, trial.allocation_ratio, direction);
  if (design.plan.sides == 2) {
    plan.critical_hazard_ratio_other =
        critical_hazard_ratios(design, plan.cumulative_events, trial.allocation_ratio, -direction);
  }
  return plan;
}

double weighted_by_stopping(const std::vector<double>& at_look, const std::vector<double>& stop) {
  double last = 1.0, total = 0.0;
  for (std::size_t k = 0; k + 1 < at_look.size(); ++k) {
    total += at_look[k] * stop[k];
    last -= stop[k];
  }
  return total + at_look.back() * last;
}

}  // namespace

double log_rank_effect_per_root_event(EventFormula formula, double hazard_ratio, double allocation_ratio,
                                      double hazard_ratio_h0) {
  const double r = allocation_ratio;
  switch (formula) {
    case EventFormula::schoenfeld:
      return std::sqrt(r) / (1.0 + r) * std::log(hazard_ratio / hazard_ratio_h0);
    case EventFormula::freedman:
      return std::sqrt(r) * (hazard_ratio - 1.0) / (1.0 + r * hazard_ratio);
    case EventFormula::hsieh_freedman:
      return 2.0 * std::sqrt(r) / (1.0 + r) * (hazard_ratio - 1.0) / (hazard_ratio + 1.0);
  }
  return 0.0;
}

Result<double> events_for_log_rank(EventFormula formula, double hazard_ratio, double allocation_ratio,
                                   double alpha, double beta, int sides, double hazard_ratio_h0) {
  if (!(hazard_ratio > 0.0) || !(hazard_ratio_h0 > 0.0)) {
    return Error{ErrorKind::out_of_range, "hazard ratio: must be above 0"};
  }
  if (!(allocation_ratio > 0.0)) return Error{ErrorKind::out_of_range, "allocation ratio: must be above 0"};
  const double effect =
      log_rank_effect_per_root_event(formula, hazard_ratio, allocation_ratio, hazard_ratio_h0);
  if (effect == 0.0)
    return Error{ErrorKind::out_of_range, "hazard ratio: equals the one under the null hypothesis"};
  return fixed_shift(alpha, beta, sides) / (effect * effect);
}

double expected_event_fraction(const TwoArmTrial& trial, double time) {
  const double r = trial.allocation_ratio;
  return (r * event_probability_in_arm(trial, true, time) + event_probability_in_arm(trial, false, time)) /
         (1.0 + r);
}

std::optional<double> time_of_event_fraction(const TwoArmTrial& trial, double fraction) {
  double upper = trial.accrual.duration();
  for (int doubling = 0; expected_event_fraction(trial, upper) < fraction; ++doubling) {
    if (doubling == 60) return std::nullopt;
    upper *= 2.0;
  }
  return bracketed_root([&](double time) { return expected_event_fraction(trial, time) - fraction; }, 0.0,
                        upper, 1e-12);
}

Result<SurvivalSampleSize> survival_sample_size(const GroupSequentialDesign& design, const TwoArmTrial& trial,
                                                EventFormula formula, double follow_up) {
  const auto& plan = design.plan;
  const auto fixed = events_for_log_rank(formula, trial.hazard_ratio, trial.allocation_ratio, plan.alpha,
                                         plan.beta, plan.sides);
  if (!fixed) return fixed.error();
  const auto character = design_characteristics(design);
  if (!character) return character.error();
  if (!(follow_up >= 0.0)) return Error{ErrorKind::out_of_range, "follow-up: must not be negative"};
  SurvivalSampleSize size;
  size.events = *fixed * character->inflation_factor;
  const double end = trial.accrual.duration() + follow_up;
  const double fraction = expected_event_fraction(trial, end);
  if (!(fraction > 0.0)) return Error{ErrorKind::conflict, "hazards: nobody would have an event"};
  size.patients = size.events / fraction;
  auto planned = schedule(design, trial, size.patients, size.events, trial.hazard_ratio > 1.0 ? 1.0 : -1.0);
  if (!planned) return planned.error();
  size.schedule = *planned;
  size.schedule.analysis_time.back() = end;
  size.schedule.patients_entered.back() = size.patients;
  size.expected_events_h0 = *fixed * character->expected_size_h0;
  size.expected_events_h01 = *fixed * character->expected_size_h01;
  size.expected_events_h1 = *fixed * character->expected_size_h1;
  std::vector<double> stop = character->reject_per_look;
  for (std::size_t k = 0; k < character->futility_per_look.size(); ++k)
    stop[k] += character->futility_per_look[k];
  size.expected_duration_h1 = weighted_by_stopping(size.schedule.analysis_time, stop);
  size.expected_patients_h1 = weighted_by_stopping(size.schedule.patients_entered, stop);
  return size;
}

Result<SurvivalPower> survival_power(const GroupSequentialDesign& design, const TwoArmTrial& trial,
                                     EventFormula formula, double patients, double events,
                                     bool benefit_is_higher_hazard_ratio) {
  if (!(patients > 0.0) || !(events > 0.0))
    return Error{ErrorKind::out_of_range, "patients and events: must be above 0"};
  if (!(trial.hazard_ratio > 0.0) || !(trial.allocation_ratio > 0.0)) {
    return Error{ErrorKind::out_of_range, "hazard ratio and allocation ratio: must be above 0"};
  }
  const double direction = benefit_is_higher_hazard_ratio ? 1.0 : -1.0;
  auto planned = schedule(design, trial, patients, events, direction);
  if (!planned) return planned.error();
  const double drift = direction * std::sqrt(events) *
                       log_rank_effect_per_root_event(formula, trial.hazard_ratio, trial.allocation_ratio);
  const auto characteristics = operating_characteristics(design, drift);
  SurvivalPower result;
  result.schedule = *planned;
  std::vector<double> stop;
  for (std::size_t k = 0; k < characteristics.reject_upper.size(); ++k) {
    result.reject_per_look.push_back(characteristics.reject_upper[k] + characteristics.reject_lower[k]);
    result.power += result.reject_per_look.back();
    stop.push_back(characteristics.stop_at(k));
    if (k + 1 < characteristics.reject_upper.size()) {
      result.futility_per_look.push_back(characteristics.stop_futility[k]);
    }
  }
  result.expected_events = events * characteristics.expected_fraction(design);
  result.expected_duration = weighted_by_stopping(result.schedule.analysis_time, stop);
  result.expected_patients = weighted_by_stopping(result.schedule.patients_entered, stop);
  return result;
}

}  // namespace graftline::stats
