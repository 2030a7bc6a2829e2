#include "stats/interim_analysis.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "stats/gauss_legendre.h"
#include "stats/normal.h"
#include "stats/root.h"
#include "stats/sequential_recursion.h"

namespace graftline::stats {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Everything below looks in the direction of benefit: statistics and log hazard ratios carry that sign.
struct Looked {
  std::size_t looks = 0;          // done
  double sign = 1.0;              // of benefit on the log hazard ratio scale
  double root_information = 0.5;  // sqrt(r) / (1 + r): Z gains this much per log hazard ratio and root event
  std::vector<double> stage_events;  // of each stage alone
  std::vector<double> stage_z;
  std::vector<double> weight;     // sqrt of the planned information of each stage, all planned looks
  std::vector<double> statistic;  // cumulative, as the combination has it
  std::vector<double> gain;       // d statistic / d (log hazard ratio), one per look done
};

Result<Looked> look(const GroupSequentialDesign& design, const SurvivalInterimData& data) {
  const auto& t = design.plan.information_fractions;
  const auto bad = [](const char* message) { return Error{ErrorKind::out_of_range, message}; };
  if (data.cumulative_events.empty() || data.cumulative_events.size() != data.cumulative_z.size()) {
    return bad("looks: one number of events and one statistic each, at least one look");
  }
  if (data.cumulative_events.size() > t.size()) return bad("looks: more than the design has");
  if (!(data.allocation_ratio > 0.0)) return bad("allocation ratio: must be above 0");
  Looked seen;
  seen.looks = data.cumulative_events.size();
  seen.sign = data.benefit_is_higher_hazard_ratio ? 1.0 : -1.0;
  seen.root_information = std::sqrt(data.allocation_ratio) / (1.0 + data.allocation_ratio);
  double events = 0.0, score = 0.0, fraction = 0.0;
  for (double f : t) {
    seen.weight.push_back(std::sqrt(f - fraction));
    fraction = f;
  }
  double weighted = 0.0, weighted_gain = 0.0, squares = 0.0;
  for (std::size_t k = 0; k < seen.looks; ++k) {
    const double e = data.cumulative_events[k];
    if (!(e > events)) return bad("events: must increase from look to look");
    const double total = seen.sign * data.cumulative_z[k] * std::sqrt(e);
    seen.stage_events.push_back(e - events);
    seen.stage_z.push_back((total - score) / std::sqrt(e - events));
    events = e;
    score = total;
    weighted += seen.weight[k] * seen.stage_z[k];
    weighted_gain += seen.weight[k] * std::sqrt(seen.stage_events[k]);
    squares += seen.weight[k] * seen.weight[k];
    const bool combined = data.combination == Combination::inverse_normal;
    seen.statistic.push_back(combined ? weighted / std::sqrt(squares) : seen.sign * data.cumulative_z[k]);
    seen.gain.push_back(seen.root_information *
                        (combined ? weighted_gain / std::sqrt(squares) : std::sqrt(e)));
  }
  return seen;
}

double futility_at(const GroupSequentialDesign& design, std::size_t k) {
  return k < design.futility_bounds.size() ? design.futility_bounds[k] : -infinity;
}

LookAction action_at(const GroupSequentialDesign& design, std::size_t k, double z) {
  const bool last = k + 1 == design.critical_values.size();
  const bool rejects = (design.plan.sides == 2 ? std::fabs(z) : z) > design.critical_values[k];
  if (last) return rejects ? LookAction::reject : LookAction::accept;
  if (rejects) return LookAction::reject_and_stop;
  if (design.plan.sides == 1 && z < futility_at(design, k)) return LookAction::accept_and_stop;
  return LookAction::go_on;
}

// ---- repeated p-values and intervals
// ---------------------------------------------------------------------------------

Maybe repeated_p(const GroupSequentialDesign& design, std::size_t k, std::size_t looks, double z) {
  constexpr double lowest = 1e-6, highest = 0.5;
  const bool last_look_done = looks == design.critical_values.size();
  GroupSequentialPlan plan = design.plan;
  if (plan.efficacy.family == EfficacyFamily::haybittle_peto && k + 1 < design.critical_values.size()) {
    // The interim bound does not depend on the level, so there is nothing to search.
    if (last_look_done) return std::nullopt;
    return std::fabs(z) >= plan.efficacy.shape ? lowest : highest;
  }
  if (!plan.futility.binding) plan.futility = FutilityRule{};
  const double observed = plan.sides == 2 ? std::fabs(z) : z;
  const bool spends_beta = plan.futility.family == FutilityFamily::beta_spending ||
                           plan.futility.family == FutilityFamily::beta_table;
  const auto distance = [&](double level) {
    plan.alpha = level;
    for (std::size_t i = 0; i < plan.efficacy.cumulative_alpha.size(); ++i) {
      plan.efficacy.cumulative_alpha[i] =
          design.plan.efficacy.cumulative_alpha[i] * level / design.plan.alpha;
    }
    // No level lets a result in the wrong direction reject: a critical value counts as 0 at least.
    if (!spends_beta) return std::clamp(critical_values_whatever_futility(plan)[k], 0.0, 40.0) - observed;
    // At a level so high that futility and rejection meet, everything is rejected.
    const auto at_level = group_sequential_design(plan);
    return (at_level ? std::clamp(at_level->critical_values[k], 0.0, 40.0) : 0.0) - observed;
  };
  if (distance(highest) >= 0.0) return highest;
  if (distance(lowest) <= 0.0) return lowest;
  return bracketed_root(distance, lowest, highest, 1e-10);
}

void add_repeated_interval(const GroupSequentialDesign& design, const Looked& seen, std::size_t k,
                           InterimAnalysis& result) {
  const double critical = design.critical_values[k];
  if (!std::isfinite(critical)) {
    result.repeated_lower.emplace_back(std::nullopt);
    result.repeated_upper.emplace_back(std::nullopt);
    return;
  }
  double low = (seen.statistic[k] - critical) / seen.gain[k];
  const double high = (seen.statistic[k] + critical) / seen.gain[k];
  if (design.plan.futility.binding && design.plan.sides == 1) {
    for (std::size_t j = 0; j < k; ++j) {
      const double bound = futility_at(design, j);
      if (std::isfinite(bound)) low = std::min(low, (seen.statistic[j] - bound) / seen.gain[j]);
    }
  }
  const double a = std::exp(seen.sign * low), b = std::exp(seen.sign * high);
  result.repeated_lower.emplace_back(std::min(a, b));
  result.repeated_upper.emplace_back(std::max(a, b));
}

// ---- what is still to come
// -------------------------------------------------------------------------------------------

// The looks after `done` as a group-sequential trial of its own: Z* = (Z_j sqrt(t_j) - Z_k sqrt(t_k)) /
// sqrt(t_j - t_k).
struct Remaining {
  std::vector<double> information, lower, upper;
};
Remaining remaining(const GroupSequentialDesign& design, std::size_t done, double score_so_far,
                    bool with_futility, const std::vector<double>& mean) {
  const auto& t = design.plan.information_fractions;
  Remaining rest;
  const double so_far = t[done - 1];
  for (std::size_t j = done; j < t.size(); ++j) {
    const double root = std::sqrt(t[j] - so_far), scale = std::sqrt(t[j]) / root;
    const double moved = score_so_far / root + mean[j - done];
    const double critical = design.critical_values[j];
    const double bottom = design.plan.sides == 2 ? -critical
                          : with_futility        ? futility_at(design, j)
                                                 : -infinity;
    rest.information.push_back(t[j] - so_far);
    rest.upper.push_back(critical * scale - moved);
    rest.lower.push_back(bottom * scale - moved);
  }
  return rest;
}

struct Exits {
  std::vector<double> upper, lower;
};
Exits exits(const Remaining& rest) {
  Exits out;
  SubDensity now;
  for (std::size_t j = 0; j < rest.information.size(); ++j) {
    out.upper.push_back(now.probability(rest.information[j], {rest.upper[j], infinity}));
    out.lower.push_back(now.probability(rest.information[j], {-infinity, rest.lower[j]}));
    if (j + 1 < rest.information.size()) {
      const Interval inside{rest.lower[j], rest.upper[j]};
      now = now.continued(rest.information[j], {&inside, 1}, rest.information[j + 1]);
    }
  }
  return out;
}

double total(const std::vector<double>& parts) {
  double sum = 0.0;
  for (double p : parts) sum += p;
  return sum;
}

double conditional_rejection(const GroupSequentialDesign& design, const Looked& seen, std::size_t k) {
  const double score = seen.statistic[k] * std::sqrt(design.plan.information_fractions[k]);
  const std::vector<double> none(design.critical_values.size() - k - 1, 0.0);
  const Exits out = exits(remaining(design, k + 1, score, design.plan.futility.binding, none));
  return total(out.upper) + (design.plan.sides == 2 ? total(out.lower) : 0.0);
}

// ---- the trial that has ended
// ----------------------------------------------------------------------------------------

std::optional<std::size_t> ended_at(const GroupSequentialDesign& design, const Looked& seen) {
  const std::size_t planned = design.critical_values.size();
  for (std::size_t k = 0; k < seen.looks; ++k) {
    const double z = seen.statistic[k];
    if (z >= design.critical_values[k]) return k;
    if (design.plan.sides == 2 && z <= -design.critical_values[k]) return k;
    if (design.plan.futility.binding && k + 1 < planned && z <= futility_at(design, k)) return k;
  }
  if (seen.looks == planned) return planned - 1;
  return std::nullopt;
}

// P(a result at least as extreme in the stagewise ordering), when the log hazard ratio towards benefit is
// `effect`.
double stagewise_p(const GroupSequentialDesign& design, const Looked& seen, std::size_t last, double z,
                   double effect, bool grouped) {
  const auto& t = design.plan.information_fractions;
  SubDensity now;
  double p = 0.0;
  for (std::size_t k = 0; k <= last; ++k) {
    // A group-sequential trial is taken to have run at its planned fractions of the final information.
    const double mean = effect * (grouped ? seen.gain[last] * std::sqrt(t[k] / t[last]) : seen.gain[k]);
    const double bound = k == last ? z : design.critical_values[k];
    p += now.probability(t[k], {bound - mean, infinity});
    if (k == last) break;
    const double bottom =
        design.plan.futility.binding && design.plan.sides == 1 ? futility_at(design, k) - mean : -infinity;
    const Interval inside{bottom, bound - mean};
    now = now.continued(t[k], {&inside, 1}, t[k + 1]);
  }
  return p;
}

void add_final(const GroupSequentialDesign& design, const SurvivalInterimData& data, const Looked& seen,
               InterimAnalysis& result) {
  const auto last = ended_at(design, seen);
  if (!last) return;
  const bool grouped = data.combination == Combination::group_sequential;
  const double z = seen.statistic[*last];
  const auto p_at = [&](double effect) { return stagewise_p(design, seen, *last, z, effect, grouped); };
  result.final_look = static_cast<int>(*last) + 1;
  double p = p_at(0.0);
  if (design.plan.sides == 2) {
    p = 2.0 * std::min(p, stagewise_p(design, seen, *last, -z, 0.0, grouped));
  }
  result.final_p = p;
  const double tail = design.plan.alpha / design.plan.sides;
  const double widest = 40.0 / seen.gain[*last];  // in standard errors, beyond any data
  const auto effect_where = [&](double wanted) {
    return bracketed_root([&](double effect) { return p_at(effect) - wanted; }, -widest, widest, 1e-12);
  };
  const double a = std::exp(seen.sign * effect_where(tail)),
               b = std::exp(seen.sign * effect_where(1.0 - tail));
  result.final_lower = std::min(a, b);
  result.final_upper = std::max(a, b);
  result.median_unbiased = std::exp(seen.sign * effect_where(0.5));
}

Result<std::vector<double>> power_to_come(const GroupSequentialDesign& design, const Looked& seen,
                                          const std::vector<double>& planned_events, double effect) {
  const auto& t = design.plan.information_fractions;
  const std::size_t left = t.size() - seen.looks;
  if (planned_events.size() != left) {
    return Error{ErrorKind::out_of_range, "planned events: one number for each remaining look"};
  }
  // Stages still to come enter with their planned weights, each bringing its own events.
  double score = 0.0;
  for (std::size_t i = 0; i < seen.looks; ++i) score += seen.weight[i] * seen.stage_z[i];
  std::vector<double> mean;
  double gained = 0.0, squares = 0.0;
  for (std::size_t j = 0; j < left; ++j) {
    if (!(planned_events[j] > 0.0)) return Error{ErrorKind::out_of_range, "planned events: must be above 0"};
    const double w = seen.weight[seen.looks + j];
    gained += w * std::sqrt(planned_events[j]) * seen.root_information * effect;
    squares += w * w;
    mean.push_back(gained / std::sqrt(squares));
  }
  const Exits out = exits(remaining(design, seen.looks, score, true, mean));
  std::vector<double> power;
  double sum = 0.0;
  for (std::size_t j = 0; j < left; ++j) {
    sum += out.upper[j] + (design.plan.sides == 2 && design.plan.two_sided_power ? out.lower[j] : 0.0);
    power.push_back(sum);
  }
  return power;
}

}  // namespace

Result<InterimAnalysis> analyse_interim(const GroupSequentialDesign& design,
                                        const SurvivalInterimData& data) {
  const auto seen = look(design, data);
  if (!seen) return seen.error();
  InterimAnalysis result;
  result.statistic = seen->statistic;
  const std::size_t planned = design.critical_values.size();
  bool stopped_for_futility = false;
  for (std::size_t k = 0; k < seen->looks; ++k) {
    const double z = seen->statistic[k];
    result.action.push_back(action_at(design, k, z));
    result.repeated_p.push_back(repeated_p(design, k, seen->looks, z));
    add_repeated_interval(design, *seen, k, result);
    stopped_for_futility |= design.plan.futility.binding && k + 1 < planned && z <= futility_at(design, k);
    if (k + 1 == planned) {
      result.conditional_rejection_probability.emplace_back(stopped_for_futility ? Maybe(0.0) : std::nullopt);
    } else {
      result.conditional_rejection_probability.emplace_back(
          stopped_for_futility ? 0.0 : conditional_rejection(design, *seen, k));
    }
  }
  add_final(design, data, *seen, result);
  return result;
}

Result<std::vector<double>> conditional_power(const GroupSequentialDesign& design,
                                              const SurvivalInterimData& data,
                                              const std::vector<double>& planned_events,
                                              double hazard_ratio) {
  const auto seen = look(design, data);
  if (!seen) return seen.error();
  if (!(hazard_ratio > 0.0)) return Error{ErrorKind::out_of_range, "hazard ratio: must be above 0"};
  if (seen->looks == design.critical_values.size()) return std::vector<double>{};
  return power_to_come(design, *seen, planned_events, seen->sign * std::log(hazard_ratio));
}

Result<double> predictive_power(const GroupSequentialDesign& design, const SurvivalInterimData& data,
                                const std::vector<double>& planned_events, const LogHazardRatioPrior& prior) {
  const auto seen = look(design, data);
  if (!seen) return seen.error();
  if (seen->looks == design.critical_values.size()) {
    return Error{ErrorKind::conflict, "predictive power: no look remains"};
  }
  // log HR given the data is normal: the log-rank score has information r / (1 + r)^2 per event.
  const double information = data.cumulative_events.back() * seen->root_information * seen->root_information;
  const double estimate = seen->sign * data.cumulative_z.back() / std::sqrt(information);
  const double prior_precision = prior.sd > 0.0 ? 1.0 / (prior.sd * prior.sd) : 0.0;
  const double precision = information + prior_precision;
  const double mean = (information * estimate + prior_precision * seen->sign * prior.mean) / precision;
  const double sd = 1.0 / std::sqrt(precision);
  const auto& rule = gauss_legendre_16();
  constexpr int panels = 8;
  constexpr double reach = 8.0;
  double power = 0.0;
  for (int p = 0; p < panels; ++p) {
    for (std::size_t i = 0; i < rule.node.size(); ++i) {
      const double x = -reach + (2.0 * p + 1.0 + rule.node[i]) * reach / panels;
      const auto at = power_to_come(design, *seen, planned_events, mean + sd * x);
      if (!at) return at.error();
      power += rule.weight[i] * reach / panels * normal_density(x) * at->back();
    }
  }
  return power;
}

}  // namespace graftline::stats
