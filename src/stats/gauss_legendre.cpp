#include "stats/gauss_legendre.h"

#include <cmath>
#include <numbers>

namespace graftline::stats {
namespace {

template <std::size_t N> GaussLegendre<N> compute() {
  GaussLegendre<N> rule;
  for (std::size_t i = 0; i < N; ++i) {
    double x = -std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (static_cast<double>(N) + 0.5));
    double derivative = 1.0;
    for (int step = 0; step < 8; ++step) {
      double before = 1.0, value = x;
      for (std::size_t n = 2; n <= N; ++n) {
        const auto k = static_cast<double>(n);
        const double next = ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k;
        before = value;
        value = next;
      }
      derivative = static_cast<double>(N) * (x * value - before) / (x * x - 1.0);
      x -= value / derivative;
    }
    rule.node[i] = x;
    rule.weight[i] = 2.0 / ((1.0 - x * x) * derivative * derivative);
  }
  return rule;
}

}  // namespace

const GaussLegendre<16>& gauss_legendre_16() {
  static const GaussLegendre<16> rule = compute<16>();
  return rule;
}

}  // namespace graftline::stats
