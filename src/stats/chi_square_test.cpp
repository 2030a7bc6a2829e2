#include "stats/chi_square.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace graftline::stats;

TEST_CASE("chi-square tails equal their closed forms") {
  // Two degrees of freedom: P(X > x) = exp(-x / 2). Four: exp(-x / 2) (1 + x / 2). One: P(|Z| > sqrt x).
  CHECK(chi_square_upper_tail(3.0, 2) == doctest::Approx(std::exp(-1.5)).epsilon(1e-14));
  CHECK(chi_square_upper_tail(200.0, 4) == doctest::Approx(std::exp(-100.0) * 101.0).epsilon(1e-13));
  CHECK(chi_square_upper_tail(3.841458820694124, 1) == doctest::Approx(0.05).epsilon(1e-13));
  CHECK(two_sided_normal_p(-1.959963984540054) == doctest::Approx(0.05).epsilon(1e-13));
  CHECK(chi_square_upper_tail(0.0, 3) == 1.0);
  CHECK(std::isnan(chi_square_upper_tail(std::nan(""), 1)));
}
