#include "stats/interim_analysis.h"

#include <doctest/doctest.h>

#include <cmath>

#include "stats/normal.h"

using namespace graftline::stats;
using doctest::Approx;

namespace {

GroupSequentialDesign two_looks(int sides = 1) {
  GroupSequentialPlan plan;
  plan.information_fractions = {0.5, 1.0};
  plan.alpha = 0.025 * sides;
  plan.sides = sides;
  return *group_sequential_design(plan);
}

SurvivalInterimData seen(std::vector<double> events, std::vector<double> z) {
  return {.cumulative_events = std::move(events), .cumulative_z = std::move(z)};
}

}  // namespace

TEST_CASE("with one look to come, conditional power is one normal tail") {
  // B(1) given B(1/2) = z sqrt(1/2) is normal with variance 1/2; 50 more events add drift log(1/HR) sqrt(50)
  // / 2 to Z*.
  const auto design = two_looks();
  const double z = 1.3, c = design.critical_values[1];
  const auto data = seen({50.0}, {-z});  // fewer events than expected in the treated arm: benefit
  const auto analysis = analyse_interim(design, data);
  REQUIRE(analysis);
  CHECK(*analysis->conditional_rejection_probability[0] ==
        Approx(normal_upper_tail(c * std::sqrt(2.0) - z)).epsilon(1e-11));
  const auto chances = conditional_power(design, data, {50.0}, 0.6);
  REQUIRE(chances);
  const double drift = -std::log(0.6) * std::sqrt(50.0) / 2.0;
  CHECK((*chances)[0] == Approx(normal_upper_tail(c * std::sqrt(2.0) - z - drift)).epsilon(1e-11));
}

TEST_CASE("predictive power with a flat prior spreads the drift over its standard error") {
  // B(1) given the data is N(z / sqrt t, (1 - t) / t) at t = 1/2: N(z sqrt 2, 1).
  const auto design = two_looks();
  const double z = 1.3, c = design.critical_values[1];
  const auto predicted = predictive_power(design, seen({50.0}, {-z}), {50.0});
  REQUIRE(predicted);
  CHECK(*predicted == Approx(normal_upper_tail(c - z * std::sqrt(2.0))).epsilon(1e-10));
}

TEST_CASE("a prior that is certain makes predictive power conditional power") {
  const auto design = two_looks();
  const auto data = seen({50.0}, {-1.3});
  const auto predicted = predictive_power(design, data, {50.0}, {std::log(0.7), 1e-9});
  CHECK(*predicted == Approx(conditional_power(design, data, {50.0}, 0.7)->back()).epsilon(1e-6));
}

TEST_CASE("a trial stopped at its first look reports the ordinary p-value, interval and estimate") {
  const auto analysis = analyse_interim(two_looks(), seen({60.0}, {-3.4}));
  REQUIRE(analysis);
  CHECK(analysis->action[0] == LookAction::reject_and_stop);
  REQUIRE(analysis->final_look == 1);
  const double error = 2.0 / std::sqrt(60.0);
  CHECK(*analysis->final_p == Approx(normal_upper_tail(3.4)).epsilon(1e-10));
  CHECK(*analysis->median_unbiased == Approx(std::exp(-3.4 * error)).epsilon(1e-9));
  CHECK(*analysis->final_lower == Approx(std::exp((-3.4 - 1.9599639845) * error)).epsilon(1e-9));
  CHECK(*analysis->final_upper == Approx(std::exp((-3.4 + 1.9599639845) * error)).epsilon(1e-9));
}

TEST_CASE("a result exactly on the last boundary has the p-value alpha, and its interval ends at no effect") {
  const auto design = two_looks();
  const auto analysis = analyse_interim(design, seen({50.0, 100.0}, {-1.0, -design.critical_values[1]}));
  REQUIRE(analysis);
  REQUIRE(analysis->final_look == 2);
  CHECK(*analysis->final_p == Approx(0.025).epsilon(1e-9));
  CHECK(*analysis->final_upper == Approx(1.0).epsilon(1e-8));
  CHECK(*analysis->repeated_p[1] == Approx(0.025).epsilon(1e-7));
  CHECK(*analysis->repeated_upper[1] == Approx(1.0).epsilon(1e-12));
}

TEST_CASE("a two-sided p-value is twice the smaller one-sided one, also at the first look") {
  const auto analysis = analyse_interim(two_looks(2), seen({60.0}, {3.4}));
  REQUIRE(analysis);
  CHECK(*analysis->final_p == Approx(2.0 * normal_upper_tail(3.4)).epsilon(1e-10));
}

TEST_CASE("with events as planned the combination of stages is the cumulative statistic") {
  const auto design = two_looks();
  auto data = seen({50.0, 100.0}, {-0.7, -2.3});
  const auto grouped = analyse_interim(design, data);
  data.combination = Combination::inverse_normal;
  const auto combined = analyse_interim(design, data);
  CHECK(combined->statistic[1] == Approx(grouped->statistic[1]).epsilon(1e-13));
  CHECK(*combined->median_unbiased == Approx(*grouped->median_unbiased).epsilon(1e-10));
}

TEST_CASE("turning the direction of benefit round turns every hazard ratio upside down") {
  const auto design = two_looks();
  auto data = seen({40.0, 100.0}, {0.7, 2.3});
  data.benefit_is_higher_hazard_ratio = true;
  const auto up = analyse_interim(design, data);
  const auto down = analyse_interim(design, seen({40.0, 100.0}, {-0.7, -2.3}));
  CHECK(*up->final_p == Approx(*down->final_p).epsilon(1e-13));
  CHECK(*up->final_lower == Approx(1.0 / *down->final_upper).epsilon(1e-10));
  CHECK(*up->repeated_lower[0] == Approx(1.0 / *down->repeated_upper[0]).epsilon(1e-12));
}

TEST_CASE("looks that cannot have happened are refused") {
  const auto design = two_looks();
  CHECK_FALSE(analyse_interim(design, seen({}, {})));
  CHECK_FALSE(analyse_interim(design, seen({50.0, 50.0}, {1.0, 1.0})));
  CHECK_FALSE(analyse_interim(design, seen({10.0, 20.0, 30.0}, {1.0, 1.0, 1.0})));
  CHECK_FALSE(conditional_power(design, seen({50.0}, {1.0}), {10.0, 10.0}, 0.7));
}
