#include "stats/matrix.h"

#include <algorithm>
#include <cmath>

namespace graftline::stats {

Matrix identity(int n) {
  Matrix a(n, n);
  for (int i = 0; i < n; ++i) a(i, i) = 1.0;
  return a;
}

void mirror_upper(Matrix& a) {
  for (int i = 0; i < a.rows; ++i)
    for (int j = 0; j < i; ++j) a(i, j) = a(j, i);
}

Matrix transpose(const Matrix& a) {
  Matrix t(a.cols, a.rows);
  for (int i = 0; i < a.rows; ++i)
    for (int j = 0; j < a.cols; ++j) t(j, i) = a(i, j);
  return t;
}

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c(a.rows, b.cols);
  for (int i = 0; i < a.rows; ++i)
    for (int k = 0; k < a.cols; ++k) {
      const double x = a(i, k);
      for (int j = 0; j < b.cols; ++j) c(i, j) += x * b(k, j);
    }
  return c;
}

std::vector<double> product(const Matrix& a, std::span<const double> x) {
  std::vector<double> y(a.rows, 0.0);
  for (int i = 0; i < a.rows; ++i)
    for (int j = 0; j < a.cols; ++j) y[i] += a(i, j) * x[j];
  return y;
}

Factored factor(const Matrix& a, double tolerance) {
  const int n = a.rows;
  Factored f{identity(n), std::vector<double>(n, 0.0), 0};
  for (int j = 0; j < n; ++j) {
    double pivot = a(j, j);
    for (int k = 0; k < j; ++k) pivot -= f.lower(j, k) * f.lower(j, k) * f.pivot[k];
    const bool singular = !(pivot > tolerance * std::abs(a(j, j))) || !(std::abs(a(j, j)) > 1e-300);
    if (singular) continue;
    f.pivot[j] = pivot;
    ++f.rank;
    for (int i = j + 1; i < n; ++i) {
      double x = a(i, j);
      for (int k = 0; k < j; ++k) x -= f.lower(i, k) * f.lower(j, k) * f.pivot[k];
      f.lower(i, j) = x / pivot;
    }
  }
  return f;
}

std::vector<double> solve(const Factored& f, std::span<const double> b) {
  const int n = f.lower.rows;
  std::vector<double> x(b.begin(), b.end());
  for (int i = 0; i < n; ++i) {
    if (f.pivot[i] == 0.0) x[i] = 0.0;
    for (int j = 0; j < i; ++j)
      if (f.pivot[i] != 0.0) x[i] -= f.lower(i, j) * x[j];
  }
  for (int i = n - 1; i >= 0; --i) {
    if (f.pivot[i] == 0.0) continue;
    x[i] /= f.pivot[i];
    for (int j = i + 1; j < n; ++j) x[i] -= f.lower(j, i) * x[j];
  }
  return x;
}

Matrix inverse(const Factored& f) {
  const int n = f.lower.rows;
  Matrix a(n, n);
  std::vector<double> unit(n, 0.0);
  for (int j = 0; j < n; ++j) {
    if (f.pivot[j] == 0.0) continue;
    unit[j] = 1.0;
    const std::vector<double> column = solve(f, unit);
    unit[j] = 0.0;
    for (int i = 0; i < n; ++i) a(i, j) = column[i];
  }
  return a;
}

double quadratic_form(const Factored& f, std::span<const double> b) {
  const std::vector<double> x = solve(f, b);
  double total = 0.0;
  for (std::size_t i = 0; i < b.size(); ++i) total += x[i] * b[i];
  return total;
}

}  // namespace graftline::stats
