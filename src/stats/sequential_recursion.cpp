#include "stats/sequential_recursion.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

#include "stats/gauss_legendre.h"
#include "stats/normal.h"
#include "stats/root.h"

namespace graftline::stats {
namespace {

// Beyond this many standard deviations a normal variate has probability below 1e-18.
constexpr double reach = 8.8;
// Sixteen nodes integrate a product of two Gaussian kernels over three standard deviations to about 1e-17.
constexpr double deviations_per_panel = 3.0;

// Phi(high) - Phi(low), without cancellation in either tail.
double normal_between(double low, double high) {
  if (!(low < high)) return 0.0;
  return low > 0.0 ? normal_upper_tail(low) - normal_upper_tail(high) : normal_cdf(high) - normal_cdf(low);
}

}  // namespace

double SubDensity::probability(double information, Interval interval) const {
  const double scale = std::sqrt(information);
  if (score_.empty()) return normal_between(interval.low, interval.high);
  const double deviation = std::sqrt(information - information_);
  double sum = 0.0;
  for (std::size_t i = 0; i < score_.size(); ++i) {
    sum += measure_[i] * normal_between((interval.low * scale - score_[i]) / deviation,
                                        (interval.high * scale - score_[i]) / deviation);
  }
  return sum;
}

double SubDensity::density(double information, double z) const {
  if (score_.empty()) return normal_density(z);
  const double scale = std::sqrt(information);
  const double deviation = std::sqrt(information - information_);
  double sum = 0.0;
  for (std::size_t i = 0; i < score_.size(); ++i) {
    sum += measure_[i] * normal_density((z * scale - score_[i]) / deviation);
  }
  return sum * scale / deviation;
}

double SubDensity::mass() const {
  if (score_.empty()) return 1.0;
  double sum = 0.0;
  for (double m : measure_) sum += m;
  return sum;
}

SubDensity SubDensity::continued(double information, std::span<const Interval> regions,
                                 double next_information) const {
  SubDensity next;
  next.information_ = information;
  const double scale = std::sqrt(information);
  const double deviation = std::sqrt(information - information_);
  const double panel = deviations_per_panel * std::min(deviation, std::sqrt(next_information - information));
  const auto& rule = gauss_legendre_16();
  for (const Interval& region : regions) {
    const double low = std::max(region.low, -reach) * scale;
    const double high = std::min(region.high, reach) * scale;
    if (!(low < high)) continue;
    const auto panels = static_cast<int>(std::ceil((high - low) / panel));
    const double half = 0.5 * (high - low) / panels;
    for (int p = 0; p < panels; ++p) {
      const double middle = low + (2.0 * p + 1.0) * half;
      for (std::size_t i = 0; i < rule.node.size(); ++i) {
        next.score_.push_back(middle + half * rule.node[i]);
        next.measure_.push_back(half * rule.weight[i]);
      }
    }
  }
  const double peak = 1.0 / (deviation * std::sqrt(2.0 * std::numbers::pi));
  if (score_.empty()) {
    for (std::size_t i = 0; i < next.score_.size(); ++i) {
      const double x = next.score_[i] / deviation;
      next.measure_[i] *= peak * std::exp(-0.5 * x * x);
    }
  } else {
    const double window = reach * deviation;
    std::size_t first = 0;  // nodes further than the window add nothing that double precision could hold
    for (std::size_t i = 0; i < next.score_.size(); ++i) {
      const double x = next.score_[i];
      while (first < score_.size() && score_[first] < x - window) ++first;
      double sum = 0.0;
      for (std::size_t j = first; j < score_.size() && score_[j] <= x + window; ++j) {
        const double d = (x - score_[j]) / deviation;
        sum += measure_[j] * std::exp(-0.5 * d * d);
      }
      next.measure_[i] *= peak * sum;
    }
  }
  if (next.score_.empty()) {  // an empty region: nothing is left, which is not the same as nothing seen yet
    next.score_.push_back(0.0);
    next.measure_.push_back(0.0);
  }
  return next;
}

double exit_bound(const SubDensity& before, double information, double probability, bool upper) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const double never = upper ? infinity : -infinity;
  if (!(probability > 0.0)) return never;
  if (probability >= before.mass()) return -never;
  const auto exit = [&](double z) {
    return before.probability(information, upper ? Interval{z, infinity} : Interval{-infinity, z});
  };
  // Beyond +-38 the tail underflows: such a bound is never reached.
  double low = -38.0, high = 38.0;
  if (upper ? exit(high) > probability : exit(low) > probability) return never;
  const double z = bracketed_root([&](double x) { return exit(x) - probability; }, low, high, 1e-9);
  const double slope = before.density(information, z);
  if (!(slope > 0.0)) return z;
  const double refined = z + (exit(z) - probability) / (upper ? slope : -slope);
  return std::isfinite(refined) ? refined : z;
}

}  // namespace graftline::stats
