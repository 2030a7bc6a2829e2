#include "stats/safety_boundary.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>

#include "stats/binomial.h"
#include "stats/normal.h"

namespace graftline::stats {
namespace {

std::optional<Error> fault(int patients, double p0, double level, int first_look) {
  if (patients < 1) return Error{ErrorKind::out_of_range, "patients: at least one"};
  if (!(p0 > 0.0 && p0 < 1.0)) return Error{ErrorKind::out_of_range, "proportion: must lie between 0 and 1"};
  if (!(level > 0.0 && level < 1.0)) return Error{ErrorKind::out_of_range, "level: must lie between 0 and 1"};
  if (first_look < 1 || first_look > patients)
    return Error{ErrorKind::out_of_range, "first look: not a patient"};
  return std::nullopt;
}

// table[k - 1][x]: how much evidence x harms among k patients are; less is more extreme.
using Evidence = std::function<double(int patients, int harms)>;

// Stop where the evidence is at or below what `allowed` says for that patient.
std::vector<int> stop_where(int patients, int first_look, const std::vector<std::vector<double>>& evidence,
                            const std::function<double(int)>& allowed) {
  std::vector<int> stop_at;
  for (int k = 1; k <= patients; ++k) {
    const auto& row = evidence[static_cast<std::size_t>(k) - 1];
    int x = k + 1;
    if (k >= first_look) {
      while (x > 0 && row[static_cast<std::size_t>(x) - 1] <= allowed(k)) --x;
    }
    stop_at.push_back(std::max(x, 1));  // no harm is never a reason to stop
  }
  return stop_at;
}

std::vector<std::vector<double>> tabulate(int patients, const Evidence& evidence) {
  std::vector<std::vector<double>> table;
  for (int k = 1; k <= patients; ++k) {
    std::vector<double> row;
    for (int x = 0; x <= k; ++x) row.push_back(evidence(k, x));
    table.push_back(row);
  }
  return table;
}

// Raises the dial as far as the level allows. P(stop) rises with the dial, in steps; bisection finds the last
// step kept.
SafetyBoundary tuned(int patients, int first_look, double p0, double level,
                     const std::vector<std::vector<double>>& evidence,
                     const std::function<double(int patient, double dial)>& allowed, double low,
                     double high) {
  const auto boundary_at = [&](double dial) {
    SafetyBoundary boundary;
    boundary.stop_at = stop_where(patients, first_look, evidence, [&](int k) { return allowed(k, dial); });
    boundary.level = operating(boundary, p0).stopped;
    boundary.parameter = dial;
    return boundary;
  };
  SafetyBoundary best = boundary_at(low);
  for (int step = 0; step < 60; ++step) {
    const double middle = 0.5 * (low + high);
    SafetyBoundary here = boundary_at(middle);
    if (here.level <= level) {
      best = here;
      low = middle;
    } else {
      high = middle;
    }
  }
  return best;
}

std::vector<std::vector<double>> binomial_tails(int patients, double p0) {
  std::vector<std::vector<double>> table;
  for (int k = 1; k <= patients; ++k) {
    std::vector<double> row = binomial_probabilities(k, p0);
    for (std::size_t x = row.size() - 1; x-- > 0;) row[x] += row[x + 1];
    table.push_back(row);
  }
  return table;
}

}  // namespace

Result<SafetyBoundary> rising_tail_boundary(int patients, double p0, double level, double shape,
                                            int first_look) {
  if (auto error = fault(patients, p0, level, first_look)) return *error;
  const auto allowed = [&](int k, double dial) {
    // The dial is the tail probability at the last patient.
    const double c = normal_upper_quantile(dial);
    return normal_upper_tail(c * std::pow(static_cast<double>(k) / patients, shape - 0.5));
  };
  return tuned(patients, first_look, p0, level, binomial_tails(patients, p0), allowed, 0.0, 0.5);
}

Result<SafetyBoundary> constant_tail_boundary(int patients, double p0, double level, int first_look) {
  if (auto error = fault(patients, p0, level, first_look)) return *error;
  return tuned(
      patients, first_look, p0, level, binomial_tails(patients, p0), [](int, double dial) { return dial; },
      0.0, 1.0);
}

Result<SafetyBoundary> bayesian_boundary(int patients, double p0, const BetaPrior& prior, double certainty,
                                         int first_look) {
  if (auto error = fault(patients, p0, certainty, first_look)) return *error;
  if (!(prior.responses > 0.0 && prior.non_responses > 0.0)) {
    return Error{ErrorKind::out_of_range, "prior: both parameters must be above 0"};
  }
  SafetyBoundary boundary;
  for (int k = 1; k <= patients; ++k) {
    int x = k + 1;
    if (k >= first_look) {
      while (x > 1 && posterior_above(prior, k, x - 1, p0) > certainty) --x;
    }
    boundary.stop_at.push_back(x);
  }
  boundary.level = operating(boundary, p0).stopped;
  boundary.parameter = certainty;
  return boundary;
}

Result<SafetyBoundary> bayesian_boundary_at_level(int patients, double p0, const BetaPrior& prior,
                                                  double level, int first_look) {
  if (auto error = fault(patients, p0, level, first_look)) return *error;
  if (!(prior.responses > 0.0 && prior.non_responses > 0.0)) {
    return Error{ErrorKind::out_of_range, "prior: both parameters must be above 0"};
  }
  // Evidence: P(p <= p0 | data); the dial is the largest such probability that still stops.
  const auto table = tabulate(patients, [&](int k, int x) { return 1.0 - posterior_above(prior, k, x, p0); });
  SafetyBoundary boundary = tuned(
      patients, first_look, p0, level, table, [](int, double dial) { return dial; }, 0.0, 1.0);
  boundary.parameter = 1.0 - boundary.parameter;  // the certainty asked for
  return boundary;
}

Result<SafetyBoundary> sequential_probability_ratio_boundary(int patients, double p0, double p1, double level,
                                                             double power, int first_look) {
  if (auto error = fault(patients, p0, level, first_look)) return *error;
  if (!(p1 > p0 && p1 < 1.0)) return Error{ErrorKind::out_of_range, "proportions: need p0 < p1 < 1"};
  if (!(power > level && power < 1.0))
    return Error{ErrorKind::out_of_range, "power: must lie between the level and 1"};
  const double bound = std::log(power / level);  // Wald's upper boundary on the log likelihood ratio
  SafetyBoundary boundary;
  for (int k = 1; k <= patients; ++k) {
    // x log(p1/p0) + (k - x) log((1-p1)/(1-p0)) >= bound, solved for x
    const double per_harm = std::log(p1 / p0) - std::log((1.0 - p1) / (1.0 - p0));
    const double needed = (bound - k * std::log((1.0 - p1) / (1.0 - p0))) / per_harm;
    const auto x = static_cast<int>(std::ceil(needed - 1e-12));
    boundary.stop_at.push_back(k < first_look ? k + 1 : std::min(std::max(x, 1), k + 1));
  }
  boundary.level = operating(boundary, p0).stopped;
  boundary.parameter = bound;
  return boundary;
}

SafetyOperating operating(const SafetyBoundary& boundary, double p) {
  SafetyOperating result;
  std::vector<double> going{1.0};  // probability of each number of harms, not stopped
  const std::size_t patients = boundary.stop_at.size();
  for (std::size_t k = 1; k <= patients; ++k) {
    going.push_back(0.0);
    for (std::size_t x = k; x > 0; --x) going[x] = going[x] * (1.0 - p) + going[x - 1] * p;
    going[0] *= 1.0 - p;
    double stopped = 0.0;
    for (auto x = static_cast<std::size_t>(boundary.stop_at[k - 1]); x <= k; ++x) {
      stopped += going[x];
      result.expected_harms += static_cast<double>(x) * going[x];
      going[x] = 0.0;
    }
    result.stopped_at.push_back(stopped);
    result.stopped += stopped;
    result.expected_patients += static_cast<double>(k) * stopped;
  }
  for (std::size_t x = 0; x < going.size(); ++x) {
    result.expected_harms += static_cast<double>(x) * going[x];
    result.expected_patients += static_cast<double>(patients) * going[x];
  }
  return result;
}

}  // namespace graftline::stats
