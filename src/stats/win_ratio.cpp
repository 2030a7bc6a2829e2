#include "stats/win_ratio.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <optional>

#include "stats/chi_square.h"
#include "stats/confidence_limits.h"

namespace graftline::stats {
namespace {

std::optional<Error> check(std::span<const RankedEndpoint> endpoints, std::span<const int> arm) {
  if (endpoints.empty()) return Error{ErrorKind::malformed_input, "no endpoint"};
  for (std::size_t k = 0; k < endpoints.size(); ++k) {
    if (endpoints[k].time.size() != arm.size() || endpoints[k].status.size() != arm.size())
      return Error{ErrorKind::malformed_input,
                   fmt::format("endpoint {}: one time and status per patient is needed", k + 1)};
    for (std::size_t i = 0; i < arm.size(); ++i)
      if (!(std::isfinite(endpoints[k].time[i]) && endpoints[k].time[i] >= 0.0))
        return Error{ErrorKind::out_of_range,
                     fmt::format("row {}, endpoint {}: a time must be known and not negative", i + 1, k + 1)};
  }
  for (std::size_t i = 0; i < arm.size(); ++i)
    if (arm[i] != 0 && arm[i] != 1)
      return Error{ErrorKind::out_of_range, fmt::format("row {}, column arm: 0 or 1 is expected", i + 1)};
  return std::nullopt;
}

// a is known to have had the event while b was still without it.
bool first(const RankedEndpoint& e, std::size_t a, std::size_t b) {
  if (e.status[a] == 0) return false;
  return e.time[a] < e.time[b] || (e.time[a] == e.time[b] && e.status[b] == 0);
}

// +1 the treated patient wins, -1 loses, 0 tie; `decided` is the endpoint that told.
int compare(std::span<const RankedEndpoint> endpoints, std::size_t treated, std::size_t control,
            std::size_t& decided) {
  for (decided = 0; decided < endpoints.size(); ++decided) {
    if (first(endpoints[decided], control, treated)) return 1;
    if (first(endpoints[decided], treated, control)) return -1;
  }
  return 0;
}

// Variances and covariance of the proportions of wins and losses, from each patient's own proportions.
struct Spread {
  double wins = 0.0, losses = 0.0, both = 0.0;
};

Spread spread(const std::vector<double>& wins, const std::vector<double>& losses, double others, double p_win,
              double p_loss) {
  Spread s;
  const auto n = static_cast<double>(wins.size());
  for (std::size_t i = 0; i < wins.size(); ++i) {
    const double w = wins[i] / others - p_win;
    const double l = losses[i] / others - p_loss;
    s.wins += w * w / (n * n);
    s.losses += l * l / (n * n);
    s.both += w * l / (n * n);
  }
  return s;
}

Estimate on_log(double value, double log_se, double z) {
  return {value, value * std::exp(-z * log_se), value * std::exp(z * log_se),
          two_sided_normal_p(std::log(value) / log_se)};
}

}  // namespace

Result<WinRatio> win_ratio(std::span<const RankedEndpoint> endpoints, std::span<const int> arm,
                           double level) {
  if (auto error = check(endpoints, arm)) return *error;
  std::vector<std::size_t> treated, control;
  for (std::size_t i = 0; i < arm.size(); ++i) (arm[i] == 1 ? treated : control).push_back(i);
  if (treated.empty() || control.empty())
    return Error{ErrorKind::conflict, "column arm: an arm has no patients"};
  WinRatio result;
  result.wins.assign(endpoints.size(), 0.0);
  result.losses.assign(endpoints.size(), 0.0);
  std::vector<double> wins_t(treated.size(), 0.0), losses_t(treated.size(), 0.0);
  std::vector<double> wins_c(control.size(), 0.0), losses_c(control.size(), 0.0);
  for (std::size_t a = 0; a < treated.size(); ++a)
    for (std::size_t b = 0; b < control.size(); ++b) {
      std::size_t decided = 0;
      const int outcome = compare(endpoints, treated[a], control[b], decided);
      if (outcome == 0) {
        result.ties += 1.0;
        continue;
      }
      (outcome > 0 ? result.wins : result.losses)[decided] += 1.0;
      (outcome > 0 ? wins_t : losses_t)[a] += 1.0;
      (outcome > 0 ? wins_c : losses_c)[b] += 1.0;
    }
  const auto n1 = static_cast<double>(treated.size());
  const auto n0 = static_cast<double>(control.size());
  result.pairs = n1 * n0;
  double wins = 0.0;
  double losses = 0.0;
  for (std::size_t k = 0; k < endpoints.size(); ++k) {
    wins += result.wins[k] / result.pairs;
    losses += result.losses[k] / result.pairs;
  }
  const Spread t = spread(wins_t, losses_t, n0, wins, losses);
  const Spread c = spread(wins_c, losses_c, n1, wins, losses);
  const double vw = t.wins + c.wins;
  const double vl = t.losses + c.losses;
  const double cov = t.both + c.both;
  const double z = limit_z(level);
  result.ratio = on_log(
      wins / losses, std::sqrt(vw / (wins * wins) + vl / (losses * losses) - 2.0 * cov / (wins * losses)), z);
  const double net = wins - losses;
  const double net_se = std::sqrt(vw + vl - 2.0 * cov);
  result.net_benefit = {net, net - z * net_se, net + z * net_se, two_sided_normal_p(net / net_se)};
  // Win odds = (1 + net) / (1 - net): delta method on its logarithm.
  result.win_odds = on_log((1.0 + net) / (1.0 - net), 2.0 * net_se / (1.0 - net * net), z);
  return result;
}

}  // namespace graftline::stats
