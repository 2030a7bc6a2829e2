#include "sim/trial_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace graftline::sim {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();
// A patient's own numbers for the trial, apart from those of the course and of measurements.
constexpr std::uint64_t trial_area = std::uint64_t{1} << 62U;
enum Slot : std::uint64_t { entry_slot = 0, lost_slot = 1, crossing_slots = 16, factor_slots = 64 };

trial::AllocationRule rule_of(const TrialPlan& plan) {
  const int n0 = static_cast<int>(plan.arms[0].patients);
  const int n1 = static_cast<int>(plan.arms[1].patients);
  const int unit = std::gcd(n0, n1);
  const std::vector<int> ratio{n0 / unit, n1 / unit};
  using enum TrialPlan::Randomisation;
  if (plan.randomisation == coin) return trial::BiasedCoin{ratio, plan.towards_balance, 0};
  if (plan.randomisation == minimisation)
    return trial::Minimisation{ratio, {}, trial::ImbalanceMeasure::range, plan.towards_balance};
  trial::PermutedBlocks permuted{ratio, {}};
  for (const int size : plan.block_sizes) permuted.repeats.push_back(size / (ratio[0] + ratio[1]));
  if (permuted.repeats.empty()) permuted.repeats = {1};
  return permuted;
}

}  // namespace

TrialDraw::TrialDraw(const Model& model, const TrialPlan& plan, const std::array<Treatment, 2>& treatments)
    : model_(model),
      plan_(plan),
      treatments_(treatments),
      histories_{History(*treatments[0].process), History(*treatments[1].process)},
      rule_(rule_of(plan)) {
  const std::size_t fixed = 2 * plan.endpoints.size() + plan.counts.size() + plan.safety.size();
  for (std::size_t arm = 0; arm < 2; ++arm) {
    std::vector<std::size_t> stops;
    for (std::size_t i = 0; i < plan.crossovers.size(); ++i) {
      if (plan.crossovers[i].from != arm) continue;
      crossings_[arm].push_back(i);
      stops.push_back(fixed + i);
    }
    histories_[arm].watch(questions(*treatments[arm].process));
    histories_[arm].stop_at(std::move(stops));
    if (treatments[arm].by_protocol == nullptr) continue;
    bedside_[arm] = *treatments[arm].by_protocol;
    bedside_[arm]->questions = questions(*treatments[arm].process);
  }
}

std::vector<Expression> TrialDraw::questions(const Process& process) const {
  std::vector<Expression> all;
  Expression never_holds;
  never_holds.nodes.emplace_back();
  for (const auto& endpoint : plan_.endpoints) {
    all.push_back(process.instantiate(endpoint.event));
    all.push_back(endpoint.competing.empty() ? never_holds : process.instantiate(endpoint.competing));
  }
  for (const auto& count : plan_.counts) all.push_back(process.instantiate(count.event));
  for (const auto& safety : plan_.safety) all.push_back(process.instantiate(safety.harm));
  for (const auto& crossover : plan_.crossovers) all.push_back(process.instantiate(crossover.when));
  return all;
}

int TrialDraw::day(double time) const {
  constexpr double rounding = 1e-9;
  constexpr double latest = 1e9;
  return static_cast<int>(std::ceil(std::min(time * model_.days_per_unit, latest) - rounding));
}

std::optional<Error> TrialDraw::by_policies(std::size_t arm, RandomKey key, double until,
                                            PatientCourse& course) {
  const std::size_t fixed = 2 * plan_.endpoints.size() + plan_.counts.size() + plan_.safety.size();
  History* history = &histories_[arm];
  history->begin(key);
  std::uint32_t asked = 0;  // rules whose moment has come, as bits
  while (!history->problem()) {
    if (!course.crossed_over) {
      for (const std::size_t rule : crossings_[arm]) {
        const std::uint32_t bit = std::uint32_t{1} << rule;
        if ((asked & bit) != 0 || history->first_true(fixed + rule) > history->patient().time) continue;
        asked |= bit;
        if (random_unit(key, trial_area + crossing_slots + rule) >= plan_.crossovers[rule].probability)
          continue;
        histories_[1 - arm].continue_from(*history);
        history = &histories_[1 - arm];
        course.crossed_over = true;
        break;
      }
    }
    if (history->patient().time >= until) break;
    history->run_until(until);
  }
  if (history->problem()) return history->problem();
  for (std::size_t i = 0; i < plan_.endpoints.size(); ++i) {
    course.event.push_back(history->first_true(2 * i));
    course.competing.push_back(history->first_true(2 * i + 1));
  }
  const std::size_t counts = 2 * plan_.endpoints.size();
  for (std::size_t i = 0; i < plan_.counts.size(); ++i)
    course.counted.push_back(history->first_true(counts + i));
  for (std::size_t i = 0; i < plan_.safety.size(); ++i)
    course.harmed.push_back(history->first_true(counts + plan_.counts.size() + i));
  course.given.assign(history->given().begin(), history->given().end());
  return std::nullopt;
}

std::optional<Error> TrialDraw::patient(std::size_t arm, RandomKey key, double until, PatientCourse& course) {
  course.event.clear();
  course.competing.clear();
  course.counted.clear();
  course.harmed.clear();
  course.given.clear();
  course.crossed_over = false;
  if (!bedside_[arm]) return by_policies(arm, key, until, course);
  BedsidePlan& plan = *bedside_[arm];
  plan.followed = until;
  auto lived = bedside(*treatments_[arm].process, plan, key);
  if (!lived) return lived.error();
  std::size_t at = 0;
  for (std::size_t i = 0; i < plan_.endpoints.size(); ++i) {
    course.event.push_back(lived->first_true[at++]);
    course.competing.push_back(lived->first_true[at++]);
  }
  for (std::size_t i = 0; i < plan_.counts.size(); ++i) course.counted.push_back(lived->first_true[at++]);
  for (std::size_t i = 0; i < plan_.safety.size(); ++i) course.harmed.push_back(lived->first_true[at++]);
  course.given = std::move(lived->given);
  return std::nullopt;
}

// The patient's level of each factor.
trial::Levels TrialDraw::levels(RandomKey key) {
  trial::Levels found;
  bool has_begun = false;
  for (std::size_t i = 0; i < plan_.factors.size(); ++i) {
    const TrialPlan::Factor& factor = plan_.factors[i];
    std::size_t level = 0;
    if (factor.state) {
      // Covariates are drawn first and are the same in every arm.
      if (!has_begun) histories_[0].begin(key);
      has_begun = true;
      level = histories_[0].patient().state[*factor.state];
    } else {
      double left = random_unit(key, trial_area + factor_slots + i);
      while (level + 1 < factor.share.size() && left >= factor.share[level]) left -= factor.share[level++];
    }
    found.push_back(factor.levels[level]);
  }
  return found;
}

std::optional<Error> TrialDraw::allocate(std::uint64_t seed, std::uint32_t replicate, TrialData& data) {
  const bool in_turn = plan_.randomisation == TrialPlan::Randomisation::in_turn;
  std::array<std::uint32_t, 2> left{plan_.arms[0].patients, plan_.arms[1].patients};
  std::optional<trial::AllocationSequence> sequence;
  if (!in_turn) {
    auto sealed = trial::SealedSeed::from_secret(fmt::format("simulated trial {} {}", seed, replicate));
    if (!sealed) return sealed.error();
    sequence.emplace(rule_, std::move(*sealed));
  }
  for (std::uint32_t p = 0; p < patients(); ++p) {
    const trial::Levels here =
        plan_.factors.empty() ? trial::Levels{} : levels({seed, stream_of(replicate, p)});
    if (!here.empty()) {
      const std::string name = fmt::format("{}", fmt::join(here, ", "));
      const auto at = std::ranges::find(data.strata, name);
      data.stratum.push_back(static_cast<int>(at - data.strata.begin()));
      if (at == data.strata.end()) data.strata.push_back(name);
    } else {
      data.stratum.push_back(0);
    }
    std::size_t arm = p % 2;
    if (in_turn) {
      if (left[arm] == 0) arm = 1 - arm;
      --left[arm];
    } else {
      const auto next = sequence->next(here);
      if (!next) return next.error();
      arm = static_cast<std::size_t>(*next);
    }
    data.arm.push_back(static_cast<int>(arm));
  }
  return std::nullopt;
}

std::optional<Error> TrialDraw::trial(std::uint64_t seed, std::uint32_t replicate, TrialData& data) {
  for (auto* column : {&data.arm, &data.stratum, &data.entry_day, &data.followed}) column->clear();
  data.is_lost.clear();
  data.crossed_over.clear();
  data.given.clear();
  data.strata.clear();
  const auto clear = [](std::vector<std::vector<int>>& columns, std::size_t n) {
    columns.resize(n);
    for (auto& column : columns) column.clear();
  };
  clear(data.event, plan_.endpoints.size());
  clear(data.competing, plan_.endpoints.size());
  clear(data.counted, plan_.counts.size());
  clear(data.harmed, plan_.safety.size());
  if (auto problem = allocate(seed, replicate, data)) return problem;
  // Who enters is patient 0, 1, ... in the order of the days of entry.
  entry_.clear();
  for (std::uint32_t p = 0; p < patients(); ++p)
    entry_.push_back(plan_.accrual * random_unit({seed, stream_of(replicate, p)}, trial_area + entry_slot));
  std::ranges::sort(entry_);
  for (std::uint32_t p = 0; p < patients(); ++p) {
    const RandomKey key{seed, stream_of(replicate, p)};
    double until = plan_.each ? plan_.followed : plan_.followed + plan_.accrual - entry_[p];
    bool is_lost = false;
    if (plan_.dropout > 0.0) {
      const double lost = -std::log(random_unit(key, trial_area + lost_slot)) / plan_.dropout;
      is_lost = lost < until;
      until = std::min(until, lost);
    }
    const auto arm = static_cast<std::size_t>(data.arm[p]);
    if (auto problem = patient(arm, key, until, course_)) return problem;
    const int followed = day(until);
    const auto on_day = [&](double time) { return time == never || time > until ? never_day : day(time); };
    data.entry_day.push_back(day(entry_[p]));
    data.followed.push_back(followed);
    data.is_lost.push_back(is_lost ? 1 : 0);
    data.crossed_over.push_back(course_.crossed_over ? 1 : 0);
    for (std::size_t i = 0; i < plan_.endpoints.size(); ++i) {
      data.event[i].push_back(on_day(course_.event[i]));
      data.competing[i].push_back(on_day(course_.competing[i]));
    }
    for (std::size_t i = 0; i < plan_.counts.size(); ++i)
      data.counted[i].push_back(on_day(course_.counted[i]));
    for (std::size_t i = 0; i < plan_.safety.size(); ++i) data.harmed[i].push_back(on_day(course_.harmed[i]));
    for (const Given& one : course_.given) {
      if (one.time <= until) data.given.push_back({static_cast<int>(p), day(one.time), one.dose});
    }
  }
  return std::nullopt;
}

}  // namespace graftline::sim
