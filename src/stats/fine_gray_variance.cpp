#include "stats/fine_gray_variance.h"

#include "stats/sums.h"

namespace graftline::stats {
namespace {

// Running sums of factor x hazard and factor x hazard x mean over the event times; entry k is the sum of the
// first k.
struct Running {
  std::vector<double> hazard;
  Matrix mean;
  template <class Factor>
  Running(const std::vector<Increment>& steps, int p, Factor factor)
      : hazard(1, 0.0), mean(static_cast<int>(steps.size()) + 1, p) {
    hazard.reserve(steps.size() + 1);
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
  double hazard_between(std::size_t from, std::size_t to) const { return hazard[to] - hazard[from]; }
  double mean_between(std::size_t from, std::size_t to, int a) const {
    return mean(static_cast<int>(to), a) - mean(static_cast<int>(from), a);
  }
};

// The integral of q / Y over the censoring martingale of a row's group, where q(u) is what the weights of
// those who had a competing event before u still contribute after u.
class CensoringTerm {
 public:
  CensoringTerm(const FineGrayModel& model, const std::vector<double>& risk,
                const std::vector<Increment>& steps, CensoringPart part)
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
    Matrix drained(model_.groups(), d.p), jump(model_.groups(), d.p);
    std::vector<std::size_t> at(model_.groups(), 0);
    std::size_t seen = 0;  // event times before u
    for (int begin = 0; begin < d.n;) {
      const double u = d.time[begin];
      while (seen < steps_.size() && steps_[seen].time < u) ++seen;
      int end = begin;
      while (end < d.n && d.time[end] == u) ++end;
      for (int g = 0; g < model_.groups(); ++g) {
        const Censoring& c = model_.censoring[g];
        if (at[g] >= c.time.size() || c.time[at[g]] != u) continue;
        const double y = c.at_risk[at[g]];
        for (int a = 0; a < d.p; ++a) {
          jump(g, a) = q(seen, g, a, before[g]) / y;
          drained(g, a) -= jump(g, a) * c.censored[at[g]] / y;
        }
        ++at[g];
      }
      for (int i = begin; i < end; ++i) {
        const int g = model_.group_of(i);
        const bool censored = d.event[i] == 0 && model_.competing[i] == 0;
        for (int a = 0; a < d.p; ++a) residual(i, a) += drained(g, a) + (censored ? jump(g, a) : 0.0);
      }
      for (int i = begin; i < end; ++i)
        if (model_.competing[i] != 0)
          before[model_.group_of(i)].add(risk_[i] * model_.per_g[i], d.covariates(i));
      begin = end;
    }
  }

 private:
  // Part of an event time's events that belong to the group.
  double share(const EventTime& at, int group) const {
    double own = 0.0;
    for (std::uint32_t i = at.first; i < at.first + at.events; ++i)
      own += model_.group_of(i) == group ? 1.0 : 0.0;
    return own / static_cast<double>(at.events);
  }

  double q(std::size_t seen, int group, int a, const Moments& before) const {
    const Running& kept = kept_[group];
    return before.s1[a] * kept.hazard_between(seen, steps_.size()) -
           before.s0 * kept.mean_between(seen, steps_.size(), a);
  }

  const FineGrayModel& model_;
  const std::vector<double>& risk_;
  const std::vector<Increment>& steps_;
  std::vector<Running> kept_;
};

}  // namespace

std::vector<Increment> subdistribution_increments(const FineGrayModel& model,
                                                  const std::vector<double>& risk) {
  std::vector<Increment> all(model.event_times().size());
  weighted_sweep(model, risk,
                 [&](std::size_t e, const EventTime& at, const Moments& sums, const Moments& tied) {
                   all[e] = increment(at, model.efron, sums, tied);
                 });
  return all;
}

Matrix subdistribution_residuals(const FineGrayModel& model, const std::vector<double>& risk,
                                 const std::vector<Increment>& steps) {
  const CoxDesign& d = model.design;
  const Running plain(steps, d.p, [](const Increment&) { return 1.0; });
  std::vector<Running> kept;  // weighted by G(t-), per censoring group
  for (const Censoring& g : model.censoring)
    kept.emplace_back(steps, d.p, [&g](const Increment& s) { return g.kept(s.time); });
  Matrix residual(d.n, d.p);
  for_each_met(model, [&](int i, const Met& met) {
    const bool event = d.event[i] != 0;
    const bool competing = model.competing[i] != 0;
    const std::size_t until = competing ? met.whole : met.own;
    const Running& weighted = kept[model.group_of(i)];
    double hazard = plain.hazard_between(met.from, until);
    if (event) hazard += steps[met.own].event_hazard;
    if (competing) hazard += model.per_g[i] * weighted.hazard_between(until, steps.size());
    for (int a = 0; a < d.p; ++a) {
      double mean = plain.mean_between(met.from, until, a);
      if (event) mean += steps[met.own].event_hazard_mean[a];
      if (competing) mean += model.per_g[i] * weighted.mean_between(until, steps.size(), a);
      const double x = d.covariates(i)[a];
      residual(i, a) = (event ? x - steps[met.own].mean[a] : 0.0) - risk[i] * (x * hazard - mean);
    }
  });
  return residual;
}

void add_censoring_term(const FineGrayModel& model, const std::vector<double>& risk,
                        const std::vector<Increment>& steps, CensoringPart part, Matrix& residual) {
  CensoringTerm(model, risk, steps, part).add_to(residual);
}

Matrix sandwich(std::span<const FineGrayModel> strata, std::span<const Matrix> residuals,
                const Matrix& bread) {
  const int p = bread.rows;
  Matrix meat(p, p);
  std::vector<double> first(p, 0.0), second(packed_size(p), 0.0);
  int clusters = 0;
  for (const FineGrayModel& model : strata) clusters = std::max(clusters, model.design.clusters);
  const bool clustered = !strata.front().design.cluster.empty();
  Matrix sums(clustered ? clusters : 0, p);
  for (std::size_t s = 0; s < strata.size(); ++s) {
    const CoxDesign& design = strata[s].design;
    const Matrix& residual = residuals[s];
    if (clustered) {
      for (int i = 0; i < design.n; ++i)
        for (int a = 0; a < p; ++a) sums(design.cluster[i], a) += design.weight_of(i) * residual(i, a);
      continue;
    }
    std::vector<double> squared(design.n, 1.0);
    for (int i = 0; i < design.n; ++i) squared[i] = design.weight_of(i) * design.weight_of(i);
    add_squares(residual.values.data(), squared.data(), squared.size(), p, first.data(), second.data());
  }
  if (clustered) {
    const std::vector<double> once(clusters, 1.0);
    add_squares(sums.values.data(), once.data(), once.size(), p, first.data(), second.data());
  }
  std::size_t at = 0;
  for (int a = 0; a < p; ++a)
    for (int b = a; b < p; ++b) meat(a, b) = second[at++];
  mirror_upper(meat);
  return product(product(bread, meat), bread);
}

}  // namespace graftline::stats
