#include "stats/kaplan_meier.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "stats/influence.h"
#include "stats/sums.h"

namespace graftline::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Left at risk after d of Y. Sums of case weights may differ from each other in the last digit: that is
// nobody.
double left_over(double at_risk, double events) {
  const double left = at_risk - events;
  return left > 1e-12 * at_risk ? left : 0.0;
}

enum class Reversal { none, censorings_first, events_first };

// Exchanges events and censorings. When the events come first, those who have one are gone before any
// censoring.
void reverse(SurvivalCurve& curve, Reversal reversal) {
  if (reversal == Reversal::none) return;
  std::swap(curve.n_event, curve.n_censored);
  curve.n_events = std::accumulate(curve.n_event.begin(), curve.n_event.end(), 0.0);
  if (reversal == Reversal::censorings_first) return;
  for (std::size_t i = 0; i < curve.time.size(); ++i) curve.n_at_risk[i] -= curve.n_censored[i];
}

// Columns keep their memory, so that a curve can be made again and again without asking for more.
void count(const EventTable& table, int group, SurvivalCurve& curve) {
  curve.n = table.rows[group];
  curve.lower.clear();
  curve.upper.clear();
  const auto columns = {&curve.time, &curve.n_at_risk, &curve.n_event, &curve.n_censored};
  for (auto* column : columns) column->resize(table.size());
  // A time of the other groups is written and then written over.
  std::size_t kept = 0;
  double all_events = 0.0;
  table.each_time(group,
                  [&, causes = table.causes, from = table.time.data(), time = curve.time.data(),
                   at_risk = curve.n_at_risk.data(), event = curve.n_event.data(),
                   censored = curve.n_censored.data()](std::size_t i, const double* counts, double risk) {
                    double events = 0.0;
                    for (int k = 1; k <= causes; ++k) events += counts[k];
                    time[kept] = from[i];
                    at_risk[kept] = risk;
                    event[kept] = events;
                    censored[kept] = counts[0];
                    all_events += events;
                    kept += static_cast<std::size_t>(counts[0] + events > 0.0);
                  });
  curve.n_events = all_events;
  for (auto* column : columns) column->resize(kept);
}

struct HazardStep {
  double size = 0.0;
  double variance = 0.0;
};

// The rows with an event leave one after another, each with their mean weight.
HazardStep fleming_harrington_step(double at_risk, double events, double rows) {
  HazardStep step;
  const double mean_weight = events / rows;
  const auto steps = static_cast<int>(std::lround(rows));
  for (int gone = 0; gone < steps; ++gone) {
    const double left = at_risk - gone * mean_weight;
    step.size += mean_weight / left;
    step.variance += mean_weight / (left * left);
  }
  return step;
}

HazardStep hazard_step(double at_risk, double events, double rows, const SurvivalOptions& options) {
  if (options.hazard_ties == HazardTies::fleming_harrington)
    return fleming_harrington_step(at_risk, events, rows);
  const double per_row = 1.0 / at_risk;
  const double size = events * per_row;
  const double factor =
      options.hazard_variance == HazardVariance::greenwood ? left_over(at_risk, events) * per_row : 1.0;
  return {size, factor * size * per_row};
}

// `event_rows` is the number of rows with an event at each time; empty: each weighs 1.
void estimate(const std::vector<double>& event_rows, const SurvivalOptions& options, SurvivalCurve& curve) {
  double survival = 1.0;
  Sum greenwood;
  Sum hazard;
  Sum hazard_variance;
  const bool from_hazard = options.estimate == SurvivalEstimate::exp_nelson_aalen;
  double s = 1.0, se = 0.0, hazard_se = 0.0;
  for (auto* column :
       {&curve.survival, &curve.standard_error, &curve.cumulative_hazard, &curve.cumulative_hazard_se})
    column->resize(curve.time.size());
  for (std::size_t i = 0; i < curve.time.size(); ++i) {
    const double d = curve.n_event[i];
    const double y = curve.n_at_risk[i];
    if (d > 0.0) {
      const double left = left_over(y, d);
      survival *= left / y;
      greenwood.add(left > 0.0 ? d / (y * left) : std::numeric_limits<double>::infinity());
      const HazardStep step = hazard_step(y, d, event_rows.empty() ? d : event_rows[i], options);
      hazard.add(step.size);
      hazard_variance.add(step.variance);
      s = from_hazard ? std::exp(-hazard.value()) : survival;
      const double log_variance = from_hazard ? hazard_variance.value() : greenwood.value();
      se = s > 0.0 ? s * std::sqrt(log_variance) : nan;
      hazard_se = std::sqrt(hazard_variance.value());
    }
    curve.survival[i] = s;
    curve.standard_error[i] = se;
    curve.cumulative_hazard[i] = hazard.value();
    curve.cumulative_hazard_se[i] = hazard_se;
  }
}

// What an event at a time adds to the influence of its own row, and what being at risk takes from it.
struct InfluenceStep {
  double event = 0.0;
  double at_risk = 0.0;
};

// Sum over clusters of the squared influence after each time. While a row is under observation its influence
// is
// -(C(t) - C(entry)) with C the running sum of the at-risk terms; once it has left, it is fixed.
template <class Time>
std::vector<double> robust_variance(const FollowUp<Time>& rows, std::size_t clusters,
                                    const Presence& presence, const std::vector<InfluenceStep>& steps) {
  ClusterMoments<2> moments(clusters);
  std::vector<double> variance(steps.size());
  std::vector<double> at_entry(rows.size(), 0.0);
  Sum run;
  for (std::size_t t = 0; t < steps.size(); ++t) {
    for (std::uint32_t i : presence.entering(t)) {
      at_entry[i] = run.value();
      moments.change(rows.cluster_of(i), {rows.weight_of(i), rows.weight_of(i) * at_entry[i]});
    }
    run.add(steps[t].at_risk);
    for (std::uint32_t i : presence.leaving(t)) {
      const double w = rows.weight_of(i);
      const double jump = rows.status[i] != 0 ? steps[t].event : 0.0;
      moments.change(rows.cluster_of(i), {-w, w * (jump - run.value())});
    }
    variance[t] = moments.sum_of_squares({-run.value(), 1.0});
  }
  return variance;
}

// Derivatives of a step of the cumulative hazard by the weight of a row with an event, and of one at risk.
InfluenceStep hazard_influence(double y, double d, double rows, const SurvivalOptions& options) {
  if (options.hazard_ties != HazardTies::fleming_harrington) return {1.0 / y, d / (y * y)};
  InfluenceStep step;
  const double mean_weight = d / rows;
  const auto steps = static_cast<int>(std::lround(rows));
  for (int gone = 0; gone < steps; ++gone) {
    const double left = y - gone * mean_weight;
    step.event += y / (rows * left * left);
    step.at_risk += mean_weight / (left * left);
  }
  return step;
}

// Rows with an event at each time of the curve.
template <class Time>
std::vector<double> event_rows_of(const FollowUp<Time>& rows, const Presence& presence, std::size_t times) {
  std::vector<double> count(times, 0.0);
  for (std::size_t t = 0; t < times; ++t)
    for (const std::uint32_t i : presence.leaving(t))
      if (rows.status[i] != 0 && rows.weight_of(i) > 0.0) ++count[t];
  return count;
}

template <class Time>
void robust_errors(const FollowUp<Time>& rows, const Presence& presence, int clusters,
                   const std::vector<double>& event_rows, const SurvivalOptions& options,
                   SurvivalCurve& curve) {
  std::vector<InfluenceStep> of_log_survival(curve.time.size());
  std::vector<InfluenceStep> of_hazard(curve.time.size());
  for (std::size_t t = 0; t < curve.time.size(); ++t) {
    const double y = curve.n_at_risk[t];
    const double d = curve.n_event[t];
    if (d == 0.0) continue;
    const double left = left_over(y, d);
    // At S = 0 nobody can change the estimate any more, so the step may be left out.
    if (left > 0.0) of_log_survival[t] = {1.0 / left, d / (y * left)};
    of_hazard[t] = hazard_influence(y, d, event_rows.empty() ? d : event_rows[t], options);
  }
  const std::vector<double> hazard = robust_variance(rows, clusters, presence, of_hazard);
  const bool from_hazard = options.estimate == SurvivalEstimate::exp_nelson_aalen;
  const std::vector<double> log_survival =
      from_hazard ? hazard : robust_variance(rows, clusters, presence, of_log_survival);
  for (std::size_t t = 0; t < curve.time.size(); ++t) {
    curve.standard_error[t] = curve.survival[t] * std::sqrt(log_survival[t]);
    curve.cumulative_hazard_se[t] = std::sqrt(hazard[t]);
  }
}

void add_limits(SurvivalCurve& curve, const LimitOptions& options) {
  if (options.level == 0.0) return;
  const double z = limit_z(options.level);
  curve.lower.reserve(curve.time.size());
  curve.upper.reserve(curve.time.size());
  for (std::size_t i = 0; i < curve.time.size(); ++i) {
    const Limits limits = probability_limits(curve.survival[i], curve.standard_error[i], options.scale, z);
    curve.lower.push_back(limits.lower);
    curve.upper.push_back(limits.upper);
  }
}

// The first time at which a distribution function F reaches p, as R's quantile.survfit reads it: F is known
// by its distinct values (NaN left out), and values that come down again (as a limit may) are taken in
// increasing order.
double first_reached(const std::vector<double>& time, const std::vector<double>& survival, double p,
                     double start) {
  constexpr double tolerance = 1.4901161193847656e-08;
  struct Point {
    double f;
    double time;
  };
  std::vector<Point> points{{0.0, start}};
  for (std::size_t i = 0; i < time.size(); ++i) {
    const double f = 1.0 - survival[i];
    if (!std::isnan(f)) points.push_back({f, time[i]});
  }
  std::stable_sort(points.begin(), points.end(), [](const Point& a, const Point& b) { return a.f < b.f; });
  const auto same = [](const Point& a, const Point& b) { return a.f == b.f; };
  points.erase(std::unique(points.begin(), points.end(), same), points.end());
  const auto reaches = [&](double least) {
    return std::find_if(points.begin(), points.end(), [least](const Point& q) { return q.f >= least; });
  };
  const auto first = reaches(p - tolerance);
  if (first == points.end()) return nan;
  const bool last_value_known = !survival.empty() && !std::isnan(survival.back());
  if (last_value_known && std::abs(p - (1.0 - survival.back())) < tolerance)
    return 0.5 * (first->time + time.back());
  const auto beyond = reaches(p + tolerance);
  return beyond == points.end() ? nan : 0.5 * (first->time + beyond->time);
}

template <class Time>
Result<std::vector<SurvivalCurve>> curves(const FollowUp<Time>& rows, const SurvivalOptions& options,
                                          Reversal reversal) {
  if (!(options.limits.level >= 0.0 && options.limits.level < 1.0))
    return Error{ErrorKind::out_of_range, "confidence level must lie between 0 and 1"};
  FollowUp<Time> pooled = rows;
  pooled.stratum = {};
  auto shape = inspect(pooled);
  if (!shape) return shape.error();
  auto tables = event_tables(pooled);
  if (!tables) return tables.error();
  std::vector<SurvivalCurve> all;
  for (int group = 0; group < shape->groups; ++group) {
    SurvivalCurve curve;
    count(tables->front(), group, curve);
    reverse(curve, reversal);
    std::optional<Presence> presence;
    std::vector<double> event_rows;
    const bool counts_rows = options.hazard_ties == HazardTies::fleming_harrington && !pooled.weight.empty();
    if (options.robust || counts_rows) presence = presence_of(pooled, curve.time, group);
    if (counts_rows) event_rows = event_rows_of(pooled, *presence, curve.time.size());
    estimate(event_rows, options, curve);
    if (options.robust) robust_errors(pooled, *presence, shape->clusters, event_rows, options, curve);
    add_limits(curve, options.limits);
    all.push_back(std::move(curve));
  }
  return all;
}

}  // namespace

template <class Time>
Result<std::vector<SurvivalCurve>> kaplan_meier(const FollowUp<Time>& rows, const SurvivalOptions& options) {
  return curves(rows, options, Reversal::none);
}

template <class Time>
Result<std::vector<SurvivalCurve>> reverse_kaplan_meier(const FollowUp<Time>& rows,
                                                        const SurvivalOptions& options, ReverseTies ties) {
  if (options.robust)
    return Error{ErrorKind::unsupported, "no robust variance of a reverse Kaplan-Meier curve"};
  if (options.hazard_ties == HazardTies::fleming_harrington && !rows.weight.empty())
    return Error{ErrorKind::unsupported,
                 "Fleming and Harrington's hazard of a weighted reverse Kaplan-Meier curve is not offered"};
  return curves(rows, options,
                ties == ReverseTies::events_first ? Reversal::events_first : Reversal::censorings_first);
}

template Result<std::vector<SurvivalCurve>> kaplan_meier(const DayFollowUp&, const SurvivalOptions&);
template Result<std::vector<SurvivalCurve>> kaplan_meier(const RealFollowUp&, const SurvivalOptions&);
template Result<std::vector<SurvivalCurve>> reverse_kaplan_meier(const DayFollowUp&, const SurvivalOptions&,
                                                                 ReverseTies);
template Result<std::vector<SurvivalCurve>> reverse_kaplan_meier(const RealFollowUp&, const SurvivalOptions&,
                                                                 ReverseTies);

void kaplan_meier(const EventTable& table, const SurvivalOptions& options,
                  std::vector<SurvivalCurve>& curves) {
  ensure(!options.robust, "a robust variance needs the rows");
  curves.resize(table.groups);
  for (int group = 0; group < table.groups; ++group) {
    count(table, group, curves[group]);
    estimate({}, options, curves[group]);
    add_limits(curves[group], options.limits);
  }
}

std::vector<SurvivalCurve> kaplan_meier(const EventTable& table, const SurvivalOptions& options) {
  std::vector<SurvivalCurve> all;
  kaplan_meier(table, options, all);
  return all;
}

Quantile quantile(const SurvivalCurve& curve, double p, double start) {
  return {first_reached(curve.time, curve.survival, p, start),
          first_reached(curve.time, curve.lower, p, start), first_reached(curve.time, curve.upper, p, start)};
}

std::ptrdiff_t row_at(const std::vector<double>& time, double t) {
  return std::upper_bound(time.begin(), time.end(), t) - time.begin() - 1;
}

double n_at_risk_at(const SurvivalCurve& curve, double t) {
  const auto at = std::lower_bound(curve.time.begin(), curve.time.end(), t);
  return at == curve.time.end() ? 0.0 : curve.n_at_risk[at - curve.time.begin()];
}

}  // namespace graftline::stats
