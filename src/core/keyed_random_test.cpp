#include "core/keyed_random.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <set>
#include <vector>

using namespace graftline;

TEST_CASE("the generator is Philox4x32-10: the three known-answer vectors of Random123") {
  CHECK(philox({0, 0, 0, 0}, {0, 0}) ==
        std::array<std::uint32_t, 4>{0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u});
  CHECK(philox({0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu}, {0xffffffffu, 0xffffffffu}) ==
        std::array<std::uint32_t, 4>{0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu});
  CHECK(philox({0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u}, {0xa4093822u, 0x299f31d0u}) ==
        std::array<std::uint32_t, 4>{0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u});
}

TEST_CASE(
    "a number looked up by its index is the number met there in sequence, wherever the sequence began") {
  CHECK(rc::check([](std::uint64_t seed, std::uint64_t stream) {
    const RandomKey key{seed, stream};
    const auto begin = *rc::gen::inRange<std::uint64_t>(0, 10);
    KeyedRandom sequence(key, begin);
    for (std::uint64_t i = begin; i < begin + 7; ++i) RC_ASSERT(sequence() == random_word(key, i));
  }));
}

TEST_CASE("neighbouring seeds, streams and indices share no word") {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    for (std::uint64_t stream = 0; stream < 8; ++stream) {
      for (std::uint64_t i = 0; i < 64; ++i) seen.insert(random_word({seed, stream}, i));
    }
  }
  CHECK(seen.size() == 8 * 8 * 64);
}

TEST_CASE("a fair die of keyed numbers passes a chi-square test") {
  KeyedRandom random({20260101, 7});
  std::vector<int> count(6, 0);
  constexpr int throws = 60000;
  for (int i = 0; i < throws; ++i) ++count[random.below(6)];
  double chi_square = 0.0;
  for (int c : count) chi_square += (c - throws / 6.0) * (c - throws / 6.0) / (throws / 6.0);
  CHECK(chi_square < 20.5);  // chi-square with 5 degrees of freedom exceeds 20.5 once in a thousand
}

TEST_CASE("a normal number has mean 0 and variance 1, an exponential one the mean it was asked for") {
  KeyedRandom random({3, 1});
  constexpr int n = 200000;
  double sum = 0.0, squares = 0.0, waiting = 0.0;
  for (int i = 0; i < n; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
    waiting += random.exponential(0.25);
  }
  // Four standard errors: 4/sqrt n, 4 sqrt(2/n), 4 x 4/sqrt n.
  CHECK(std::fabs(sum / n) < 4.0 / std::sqrt(n));
  CHECK(std::fabs(squares / n - 1.0) < 4.0 * std::sqrt(2.0 / n));
  CHECK(std::fabs(waiting / n - 4.0) < 16.0 / std::sqrt(n));
}

TEST_CASE("a number of the unit interval is never 0 and never 1") {
  CHECK(unit_interval(0) > 0.0);
  CHECK(unit_interval(~std::uint64_t{0}) < 1.0);
}
