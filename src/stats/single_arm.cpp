#include "stats/single_arm.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "stats/binomial.h"

namespace graftline::stats {
namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

std::optional<Error> fault(const ProportionGoal& goal) {
  if (!(goal.p0 > 0.0 && goal.p0 < goal.p1 && goal.p1 < 1.0)) {
    return Error{ErrorKind::out_of_range, "proportions: need 0 < p0 < p1 < 1"};
  }
  if (!(goal.alpha > 0.0 && goal.alpha < 1.0 && goal.beta > 0.0 && goal.beta < 1.0)) {
    return Error{ErrorKind::out_of_range, "alpha and beta: must lie between 0 and 1"};
  }
  return std::nullopt;
}

// tail[k] = P(X >= k), k = 0..n + 1.
std::vector<double> upper_tails(const std::vector<double>& probability) {
  std::vector<double> tail(probability.size() + 1, 0.0);
  for (std::size_t k = probability.size(); k-- > 0;) tail[k] = tail[k + 1] + probability[k];
  return tail;
}

// Binomial terms and tails for every number of patients up to a limit, under one proportion.
struct Terms {
  std::vector<std::vector<double>> probability, tail;
  Terms(int most, double p) {
    for (int n = 0; n <= most; ++n) {
      probability.push_back(binomial_probabilities(n, p));
      tail.push_back(upper_tails(probability.back()));
    }
  }
  double at_most(int n, int k) const { return 1.0 - tail[index(n)][index(k) + 1]; }
  // P(more than r1 of the first n1, and more than r of all n).
  double declared(int n1, int r1, int n, int r) const {
    const auto& first = probability[index(n1)];
    const auto& second = tail[index(n - n1)];
    double sum = 0.0;
    for (int x = n1; x > r1; --x) {
      const int wanted = std::max(0, r + 1 - x);
      if (wanted < static_cast<int>(second.size())) sum += first[index(x)] * second[index(wanted)];
    }
    return sum;
  }
};

// The design with given first stage and total, with the smallest cut-off that keeps alpha (hence the most
// power).
std::optional<TwoStageDesign> completed(const ProportionGoal& goal, const Terms& null,
                                        const Terms& alternative, int n1, int r1, int n) {
  int low = r1, high = n;  // alpha falls as the cut-off rises; at n nothing is declared
  while (low < high) {
    const int middle = (low + high) / 2;
    if (null.declared(n1, r1, n, middle) <= goal.alpha) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  const double power = alternative.declared(n1, r1, n, low);
  if (power < 1.0 - goal.beta) return std::nullopt;
  TwoStageDesign design{.first_patients = n1, .futile_at_first = r1, .patients = n, .not_worth_at_end = low};
  design.alpha = null.declared(n1, r1, n, low);
  design.power = power;
  design.early_stop_under_p0 = null.at_most(n1, r1);
  design.expected_patients_under_p0 = n1 + (1.0 - design.early_stop_under_p0) * (n - n1);
  return design;
}

// For each total, the design with the fewest expected patients.
std::vector<TwoStageDesign> best_by_total(const ProportionGoal& goal, int most) {
  const Terms null(most, goal.p0), alternative(most, goal.p1);
  std::vector<TwoStageDesign> best;
  for (int n = 2; n <= most; ++n) {
    std::optional<TwoStageDesign> here;
    for (int n1 = 1; n1 < n; ++n1) {
      for (int r1 = 0; r1 < n1; ++r1) {
        if (alternative.at_most(n1, r1) > goal.beta) break;  // stops too often when it should go on
        const double expected = n1 + (1.0 - null.at_most(n1, r1)) * (n - n1);
        if (here && expected >= here->expected_patients_under_p0) continue;
        if (auto design = completed(goal, null, alternative, n1, r1, n)) here = design;
      }
    }
    if (here) best.push_back(*here);
  }
  return best;
}

// The lower convex hull of (patients, expected patients) between minimax and optimal.
std::vector<TwoStageDesign> hull(const std::vector<TwoStageDesign>& by_total, const TwoStageDesign& optimal) {
  std::vector<TwoStageDesign> chain;
  for (const TwoStageDesign& d : by_total) {
    if (d.patients > optimal.patients) break;
    const auto is_above = [&](const TwoStageDesign& a,
                              const TwoStageDesign& b) {  // b not below the line from a to d
      return (b.expected_patients_under_p0 - a.expected_patients_under_p0) * (d.patients - a.patients) >=
             (d.expected_patients_under_p0 - a.expected_patients_under_p0) * (b.patients - a.patients);
    };
    while (chain.size() >= 2 && is_above(chain[chain.size() - 2], chain.back())) chain.pop_back();
    if (chain.empty() || d.expected_patients_under_p0 < chain.back().expected_patients_under_p0)
      chain.push_back(d);
  }
  return chain;
}

}  // namespace

Result<OneStageDesign> exact_one_stage(const ProportionGoal& goal) {
  if (auto error = fault(goal)) return *error;
  constexpr int most = 5000;
  for (int n = 1; n <= most; ++n) {
    const auto null = upper_tails(binomial_probabilities(n, goal.p0));
    int needed = n + 1;
    while (needed > 0 && null[index(needed - 1)] <= goal.alpha) --needed;
    if (needed > n) continue;
    const double power = binomial_at_least(n, goal.p1, needed);
    if (power >= 1.0 - goal.beta) return OneStageDesign{n, needed, null[index(needed)], power};
  }
  return Error{ErrorKind::conflict, "proportions: too close for a design of at most 5000 patients"};
}

Result<SimonDesigns> simon_two_stage(const ProportionGoal& goal, int most_patients) {
  if (auto error = fault(goal)) return *error;
  int most = most_patients;
  if (most <= 0) {
    const auto one_stage = exact_one_stage(goal);
    if (!one_stage) return one_stage.error();
    most = 2 * one_stage->patients;
  }
  // Time grows with about the fourth power of it.
  if (most > 1000)
    return Error{ErrorKind::conflict, "two stages: a search beyond 1000 patients is not offered"};
  const auto by_total = best_by_total(goal, most);
  if (by_total.empty()) return Error{ErrorKind::conflict, "two stages: no design within that many patients"};
  SimonDesigns designs;
  designs.minimax = by_total.front();
  designs.optimal = *std::min_element(by_total.begin(), by_total.end(), [](const auto& a, const auto& b) {
    return a.expected_patients_under_p0 < b.expected_patients_under_p0;
  });
  designs.admissible = hull(by_total, designs.optimal);
  return designs;
}

TwoStageOperating operating(const TwoStageDesign& design, double p) {
  const Terms terms(design.patients, p);
  TwoStageOperating result;
  result.declared =
      terms.declared(design.first_patients, design.futile_at_first, design.patients, design.not_worth_at_end);
  result.stopped_early = terms.at_most(design.first_patients, design.futile_at_first);
  result.expected_patients =
      design.first_patients + (1.0 - result.stopped_early) * (design.patients - design.first_patients);
  return result;
}

}  // namespace graftline::stats
