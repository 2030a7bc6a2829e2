#include "stats/cox_residuals.h"

#include <algorithm>
#include <cmath>

#include "stats/chi_square.h"
#include "stats/kaplan_meier.h"
#include "stats/risk_sets.h"
#include "stats/sums.h"

namespace graftline::stats {
namespace {

// [stratum][event time]
std::vector<std::vector<Increment>> increments(const CoxDesign& design, const std::vector<double>& risk,
                                               bool efron) {
  std::vector<std::vector<Increment>> all(design.strata.size());
  sweep(design, risk, false,
        [&](std::size_t s, std::size_t, const EventTime& at, const Moments& sums, const Moments& tied) {
          all[s].push_back(increment(at, efron, sums, tied));
        });
  for (auto& stratum : all) std::reverse(stratum.begin(), stratum.end());
  return all;
}

// Running sums of the increments: what a row has met between its entry and its end.
struct Running {
  std::vector<double> time, hazard;
  Matrix hazard_mean;  // (event times + 1) x p; row k after k event times

  Running(const std::vector<Increment>& steps, int p)
      : hazard(1, 0.0), hazard_mean(static_cast<int>(steps.size()) + 1, p) {
    Sum total;
    std::vector<Sum> mean(p);
    for (std::size_t k = 0; k < steps.size(); ++k) {
      time.push_back(steps[k].time);
      total.add(steps[k].hazard);
      hazard.push_back(total.value());
      for (int a = 0; a < p; ++a) {
        mean[a].add(steps[k].hazard_mean[a]);
        hazard_mean(static_cast<int>(k) + 1, a) = mean[a].value();
      }
    }
  }
  int before(double t) const {
    return static_cast<int>(std::lower_bound(time.begin(), time.end(), t) - time.begin());
  }
  int through(double t) const {
    return static_cast<int>(std::upper_bound(time.begin(), time.end(), t) - time.begin());
  }
};

// Calls visit(row, hazard met, hazard x mean met, own increment or nullptr). For an event its own time is
// counted with Efron's parts.
template <class Visit>
void for_each_row(const CoxDesign& design, const std::vector<double>& risk, bool efron, Visit visit) {
  const auto all = increments(design, risk, efron);
  std::vector<double> met(design.p);
  for (std::size_t s = 0; s < design.strata.size(); ++s) {
    const Running run(all[s], design.p);
    for (std::uint32_t i = design.strata[s].begin; i < design.strata[s].end; ++i) {
      const bool event = design.event[i] != 0;
      const int last = event ? run.before(design.time[i]) : run.through(design.time[i]);
      const int first = design.entry.empty() ? 0 : run.through(design.entry[i]);
      const Increment* own = event ? &all[s][last] : nullptr;
      const double hazard = run.hazard[last] - run.hazard[first] + (own ? own->event_hazard : 0.0);
      for (int a = 0; a < design.p; ++a)
        met[a] =
            run.hazard_mean(last, a) - run.hazard_mean(first, a) + (own ? own->event_hazard_mean[a] : 0.0);
      visit(i, hazard, met, own);
    }
  }
}

}  // namespace

std::vector<double> martingale_residuals(const CoxDesign& design, const CoxFit& fit) {
  const std::vector<double> risk = relative_risks(design, fit.coefficient);
  std::vector<double> residual(*std::max_element(design.row.begin(), design.row.end()) + 1, 0.0);
  for_each_row(design, risk, fit.ties == Ties::efron,
               [&](std::uint32_t i, double hazard, const std::vector<double>&, const Increment* own) {
                 residual[design.row[i]] = (own ? 1.0 : 0.0) - risk[i] * hazard;
               });
  return residual;
}

std::vector<double> deviance_residuals(const CoxDesign& design, const CoxFit& fit) {
  std::vector<double> residual = martingale_residuals(design, fit);
  for (int i = 0; i < design.n; ++i) {
    double& m = residual[design.row[i]];
    const double seen = design.event[i] != 0 ? 1.0 : 0.0;
    const double expected = seen - m;
    const double logarithm = seen > 0.0 ? std::log(expected) : 0.0;
    m = std::copysign(std::sqrt(std::max(0.0, -2.0 * (m + logarithm))), m);
  }
  return residual;
}

Matrix score_residuals_at(const CoxDesign& design, std::span<const double> coefficient, Ties ties) {
  const std::vector<double> risk = relative_risks(design, coefficient);
  Matrix residual(static_cast<int>(*std::max_element(design.row.begin(), design.row.end())) + 1, design.p);
  for_each_row(design, risk, ties == Ties::efron,
               [&](std::uint32_t i, double hazard, const std::vector<double>& met, const Increment* own) {
                 const double* x = design.covariates(i);
                 for (int a = 0; a < design.p; ++a) {
                   const double event = own ? x[a] - own->mean[a] : 0.0;
                   residual(static_cast<int>(design.row[i]), a) = event - risk[i] * (x[a] * hazard - met[a]);
                 }
               });
  return residual;
}

Matrix score_residuals(const CoxDesign& design, const CoxFit& fit) {
  return score_residuals_at(design, fit.coefficient, fit.ties);
}

Matrix dfbeta_residuals(const CoxDesign& design, const CoxFit& fit) {
  return product(score_residuals(design, fit), fit.covariance);
}

SchoenfeldResiduals schoenfeld_residuals(const CoxDesign& design, const CoxFit& fit) {
  const auto all = increments(design, relative_risks(design, fit.coefficient), fit.ties == Ties::efron);
  SchoenfeldResiduals result;
  result.residual = Matrix(static_cast<int>(design.n_events), design.p);
  int row = 0;
  for (std::size_t s = 0; s < design.strata.size(); ++s)
    for (std::size_t k = 0; k < all[s].size(); ++k) {
      const EventTime& at = design.strata[s].event_times[k];
      for (std::uint32_t i = at.first; i < at.first + at.events; ++i, ++row) {
        result.time.push_back(at.time);
        result.stratum.push_back(static_cast<int>(s));
        for (int a = 0; a < design.p; ++a)
          result.residual(row, a) = design.covariates(i)[a] - all[s][k].mean[a];
      }
    }
  result.scaled = product(result.residual, fit.covariance);
  for (int i = 0; i < result.scaled.rows; ++i)
    for (int a = 0; a < design.p; ++a) {
      const double coefficient = std::isnan(fit.coefficient[a]) ? 0.0 : fit.coefficient[a];
      result.scaled(i, a) = result.scaled(i, a) * design.n_events + coefficient;
    }
  return result;
}

namespace {

// g of each event time, minus its mean over the events. Rows count once each here, whatever their weight, as
// in R.
std::vector<std::vector<double>> transformed(const CoxDesign& design, TimeTransform transform) {
  std::vector<int> status(design.event.begin(), design.event.end());
  const RealFollowUp rows{.time = design.time, .status = status, .entry = design.entry};
  const auto curves = kaplan_meier(rows);
  ensure(bool(curves), "the rows of a design make a curve");
  const SurvivalCurve& curve = curves->front();
  std::vector<double> sorted = design.time;
  std::sort(sorted.begin(), sorted.end());
  const auto g = [&](double t) {
    if (transform == TimeTransform::identity) return t;
    if (transform == TimeTransform::log) return std::log(t);
    if (transform == TimeTransform::rank) {
      const auto [low, high] = std::equal_range(sorted.begin(), sorted.end(), t);
      return 0.5 * static_cast<double>((low - sorted.begin()) + (high - sorted.begin()) + 1);
    }
    const auto before = std::lower_bound(curve.time.begin(), curve.time.end(), t) - curve.time.begin();
    return before == 0 ? 0.0 : 1.0 - curve.survival[before - 1];
  };
  std::vector<std::vector<double>> values(design.strata.size());
  Sum total;
  for (std::size_t s = 0; s < design.strata.size(); ++s)
    for (const EventTime& at : design.strata[s].event_times) {
      values[s].push_back(g(at.time));
      total.add(values[s].back() * at.events);
    }
  for (auto& stratum : values)
    for (double& v : stratum) v -= total.value() / design.n_events;
  return values;
}

}  // namespace

ProportionalHazardsTest proportional_hazards_test(const CoxDesign& design, const CoxFit& fit,
                                                  TimeTransform transform, std::span<const int> terms) {
  const int p = design.p;
  const bool efron = fit.ties == Ties::efron;
  const auto g = transformed(design, transform);
  std::vector<std::size_t> left;
  for (const auto& stratum : g) left.push_back(stratum.size());
  Matrix information(2 * p, 2 * p);
  std::vector<double> score(2 * static_cast<std::size_t>(p), 0.0);
  const auto put = [&](int i, int j, double t, double v) {
    information(i, j) += v;
    information(p + i, j) += t * v;
    information(i, p + j) += t * v;
    information(p + i, p + j) += t * t * v;
  };
  sweep(design, relative_risks(design, fit.coefficient), true,
        [&](std::size_t s, std::size_t, const EventTime& at, const Moments& all, const Moments& tied) {
          const double t = g[s][--left[s]];
          for (std::uint32_t i = at.first; i < at.first + at.events; ++i)
            for (int a = 0; a < p; ++a) score[p + a] += t * design.weight_of(i) * design.covariates(i)[a];
          for (int k = 0; k < tie_steps(at, efron); ++k) {
            const TieStep step = tie_step(at, efron, k);
            const double gone = 1.0 - step.kept;
            const double s0 = all.s0 - gone * tied.s0;
            const auto mean = [&](int a) { return (all.s1[a] - gone * tied.s1[a]) / s0; };
            std::size_t packed = 0;
            for (int a = 0; a < p; ++a) {
              score[p + a] -= t * step.weight * mean(a);
              for (int b = a; b < p; ++b, ++packed) {
                const double v =
                    step.weight * ((all.s2[packed] - gone * tied.s2[packed]) / s0 - mean(a) * mean(b));
                put(a, b, t, v);
                if (a != b) put(b, a, t, v);
              }
            }
          }
        });
  const auto test = [&](const std::vector<int>& added) {
    std::vector<int> kept;
    for (int j = 0; j < p; ++j) kept.push_back(j);
    for (int j : added) kept.push_back(p + j);
    const int size = static_cast<int>(kept.size());
    Matrix part(size, size);
    std::vector<double> u(size, 0.0);
    for (int i = 0; i < size; ++i) {
      if (i >= p) u[i] = score[kept[i]];
      for (int j = 0; j < size; ++j) part(i, j) = information(kept[i], kept[j]);
    }
    const Factored f = factor(part);
    int df = 0;
    for (int i = p; i < size; ++i) df += f.pivot[i] > 0.0 ? 1 : 0;
    const double statistic = quadratic_form(f, u);
    return ChiSquareTest{statistic, df, chi_square_upper_tail(statistic, df)};
  };
  ProportionalHazardsTest result;
  std::vector<int> everything;
  int last_term = -1;
  for (int j = 0; j < p; ++j) {
    everything.push_back(j);
    last_term = std::max(last_term, terms.empty() ? j : terms[j]);
  }
  for (int term = 0; term <= last_term; ++term) {
    std::vector<int> members;
    for (int j = 0; j < p; ++j)
      if ((terms.empty() ? j : terms[j]) == term) members.push_back(j);
    result.term.push_back(test(members));
  }
  result.global = test(everything);
  return result;
}

}  // namespace graftline::stats
