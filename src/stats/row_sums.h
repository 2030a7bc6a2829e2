#pragma once
// Weighted sums over rows of covariates: the inner loops of every proportional-hazards fit. The number of
// covariates is a constant of the compiled loop up to 8, so that the sums stay in registers. Private to the
// regression files.
//
//   x        n rows of p numbers
//   weight   n numbers
//   rounding within a block of some hundred rows plain sums, blocks added one to another

#include <cstddef>
#include <span>
#include <vector>

namespace graftline::stats {

// Packed upper triangle of a p x p matrix, row by row.
inline std::size_t packed_size(int p) { return static_cast<std::size_t>(p) * (p + 1) / 2; }

// Adds the sum of weight to s0 and of weight x to s1.
void add_rows(const double* x, const double* weight, std::size_t n, int p, double& s0, double* s1);

// Adds the sum of weight x to s1 and of weight x x' to s2 (packed).
void add_squares(const double* x, const double* weight, std::size_t n, int p, double* s1, double* s2);

// Adds weight and weight x of one row to sum[0..p], the rounding of each step to carry[0..p].
void add_carried(const double* x, double weight, int p, double* sum, double* carry);

// exp(x'b) of each row.
std::vector<double> relative_risks(std::span<const double> x, std::size_t n, std::span<const double> b);

}  // namespace graftline::stats
