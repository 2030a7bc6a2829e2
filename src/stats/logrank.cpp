#include "stats/logrank.h"

#include <fmt/format.h>

#include <cmath>

#include "stats/chi_square.h"
#include "stats/sums.h"

namespace graftline::stats {
namespace {

struct Sums {
  std::vector<Sum> observed, expected, covariance;
  explicit Sums(int groups)
      : observed(groups), expected(groups), covariance(static_cast<std::size_t>(groups) * groups) {}
};

void add_time(const EventTable& table, std::size_t i, double weight, double events, Sums& sums) {
  const int groups = table.groups;
  double at_risk = 0.0;
  for (int g = 0; g < groups; ++g) at_risk += table.n_at_risk(i, g);
  const double spread = at_risk > 1.0 ? weight * weight * events * (at_risk - events) / (at_risk - 1.0) : 0.0;
  for (int g = 0; g < groups; ++g) {
    const double share = table.n_at_risk(i, g) / at_risk;
    sums.observed[g].add(weight * table.n_event(i, g));
    if (share == 0.0) continue;
    sums.expected[g].add(weight * events * share);
    if (spread == 0.0) continue;
    sums.covariance[g * groups + g].add(spread * share);
    for (int h = 0; h < groups; ++h)
      sums.covariance[g * groups + h].subtract(spread * share * table.n_at_risk(i, h) / at_risk);
  }
}

Sums sums_of(const EventTable& table, double rho) {
  Sums sums(table.groups);
  double survival = 1.0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    double events = 0.0;
    double at_risk = 0.0;
    for (int g = 0; g < table.groups; ++g) {
      events += table.n_event(i, g);
      at_risk += table.n_at_risk(i, g);
    }
    if (events == 0.0) continue;
    add_time(table, i, rho == 0.0 ? 1.0 : std::pow(survival, rho), events, sums);
    survival *= (at_risk - events) / at_risk;
  }
  return sums;
}

// The covariance of all groups is singular (its rows add to 0): the first group that counts is left out.
ChiSquareTest overall(const LogRank& fitted) {
  std::vector<int> counted;
  for (std::size_t g = 0; g < fitted.expected.size(); ++g)
    if (fitted.expected[g] > 0.0) counted.push_back(static_cast<int>(g));
  ChiSquareTest test;
  if (counted.size() < 2) return test;
  test.df = static_cast<int>(counted.size()) - 1;
  Matrix covariance(test.df, test.df);
  std::vector<double> difference;
  for (int a = 0; a < test.df; ++a) {
    difference.push_back(fitted.observed[counted[a + 1]] - fitted.expected[counted[a + 1]]);
    for (int b = 0; b < test.df; ++b) covariance(a, b) = fitted.covariance(counted[a + 1], counted[b + 1]);
  }
  test.statistic = quadratic_form(factor(covariance), difference);
  test.p = chi_square_upper_tail(test.statistic, test.df);
  return test;
}

}  // namespace

template <class Time> Result<LogRank> logrank(const FollowUp<Time>& rows, double rho) {
  FollowUp<Time> unclustered = rows;
  unclustered.cluster = {};
  auto tables = event_tables(unclustered);
  if (!tables) return tables.error();
  if (tables->front().groups < 2)
    return Error{ErrorKind::conflict, "column group: a log-rank test needs two groups or more"};
  return logrank(std::span<const EventTable>(*tables), rho);
}

LogRank logrank(std::span<const EventTable> tables, double rho) {
  const int groups = tables.front().groups;
  LogRank fitted;
  fitted.n.assign(groups, 0.0);
  fitted.covariance = Matrix(groups, groups);
  Sums total(groups);
  for (const EventTable& table : tables) {
    const Sums part = sums_of(table, rho);
    auto& observed = fitted.observed_by_stratum.emplace_back();
    auto& expected = fitted.expected_by_stratum.emplace_back();
    for (int g = 0; g < groups; ++g) {
      fitted.n[g] += table.rows[g];
      observed.push_back(part.observed[g].value());
      expected.push_back(part.expected[g].value());
      total.observed[g].add(observed.back());
      total.expected[g].add(expected.back());
    }
    for (std::size_t at = 0; at < part.covariance.size(); ++at)
      total.covariance[at].add(part.covariance[at].value());
  }
  for (int g = 0; g < groups; ++g) {
    fitted.observed.push_back(total.observed[g].value());
    fitted.expected.push_back(total.expected[g].value());
  }
  for (std::size_t at = 0; at < total.covariance.size(); ++at)
    fitted.covariance.values[at] = total.covariance[at].value();
  fitted.test = overall(fitted);
  return fitted;
}

template Result<LogRank> logrank(const DayFollowUp&, double);
template Result<LogRank> logrank(const RealFollowUp&, double);

Result<ChiSquareTest> logrank_trend(const LogRank& fitted, std::span<const double> scores) {
  if (scores.size() != fitted.observed.size())
    return Error{ErrorKind::out_of_range,
                 fmt::format("{} scores for {} groups", scores.size(), fitted.observed.size())};
  Sum difference;
  Sum variance;
  for (std::size_t g = 0; g < scores.size(); ++g) {
    difference.add(scores[g] * (fitted.observed[g] - fitted.expected[g]));
    for (std::size_t h = 0; h < scores.size(); ++h)
      variance.add(scores[g] * scores[h] * fitted.covariance(static_cast<int>(g), static_cast<int>(h)));
  }
  ChiSquareTest test;
  if (!(variance.value() > 0.0)) return test;
  test.df = 1;
  test.statistic = difference.value() * difference.value() / variance.value();
  test.p = chi_square_upper_tail(test.statistic, 1);
  return test;
}

}  // namespace graftline::stats
