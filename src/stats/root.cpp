#include "stats/root.h"

#include <cmath>
#include <limits>
#include <utility>

namespace graftline::stats {

double bracketed_root(const std::function<double(double)>& f, double low, double high, double tolerance) {
  double a = low, b = high, fa = f(a), fb = f(b);
  if (fa == 0.0) return a;
  if (fb == 0.0) return b;
  if (std::signbit(fa) == std::signbit(fb)) return std::fabs(fa) < std::fabs(fb) ? a : b;
  double c = a, fc = fa, step = b - a, before = step;
  for (int iteration = 0; iteration < 200; ++iteration) {
    if (std::signbit(fb) == std::signbit(fc)) {
      c = a;
      fc = fa;
      before = step = b - a;
    }
    if (std::fabs(fc) < std::fabs(fb)) {
      a = std::exchange(b, c);
      c = a;
      fa = std::exchange(fb, fc);
      fc = fa;
    }
    const double fine = 2.0 * std::numeric_limits<double>::epsilon() * std::fabs(b) + 0.5 * tolerance;
    const double half = 0.5 * (c - b);
    if (std::fabs(half) <= fine || fb == 0.0) return b;
    if (std::fabs(before) >= fine && std::fabs(fa) > std::fabs(fb)) {
      const double s = fb / fa;
      double p, q;
      if (a == c) {  // secant
        p = 2.0 * half * s;
        q = 1.0 - s;
      } else {  // inverse quadratic interpolation
        const double r = fb / fc, t = fa / fc;
        p = s * (2.0 * half * t * (t - r) - (b - a) * (r - 1.0));
        q = (t - 1.0) * (r - 1.0) * (s - 1.0);
      }
      if (p > 0.0) q = -q;
      p = std::fabs(p);
      const double limit = std::fmin(3.0 * half * q - std::fabs(fine * q), std::fabs(before * q));
      if (2.0 * p < limit) {
        before = step;
        step = p / q;
      } else {
        before = step = half;
      }
    } else {
      before = step = half;
    }
    a = b;
    fa = fb;
    b += std::fabs(step) > fine ? step : std::copysign(fine, half);
    fb = f(b);
  }
  return b;
}

}  // namespace graftline::stats
