#include "sim/ode.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace graftline;
using sim::OdeState;

TEST_CASE("an oscillator returns after a whole turn") {
  const sim::OdeSystem system{[](double, const OdeState& y, OdeState& d) {
    d[0] = y[1];
    d[1] = -y[0];
  }};
  const std::vector<double> times{1.0, 6.283185307179586};
  const auto states = sim::solve(system, {1.0, 0.0}, 0.0, times);
  REQUIRE(states);
  CHECK((*states)[0][0] == doctest::Approx(std::cos(1.0)).epsilon(1e-7));
  CHECK((*states)[1][0] == doctest::Approx(1.0).epsilon(1e-7));
}

TEST_CASE("a dose adds to what is left of the one before") {
  const sim::OdeSystem system{[](double, const OdeState& y, OdeState& d) { d[0] = -0.1 * y[0]; }};
  const sim::OdeEvent dose{10.0, [](OdeState& y) { y[0] += 5.0; }};
  const std::vector<double> times{9.0, 10.0, 20.0};
  const auto states = sim::solve(system, {2.0}, 0.0, times, {&dose, 1});
  REQUIRE(states);
  CHECK((*states)[0][0] == doctest::Approx(2.0 * std::exp(-0.9)).epsilon(1e-7));
  CHECK((*states)[1][0] == doctest::Approx(2.0 * std::exp(-1.0) + 5.0).epsilon(1e-7));
  CHECK((*states)[2][0] == doctest::Approx((2.0 * std::exp(-1.0) + 5.0) * std::exp(-1.0)).epsilon(1e-7));
}

TEST_CASE("a delay: y' = -y(t - 1) from y = 1 is 1 - t, then a parabola") {
  // On [1, 2]: y' = -(1 - (t - 1)) = t - 2, so y = (t - 2)^2 / 2 - 1/2.
  const sim::DelaySystem system{
      1.0, [](double, const OdeState&, const OdeState& past, OdeState& d) { d[0] = -past[0]; }};
  const std::vector<double> times{0.5, 1.0, 1.5, 2.0};
  const auto states = sim::solve(system, {1.0}, 0.0, times);
  REQUIRE(states);
  CHECK((*states)[0][0] == doctest::Approx(0.5).epsilon(1e-8));
  CHECK(std::abs((*states)[1][0]) < 1e-8);
  CHECK((*states)[2][0] == doctest::Approx(-0.375).epsilon(1e-8));
  CHECK((*states)[3][0] == doctest::Approx(-0.5).epsilon(1e-8));
}

TEST_CASE("times that run backwards, and solutions that run away, are errors") {
  const sim::OdeSystem explosive{[](double, const OdeState& y, OdeState& d) { d[0] = y[0] * y[0]; }};
  const std::vector<double> backwards{1.0, 0.5};
  CHECK(!sim::solve(explosive, {1.0}, 0.0, backwards));
  const std::vector<double> beyond{2.0};  // y = 1 / (1 - t) has no value at 2
  CHECK(!sim::solve(explosive, {1.0}, 0.0, beyond, {}, {.most_steps = 100'000}));
}
