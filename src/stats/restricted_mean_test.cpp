#include "stats/restricted_mean.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

using namespace graftline;
using namespace graftline::stats;

namespace {

SurvivalCurve curve() {
  const std::array<int, 5> days{30, 60, 60, 90, 120};
  const std::array<int, 5> status{1, 1, 0, 1, 0};
  return kaplan_meier(DayFollowUp{days, status})->front();
}

}  // namespace

TEST_CASE("the restricted mean is the area under the curve") {
  // To 100: 30 * 1 + 30 * 0.8 + 30 * 0.6 + 10 * 0.3 = 75. Areas still to come after 30, 60, 90: 45, 21, 3;
  // variance 45^2 / 20 + 21^2 / 12 + 3^2 / 2 = 142.5.
  auto mean = restricted_mean(curve(), 100);
  REQUIRE(mean);
  CHECK(mean->mean == doctest::Approx(75).epsilon(1e-13));
  CHECK(mean->time_lost == doctest::Approx(25).epsilon(1e-13));
  CHECK(mean->standard_error == doctest::Approx(std::sqrt(142.5)).epsilon(1e-13));
}

TEST_CASE("an arm against itself differs by 0, in ratio by 1, with p = 1") {
  auto mean = restricted_mean(curve(), 100);
  REQUIRE(mean);
  const RestrictedMeanContrast same = contrast(*mean, *mean);
  CHECK(same.difference.estimate == 0.0);
  CHECK(same.difference.upper == doctest::Approx(1.959963984540054 * std::sqrt(285.0)).epsilon(1e-12));
  CHECK(same.ratio.estimate == 1.0);
  CHECK(same.ratio.upper ==
        doctest::Approx(std::exp(1.959963984540054 * std::sqrt(285.0) / 75)).epsilon(1e-12));
  CHECK(same.time_lost_ratio.p == 1.0);
}

TEST_CASE("beyond the last censoring the area is not known, beyond a curve at 0 it is") {
  CHECK(!restricted_mean(curve(), 121));
  CHECK(!restricted_mean(curve(), 0));
  const std::array<int, 2> days{10, 20};
  const std::array<int, 2> status{1, 1};
  const SurvivalCurve gone = kaplan_meier(DayFollowUp{days, status})->front();
  auto mean = restricted_mean(gone, 50);
  REQUIRE(mean);
  CHECK(mean->mean == doctest::Approx(15).epsilon(1e-13));
  CHECK(largest_common_tau(gone, curve()) == 120);
}
