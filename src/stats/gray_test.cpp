#include "stats/gray.h"

#include <doctest/doctest.h>

#include <array>

using namespace graftline;
using namespace graftline::stats;

TEST_CASE("Gray's variance, followed through two patients by hand") {
  // A has the event at 1, B at 2. Score of A: 1 - 1/2. At 1: a = +-1/2, c = +-1/4, increments 13/128; at 2:
  // 8/128 more; what the pooled curve takes: 11/128. Variance 32/128 = 1/4, chi-square (1/4) / (1/4).
  const std::array<int, 2> days{1, 2};
  const std::array<int, 2> status{1, 1};
  const std::array<int, 2> group{0, 1};
  auto test = gray_test(DayFollowUp{.time = days, .status = status, .group = group}, 1);
  REQUIRE(test);
  CHECK(test->score[0] == doctest::Approx(0.5).epsilon(1e-14));
  CHECK(test->covariance(0, 0) == doctest::Approx(0.25).epsilon(1e-14));
  CHECK(test->test.statistic == doctest::Approx(1.0).epsilon(1e-14));
}

TEST_CASE("without competing events Gray's score is the log-rank observed minus expected") {
  const std::array<int, 4> days{1, 4, 2, 3};
  const std::array<int, 4> status{1, 0, 1, 1};
  const std::array<int, 4> group{0, 0, 1, 1};
  auto test = gray_test(DayFollowUp{.time = days, .status = status, .group = group}, 1);
  REQUIRE(test);
  CHECK(test->score[0] == doctest::Approx(1.0 - 4.0 / 3).epsilon(1e-12));
}

TEST_CASE("Gray's test refuses what it is not defined for") {
  const std::array<int, 2> days{1, 2};
  const std::array<int, 2> status{1, 2};
  const std::array<int, 2> group{0, 1};
  const std::array<double, 2> weight{1, 2};
  CHECK(gray_test(DayFollowUp{.time = days, .status = status, .weight = weight, .group = group}, 1)
            .error()
            .kind == ErrorKind::unsupported);
  CHECK(gray_test(DayFollowUp{.time = days, .status = status}, 1).error().kind == ErrorKind::conflict);
  CHECK(gray_test(DayFollowUp{.time = days, .status = status, .group = group}, 3).error().kind ==
        ErrorKind::out_of_range);
}
