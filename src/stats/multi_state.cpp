#include "stats/multi_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "stats/sums.h"

namespace graftline::stats {
namespace {

std::optional<Error> check(const Stays& stays, int states) {
  const std::size_t n = stays.size();
  if (n == 0) return Error{ErrorKind::malformed_input, "column from: no rows"};
  for (auto [size, column] : {std::pair{stays.to.size(), "to"}, std::pair{stays.entry.size(), "entry"},
                              std::pair{stays.exit.size(), "exit"}})
    if (size != n)
      return Error{ErrorKind::malformed_input,
                   fmt::format("column {} has {} rows, column from has {}", column, size, n)};
  const auto bad = [](std::size_t i, const char* column, const char* why) {
    return Error{ErrorKind::out_of_range, fmt::format("row {}, column {}: {}", i + 1, column, why)};
  };
  for (std::size_t i = 0; i < n; ++i) {
    if (stays.from[i] < 0 || stays.from[i] >= states) return bad(i, "from", "no such state");
    if (stays.to[i] < -1 || stays.to[i] >= states || stays.to[i] == stays.from[i])
      return bad(i, "to", "no such move");
    if (!std::isfinite(stays.entry[i])) return bad(i, "entry", "a time must be known and finite");
    if (!std::isfinite(stays.exit[i]) || !(stays.exit[i] > stays.entry[i]))
      return bad(i, "exit", "a stay must end after it begins");
    if (!stays.weight.empty() && !(stays.weight[i] >= 0.0))
      return bad(i, "weight", "a case weight must not be negative");
  }
  return std::nullopt;
}

std::vector<Transition> occurring(const Stays& stays, int states) {
  std::vector<char> seen(static_cast<std::size_t>(states) * states, 0);
  for (std::size_t i = 0; i < stays.size(); ++i)
    if (stays.to[i] >= 0) seen[stays.from[i] * states + stays.to[i]] = 1;
  std::vector<Transition> all;
  for (int from = 0; from < states; ++from)
    for (int to = 0; to < states; ++to)
      if (seen[from * states + to] != 0) all.push_back({from, to});
  return all;
}

std::size_t index_of(const std::vector<double>& time, double t) {
  return static_cast<std::size_t>(std::lower_bound(time.begin(), time.end(), t) - time.begin());
}

// Stays are at risk at the times after their entry and up to their exit.
void count_at_risk(const Stays& stays, MultiState& model) {
  const std::size_t times = model.time.size();
  std::vector<double> change((times + 1) * model.states, 0.0);
  std::vector<double> rows((times + 1) * model.states, 0.0);
  for (std::size_t i = 0; i < stays.size(); ++i) {
    const auto first =
        std::upper_bound(model.time.begin(), model.time.end(), stays.entry[i]) - model.time.begin();
    const auto after =
        std::upper_bound(model.time.begin(), model.time.end(), stays.exit[i]) - model.time.begin();
    change[first * model.states + stays.from[i]] += stays.weight_of(i);
    change[after * model.states + stays.from[i]] -= stays.weight_of(i);
    rows[first * model.states + stays.from[i]] += 1.0;
    rows[after * model.states + stays.from[i]] -= 1.0;
  }
  model.at_risk.assign(times * model.states, 0.0);
  for (int s = 0; s < model.states; ++s) {
    Sum weight;
    double present = 0.0;
    for (std::size_t t = 0; t < times; ++t) {
      weight.add(change[t * model.states + s]);
      present += rows[t * model.states + s];
      model.at_risk[t * model.states + s] = present > 0.0 ? weight.value() : 0.0;
    }
  }
}

void count_moves(const Stays& stays, MultiState& model) {
  model.counts = Matrix(model.states, model.states + 2);
  model.moves.assign(model.time.size() * model.transitions.size(), 0.0);
  std::vector<double> arrivals(model.states, 0.0);
  for (std::size_t i = 0; i < stays.size(); ++i) {
    const int from = stays.from[i];
    if (stays.to[i] >= 0) arrivals[stays.to[i]] += 1.0;
    model.counts(from, model.states + 1) += 1.0;
    model.counts(from, stays.to[i] < 0 ? model.states : stays.to[i]) += 1.0;
    if (stays.to[i] < 0) continue;
    const auto at =
        std::find(model.transitions.begin(), model.transitions.end(), Transition{from, stays.to[i]});
    if (at == model.transitions.end()) continue;
    model.moves[index_of(model.time, stays.exit[i]) * model.transitions.size() +
                (at - model.transitions.begin())] += stays.weight_of(i);
  }
  // States nobody is seen to stay in (death, relapse when follow-up ends there): who arrived is still there.
  for (int state = 0; state < model.states; ++state)
    if (model.counts(state, model.states + 1) == 0.0)
      model.counts(state, model.states) = model.counts(state, model.states + 1) = arrivals[state];
}

// I + dA at a time.
Matrix step_matrix(const MultiState& model, std::size_t i) {
  Matrix step = identity(model.states);
  for (std::size_t k = 0; k < model.transitions.size(); ++k) {
    const double d = model.n_moves(i, k);
    if (d == 0.0) continue;
    const Transition t = model.transitions[k];
    const double h = d / model.n_at_risk(i, t.from);
    step(t.from, t.to) += h;
    step(t.from, t.from) -= h;
  }
  return step;
}

// Covariance of two increments out of one state.
double increment_covariance(double at_risk, double d1, double d2, bool same, StateVariance variance) {
  if (variance == StateVariance::aalen) return same ? d1 / (at_risk * at_risk) : 0.0;
  const double y3 = at_risk * at_risk * at_risk;
  return same ? d1 * (at_risk - d1) / y3 : -d1 * d2 / y3;
}

// Covariances of all entries of P, kept for each row of P apart: entries of different rows covary too, but
// only a row's own standard errors are asked for, and the rows' recursions do not mix: P(s,t)[h, .] =
// P(s,t-)[h, .] (I + dA).
class RowCovariance {
 public:
  RowCovariance(int states, StateVariance variance)
      : variance_(variance), covariance_(states, Matrix(states, states)) {}

  void advance(const MultiState& model, std::size_t i, const Matrix& before, const Matrix& step) {
    const Matrix step_t = transpose(step);
    for (int h = 0; h < model.states; ++h) {
      Matrix& v = covariance_[h];
      v = product(step_t, product(v, step));
      add_increments(model, i, before, h, v);
    }
  }
  double variance(int h, int j) const { return std::max(0.0, covariance_[h](j, j)); }

 private:
  // Moving d out of g takes P[h, g] with it: each transition g -> j adds to j and takes from g.
  void add_increments(const MultiState& model, std::size_t i, const Matrix& before, int h, Matrix& v) const {
    const std::size_t count = model.transitions.size();
    for (std::size_t a = 0; a < count; ++a) {
      const double da = model.n_moves(i, a);
      if (da == 0.0) continue;
      const Transition ta = model.transitions[a];
      for (std::size_t b = 0; b < count; ++b) {
        const Transition tb = model.transitions[b];
        const double db = model.n_moves(i, b);
        if (tb.from != ta.from || db == 0.0) continue;
        const double p = before(h, ta.from);
        const double c = p * p * increment_covariance(model.n_at_risk(i, ta.from), da, db, a == b, variance_);
        v(ta.to, tb.to) += c;
        v(ta.to, tb.from) -= c;
        v(ta.from, tb.to) -= c;
        v(ta.from, tb.from) += c;
      }
    }
  }

  StateVariance variance_;
  std::vector<Matrix> covariance_;
};

}  // namespace

Result<MultiState> multi_state(const Stays& stays, int states, std::span<const Transition> transitions) {
  if (auto error = check(stays, states)) return *error;
  MultiState model;
  model.states = states;
  model.transitions.assign(transitions.begin(), transitions.end());
  if (transitions.empty()) model.transitions = occurring(stays, states);
  for (std::size_t i = 0; i < stays.size(); ++i) {
    if (stays.to[i] < 0) continue;
    const Transition move{stays.from[i], stays.to[i]};
    if (std::find(model.transitions.begin(), model.transitions.end(), move) == model.transitions.end())
      return Error{ErrorKind::out_of_range,
                   fmt::format("row {}, column to: a move the model does not have", i + 1)};
    model.time.push_back(stays.exit[i]);
  }
  std::sort(model.time.begin(), model.time.end());
  model.time.erase(std::unique(model.time.begin(), model.time.end()), model.time.end());
  count_at_risk(stays, model);
  count_moves(stays, model);
  return model;
}

std::vector<TransitionHazard> cumulative_hazards(const MultiState& model, StateVariance variance) {
  std::vector<TransitionHazard> all;
  for (std::size_t k = 0; k < model.transitions.size(); ++k) {
    TransitionHazard one{model.transitions[k], {}, {}};
    Sum hazard;
    Sum spread;
    for (std::size_t i = 0; i < model.time.size(); ++i) {
      const double d = model.n_moves(i, k);
      if (d > 0.0) {
        const double y = model.n_at_risk(i, one.transition.from);
        hazard.add(d / y);
        spread.add(increment_covariance(y, d, d, true, variance));
      }
      one.cumulative_hazard.push_back(hazard.value());
      one.standard_error.push_back(std::sqrt(spread.value()));
    }
    all.push_back(std::move(one));
  }
  return all;
}

Result<TransitionProbabilities> transition_probabilities(const MultiState& model, double from_time,
                                                         std::span<const double> times,
                                                         StateVariance variance) {
  TransitionProbabilities result{from_time, {times.begin(), times.end()}, {}, {}};
  if (!std::is_sorted(times.begin(), times.end()) || (!times.empty() && times.front() < from_time))
    return Error{ErrorKind::out_of_range, "times must increase from from_time on"};
  Matrix p = identity(model.states);
  RowCovariance covariance(model.states, variance);
  auto i = static_cast<std::size_t>(std::upper_bound(model.time.begin(), model.time.end(), from_time) -
                                    model.time.begin());
  for (double t : times) {
    for (; i < model.time.size() && model.time[i] <= t; ++i) {
      const Matrix step = step_matrix(model, i);
      covariance.advance(model, i, p, step);
      p = product(p, step);
    }
    Matrix se(model.states, model.states);
    for (int h = 0; h < model.states; ++h)
      for (int j = 0; j < model.states; ++j) {
        // Where a probability has become certain, what is left of its variance is rounding.
        const double v = covariance.variance(h, j);
        se(h, j) = v > 1e-16 ? std::sqrt(v) : 0.0;
      }
    result.probability.push_back(p);
    result.standard_error.push_back(std::move(se));
  }
  return result;
}

Result<Matrix> expected_length_of_stay(const MultiState& model, double from_time, double tau) {
  if (!(tau > from_time)) return Error{ErrorKind::out_of_range, "tau must lie after from_time"};
  Matrix p = identity(model.states);
  std::vector<Sum> area(p.values.size());
  double last = from_time;
  auto i = static_cast<std::size_t>(std::upper_bound(model.time.begin(), model.time.end(), from_time) -
                                    model.time.begin());
  for (; i < model.time.size() && model.time[i] < tau; ++i) {
    for (std::size_t k = 0; k < area.size(); ++k) area[k].add((model.time[i] - last) * p.values[k]);
    last = model.time[i];
    p = product(p, step_matrix(model, i));
  }
  Matrix stay(model.states, model.states);
  for (std::size_t k = 0; k < area.size(); ++k) {
    area[k].add((tau - last) * p.values[k]);
    stay.values[k] = area[k].value();
  }
  return stay;
}

Result<TransitionRows> transition_rows(const Stays& stays, int states,
                                       std::span<const Transition> transitions, Clock clock) {
  if (auto error = check(stays, states)) return *error;
  TransitionRows rows;
  for (std::size_t i = 0; i < stays.size(); ++i)
    for (std::size_t k = 0; k < transitions.size(); ++k) {
      if (transitions[k].from != stays.from[i]) continue;
      const double start = clock == Clock::forward ? 0.0
                           : stays.since.empty()   ? stays.entry[i]
                                                   : stays.since[i];
      if (clock == Clock::forward || !stays.since.empty()) rows.entry.push_back(stays.entry[i] - start);
      rows.time.push_back(stays.exit[i] - start);
      rows.status.push_back(transitions[k].to == stays.to[i] ? 1 : 0);
      rows.transition.push_back(static_cast<int>(k));
      rows.weight.push_back(stays.weight_of(i));
      rows.cluster.push_back(stays.cluster_of(i));
      rows.stay.push_back(static_cast<std::uint32_t>(i));
    }
  return rows;
}

std::vector<std::vector<double>> by_transition(const TransitionRows& rows,
                                               std::span<const double> covariate_of_stay,
                                               std::size_t transitions) {
  std::vector<std::vector<double>> columns(transitions, std::vector<double>(rows.time.size(), 0.0));
  for (std::size_t r = 0; r < rows.time.size(); ++r)
    columns[rows.transition[r]][r] = covariate_of_stay[rows.stay[r]];
  return columns;
}

}  // namespace graftline::stats
