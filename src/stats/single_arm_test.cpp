#include "stats/single_arm.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "stats/binomial.h"

using namespace graftline::stats;
using doctest::Approx;

TEST_CASE("Simon's two-stage designs are those of his tables 1 and 2") {
  // Simon 1989: r1/n1, r/n, expected patients under p0 (one decimal), probability to stop early (two
  // decimals).
  const struct {
    ProportionGoal goal;
    int r1, n1, r, n;
    double expected, early;
    int mr1, mn1, mr, mn;
    double mexpected, mearly;
  } printed[] = {
      {{0.05, 0.25, 0.05, 0.2}, 0, 9, 2, 17, 12.0, 0.63, 0, 12, 2, 16, 13.8, 0.54},
      {{0.10, 0.30, 0.05, 0.2}, 1, 10, 5, 29, 15.0, 0.74, 1, 15, 5, 25, 19.5, 0.55},
      {{0.10, 0.30, 0.05, 0.1}, 2, 18, 6, 35, 22.5, 0.73, 2, 22, 6, 33, 26.2, 0.62},
      {{0.20, 0.40, 0.05, 0.1}, 4, 19, 15, 54, 30.4, 0.67, 5, 24, 13, 45, 31.2, 0.66},
      {{0.30, 0.50, 0.05, 0.2}, 5, 15, 18, 46, 23.6, 0.72, 6, 19, 16, 39, 25.7, 0.66},
      {{0.40, 0.60, 0.05, 0.1}, 11, 25, 32, 66, 36.0, 0.73, 12, 29, 27, 54, 38.1, 0.64},
  };
  for (const auto& row : printed) {
    CAPTURE(row.goal.p0);
    CAPTURE(row.goal.beta);
    const auto designs = simon_two_stage(row.goal);
    REQUIRE(designs);
    const auto& optimal = designs->optimal;
    CHECK(optimal.futile_at_first == row.r1);
    CHECK(optimal.first_patients == row.n1);
    CHECK(optimal.not_worth_at_end == row.r);
    CHECK(optimal.patients == row.n);
    CHECK(std::fabs(optimal.expected_patients_under_p0 - row.expected) <= 0.0501);
    CHECK(std::fabs(optimal.early_stop_under_p0 - row.early) <= 0.00501);
    const auto& minimax = designs->minimax;
    CHECK(minimax.futile_at_first == row.mr1);
    CHECK(minimax.first_patients == row.mn1);
    CHECK(minimax.not_worth_at_end == row.mr);
    CHECK(minimax.patients == row.mn);
    CHECK(std::fabs(minimax.expected_patients_under_p0 - row.mexpected) <= 0.0501);
    CHECK(designs->admissible.front().patients == minimax.patients);
    CHECK(designs->admissible.back().patients == optimal.patients);
  }
}

TEST_CASE("a two-stage design of four patients, by hand") {
  // n1 = 2, r1 = 0, n = 4, r = 2 at p = 1/2. Declared: x1 = 1 (1/2) and both later (1/4), or x1 = 2 (1/4) and
  // at least one later (3/4): 1/8 + 3/16 = 5/16. Stops early with probability 1/4: 2 + 3/4 x 2 = 3.5
  // patients.
  const TwoStageDesign design{
      .first_patients = 2, .futile_at_first = 0, .patients = 4, .not_worth_at_end = 2};
  const auto at_half = operating(design, 0.5);
  CHECK(at_half.declared == Approx(5.0 / 16.0).epsilon(1e-14));
  CHECK(at_half.stopped_early == Approx(0.25).epsilon(1e-14));
  CHECK(at_half.expected_patients == Approx(3.5).epsilon(1e-14));
}

TEST_CASE("30 % against 50 % takes 39 patients in one stage, 17 responses being enough") {
  // A'Hern 2001, table for alpha 0.05 and power 0.8.
  const auto design = exact_one_stage({0.3, 0.5, 0.05, 0.2});
  REQUIRE(design);
  CHECK(design->patients == 39);
  CHECK(design->responses_needed == 17);
  CHECK(design->alpha == Approx(binomial_at_least(39, 0.3, 17)).epsilon(1e-13));
}

TEST_CASE(
    "Lee and Liu's example stops for futility at 0/10, 1/17, 2/21, 3/24, 4/27, 5/29, 6/31, 7/33, 8/34, 9/35, "
    "10/36") {
  // Lee and Liu 2008: p0 = 0.2, p1 = 0.4, prior beta(0.2, 0.8), certainty 0.922, futile below 0.001, looks
  // from 10 to 36; type I error 0.088, power 0.906.
  PredictiveMonitoring plan{
      .prior = {0.2, 0.8}, .p0 = 0.2, .certainty = 0.922, .futile_below = 0.001, .looks = {}};
  for (int n = 10; n <= 36; ++n) plan.looks.push_back(n);
  const auto boundary = monitoring_boundary(plan);
  REQUIRE(boundary);
  std::vector<int> first_at;  // the look at which 0, 1, 2, ... responses first stop
  for (std::size_t i = 0; i < plan.looks.size(); ++i) {
    while (static_cast<int>(first_at.size()) <= boundary->futile_at_most[i])
      first_at.push_back(plan.looks[i]);
  }
  CHECK(first_at == std::vector{10, 17, 21, 24, 27, 29, 31, 33, 34, 35, 36});
  CHECK(std::fabs(operating(*boundary, 0.2).success - 0.088) <= 0.0005);
  CHECK(std::fabs(operating(*boundary, 0.4).success - 0.906) <= 0.0005);
}

TEST_CASE("after no patient the posterior is the prior: uniform, half of it lies above one half") {
  CHECK(posterior_above({1.0, 1.0}, 0, 0, 0.5) == Approx(0.5).epsilon(1e-14));
  // One response: beta(2, 1), P(p > 1/2) = 1 - 1/4.
  CHECK(posterior_above({1.0, 1.0}, 1, 1, 0.5) == Approx(0.75).epsilon(1e-14));
}

TEST_CASE("a posterior boundary stops what is very unlikely to be good enough, and no sooner") {
  const PosteriorMonitoring plan{
      .prior = {1.0, 1.0}, .p0 = 0.3, .p1 = 0.5, .certainty = 0.9, .futile_below = 0.1, .looks = {5, 10, 20}};
  const auto boundary = monitoring_boundary(plan);
  REQUIRE(boundary);
  for (std::size_t i = 0; i + 1 < plan.looks.size(); ++i) {
    const int x = boundary->futile_at_most[i];
    if (x >= 0) CHECK(posterior_above(plan.prior, plan.looks[i], x, 0.5) < 0.1);
    CHECK(posterior_above(plan.prior, plan.looks[i], x + 1, 0.5) >= 0.1);
  }
}

TEST_CASE("goals that make no sense are refused") {
  CHECK_FALSE(exact_one_stage({0.4, 0.3, 0.05, 0.2}));
  CHECK_FALSE(simon_two_stage({0.3, 0.5, 0.0, 0.2}));
  CHECK_FALSE(simon_two_stage({0.3, 0.5, 0.05, 0.2}, 10));
  CHECK_FALSE(monitoring_boundary(PredictiveMonitoring{.prior = {1.0, 1.0}, .p0 = 0.2, .looks = {10, 10}}));
}
