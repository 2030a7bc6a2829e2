#include "stats/group_sequential.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>

#include "stats/normal.h"
#include "stats/root.h"
#include "stats/sequential_recursion.h"

namespace graftline::stats {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double next_information(const std::vector<double>& fractions, std::size_t look) {
  return look + 1 < fractions.size() ? fractions[look + 1] : 2.0 * fractions[look];
}

// The part of the Z axis in which a trial goes on, seen from a drift.
struct Continuation {
  std::array<Interval, 2> region;
  std::size_t count = 1;
  std::span<const Interval> span() const { return {region.data(), count}; }
};

Continuation continuation(int sides, double critical, double futility, double mean) {
  if (sides == 1) return {{Interval{futility - mean, critical - mean}, Interval{}}, 1};
  if (futility > 0.0)
    return {{Interval{-critical - mean, -futility - mean}, Interval{futility - mean, critical - mean}}, 2};
  return {{Interval{-critical - mean, critical - mean}, Interval{}}, 1};
}

double no_futility(int sides) { return sides == 1 ? -infinity : 0.0; }

// ---- critical values
// -------------------------------------------------------------------------------------------------

double total_rejection(const std::vector<double>& fractions, const std::vector<double>& critical,
                       const std::vector<double>& futility, int sides) {
  SubDensity now;
  double total = 0.0;
  for (std::size_t k = 0; k < fractions.size(); ++k) {
    total += sides * now.probability(fractions[k], {critical[k], infinity});
    if (k + 1 < fractions.size()) {
      now = now.continued(fractions[k], continuation(sides, critical[k], futility[k], 0.0).span(),
                          fractions[k + 1]);
    }
  }
  return total;
}

std::vector<double> scaled_critical_values(const GroupSequentialPlan& plan, double constant) {
  std::vector<double> critical;
  for (double t : plan.information_fractions) {
    critical.push_back(plan.efficacy.family == EfficacyFamily::haybittle_peto
                           ? plan.efficacy.shape
                           : constant * std::pow(t, plan.efficacy.shape - 0.5));
  }
  if (plan.efficacy.family == EfficacyFamily::haybittle_peto) critical.back() = constant;
  return critical;
}

double alpha_allowed(const GroupSequentialPlan& plan, std::size_t look) {
  switch (plan.efficacy.family) {
    case EfficacyFamily::alpha_table:
      return plan.efficacy.cumulative_alpha[look];
    case EfficacyFamily::no_early_efficacy:
      return look + 1 == plan.information_fractions.size() ? plan.alpha : 0.0;
    default:
      return spent(plan.efficacy.spending, plan.alpha, plan.information_fractions[look], plan.sides);
  }
}

// The critical value at `look`, when earlier looks left `before` under no effect.
double spending_critical_value(const GroupSequentialPlan& plan, const SubDensity& before, std::size_t look) {
  const double earlier = look == 0 ? 0.0 : alpha_allowed(plan, look - 1);
  const double increment = (alpha_allowed(plan, look) - earlier) / plan.sides;
  return exit_bound(before, plan.information_fractions[look], increment, true);
}

bool is_spending(EfficacyFamily family) {
  return family != EfficacyFamily::wang_tsiatis && family != EfficacyFamily::haybittle_peto;
}

// Critical values for futility bounds that are already known (or do not count).
std::vector<double> critical_values(const GroupSequentialPlan& plan, const std::vector<double>& futility) {
  const auto& t = plan.information_fractions;
  if (!is_spending(plan.efficacy.family)) {
    const double constant = bracketed_root(
        [&](double c) {
          return total_rejection(t, scaled_critical_values(plan, c), futility, plan.sides) - plan.alpha;
        },
        0.0, 12.0, 1e-13);
    return scaled_critical_values(plan, constant);
  }
  std::vector<double> critical;
  SubDensity now;
  for (std::size_t k = 0; k < t.size(); ++k) {
    critical.push_back(spending_critical_value(plan, now, k));
    now = now.continued(t[k], continuation(plan.sides, critical[k], futility[k], 0.0).span(),
                        next_information(t, k));
  }
  return critical;
}

std::vector<double> cumulative_alpha(const GroupSequentialPlan& plan, const std::vector<double>& critical,
                                     const std::vector<double>& futility) {
  const auto& t = plan.information_fractions;
  std::vector<double> cumulative;
  SubDensity now;
  double total = 0.0;
  for (std::size_t k = 0; k < t.size(); ++k) {
    total += plan.sides * now.probability(t[k], {critical[k], infinity});
    cumulative.push_back(total);
    now = now.continued(t[k], continuation(plan.sides, critical[k], futility[k], 0.0).span(),
                        next_information(t, k));
  }
  return cumulative;
}

// ---- beta spending
// ---------------------------------------------------------------------------------------------------

double beta_allowed(const GroupSequentialPlan& plan, std::size_t look) {
  if (plan.futility.family == FutilityFamily::beta_table) return plan.futility.cumulative_beta[look];
  return spent(plan.futility.spending, plan.beta, plan.information_fractions[look], 1);
}

// The futility bound f with P(still going, |Z| < f or Z < f) = probability under the drift already in
// `before`'s shift.
double futility_bound(const SubDensity& before, double information, double probability, int sides,
                      double mean) {
  if (sides == 1) return exit_bound(before, information, probability, false) + mean;
  if (!(probability > 0.0)) return 0.0;
  if (probability >= before.mass()) return infinity;
  return bracketed_root(
      [&](double f) {
        return before.probability(information, {-f - mean, f - mean}) - probability;
      },
      0.0, 38.0, 1e-13);
}

struct BetaSpendingBounds {
  std::vector<double> critical, futility,
      beta_spent;       // futility has one value per look; the last should meet critical
  double excess = 0.0;  // last futility bound minus last critical value
};

// One pass over the looks at a given drift. `critical` is given when futility is not binding.
// `cumulative_beta` is what may be spent look by look; a two-sided design has no inner region while that is
// zero.
BetaSpendingBounds beta_spending_pass(const GroupSequentialPlan& plan, const std::vector<double>& critical,
                                      double drift, const std::vector<double>& cumulative_beta) {
  const auto& t = plan.information_fractions;
  BetaSpendingBounds bounds;
  SubDensity null, alternative;
  double beta_so_far = 0.0;
  for (std::size_t k = 0; k < t.size(); ++k) {
    const double mean = drift * std::sqrt(t[k]);
    const double c = plan.futility.binding ? spending_critical_value(plan, null, k) : critical[k];
    const double wanted = cumulative_beta[k] - beta_so_far;
    double f = no_futility(plan.sides);
    if (plan.sides == 1 || wanted > 0.0) {
      f = futility_bound(alternative, t[k], wanted, plan.sides, mean);
      const double reached = std::min(f, c);
      const double low = plan.sides == 1 ? -infinity : -reached - mean;
      beta_so_far += alternative.probability(t[k], {low, reached - mean});
    }
    bounds.critical.push_back(c);
    bounds.futility.push_back(f);
    bounds.beta_spent.push_back(beta_so_far);
    bounds.excess = f - c;
    if (k + 1 == t.size()) break;
    if (f >= c) {  // nothing left to continue with: far too much drift
      bounds.excess += 50.0;
      break;
    }
    if (plan.futility.binding)
      null = null.continued(t[k], continuation(plan.sides, c, f, 0.0).span(), t[k + 1]);
    alternative = alternative.continued(t[k], continuation(plan.sides, c, f, mean).span(), t[k + 1]);
  }
  return bounds;
}

BetaSpendingBounds solve_beta_spending(const GroupSequentialPlan& plan, const std::vector<double>& critical,
                                       const std::vector<double>& cumulative_beta) {
  // The excess grows with the drift: too small a drift and beta is not used up before the last critical
  // value.
  const auto excess = [&](double drift) {
    const double e = beta_spending_pass(plan, critical, drift, cumulative_beta).excess;
    return std::isinf(e) ? std::copysign(50.0, e) : e;
  };
  const double drift = bracketed_root(excess, 0.0, 15.0, 1e-12);
  BetaSpendingBounds bounds = beta_spending_pass(plan, critical, drift, cumulative_beta);
  return bounds;
}

// ---- checks
// ----------------------------------------------------------------------------------------------------------

constexpr std::size_t most_looks = 1000;
constexpr double closest_looks = 1e-6;  // nodes go with the square root of its inverse

Error out_of_range(std::string message) { return {ErrorKind::out_of_range, std::move(message)}; }

std::optional<Error> fault(const GroupSequentialPlan& plan) {
  const auto& t = plan.information_fractions;
  if (t.empty()) return out_of_range("information fractions: at least one look is needed");
  if (t.size() > most_looks) return out_of_range("information fractions: more looks than can be meant");
  for (std::size_t k = 0; k < t.size(); ++k) {
    const double earlier = k == 0 ? 0.0 : t[k - 1];
    if (!(t[k] > earlier + closest_looks) || t[k] > 1.0 + 1e-9) {
      return out_of_range("information fractions: must increase (by more than 1e-6), above 0 and up to 1");
    }
  }
  if (!(plan.alpha > 0.0 && plan.alpha < 1.0)) return out_of_range("alpha: must lie between 0 and 1");
  if (!(plan.beta > 0.0 && plan.beta < 1.0 - plan.alpha))
    return out_of_range("beta: must lie between 0 and 1 - alpha");
  if (plan.sides != 1 && plan.sides != 2) return out_of_range("sides: 1 or 2");
  if (plan.efficacy.family == EfficacyFamily::alpha_table &&
      plan.efficacy.cumulative_alpha.size() != t.size()) {
    return out_of_range("cumulative alpha: one value per look is needed");
  }
  const bool spends_alpha = is_spending(plan.efficacy.family);
  switch (plan.futility.family) {
    case FutilityFamily::none:
      break;
    case FutilityFamily::fixed_bounds:
      if (plan.sides == 2)
        return Error{ErrorKind::unsupported, "fixed futility bounds: only for one-sided designs"};
      if (plan.futility.bounds.size() + 1 != t.size()) {
        return out_of_range("futility bounds: one value per interim look is needed");
      }
      break;
    case FutilityFamily::beta_table:
      if (plan.futility.cumulative_beta.size() != t.size()) {
        return out_of_range("cumulative beta: one value per look is needed");
      }
      [[fallthrough]];
    case FutilityFamily::beta_spending:
      if (!spends_alpha) {
        return Error{ErrorKind::unsupported, "beta spending: needs an alpha spending boundary"};
      }
  }
  return std::nullopt;
}

bool spends_beta(const GroupSequentialPlan& plan) {
  return plan.futility.family == FutilityFamily::beta_spending ||
         plan.futility.family == FutilityFamily::beta_table;
}

// What beta may be spent by each look. Two-sided designs have an inner region only from the look on at which
// the one-sided design at half the level has a positive bound: before that, stopping near Z = 0 would give up
// trials that might still turn. What the earlier looks may not spend is taken off the whole function, which
// is stretched to reach beta again.
std::vector<double> beta_by_look(const GroupSequentialPlan& plan) {
  const std::size_t looks = plan.information_fractions.size();
  std::vector<double> beta;
  for (std::size_t k = 0; k < looks; ++k) beta.push_back(beta_allowed(plan, k));
  if (plan.sides == 1) return beta;
  GroupSequentialPlan half = plan;
  half.sides = 1;
  half.alpha = plan.alpha / 2.0;
  for (double& a : half.efficacy.cumulative_alpha) a /= 2.0;
  const auto one_sided = group_sequential_design(half);
  if (!one_sided) return beta;
  std::size_t first = 0;
  while (first + 1 < looks && !(one_sided->futility_bounds[first] > 0.0)) ++first;
  if (first == 0) return beta;
  const double unspent = beta[first - 1], whole = beta.back();
  for (std::size_t k = 0; k < looks; ++k)
    beta[k] = k < first ? 0.0 : (beta[k] - unspent) / (whole - unspent) * whole;
  return beta;
}

}  // namespace

std::vector<double> critical_values_whatever_futility(const GroupSequentialPlan& plan) {
  const std::size_t looks = plan.information_fractions.size();
  std::vector<double> futility(looks, no_futility(plan.sides));
  if (plan.futility.binding && plan.futility.family == FutilityFamily::fixed_bounds) {
    std::copy(plan.futility.bounds.begin(), plan.futility.bounds.end(), futility.begin());
  }
  return critical_values(plan, futility);
}

Result<GroupSequentialDesign> group_sequential_design(const GroupSequentialPlan& plan) {
  if (auto error = fault(plan)) return *error;
  const std::size_t looks = plan.information_fractions.size();
  GroupSequentialDesign design{
      .plan = plan, .critical_values = {}, .futility_bounds = {}, .alpha_spent = {}, .beta_spent = {}};
  if (looks == 1) {
    design.critical_values = {normal_upper_quantile(plan.alpha / plan.sides)};
    design.alpha_spent = {plan.alpha};
    return design;
  }
  std::vector<double> futility(looks, no_futility(plan.sides));
  const std::vector<double> without = futility;
  if (plan.futility.family == FutilityFamily::fixed_bounds) {
    std::copy(plan.futility.bounds.begin(), plan.futility.bounds.end(), futility.begin());
  }
  const bool binding = plan.futility.binding;
  if (spends_beta(plan)) {
    const std::vector<double> critical = binding ? std::vector<double>{} : critical_values(plan, without);
    BetaSpendingBounds bounds = solve_beta_spending(plan, critical, beta_by_look(plan));
    if (bounds.critical.size() != looks || !(std::fabs(bounds.excess) < 1e-6)) {
      return Error{ErrorKind::conflict, "beta spending: no drift gives this power with these boundaries"};
    }
    design.critical_values = bounds.critical;
    futility = bounds.futility;
    futility.back() = no_futility(plan.sides);
    design.beta_spent = bounds.beta_spent;
  } else {
    design.critical_values = critical_values(plan, binding ? futility : without);
  }
  design.alpha_spent = cumulative_alpha(plan, design.critical_values, binding ? futility : without);
  if (plan.futility.family != FutilityFamily::none) {
    design.futility_bounds.assign(futility.begin(), futility.end() - 1);
    for (std::size_t k = 0; k + 1 < looks; ++k) {
      if (design.futility_bounds[k] >= design.critical_values[k]) {
        return Error{ErrorKind::conflict, "futility bounds: not below the critical value of the same look"};
      }
    }
  } else {
    design.futility_bounds.assign(looks - 1, no_futility(plan.sides));
  }
  return design;
}

OperatingCharacteristics operating_characteristics(const GroupSequentialDesign& design, double drift) {
  const auto& t = design.plan.information_fractions;
  const int sides = design.plan.sides;
  OperatingCharacteristics result;
  SubDensity now;
  for (std::size_t k = 0; k < t.size(); ++k) {
    const double mean = drift * std::sqrt(t[k]);
    const double c = design.critical_values[k];
    const bool last = k + 1 == t.size();
    const double f = last ? no_futility(sides) : design.futility_bounds[k];
    result.reject_upper.push_back(now.probability(t[k], {c - mean, infinity}));
    result.reject_lower.push_back(sides == 2 ? now.probability(t[k], {-infinity, -c - mean}) : 0.0);
    result.stop_futility.push_back(
        last ? 0.0 : now.probability(t[k], {sides == 2 ? -f - mean : -infinity, f - mean}));
    if (!last) now = now.continued(t[k], continuation(sides, c, f, mean).span(), t[k + 1]);
  }
  return result;
}

double OperatingCharacteristics::power(const GroupSequentialDesign& design) const {
  double total = 0.0;
  for (std::size_t k = 0; k < reject_upper.size(); ++k) {
    total += reject_upper[k] + (design.plan.two_sided_power ? reject_lower[k] : 0.0);
  }
  return total;
}

double OperatingCharacteristics::expected_fraction(const GroupSequentialDesign& design) const {
  const auto& t = design.plan.information_fractions;
  double fraction = t.back();
  for (std::size_t k = 0; k + 1 < t.size(); ++k) fraction -= stop_at(k) * (t.back() - t[k]);
  return fraction;
}

double fixed_shift(double alpha, double beta, int sides, bool two_sided_power) {
  const double critical = normal_upper_quantile(alpha / sides);
  const double drift = critical + normal_upper_quantile(beta);
  if (sides == 1 || !two_sided_power) return drift * drift;
  const double exact = bracketed_root(
      [&](double d) { return normal_upper_tail(critical - d) + normal_cdf(-critical - d) - (1.0 - beta); },
      0.0, drift);
  return exact * exact;
}

Result<DesignCharacteristics> design_characteristics(const GroupSequentialDesign& design) {
  const auto& plan = design.plan;
  DesignCharacteristics result;
  result.fixed_shift = fixed_shift(plan.alpha, plan.beta, plan.sides, plan.two_sided_power);
  if (plan.information_fractions.size() == 1) {
    result.shift = result.fixed_shift;
    result.cumulative_power = {1.0 - plan.beta};
    result.reject_per_look = {1.0 - plan.beta};
    return result;
  }
  const auto missing_power = [&](double drift) {
    return operating_characteristics(design, drift).power(design) - (1.0 - plan.beta);
  };
  const double most = 6.0 * std::sqrt(result.fixed_shift) + 6.0;
  if (missing_power(most) < 0.0) {
    return Error{ErrorKind::conflict, "power: no effect reaches it with these futility bounds"};
  }
  const double drift = bracketed_root(missing_power, 0.0, most, 1e-13);
  result.shift = drift * drift;
  result.inflation_factor = result.shift / result.fixed_shift;
  const auto h1 = operating_characteristics(design, drift);
  result.expected_size_h1 = result.inflation_factor * h1.expected_fraction(design);
  result.expected_size_h01 =
      result.inflation_factor * operating_characteristics(design, drift / 2.0).expected_fraction(design);
  result.expected_size_h0 =
      result.inflation_factor * operating_characteristics(design, 0.0).expected_fraction(design);
  double total = 0.0;
  for (std::size_t k = 0; k < plan.information_fractions.size(); ++k) {
    result.reject_per_look.push_back(h1.reject_upper[k] + (plan.two_sided_power ? h1.reject_lower[k] : 0.0));
    result.cumulative_power.push_back(total += result.reject_per_look.back());
    if (k + 1 < plan.information_fractions.size()) result.futility_per_look.push_back(h1.stop_futility[k]);
  }
  return result;
}

}  // namespace graftline::stats
