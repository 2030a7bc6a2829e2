#include "stats/event_probability.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <initializer_list>

using namespace graftline::stats;
using doctest::Approx;

namespace {
PiecewiseHazard constant(double rate) { return {{0.0}, {rate}}; }
}  // namespace

TEST_CASE("with a median of 12 months, 24 months of accrual and 12 of follow-up, 73 % have an event") {
  // 1 - e^(-36 l) (e^(24 l) - 1) / (24 l) with l = ln 2 / 12: 1 - (1/8)(4 - 1) / (2 ln 2) = 1 - 3 / (16 ln
  // 2).
  const Accrual accrual{{24.0}, {1.0}};
  const EventProcess process{constant(std::log(2.0) / 12.0), constant(0.0)};
  CHECK(event_probability(process, accrual, 36.0) ==
        Approx(1.0 - 3.0 / (16.0 * std::log(2.0))).epsilon(1e-13));
  // Halfway through accrual, month 12: 1/24 int_0^12 (1 - e^(-l s)) ds = 1/2 - (1 - 1/2) / (24 l).
  CHECK(event_probability(process, accrual, 12.0) ==
        Approx(0.5 - 0.5 / (2.0 * std::log(2.0))).epsilon(1e-13));
}

TEST_CASE("losing 10 % of patients in a year is a hazard of -ln 0.9 a year") {
  CHECK(dropout_hazard(0.1, 12.0) * 12.0 == Approx(-std::log(0.9)).epsilon(1e-15));
}

TEST_CASE("of two competing hazards each takes its share of what happens") {
  const EventProcess process{constant(0.03), constant(0.01)};
  CHECK(event_probability_by(process, 20.0) == Approx(0.75 * (1.0 - std::exp(-0.8))).epsilon(1e-14));
}

TEST_CASE("a change of hazard to the same hazard changes nothing") {
  const PiecewiseHazard split{{0.0, 3.0, 7.5}, {0.04, 0.04, 0.04}};
  const Accrual accrual{{10.0}, {1.0}};
  for (double time : {2.0, 8.0, 30.0}) {
    CHECK(event_probability(EventProcess{split, constant(0.01)}, accrual, time) ==
          Approx(event_probability(EventProcess{constant(0.04), constant(0.01)}, accrual, time))
              .epsilon(1e-13));
  }
}

TEST_CASE("patients who all enter in the second half have been followed for less") {
  const EventProcess process{constant(0.05), constant(0.0)};
  const Accrual late{{6.0, 12.0}, {0.0, 1.0}}, half{{6.0}, {1.0}};
  CHECK(event_probability(process, late, 20.0) ==
        Approx(event_probability(process, half, 14.0)).epsilon(1e-13));
  CHECK(late.entered(9.0) == Approx(0.5));
}

TEST_CASE("without a competing event an effect on the subdistribution hazard is one on the hazard") {
  CHECK(rc::check([] {
    const double rate = *rc::gen::inRange(1, 100) / 1000.0, ratio = *rc::gen::inRange(2, 30) / 10.0;
    const double time = *rc::gen::inRange(1, 60);
    const Accrual accrual{{10.0, 18.0}, {1.0, 2.0}};
    const PiecewiseHazard dropout{{0.0, 5.0}, {0.02, 0.005}};
    const PiecewiseHazard event{{0.0, 4.0}, {rate, rate / 2.0}};
    const double subdistribution =
        event_probability(SubdistributionProcess{event, constant(0.0), ratio, dropout}, accrual, time);
    const double plain = event_probability(EventProcess{scaled(event, ratio), dropout}, accrual, time);
    RC_ASSERT(std::fabs(subdistribution - plain) < 1e-12);
  }));
}

TEST_CASE("a subdistribution hazard ratio of 2 squares the chance to escape relapse") {
  // F0(10) = (0.05/0.08)(1 - e^-0.8); treated 1 - (1 - F0)^2. Everybody enters at once and none is lost.
  const double control = 0.625 * (1.0 - std::exp(-0.8));
  const SubdistributionProcess process{constant(0.05), constant(0.03), 2.0, constant(0.0)};
  const Accrual at_once{{1e-9}, {1.0}};
  CHECK(event_probability(process, at_once, 10.0) ==
        Approx(1.0 - (1.0 - control) * (1.0 - control)).epsilon(1e-8));
}
