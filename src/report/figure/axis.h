#pragma once
// Round numbers along an axis.

#include <string_view>
#include <vector>

namespace graftline::report {

// 0, step, 2 step, ... up to the first multiple at or beyond `last`, in at most `most` steps. Steps are those
// people read in the unit: 7, 30, 90, 180, 365 days; 3, 6, 12 months; else 1, 2, 2.5, 5 times a power of ten.
std::vector<double> axis_ticks(double last, std::string_view unit, int most);

}  // namespace graftline::report
