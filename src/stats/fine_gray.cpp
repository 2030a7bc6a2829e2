#include "stats/fine_gray.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stats/chi_square.h"
#include "stats/fine_gray_model.h"
#include "stats/fine_gray_variance.h"
#include "stats/newton.h"
#include "stats/sums.h"

namespace graftline::stats {
namespace {

struct HazardSteps {
  std::vector<double> all,
      gone;  // [event time]: hazard met by those at risk, and how much less by its events
};

// Hazard met by each row, a competing row's later part times its weight.
std::vector<double> hazards_met(const FineGrayModel& model, const HazardSteps& steps) {
  const std::vector<EventTime>& times = model.event_times();
  std::vector<double> plain(1, 0.0);
  std::vector<std::vector<double>> kept(model.groups(), std::vector<double>(1, 0.0));  // times G(t-)
  Sum total;
  std::vector<Sum> weighted(model.groups());
  for (std::size_t e = 0; e < times.size(); ++e) {
    total.add(steps.all[e]);
    plain.push_back(total.value());
    for (int g = 0; g < model.groups(); ++g) {
      weighted[g].add(model.censoring[g].kept(times[e].time) * steps.all[e]);
      kept[g].push_back(weighted[g].value());
    }
  }
  std::vector<double> hazard(model.design.n);
  for_each_met(model, [&](int i, const Met& met) {
    if (model.competing[i] == 0) {
      hazard[i] = plain[met.own] - plain[met.from];
      if (model.design.event[i] != 0) hazard[i] += steps.all[met.own] - steps.gone[met.own];
      return;
    }
    const std::vector<double>& later = kept[model.group_of(i)];
    hazard[i] = plain[met.whole] - plain[met.from] + model.per_g[i] * (later.back() - later[met.whole]);
  });
  return hazard;
}

void add_likelihood(const FineGrayModel& model, const std::vector<double>& beta, Likelihood& total) {
  const CoxDesign& d = model.design;
  const std::vector<double> risk = relative_risks(d, beta);
  Likelihood own{0.0, d.event_total, Matrix(d.p, d.p)};
  HazardSteps steps{std::vector<double>(model.event_times().size()),
                    std::vector<double>(model.event_times().size())};
  Sum logarithms;
  weighted_sweep(model, risk,
                 [&](std::size_t e, const EventTime& at, const Moments& all, const Moments& tied) {
                   const TieSums ties = tie_sums(at, model.efron, all.s0, tied.s0);
                   logarithms.add(ties.logarithm);
                   steps.all[e] = ties.hazard;
                   steps.gone[e] = ties.gone;
                   subtract_means(ties, all, tied, own.information);
                 });
  for (int a = 0; a < d.p; ++a) own.value += beta[a] * d.event_total[a];
  own.value -= logarithms.value();
  std::vector<double> expected = hazards_met(model, steps);
  for (int i = 0; i < d.n; ++i) expected[i] *= d.weight_of(i) * risk[i];
  add_expected(d, expected, own);
  total.value += own.value;
  for (int a = 0; a < d.p; ++a) {
    total.score[a] += own.score[a];
    for (int b = 0; b < d.p; ++b) total.information(a, b) += own.information(a, b);
  }
}

Likelihood likelihood_at(const std::vector<FineGrayModel>& strata, const std::vector<double>& beta) {
  const int p = strata.front().design.p;
  Likelihood total{0.0, std::vector<double>(p, 0.0), Matrix(p, p)};
  for (const FineGrayModel& model : strata) add_likelihood(model, beta, total);
  return total;
}

// Intervals between censorings in which an event of the cause falls are written out for each competing row
// still counted.
void count_expanded(const std::vector<FineGrayModel>& strata, FineGrayFit& fit) {
  for (int g = 0; g < strata.front().groups(); ++g) {
    const Censoring& c = strata.front().censoring[g];
    std::vector<char> used(c.time.size() + 1, 0);  // interval k ends at the k-th censoring
    for (const FineGrayModel& model : strata)
      for (int i = 0; i < model.design.n; ++i)
        if (model.design.event[i] != 0 && model.group_of(i) == g) used[c.interval(model.design.time[i])] = 1;
    std::vector<double> rows(used.size() + 1, 0.0), weight(used.size() + 1, 0.0);
    for (std::size_t k = used.size(); k-- > 1;) {
      rows[k] = rows[k + 1] + (used[k] != 0 ? 1.0 : 0.0);
      weight[k] = weight[k + 1] + (used[k] != 0 ? c.after[k - 1] : 0.0);
    }
    for (const FineGrayModel& model : strata)
      for (int i = 0; i < model.design.n; ++i) {
        if (model.group_of(i) != g) continue;
        fit.expanded_rows += 1.0;
        fit.expanded_weight += model.design.weight_of(i);
        if (model.competing[i] == 0) continue;
        const std::size_t own = c.interval(model.design.time[i]);
        fit.expanded_rows += rows[own + 1];
        fit.expanded_weight += model.design.weight_of(i) * model.per_g[i] * weight[own + 1];
      }
  }
}

SubdistributionBaseline baseline_of(const FineGrayModel& model, const std::vector<Increment>& steps,
                                    const std::vector<double>& beta) {
  SubdistributionBaseline baseline;
  baseline.time.reserve(steps.size());
  baseline.cumulative_hazard.reserve(steps.size());
  double eta = 0.0;
  for (int j = 0; j < model.design.p; ++j) eta -= beta[j] * model.design.mean[j];
  Sum hazard;
  for (const Increment& s : steps) {
    hazard.add(s.hazard);
    baseline.time.push_back(s.time);
    baseline.cumulative_hazard.push_back(std::exp(eta) * hazard.value());
  }
  return baseline;
}

}  // namespace

template <class Time>
Result<FineGrayFit> fine_gray(const FollowUp<Time>& rows, const Covariates& covariates, int cause,
                              std::span<const int> censoring_group, const FineGrayOptions& options) {
  const auto made = fine_gray_models(rows, covariates, cause, censoring_group, options);
  if (!made) return made.error();
  const std::vector<FineGrayModel>& strata = *made;
  const int p = strata.front().design.p;
  FineGrayFit fit;
  std::vector<double> beta(p, 0.0);
  const Likelihood null = likelihood_at(strata, beta);
  const Factored at_null = factor(null.information, 1.8e-12);
  for (int j = 0; j < p; ++j)
    if (at_null.pivot[j] == 0.0) fit.collinear.push_back(j);
  const auto ascent = [&](Likelihood l) {
    for (int j : fit.collinear)
      for (int k = 0; k < p; ++k) l.information(j, k) = l.information(k, j) = 0.0;
    const double value = l.value;
    std::vector<double> gradient = l.score;
    return Ascent{std::move(l), value, std::move(gradient)};
  };
  const auto evaluate = [&](const std::vector<double>& b) { return ascent(likelihood_at(strata, b)); };
  NewtonOptions newton{std::vector<double>(p, 0.0), options.most_iterations, options.gradient_tolerance};
  for (int j = 0; j < p; ++j) {
    const auto [low, high] = std::minmax_element(covariates.columns[j].begin(), covariates.columns[j].end());
    newton.range[j] = *high - *low;
  }
  Ascent at = ascent(null);
  const NewtonEnd end = maximise(evaluate, newton, beta, at);
  fit.converged = end.converged;
  fit.iterations = end.iterations;
  fit.monotone = end.monotone;
  fit.log_likelihood_null = null.value;
  fit.log_likelihood = at.likelihood.value;
  const double ratio = 2.0 * (fit.log_likelihood - null.value);
  fit.likelihood_ratio = {ratio, at_null.rank,
                          at_null.rank > 0 ? chi_square_upper_tail(ratio, at_null.rank) : 1.0};
  fit.model_covariance = inverse(factor(at.likelihood.information, 0.0));
  std::vector<Matrix> residuals;
  std::vector<double> risk;
  std::vector<Increment> steps;
  for (const FineGrayModel& model : strata) {
    risk = relative_risks(model.design, beta);
    steps = subdistribution_increments(model, risk);
    residuals.push_back(subdistribution_residuals(model, risk, steps));
    fit.baseline.push_back(baseline_of(model, steps, beta));
  }
  fit.robust_covariance = sandwich(strata, residuals, fit.model_covariance);
  // Estimating G costs something; how much is known for one baseline and unweighted rows at risk from the
  // start.
  const CoxDesign& first = strata.front().design;
  if (strata.size() == 1 && first.weight.empty() && first.entry.empty()) {
    add_censoring_term(strata.front(), risk, steps, options.censoring_part, residuals.front());
    fit.sandwich_covariance = sandwich(strata, residuals, fit.model_covariance);
  }
  count_expanded(strata, fit);
  fit.coefficient = beta;
  for (int j : fit.collinear) fit.coefficient[j] = std::numeric_limits<double>::quiet_NaN();
  return fit;
}

template Result<FineGrayFit> fine_gray(const DayFollowUp&, const Covariates&, int, std::span<const int>,
                                       const FineGrayOptions&);
template Result<FineGrayFit> fine_gray(const RealFollowUp&, const Covariates&, int, std::span<const int>,
                                       const FineGrayOptions&);

std::vector<double> predicted_incidence(const FineGrayFit& fit, std::span<const double> values,
                                        std::size_t stratum) {
  double eta = 0.0;
  for (std::size_t j = 0; j < values.size(); ++j)
    if (!std::isnan(fit.coefficient[j])) eta += fit.coefficient[j] * values[j];
  const std::vector<double>& baseline = fit.baseline.at(stratum).cumulative_hazard;
  std::vector<double> incidence;
  incidence.reserve(baseline.size());
  for (double h : baseline) incidence.push_back(-std::expm1(-h * std::exp(eta)));
  return incidence;
}

}  // namespace graftline::stats
