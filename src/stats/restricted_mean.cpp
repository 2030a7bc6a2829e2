#include "stats/restricted_mean.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "stats/chi_square.h"
#include "stats/sums.h"

namespace graftline::stats {
namespace {

Contrast on_log_scale(double value1, double value0, double variance1, double variance0, double z) {
  const double log_ratio = std::log(value1) - std::log(value0);
  const double se = std::sqrt(variance1 / (value1 * value1) + variance0 / (value0 * value0));
  return {std::exp(log_ratio), std::exp(log_ratio - z * se), std::exp(log_ratio + z * se),
          two_sided_normal_p(log_ratio / se)};
}

}  // namespace

Result<RestrictedMean> restricted_mean(const SurvivalCurve& curve, double tau, double level) {
  if (!(tau > 0.0)) return Error{ErrorKind::out_of_range, "tau must be greater than 0"};
  if (curve.time.empty()) return Error{ErrorKind::malformed_input, "an empty curve has no mean"};
  if (tau > curve.time.back() && curve.survival.back() > 0.0)
    return Error{ErrorKind::out_of_range,
                 fmt::format("tau {} lies beyond the last time {}, where the curve has not come down to 0",
                             tau, curve.time.back())};
  // Backwards: `area` is that between the time and tau, which an event at the time puts at stake.
  const std::size_t steps = row_at(curve.time, tau) + 1;
  Sum area;
  Sum variance;
  double right = tau;
  for (std::size_t i = steps; i-- > 0;) {
    area.add((right - curve.time[i]) * curve.survival[i]);
    right = curve.time[i];
    const double y = curve.n_at_risk[i];
    const double left = y - curve.n_event[i];
    if (curve.n_event[i] > 0.0 && left > 1e-12 * y)
      variance.add(area.value() * area.value() * curve.n_event[i] / (y * left));
  }
  area.add(right);
  RestrictedMean result;
  result.tau = tau;
  result.mean = area.value();
  result.standard_error = std::sqrt(variance.value());
  const double z = limit_z(level);
  result.lower = result.mean - z * result.standard_error;
  result.upper = result.mean + z * result.standard_error;
  result.time_lost = tau - result.mean;
  return result;
}

RestrictedMeanContrast contrast(const RestrictedMean& arm1, const RestrictedMean& arm0, double level) {
  const double z = limit_z(level);
  const double v1 = arm1.standard_error * arm1.standard_error;
  const double v0 = arm0.standard_error * arm0.standard_error;
  const double difference = arm1.mean - arm0.mean;
  const double se = std::sqrt(v1 + v0);
  return {{difference, difference - z * se, difference + z * se, two_sided_normal_p(difference / se)},
          on_log_scale(arm1.mean, arm0.mean, v1, v0, z),
          on_log_scale(arm1.time_lost, arm0.time_lost, v1, v0, z)};
}

double largest_common_tau(const SurvivalCurve& a, const SurvivalCurve& b) {
  const SurvivalCurve& shorter = a.time.back() <= b.time.back() ? a : b;
  const SurvivalCurve& longer = a.time.back() <= b.time.back() ? b : a;
  return shorter.survival.back() > 0.0 ? shorter.time.back() : longer.time.back();
}

}  // namespace graftline::stats
