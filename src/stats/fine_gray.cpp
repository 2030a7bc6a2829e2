#include "stats/fine_gray.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "stats/chi_square.h"
#include "stats/event_table.h"
#include "stats/newton.h"
#include "stats/risk_sets.h"
#include "stats/sums.h"

namespace graftline::stats {
namespace {

// Kaplan-Meier curve of the censoring time, one censoring group.
struct Censoring {
  std::vector<double> time;      // where somebody is censored
  std::vector<double> censored;  // how many
  std::vector<double> at_risk;   // Y of the censoring martingale
  std::vector<double> after;     // G just after the time
  double last = 0.0;  // end of the group's follow-up, beyond which its rows are not counted any more
  // finegray() writes an interval between censorings out only if the group itself has an event of the cause
  // in it, so at the other groups' events there its competing rows are missing, but for those that began in
  // that interval.
  std::vector<char> written;  // [interval]; empty: all

  std::size_t interval(double t) const {
    return std::lower_bound(time.begin(), time.end(), t) - time.begin();
  }
  double before(double t) const {
    const std::size_t at = interval(t);
    return at == 0 ? 1.0 : after[at - 1];
  }
  // What a competing row's 1 / G(T-) is multiplied by at t.
  double kept(double t) const {
    if (t > last || (!written.empty() && written[interval(t)] == 0)) return 0.0;
    return before(t);
  }
  double end_of_interval(double t) const {
    const std::size_t at = interval(t);
    return at < time.size() ? time[at] : last;
  }
};

// Case weights do not count here, as in finegray().
template <class Time>
Result<std::vector<Censoring>> censoring_curves(const FollowUp<Time>& rows, std::span<const int> group,
                                                CensoringTies ties) {
  FollowUp<Time> plain{.time = rows.time, .status = rows.status};
  plain.group = group;
  auto tables = event_tables(plain);
  if (!tables) return tables.error();
  const EventTable& table = tables->front();
  std::vector<Censoring> curves(table.groups);
  for (int g = 0; g < table.groups; ++g) {
    double survival = 1.0;
    for (std::size_t i = 0; i < table.size(); ++i) {
      const double censored = table.n_censored(i, g);
      if (censored > 0.0 || table.n_event(i, g) > 0.0) curves[g].last = table.time[i];
      if (censored == 0.0) continue;
      const double events = table.n_event(i, g);
      const double at_risk = table.n_at_risk(i, g) - (ties == CensoringTies::finegray ? events : 0.0);
      survival *= (at_risk - censored) / at_risk;
      curves[g].time.push_back(table.time[i]);
      curves[g].censored.push_back(censored);
      curves[g].at_risk.push_back(table.n_at_risk(i, g));
      curves[g].after.push_back(survival);
    }
  }
  return curves;
}

// The sorted rows of the model: a Cox design of the cause, and what keeps the competing rows at risk.
struct Model {
  CoxDesign design;             // event = the cause
  std::vector<char> competing;  // sorted order
  std::vector<int> group;       // censoring group, sorted order
  std::vector<double> per_g;    // 1 / G(T-) of competing rows
  std::vector<Censoring> censoring;
  bool efron = false;

  const std::vector<EventTime>& event_times() const { return design.strata.front().event_times; }

  // Competing rows that began in an interval that is not written out and are still in it at t.
  std::vector<std::uint32_t> begun_unwritten(double t) const {
    std::vector<std::uint32_t> rows;
    for (int g = 0; g < groups(); ++g) {
      const Censoring& c = censoring[g];
      if (c.written.empty() || t > c.last || c.written[c.interval(t)] != 0) continue;
      auto i = std::lower_bound(design.time.begin(), design.time.end(), t) - design.time.begin();
      const std::size_t interval = c.interval(t);
      while (i-- > 0 && c.interval(design.time[i]) == interval)
        if (competing[i] != 0 && group[i] == g) rows.push_back(static_cast<std::uint32_t>(i));
    }
    return rows;
  }
  int groups() const { return static_cast<int>(censoring.size()); }
};

void combine(Moments& to, const Moments& from, double factor) {
  to.s0 += factor * from.s0;
  for (std::size_t a = 0; a < to.s1.size(); ++a) to.s1[a] += factor * from.s1[a];
  for (std::size_t a = 0; a < to.s2.size(); ++a) to.s2[a] += factor * from.s2[a];
}

// Calls visit(number of the event time, event time, moments of the weighted risk set, moments of the events),
// from the last time to the first. Competing rows are in their group's sum at first and are taken out on the
// way back.
template <class Visit>
void weighted_sweep(const Model& model, const std::vector<double>& risk, bool second, Visit visit) {
  const CoxDesign& d = model.design;
  std::vector<CarriedMoments> gone(model.groups(), CarriedMoments(d.p, second));
  for (int i = 0; i < d.n; ++i)
    if (model.competing[i] != 0)
      gone[model.group[i]].add(d.weight_of(i) * risk[i] * model.per_g[i], d.covariates(i));
  Moments present(d.p, second), all(d.p, second), events(d.p, second);
  auto next = static_cast<std::uint32_t>(d.n);
  for (std::size_t e = model.event_times().size(); e-- > 0;) {
    const EventTime& at = model.event_times()[e];
    while (next > at.first) {
      --next;
      const double weight = d.weight_of(next) * risk[next];
      present.add(weight, d.covariates(next));
      if (model.competing[next] != 0)
        gone[model.group[next]].add(-weight * model.per_g[next], d.covariates(next));
    }
    all = present;
    for (int g = 0; g < model.groups(); ++g) {
      gone[g].settle();
      const double factor = model.censoring[g].kept(at.time);
      if (gone[g].sum.s0 > 0.0 && factor > 0.0) combine(all, gone[g].sum, factor);
    }
    for (std::uint32_t i : model.begun_unwritten(at.time)) all.add(d.weight_of(i) * risk[i], d.covariates(i));
    events.clear();
    for (std::uint32_t i = at.first; i < at.first + at.events; ++i)
      events.add(d.weight_of(i) * risk[i], d.covariates(i));
    visit(e, at, all, events);
  }
}

std::vector<double> risks(const CoxDesign& design, const std::vector<double>& beta) {
  std::vector<double> risk(design.n);
  for (int i = 0; i < design.n; ++i) {
    double eta = 0.0;
    for (int j = 0; j < design.p; ++j) eta += beta[j] * design.covariates(i)[j];
    risk[i] = std::exp(eta);
  }
  return risk;
}

Likelihood likelihood_at(const Model& model, const std::vector<double>& beta) {
  const CoxDesign& d = model.design;
  const std::vector<double> risk = risks(d, beta);
  Likelihood total{0.0, std::vector<double>(d.p, 0.0), Matrix(d.p, d.p)};
  std::vector<double> mean(d.p);
  weighted_sweep(
      model, risk, true, [&](std::size_t, const EventTime& at, const Moments& all, const Moments& tied) {
        for (std::uint32_t i = at.first; i < at.first + at.events; ++i) {
          total.value += d.weight_of(i) * std::log(risk[i]);
          for (int a = 0; a < d.p; ++a) total.score[a] += d.weight_of(i) * d.covariates(i)[a];
        }
        for (int k = 0; k < tie_steps(at, model.efron); ++k) {
          const TieStep step = tie_step(at, model.efron, k);
          const double out = 1.0 - step.kept;
          const double s0 = all.s0 - out * tied.s0;
          total.value -= step.weight * std::log(s0);
          std::size_t packed = 0;
          for (int a = 0; a < d.p; ++a) mean[a] = (all.s1[a] - out * tied.s1[a]) / s0;
          for (int a = 0; a < d.p; ++a) {
            total.score[a] -= step.weight * mean[a];
            for (int b = a; b < d.p; ++b, ++packed)
              total.information(a, b) +=
                  step.weight * ((all.s2[packed] - out * tied.s2[packed]) / s0 - mean[a] * mean[b]);
          }
        }
      });
  for (int a = 0; a < d.p; ++a)
    for (int b = 0; b < a; ++b) total.information(a, b) = total.information(b, a);
  return total;
}

// One event time seen from the residuals.
struct Increment {
  double time = 0.0, hazard = 0.0, event_hazard = 0.0;
  std::vector<double> hazard_mean, event_hazard_mean, mean;
};

std::vector<Increment> increments(const Model& model, const std::vector<double>& risk) {
  const std::size_t p = model.design.p;
  std::vector<Increment> all(model.event_times().size());
  weighted_sweep(model, risk, false,
                 [&](std::size_t e, const EventTime& at, const Moments& sums, const Moments& tied) {
                   Increment one{at.time,
                                 0.0,
                                 0.0,
                                 std::vector<double>(p, 0.0),
                                 std::vector<double>(p, 0.0),
                                 std::vector<double>(p, 0.0)};
                   const int steps = tie_steps(at, model.efron);
                   for (int k = 0; k < steps; ++k) {
                     const TieStep step = tie_step(at, model.efron, k);
                     const double s0 = sums.s0 - (1.0 - step.kept) * tied.s0;
                     const double hazard = step.weight / s0;
                     one.hazard += hazard;
                     one.event_hazard += step.kept * hazard;
                     for (std::size_t a = 0; a < p; ++a) {
                       const double mean = (sums.s1[a] - (1.0 - step.kept) * tied.s1[a]) / s0;
                       one.hazard_mean[a] += hazard * mean;
                       one.event_hazard_mean[a] += step.kept * hazard * mean;
                       one.mean[a] += mean / steps;
                     }
                   }
                   all[e] = std::move(one);
                 });
  return all;
}

// Running sums of factor x hazard and factor x hazard x mean over the event times; entry k is the sum of the
// first k.
struct Running {
  std::vector<double> hazard;
  Matrix mean;
  template <class Factor>
  Running(const std::vector<Increment>& steps, int p, Factor factor)
      : hazard(1, 0.0), mean(static_cast<int>(steps.size()) + 1, p) {
    Sum total;
    std::vector<Sum> means(p);
    for (std::size_t k = 0; k < steps.size(); ++k) {
      const double f = factor(steps[k]);
      total.add(f * steps[k].hazard);
      hazard.push_back(total.value());
      for (int a = 0; a < p; ++a) {
        means[a].add(f * steps[k].hazard_mean[a]);
        mean(static_cast<int>(k) + 1, a) = means[a].value();
      }
    }
  }
};

// Score residuals (eta in the paper), sorted order, before the case weight.
Matrix score_residuals(const Model& model, const std::vector<double>& risk,
                       const std::vector<Increment>& steps) {
  const CoxDesign& d = model.design;
  const Running plain(steps, d.p, [](const Increment&) { return 1.0; });
  std::vector<Running> kept;  // weighted by G(t-), per censoring group
  for (const Censoring& g : model.censoring)
    kept.emplace_back(steps, d.p, [&g](const Increment& s) { return g.kept(s.time); });
  const auto through = [&](double t) {
    return static_cast<int>(std::upper_bound(steps.begin(), steps.end(), t,
                                             [](double x, const Increment& s) { return x < s.time; }) -
                            steps.begin());
  };
  const auto last = static_cast<int>(steps.size());
  Matrix residual(d.n, d.p);
  for (int i = 0; i < d.n; ++i) {
    const bool event = d.event[i] != 0;
    const int after = through(d.time[i]);
    const int own = event ? after - 1 : after;
    for (int a = 0; a < d.p; ++a) {
      const double x = d.covariates(i)[a];
      double met = x * plain.hazard[own] - plain.mean(own, a);
      if (event) met += x * steps[own].event_hazard - steps[own].event_hazard_mean[a];
      if (model.competing[i] != 0) {
        const Running& g = kept[model.group[i]];
        const double began_until = model.censoring[model.group[i]].end_of_interval(d.time[i]);
        const int own_end = std::max(after, through(began_until));
        met += x * (plain.hazard[own_end] - plain.hazard[after]) -
               (plain.mean(own_end, a) - plain.mean(after, a));
        met += model.per_g[i] *
               (x * (g.hazard[last] - g.hazard[own_end]) - (g.mean(last, a) - g.mean(own_end, a)));
      }
      residual(i, a) = (event ? x - steps[own].mean[a] : 0.0) - risk[i] * met;
    }
  }
  return residual;
}

// What estimating G adds for each row (psi in the paper): the integral of q / Y over its censoring
// martingale, where q(u) is what the weights of those who had a competing event before u still contribute
// after u.
class CensoringTerm {
 public:
  CensoringTerm(const Model& model, const std::vector<double>& risk, const std::vector<Increment>& steps,
                CensoringPart part)
      : model_(model), risk_(risk), steps_(steps) {
    for (int g = 0; g < model.groups(); ++g) {
      const Censoring& c = model.censoring[g];
      std::size_t e = 0;
      kept_.emplace_back(steps, model.design.p, [&](const Increment& s) {
        const double counted = part == CensoringPart::as_crr ? share(model.event_times()[e], g) : 1.0;
        ++e;
        return counted * c.kept(s.time);
      });
    }
  }

  void add_to(Matrix& residual) const {
    const CoxDesign& d = model_.design;
    std::vector<Moments> before(model_.groups(), Moments(d.p, false));  // competing rows with T < u, / G(T-)
    std::vector<std::vector<double>> drained(model_.groups(), std::vector<double>(d.p, 0.0));
    std::vector<std::size_t> at(model_.groups(), 0);
    for (int begin = 0; begin < d.n;) {
      const double u = d.time[begin];
      int end = begin;
      while (end < d.n && d.time[end] == u) ++end;
      std::vector<std::vector<double>> jump(model_.groups());
      for (int g = 0; g < model_.groups(); ++g) {
        const Censoring& c = model_.censoring[g];
        if (at[g] >= c.time.size() || c.time[at[g]] != u) continue;
        const double y = c.at_risk[at[g]];
        jump[g] = q(u, g, before);
        for (int a = 0; a < d.p; ++a) {
          drained[g][a] -= jump[g][a] * c.censored[at[g]] / (y * y);
          jump[g][a] /= y;
        }
        ++at[g];
      }
      for (int i = begin; i < end; ++i) {
        const int g = model_.group[i];
        const bool censored = d.event[i] == 0 && model_.competing[i] == 0;
        for (int a = 0; a < d.p; ++a) residual(i, a) += drained[g][a] + (censored ? jump[g][a] : 0.0);
      }
      for (int i = begin; i < end; ++i)
        if (model_.competing[i] != 0)
          before[model_.group[i]].add(risk_[i] * model_.per_g[i], d.covariates(i));
      begin = end;
    }
  }

 private:
  // Part of an event time's events that belong to the group.
  double share(const EventTime& at, int group) const {
    double own = 0.0;
    for (std::uint32_t i = at.first; i < at.first + at.events; ++i)
      own += model_.group[i] == group ? 1.0 : 0.0;
    return own / static_cast<double>(at.events);
  }

  std::vector<double> q(double u, int group, const std::vector<Moments>& before) const {
    const CoxDesign& d = model_.design;
    const auto from =
        static_cast<int>(std::lower_bound(steps_.begin(), steps_.end(), u,
                                          [](const Increment& s, double x) { return s.time < x; }) -
                         steps_.begin());
    const auto last = static_cast<int>(steps_.size());
    std::vector<double> result(d.p, 0.0);
    const double hazard = kept_[group].hazard[last] - kept_[group].hazard[from];
    for (int a = 0; a < d.p; ++a)
      result[a] += before[group].s1[a] * hazard -
                   before[group].s0 * (kept_[group].mean(last, a) - kept_[group].mean(from, a));
    return result;
  }

  const Model& model_;
  const std::vector<double>& risk_;
  const std::vector<Increment>& steps_;
  std::vector<Running> kept_;
};

// B (sum over clusters of u u') B.
Matrix sandwich(const CoxDesign& design, const Matrix& residual, const Matrix& bread) {
  const bool clustered = !design.cluster.empty();
  Matrix sums(clustered ? design.clusters : design.n, design.p);
  for (int i = 0; i < design.n; ++i)
    for (int a = 0; a < design.p; ++a)
      sums(clustered ? design.cluster[i] : i, a) += design.weight_of(i) * residual(i, a);
  const Matrix moved = product(sums, bread);
  return product(transpose(moved), moved);
}

// Intervals between censorings in which an event of the cause falls are written out for each competing row
// still counted.
void count_expanded(const Model& model, FineGrayFit& fit) {
  const CoxDesign& d = model.design;
  for (int g = 0; g < model.groups(); ++g) {
    const Censoring& c = model.censoring[g];
    std::vector<char> used(c.time.size() + 1, 0);  // interval k ends at the k-th censoring
    for (int i = 0; i < d.n; ++i)
      if (d.event[i] != 0 && model.group[i] == g)
        used[std::lower_bound(c.time.begin(), c.time.end(), d.time[i]) - c.time.begin()] = 1;
    std::vector<double> rows(used.size() + 1, 0.0), weight(used.size() + 1, 0.0);
    for (std::size_t k = used.size(); k-- > 1;) {
      rows[k] = rows[k + 1] + (used[k] != 0 ? 1.0 : 0.0);
      weight[k] = weight[k + 1] + (used[k] != 0 ? c.after[k - 1] : 0.0);
    }
    for (int i = 0; i < d.n; ++i) {
      if (model.group[i] != g) continue;
      fit.expanded_rows += 1.0;
      fit.expanded_weight += d.weight_of(i);
      if (model.competing[i] == 0) continue;
      const auto own = std::lower_bound(c.time.begin(), c.time.end(), d.time[i]) - c.time.begin();
      fit.expanded_rows += rows[own + 1];
      fit.expanded_weight += d.weight_of(i) * model.per_g[i] * weight[own + 1];
    }
  }
}

void add_baseline(const Model& model, const std::vector<Increment>& steps, const std::vector<double>& beta,
                  FineGrayFit& fit) {
  double eta = 0.0;
  for (int j = 0; j < model.design.p; ++j) eta -= beta[j] * model.design.mean[j];
  Sum hazard;
  for (const Increment& s : steps) {
    hazard.add(s.hazard);
    fit.time.push_back(s.time);
    fit.cumulative_hazard.push_back(std::exp(eta) * hazard.value());
  }
}

void mark_written(Model& model) {
  for (Censoring& c : model.censoring) c.written.assign(c.time.size() + 1, 0);
  for (int i = 0; i < model.design.n; ++i) {
    Censoring& c = model.censoring[model.group[i]];
    if (model.design.event[i] != 0) c.written[c.interval(model.design.time[i])] = 1;
  }
}

template <class Time>
Result<Model> model_of(const FollowUp<Time>& rows, const Covariates& covariates, int cause,
                       std::span<const int> group, const FineGrayOptions& options) {
  if (options.ties == Ties::exact)
    return Error{ErrorKind::unsupported, "exact ties are not offered for Fine-Gray"};
  if (!rows.entry.empty())
    return Error{ErrorKind::unsupported, "column entry: Fine-Gray takes no delayed entry"};
  if (!group.empty() && group.size() != rows.size())
    return Error{ErrorKind::malformed_input, "censoring_group: one code per row is needed"};
  auto shape = inspect(rows);
  if (!shape) return shape.error();
  std::vector<int> event(rows.size());
  for (std::size_t i = 0; i < event.size(); ++i) event[i] = rows.status[i] == cause ? 1 : 0;
  FollowUp<Time> of_cause = rows;
  of_cause.status = event;
  of_cause.group = {};
  of_cause.stratum = {};
  auto design = cox_design(of_cause, covariates);
  if (!design) return design.error();
  if (design->n_events == 0.0)
    return Error{ErrorKind::conflict, fmt::format("column status: no row has cause {}", cause)};
  auto censoring = censoring_curves(rows, group, options.censoring_ties);
  if (!censoring) return censoring.error();
  Model model{*std::move(design), {}, {}, {}, *std::move(censoring), options.ties == Ties::efron};
  for (int i = 0; i < model.design.n; ++i) {
    const std::uint32_t row = model.design.row[i];
    const bool competing = rows.status[row] != 0 && rows.status[row] != cause;
    model.competing.push_back(competing ? 1 : 0);
    model.group.push_back(group.empty() ? 0 : group[row]);
    model.per_g.push_back(competing ? 1.0 / model.censoring[model.group.back()].before(model.design.time[i])
                                    : 0.0);
  }
  if (options.censoring_ties == CensoringTies::finegray && model.groups() > 1) mark_written(model);
  return model;
}

}  // namespace

template <class Time>
Result<FineGrayFit> fine_gray(const FollowUp<Time>& rows, const Covariates& covariates, int cause,
                              std::span<const int> censoring_group, const FineGrayOptions& options) {
  auto made = model_of(rows, covariates, cause, censoring_group, options);
  if (!made) return made.error();
  const Model& model = *made;
  const CoxDesign& d = model.design;
  FineGrayFit fit;
  std::vector<double> beta(d.p, 0.0);
  const Likelihood null = likelihood_at(model, beta);
  const Factored at_null = factor(null.information, 1.8e-12);
  for (int j = 0; j < d.p; ++j)
    if (at_null.pivot[j] == 0.0) fit.collinear.push_back(j);
  const auto evaluate = [&](const std::vector<double>& at) {
    Likelihood l = likelihood_at(model, at);
    for (int j : fit.collinear)
      for (int k = 0; k < d.p; ++k) l.information(j, k) = l.information(k, j) = 0.0;
    const double value = l.value;
    std::vector<double> gradient = l.score;
    return Ascent{std::move(l), value, std::move(gradient)};
  };
  NewtonOptions newton{std::vector<double>(d.p, 0.0), options.most_iterations, options.gradient_tolerance};
  for (int j = 0; j < d.p; ++j) {
    const auto [low, high] = std::minmax_element(covariates.columns[j].begin(), covariates.columns[j].end());
    newton.range[j] = *high - *low;
  }
  Ascent at = evaluate(beta);
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
  const std::vector<double> risk = risks(d, beta);
  const std::vector<Increment> steps = increments(model, risk);
  Matrix residual = score_residuals(model, risk, steps);
  fit.robust_covariance = sandwich(d, residual, fit.model_covariance);
  if (d.weight.empty()) {
    CensoringTerm(model, risk, steps, options.censoring_part).add_to(residual);
    fit.sandwich_covariance = sandwich(d, residual, fit.model_covariance);
  }
  add_baseline(model, steps, beta, fit);
  count_expanded(model, fit);
  fit.coefficient = beta;
  for (int j : fit.collinear) fit.coefficient[j] = std::numeric_limits<double>::quiet_NaN();
  return fit;
}

template Result<FineGrayFit> fine_gray(const DayFollowUp&, const Covariates&, int, std::span<const int>,
                                       const FineGrayOptions&);
template Result<FineGrayFit> fine_gray(const RealFollowUp&, const Covariates&, int, std::span<const int>,
                                       const FineGrayOptions&);

std::vector<double> predicted_incidence(const FineGrayFit& fit, std::span<const double> values) {
  double eta = 0.0;
  for (std::size_t j = 0; j < values.size(); ++j)
    if (!std::isnan(fit.coefficient[j])) eta += fit.coefficient[j] * values[j];
  std::vector<double> incidence;
  for (double h : fit.cumulative_hazard) incidence.push_back(-std::expm1(-h * std::exp(eta)));
  return incidence;
}

}  // namespace graftline::stats
