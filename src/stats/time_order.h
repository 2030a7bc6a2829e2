#pragma once
// Rows in increasing order of time, by radix sort: linear in the number of rows, stable, exact for ties.
//
//   time     n values; for double: no NaN (negative values and both zeros are ordered as numbers)
//   returns  the n row numbers; rows of equal time keep their order
//   cost     O(n) time (bytes in which all keys agree are skipped), 32 n bytes while it runs

#include <cstdint>
#include <span>
#include <vector>

namespace graftline::stats {

std::vector<std::uint32_t> order_by_time(std::span<const int> time);
std::vector<std::uint32_t> order_by_time(std::span<const double> time);

}  // namespace graftline::stats
