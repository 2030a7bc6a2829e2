#include "stats/incidence_difference.h"

#include <cmath>
#include <limits>

#include "stats/normal.h"

namespace graftline::stats {
namespace {

struct Effect {
  double incidence_control = 0.0, incidence_treated = 0.0;
  double size = 0.0;                  // on the scale of the comparison
  double variance_per_patient = 0.0;  // of its estimate, times all patients
};

double on_scale(IncidenceScale scale, double incidence) {
  return scale == IncidenceScale::difference ? incidence : std::log(-std::log1p(-incidence));
}

// d(scale)/dF squared.
double squared_slope(IncidenceScale scale, double incidence) {
  if (scale == IncidenceScale::difference) return 1.0;
  const double slope = 1.0 / ((1.0 - incidence) * -std::log1p(-incidence));
  return slope * slope;
}

Result<Effect> effect_of(const IncidenceComparison& c) {
  if (!(c.alpha > 0.0 && c.alpha < 1.0))
    return Error{ErrorKind::out_of_range, "alpha: must lie between 0 and 1"};
  if (c.sides != 1 && c.sides != 2) return Error{ErrorKind::out_of_range, "sides: 1 or 2"};
  if (!(c.allocation_ratio > 0.0)) return Error{ErrorKind::out_of_range, "allocation ratio: must be above 0"};
  Effect effect;
  effect.incidence_control = cumulative_incidence_at(c.control, c.time);
  effect.incidence_treated = cumulative_incidence_at(c.treated, c.time);
  effect.size = on_scale(c.scale, effect.incidence_treated) - on_scale(c.scale, effect.incidence_control);
  if (effect.size == 0.0) return Error{ErrorKind::conflict, "incidence: the same in both arms at that time"};
  const double share = c.allocation_ratio / (1.0 + c.allocation_ratio);
  effect.variance_per_patient =
      squared_slope(c.scale, effect.incidence_treated) *
          incidence_variance_per_patient(c.treated, c.accrual, c.study_end, c.time) / share +
      squared_slope(c.scale, effect.incidence_control) *
          incidence_variance_per_patient(c.control, c.accrual, c.study_end, c.time) / (1.0 - share);
  if (!std::isfinite(effect.variance_per_patient)) {
    return Error{ErrorKind::conflict,
                 "time: nobody can have been followed that long by the end of the study"};
  }
  return effect;
}

}  // namespace

double cumulative_incidence_at(const IncidenceArm& arm, double time) {
  return event_probability_by(EventProcess{arm.event, arm.competing}, time);
}

double incidence_variance_per_patient(const IncidenceArm& arm, const Accrual& accrual, double study_end,
                                      double time) {
  // A patient still followed a time u after entry entered by study_end - u and was not lost.
  const auto followed = [&](double u) {
    return accrual.entered(study_end - u) * std::exp(-arm.dropout.cumulative(u));
  };
  if (!(followed(time) > 0.0)) return std::numeric_limits<double>::infinity();
  const EventProcess own{arm.event, arm.competing}, other{arm.competing, arm.event};
  const PiecewiseHazard any = sum(arm.event, arm.competing);
  const double at_time = event_probability_by(own, time);
  // F1hat(t) - F1(t) = int (1 - F2(u) - F1(t)) dM1/Y - int (F1(t) - F1(u)) dM2/Y, so the variance is the
  // integral of the squared weights against the hazards, over the probability to be at risk and followed.
  const auto rate = [&](double u) {
    const double from_event = 1.0 - event_probability_by(other, u) - at_time;
    const double from_other = at_time - event_probability_by(own, u);
    const double at_risk = std::exp(-any.cumulative(u)) * followed(u);
    return (from_event * from_event * arm.event.at(u) + from_other * from_other * arm.competing.at(u)) /
           at_risk;
  };
  std::vector<double> breaks{0.0, time};
  const auto add = [&](double at) {
    if (at > 0.0 && at < time) breaks.push_back(at);
  };
  for (double s : any.start) add(s);
  for (double s : arm.dropout.start) add(s);
  for (double e : accrual.end) add(study_end - e);
  return integral_between(rate, breaks);
}

Result<IncidenceSampleSize> incidence_sample_size(const IncidenceComparison& comparison, double power) {
  const auto effect = effect_of(comparison);
  if (!effect) return effect.error();
  if (!(power > 0.0 && power < 1.0)) return Error{ErrorKind::out_of_range, "power: must lie between 0 and 1"};
  const double z = normal_upper_quantile(comparison.alpha / comparison.sides) + normal_quantile(power);
  if (!(z > 0.0)) return Error{ErrorKind::out_of_range, "power: not above the level"};
  return IncidenceSampleSize{effect->incidence_control, effect->incidence_treated,
                             z * z * effect->variance_per_patient / (effect->size * effect->size)};
}

Result<double> incidence_power(const IncidenceComparison& comparison, double patients) {
  const auto effect = effect_of(comparison);
  if (!effect) return effect.error();
  if (!(patients > 0.0)) return Error{ErrorKind::out_of_range, "patients: must be above 0"};
  const double drift = std::fabs(effect->size) * std::sqrt(patients / effect->variance_per_patient);
  return normal_upper_tail(normal_upper_quantile(comparison.alpha / comparison.sides) - drift);
}

}  // namespace graftline::stats
