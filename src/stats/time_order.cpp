#include "stats/time_order.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace graftline::stats {
namespace {

struct Keyed {
  std::uint64_t key;
  std::uint32_t row;
};

// Unsigned integers in the order of the numbers: a set sign bit means smaller, and then larger bits mean
// smaller.
std::uint64_t key_of(double time) {
  const auto bits =
      std::bit_cast<std::uint64_t>(time + 0.0);  // -0.0 + 0.0 is +0.0: the two zeros are one time
  constexpr std::uint64_t sign = std::uint64_t{1} << 63;
  return (bits & sign) != 0 ? ~bits : bits | sign;
}
std::uint64_t key_of(int time) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(time) + 0x80000000LL);
}

constexpr int digit_bits = 11;
constexpr std::uint64_t digit_mask = (1U << digit_bits) - 1;

// Below this many rows the counters of a radix sort cost more than comparisons.
constexpr std::size_t few = 2048;

std::vector<std::uint32_t> rows_of(const std::vector<Keyed>& keyed) {
  std::vector<std::uint32_t> rows(keyed.size());
  for (std::size_t i = 0; i < keyed.size(); ++i) rows[i] = keyed[i].row;
  return rows;
}

template <class Time> std::vector<std::uint32_t> radix_order(std::span<const Time> time) {
  const std::size_t n = time.size();
  std::vector<Keyed> from(n);
  std::uint64_t all_and = ~std::uint64_t{0};
  std::uint64_t all_or = 0;
  for (std::size_t i = 0; i < n; ++i) {
    from[i] = Keyed{key_of(time[i]), static_cast<std::uint32_t>(i)};
    all_and &= from[i].key;
    all_or |= from[i].key;
  }
  if (n < few) {
    std::sort(from.begin(), from.end(),
              [](const Keyed& a, const Keyed& b) { return a.key != b.key ? a.key < b.key : a.row < b.row; });
    return rows_of(from);
  }
  const std::uint64_t differing = all_and ^ all_or;
  std::vector<Keyed> to(n);
  for (int shift = 0; shift < 64; shift += digit_bits) {
    if (((differing >> shift) & digit_mask) == 0) continue;
    std::array<std::uint32_t, digit_mask + 1> begin{};
    for (const Keyed& k : from) ++begin[(k.key >> shift) & digit_mask];
    std::uint32_t before = 0;
    for (std::uint32_t& b : begin) before += std::exchange(b, before);
    for (const Keyed& k : from) to[begin[(k.key >> shift) & digit_mask]++] = k;
    from.swap(to);
  }
  return rows_of(from);
}

}  // namespace

std::vector<std::uint32_t> order_by_time(std::span<const int> time) { return radix_order(time); }
std::vector<std::uint32_t> order_by_time(std::span<const double> time) { return radix_order(time); }

}  // namespace graftline::stats
