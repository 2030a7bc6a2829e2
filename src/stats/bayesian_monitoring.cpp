#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include "stats/binomial.h"
#include "stats/single_arm.h"

namespace graftline::stats {
namespace {

std::optional<Error> fault(const BetaPrior& prior, const std::vector<int>& looks) {
  if (!(prior.responses > 0.0 && prior.non_responses > 0.0)) {
    return Error{ErrorKind::out_of_range, "prior: both parameters must be above 0"};
  }
  int before = 0;
  for (int n : looks) {
    if (n <= before) return Error{ErrorKind::out_of_range, "looks: numbers of patients must increase"};
    before = n;
  }
  if (looks.empty()) return Error{ErrorKind::out_of_range, "looks: at least one is needed"};
  return std::nullopt;
}

bool is_probability(double p) { return p >= 0.0 && p <= 1.0; }

// P(y responses among m further patients | posterior a, b): the beta-binomial distribution.
double beta_binomial(int m, int y, double a, double b) {
  // C(m, y) B(y + a, m - y + b) / B(a, b), with C(m, y) = 1 / ((m + 1) B(y + 1, m - y + 1)). std::lgamma is
  // not thread-safe.
  const auto log_beta = [](double p, double q) {
    return boost::math::lgamma(p) + boost::math::lgamma(q) - boost::math::lgamma(p + q);
  };
  return std::exp(log_beta(y + a, m - y + b) - log_beta(a, b) - log_beta(y + 1.0, m - y + 1.0)) / (m + 1.0);
}

// The fewest responses among all patients that make the trial a success at its end; one more than all when
// none does.
int responses_for_success(const BetaPrior& prior, int patients, double p0, double certainty) {
  int x = 0;
  while (x <= patients && !(posterior_above(prior, patients, x, p0) > certainty)) ++x;
  return x;
}

}  // namespace

double posterior_above(const BetaPrior& prior, int n, int x, double p0) {
  return beta_upper_tail(prior.responses + x, prior.non_responses + n - x, p0);
}

double predictive_probability_of_success(const PredictiveMonitoring& plan, int n, int x) {
  const int patients = plan.looks.back(), left = patients - n;
  const int needed = responses_for_success(plan.prior, patients, plan.p0, plan.certainty) - x;
  const double a = plan.prior.responses + x, b = plan.prior.non_responses + n - x;
  double sum = 0.0;
  for (int y = std::max(0, needed); y <= left; ++y) sum += beta_binomial(left, y, a, b);
  return sum;
}

Result<MonitoringBoundary> monitoring_boundary(const PredictiveMonitoring& plan) {
  if (auto error = fault(plan.prior, plan.looks)) return *error;
  if (!is_probability(plan.certainty) || !is_probability(plan.futile_below) ||
      !is_probability(plan.success_above)) {
    return Error{ErrorKind::out_of_range, "probabilities: must lie between 0 and 1"};
  }
  MonitoringBoundary boundary{.looks = plan.looks, .futile_at_most = {}, .success_at_least = {}};
  for (int n : plan.looks) {
    int futile = -1, success = n + 1;
    if (n == plan.looks.back()) {
      success = responses_for_success(plan.prior, n, plan.p0, plan.certainty);
      futile = success - 1;
    } else {
      for (int x = 0; x <= n; ++x) {
        const double chance = predictive_probability_of_success(plan, n, x);
        if (chance < plan.futile_below) futile = x;
        if (chance > plan.success_above && success > n) success = x;
      }
    }
    boundary.futile_at_most.push_back(futile);
    boundary.success_at_least.push_back(success);
  }
  return boundary;
}

Result<MonitoringBoundary> monitoring_boundary(const PosteriorMonitoring& plan) {
  if (auto error = fault(plan.prior, plan.looks)) return *error;
  if (!is_probability(plan.certainty) || !is_probability(plan.futile_below)) {
    return Error{ErrorKind::out_of_range, "probabilities: must lie between 0 and 1"};
  }
  MonitoringBoundary boundary{.looks = plan.looks, .futile_at_most = {}, .success_at_least = {}};
  for (int n : plan.looks) {
    const bool last = n == plan.looks.back();
    int success = responses_for_success(plan.prior, n, plan.p0, plan.certainty);
    int futile = success - 1;
    if (!last) {
      futile = -1;
      for (int x = 0; x <= n && posterior_above(plan.prior, n, x, plan.p1) < plan.futile_below; ++x)
        futile = x;
      if (!plan.success_may_stop) success = n + 1;
    }
    boundary.futile_at_most.push_back(futile);
    boundary.success_at_least.push_back(success);
  }
  return boundary;
}

MonitoringOperating operating(const MonitoringBoundary& boundary, double p) {
  MonitoringOperating result;
  std::vector<double> going{1.0};  // probability of each number of responses, still in the trial
  int before = 0;
  for (std::size_t look = 0; look < boundary.looks.size(); ++look) {
    const int n = boundary.looks[look];
    const auto more = binomial_probabilities(n - before, p);
    std::vector<double> now(static_cast<std::size_t>(n) + 1, 0.0);
    for (std::size_t x = 0; x < going.size(); ++x) {
      for (std::size_t y = 0; y < more.size(); ++y) now[x + y] += going[x] * more[y];
    }
    const bool last = look + 1 == boundary.looks.size();
    for (int x = 0; x <= n; ++x) {
      double& here = now[static_cast<std::size_t>(x)];
      const bool success = x >= boundary.success_at_least[look];
      if (!last && !success && x > boundary.futile_at_most[look]) continue;
      if (success) result.success += here;
      if (!last) result.stopped_early += here;
      result.expected_patients += n * here;
      here = 0.0;
    }
    going = now;
    before = n;
  }
  return result;
}

}  // namespace graftline::stats
