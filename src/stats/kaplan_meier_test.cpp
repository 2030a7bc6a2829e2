#include "stats/kaplan_meier.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <cmath>

using namespace graftline;
using namespace graftline::stats;

namespace {

doctest::Approx near(double x) { return doctest::Approx(x).epsilon(1e-12); }

const std::array<int, 5> days{30, 60, 60, 90, 120};
const std::array<int, 5> status{1, 1, 0, 1, 0};

SurvivalCurve curve_of(const SurvivalOptions& options = {}) {
  auto curves = kaplan_meier(DayFollowUp{days, status}, options);
  REQUIRE(curves);
  REQUIRE(curves->size() == 1);
  return curves->front();
}

}  // namespace

TEST_CASE("a patient censored on the day of an event is still at risk on that day") {
  // By hand: S(30) = 4/5, S(60) = 4/5 * 3/4, S(90) = 3/5 * 1/2.
  const SurvivalCurve curve = curve_of();
  CHECK(curve.time == std::vector<double>{30, 60, 90, 120});
  CHECK(curve.n_at_risk == std::vector<double>{5, 4, 2, 1});
  CHECK(curve.n_censored == std::vector<double>{0, 1, 0, 1});
  CHECK(curve.survival[0] == near(0.8));
  CHECK(curve.survival[1] == near(0.6));
  CHECK(curve.survival[3] == near(0.3));
  CHECK(curve.n_events == 3);
}

TEST_CASE("Greenwood's variance adds d / (Y (Y - d)); Aalen's of the hazard adds d / Y^2") {
  const SurvivalCurve curve = curve_of();
  CHECK(curve.standard_error[2] == near(0.3 * std::sqrt(1.0 / 20 + 1.0 / 12 + 1.0 / 2)));
  CHECK(curve.cumulative_hazard[2] == near(1.0 / 5 + 1.0 / 4 + 1.0 / 2));
  CHECK(curve.cumulative_hazard_se[2] == near(std::sqrt(1.0 / 25 + 1.0 / 16 + 1.0 / 4)));
  // Greenwood's form for the hazard: d (Y - d) / Y^3.
  const SurvivalCurve greenwood = curve_of({.hazard_variance = HazardVariance::greenwood});
  CHECK(greenwood.cumulative_hazard_se[2] == near(std::sqrt(4.0 / 125 + 3.0 / 64 + 1.0 / 8)));
}

TEST_CASE("tied events may be spread one after another (Fleming-Harrington)") {
  // Three at risk, two events on one day: 1/3 + 1/2 instead of 2/3.
  const std::array<int, 3> time{5, 5, 9};
  const std::array<int, 3> ended{1, 1, 0};
  auto curves = kaplan_meier(DayFollowUp{time, ended}, {.hazard_ties = HazardTies::fleming_harrington});
  REQUIRE(curves);
  CHECK(curves->front().cumulative_hazard[0] == near(1.0 / 3 + 1.0 / 2));
  // Weights 2, 1 and 1: both leave with their mean, 3/2 of 4 and 3/2 of 5/2.
  const std::array<double, 3> weight{2, 1, 1};
  curves = kaplan_meier(DayFollowUp{.time = time, .status = ended, .weight = weight},
                        {.hazard_ties = HazardTies::fleming_harrington});
  REQUIRE(curves);
  CHECK(curves->front().cumulative_hazard[0] == near(3.0 / 8 + 3.0 / 5));
}

TEST_CASE("each scale of limits is the one its name says") {
  // S(30) = 0.8, se = 0.8 sqrt(1/20) = 0.17888543819998318, z = 1.959963984540054.
  const double se = 0.17888543819998318;
  const double z = 1.959963984540054;
  const auto at_30 = [](LimitScale scale) {
    const SurvivalCurve curve = curve_of({.limits = {scale, 0.95}});
    return Limits{curve.lower[0], curve.upper[0]};
  };
  CHECK(at_30(LimitScale::plain).lower == near(0.8 - z * se));
  CHECK(at_30(LimitScale::plain).upper == 1.0);
  CHECK(at_30(LimitScale::log).lower == near(std::exp(std::log(0.8) - z * se / 0.8)));
  const double loglog = z * se / (0.8 * std::log(0.8));
  CHECK(at_30(LimitScale::log_log).lower == near(std::exp(-std::exp(std::log(-std::log(0.8)) - loglog))));
  const double logit = std::log(4.0) - z * se / 0.16;
  CHECK(at_30(LimitScale::logit).lower == near(1.0 / (1.0 + std::exp(-logit))));
  const double angle = std::asin(std::sqrt(0.8)) - 0.5 * z * se / 0.4;
  CHECK(at_30(LimitScale::arcsine).lower == near(std::sin(angle) * std::sin(angle)));
  const double other = std::asin(std::sqrt(0.8)) + 0.5 * z * se / 0.4;
  CHECK(at_30(LimitScale::arcsine).upper == near(std::sin(other) * std::sin(other)));
}

TEST_CASE("a median on a flat piece of the curve is the middle of that piece") {
  // Four patients, no censoring: S = 3/4, 1/2, 1/4, 0 at 1, 2, 3, 4; S is exactly 1/2 from 2 to 3.
  const std::array<int, 4> time{1, 2, 3, 4};
  const std::array<int, 4> ended{1, 1, 1, 1};
  auto curves = kaplan_meier(DayFollowUp{time, ended});
  REQUIRE(curves);
  CHECK(quantile(curves->front(), 0.5).estimate == 2.5);
  CHECK(quantile(curves->front(), 0.6).estimate == 3.0);
  CHECK(std::isnan(quantile(curve_of(), 0.75).estimate));
}

TEST_CASE("a patient who comes under observation late is not at risk before") {
  // Rows (0,2] event, (0,5] event, (3,6] event, (3,8] censored: at risk 2 at 2, then 3 at 5, 2 at 6.
  const std::array<double, 4> time{2, 5, 6, 8};
  const std::array<double, 4> entry{0, 0, 3, 3};
  const std::array<int, 4> ended{1, 1, 1, 0};
  auto curves = kaplan_meier(RealFollowUp{.time = time, .status = ended, .entry = entry});
  REQUIRE(curves);
  CHECK(curves->front().n_at_risk == std::vector<double>{2, 3, 2, 1});
  CHECK(curves->front().survival[2] == near(1.0 / 2 * 2 / 3 * 1 / 2));
}

TEST_CASE("an entry on the day of another's event is not yet at risk that day") {
  const std::array<int, 3> time{5, 7, 9};
  const std::array<int, 3> entry{0, 5, 0};
  const std::array<int, 3> ended{1, 1, 0};
  auto curves = kaplan_meier(DayFollowUp{.time = time, .status = ended, .entry = entry});
  REQUIRE(curves);
  CHECK(curves->front().n_at_risk[0] == 2);
}

TEST_CASE("a case weight of 2 estimates what the row written twice does") {
  const std::array<double, 5> twice{2, 1, 1, 2, 1};
  auto weighted = kaplan_meier(DayFollowUp{.time = days, .status = status, .weight = twice});
  const std::array<int, 7> longer{30, 30, 60, 60, 90, 90, 120};
  const std::array<int, 7> ended{1, 1, 1, 0, 1, 1, 0};
  auto repeated = kaplan_meier(DayFollowUp{longer, ended});
  REQUIRE(weighted);
  REQUIRE(repeated);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(weighted->front().survival[i] == near(repeated->front().survival[i]));
    CHECK(weighted->front().standard_error[i] == near(repeated->front().standard_error[i]));
  }
}

TEST_CASE("without weights the robust variance of a Kaplan-Meier curve is Greenwood's") {
  const SurvivalCurve plain = curve_of();
  const SurvivalCurve robust = curve_of({.robust = true});
  for (std::size_t i = 0; i < 4; ++i) CHECK(robust.standard_error[i] == near(plain.standard_error[i]));
  // Of the hazard it is Greenwood's d (Y - d) / Y^3, not Aalen's.
  CHECK(robust.cumulative_hazard_se[2] == near(std::sqrt(4.0 / 125 + 3.0 / 64 + 1.0 / 8)));
}

TEST_CASE("counting every patient twice in one cluster leaves the robust error where it was") {
  std::vector<int> time, ended, cluster;
  for (int copy = 0; copy < 2; ++copy)
    for (int i = 0; i < 5; ++i) {
      time.push_back(days[i]);
      ended.push_back(status[i]);
      cluster.push_back(i);
    }
  auto doubled =
      kaplan_meier(DayFollowUp{.time = time, .status = ended, .cluster = cluster}, {.robust = true});
  REQUIRE(doubled);
  const SurvivalCurve once = curve_of();
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(doubled->front().standard_error[i] == near(once.standard_error[i]));
}

TEST_CASE("follow-up by reverse Kaplan-Meier counts censorings; ties go either way by name") {
  // Censored at 60 (with an event that day) and 120. At risk of censoring on day 60: 4, or 3 once the event
  // is gone.
  auto first = reverse_kaplan_meier(DayFollowUp{days, status});
  auto second = reverse_kaplan_meier(DayFollowUp{days, status}, {}, ReverseTies::events_first);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->front().survival[1] == near(3.0 / 4));
  CHECK(second->front().survival[1] == near(2.0 / 3));
  CHECK(quantile(first->front(), 0.5).estimate == 120);
}

TEST_CASE(
    "nobody with the event is a curve of 1, everybody at once is a drop to 0 without a standard error") {
  const std::array<int, 3> time{4, 4, 4};
  const std::array<int, 3> none{0, 0, 0};
  const std::array<int, 3> all{1, 1, 1};
  auto alive = kaplan_meier(DayFollowUp{time, none});
  auto dead = kaplan_meier(DayFollowUp{time, all});
  REQUIRE(alive);
  REQUIRE(dead);
  CHECK(alive->front().survival == std::vector<double>{1});
  CHECK(alive->front().standard_error == std::vector<double>{0});
  CHECK(dead->front().survival == std::vector<double>{0});
  CHECK(std::isnan(dead->front().standard_error[0]));
}

TEST_CASE("a row that cannot be used is named by its number and column") {
  const std::array<double, 3> time{1, std::nan(""), 3};
  const std::array<int, 3> ended{1, 0, 0};
  auto curves = kaplan_meier(RealFollowUp{time, ended});
  REQUIRE(!curves);
  CHECK(curves.error().kind == ErrorKind::out_of_range);
  CHECK(curves.error().message.find("row 2, column time") != std::string::npos);
  const std::array<double, 3> good{1, 2, 3};
  const std::array<double, 3> entry{0, 0, 3};
  auto late = kaplan_meier(RealFollowUp{.time = good, .status = ended, .entry = entry});
  REQUIRE(!late);
  CHECK(late.error().message.find("row 3, column entry") != std::string::npos);
  CHECK(!kaplan_meier(RealFollowUp{}));
}

TEST_CASE("days as whole numbers and as real numbers give the same curve to the last bit") {
  rc::check([](const std::vector<std::pair<std::uint16_t, bool>>& rows) {
    RC_PRE(!rows.empty());
    std::vector<int> time, ended;
    std::vector<double> real, shifted;
    for (auto [t, d] : rows) {
      time.push_back(t);
      real.push_back(t);
      shifted.push_back(t + 0.5);  // not whole: sorted instead of counted
      ended.push_back(d ? 1 : 0);
    }
    const auto a = kaplan_meier(DayFollowUp{time, ended});
    const auto b = kaplan_meier(RealFollowUp{real, ended});
    const auto c = kaplan_meier(RealFollowUp{shifted, ended});
    RC_ASSERT(a->front().survival == b->front().survival);
    RC_ASSERT(a->front().survival == c->front().survival);
    RC_ASSERT(a->front().n_at_risk == c->front().n_at_risk);
  });
}
