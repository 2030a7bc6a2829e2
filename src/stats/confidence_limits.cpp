#include "stats/confidence_limits.h"

#include <algorithm>
#include <array>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace graftline::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Limits log_limits(double p, double se, double z) {
  if (p <= 0.0) return {nan, nan};
  const double factor = std::exp(z * se / p);
  return {p / factor, std::min(p * factor, 1.0)};
}

Limits log_log_limits(double p, double se, double z) {
  if (p <= 0.0 || p >= 1.0) return {nan, nan};
  const double factor = std::exp(z * se / (p * -std::log(p)));
  return {std::exp(std::log(p) * factor), std::exp(std::log(p) / factor)};
}

Limits logit_limits(double p, double se, double z) {
  if (p <= 0.0 || p >= 1.0) return {nan, nan};
  const double odds = p / (1.0 - p);
  const double factor = std::exp(z * se / (p * (1.0 - p)));
  const double low = odds / factor;
  const double high = odds * factor;
  return {low / (1.0 + low), std::isinf(high) ? 1.0 : high / (1.0 + high)};
}

Limits arcsine_limits(double p, double se, double z) {
  if (p <= 0.0 || p >= 1.0) return {nan, nan};
  const double angle = std::asin(std::sqrt(p));
  const double half = 0.5 * z * se / std::sqrt(p * (1.0 - p));
  const double low = std::sin(std::max(0.0, angle - half));
  const double high = std::sin(std::min(std::numbers::pi / 2.0, angle + half));
  return {low * low, high * high};
}

}  // namespace

std::optional<LimitScale> limit_scale(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, LimitScale>, 6> names{{{"plain", LimitScale::plain},
                                                                          {"log", LimitScale::log},
                                                                          {"log-log", LimitScale::log_log},
                                                                          {"logit", LimitScale::logit},
                                                                          {"arcsin", LimitScale::arcsine},
                                                                          {"arcsine", LimitScale::arcsine}}};
  for (const auto& [text, scale] : names)
    if (text == name) return scale;
  return std::nullopt;
}

double limit_z(double level) {
  // The upper quantile of (1 - level) / 2.
  return std::numbers::sqrt2 * boost::math::erfc_inv(1.0 - level);
}

Limits probability_limits(double p, double se, LimitScale scale, double z) {
  if (std::isnan(p) || std::isnan(se)) return {nan, nan};
  switch (scale) {
    case LimitScale::plain:
      return {std::max(p - z * se, 0.0), std::min(p + z * se, 1.0)};
    case LimitScale::log:
      return log_limits(p, se, z);
    case LimitScale::log_log:
      return log_log_limits(p, se, z);
    case LimitScale::logit:
      return logit_limits(p, se, z);
    case LimitScale::arcsine:
      return arcsine_limits(p, se, z);
  }
  return {nan, nan};
}

}  // namespace graftline::stats
