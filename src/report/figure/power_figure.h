#pragma once
// Shares of simulated trials as points with their Monte-Carlo error, over a value that was varied or side by
// side.

#include <optional>
#include <string>
#include <vector>

namespace graftline::report {

struct PowerPoint {
  double x = 0.0;  // the value varied; without one, the place from the left: 0, 1, 2, ...
  double mean = 0.0;
  double standard_error = 0.0;  // Monte-Carlo
};
struct PowerSeries {
  std::string name;
  std::vector<PowerPoint> points;  // by x
};
struct PowerFigure {
  std::vector<PowerSeries> series;
  std::vector<std::string> places;  // names along the axis; empty: the axis is a number
  std::string x_label, y_label;
  std::vector<std::pair<std::string, double>> levels;  // horizontal lines: "alpha", "target"
  std::string footer;
};

// Two columns of a journal wide; whiskers are two standard errors either way.
std::string to_svg(const PowerFigure& figure);

}  // namespace graftline::report
