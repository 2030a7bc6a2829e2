#include "stats/event_probability.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "stats/gauss_legendre.h"

namespace graftline::stats {
namespace {

// (1 - e^{-x}) / x and its like, without loss at small x.
double decayed_mean(double x) { return x == 0.0 ? 1.0 : -std::expm1(-x) / x; }
// (x - 1 + e^{-x}) / x^2, the integral of the former.
double decayed_second(double x) {
  if (std::fabs(x) < 1e-3) return 0.5 - x / 6.0 + x * x / 24.0 - x * x * x / 120.0;
  return (x + std::expm1(-x)) / (x * x);
}

// event_probability_by at the end of [from, to], and its integral over that interval. On a piece of constant
// hazard (event l, all m) that begins at s with S(s) still there and F(s) already happened,
//   F(s + d) = F(s) + S(s) l (1 - e^{-m d}) / m   and   int_0^d F = F(s) d + S(s) l (d - (1 - e^{-m d}) / m)
//   / m.
struct Accumulated {
  double probability = 0.0;
  double integral = 0.0;
};
Accumulated accumulate(const EventProcess& process, double from, double to) {
  std::vector<double> change = process.event.start;
  change.insert(change.end(), process.leaving.start.begin(), process.leaving.start.end());
  change.push_back(from);  // a piece begins there, so that the integral is a sum and never a difference
  std::sort(change.begin(), change.end());
  change.erase(std::unique(change.begin(), change.end()), change.end());
  Accumulated total;
  double still = 1.0;
  for (std::size_t i = 0; i < change.size() && change[i] < to; ++i) {
    const double begin = change[i];
    const double end = i + 1 < change.size() ? std::min(change[i + 1], to) : to;
    const double d = end - begin;
    const double l = process.event.at(begin);
    const double m = l + process.leaving.at(begin);
    if (begin >= from) total.integral += total.probability * d + still * l * d * d * decayed_second(m * d);
    total.probability += still * l * d * decayed_mean(m * d);
    still *= std::exp(-m * d);
  }
  return total;
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
  return follow_up <= 0.0 ? 0.0 : accumulate(process, 0.0, follow_up).probability;
}

double event_probability(const EventProcess& process, const Accrual& accrual, double time) {
  double all = 0.0, seen = 0.0, begin = 0.0;
  for (std::size_t i = 0; i < accrual.end.size(); ++i) {
    all += accrual.intensity[i] * (accrual.end[i] - begin);
    const double longest = time - begin, shortest = std::max(0.0, time - accrual.end[i]);
    if (longest > 0.0) seen += accrual.intensity[i] * accumulate(process, shortest, longest).integral;
    begin = accrual.end[i];
  }
  // Never more than for a patient who entered on the first day; at immense times entry windows round to
  // nothing.
  return std::min(seen / all, event_probability_by(process, time));
}

double integral_between(const std::function<double(double)>& f, std::vector<double> breaks) {
  std::sort(breaks.begin(), breaks.end());
  const auto& rule = gauss_legendre_16();
  constexpr int panels = 4;
  double sum = 0.0;
  for (std::size_t i = 0; i + 1 < breaks.size(); ++i) {
    const double half = 0.5 * (breaks[i + 1] - breaks[i]) / panels;
    for (int p = 0; p < panels && half > 0.0; ++p) {
      const double middle = breaks[i] + (2.0 * p + 1.0) * half;
      for (std::size_t j = 0; j < rule.node.size(); ++j)
        sum += half * rule.weight[j] * f(middle + half * rule.node[j]);
    }
  }
  return sum;
}

double event_probability(const SubdistributionProcess& process, const Accrual& accrual, double time) {
  if (!(time > 0.0)) return 0.0;
  const EventProcess reference{process.event, process.competing};
  const PiecewiseHazard leaving = sum(process.event, process.competing);
  // An event a time u after entry is seen when the entry was at time - u or before.
  const auto rate_seen = [&](double u) {
    const double incidence = event_probability_by(reference, u);
    const double density = process.event.at(u) * std::exp(-leaving.cumulative(u));
    const double here = process.ratio * std::pow(1.0 - incidence, process.ratio - 1.0) * density;
    return here * std::exp(-process.dropout.cumulative(u)) * accrual.entered(time - u);
  };
  std::vector<double> breaks{0.0, time};
  const auto add = [&](double at) {
    if (at > 0.0 && at < time) breaks.push_back(at);
  };
  for (double s : leaving.start) add(s);
  for (double s : process.dropout.start) add(s);
  for (double e : accrual.end) add(time - e);
  return integral_between(rate_seen, breaks);
}

}  // namespace graftline::stats
