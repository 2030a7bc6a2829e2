#pragma once
// Tail probabilities of test statistics, accurate where 1 - cdf would round to nothing.
//
//   errors   none: an argument outside its domain gives NaN
//   checked  against closed forms (chi_square_test.cpp)

namespace graftline::stats {

double chi_square_upper_tail(double x, double df);  // P(X > x); df = 0 is the constant 0
double two_sided_normal_p(double z);                // P(|Z| > |z|)

}  // namespace graftline::stats
