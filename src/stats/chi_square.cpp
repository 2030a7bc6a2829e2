#include "stats/chi_square.h"

#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>
#include <numbers>

namespace graftline::stats {

double two_sided_normal_p(double z) { return std::erfc(std::abs(z) / std::numbers::sqrt2); }

double chi_square_upper_tail(double x, double df) {
  if (!(df >= 0.0) || std::isnan(x)) return std::numeric_limits<double>::quiet_NaN();
  if (x <= 0.0) return 1.0;
  if (df == 0.0 || std::isinf(x)) return 0.0;
  if (df == 1.0) return two_sided_normal_p(std::sqrt(x));
  return boost::math::gamma_q(0.5 * df, 0.5 * x);
}

}  // namespace graftline::stats
