#include <algorithm>
#include <cmath>

#include "stats/multi_state.h"
#include "stats/sums.h"

namespace graftline::stats {
namespace {

// Where everybody was when first seen: the share of clusters' first stays in each state.
struct Start {
  std::vector<double> probability;
  std::vector<std::vector<double>> influence;  // [cluster][state]
};

std::size_t cluster_count(const Stays& stays) {
  if (stays.cluster.empty()) return stays.size();
  return static_cast<std::size_t>(*std::max_element(stays.cluster.begin(), stays.cluster.end())) + 1;
}

Start start_of(const Stays& stays, int states) {
  Start start{std::vector<double>(states, 0.0),
              std::vector<std::vector<double>>(cluster_count(stays), std::vector<double>(states, 0.0))};
  const double first = *std::min_element(stays.entry.begin(), stays.entry.end());
  double total = 0.0;
  for (std::size_t i = 0; i < stays.size(); ++i)
    if (stays.entry[i] == first) {
      start.probability[stays.from[i]] += stays.weight_of(i);
      total += stays.weight_of(i);
    }
  for (double& p : start.probability) p /= total;
  for (std::size_t i = 0; i < stays.size(); ++i)
    if (stays.entry[i] == first)
      for (int s = 0; s < states; ++s)
        start.influence[stays.cluster_of(i)][s] +=
            stays.weight_of(i) / total * ((s == stays.from[i] ? 1.0 : 0.0) - start.probability[s]);
  return start;
}

// One time: U(t) = U(t-) (I + dA) + p(t-) de, where de is the cluster's own part of each increment,
// (its moves - its at risk x hazard) / all at risk.
class Jackknife {
 public:
  Jackknife(const Stays& stays, const MultiState& model, Start start)
      : stays_(stays),
        model_(model),
        p_(std::move(start.probability)),
        u_(std::move(start.influence)),
        present_(u_.size() * model.states, 0.0) {
    order_by(stays.entry, entering_);
    order_by(stays.exit, leaving_);
  }

  void advance(std::size_t t) {
    const double time = model_.time[t];
    for (; next_in_ < entering_.size() && stays_.entry[entering_[next_in_]] < time; ++next_in_)
      at_risk(entering_[next_in_]) += stays_.weight_of(entering_[next_in_]);
    for (; next_out_ < leaving_.size() && stays_.exit[leaving_[next_out_]] < time; ++next_out_)
      leave(leaving_[next_out_]);
    spread_hazards(t);
    for (; next_out_ < leaving_.size() && stays_.exit[leaving_[next_out_]] == time; ++next_out_) {
      own_move(t, leaving_[next_out_]);
      leave(leaving_[next_out_]);
    }
    std::vector<double> moved = p_;
    for (std::size_t k = 0; k < model_.transitions.size(); ++k) {
      const Transition tr = model_.transitions[k];
      const double flow = p_[tr.from] * hazard(t, k);
      moved[tr.from] -= flow;
      moved[tr.to] += flow;
    }
    p_ = std::move(moved);
  }

  double probability(const std::vector<int>& set) const {
    double total = 0.0;
    for (int s : set) total += p_[s];
    return total;
  }
  double standard_error(const std::vector<int>& set) const {
    Sum squares;
    for (const auto& u : u_) {
      double one = 0.0;
      for (int s : set) one += u[s];
      squares.add(one * one);
    }
    return std::sqrt(squares.value());
  }

 private:
  static void order_by(std::span<const double> time, std::vector<std::uint32_t>& rows) {
    for (std::uint32_t i = 0; i < time.size(); ++i) rows.push_back(i);
    std::stable_sort(rows.begin(), rows.end(), [time](auto a, auto b) { return time[a] < time[b]; });
  }
  double& at_risk(std::uint32_t i) { return present_[stays_.cluster_of(i) * model_.states + stays_.from[i]]; }
  void leave(std::uint32_t i) {
    double& weight = at_risk(i);
    weight -= stays_.weight_of(i);
    if (std::abs(weight) < 1e-12 * stays_.weight_of(i)) weight = 0.0;
  }
  double hazard(std::size_t t, std::size_t k) const {
    const double d = model_.n_moves(t, k);
    return d == 0.0 ? 0.0 : d / model_.n_at_risk(t, model_.transitions[k].from);
  }

  void spread_hazards(std::size_t t) {
    for (std::size_t c = 0; c < u_.size(); ++c) {
      auto& u = u_[c];
      const auto before = u;
      for (std::size_t k = 0; k < model_.transitions.size(); ++k) {
        const double h = hazard(t, k);
        if (h == 0.0) continue;
        const Transition tr = model_.transitions[k];
        const double own = present_[c * model_.states + tr.from] / model_.n_at_risk(t, tr.from);
        const double flow = before[tr.from] * h - p_[tr.from] * own * h;
        u[tr.from] -= flow;
        u[tr.to] += flow;
      }
    }
  }
  void own_move(std::size_t t, std::uint32_t i) {
    if (stays_.to[i] < 0) return;
    const double flow = p_[stays_.from[i]] * stays_.weight_of(i) / model_.n_at_risk(t, stays_.from[i]);
    auto& u = u_[stays_.cluster_of(i)];
    u[stays_.from[i]] -= flow;
    u[stays_.to[i]] += flow;
  }

  const Stays& stays_;
  const MultiState& model_;
  std::vector<double> p_;
  std::vector<std::vector<double>> u_;
  std::vector<double> present_;  // [cluster * states + state], weight at risk
  std::vector<std::uint32_t> entering_, leaving_;
  std::size_t next_in_ = 0, next_out_ = 0;
};

}  // namespace

Result<Occupancy> state_occupancy(const Stays& stays, int states, const std::vector<std::vector<int>>& sets,
                                  std::span<const double> times, const LimitOptions& limits) {
  auto model = multi_state(stays, states);
  if (!model) return model.error();
  for (const auto& set : sets)
    for (int s : set)
      if (s < 0 || s >= states)
        return Error{ErrorKind::out_of_range, "a set names a state the model does not have"};
  if (!std::is_sorted(times.begin(), times.end()))
    return Error{ErrorKind::out_of_range, "times must increase"};
  Occupancy result;
  result.time.assign(times.begin(), times.end());
  for (auto* column : {&result.probability, &result.standard_error, &result.lower, &result.upper})
    column->resize(sets.size());
  Jackknife walk(stays, *model, start_of(stays, states));
  const double z = limit_z(limits.level);
  std::size_t i = 0;
  for (double t : times) {
    for (; i < model->time.size() && model->time[i] <= t; ++i) walk.advance(i);
    for (std::size_t s = 0; s < sets.size(); ++s) {
      const double p = walk.probability(sets[s]);
      const double se = walk.standard_error(sets[s]);
      const Limits l = probability_limits(p, se, limits.scale, z);
      result.probability[s].push_back(p);
      result.standard_error[s].push_back(se);
      result.lower[s].push_back(l.lower);
      result.upper[s].push_back(l.upper);
    }
  }
  return result;
}

}  // namespace graftline::stats
