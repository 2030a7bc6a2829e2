// Reference solution: the same equations by Runge-Kutta of order 4 with steps of .05 days, printed to three
// digits.
#include "sim/immune_core.h"

#include <doctest/doctest.h>

#include <cmath>

#include "sim/behaviours.h"
#include "sim/red_cells.h"

using namespace graftline;
using sim::ImmuneScenario;

namespace {

sim::ImmuneCourse course(const ImmuneScenario& scenario, const sim::ImmuneParameters& parameters = {}) {
  auto found = sim::immune_course(parameters, scenario, 365.0);
  REQUIRE(found);
  return std::move(*found);
}

}  // namespace

TEST_CASE("peak damage, its day and what is left of leukaemia, by dose, as the reference prints them") {
  struct Row {
    double dose, peak, day, left;
  };
  // -1: not printed
  for (const Row& row : {Row{1e5, .027, 276, 12}, Row{1e6, .031, 79, 7.7}, Row{1e7, .210, 68, 0},
                         Row{3e7, .307, 41, 0}, Row{1e8, .421, 16, 0}, Row{3e8, .562, 11, 0}}) {
    CAPTURE(row.dose);
    const auto found = course({60.0, 1e-2, 0.0, 0.0, {{0.0, row.dose}}});
    CHECK(std::abs(found.peak_damage - row.peak) <= 0.0006);
    CHECK(std::abs(found.peak_damage_day - row.day) <= 1.0);
    CHECK(std::abs(found.days[365].leukaemia - row.left) <= 0.06 * row.left);
  }
  CHECK(course({60.0, 1e-2, 0.0, 0.0, {}}).overt_relapse_day == doctest::Approx(173.0).epsilon(0.01));
  CHECK(course({60.0, 1e-2, 0.0, 0.0, {{0.0, 1e5}}}).overt_relapse_day ==
        doctest::Approx(211.0).epsilon(0.01));
  const auto at_3e7 = course({60.0, 1e-2, 0.0, 0.0, {{0.0, 3e7}}});
  CHECK(at_3e7.peak_effector == doctest::Approx(.0642).epsilon(0.01));
  CHECK(at_3e7.peak_effector_day == 14.0);
}

TEST_CASE("later infusions, immunosuppression, naive depletion, as the reference prints them") {
  for (const auto& [after, peak, left] : {std::tuple{120.0, .156, 0.0}, std::tuple{180.0, .055, 6.3},
                                          std::tuple{240.0, .022, 10.0}, std::tuple{360.0, .022, 9.6}}) {
    CAPTURE(after);
    const auto found = course({after, 1e-2, 0.0, 0.0, {{0.0, 3e7}}});
    CHECK(std::abs(found.peak_damage - peak) <= 0.0006);
    CHECK(std::abs(found.days[365].leukaemia - left) <= 0.06);
  }
  const auto covered = course({60.0, 1e-2, 0.0, 45.0, {{0.0, 3e7}}});
  CHECK(std::abs(covered.peak_damage - .203) <= 0.0006);
  CHECK(covered.peak_damage_day == 79.0);
  sim::ImmuneParameters depleted;
  depleted.naive_share = .01;
  CHECK(std::abs(course({60.0, 1e-2, 0.0, 0.0, {{0.0, 1e7}}}, depleted).peak_damage - .0235) <= 0.0006);
}

TEST_CASE("mixed chimeras: damage grows with the host share, and donor blood takes over") {
  for (const auto& [host, peak, donor] : {std::tuple{9.0, .026, 99.3}, std::tuple{45.0, .141, 99.1},
                                          std::tuple{180.0, .294, 99.4}, std::tuple{450.0, .364, 99.5}}) {
    CAPTURE(host);
    const auto found = course({240.0, 0.0, host, 0.0, {{0.0, 1e7}}});
    CHECK(std::abs(found.peak_damage - peak) <= 0.0006);
    CHECK(std::abs(found.days[180].donor_percent() - donor) <= 0.06);
  }
  const auto bulk = course({240.0, 0.0, 90.0, 0.0, {{0.0, 1.11e8}}});
  const auto steps = course({240.0, 0.0, 90.0, 0.0, {{0.0, 1e6}, {84.0, 1e7}, {168.0, 1e8}}});
  CHECK(std::abs(bulk.peak_damage - .402) <= 0.0006);
  CHECK(bulk.peak_damage_day == 14.0);
  CHECK(std::abs(bulk.days[180].donor_percent() - 99.8) <= 0.06);
  CHECK(std::abs(steps.peak_damage - .269) <= 0.0006);
  CHECK(steps.peak_damage_day == 183.0);
  CHECK(std::abs(steps.days[180].donor_percent() - 98.9) <= 0.06);
}

TEST_CASE(
    "a population with a log standard deviation of 2: the share with GVHD by one root is that of drawn "
    "patients") {
  const ImmuneScenario scenario{180.0, 5.0, 0.0, 0.0, {{0.0, 3e7}}};
  const auto share = sim::share_with_gvhd({}, scenario, 2.0, .10, 120.0);
  REQUIRE(share);
  int count = 0;
  constexpr int n = 200;
  for (std::uint64_t patient = 0; patient < n; ++patient) {
    const auto found = sim::immune_course(sim::drawn({}, {1, patient}, 2.0), scenario, 120.0);
    REQUIRE(found);
    count += found->peak_damage > .10 ? 1 : 0;
  }
  CHECK(std::abs(count / static_cast<double>(n) - *share) < 4.0 * std::sqrt(*share * (1.0 - *share) / n));
  // The reference population, drawn: 11, 41 and 70 % at 5e6, 3e7 and 1.5e8 /kg; observed were 21, 45 and 55
  // %.
  for (const auto& [dose, printed] : {std::pair{5e6, .11}, std::pair{3e7, .41}, std::pair{1.5e8, .70}}) {
    const auto by_dose = sim::share_with_gvhd({}, {180.0, 5.0, 0.0, 0.0, {{0.0, dose}}}, 2.0, .10, 365.0);
    REQUIRE(by_dose);
    CHECK(std::abs(*by_dose - printed) < .03);
  }
}

TEST_CASE("impossible scenarios are refused") {
  CHECK(!sim::immune_course({}, {60.0, -1.0, 0.0, 0.0, {}}, 365.0));
  CHECK(!sim::immune_course({}, {60.0, 0.0, 1000.0, 0.0, {}}, 365.0));
  CHECK(!sim::immune_course({}, {60.0, 0.0, 0.0, 0.0, {{-3.0, 1e7}}}, 365.0));
  CHECK(!sim::immune_course({}, {60.0, 0.0, 0.0, 0.0, {{0.0, 1e30}}}, 365.0));
  CHECK(!sim::immune_course({}, {60.0, 0.0, 0.0, 0.0, {}}, -1.0));
}

TEST_CASE(
    "thirteen behaviours: all are shown but a milder effect on overt relapse, and chronic GVHD, which the "
    "model lacks") {
  const auto found = sim::behaviours();
  REQUIRE(found);
  CHECK(found->size() == 15);
  for (const auto& behaviour : *found) {
    CAPTURE(behaviour.id);
    CAPTURE(behaviour.figures);
    const auto expected = behaviour.id == "Q11b"  ? sim::Shown::no
                          : behaviour.id == "Q7b" ? sim::Shown::not_represented
                                                  : sim::Shown::yes;
    CHECK(behaviour.shown == expected);
  }
}

TEST_CASE(
    "red cells of the donor outlive those of the host, so they are more than the donor's share of the "
    "marrow") {
  // f = p L_D / (p L_D + (1 - p) e L_R) by hand: .10 x 100 / (10 + .90 x 12) = .481, and so on.
  for (const auto& [p, sickle, longer, thalassemia] :
       {std::tuple{.05, .305, .208, .387}, std::tuple{.10, .481, .357, .571},
        std::tuple{.20, .676, .556, .750}, std::tuple{.25, .735, .625, .800},
        std::tuple{.30, .781, .682, .837}, std::tuple{.46, .877, .810, .911},
        std::tuple{.71, .953, .924, .967}}) {
    CHECK(std::abs(sim::red_cell_donor_fraction(p, {100.0, 12.0, 1.0}) - sickle) <= .00051);
    CHECK(std::abs(sim::red_cell_donor_fraction(p, {100.0, 20.0, 1.0}) - longer) <= .00051);
    CHECK(std::abs(sim::red_cell_donor_fraction(p, {120.0, 40.0, .25}) - thalassemia) <= .00051);
  }
}

TEST_CASE("hazards follow the logarithm of the T-cell count with the published ratios") {
  CHECK(sim::gvhd_hazard_ratio(std::exp(1.0), 1.0) == doctest::Approx(2.44));
  CHECK(sim::relapse_hazard_ratio(std::exp(1.0), 1.0) == doctest::Approx(0.65));
  CHECK(sim::gvhd_hazard_ratio(3.0, 3.0) == 1.0);
}
