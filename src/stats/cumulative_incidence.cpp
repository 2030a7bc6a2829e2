#include "stats/cumulative_incidence.h"

#include <algorithm>
#include <cmath>

#include "stats/influence.h"
#include "stats/sums.h"

namespace graftline::stats {
namespace {

// One group's table with what all variances need: hazards and the event-free survival on either side of each
// time.
struct Steps {
  std::vector<double> at_risk, events, left;    // `left` = at_risk - events, exactly 0 when nobody is left
  std::vector<double> free_before, free_after;  // event-free survival
};

Steps steps_of(const CumulativeIncidence& curve) {
  Steps steps;
  double free = 1.0;
  for (std::size_t i = 0; i < curve.time.size(); ++i) {
    const double y = curve.n_at_risk[i];
    double d = 0.0;
    for (const IncidenceOfCause& cause : curve.causes) d += cause.n_event[i];
    const double left = y - d > 1e-12 * y ? y - d : 0.0;
    steps.at_risk.push_back(y);
    steps.events.push_back(d);
    steps.left.push_back(left);
    steps.free_before.push_back(free);
    if (d > 0.0) free *= left / y;
    steps.free_after.push_back(free);
  }
  return steps;
}

CumulativeIncidence counts(const EventTable& table, int group) {
  CumulativeIncidence curve;
  curve.n = table.rows[group];
  curve.causes.resize(table.causes);
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table.n_censored(i, group) == 0.0 && table.n_event(i, group) == 0.0) continue;
    curve.time.push_back(table.time[i]);
    curve.n_at_risk.push_back(table.n_at_risk(i, group));
    curve.n_censored.push_back(table.n_censored(i, group));
    for (int k = 1; k <= table.causes; ++k) curve.causes[k - 1].n_event.push_back(table.n_event(i, group, k));
  }
  return curve;
}

void estimate(CumulativeIncidence& curve, const Steps& steps) {
  curve.event_free = steps.free_after;
  for (IncidenceOfCause& cause : curve.causes) {
    Sum incidence;
    for (std::size_t i = 0; i < curve.time.size(); ++i) {
      if (cause.n_event[i] > 0.0) incidence.add(steps.free_before[i] * cause.n_event[i] / steps.at_risk[i]);
      cause.incidence.push_back(incidence.value());
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

// Multinomial increments: var h_k = h_k (1 - h_k) / Y, cov(h_k, h_j) = -h_k h_j / Y. With everybody gone
// (left = 0) the future is empty and only the first term remains.
void greenwood_errors(const Steps& steps, IncidenceOfCause& cause) {
  LookAhead variance;
  for (std::size_t i = 0; i < steps.at_risk.size(); ++i) {
    const double y = steps.at_risk[i];
    if (steps.events[i] > 0.0) {
      const double h = cause.n_event[i] / y;
      const double s = steps.free_before[i];
      const bool future = steps.left[i] > 0.0;
      const double c = future ? steps.events[i] / (steps.left[i] * y) : 0.0;
      variance.add(s * s * h * (1.0 - h) / y, future ? s * h / y : 0.0, c, cause.incidence[i]);
    }
    cause.standard_error.push_back(std::sqrt(variance.at(cause.incidence[i])));
  }
}

// Hypergeometric factor of d tied events of one cause among Y at risk.
double tie_factor(double events, double at_risk) {
  return events > 1.0 ? 1.0 - (events - 1.0) / (at_risk - 1.0) : 1.0;
}

// Independent causes: own events move F(t) by s (1 - (F(t) - F(u)) / S(u)), others by -s (F(t) - F(u)) /
// S(u).
void aalen_errors(const Steps& steps, IncidenceOfCause& cause) {
  LookAhead variance;
  for (std::size_t i = 0; i < steps.at_risk.size(); ++i) {
    const double y = steps.at_risk[i];
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
  for (std::size_t i = 0; i < curve.time.size(); ++i) {
    if (steps.events[i] > 0.0 && steps.left[i] > 0.0)
      variance.add(steps.events[i] / (steps.at_risk[i] * steps.left[i]));
    curve.event_free_se.push_back(steps.free_after[i] * std::sqrt(variance.value()));
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
  for (std::size_t t = 0; t < steps.at_risk.size(); ++t) {
    for (std::uint32_t i : presence.entering(t)) {
      at_entry[i] = {c.value(), g.value(), p};
      const double w = rows.weight_of(i);
      moments.change(rows.cluster_of(i), {w, -w * c.value(), w * (c.value() * p - g.value())});
    }
    const double y = steps.at_risk[t];
    const double s = steps.free_before[t];
    const double h = cause.n_event[t] / y;
    g.add(s * h * (c.value() - 1.0 / y));
    p = cause.incidence[t];
    if (steps.events[t] > 0.0 && steps.left[t] > 0.0) c.add(steps.events[t] / (y * steps.left[t]));
    for (std::uint32_t i : presence.leaving(t)) {
      const double w = rows.weight_of(i);
      const AtEntry& e = at_entry[i];
      const double own = rows.status[i] == cause_number ? s / y : 0.0;
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
  for (std::size_t t = 0; t < steps.at_risk.size(); ++t) {
    for (std::uint32_t i : presence.entering(t)) {
      at_entry[i] = c.value();
      moments.change(rows.cluster_of(i), {rows.weight_of(i), rows.weight_of(i) * c.value()});
    }
    if (steps.events[t] > 0.0 && steps.left[t] > 0.0)
      c.add(steps.events[t] / (steps.at_risk[t] * steps.left[t]));
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
    variance == IncidenceVariance::aalen ? aalen_errors(steps, cause) : greenwood_errors(steps, cause);
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
    CumulativeIncidence curve = counts(tables->front(), group);
    const Steps steps = steps_of(curve);
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

std::vector<CumulativeIncidence> cumulative_incidence(const EventTable& table,
                                                      const IncidenceOptions& options) {
  std::vector<CumulativeIncidence> all;
  for (int group = 0; group < table.groups; ++group) {
    CumulativeIncidence& curve = all.emplace_back(counts(table, group));
    const Steps steps = steps_of(curve);
    estimate(curve, steps);
    errors_from_counts(options.variance, curve, steps);
    for (IncidenceOfCause& cause : curve.causes) add_limits(cause, options.limits);
  }
  return all;
}

}  // namespace graftline::stats
