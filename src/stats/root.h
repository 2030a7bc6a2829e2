#pragma once
// Where a continuous function of one variable crosses zero.
//
//   source   Brent, Algorithms for Minimization without Derivatives, 1973, chapter 4

#include <functional>

namespace graftline::stats {

// A root of f in [low, high], to within `tolerance` in x (and never finer than rounding allows).
// The bracket must hold a change of sign; without one, the end where |f| is smaller is returned.
double bracketed_root(const std::function<double(double)>& f, double low, double high,
                      double tolerance = 1e-14);

}  // namespace graftline::stats
