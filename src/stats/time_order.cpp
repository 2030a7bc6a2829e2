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

// Every row with its key; those with an event first, which a stable sort keeps so at each time.
template <class Time> std::vector<Keyed> keyed_rows(std::span<const Time> time, std::span<const int> status) {
  std::vector<Keyed> keyed;
  keyed.reserve(time.size());
  const auto add = [&](std::size_t i) { keyed.push_back({key_of(time[i]), static_cast<std::uint32_t>(i)}); };
  for (std::size_t i = 0; i < time.size(); ++i)
    if (status.empty() || status[i] != 0) add(i);
  for (std::size_t i = 0; i < status.size(); ++i)
    if (status[i] == 0) add(i);
  return keyed;
}

template <class Time>
std::vector<std::uint32_t> radix_order(std::span<const Time> time, std::span<const int> status) {
  const std::size_t n = time.size();
  std::vector<Keyed> from = keyed_rows(time, status);
  std::uint64_t all_and = ~std::uint64_t{0};
  std::uint64_t all_or = 0;
  for (const Keyed& k : from) {
    all_and &= k.key;
    all_or |= k.key;
  }
  if (n < few) {
    std::stable_sort(from.begin(), from.end(), [](const Keyed& a, const Keyed& b) { return a.key < b.key; });
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

// One pass over a histogram with a cell per day and, where events come first, one more for its censorings.
std::vector<std::uint32_t> counted_order(std::span<const int> time, std::span<const int> status, int first,
                                         std::size_t days) {
  const std::size_t cells = status.empty() ? 1 : 2;
  std::vector<std::uint32_t> next(days * cells + 1, 0);
  const auto cell = [&](std::size_t i) {
    const std::size_t day = static_cast<std::size_t>(time[i]) - static_cast<std::size_t>(first);
    return cells == 1 ? day : 2 * day + (status[i] == 0 ? 1 : 0);
  };
  for (std::size_t i = 0; i < time.size(); ++i) ++next[cell(i) + 1];
  for (std::size_t c = 1; c < next.size(); ++c) next[c] += next[c - 1];
  std::vector<std::uint32_t> rows(time.size());
  for (std::size_t i = 0; i < time.size(); ++i) rows[next[cell(i)]++] = static_cast<std::uint32_t>(i);
  return rows;
}

}  // namespace

std::vector<std::uint32_t> order_by_time(std::span<const int> time, std::span<const int> status) {
  if (time.empty()) return {};
  const auto [first, last] = std::minmax_element(time.begin(), time.end());
  const auto days = static_cast<std::size_t>(static_cast<std::int64_t>(*last) - *first) + 1;
  if (days <= 256 + time.size()) return counted_order(time, status, *first, days);
  return radix_order(time, status);
}
std::vector<std::uint32_t> order_by_time(std::span<const double> time, std::span<const int> status) {
  return radix_order(time, status);
}

}  // namespace graftline::stats
