#include "stats/landmark.h"

#include <doctest/doctest.h>

#include <array>

using namespace graftline;
using namespace graftline::stats;

TEST_CASE("a landmark keeps those still followed after it and counts from it") {
  const std::array<int, 4> days{50, 100, 101, 400};
  const std::array<int, 4> status{1, 1, 1, 0};
  auto kept = landmark(DayFollowUp{days, status}, 100);
  REQUIRE(kept);
  CHECK(kept->row == std::vector<std::uint32_t>{2, 3});
  CHECK(kept->time == std::vector<int>{1, 300});
  CHECK(kept->status == std::vector<int>{1, 0});
  CHECK(!landmark(DayFollowUp{days, status}, 400));
}

TEST_CASE("who comes under observation after the landmark was not there to be classified") {
  const std::array<int, 2> days{300, 400};
  const std::array<int, 2> entry{10, 150};
  const std::array<int, 2> status{1, 1};
  const DayFollowUp rows{.time = days, .status = status, .entry = entry};
  auto strict = landmark(rows, 100);
  auto late = landmark(rows, 100, true);
  REQUIRE(strict);
  REQUIRE(late);
  CHECK(strict->row == std::vector<std::uint32_t>{0});
  CHECK(strict->entry.empty());
  CHECK(late->entry == std::vector<int>{0, 50});
}
