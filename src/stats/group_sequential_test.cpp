#include "stats/group_sequential.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <initializer_list>
#include <limits>

#include "stats/normal.h"

using namespace graftline::stats;
using doctest::Approx;

namespace {

std::vector<double> equally_spaced(int looks) {
  std::vector<double> t;
  for (int k = 1; k <= looks; ++k) t.push_back(static_cast<double>(k) / looks);
  return t;
}

GroupSequentialPlan classical(int looks, double shape) {
  GroupSequentialPlan plan;
  plan.information_fractions = equally_spaced(looks);
  plan.alpha = 0.05;
  plan.beta = 0.1;
  plan.sides = 2;
  plan.efficacy = {EfficacyFamily::wang_tsiatis, shape, {}, {}};
  return plan;
}

GroupSequentialPlan spending_plan(Spending spending, int sides, double alpha, std::vector<double> fractions) {
  GroupSequentialPlan plan;
  plan.information_fractions = std::move(fractions);
  plan.alpha = alpha;
  plan.sides = sides;
  plan.efficacy = {EfficacyFamily::alpha_spending, 0.0, spending, {}};
  return plan;
}

}  // namespace

TEST_CASE(
    "Pocock's and O'Brien and Fleming's constants are those of Jennison and Turnbull's tables 2.1 and 2.3") {
  // Two-sided 0.05; three decimals as printed.
  const struct {
    int looks;
    double pocock, obrien_fleming;
  } printed[] = {
      {2, 2.178, 1.977}, {3, 2.289, 2.004}, {4, 2.361, 2.024}, {5, 2.413, 2.040}, {10, 2.555, 2.087}};
  for (const auto& row : printed) {
    CAPTURE(row.looks);
    const auto pocock = group_sequential_design(classical(row.looks, 0.5));
    const auto obrien_fleming = group_sequential_design(classical(row.looks, 0.0));
    REQUIRE(pocock);
    REQUIRE(obrien_fleming);
    CHECK(std::fabs(pocock->critical_values.back() - row.pocock) <= 0.0005);
    CHECK(pocock->critical_values.front() == Approx(pocock->critical_values.back()).epsilon(1e-14));
    CHECK(std::fabs(obrien_fleming->critical_values.back() - row.obrien_fleming) <= 0.0005);
    CHECK(obrien_fleming->critical_values.front() ==
          Approx(obrien_fleming->critical_values.back() * std::sqrt(row.looks)).epsilon(1e-14));
  }
}

TEST_CASE("five looks at power 0.9 cost 20.7 % more patients with Pocock, 2.6 % with O'Brien-Fleming") {
  // Jennison and Turnbull tables 2.2 and 2.4.
  const auto pocock = design_characteristics(*group_sequential_design(classical(5, 0.5)));
  const auto obrien_fleming = design_characteristics(*group_sequential_design(classical(5, 0.0)));
  REQUIRE(pocock);
  REQUIRE(obrien_fleming);
  CHECK(std::fabs(pocock->inflation_factor - 1.207) <= 0.0005);
  CHECK(std::fabs(obrien_fleming->inflation_factor - 1.026) <= 0.0005);
}

TEST_CASE("the O'Brien-Fleming spending boundary of five looks is the published one") {
  // Reboussin, DeMets, Kim, Lan, Control Clin Trials 2000; 21:190 (two-sided 0.05), by a program that
  // integrates on a grid: its fourth decimal is off by one in the second value.
  const auto design = group_sequential_design(
      spending_plan({SpendingFamily::obrien_fleming, 0.0}, 2, 0.05, {0.2, 0.4, 0.6, 0.8, 1.0}));
  REQUIRE(design);
  const double printed[] = {4.8769, 3.3569, 2.6803, 2.2898, 2.0310};
  for (std::size_t k = 0; k < 5; ++k) CHECK(std::fabs(design->critical_values[k] - printed[k]) <= 0.00015);
}

TEST_CASE("whatever the boundary and the looks, exactly alpha is spent and the power is reached") {
  CHECK(rc::check([] {
    const int looks = *rc::gen::inRange(2, 6);
    std::vector<double> t;
    double now = 0.0;
    for (int k = 0; k < looks; ++k) t.push_back(now += *rc::gen::inRange(2, 100));
    for (double& x : t) x /= now;
    const int sides = *rc::gen::inRange(1, 3);
    const Spending spending{static_cast<SpendingFamily>(*rc::gen::inRange(0, 4)),
                            *rc::gen::inRange(1, 40) / 10.0};
    const auto design = group_sequential_design(spending_plan(spending, sides, 0.05, t));
    RC_ASSERT(bool(design));
    RC_ASSERT(std::fabs(design->alpha_spent.back() - 0.05) < 1e-11);
    const auto character = design_characteristics(*design);
    RC_ASSERT(bool(character));
    const auto at_drift = operating_characteristics(*design, std::sqrt(character->shift));
    RC_ASSERT(std::fabs(at_drift.power(*design) - 0.8) < 1e-10);
    double everything = 0.0;  // stopping for one reason or another, or reaching the end without rejecting
    for (std::size_t k = 0; k < t.size(); ++k) everything += at_drift.stop_at(k);
    RC_ASSERT(everything <= 1.0 + 1e-12);
  }));
}

TEST_CASE("a look at which no alpha may be spent cannot reject") {
  GroupSequentialPlan plan = spending_plan({}, 1, 0.025, {0.5, 1.0});
  plan.efficacy.family = EfficacyFamily::no_early_efficacy;
  const auto design = group_sequential_design(plan);
  REQUIRE(design);
  CHECK(std::isinf(design->critical_values[0]));
  CHECK(design->critical_values[1] == Approx(normal_upper_quantile(0.025)).epsilon(1e-12));
}

TEST_CASE("binding futility lowers the critical values, non-binding futility leaves them alone") {
  GroupSequentialPlan plan = spending_plan({SpendingFamily::pocock, 0.0}, 1, 0.025, {0.5, 1.0});
  const auto without = group_sequential_design(plan);
  plan.futility = {FutilityFamily::fixed_bounds, false, {0.5}, {}, {}};
  const auto loose = group_sequential_design(plan);
  plan.futility.binding = true;
  const auto binding = group_sequential_design(plan);
  REQUIRE(without);
  REQUIRE(loose);
  REQUIRE(binding);
  CHECK(loose->critical_values == without->critical_values);
  CHECK(binding->critical_values[1] < without->critical_values[1] - 0.001);
  CHECK(binding->alpha_spent[1] == Approx(0.025).epsilon(1e-10));
}

TEST_CASE("beta spending stops as much of the beta at each look as the function allows, and beta in all") {
  GroupSequentialPlan plan = spending_plan({SpendingFamily::obrien_fleming, 0.0}, 1, 0.025, {0.4, 0.7, 1.0});
  plan.futility = {FutilityFamily::beta_spending, true, {}, {SpendingFamily::power, 2.0}, {}};
  const auto design = group_sequential_design(plan);
  REQUIRE(design);
  CHECK(design->beta_spent[0] == Approx(0.2 * 0.16).epsilon(1e-9));
  CHECK(design->beta_spent[1] == Approx(0.2 * 0.49).epsilon(1e-9));
  CHECK(design->beta_spent[2] == Approx(0.2).epsilon(1e-9));
  // At the drift found, what is stopped for futility is what was spent.
  const auto character = design_characteristics(*design);
  REQUIRE(character);
  CHECK(character->futility_per_look[0] == Approx(0.2 * 0.16).epsilon(1e-7));
}

TEST_CASE("plans that cannot be meant are refused") {
  GroupSequentialPlan plan = spending_plan({}, 1, 0.025, {0.5, 0.5});
  CHECK_FALSE(group_sequential_design(plan));
  plan.information_fractions = {0.5, 1.2};
  CHECK_FALSE(group_sequential_design(plan));
  plan.information_fractions = {0.5, 1.0};
  plan.alpha = 0.0;
  CHECK_FALSE(group_sequential_design(plan));
  plan.alpha = 0.025;
  plan.futility = {FutilityFamily::fixed_bounds, true, {4.0}, {}, {}};
  const auto crossed = group_sequential_design(plan);
  REQUIRE_FALSE(crossed);
  CHECK(crossed.error().kind == graftline::ErrorKind::conflict);
  plan.futility = {FutilityFamily::beta_spending, false, {}, {}, {}};
  plan.efficacy.family = EfficacyFamily::wang_tsiatis;
  CHECK(group_sequential_design(plan).error().kind == graftline::ErrorKind::unsupported);
}
