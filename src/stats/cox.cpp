#include "stats/cox.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stats/chi_square.h"
#include "stats/cox_residuals.h"
#include "stats/newton.h"
#include "stats/risk_sets.h"
#include "stats/sums.h"

namespace graftline::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double collinear_tolerance = 1.8e-12;  // that of coxph

std::vector<double> linear_predictor(const CoxDesign& design, std::span<const double> coefficient) {
  std::vector<double> eta(design.n, 0.0);
  for (int i = 0; i < design.n; ++i) {
    const double* x = design.covariates(i);
    double sum = 0.0;
    for (int j = 0; j < design.p; ++j) sum += coefficient[j] * x[j];
    eta[i] = sum;
  }
  return eta;
}

// Adds weight x covariance of the covariates under the risk-set weights, minus the tied events' part already
// gone.
struct StepMean {
  double denominator = 0.0;
  std::vector<double> mean;
};

void add_step(const Moments& all, const Moments& tied, TieStep step, Likelihood& total, StepMean& scratch) {
  const int p = static_cast<int>(all.s1.size());
  const double gone = 1.0 - step.kept;
  const double s0 = all.s0 - gone * tied.s0;
  for (int a = 0; a < p; ++a) scratch.mean[a] = (all.s1[a] - gone * tied.s1[a]) / s0;
  total.value -= step.weight * std::log(s0);
  std::size_t at = 0;
  for (int a = 0; a < p; ++a) {
    total.score[a] -= step.weight * scratch.mean[a];
    for (int b = a; b < p; ++b, ++at) {
      const double second = (all.s2[at] - gone * tied.s2[at]) / s0;
      total.information(a, b) += step.weight * (second - scratch.mean[a] * scratch.mean[b]);
    }
  }
}

void add_events(const CoxDesign& design, const EventTime& at, const std::vector<double>& eta,
                Likelihood& total) {
  for (std::uint32_t i = at.first; i < at.first + at.events; ++i) {
    const double w = design.weight_of(i);
    total.value += w * eta[i];
    for (int a = 0; a < design.p; ++a) total.score[a] += w * design.covariates(i)[a];
  }
}

// What one event time adds to the hazard that the rows at risk meet, and by how much less its own events
// meet.
struct HazardStep {
  double all = 0.0;
  double gone = 0.0;
};

// Hazard met by each row, at risk on (entry, time]: the sum over the event times in between.
std::vector<double> hazards_met(const CoxDesign& design, const std::vector<std::vector<HazardStep>>& steps) {
  std::vector<double> met(design.n);
  std::vector<double> through;  // sum of the first k steps of the stratum
  for (std::size_t s = 0; s < design.strata.size(); ++s) {
    const CoxStratum& stratum = design.strata[s];
    Sum total;
    through.assign(1, 0.0);
    for (const HazardStep& step : steps[s]) {
      total.add(step.all);
      through.push_back(total.value());
    }
    std::size_t seen = 0;
    for (std::uint32_t i = stratum.begin; i < stratum.end; ++i) {
      while (seen < steps[s].size() && stratum.event_times[seen].time <= design.time[i]) ++seen;
      met[i] = through[seen];
      if (design.event[i] != 0) met[i] -= steps[s][seen - 1].gone;
      if (!design.entry.empty()) met[i] -= through[design.seen_at_entry[i]];
    }
  }
  return met;
}

// A row's second moments count at every event time that it meets, so they are added up once per row, weighted
// by the hazard met; only the means need the risk sets one by one.
Likelihood by_risk_sets(const CoxDesign& design, std::span<const double> coefficient, bool efron) {
  const int p = design.p;
  const std::vector<double> risk = relative_risks(design, coefficient);
  Likelihood total{0.0, design.event_total, Matrix(p, p)};
  std::vector<std::vector<HazardStep>> steps(design.strata.size());
  for (std::size_t s = 0; s < steps.size(); ++s) steps[s].resize(design.strata[s].event_times.size());
  Sum logarithms;
  sweep(design, risk, false,
        [&](std::size_t s, std::size_t e, const EventTime& at, const Moments& all, const Moments& tied) {
          const TieSums ties = tie_sums(at, efron, all.s0, tied.s0);
          logarithms.add(ties.logarithm);
          steps[s][e] = {ties.hazard, ties.gone};
          subtract_means(ties, all, tied, total.information);
        });
  for (int a = 0; a < p; ++a) total.value += coefficient[a] * design.event_total[a];
  total.value -= logarithms.value();
  std::vector<double> expected = hazards_met(design, steps);
  for (int i = 0; i < design.n; ++i) expected[i] *= design.weight_of(i) * risk[i];
  add_expected(design, expected, total);
  return total;
}

// Sums over all subsets of k of the rows seen so far: of the product of their risks, times their sum of
// covariates, times its square. Each row is either left out or added to a subset one smaller.
class Subsets {
 public:
  Subsets(int size, int p) : size_(size), p_(p), sums_(size + 1, Moments(p, true)) { sums_[0].s0 = 1.0; }

  void add(double r, const double* x) {
    for (int k = size_; k >= 1; --k) {
      Moments& to = sums_[k];
      const Moments& from = sums_[k - 1];
      if (from.s0 == 0.0) continue;
      to.s0 += r * from.s0;
      std::size_t at = 0;
      for (int a = 0; a < p_; ++a) {
        to.s1[a] += r * (from.s1[a] + x[a] * from.s0);
        for (int b = a; b < p_; ++b, ++at)
          to.s2[at] += r * (from.s2[at] + x[a] * from.s1[b] + x[b] * from.s1[a] + x[a] * x[b] * from.s0);
      }
    }
  }
  const Moments& whole() const { return sums_[size_]; }

 private:
  int size_;
  int p_;
  std::vector<Moments> sums_;
};

bool at_risk(const CoxDesign& design, std::uint32_t i, double time) {
  return design.entry.empty() || design.entry[i] < time;
}

Likelihood exact(const CoxDesign& design, std::span<const double> coefficient) {
  const std::vector<double> eta = linear_predictor(design, coefficient);
  Likelihood total{0.0, std::vector<double>(design.p, 0.0), Matrix(design.p, design.p)};
  StepMean scratch{0.0, std::vector<double>(design.p, 0.0)};
  const Moments none(design.p, true);
  for (const CoxStratum& stratum : design.strata)
    for (const EventTime& at : stratum.event_times) {
      add_events(design, at, eta, total);
      // Risks are scaled so that the sum over subsets stays near 1 in size.
      Sum risk;
      double members = 0.0;
      for (std::uint32_t i = at.first; i < stratum.end; ++i)
        if (at_risk(design, i, at.time)) {
          risk.add(std::exp(eta[i]));
          members += 1.0;
        }
      const double scale = static_cast<double>(at.events) / risk.value();
      Subsets subsets(static_cast<int>(at.events), design.p);
      for (std::uint32_t i = at.first; i < stratum.end; ++i)
        if (at_risk(design, i, at.time)) subsets.add(scale * std::exp(eta[i]), design.covariates(i));
      total.value += static_cast<double>(at.events) * std::log(scale);
      add_step(subsets.whole(), none, {1.0, 1.0}, total, scratch);
    }
  mirror_upper(total.information);
  return total;
}

// Firth: log likelihood + log det(I) / 2. Its gradient adds half the trace of I^-1 dI/dbeta, the third
// central moment of the covariates in each risk set contracted with I^-1: with q = x' I^-1 x that is E[q x] -
// m E[q] - 2 V I^-1 m, so one more covariate, q, in the sweep is enough.
std::vector<double> firth_gradient(const CoxDesign& design, std::span<const double> coefficient, bool efron,
                                   const Matrix& inverse_information) {
  const int p = design.p;
  CoxDesign wide = design;
  wide.p = p + 1;
  wide.x.assign(static_cast<std::size_t>(design.n) * wide.p, 0.0);
  for (int i = 0; i < design.n; ++i) {
    const std::span<const double> x(design.covariates(i), p);
    double* to = &wide.x[static_cast<std::size_t>(i) * wide.p];
    std::copy(x.begin(), x.end(), to);
    const std::vector<double> mx = product(inverse_information, x);
    for (int a = 0; a < p; ++a) to[p] += mx[a] * x[a];
  }
  const std::vector<double> risk = relative_risks(design, coefficient);
  std::vector<double> gradient(p, 0.0);
  sweep(wide, risk, true,
        [&](std::size_t, std::size_t, const EventTime& at, const Moments& all, const Moments& tied) {
          for (int k = 0; k < tie_steps(at, efron); ++k) {
            const TieStep step = tie_step(at, efron, k);
            Likelihood one{0.0, std::vector<double>(wide.p, 0.0), Matrix(wide.p, wide.p)};
            StepMean scratch{0.0, std::vector<double>(wide.p, 0.0)};
            add_step(all, tied, {step.kept, 1.0}, one, scratch);
            mirror_upper(one.information);  // covariance of (x, q) in this risk set
            const std::vector<double> mm =
                product(inverse_information, std::span<const double>(scratch.mean).first(p));
            for (int c = 0; c < p; ++c) {
              double third = one.information(c, p);
              for (int a = 0; a < p; ++a) third -= 2.0 * mm[a] * one.information(a, c);
              gradient[c] += 0.5 * step.weight * third;
            }
          }
        });
  return gradient;
}

void leave_out(const std::vector<char>& left_out, Matrix& information) {
  for (int j = 0; j < information.rows; ++j)
    if (left_out[j] != 0)
      for (int k = 0; k < information.rows; ++k) information(j, k) = information(k, j) = 0.0;
}

// The likelihood with Firth's penalty; without its second derivative.
Ascent penalised(const CoxDesign& design, const std::vector<double>& beta, const CoxOptions& options,
                 const std::vector<char>& left_out) {
  Ascent o;
  o.likelihood = partial_likelihood(design, beta, options.ties);
  leave_out(left_out, o.likelihood.information);
  o.value = o.likelihood.value;
  o.gradient = o.likelihood.score;
  if (!options.firth) return o;
  const Factored f = factor(o.likelihood.information, 0.0);
  for (double pivot : f.pivot)
    if (pivot > 0.0) o.value += 0.5 * std::log(pivot);
  const std::vector<double> penalty = firth_gradient(design, beta, options.ties == Ties::efron, inverse(f));
  for (int j = 0; j < design.p; ++j) o.gradient[j] += penalty[j];
  return o;
}

// The penalty's second derivative has fourth moments; differences of the gradient are exact enough for
// Newton's steps.
Ascent objective_at(const CoxDesign& design, const std::vector<double>& beta, const CoxOptions& options,
                    const std::vector<char>& left_out) {
  Ascent o = penalised(design, beta, options, left_out);
  if (!options.firth) return o;
  o.curvature = Matrix(design.p, design.p);
  for (int j = 0; j < design.p; ++j) {
    constexpr double h = 1e-5;
    std::vector<double> up = beta, down = beta;
    up[j] += h;
    down[j] -= h;
    const Ascent high = penalised(design, up, options, left_out);
    const Ascent low = penalised(design, down, options, left_out);
    for (int k = 0; k < design.p; ++k) {
      const double second = (low.gradient[k] - high.gradient[k]) / (2.0 * h);
      o.curvature(j, k) += 0.5 * second;
      o.curvature(k, j) += 0.5 * second;
    }
  }
  leave_out(left_out, o.curvature);
  return o;
}

// How far apart two subjects can be in a covariate: what a change of its coefficient means.
std::vector<double> ranges(const CoxDesign& design) {
  std::vector<double> low(design.p, std::numeric_limits<double>::infinity());
  std::vector<double> high(design.p, -std::numeric_limits<double>::infinity());
  for (int i = 0; i < design.n; ++i)
    for (int j = 0; j < design.p; ++j) {
      low[j] = std::min(low[j], design.covariates(i)[j]);
      high[j] = std::max(high[j], design.covariates(i)[j]);
    }
  for (int j = 0; j < design.p; ++j) high[j] -= low[j];
  return high;
}

ChiSquareTest chi_square(double statistic, int df) {
  return {statistic, df, df > 0 ? chi_square_upper_tail(statistic, df) : 1.0};
}

// Sums the rows' weighted residuals within clusters: C' C is the middle of the sandwich.
Matrix cluster_sums(const CoxDesign& design, const Matrix& residuals) {
  const bool clustered = !design.cluster.empty();
  Matrix sums(clustered ? design.clusters : design.n, design.p);
  for (int i = 0; i < design.n; ++i)
    for (int j = 0; j < design.p; ++j)
      sums(clustered ? design.cluster[i] : i, j) +=
          design.weight_of(i) * residuals(static_cast<int>(design.row[i]), j);
  return sums;
}

void add_robust(const CoxDesign& design, CoxFit& fit) {
  const Matrix scores = cluster_sums(design, score_residuals(design, fit));
  const Matrix moved = product(scores, fit.covariance);
  fit.robust_covariance = product(transpose(moved), moved);
  const std::vector<double> zero(design.p, 0.0);
  const Matrix null_scores = cluster_sums(design, score_residuals_at(design, zero, fit.ties));
  std::vector<double> total(design.p, 0.0);
  for (int i = 0; i < null_scores.rows; ++i)
    for (int j = 0; j < design.p; ++j) total[j] += null_scores(i, j);
  const Factored f = factor(product(transpose(null_scores), null_scores));
  fit.robust_score = chi_square(quadratic_form(f, total), f.rank);
}

}  // namespace

Likelihood partial_likelihood(const CoxDesign& design, std::span<const double> coefficient, Ties ties) {
  return ties == Ties::exact ? exact(design, coefficient)
                             : by_risk_sets(design, coefficient, ties == Ties::efron);
}

Result<CoxFit> cox(const CoxDesign& design, const CoxOptions& options) {
  if (design.n_events == 0.0) return Error{ErrorKind::conflict, "column status: no row has an event"};
  if (options.ties == Ties::exact && !design.weight.empty())
    return Error{ErrorKind::unsupported, "column weight: exact ties take no case weights"};
  if (options.ties == Ties::exact && options.firth)
    return Error{ErrorKind::unsupported, "Firth's penalty is offered for Efron and Breslow ties"};
  CoxFit fit;
  fit.ties = options.ties;
  fit.coefficient.assign(design.p, 0.0);
  const Likelihood null = partial_likelihood(design, fit.coefficient, options.ties);
  const Factored at_null = factor(null.information, collinear_tolerance);
  std::vector<char> left_out(design.p, 0);
  for (int j = 0; j < design.p; ++j)
    if (at_null.pivot[j] == 0.0) {
      left_out[j] = 1;
      fit.collinear.push_back(j);
    }
  fit.log_likelihood_null = null.value;
  fit.score = chi_square(quadratic_form(at_null, null.score), at_null.rank);
  Ascent at = options.firth ? objective_at(design, fit.coefficient, options, left_out)
                            : Ascent{null, null.value, null.score};
  leave_out(left_out, at.likelihood.information);
  if (at_null.rank > 0) {
    NewtonOptions newton{ranges(design), options.most_iterations};
    const NewtonEnd end = maximise(
        [&](const std::vector<double>& beta) { return objective_at(design, beta, options, left_out); },
        newton, fit.coefficient, at);
    fit.converged = end.converged;
    fit.iterations = end.iterations;
    fit.monotone = end.monotone;
  } else {
    fit.converged = true;
  }
  fit.log_likelihood = at.likelihood.value;
  fit.likelihood_ratio = chi_square(2.0 * (fit.log_likelihood - fit.log_likelihood_null), at_null.rank);
  fit.covariance = inverse(factor(at.likelihood.information, 0.0));
  if (options.robust || !design.cluster.empty()) add_robust(design, fit);
  fit.wald = chi_square(quadratic_form(factor(fit.covariance_used(), 1e-14), fit.coefficient), at_null.rank);
  for (int j : fit.collinear) fit.coefficient[j] = nan;
  return fit;
}

}  // namespace graftline::stats
