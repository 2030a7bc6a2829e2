#include "stats/logrank.h"

#include <doctest/doctest.h>

#include <array>

using namespace graftline;
using namespace graftline::stats;

namespace {

doctest::Approx near(double x) { return doctest::Approx(x).epsilon(1e-12); }

// A: event at 1, censored at 4. B: events at 2 and 3.
const std::array<int, 4> days{1, 4, 2, 3};
const std::array<int, 4> status{1, 0, 1, 1};
const std::array<int, 4> group{0, 0, 1, 1};

}  // namespace

TEST_CASE("expected events are shared by the numbers at risk at each event") {
  // Expected in A: 1/2 (2 of 4), 1/3 (1 of 3), 1/2 (1 of 2); variance 1/4 + 2/9 + 1/4 = 13/18.
  auto test = logrank(DayFollowUp{.time = days, .status = status, .group = group});
  REQUIRE(test);
  CHECK(test->observed == std::vector<double>{1, 2});
  CHECK(test->expected[0] == near(4.0 / 3));
  CHECK(test->covariance(0, 0) == near(13.0 / 18));
  CHECK(test->covariance(0, 1) == near(-13.0 / 18));
  CHECK(test->test.statistic == near(2.0 / 13));
  CHECK(test->test.df == 1);
}

TEST_CASE("rho = 1 weighs each event by the pooled survival just before it") {
  // Weights 1, 3/4, 1/2. Expected in A: 1/2 + 1/4 + 1/4 = 1 = observed; variance 1/4 + 9/16 * 2/9 + 1/4 * 1/4
  // = 7/16.
  auto test = logrank(DayFollowUp{.time = days, .status = status, .group = group}, 1.0);
  REQUIRE(test);
  CHECK(test->observed[0] == near(1.0));
  CHECK(test->expected[0] == near(1.0));
  CHECK(test->covariance(0, 0) == near(7.0 / 16));
  CHECK(test->test.p == near(1.0));
}

TEST_CASE("with two groups the test for trend is the log-rank test, whatever the two scores") {
  auto test = logrank(DayFollowUp{.time = days, .status = status, .group = group});
  REQUIRE(test);
  const std::array<double, 2> scores{3, 10};
  auto trend = logrank_trend(*test, scores);
  REQUIRE(trend);
  CHECK(trend->statistic == near(2.0 / 13));
  CHECK(!logrank_trend(*test, std::array<double, 3>{1, 2, 3}));
}

TEST_CASE("strata are compared within, not across") {
  // The same four patients as two strata: observed, expected and variance add up.
  std::vector<int> time, ended, arm, stratum;
  for (int s = 0; s < 2; ++s)
    for (int i = 0; i < 4; ++i) {
      time.push_back(days[i] + 100 * s);
      ended.push_back(status[i]);
      arm.push_back(group[i]);
      stratum.push_back(s);
    }
  auto test = logrank(DayFollowUp{.time = time, .status = ended, .group = arm, .stratum = stratum});
  REQUIRE(test);
  CHECK(test->expected[0] == near(8.0 / 3));
  CHECK(test->covariance(0, 0) == near(26.0 / 18));
  CHECK(test->expected_by_stratum[1][0] == near(4.0 / 3));
}

TEST_CASE("one group cannot be compared; no event leaves nothing to compare") {
  const std::array<int, 4> censored{0, 0, 0, 0};
  auto alone = logrank(DayFollowUp{.time = days, .status = status});
  REQUIRE(!alone);
  CHECK(alone.error().kind == ErrorKind::conflict);
  auto none = logrank(DayFollowUp{.time = days, .status = censored, .group = group});
  REQUIRE(none);
  CHECK(none->test.df == 0);
  CHECK(none->test.p == 1.0);
}
