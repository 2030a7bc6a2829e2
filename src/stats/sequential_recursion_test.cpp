#include "stats/sequential_recursion.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <numbers>
#include <vector>

#include "stats/normal.h"

using namespace graftline::stats;
using doctest::Approx;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
}

TEST_CASE("both of two looks end above zero with probability 1/4 + asin(rho) / 2 pi") {
  // Sheppard's orthant formula; rho = sqrt(t1 / t2).
  for (double t1 : {0.5, 0.1, 0.9, 0.999}) {
    CAPTURE(t1);
    const Interval above{0.0, infinity};
    const SubDensity after = SubDensity().continued(t1, {&above, 1}, 1.0);
    CHECK(after.mass() == Approx(0.5).epsilon(1e-13));
    CHECK(after.probability(1.0, above) ==
          Approx(0.25 + std::asin(std::sqrt(t1)) / (2.0 * std::numbers::pi)).epsilon(1e-12));
  }
}

TEST_CASE("three equally spaced looks all stay below zero with probability 5/16") {
  // 1/8 + (asin r12 + asin r13 + asin r23) / 4 pi, and asin sqrt(1/2) = pi/4, asin sqrt(1/3) + asin sqrt(2/3)
  // = pi/2.
  const Interval below{-infinity, 0.0};
  const SubDensity one = SubDensity().continued(1.0 / 3.0, {&below, 1}, 2.0 / 3.0);
  const SubDensity two = one.continued(2.0 / 3.0, {&below, 1}, 1.0);
  CHECK(two.probability(1.0, below) == Approx(5.0 / 16.0).epsilon(1e-13));
}

TEST_CASE("looks that never stop leave the last statistic standard normal, however many they are") {
  const Interval everything{-infinity, infinity};
  SubDensity now;
  for (int look = 1; look < 50; ++look) now = now.continued(look / 50.0, {&everything, 1}, (look + 1) / 50.0);
  for (double z : {-3.0, 0.0, 1.96, 6.0}) {
    CHECK(now.probability(1.0, {z, infinity}) == Approx(normal_upper_tail(z)).epsilon(1e-10));
  }
}

TEST_CASE("two disjoint continuation regions hold what each holds alone") {
  const std::array both{Interval{-2.0, -0.5}, Interval{0.5, 2.0}};
  const SubDensity together = SubDensity().continued(0.4, both, 1.0);
  const SubDensity left = SubDensity().continued(0.4, {&both[0], 1}, 1.0);
  const SubDensity right = SubDensity().continued(0.4, {&both[1], 1}, 1.0);
  const Interval far{1.0, infinity};
  CHECK(together.probability(1.0, far) ==
        Approx(left.probability(1.0, far) + right.probability(1.0, far)).epsilon(1e-13));
}

TEST_CASE(
    "the exit bound is where the tail has the probability asked for, and infinite where nothing is asked "
    "for") {
  const Interval below{-infinity, 2.5};
  const SubDensity after = SubDensity().continued(0.5, {&below, 1}, 1.0);
  for (double p : {1e-12, 1e-4, 0.02, 0.4}) {
    const double up = exit_bound(after, 1.0, p, true), down = exit_bound(after, 1.0, p, false);
    CHECK(after.probability(1.0, {up, infinity}) == Approx(p).epsilon(1e-11));
    CHECK(after.probability(1.0, {-infinity, down}) == Approx(p).epsilon(1e-11));
  }
  CHECK(exit_bound(after, 1.0, 0.0, true) == infinity);
  CHECK(exit_bound(after, 1.0, 0.9999, true) == -infinity);  // more than is left
}

TEST_CASE("an empty continuation region leaves nothing to happen") {
  const Interval empty{1.0, 1.0};
  CHECK(SubDensity().continued(0.5, {&empty, 1}, 1.0).probability(1.0, {-infinity, infinity}) == 0.0);
}
