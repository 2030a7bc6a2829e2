#include "stats/gray.h"

#include <fmt/format.h>

#include <cmath>

#include "stats/chi_square.h"
#include "stats/event_table.h"

namespace graftline::stats {
namespace {

// Follows one stratum through its times. Names are those of the paper: h_r = Y_r / S_r(t-), R_r = h_r (1 -
// F_r(t-)).
class Stratum {
 public:
  Stratum(const EventTable& table, int cause, double rho)
      : table_(table),
        groups_(table.groups),
        cause_(cause),
        rho_(rho),
        free_before_(groups_, 1.0),
        free_(groups_, 1.0),
        incidence_before_(groups_, 0.0),
        incidence_(groups_, 0.0),
        h_(groups_, 0.0),
        compensator_(groups_, groups_),
        own_(groups_, groups_),
        linear_(groups_, groups_),
        quadratic_(groups_, 0.0),
        score_(groups_, 0.0),
        covariance_(groups_, groups_) {}

  void run() {
    for (std::size_t i = 0; i < table_.size(); ++i) step(i);
    for (int i = 0; i < groups_; ++i)
      for (int j = 0; j < groups_; ++j)
        for (int k = 0; k < groups_; ++k)
          covariance_(i, j) += compensator_(i, k) * compensator_(j, k) * quadratic_[k] +
                               compensator_(i, k) * linear_(j, k) + compensator_(j, k) * linear_(i, k);
  }
  double score(int group) const { return score_[group]; }
  double covariance(int i, int j) const { return covariance_(i, j); }

 private:
  double others(std::size_t i, int g) const { return table_.n_event(i, g) - table_.n_event(i, g, cause_); }

  void step(std::size_t i) {
    double events = 0.0;
    double other = 0.0;
    for (int g = 0; g < groups_; ++g) {
      events += table_.n_event(i, g, cause_);
      other += others(i, g);
    }
    if (events == 0.0 && other == 0.0) return;
    advance_curves(i, events);
    const double weight = rho_ == 0.0 ? 1.0 : std::pow(1.0 - pooled_before_, rho_);
    if (events > 0.0) {
      add_scores(i, events, weight);
      add_compensator(events, weight);
      own_events(i, events);
    }
    if (other > 0.0) other_events(i);
    free_before_ = free_;
    incidence_before_ = incidence_;
    pooled_before_ = pooled_;
  }

  void advance_curves(std::size_t i, double events) {
    h_total_ = 0.0;
    risk_total_ = 0.0;
    for (int g = 0; g < groups_; ++g) {
      const double y = table_.n_at_risk(i, g);
      h_[g] = 0.0;
      if (y == 0.0) continue;
      free_[g] = free_before_[g] * (y - table_.n_event(i, g)) / y;
      incidence_[g] = incidence_before_[g] + free_before_[g] * table_.n_event(i, g, cause_) / y;
      h_[g] = y / free_before_[g];
      h_total_ += h_[g];
      risk_total_ += h_[g] * (1.0 - incidence_before_[g]);
    }
    pooled_ = pooled_before_ + events / h_total_;
  }

  void add_scores(std::size_t i, double events, double weight) {
    for (int g = 0; g < groups_; ++g) {
      const double share = h_[g] * (1.0 - incidence_before_[g]) / risk_total_;
      score_[g] += weight * (table_.n_event(i, g, cause_) - events * share);
    }
  }

  void add_compensator(double events, double weight) {
    for (int g = 0; g < groups_; ++g)
      for (int k = 0; k < groups_; ++k) {
        own_(g, k) = weight * h_[g] * ((g == k ? 1.0 : 0.0) - h_[k] / h_total_);
        compensator_(g, k) += own_(g, k) * events / (h_total_ * (1.0 - pooled_before_));
      }
  }

  void own_events(std::size_t i, double events) {
    for (int k = 0; k < groups_; ++k) {
      const double y = table_.n_at_risk(i, k);
      if (y == 0.0) continue;
      const double future = free_[k] > 0.0 ? 1.0 - (1.0 - pooled_) / free_[k] : 1.0;
      const double ties = events > 1.0 ? 1.0 - (events - 1.0) / (h_total_ * free_before_[k] - 1.0) : 1.0;
      const double variance = ties * free_before_[k] * events / (h_total_ * y);
      quadratic_[k] += future * future * variance;
      for (int g = 0; g < groups_; ++g) {
        const double effect = own_(g, k) - future * compensator_(g, k);
        linear_(g, k) += effect * future * variance;
        for (int j = 0; j < groups_; ++j)
          covariance_(g, j) += effect * (own_(j, k) - future * compensator_(j, k)) * variance;
      }
    }
  }

  void other_events(std::size_t i) {
    for (int k = 0; k < groups_; ++k) {
      const double d = others(i, k);
      if (d == 0.0 || !(free_[k] > 0.0)) continue;
      const double y = table_.n_at_risk(i, k);
      const double future = (1.0 - pooled_) / free_[k];
      const double ties = d > 1.0 ? 1.0 - (d - 1.0) / (y - 1.0) : 1.0;
      const double variance = future * future * ties * free_before_[k] * free_before_[k] * d / (y * y);
      quadratic_[k] += variance;
      for (int g = 0; g < groups_; ++g) {
        linear_(g, k) -= compensator_(g, k) * variance;
        for (int j = 0; j < groups_; ++j)
          covariance_(g, j) += compensator_(g, k) * compensator_(j, k) * variance;
      }
    }
  }

  const EventTable& table_;
  int groups_;
  int cause_;
  double rho_;
  std::vector<double> free_before_, free_, incidence_before_, incidence_, h_;
  double h_total_ = 0.0;
  double risk_total_ = 0.0;
  double pooled_before_ = 0.0;
  double pooled_ = 0.0;
  Matrix compensator_;  // c in the paper's variance: what the pooled curve takes from each group so far
  Matrix own_;          // a: the same at the current time
  Matrix linear_;
  std::vector<double> quadratic_;
  std::vector<double> score_;
  Matrix covariance_;
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

GrayTest gray_test(std::span<const EventTable> tables, int cause, double rho) {
  const int groups = tables.front().groups;
  GrayTest result;
  result.score.assign(groups - 1, 0.0);
  result.covariance = Matrix(groups - 1, groups - 1);
  for (const EventTable& table : tables) {
    Stratum stratum(table, cause, rho);
    stratum.run();
    for (int i = 0; i < groups - 1; ++i) {
      result.score[i] += stratum.score(i);
      for (int j = 0; j < groups - 1; ++j) result.covariance(i, j) += stratum.covariance(i, j);
    }
  }
  const Factored factored = factor(result.covariance);
  result.test.df = factored.rank;
  result.test.statistic = quadratic_form(factored, result.score);
  result.test.p = chi_square_upper_tail(result.test.statistic, result.test.df);
  return result;
}

template Result<GrayTest> gray_test(const DayFollowUp&, int, double);
template Result<GrayTest> gray_test(const RealFollowUp&, int, double);

}  // namespace graftline::stats
