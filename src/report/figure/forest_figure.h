#pragma once
// Ratios with their limits, one row each, on a logarithmic axis: the forest plot of a regression.
//
//   rows    the term, a square at the ratio on its interval, and the numbers: "0.56 (0.32 to 0.99)"; an
//   interval that
//           goes beyond the axis ends in an arrow; a ratio that is not defined has a dash
//   axis    logarithmic, 1 marked by a line; ends at round numbers that hold the intervals, at most 1/50 to
//   50 layout  as in survival_figure.h, and drawn by its to_svg()

#include "report/figure/survival_figure.h"

namespace graftline::report {

FigureLayout forest_layout(const analysis::Figure& figure, const FigureOptions& options);

// Round numbers from the first at or below `from` to the first at or beyond `to`, both > 0: 1, 2, 5 times
// powers of ten, or equal steps where the ends are near each other.
std::vector<double> ratio_ticks(double from, double to);

}  // namespace graftline::report
