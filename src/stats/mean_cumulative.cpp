#include "stats/mean_cumulative.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stats/confidence_limits.h"
#include "stats/event_table.h"
#include "stats/influence.h"
#include "stats/sums.h"

namespace graftline::stats {
namespace {

// What a row has met when it comes under observation; see jackknife_errors in cumulative_incidence.cpp, whose
// algebra this is with deaths alone ending anything.
struct AtEntry {
  double c = 0.0, g = 0.0, p = 0.0;
};

template <class Time>
MeanCumulative curve_of(const FollowUp<Time>& rows, std::size_t clusters, const EventTable& table, int group,
                        double z) {
  MeanCumulative curve;
  const Presence presence = presence_of(rows, table.time, group);
  ClusterMoments<3> moments(clusters);
  std::vector<AtEntry> at_entry(rows.size());
  Sum c, g, p;
  double alive = 1.0;
  for (std::size_t t = 0; t < table.size(); ++t) {
    for (std::uint32_t i : presence.entering(t)) {
      at_entry[i] = {c.value(), g.value(), p.value()};
      const double w = rows.weight_of(i);
      moments.change(rows.cluster_of(i), {w, -w * c.value(), w * (c.value() * p.value() - g.value())});
    }
    if (presence.leaving(t).empty()) continue;
    const double y = table.n_at_risk(t, group);
    const double events = table.n_event(t, group, 1);
    const double deaths = table.causes >= 2 ? table.n_event(t, group, 2) : 0.0;
    const double left = y - deaths > 1e-12 * y ? y - deaths : 0.0;
    const double s = alive;
    g.add(s * events / y * (c.value() - 1.0 / y));
    p.add(s * events / y);
    if (deaths > 0.0) {
      if (left > 0.0) c.add(deaths / (y * left));
      alive *= left / y;
    }
    for (std::uint32_t i : presence.leaving(t)) {
      const double w = rows.weight_of(i);
      const AtEntry& e = at_entry[i];
      const double fixed = g.value() - e.g - e.c * (p.value() - e.p) + (rows.status[i] == 1 ? s / y : 0.0);
      const double b = (rows.status[i] == 2 && left > 0.0 ? 1.0 / left : 0.0) - (c.value() - e.c);
      moments.change(rows.cluster_of(i), {-w, w * (e.c - b), w * (fixed + b * p.value() - e.c * e.p + e.g)});
    }
    const double se = std::sqrt(moments.sum_of_squares({g.value(), p.value(), 1.0}));
    const double factor =
        p.value() > 0.0 ? std::exp(z * se / p.value()) : std::numeric_limits<double>::quiet_NaN();
    curve.time.push_back(table.time[t]);
    curve.n_at_risk.push_back(y);
    curve.n_event.push_back(events);
    curve.mean.push_back(p.value());
    curve.standard_error.push_back(se);
    curve.lower.push_back(p.value() / factor);
    curve.upper.push_back(p.value() * factor);
  }
  return curve;
}

}  // namespace

template <class Time>
Result<std::vector<MeanCumulative>> mean_cumulative(const FollowUp<Time>& rows, bool death_ends,
                                                    double level) {
  FollowUp<Time> pooled = rows;
  pooled.stratum = {};
  auto shape = inspect(pooled);
  if (!shape) return shape.error();
  if (shape->causes > (death_ends ? 2 : 1))
    return Error{ErrorKind::out_of_range,
                 "column status: 0, 1 = recurrent event and, where death ends it, 2 = death"};
  if (!(level > 0.0 && level < 1.0))
    return Error{ErrorKind::out_of_range, "confidence level must lie between 0 and 1"};
  auto tables = event_tables(pooled);
  if (!tables) return tables.error();
  std::vector<MeanCumulative> curves;
  for (int group = 0; group < shape->groups; ++group)
    curves.push_back(curve_of(pooled, shape->clusters, tables->front(), group, limit_z(level)));
  return curves;
}

template Result<std::vector<MeanCumulative>> mean_cumulative(const DayFollowUp&, bool, double);
template Result<std::vector<MeanCumulative>> mean_cumulative(const RealFollowUp&, bool, double);

}  // namespace graftline::stats
