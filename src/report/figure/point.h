#pragma once
// A place in a figure, from its upper left corner.

namespace graftline::report {

struct Point {
  double x = 0.0;
  double y = 0.0;
};

}  // namespace graftline::report
