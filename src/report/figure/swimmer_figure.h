#pragma once
// A swimmer plot: one line for each patient, with what happened on it.

#include <string>
#include <vector>

namespace graftline::report {

struct SwimmerMark {
  std::string what;  // one shape and colour for each name
  double at = 0.0;
};
struct Swimmer {
  std::string group;
  double followed = 0.0;
  bool goes_on = false;  // alive and followed at the end: an arrow
  std::vector<SwimmerMark> marks;
};
struct SwimmerFigure {
  std::vector<Swimmer> swimmers;  // drawn by group, then by length
  std::string unit = "days", origin = "randomisation", footer;
};

// At most 400 lines are drawn; the footer says how many were left out.
std::string to_svg(const SwimmerFigure& figure);

}  // namespace graftline::report
