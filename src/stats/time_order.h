#pragma once
// Rows in increasing order of time, by counting (whole numbers of a narrow range, such as days) or radix
// sort: linear in the number of rows, stable, exact for ties.
//
//   time     n values; for double: no NaN (negative values and both zeros are ordered as numbers)
//   status   empty, or n values: at one time rows of status 0 (censored) come after the others
//   returns  the n row numbers; otherwise rows of equal time keep their order
//   cost     O(n) time (bytes in which all keys agree are skipped); while it runs 8 bytes per day, or 32 n

#include <cstdint>
#include <span>
#include <vector>

namespace graftline::stats {

std::vector<std::uint32_t> order_by_time(std::span<const int> time, std::span<const int> status = {});
std::vector<std::uint32_t> order_by_time(std::span<const double> time, std::span<const int> status = {});

}  // namespace graftline::stats
