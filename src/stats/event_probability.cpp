#include "stats/event_probability.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace graftline::stats {
namespace {

// (1 - e^{-x}) / x and its like, without loss at small x.
double decayed_mean(double x) { return x == 0.0 ? 1.0 : -std::expm1(-x) / x; }
// (x - 1 + e^{-x}) / x^2, the integral of the former.
double decayed_second(double x) {
  if (std::fabs(x) < 1e-3) return 0.5 - x / 6.0 + x * x / 24.0 - x * x * x / 120.0;
  return (x + std::expm1(-x)) / (x * x);
}

// The integral of event_probability_by over follow-up from 0 to `follow_up`. On a piece of constant hazard
// (event l, all m) that begins at s with S(s) still there and F(s) already happened,
//   F(s + d) = F(s) + S(s) l (1 - e^{-m d}) / m   and   int_0^d F = F(s) d + S(s) l (d - (1 - e^{-m d}) / m)
//   / m.
struct Accumulated {
  double probability = 0.0;
  double integral = 0.0;
};
Accumulated accumulate(const EventProcess& process, double follow_up) {
  std::vector<double> change = process.event.start;
  change.insert(change.end(), process.leaving.start.begin(), process.leaving.start.end());
  std::sort(change.begin(), change.end());
  change.erase(std::unique(change.begin(), change.end()), change.end());
  Accumulated total;
  double still = 1.0;
  for (std::size_t i = 0; i < change.size() && change[i] < follow_up; ++i) {
    const double begin = change[i];
    const double end = i + 1 < change.size() ? std::min(change[i + 1], follow_up) : follow_up;
    const double d = end - begin;
    const double l = process.event.at(begin);
    const double m = l + process.leaving.at(begin);
    total.integral += total.probability * d + still * l * d * d * decayed_second(m * d);
    total.probability += still * l * d * decayed_mean(m * d);
    still *= std::exp(-m * d);
  }
  return total;
}

double integral_to(const EventProcess& process, double follow_up) {
  return follow_up <= 0.0 ? 0.0 : accumulate(process, follow_up).integral;
}

}  // namespace

double PiecewiseHazard::at(double time) const {
  const auto next = std::upper_bound(start.begin(), start.end(), time);
  return next == start.begin() ? 0.0 : rate[static_cast<std::size_t>(next - start.begin()) - 1];
}

double PiecewiseHazard::cumulative(double time) const {
  double total = 0.0;
  for (std::size_t i = 0; i < start.size() && start[i] < time; ++i) {
    const double end = i + 1 < start.size() ? std::min(start[i + 1], time) : time;
    total += rate[i] * (end - start[i]);
  }
  return total;
}

PiecewiseHazard scaled(PiecewiseHazard hazard, double ratio) {
  for (double& r : hazard.rate) r *= ratio;
  return hazard;
}

PiecewiseHazard sum(const PiecewiseHazard& a, const PiecewiseHazard& b) {
  PiecewiseHazard total;
  total.start = a.start;
  total.start.insert(total.start.end(), b.start.begin(), b.start.end());
  std::sort(total.start.begin(), total.start.end());
  total.start.erase(std::unique(total.start.begin(), total.start.end()), total.start.end());
  total.rate.clear();
  for (double s : total.start) total.rate.push_back(a.at(s) + b.at(s));
  return total;
}

double dropout_hazard(double fraction, double time) { return -std::log1p(-fraction) / time; }

double Accrual::entered(double time) const {
  double all = 0.0, so_far = 0.0, begin = 0.0;
  for (std::size_t i = 0; i < end.size(); ++i) {
    all += intensity[i] * (end[i] - begin);
    so_far += intensity[i] * std::clamp(time - begin, 0.0, end[i] - begin);
    begin = end[i];
  }
  return so_far / all;
}

double event_probability_by(const EventProcess& process, double follow_up) {
  return follow_up <= 0.0 ? 0.0 : accumulate(process, follow_up).probability;
}

double event_probability(const EventProcess& process, const Accrual& accrual, double time) {
  double all = 0.0, seen = 0.0, begin = 0.0;
  for (std::size_t i = 0; i < accrual.end.size(); ++i) {
    all += accrual.intensity[i] * (accrual.end[i] - begin);
    seen += accrual.intensity[i] *
            (integral_to(process, time - begin) - integral_to(process, time - accrual.end[i]));
    begin = accrual.end[i];
  }
  return seen / all;
}

}  // namespace graftline::stats
