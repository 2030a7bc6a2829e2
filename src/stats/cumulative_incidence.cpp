#include "stats/cumulative_incidence.h"

#include <algorithm>
#include <cmath>

#include "stats/influence.h"
#include "stats/sums.h"

namespace graftline::stats {
namespace {

using Steps = IncidenceSteps;

void step_through(const CumulativeIncidence& curve, Steps& steps) {
  const std::size_t n = curve.time.size();
  for (auto* column : {&steps.per_row, &steps.left, &steps.free_before, &steps.free_after}) column->resize(n);
  steps.events.assign(n, 0.0);
  for (const IncidenceOfCause& cause : curve.causes)
    for (std::size_t i = 0; i < n; ++i) steps.events[i] += cause.n_event[i];
  double free = 1.0;
  for (std::size_t i = 0; i < n; ++i) {
    const double y = curve.n_at_risk[i];
    const double d = steps.events[i];
    const double left = y - d > 1e-12 * y ? y - d : 0.0;
    steps.left[i] = left;
    steps.free_before[i] = free;
    steps.per_row[i] = d > 0.0 ? 1.0 / y : 0.0;
    if (d > 0.0) free *= left / y;
    steps.free_after[i] = free;
  }
}

// Columns keep their memory, so that curves can be made again and again without asking for more.
void count(const EventTable& table, int group, CumulativeIncidence& curve) {
  curve.n = table.rows[group];
  curve.causes.resize(table.causes);
  curve.event_free.clear();
  curve.event_free_se.clear();
  const auto columns = {&curve.time, &curve.n_at_risk, &curve.n_censored};
  for (auto* column : columns) column->resize(table.size());
  for (IncidenceOfCause& cause : curve.causes) {
    for (auto* column : {&cause.incidence, &cause.standard_error, &cause.lower, &cause.upper})
      column->clear();
    cause.n_event.resize(table.size());
  }
  // A time of the other groups is written and then written over.
  std::size_t kept = 0;
  table.each_time(group,
                  [&, from = table.time.data(), time = curve.time.data(), at_risk = curve.n_at_risk.data(),
                   censored = curve.n_censored.data()](std::size_t i, const double* counts, double risk) {
                    time[kept] = from[i];
                    at_risk[kept] = risk;
                    censored[kept] = counts[0];
                    double leaving = counts[0];
                    for (IncidenceOfCause& cause : curve.causes) {
                      cause.n_event[kept] = *++counts;
                      leaving += *counts;
                    }
                    kept += static_cast<std::size_t>(leaving > 0.0);
                  });
  for (auto* column : columns) column->resize(kept);
  for (IncidenceOfCause& cause : curve.causes) cause.n_event.resize(kept);
}

void estimate(CumulativeIncidence& curve, const Steps& steps) {
  curve.event_free = steps.free_after;
  for (IncidenceOfCause& cause : curve.causes) {
    Sum incidence;
    cause.incidence.resize(curve.time.size());
    for (std::size_t i = 0; i < curve.time.size(); ++i) {
      incidence.add(steps.free_before[i] * cause.n_event[i] * steps.per_row[i]);
      cause.incidence[i] = incidence.value();
    }
  }
}

// Var F(t) = sum over u <= t of  a_u - 2 b_u (F(t) - F(u)) + c_u (F(t) - F(u))^2, the chances taken at u and
// what they mean for the rest. Kept as the sums of a, b, b F, c, c F and c F^2, so each time costs the same.
class LookAhead {
 public:
  void add(double a, double b, double c, double f) {
    a_.add(a);
    b_.add(b);
    bf_.add(b * f);
    c_.add(c);
    cf_.add(c * f);
    cff_.add(c * f * f);
  }
  double at(double f) const {
    const double v = a_.value() - 2.0 * (f * b_.value() - bf_.value()) + f * f * c_.value() -
                     2.0 * f * cf_.value() + cff_.value();
    return v > 0.0 ? v : 0.0;
  }

 private:
  Sum a_, b_, bf_, c_, cf_, cff_;
};

// Multinomial increments: var h_k = h_k (1 - h_k) / Y, and with H all causes together cov(h_k, H) = h_k (1 -
// H) / Y, var H = H (1 - H) / Y. A step takes F to F + S h_k and the event-free S to S (1 - H), so the
// variances and the covariance of both go on by the step's own chances and by what they were. At S = 0
// nothing moves any more.
void greenwood_errors(const Steps& steps, IncidenceOfCause& cause) {
  double variance = 0.0, free_variance = 0.0, covariance = 0.0, error = 0.0;
  cause.standard_error.resize(steps.events.size());
  for (std::size_t i = 0; i < steps.events.size(); ++i) {
    if (steps.events[i] > 0.0) {
      const double per_row = steps.per_row[i];
      const double h = cause.n_event[i] * per_row;
      const double kept = steps.left[i] * per_row;
      const double s = steps.free_before[i];
      const double chance = s * s * per_row;
      variance += h * (2.0 * covariance + h * free_variance) + chance * h * (1.0 - h);
      covariance = kept * (covariance + h * free_variance - chance * h);
      free_variance = kept * (kept * free_variance + chance * steps.events[i] * per_row);
      error = variance > 0.0 ? std::sqrt(variance) : 0.0;
    }
    cause.standard_error[i] = error;
  }
}

// Hypergeometric factor of d tied events of one cause among Y at risk.
double tie_factor(double events, double at_risk) {
  return events > 1.0 ? 1.0 - (events - 1.0) / (at_risk - 1.0) : 1.0;
}

// Independent causes: own events move F(t) by s (1 - (F(t) - F(u)) / S(u)), others by -s (F(t) - F(u)) /
// S(u).
void aalen_errors(const std::vector<double>& at_risk, const Steps& steps, IncidenceOfCause& cause) {
  LookAhead variance;
  for (std::size_t i = 0; i < at_risk.size(); ++i) {
    const double y = at_risk[i];
    const double own = cause.n_event[i];
    const double other = steps.events[i] - own;
    const double s = steps.free_before[i];
    const double after = steps.free_after[i];
    if (own > 0.0) {
      const double v = s * s * tie_factor(own, y) * own / (y * y);
      const double per_future = after > 0.0 ? 1.0 / after : 0.0;
      variance.add(v, v * per_future, v * per_future * per_future, cause.incidence[i]);
    }
    if (other > 0.0 && after > 0.0) {
      const double v = s * s * tie_factor(other, y) * other / (y * y);
      variance.add(0.0, 0.0, v / (after * after), cause.incidence[i]);
    }
    cause.standard_error.push_back(std::sqrt(variance.at(cause.incidence[i])));
  }
}

// Event-free survival by Greenwood; at 0 nobody can change it any more.
void free_greenwood(CumulativeIncidence& curve, const Steps& steps) {
  Sum variance;
  double error = 0.0;
  curve.event_free_se.resize(curve.time.size());
  for (std::size_t i = 0; i < curve.time.size(); ++i) {
    if (steps.events[i] > 0.0) {
      if (steps.left[i] > 0.0) variance.add(steps.events[i] * steps.per_row[i] / steps.left[i]);
      error = steps.free_after[i] * std::sqrt(variance.value());
    }
    curve.event_free_se[i] = error;
  }
}

// The influence of row i on F_k(t). Write C for the running sum of d / (Y (Y - d)), P for F_k, and G for the
// running sum of S(u-) h_k(u) (C(u-) - 1 / Y(u)). While under observation since e it is
//     G(t) - G(e) - C(e) (P(t) - P(e));
// leaving at x adds S(x-) / Y(x) if the row had the event, and from then on it moves by -b (P(t) - P(x)),
// where b = [any event] / (Y - d) - (C(x) - C(e)) is its influence on -log S. So the basis is G, P and 1.
struct AtEntry {
  double c = 0.0, g = 0.0, p = 0.0;
};

template <class Time>
void jackknife_errors(const FollowUp<Time>& rows, std::size_t clusters, const Presence& presence,
                      const Steps& steps, int cause_number, IncidenceOfCause& cause) {
  ClusterMoments<3> moments(clusters);
  std::vector<AtEntry> at_entry(rows.size());
  Sum c;
  Sum g;
  double p = 0.0;
  for (std::size_t t = 0; t < steps.events.size(); ++t) {
    for (std::uint32_t i : presence.entering(t)) {
      at_entry[i] = {c.value(), g.value(), p};
      const double w = rows.weight_of(i);
      moments.change(rows.cluster_of(i), {w, -w * c.value(), w * (c.value() * p - g.value())});
    }
    const double per_row = steps.per_row[t];
    const double s = steps.free_before[t];
    const double h = cause.n_event[t] * per_row;
    g.add(s * h * (c.value() - per_row));
    p = cause.incidence[t];
    if (steps.events[t] > 0.0 && steps.left[t] > 0.0) c.add(steps.events[t] * per_row / steps.left[t]);
    for (std::uint32_t i : presence.leaving(t)) {
      const double w = rows.weight_of(i);
      const AtEntry& e = at_entry[i];
      const double own = rows.status[i] == cause_number ? s * per_row : 0.0;
      const double fixed = g.value() - e.g - e.c * (p - e.p) + own;
      const double any = rows.status[i] != 0 && steps.left[t] > 0.0 ? 1.0 / steps.left[t] : 0.0;
      const double b = any - (c.value() - e.c);
      moments.change(rows.cluster_of(i), {-w, w * (e.c - b), w * (fixed + b * p - e.c * e.p + e.g)});
    }
    cause.standard_error.push_back(std::sqrt(moments.sum_of_squares({g.value(), p, 1.0})));
  }
}

template <class Time>
void free_jackknife(const FollowUp<Time>& rows, std::size_t clusters, const Presence& presence,
                    const Steps& steps, CumulativeIncidence& curve) {
  ClusterMoments<2> moments(clusters);
  std::vector<double> at_entry(rows.size(), 0.0);
  Sum c;
  for (std::size_t t = 0; t < steps.events.size(); ++t) {
    for (std::uint32_t i : presence.entering(t)) {
      at_entry[i] = c.value();
      moments.change(rows.cluster_of(i), {rows.weight_of(i), rows.weight_of(i) * c.value()});
    }
    if (steps.events[t] > 0.0 && steps.left[t] > 0.0)
      c.add(steps.events[t] * steps.per_row[t] / steps.left[t]);
    for (std::uint32_t i : presence.leaving(t)) {
      const double jump = rows.status[i] != 0 && steps.left[t] > 0.0 ? 1.0 / steps.left[t] : 0.0;
      moments.change(rows.cluster_of(i), {-rows.weight_of(i), rows.weight_of(i) * (jump - c.value())});
    }
    curve.event_free_se.push_back(steps.free_after[t] * std::sqrt(moments.sum_of_squares({-c.value(), 1.0})));
  }
}

void add_limits(IncidenceOfCause& cause, const LimitOptions& options) {
  if (options.level == 0.0) return;
  const double z = limit_z(options.level);
  for (std::size_t i = 0; i < cause.incidence.size(); ++i) {
    const Limits limits = probability_limits(cause.incidence[i], cause.standard_error[i], options.scale, z);
    cause.lower.push_back(limits.lower);
    cause.upper.push_back(limits.upper);
  }
}

void errors_from_counts(IncidenceVariance variance, CumulativeIncidence& curve, const Steps& steps) {
  for (IncidenceOfCause& cause : curve.causes)
    variance == IncidenceVariance::aalen ? aalen_errors(curve.n_at_risk, steps, cause)
                                         : greenwood_errors(steps, cause);
  free_greenwood(curve, steps);
}

template <class Time>
void add_errors(const FollowUp<Time>& rows, std::size_t clusters, int group, IncidenceVariance variance,
                CumulativeIncidence& curve, const Steps& steps) {
  const bool every_row_alike = rows.weight.empty() && rows.entry.empty() && rows.cluster.empty();
  if (variance == IncidenceVariance::infinitesimal_jackknife && !every_row_alike) {
    const Presence presence = presence_of(rows, curve.time, group);
    for (std::size_t k = 0; k < curve.causes.size(); ++k)
      jackknife_errors(rows, clusters, presence, steps, static_cast<int>(k) + 1, curve.causes[k]);
    free_jackknife(rows, clusters, presence, steps, curve);
    return;
  }
  errors_from_counts(variance, curve, steps);
}

}  // namespace

template <class Time>
Result<std::vector<CumulativeIncidence>> cumulative_incidence(const FollowUp<Time>& rows,
                                                              const IncidenceOptions& options) {
  if (!(options.limits.level >= 0.0 && options.limits.level < 1.0))
    return Error{ErrorKind::out_of_range, "confidence level must lie between 0 and 1"};
  FollowUp<Time> pooled = rows;
  pooled.stratum = {};
  auto shape = inspect(pooled);
  if (!shape) return shape.error();
  auto tables = event_tables(pooled);
  if (!tables) return tables.error();
  std::vector<CumulativeIncidence> all;
  for (int group = 0; group < shape->groups; ++group) {
    CumulativeIncidence curve;
    Steps steps;
    count(tables->front(), group, curve);
    step_through(curve, steps);
    estimate(curve, steps);
    add_errors(pooled, shape->clusters, group, options.variance, curve, steps);
    for (IncidenceOfCause& cause : curve.causes) add_limits(cause, options.limits);
    all.push_back(std::move(curve));
  }
  return all;
}

template Result<std::vector<CumulativeIncidence>> cumulative_incidence(const DayFollowUp&,
                                                                       const IncidenceOptions&);
template Result<std::vector<CumulativeIncidence>> cumulative_incidence(const RealFollowUp&,
                                                                       const IncidenceOptions&);

void cumulative_incidence(const EventTable& table, const IncidenceOptions& options, IncidenceSteps& steps,
                          std::vector<CumulativeIncidence>& curves) {
  curves.resize(table.groups);
  for (int group = 0; group < table.groups; ++group) {
    CumulativeIncidence& curve = curves[group];
    count(table, group, curve);
    step_through(curve, steps);
    estimate(curve, steps);
    errors_from_counts(options.variance, curve, steps);
    for (IncidenceOfCause& cause : curve.causes) add_limits(cause, options.limits);
  }
}

std::vector<CumulativeIncidence> cumulative_incidence(const EventTable& table,
                                                      const IncidenceOptions& options) {
  std::vector<CumulativeIncidence> all;
  IncidenceSteps steps;
  cumulative_incidence(table, options, steps, all);
  return all;
}

}  // namespace graftline::stats
