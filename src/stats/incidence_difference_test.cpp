#include "stats/incidence_difference.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>

using namespace graftline::stats;
using doctest::Approx;

namespace {
PiecewiseHazard constant(double rate) { return {{0.0}, {rate}}; }
const Accrual two_years{{24.0}, {1.0}};
}  // namespace

TEST_CASE("when everybody is followed, the variance of a cumulative incidence is F (1 - F)") {
  CHECK(rc::check([] {
    const IncidenceArm arm{constant(*rc::gen::inRange(1, 80) / 1000.0),
                           {{0.0, 2.0}, {*rc::gen::inRange(0, 80) / 1000.0, 0.01}},
                           constant(0.0)};
    const double incidence = cumulative_incidence_at(arm, 12.0);
    RC_ASSERT(std::fabs(incidence_variance_per_patient(arm, two_years, 36.0, 12.0) -
                        incidence * (1.0 - incidence)) < 1e-11);
  }));
}

TEST_CASE("with losses and no competing event the variance is Greenwood's") {
  // S(t)^2 int_0^t l e^((l + d) u) du = S^2 l (e^((l + d) t) - 1) / (l + d).
  const double l = 0.04, d = 0.03, t = 12.0;
  const IncidenceArm arm{constant(l), constant(0.0), constant(d)};
  const double greenwood = std::exp(-2.0 * l * t) * l * std::expm1((l + d) * t) / (l + d);
  CHECK(incidence_variance_per_patient(arm, two_years, 36.0, t) == Approx(greenwood).epsilon(1e-12));
}

TEST_CASE(
    "40 % against 25 % at one year takes the patients of the two-proportion formula when none is lost") {
  // Hazards giving F = 0.4 and 0.25 at 12 with nothing competing; n = z^2 (2 x 0.24 + 2 x 0.1875) / 0.15^2.
  IncidenceComparison comparison;
  comparison.control.event = constant(-std::log(0.6) / 12.0);
  comparison.treated.event = constant(-std::log(0.75) / 12.0);
  comparison.accrual = two_years;
  comparison.study_end = 36.0;
  comparison.time = 12.0;
  const auto size = incidence_sample_size(comparison, 0.8);
  REQUIRE(size);
  CHECK(size->patients == Approx(7.848879734349086 * (0.48 + 0.375) / 0.0225).epsilon(1e-10));
  CHECK(*incidence_power(comparison, size->patients) == Approx(0.8).epsilon(1e-12));
}

TEST_CASE(
    "ending the study before the last patient has been followed costs patients, ending it too soon is "
    "refused") {
  IncidenceComparison comparison;
  comparison.control = {constant(0.04), constant(0.02), constant(0.005)};
  comparison.treated = {constant(0.02), constant(0.02), constant(0.005)};
  comparison.accrual = two_years;
  comparison.time = 12.0;
  comparison.study_end = 36.0;
  const auto full = incidence_sample_size(comparison, 0.8);
  comparison.study_end = 30.0;
  const auto shortened = incidence_sample_size(comparison, 0.8);
  REQUIRE(full);
  REQUIRE(shortened);
  CHECK(shortened->patients > full->patients);
  comparison.study_end = 12.0;
  CHECK(incidence_sample_size(comparison, 0.8).error().kind == graftline::ErrorKind::conflict);
}
