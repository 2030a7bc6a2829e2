#include "stats/gray.h"

#include <fmt/format.h>

#include <cmath>

#include "stats/chi_square.h"
#include "stats/event_table.h"

namespace graftline::stats {
namespace {

// Follows one stratum through its times. Names are those of the paper: h_r = Y_r / S_r(t-), R_r = h_r (1 -
// F_r(t-)).
// Groups is their number where it is known when this is compiled, else 0.
template <int Groups> class Stratum {
 public:
  Stratum(const EventTable& table, int cause, double rho, GrayMemory& memory)
      : table_(table), groups_of_table_(table.groups), cause_(cause), rho_(rho), m_(memory) {
    m_.start(groups());
  }

  void run() {
    for (std::size_t i = 0; i < table_.size(); ++i) step(i);
    for (int i = 0; i < scored(); ++i)
      for (int j = 0; j < scored(); ++j)
        for (int k = 0; k < groups(); ++k)
          at(m_.covariance, i, j) +=
              at(m_.compensator, i, k) * at(m_.compensator, j, k) * m_.group[k].quadratic +
              at(m_.compensator, i, k) * at(m_.linear, j, k) + at(m_.compensator, j, k) * at(m_.linear, i, k);
  }
  double score(int group) const { return m_.group[group].score; }
  double covariance(int i, int j) const { return m_.covariance[static_cast<std::size_t>(i) * groups() + j]; }

 private:
  using Group = GrayMemory::Group;
  int groups() const { return Groups > 0 ? Groups : groups_of_table_; }
  int scored() const {
    return groups() - 1;
  }  // scores of all groups add to 0: the last one's is not followed
  double& at(std::vector<double>& matrix, int i, int j) const {
    return matrix[static_cast<std::size_t>(i) * groups() + j];
  }

  void step(std::size_t i) {
    double events = 0.0;
    double other = 0.0;
    for (int g = 0; g < groups(); ++g) {
      Group& own = m_.group[g];
      own.events = table_.n_event(i, g, cause_);
      own.other = table_.n_event(i, g) - own.events;
      events += own.events;
      other += own.other;
    }
    if (events == 0.0 && other == 0.0) return;
    advance_curves(i, events);
    const double weight = rho_ == 0.0 ? 1.0 : std::pow(1.0 - pooled_before_, rho_);
    if (events > 0.0) {
      add_scores(events, weight);
      add_compensator(events, weight);
      own_events(events);
    }
    if (other > 0.0) other_events();
    for (int g = 0; g < groups(); ++g) {
      m_.group[g].free_before = m_.group[g].free;
      m_.group[g].incidence_before = m_.group[g].incidence;
    }
    pooled_before_ = pooled_;
  }

  void advance_curves(std::size_t i, double events) {
    double h_total = 0.0;
    double risk_total = 0.0;
    for (int g = 0; g < groups(); ++g) {
      Group& own = m_.group[g];
      own.at_risk = table_.n_at_risk(i, g);
      own.h = 0.0;
      if (own.at_risk == 0.0) continue;
      own.h = own.at_risk * own.per_free;
      h_total += own.h;
      risk_total += own.h * (1.0 - own.incidence_before);
      if (own.events == 0.0 && own.other == 0.0) continue;
      const double per_row = own.free_before / own.at_risk;
      own.free = per_row * (own.at_risk - own.events - own.other);
      own.incidence = own.incidence_before + per_row * own.events;
      own.per_free = own.free > 0.0 ? 1.0 / own.free : 0.0;
    }
    per_risk_total_ = 0.0;
    pooled_ = pooled_before_;
    if (events == 0.0) return;
    per_h_total_ = 1.0 / h_total;
    per_risk_total_ = 1.0 / risk_total;
    pooled_ += events * per_h_total_;
  }

  void add_scores(double events, double weight) {
    for (int g = 0; g < scored(); ++g) {
      Group& own = m_.group[g];
      const double share = own.h * (1.0 - own.incidence_before) * per_risk_total_;
      own.score += weight * (own.events - events * share);
    }
  }

  void add_compensator(double events, double weight) {
    const double pooled_step = events * per_h_total_ / (1.0 - pooled_before_);
    for (int g = 0; g < scored(); ++g)
      for (int k = 0; k < groups(); ++k) {
        double& own = at(m_.own, g, k);
        own = weight * m_.group[g].h * ((g == k ? 1.0 : 0.0) - m_.group[k].h * per_h_total_);
        at(m_.compensator, g, k) += own * pooled_step;
      }
  }

  void own_events(double events) {
    for (int k = 0; k < groups(); ++k) {
      Group& of = m_.group[k];
      if (of.at_risk == 0.0) continue;
      const double future = of.free > 0.0 ? 1.0 - (1.0 - pooled_) * of.per_free : 1.0;
      const double ties =
          events > 1.0 ? 1.0 - (events - 1.0) * per_h_total_ / (of.free_before - per_h_total_) : 1.0;
      const double variance = ties * of.free_before * events * per_h_total_ / of.at_risk;
      of.quadratic += future * future * variance;
      for (int g = 0; g < scored(); ++g) m_.effect[g] = at(m_.own, g, k) - future * at(m_.compensator, g, k);
      for (int g = 0; g < scored(); ++g) {
        const double moved = m_.effect[g] * variance;
        at(m_.linear, g, k) += moved * future;
        for (int j = 0; j < scored(); ++j) at(m_.covariance, g, j) += moved * m_.effect[j];
      }
    }
  }

  void other_events() {
    for (int k = 0; k < groups(); ++k) {
      Group& of = m_.group[k];
      if (of.other == 0.0 || !(of.free > 0.0)) continue;
      const double future = (1.0 - pooled_) * of.per_free * of.free_before / of.at_risk;
      const double ties = of.other > 1.0 ? 1.0 - (of.other - 1.0) / (of.at_risk - 1.0) : 1.0;
      const double variance = future * future * ties * of.other;
      of.quadratic += variance;
      for (int g = 0; g < scored(); ++g) {
        const double moved = at(m_.compensator, g, k) * variance;
        at(m_.linear, g, k) -= moved;
        for (int j = 0; j < scored(); ++j) at(m_.covariance, g, j) += moved * at(m_.compensator, j, k);
      }
    }
  }

  const EventTable& table_;
  int groups_of_table_;
  int cause_;
  double rho_;
  GrayMemory& m_;
  double per_h_total_ = 0.0;
  double per_risk_total_ = 0.0;
  double pooled_before_ = 0.0;
  double pooled_ = 0.0;
};

}  // namespace

template <class Time> Result<GrayTest> gray_test(const FollowUp<Time>& rows, int cause, double rho) {
  if (!rows.weight.empty())
    return Error{ErrorKind::unsupported, "column weight: Gray's test takes no case weights"};
  if (!rows.entry.empty())
    return Error{ErrorKind::unsupported, "column entry: Gray's test takes no delayed entry"};
  auto tables = event_tables(rows);
  if (!tables) return tables.error();
  if (tables->front().groups < 2)
    return Error{ErrorKind::conflict, "column group: Gray's test needs two groups or more"};
  if (cause < 1 || cause > tables->front().causes)
    return Error{ErrorKind::out_of_range, fmt::format("no row has cause {}", cause)};
  return gray_test(std::span<const EventTable>(*tables), cause, rho);
}

void gray_test(std::span<const EventTable> tables, int cause, double rho, GrayMemory& memory,
               GrayTest& result) {
  const int groups = tables.front().groups;
  result.score.assign(groups - 1, 0.0);
  result.covariance.rows = result.covariance.cols = groups - 1;
  result.covariance.values.assign(static_cast<std::size_t>(groups - 1) * (groups - 1), 0.0);
  const auto add = [&](auto stratum) {
    stratum.run();
    for (int i = 0; i < groups - 1; ++i) {
      result.score[i] += stratum.score(i);
      for (int j = 0; j < groups - 1; ++j) result.covariance(i, j) += stratum.covariance(i, j);
    }
  };
  for (const EventTable& table : tables)
    groups == 2 ? add(Stratum<2>(table, cause, rho, memory)) : add(Stratum<0>(table, cause, rho, memory));
  if (groups == 2) {
    const double variance = result.covariance.values[0];
    const bool known = variance > 1e-300;
    result.test.df = known ? 1 : 0;
    result.test.statistic = known ? result.score[0] * result.score[0] / variance : 0.0;
  } else {
    const Factored factored = factor(result.covariance);
    result.test.df = factored.rank;
    result.test.statistic = quadratic_form(factored, result.score);
  }
  result.test.p = chi_square_upper_tail(result.test.statistic, result.test.df);
}

GrayTest gray_test(std::span<const EventTable> tables, int cause, double rho) {
  GrayMemory memory;
  GrayTest result;
  gray_test(tables, cause, rho, memory, result);
  return result;
}

void GrayMemory::start(int groups) {
  group.assign(groups, Group());
  effect.assign(groups, 0.0);
  for (auto* matrix : {&compensator, &own, &linear, &covariance})
    matrix->assign(static_cast<std::size_t>(groups) * groups, 0.0);
}

template Result<GrayTest> gray_test(const DayFollowUp&, int, double);
template Result<GrayTest> gray_test(const RealFollowUp&, int, double);

}  // namespace graftline::stats
