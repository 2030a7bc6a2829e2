#include "stats/current_survival.h"

#include <algorithm>
#include <map>

#include "stats/kaplan_meier.h"

namespace graftline::stats {
namespace {

// Each cluster until it is first outside the good states, or no longer seen.
struct FirstLeaving {
  std::vector<double> entry, time, weight;
  std::vector<int> status;
};

FirstLeaving first_leaving(const Stays& stays, const std::vector<int>& good) {
  const auto is_good = [&good](int s) { return std::find(good.begin(), good.end(), s) != good.end(); };
  std::vector<std::size_t> order(stays.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return stays.entry[a] < stays.entry[b]; });
  std::map<int, bool> gone;
  FirstLeaving rows;
  for (std::size_t i : order) {
    bool& out = gone[stays.cluster_of(i)];
    out = out || !is_good(stays.from[i]);
    if (out) continue;
    rows.entry.push_back(stays.entry[i]);
    rows.time.push_back(stays.exit[i]);
    rows.weight.push_back(stays.weight_of(i));
    rows.status.push_back(stays.to[i] >= 0 && !is_good(stays.to[i]) ? 1 : 0);
  }
  return rows;
}

}  // namespace

Result<CurrentSurvival> current_survival(const Stays& stays, int states, const std::vector<int>& good,
                                         std::span<const double> times, const LimitOptions& limits) {
  auto occupancy = state_occupancy(stays, states, {good}, times, limits);
  if (!occupancy) return occupancy.error();
  const FirstLeaving first = first_leaving(stays, good);
  auto curves = kaplan_meier(
      RealFollowUp{.time = first.time, .status = first.status, .entry = first.entry, .weight = first.weight});
  if (!curves) return curves.error();
  CurrentSurvival result{occupancy->time,     occupancy->probability[0], occupancy->standard_error[0],
                         occupancy->lower[0], occupancy->upper[0],       {}};
  for (double t : times) {
    const auto row = row_at(curves->front().time, t);
    result.never_left.push_back(row < 0 ? 1.0 : curves->front().survival[row]);
  }
  return result;
}

}  // namespace graftline::stats
