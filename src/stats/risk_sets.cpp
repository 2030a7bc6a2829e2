#include "stats/risk_sets.h"

namespace graftline::stats {

TieSums tie_sums(const EventTime& at, bool efron, double risk_of_all, double risk_of_events) {
  const double whole = 1.0 / risk_of_all;
  TieSums sums;
  if (!efron || at.events == 1) {
    sums.logarithm = at.event_weight * std::log(risk_of_all);
    sums.hazard = at.event_weight * whole;
    sums.square = sums.hazard * whole;
    return sums;
  }
  const auto d = static_cast<double>(at.events);
  const double share = risk_of_events * whole;  // of the events among all at risk, at most 1
  const double step = 1.0 / d;
  double product = 1.0;  // of what is left at risk; its logarithm is taken before it underflows
  double logarithm = d * std::log(risk_of_all);
  for (std::uint32_t k = 0; k < at.events; ++k) {
    const double f = k * step;
    const double left = 1.0 - f * share;
    const double h = 1.0 / left;
    sums.hazard += h;
    sums.gone += f * h;
    sums.square += h * h;
    sums.cross += f * h * h;
    sums.twice += f * f * h * h;
    product *= left;
    if (product < 1e-290) {
      logarithm += std::log(product);
      product = 1.0;
    }
  }
  logarithm += std::log(product);
  const double weight = at.event_weight * step;
  sums.logarithm = weight * logarithm;
  sums.hazard *= weight * whole;
  sums.gone *= weight * whole;
  sums.square *= weight * whole * whole;
  sums.cross *= weight * whole * whole;
  sums.twice *= weight * whole * whole;
  return sums;
}

void subtract_means(const TieSums& ties, const Moments& all, const Moments& events, Matrix& information) {
  const int p = information.rows;
  for (int a = 0; a < p; ++a) {
    const double of_all = ties.square * all.s1[a] - ties.cross * events.s1[a];
    const double of_events = ties.twice * events.s1[a] - ties.cross * all.s1[a];
    for (int b = a; b < p; ++b) information(a, b) -= of_all * all.s1[b] + of_events * events.s1[b];
  }
}

Increment increment(const EventTime& at, bool efron, const Moments& all, const Moments& events) {
  const std::size_t p = all.s1.size();
  Increment one{at.time, 0.0, 0.0, std::vector<double>(p), std::vector<double>(p), std::vector<double>(p)};
  const int steps = tie_steps(at, efron);
  for (int k = 0; k < steps; ++k) {
    const TieStep step = tie_step(at, efron, k);
    const double s0 = all.s0 - (1.0 - step.kept) * events.s0;
    const double hazard = step.weight / s0;
    one.hazard += hazard;
    one.event_hazard += step.kept * hazard;
    for (std::size_t a = 0; a < p; ++a) {
      const double mean = (all.s1[a] - (1.0 - step.kept) * events.s1[a]) / s0;
      one.hazard_mean[a] += hazard * mean;
      one.event_hazard_mean[a] += step.kept * hazard * mean;
      one.mean[a] += mean / steps;
    }
  }
  return one;
}

void add_expected(const CoxDesign& design, std::span<const double> expected, Likelihood& total) {
  const int p = design.p;
  std::vector<double> first(p, 0.0), second(packed_size(p), 0.0);
  add_squares(design.x.data(), expected.data(), expected.size(), p, first.data(), second.data());
  std::size_t at = 0;
  for (int a = 0; a < p; ++a) {
    total.score[a] -= first[a];
    for (int b = a; b < p; ++b) total.information(a, b) += second[at++];
  }
  mirror_upper(total.information);
}

std::vector<double> relative_risks(const CoxDesign& design, std::span<const double> coefficient) {
  std::vector<double> known(coefficient.begin(), coefficient.end());
  for (double& b : known)
    if (std::isnan(b)) b = 0.0;
  return relative_risks(design.x, design.n, known);
}

}  // namespace graftline::stats
