#include "sim/plain_trial.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "core/keyed_random.h"
#include "stats/group_sequential.h"
#include "stats/logrank.h"
#include "stats/normal.h"

using namespace graftline;
using sim::PlainDesign;

namespace {

PlainDesign two_arms(double control, double ratio) {
  PlainDesign design;
  design.arms[0].hazard = control;
  design.arms[1].hazard = control * ratio;
  design.accrual = 24.0;
  design.follow_up = 12.0;
  return design;
}

}  // namespace

TEST_CASE("power agrees with Schoenfeld's formula at the events that were seen") {
  for (const double ratio : {0.5, 0.6, 0.75}) {
    CAPTURE(ratio);
    const auto outcome = sim::simulate_plain_trials(two_arms(0.05, ratio), {4000, 1, 1});
    REQUIRE(outcome);
    // D events, 1:1: power = Phi(|ln HR| sqrt(D) / 2 - z). The formula itself is good to about 1.5 points
    // here.
    const double power =
        stats::normal_cdf(std::abs(std::log(ratio)) * std::sqrt(outcome->events.mean) / 2.0 - 1.959964);
    CHECK(std::abs(outcome->rejected.mean - power) < 4.0 * outcome->rejected.standard_error + 0.015);
  }
}

TEST_CASE(
    "with no effect a two-sided 5 percent test rejects in 5 percent of trials, and the interval covers in "
    "95") {
  const auto outcome = sim::simulate_plain_trials(two_arms(0.05, 1.0), {20'000, 2, 1});
  REQUIRE(outcome);
  CHECK(std::abs(outcome->rejected.mean - 0.05) < 4.0 * outcome->rejected.standard_error);
  CHECK(std::abs(outcome->covered.mean - 0.95) < 4.0 * outcome->covered.standard_error);
  CHECK(std::abs(outcome->log_hazard_ratio.mean) < 4.0 * outcome->log_hazard_ratio.standard_error);
}

TEST_CASE("three O'Brien-Fleming looks keep 5 percent in all, and reach the power of their design") {
  stats::GroupSequentialPlan plan;
  plan.information_fractions = {1.0 / 3.0, 2.0 / 3.0, 1.0};
  plan.alpha = 0.05;
  plan.sides = 2;
  plan.efficacy.family = stats::EfficacyFamily::wang_tsiatis;
  const auto designed = stats::group_sequential_design(plan);
  REQUIRE(designed);
  PlainDesign design = two_arms(0.05, 1.0);
  design.looks.clear();
  for (std::size_t i = 0; i < 3; ++i)
    design.looks.push_back({static_cast<std::uint32_t>(40 * (i + 1)), designed->critical_values[i]});
  const auto null = sim::simulate_plain_trials(design, {20'000, 3, 1});
  REQUIRE(null);
  CHECK(std::abs(null->rejected.mean - 0.05) < 4.0 * null->rejected.standard_error);
  // Drift of 120 events at HR 0.6: |ln HR| sqrt(120) / 2. The study ends before 120 events in some trials.
  design.arms[1].hazard = 0.03;
  design.follow_up = 60.0;
  const auto effect = sim::simulate_plain_trials(design, {4000, 4, 1});
  REQUIRE(effect);
  const double drift = std::abs(std::log(0.6)) * std::sqrt(120.0) / 2.0;
  const double power = stats::operating_characteristics(*designed, drift).power(*designed);
  CHECK(std::abs(effect->rejected.mean - power) < 4.0 * effect->rejected.standard_error + 0.015);
  CHECK(effect->events.mean < 120.0);
  CHECK(effect->rejected_at[0] + effect->rejected_at[1] + effect->rejected_at[2] ==
        doctest::Approx(effect->rejected.mean));
}

TEST_CASE("the log-rank test of a trial is that of stats::logrank on the same patients") {
  CHECK(rc::check([](std::uint32_t replicate) {
    PlainDesign design = two_arms(0.08, 0.7);
    design.arms[0].patients = 1 + replicate % 60;
    design.arms[1].patients = 1 + replicate % 37;
    design.arms[0].competing_hazard = 0.02;
    design.arms[1].dropout_hazard = 0.05;
    const double end = design.accrual + design.follow_up;
    const auto patients = sim::plain_trial(design, 5, 0, end);
    std::vector<double> time;
    std::vector<int> status;
    std::vector<int> group;
    for (const auto& patient : patients) {
      time.push_back(patient.time);
      status.push_back(patient.status == 1 ? 1 : 0);
      group.push_back(patient.arm);
    }
    const auto tested = stats::logrank(stats::RealFollowUp{.time = time, .status = status, .group = group});
    RC_ASSERT(static_cast<bool>(tested));
    const double variance = tested->covariance(1, 1);
    const auto outcome = sim::simulate_plain_trials(design, {1, 5, 1});
    RC_ASSERT(static_cast<bool>(outcome));
    RC_ASSERT(outcome->events.mean == tested->observed[0] + tested->observed[1]);
    if (variance > 0.0) {
      const double estimate = (tested->observed[1] - tested->expected[1]) / variance;
      RC_ASSERT(std::abs(outcome->log_hazard_ratio.mean - estimate) < 1e-9 * (1.0 + std::abs(estimate)));
    }
  }));
}

TEST_CASE("competing exponential causes have the cumulative incidence of the closed form") {
  PlainDesign design;
  design.arms[0] = {.patients = 50'000, .hazard = 0.03, .competing_hazard = 0.008};
  design.arms[1] = design.arms[0];
  design.accrual = 0.0;
  const auto patients = sim::plain_trial(design, 1, 0, 24.0);
  const double n = static_cast<double>(patients.size());
  const double all = 1.0 - std::exp(-0.038 * 24.0);
  for (const auto& [status, expected] :
       {std::pair{1, 0.03 / 0.038 * all}, std::pair{2, 0.008 / 0.038 * all}}) {
    const auto count =
        std::ranges::count_if(patients, [status = status](const auto& p) { return p.status == status; });
    CHECK(std::abs(static_cast<double>(count) / n - expected) <
          4.0 * std::sqrt(expected * (1.0 - expected) / n));
  }
}

TEST_CASE("a patient is looked up by seed, replicate, patient and draw") {
  const PlainDesign design = two_arms(0.05, 0.6);
  const auto patients = sim::plain_trial(design, 42, 17, 1000.0);
  REQUIRE(patients.size() == 200);
  const RandomKey key{42, stream_of(17, 5)};
  CHECK(patients[5].arm == 1);
  CHECK(patients[5].entry == 24.0 * random_unit(key, 0));
  CHECK(patients[5].time == doctest::Approx(-std::log(random_unit(key, 1)) / 0.03).epsilon(1e-14));
}

TEST_CASE("one thread and two give the same figures to the last bit") {
  const PlainDesign design = two_arms(0.05, 0.6);
  const auto one = sim::simulate_plain_trials(design, {1000, 1, 1});
  const auto two = sim::simulate_plain_trials(design, {1000, 1, 2});
  REQUIRE(one);
  REQUIRE(two);
  CHECK(one->rejected.mean == two->rejected.mean);
  CHECK(one->log_hazard_ratio.mean == two->log_hazard_ratio.mean);
  CHECK(one->log_hazard_ratio.standard_error == two->log_hazard_ratio.standard_error);
  CHECK(one->duration.mean == two->duration.mean);
}

TEST_CASE("designs that cannot be are refused, not simulated") {
  const auto refuses = [](PlainDesign design) { return !sim::simulate_plain_trials(design, {10, 1, 1}); };
  PlainDesign design = two_arms(0.05, 0.6);
  CHECK(!refuses(design));
  design.arms[1].hazard = -0.01;
  CHECK(refuses(design));
  design = two_arms(0.05, 0.6);
  design.accrual = -1.0;
  CHECK(refuses(design));
  design = two_arms(0.05, 0.6);
  design.arms[0].patients = 0;
  CHECK(refuses(design));
  design = two_arms(0.05, 0.6);
  design.looks = {{80, 2.0}, {40, 2.0}};
  CHECK(refuses(design));
  CHECK(!sim::simulate_plain_trials(two_arms(0.05, 0.6), {0, 1, 1}));
  // Nobody ever has the event: no test, no rejection, and no estimate out of nothing.
  const auto nothing = sim::simulate_plain_trials(two_arms(0.0, 1.0), {10, 1, 1});
  REQUIRE(nothing);
  CHECK(nothing->rejected.mean == 0.0);
  CHECK(nothing->events.mean == 0.0);
}
