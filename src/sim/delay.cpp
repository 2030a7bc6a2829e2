#include "sim/delay.h"

#include <cmath>

#include "stats/normal.h"

namespace graftline::sim {

double drawn_gamma(double shape, KeyedRandom& random) {
  if (shape < 1.0) {
    const double boost = std::pow(random.unit(), 1.0 / shape);
    return drawn_gamma(shape + 1.0, random) * boost;
  }
  const double d = shape - 1.0 / 3.0;
  const double c = 1.0 / std::sqrt(9.0 * d);
  while (true) {
    const double x = random.normal();
    const double v = std::pow(1.0 + c * x, 3.0);
    if (v > 0.0 && std::log(random.unit()) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
}

double drawn_delay(Delay::Form form, double first, double second, double unit, KeyedRandom more) {
  switch (form) {
    case Delay::Form::fixed:
      return first;
    case Delay::Form::exponential:
      return -std::log(unit) * first;
    case Delay::Form::weibull:
      return second * std::pow(-std::log(unit), 1.0 / first);
    case Delay::Form::log_normal:
      return first * std::exp(second * stats::normal_quantile(unit));
    case Delay::Form::uniform:
      return first + (second - first) * unit;
    case Delay::Form::gamma:
      return second * drawn_gamma(first, more);
  }
  return std::numeric_limits<double>::infinity();
}

}  // namespace graftline::sim
