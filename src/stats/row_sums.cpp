#include "stats/row_sums.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>

namespace graftline::stats {
namespace {

constexpr int most_unrolled = 8;

template <int p>
void add_rows_of(const double* x, const double* weight, std::size_t n, double& s0, double* s1) {
  double total = 0.0;
  std::array<double, p> sum{};
  for (std::size_t i = 0; i < n; ++i, x += p) {
    const double w = weight[i];
    total += w;
    for (int a = 0; a < p; ++a) sum[a] += w * x[a];
  }
  s0 += total;
  for (int a = 0; a < p; ++a) s1[a] += sum[a];
}

template <int p>
void add_squares_of(const double* x, const double* weight, std::size_t n, double* s1, double* s2) {
  std::array<double, p> first{};
  std::array<double, p*(p + 1) / 2> second{};
  for (std::size_t i = 0; i < n; ++i, x += p) {
    int at = 0;
    for (int a = 0; a < p; ++a) {
      const double wx = weight[i] * x[a];
      first[a] += wx;
      for (int b = a; b < p; ++b) second[at++] += wx * x[b];
    }
  }
  for (int a = 0; a < p; ++a) s1[a] += first[a];
  for (std::size_t k = 0; k < second.size(); ++k) s2[k] += second[k];
}

// Knuth's exact sum of two numbers: the rounding is what the larger and the smaller lost.
inline void step(double& total, double& carry, double term) {
  const double next = total + term;
  const double part = next - total;
  carry += (total - (next - part)) + (term - part);
  total = next;
}

template <int p> void add_carried_of(const double* x, double weight, double* sum, double* carry) {
  step(sum[0], carry[0], weight);
  for (int a = 0; a < p; ++a) step(sum[a + 1], carry[a + 1], weight * x[a]);
}

template <int p> void risks_of(const double* x, std::size_t n, const double* b, double* risk) {
  for (std::size_t i = 0; i < n; ++i, x += p) {
    double eta = 0.0;
    for (int a = 0; a < p; ++a) eta += b[a] * x[a];
    risk[i] = eta;
  }
}

// Calls run(std::integral_constant<int, p>) for 1 <= p <= most_unrolled; false beyond.
template <int p = 1, class Run> bool unrolled(int wanted, Run run) {
  if (wanted == p) {
    run(std::integral_constant<int, p>{});
    return true;
  }
  if constexpr (p < most_unrolled) return unrolled<p + 1>(wanted, run);
  return false;
}

}  // namespace

void add_rows(const double* x, const double* weight, std::size_t n, int p, double& s0, double* s1) {
  if (unrolled(p, [&](auto size) { add_rows_of<size()>(x, weight, n, s0, s1); })) return;
  for (std::size_t i = 0; i < n; ++i, x += p) {
    s0 += weight[i];
    for (int a = 0; a < p; ++a) s1[a] += weight[i] * x[a];
  }
}

void add_squares(const double* x, const double* weight, std::size_t n, int p, double* s1, double* s2) {
  constexpr std::size_t block = 512;
  std::vector<double> first, second;
  for (std::size_t begin = 0; begin < n; begin += block) {
    const std::size_t rows = std::min(block, n - begin);
    const double* from = x + begin * static_cast<std::size_t>(p);
    const double* w = weight + begin;
    if (unrolled(p, [&](auto size) { add_squares_of<size()>(from, w, rows, s1, s2); })) continue;
    first.assign(p, 0.0);
    second.assign(packed_size(p), 0.0);
    for (std::size_t i = 0; i < rows; ++i, from += p) {
      std::size_t at = 0;
      for (int a = 0; a < p; ++a) {
        const double wx = w[i] * from[a];
        first[a] += wx;
        for (int b = a; b < p; ++b) second[at++] += wx * from[b];
      }
    }
    for (int a = 0; a < p; ++a) s1[a] += first[a];
    for (std::size_t k = 0; k < second.size(); ++k) s2[k] += second[k];
  }
}

void add_carried(const double* x, double weight, int p, double* sum, double* carry) {
  if (unrolled(p, [&](auto size) { add_carried_of<size()>(x, weight, sum, carry); })) return;
  step(sum[0], carry[0], weight);
  for (int a = 0; a < p; ++a) step(sum[a + 1], carry[a + 1], weight * x[a]);
}

std::vector<double> relative_risks(std::span<const double> x, std::size_t n, std::span<const double> b) {
  std::vector<double> risk(n);
  const int p = static_cast<int>(b.size());
  if (!unrolled(p, [&](auto size) { risks_of<size()>(x.data(), n, b.data(), risk.data()); }))
    for (std::size_t i = 0; i < n; ++i)
      for (int a = 0; a < p; ++a) risk[i] += b[a] * x[i * p + a];
  for (double& r : risk) r = std::exp(r);
  return risk;
}

}  // namespace graftline::stats
