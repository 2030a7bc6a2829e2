#include "stats/binomial.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <cstddef>

namespace graftline::stats {

std::vector<double> binomial_probabilities(int n, double p) {
  std::vector<double> weight(static_cast<std::size_t>(n) + 1, 0.0);
  if (p <= 0.0 || p >= 1.0) {
    weight[p <= 0.0 ? 0 : static_cast<std::size_t>(n)] = 1.0;
    return weight;
  }
  const int mode = std::min(n, static_cast<int>((n + 1) * p));
  const double odds = p / (1.0 - p);
  const auto at = [&](int k) -> double& { return weight[static_cast<std::size_t>(k)]; };
  at(mode) = 1.0;
  for (int k = mode; k < n; ++k) at(k + 1) = at(k) * odds * (n - k) / (k + 1);
  for (int k = mode; k > 0; --k) at(k - 1) = at(k) / odds * k / (n - k + 1);
  double total = 0.0;
  for (int k = 0; k <= n; ++k) total += at(k);
  for (double& w : weight) w /= total;
  return weight;
}

double binomial_at_least(int n, double p, int k) {
  if (k <= 0) return 1.0;
  const auto probability = binomial_probabilities(n, p);
  double sum = 0.0;
  for (int i = n; i >= k; --i) sum += probability[static_cast<std::size_t>(i)];
  return sum;
}

double binomial_at_most(int n, double p, int k) {
  if (k >= n) return 1.0;
  const auto probability = binomial_probabilities(n, p);
  double sum = 0.0;
  for (int i = 0; i <= k; ++i) sum += probability[static_cast<std::size_t>(i)];
  return sum;
}

double beta_upper_tail(double a, double b, double p) {
  if (p <= 0.0) return 1.0;
  if (p >= 1.0) return 0.0;
  return boost::math::ibetac(a, b, p);
}

}  // namespace graftline::stats
