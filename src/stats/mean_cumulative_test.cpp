#include "stats/mean_cumulative.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace graftline;
using namespace graftline::stats;

TEST_CASE("the mean number of infections adds events per patient at risk") {
  // A: infections at 2 and 5, followed to 8. B: none, followed to 4. Mean 1/2 at 2, 3/2 at 5. Influences
  // +-1/4 at 2; at 5 A is alone and exactly as expected.
  const std::vector<double> entry{0, 2, 5, 0};
  const std::vector<double> time{2, 5, 8, 4};
  const std::vector<int> status{1, 1, 0, 0};
  const std::vector<int> patient{0, 0, 0, 1};
  auto curves = mean_cumulative(
      RealFollowUp{.time = time, .status = status, .entry = entry, .cluster = patient}, false);
  REQUIRE(curves);
  const MeanCumulative& c = curves->front();
  CHECK(c.time == std::vector<double>{2, 4, 5, 8});
  CHECK(c.mean[0] == doctest::Approx(0.5));
  CHECK(c.mean[2] == doctest::Approx(1.5));
  CHECK(c.standard_error[0] == doctest::Approx(std::sqrt(1.0 / 8)));
  CHECK(c.standard_error[2] == doctest::Approx(std::sqrt(1.0 / 8)));
}

TEST_CASE("the dead have no more infections: later ones count by the chance of being alive") {
  // A: infections at 1 and 3, followed to 4. B: dies at 2. Mean 1/2 at 1, + 1/2 * 1 at 3. Influence of A at
  // 3: 1/4 of the first infection and 1/4 of survival; of B the opposite.
  const std::vector<double> entry{0, 1, 3, 0};
  const std::vector<double> time{1, 3, 4, 2};
  const std::vector<int> status{1, 1, 0, 2};
  const std::vector<int> patient{0, 0, 0, 1};
  const RealFollowUp rows{.time = time, .status = status, .entry = entry, .cluster = patient};
  auto curves = mean_cumulative(rows, true);
  REQUIRE(curves);
  CHECK(curves->front().mean[2] == doctest::Approx(1.0));
  CHECK(curves->front().standard_error[2] == doctest::Approx(std::sqrt(0.5)));
  CHECK(!mean_cumulative(rows, false));
}
