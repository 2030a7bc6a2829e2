#include "stats/logrank.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "stats/chi_square.h"

namespace graftline::stats {
namespace {

using Sums = LogRankSums;

// Groups is their number where it is known when this is compiled, else 0.
template <int Groups>
void add_time(const EventTable& table, std::size_t i, double weight, double events, double at_risk,
              Sums& sums) {
  const int groups = Groups > 0 ? Groups : table.groups;
  // Of one event the factor for ties is 1.
  const double spread = events == 1.0 && at_risk > 1.0 ? weight * weight
                        : at_risk > 1.0 ? weight * weight * events * (at_risk - events) / (at_risk - 1.0)
                                        : 0.0;
  const double per_row = 1.0 / at_risk;
  for (int g = 0; g < groups; ++g) {
    const double own = table.n_event(i, g);
    if (own > 0.0) sums.observed[g].add(weight * own);
    sums.share[g] = table.n_at_risk(i, g) * per_row;
    if (sums.share[g] == 0.0) continue;
    sums.expected[g].add(weight * events * sums.share[g]);
  }
  if (spread == 0.0) return;
  std::size_t pair = 0;
  for (int g = 0; g < groups; ++g)
    for (int h = g + 1; h < groups; ++h, ++pair)
      sums.covariance[pair].add(spread * sums.share[g] * sums.share[h]);
}

template <int Groups> void sum_over_times(const EventTable& table, double rho, Sums& sums) {
  const int groups = Groups > 0 ? Groups : table.groups;
  sums.start(groups);
  double survival = 1.0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    double events = 0.0;
    double at_risk = 0.0;
    for (int g = 0; g < groups; ++g) {
      events += table.n_event(i, g);
      at_risk += table.n_at_risk(i, g);
    }
    if (events == 0.0) continue;
    add_time<Groups>(table, i, rho == 0.0 ? 1.0 : std::pow(survival, rho), events, at_risk, sums);
    if (rho != 0.0) survival *= (at_risk - events) / at_risk;
  }
}

// What the general way comes to when one group is left.
ChiSquareTest two_groups(const LogRank& fitted, int group) {
  const double difference = fitted.observed[group] - fitted.expected[group];
  const double variance = fitted.covariance(group, group);
  ChiSquareTest test{0.0, 1, 1.0};
  if (!(variance > 1e-300)) return test;
  test.statistic = difference * difference / variance;
  test.p = chi_square_upper_tail(test.statistic, 1);
  return test;
}

// The covariance of all groups is singular (its rows add to 0): the first group that counts is left out.
ChiSquareTest overall(const LogRank& fitted) {
  ChiSquareTest test;
  const auto expects = [](double e) { return e > 0.0; };
  const auto groups = std::count_if(fitted.expected.begin(), fitted.expected.end(), expects);
  if (groups < 2) return test;
  if (groups == 2) {
    const auto last = std::find_if(fitted.expected.rbegin(), fitted.expected.rend(), expects);
    return two_groups(fitted, static_cast<int>(fitted.expected.rend() - last) - 1);
  }
  std::vector<int> counted;
  for (std::size_t g = 0; g < fitted.expected.size(); ++g)
    if (fitted.expected[g] > 0.0) counted.push_back(static_cast<int>(g));
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

void logrank(std::span<const EventTable> tables, double rho, LogRankSums& sums, LogRank& fitted) {
  const int groups = tables.front().groups;
  fitted.n.assign(groups, 0.0);
  fitted.covariance.rows = fitted.covariance.cols = groups;
  sums.total.assign(
      2 * static_cast<std::size_t>(groups) + static_cast<std::size_t>(groups) * (groups - 1) / 2, Sum());
  fitted.observed_by_stratum.resize(tables.size());
  fitted.expected_by_stratum.resize(tables.size());
  for (std::size_t s = 0; s < tables.size(); ++s) {
    groups == 2 ? sum_over_times<2>(tables[s], rho, sums) : sum_over_times<0>(tables[s], rho, sums);
    auto& observed = fitted.observed_by_stratum[s];
    auto& expected = fitted.expected_by_stratum[s];
    observed.clear();
    expected.clear();
    for (int g = 0; g < groups; ++g) {
      fitted.n[g] += tables[s].rows[g];
      observed.push_back(sums.observed[g].value());
      expected.push_back(sums.expected[g].value());
      sums.total[g].add(observed.back());
      sums.total[groups + g].add(expected.back());
    }
    for (std::size_t at = 0; at < sums.covariance.size(); ++at)
      sums.total[2 * groups + at].add(sums.covariance[at].value());
  }
  const auto take = [&](std::vector<double>& to, std::size_t from) {
    to.clear();
    for (int g = 0; g < groups; ++g) to.push_back(sums.total[from + g].value());
  };
  take(fitted.observed, 0);
  take(fitted.expected, groups);
  fitted.covariance.values.assign(static_cast<std::size_t>(groups) * groups, 0.0);
  std::size_t pair = 2 * static_cast<std::size_t>(groups);
  for (int g = 0; g < groups; ++g)
    for (int h = g + 1; h < groups; ++h, ++pair) {
      const double shared = sums.total[pair].value();
      fitted.covariance(g, h) = fitted.covariance(h, g) = -shared;
      fitted.covariance(g, g) += shared;
      fitted.covariance(h, h) += shared;
    }
  fitted.test = overall(fitted);
}

LogRank logrank(std::span<const EventTable> tables, double rho) {
  LogRankSums sums;
  LogRank fitted;
  logrank(tables, rho, sums, fitted);
  return fitted;
}

void LogRankSums::start(int groups) {
  observed.assign(groups, Sum());
  expected.assign(groups, Sum());
  covariance.assign(static_cast<std::size_t>(groups) * (groups - 1) / 2, Sum());
  share.assign(groups, 0.0);
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
