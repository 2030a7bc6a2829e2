#include "stats/win_ratio.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace graftline;
using namespace graftline::stats;

TEST_CASE("pairs are won by who is known to live longer") {
  // Treated: dead at 10, censored at 20. Control: dead at 5 and 12. Three pairs won, one lost. Each patient's
  // own proportions give variances 1/16 for wins and for losses, covariance -1/16: of the log ratio 16/9.
  const std::vector<double> time{10, 20, 5, 12};
  const std::vector<int> status{1, 0, 1, 1};
  const std::vector<int> arm{1, 1, 0, 0};
  const std::vector<RankedEndpoint> endpoints{{time, status}};
  auto result = win_ratio(endpoints, arm);
  REQUIRE(result);
  CHECK(result->wins == std::vector<double>{3});
  CHECK(result->losses == std::vector<double>{1});
  CHECK(result->ratio.value == doctest::Approx(3.0));
  CHECK(result->ratio.upper == doctest::Approx(3.0 * std::exp(1.959963984540054 * 4 / 3)));
  CHECK(result->net_benefit.value == doctest::Approx(0.5));
  CHECK(result->net_benefit.upper == doctest::Approx(0.5 + 1.959963984540054 * 0.5));
  CHECK(result->win_odds.value == doctest::Approx(3.0));
}

TEST_CASE("the second endpoint is asked only where the first cannot tell") {
  // Nobody dies before the other's censoring, so relapse decides: the control relapses at 3, the treated
  // at 8. A censoring at the time of the other's event is a win, being still without it.
  const std::vector<double> death{10, 10};
  const std::vector<int> alive{0, 0};
  const std::vector<double> relapse{8, 3};
  const std::vector<int> relapsed{1, 1};
  const std::vector<int> arm{1, 0};
  const std::vector<RankedEndpoint> endpoints{{death, alive}, {relapse, relapsed}};
  auto result = win_ratio(endpoints, arm);
  REQUIRE(result);
  CHECK(result->wins == std::vector<double>{0, 1});
  const std::vector<int> control_dies{0, 1};
  const std::vector<RankedEndpoint> same_day{{death, control_dies}};
  CHECK(win_ratio(same_day, arm)->wins[0] == 1);
}

TEST_CASE("an arm without patients, or a third arm, is refused") {
  const std::vector<double> time{1, 2};
  const std::vector<int> status{1, 1};
  const std::vector<RankedEndpoint> endpoints{{time, status}};
  CHECK(win_ratio(endpoints, std::vector<int>{1, 1}).error().kind == ErrorKind::conflict);
  CHECK(win_ratio(endpoints, std::vector<int>{1, 2}).error().message.find("row 2, column arm") !=
        std::string::npos);
}
