#include "stats/survival_design.h"

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>

#include "stats/normal.h"

using namespace graftline::stats;
using doctest::Approx;

namespace {

// (1.959964 + 0.841621)^2: two-sided 0.05, power 0.8.
constexpr double z_squared = 7.848879734349086;

GroupSequentialDesign one_look(double alpha, double beta, int sides) {
  GroupSequentialPlan plan;
  plan.information_fractions = {1.0};
  plan.alpha = alpha;
  plan.beta = beta;
  plan.sides = sides;
  return *group_sequential_design(plan);
}

TwoArmTrial two_years_accrual(double hazard_ratio) {
  TwoArmTrial trial;
  trial.control_hazard = {{0.0}, {std::log(2.0) / 12.0}};
  trial.hazard_ratio = hazard_ratio;
  trial.accrual = {{24.0}, {1.0}};
  return trial;
}

}  // namespace

TEST_CASE("halving the hazard takes 65 events by Schoenfeld and 71 by Freedman") {
  const auto events = [](EventFormula formula, double ratio) {
    return *events_for_log_rank(formula, 0.5, ratio, 0.05, 0.2, 2);
  };
  const double log_two = std::log(2.0);
  CHECK(events(EventFormula::schoenfeld, 1.0) ==
        Approx(4.0 * z_squared / (log_two * log_two)).epsilon(1e-12));                   // 65.3
  CHECK(events(EventFormula::freedman, 1.0) == Approx(9.0 * z_squared).epsilon(1e-12));  // 70.6
  // Two treated for each control: Schoenfeld (1 + 2)^2 / 2 = 4.5, Freedman ((1 + 2/2)/(1/2))^2 / 2 = 8, Hsieh
  // 9 x 9 / 8.
  CHECK(events(EventFormula::schoenfeld, 2.0) ==
        Approx(4.5 * z_squared / (log_two * log_two)).epsilon(1e-12));
  CHECK(events(EventFormula::freedman, 2.0) == Approx(8.0 * z_squared).epsilon(1e-12));
  CHECK(events(EventFormula::hsieh_freedman, 2.0) == Approx(9.0 * 9.0 / 8.0 * z_squared).epsilon(1e-12));
}

TEST_CASE("patients are the events needed over the probability that a patient has one") {
  const auto design = one_look(0.05, 0.2, 2);
  const auto size = survival_sample_size(design, two_years_accrual(0.5), EventFormula::schoenfeld, 12.0);
  REQUIRE(size);
  // Control 1 - 3 / (16 ln 2); treated with l = ln 2 / 24: 1 - e^(-36 l) (e^(24 l) - 1) / (24 l) = 1 - 2^-1.5
  // / ln 2.
  const double control = 1.0 - 3.0 / (16.0 * std::log(2.0)),
               treated = 1.0 - std::pow(2.0, -1.5) / std::log(2.0);
  CHECK(size->patients == Approx(size->events / (0.5 * (control + treated))).epsilon(1e-12));
  CHECK(size->schedule.analysis_time.back() == 36.0);
}

TEST_CASE("a trial of the size found has the power it was sized for") {
  for (auto formula : {EventFormula::schoenfeld, EventFormula::freedman, EventFormula::hsieh_freedman}) {
    GroupSequentialPlan plan;
    plan.information_fractions = {0.4, 0.75, 1.0};
    plan.beta = 0.1;
    plan.futility = {FutilityFamily::beta_spending, false, {}, {SpendingFamily::pocock, 0.0}, {}};
    const auto design = group_sequential_design(plan);
    REQUIRE(design);
    TwoArmTrial trial = two_years_accrual(0.65);
    trial.allocation_ratio = 2.0;
    trial.control_dropout.rate = {0.01};
    trial.competing_hazard.rate = {0.02};
    for (auto scale : {EffectScale::cause_specific, EffectScale::subdistribution}) {
      trial.scale = scale;
      const auto size = survival_sample_size(*design, trial, formula, 9.0);
      REQUIRE(size);
      const auto power = survival_power(*design, trial, formula, size->patients, size->events);
      REQUIRE(power);
      CHECK(power->power == Approx(0.9).epsilon(1e-9));
      CHECK(power->schedule.analysis_time.back() == Approx(33.0).epsilon(1e-9));
      CHECK(power->expected_duration == Approx(size->expected_duration_h1).epsilon(1e-7));
    }
  }
}

TEST_CASE("competing deaths cost patients, not events") {
  TwoArmTrial alone = two_years_accrual(0.6), competing = alone;
  competing.competing_hazard.rate = {0.03};
  const auto design = one_look(0.025, 0.1, 1);
  const auto without = survival_sample_size(design, alone, EventFormula::schoenfeld, 12.0);
  const auto with = survival_sample_size(design, competing, EventFormula::schoenfeld, 12.0);
  CHECK(with->events == Approx(without->events).epsilon(1e-12));
  CHECK(with->patients > 1.2 * without->patients);
}

TEST_CASE("no hazard ratio, no events, too few patients: each is an error that says so") {
  const auto design = one_look(0.025, 0.1, 1);
  CHECK_FALSE(events_for_log_rank(EventFormula::schoenfeld, 1.0, 1.0, 0.05, 0.2, 2));
  CHECK_FALSE(events_for_log_rank(EventFormula::schoenfeld, -0.5, 1.0, 0.05, 0.2, 2));
  TwoArmTrial nothing = two_years_accrual(0.5);
  nothing.control_hazard.rate = {0.0};
  CHECK_FALSE(survival_sample_size(design, nothing, EventFormula::schoenfeld, 12.0));
  const auto impossible =
      survival_power(design, two_years_accrual(0.5), EventFormula::schoenfeld, 100.0, 101.0);
  REQUIRE_FALSE(impossible);
  CHECK(impossible.error().kind == graftline::ErrorKind::conflict);
}
