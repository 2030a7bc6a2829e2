#include "stats/normal.h"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>
#include <limits>

using namespace graftline::stats;
using doctest::Approx;

TEST_CASE("the customary critical values of the normal distribution come out to every printed digit") {
  CHECK(normal_upper_quantile(0.025) == Approx(1.959963984540054).epsilon(1e-15));
  CHECK(normal_upper_quantile(0.05) == Approx(1.644853626951473).epsilon(1e-15));
  CHECK(normal_upper_quantile(0.1) == Approx(1.281551565544600).epsilon(1e-15));
  CHECK(normal_quantile(0.5) == 0.0);
}

TEST_CASE("a quantile put back into the distribution gives the probability, down to 1e-300") {
  for (double p : {1e-300, 1e-100, 1e-20, 1e-9, 1e-4, 0.01, 0.075, 0.2, 0.49, 0.5}) {
    CAPTURE(p);
    CHECK(normal_cdf(normal_quantile(p)) / p == Approx(1.0).epsilon(1e-12));
    if (p > 1e-6) CHECK(normal_quantile(1.0 - p) == Approx(-normal_quantile(p)).epsilon(1e-9));
  }
  CHECK(std::isinf(normal_quantile(0.0)));
  CHECK(std::isnan(normal_quantile(1.5)));
  CHECK(std::isnan(normal_quantile(std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE("the upper tail keeps its digits where one minus the distribution has lost them") {
  // Abramowitz and Stegun table 26.2: Q(10) = 7.61985302416e-24.
  CHECK(normal_upper_tail(10.0) == Approx(7.61985302416e-24).epsilon(1e-11));
}
