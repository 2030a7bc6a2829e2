#pragma once
// The standard normal distribution, to the last bits double precision holds.
//
//   source   quantile: Wichura, Appl Stat 1988; 37:477 (algorithm AS 241), then one Halley step
//   checked  against closed values and by inversion over the whole range (normal_test.cpp)

namespace graftline::stats {

double normal_density(double z);
double normal_cdf(double z);         // P(Z <= z)
double normal_upper_tail(double z);  // P(Z > z), accurate where 1 - normal_cdf(z) would round to nothing

// The z with P(Z <= z) = p. Minus or plus infinity at p = 0 and p = 1; not a number outside [0, 1].
double normal_quantile(double p);
// The z with P(Z > z) = p: the critical value of a one-sided level p.
double normal_upper_quantile(double p);

}  // namespace graftline::stats
