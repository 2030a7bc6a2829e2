#include "stats/cox_curve.h"

#include <algorithm>
#include <cmath>

#include "stats/risk_sets.h"
#include "stats/sums.h"

namespace graftline::stats {
namespace {

struct Step {
  double time = 0.0;
  double hazard = 0.0;
  double variance = 0.0;
  std::vector<double> hazard_mean;  // centered covariates
};

std::vector<std::vector<Step>> steps_of(const CoxDesign& design, const std::vector<double>& risk,
                                        bool efron) {
  std::vector<std::vector<Step>> all(design.strata.size());
  sweep(design, risk, false,
        [&](std::size_t s, std::size_t, const EventTime& at, const Moments& sums, const Moments& tied) {
          Step one{at.time, 0.0, 0.0, std::vector<double>(design.p, 0.0)};
          for (int k = 0; k < tie_steps(at, efron); ++k) {
            const TieStep tie = tie_step(at, efron, k);
            const double s0 = sums.s0 - (1.0 - tie.kept) * tied.s0;
            one.hazard += tie.weight / s0;
            one.variance += tie.weight / (s0 * s0);
            for (int a = 0; a < design.p; ++a)
              one.hazard_mean[a] += tie.weight / s0 * (sums.s1[a] - (1.0 - tie.kept) * tied.s1[a]) / s0;
          }
          all[s].push_back(std::move(one));
        });
  for (auto& stratum : all) std::reverse(stratum.begin(), stratum.end());
  return all;
}

double quadratic(const Matrix& v, const std::vector<double>& d) {
  double total = 0.0;
  for (int a = 0; a < v.rows; ++a)
    for (int b = 0; b < v.cols; ++b) total += d[a] * v(a, b) * d[b];
  return total;
}

}  // namespace

std::vector<CoxCurve> predicted_curves(const CoxDesign& design, const CoxFit& fit,
                                       std::span<const double> values, const LimitOptions& limits) {
  std::vector<double> beta = fit.coefficient;
  for (double& b : beta)
    if (std::isnan(b)) b = 0.0;
  const std::vector<double> risk = relative_risks(design, beta);
  std::vector<double> centered(design.p);
  double eta = 0.0;
  for (int a = 0; a < design.p; ++a) {
    centered[a] = values[a] - design.mean[a];
    eta += beta[a] * centered[a];
  }
  const double relative = std::exp(eta);
  const double z = limit_z(limits.level);
  std::vector<CoxCurve> curves;
  for (const auto& stratum : steps_of(design, risk, fit.ties == Ties::efron)) {
    CoxCurve& curve = curves.emplace_back();
    Sum hazard;
    Sum variance;
    std::vector<double> away(design.p, 0.0);  // sum of hazard x (x - mean in the risk set)
    for (const Step& step : stratum) {
      hazard.add(step.hazard);
      variance.add(step.variance);
      for (int a = 0; a < design.p; ++a) away[a] += step.hazard * centered[a] - step.hazard_mean[a];
      curve.time.push_back(step.time);
      curve.cumulative_hazard.push_back(relative * hazard.value());
      curve.cumulative_hazard_se.push_back(
          relative * std::sqrt(variance.value() + quadratic(fit.covariance_used(), away)));
      curve.survival.push_back(std::exp(-curve.cumulative_hazard.back()));
      const Limits l = probability_limits(
          curve.survival.back(), curve.survival.back() * curve.cumulative_hazard_se.back(), limits.scale, z);
      curve.lower.push_back(l.lower);
      curve.upper.push_back(l.upper);
    }
  }
  return curves;
}

}  // namespace graftline::stats
