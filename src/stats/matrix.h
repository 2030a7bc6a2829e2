#pragma once
// Small dense matrices (covariates, groups, states: tens of rows), row by row, and what a regression does
// with symmetric ones.

#include <optional>
#include <span>
#include <vector>

namespace graftline::stats {

struct Matrix {
  int rows = 0;
  int cols = 0;
  std::vector<double> values;

  Matrix() = default;
  Matrix(int r, int c, double fill = 0.0) : rows(r), cols(c), values(static_cast<std::size_t>(r) * c, fill) {}
  double& operator()(int i, int j) { return values[static_cast<std::size_t>(i) * cols + j]; }
  double operator()(int i, int j) const { return values[static_cast<std::size_t>(i) * cols + j]; }
  std::span<double> row(int i) {
    return {&values[static_cast<std::size_t>(i) * cols], static_cast<std::size_t>(cols)};
  }
  std::span<const double> row(int i) const {
    return {&values[static_cast<std::size_t>(i) * cols], static_cast<std::size_t>(cols)};
  }
};

Matrix identity(int n);
void mirror_upper(Matrix& a);  // a(i, j) = a(j, i) below the diagonal
Matrix transpose(const Matrix& a);
Matrix product(const Matrix& a, const Matrix& b);
std::vector<double> product(const Matrix& a, std::span<const double> x);

// Symmetric positive semi-definite A = L D L', in the given order of columns. A column that the earlier ones
// explain to within `tolerance` of its own size is singular: its pivot is set to 0 and it is left out of
// every solution.
//   source  Golub and Van Loan, Matrix Computations, 4.1; the rule for singular columns is that of R's coxph
struct Factored {
  Matrix lower;
  std::vector<double> pivot;  // 0 where singular
  int rank = 0;
};
Factored factor(const Matrix& a, double tolerance = 1e-12);

// A^- b and A^-; rows and columns of singular pivots are 0.
std::vector<double> solve(const Factored& f, std::span<const double> b);
Matrix inverse(const Factored& f);

// b' A^- b, the form of every chi-square statistic here.
double quadratic_form(const Factored& f, std::span<const double> b);

}  // namespace graftline::stats
