#include "stats/safety_boundary.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <initializer_list>

#include "stats/binomial.h"

using namespace graftline::stats;
using doctest::Approx;

namespace {

// P(stop) by listing all 2^K outcomes.
double stopped_by_enumeration(const SafetyBoundary& boundary, double p) {
  const unsigned patients = static_cast<unsigned>(boundary.stop_at.size());
  double total = 0.0;
  for (unsigned outcome = 0; outcome < (1u << patients); ++outcome) {
    const int harms = std::popcount(outcome);
    int so_far = 0;
    bool stopped = false;
    for (unsigned k = 0; k < patients; ++k) {
      so_far += (outcome >> k) & 1u;
      stopped |= so_far >= boundary.stop_at[k];
    }
    if (stopped) total += std::pow(p, harms) * std::pow(1.0 - p, static_cast<int>(patients) - harms);
  }
  return total;
}

}  // namespace

TEST_CASE("stopping at two harms among the first three patients, by hand") {
  // Stop at patient 2 with both harmed (p^2), or at patient 3 with the second harm (2 p^2 q).
  const SafetyBoundary boundary{.stop_at = {2, 2, 2}, .level = 0.0, .parameter = 0.0};
  const auto at = operating(boundary, 0.3);
  CHECK(at.stopped_at[0] == 0.0);
  CHECK(at.stopped_at[1] == Approx(0.09).epsilon(1e-14));
  CHECK(at.stopped_at[2] == Approx(2.0 * 0.09 * 0.7).epsilon(1e-14));
  CHECK(at.expected_patients == Approx(3.0 - 0.09).epsilon(1e-14));
  CHECK(at.expected_harms ==
        Approx(0.3 * (3.0 - 0.09)).epsilon(1e-14));  // Wald: harms = p x patients observed
}

TEST_CASE("the recursion agrees with listing every outcome of twelve patients") {
  for (const auto& boundary :
       {*constant_tail_boundary(12, 0.2, 0.1), *rising_tail_boundary(12, 0.2, 0.1, 0.0),
        *bayesian_boundary_at_level(12, 0.2, {0.4, 1.6}, 0.1),
        *sequential_probability_ratio_boundary(12, 0.2, 0.5, 0.1, 0.8)}) {
    for (double p : {0.1, 0.2, 0.5}) {
      CHECK(operating(boundary, p).stopped == Approx(stopped_by_enumeration(boundary, p)).epsilon(1e-12));
    }
  }
}

TEST_CASE("no boundary stops more often than its level at the proportion it allows") {
  CHECK(rc::check([] {
    const int patients = *rc::gen::inRange(5, 60);
    const double p0 = *rc::gen::inRange(2, 40) / 100.0, level = *rc::gen::inRange(1, 20) / 100.0;
    const int first = *rc::gen::inRange(1, 5);
    for (const auto& boundary : {*constant_tail_boundary(patients, p0, level, first),
                                 *rising_tail_boundary(patients, p0, level, 0.2, first),
                                 *bayesian_boundary_at_level(patients, p0, {p0, 1.0 - p0}, level, first)}) {
      RC_ASSERT(boundary.level <= level + 1e-12);
      RC_ASSERT(std::fabs(boundary.level - operating(boundary, p0).stopped) < 1e-12);
      for (int k = 1; k < first; ++k) RC_ASSERT(boundary.stop_at[static_cast<std::size_t>(k) - 1] == k + 1);
    }
  }));
}

TEST_CASE("the Pocock-type boundary could not stop one harm earlier anywhere and keep its pointwise tail") {
  const auto boundary = constant_tail_boundary(40, 0.15, 0.05);
  REQUIRE(boundary);
  for (int k = 1; k <= 40; ++k) {
    const int b = boundary->stop_at[static_cast<std::size_t>(k) - 1];
    if (b <= k) CHECK(binomial_at_least(k, 0.15, b) <= boundary->parameter);
    CHECK(binomial_at_least(k, 0.15, b - 1) > boundary->parameter);
  }
}

TEST_CASE("an O'Brien-Fleming-like boundary waits longer early and is tighter at the end") {
  const auto pocock = constant_tail_boundary(50, 0.2, 0.05),
             rising = rising_tail_boundary(50, 0.2, 0.05, 0.0);
  REQUIRE(pocock);
  REQUIRE(rising);
  CHECK(rising->stop_at[9] > pocock->stop_at[9]);
  CHECK(rising->stop_at[49] < pocock->stop_at[49]);
}

TEST_CASE("monitoring that makes no sense is refused") {
  CHECK_FALSE(constant_tail_boundary(0, 0.2, 0.05));
  CHECK_FALSE(constant_tail_boundary(20, 1.0, 0.05));
  CHECK_FALSE(constant_tail_boundary(20, 0.2, 0.05, 21));
  CHECK_FALSE(bayesian_boundary(20, 0.2, {0.0, 1.0}, 0.95));
  CHECK_FALSE(sequential_probability_ratio_boundary(20, 0.3, 0.2, 0.05, 0.8));
}
