#pragma once
// The binomial distribution, exact to rounding.

#include <vector>

namespace graftline::stats {

// P(X = k) for k = 0..n. Computed from the mode outwards, so every term is good to about 1e-14 relative.
std::vector<double> binomial_probabilities(int n, double p);
double binomial_at_least(int n, double p, int k);  // P(X >= k)
double binomial_at_most(int n, double p, int k);   // P(X <= k)

// P(P > p) when P is beta distributed. The posterior of a proportion is beta: prior (a, b) after x of n is (a
// + x, b + n - x).
double beta_upper_tail(double a, double b, double p);

}  // namespace graftline::stats
