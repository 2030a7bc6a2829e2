#include "sim/calibrate.h"

#include <algorithm>
#include <cmath>

#include "sim/history.h"
#include "sim/parallel.h"

namespace graftline::sim {
namespace {

constexpr std::uint32_t chunk_size = 2048;
constexpr std::uint32_t enough_patients = 100'000;

// A check with its expressions ready for one variant.
struct Asked {
  const Check* check = nullptr;
  std::size_t index = 0;
  Expression quantity;
  Expression given;
};

struct Moment {
  double time = 0.0;
  std::vector<std::pair<std::size_t, bool>>
      questions;  // which asked; true: its condition, false: its quantity
};

// What one chunk of patients adds. Sums are of counts, or of values put together in order.
struct Tally {
  std::uint64_t n = 0;
  double sum = 0.0;
  double squares = 0.0;
  std::vector<double> values;  // for medians
};

std::vector<Moment> moments_of(const std::vector<Asked>& asked) {
  std::vector<Moment> moments;
  const auto at = [&](double time) -> Moment& {
    const auto found = std::ranges::find(moments, time, &Moment::time);
    if (found != moments.end()) return *found;
    moments.push_back({time, {}});
    return moments.back();
  };
  for (std::size_t i = 0; i < asked.size(); ++i) {
    at(asked[i].check->given_at).questions.emplace_back(i, true);
    at(asked[i].check->at).questions.emplace_back(i, false);
  }
  std::ranges::sort(moments, {}, &Moment::time);
  return moments;
}

double median_of(std::vector<double>& values, double& standard_error) {
  std::ranges::sort(values);
  const auto n = static_cast<double>(values.size());
  const auto at = [&](double rank) {
    return values[static_cast<std::size_t>(std::clamp(rank, 0.0, n - 1.0))];
  };
  // Order statistics one standard error of the rank to either side.
  const double step = std::sqrt(n) / 2.0;
  standard_error = (at(n / 2.0 + step) - at(n / 2.0 - step)) / 2.0;
  return values.size() % 2 == 1 ? at((n - 1.0) / 2.0) : (at(n / 2.0 - 1.0) + at(n / 2.0)) / 2.0;
}

CheckOutcome outcome_of(const Check& check, std::vector<Tally>& tallies, std::uint32_t patients) {
  Tally all;
  for (Tally& tally : tallies) {
    all.n += tally.n;
    all.sum += tally.sum;
    all.squares += tally.squares;
    all.values.insert(all.values.end(), tally.values.begin(), tally.values.end());
  }
  CheckOutcome outcome;
  outcome.n = all.n;
  if (all.n == 0) {
    outcome.simulated = std::nan("");
    return outcome;
  }
  const auto n = static_cast<double>(all.n);
  if (check.form == Check::Form::median) {
    outcome.simulated = median_of(all.values, outcome.standard_error);
  } else {
    outcome.simulated = all.sum / n;
    const double variance = std::max(0.0, all.squares / n - outcome.simulated * outcome.simulated);
    outcome.standard_error = std::sqrt(variance / n);
  }
  const double allowed = check.tolerance + (patients < enough_patients ? 3.0 * outcome.standard_error : 0.0);
  outcome.passed = std::abs(outcome.simulated - check.target) <= allowed;
  return outcome;
}

class VariantRun {
 public:
  VariantRun(const Process& process, std::vector<Asked> asked, const CalibrationPlan& plan)
      : process_(process), asked_(std::move(asked)), plan_(plan), moments_(moments_of(asked_)) {}

  std::optional<Error> run() {
    const std::size_t chunks = (plan_.patients + chunk_size - 1) / chunk_size;
    tallies_.assign(chunks, std::vector<Tally>(asked_.size()));
    std::vector<std::optional<Error>> problems(chunks);
    std::vector<History> workers;
    for (int i = 0; i < plan_.threads; ++i) workers.emplace_back(process_);
    for_each_chunk(chunks, plan_.threads, [&](std::size_t chunk, int worker) {
      problems[chunk] = run_chunk(chunk, workers[static_cast<std::size_t>(worker)]);
    });
    for (const auto& problem : problems) {
      if (problem) return problem;
    }
    return std::nullopt;
  }

  CheckOutcome outcome(std::size_t i) {
    std::vector<Tally> mine;
    for (auto& chunk : tallies_) mine.push_back(std::move(chunk[i]));
    return outcome_of(*asked_[i].check, mine, plan_.patients);
  }
  const std::vector<Asked>& asked() const { return asked_; }

 private:
  std::optional<Error> run_chunk(std::size_t chunk, History& history) {
    const auto first = static_cast<std::uint32_t>(chunk) * chunk_size;
    const std::uint32_t last = std::min(plan_.patients, first + chunk_size);
    std::vector<char> is_given(asked_.size());
    std::vector<double> value(asked_.size());
    for (std::uint32_t patient = first; patient < last; ++patient) {
      history.begin({plan_.seed, stream_of(0, patient)});
      for (const Moment& moment : moments_) {
        history.run_until(moment.time);
        for (const auto& [i, is_condition] : moment.questions) {
          if (is_condition) {
            is_given[i] = holds(asked_[i].given, history.patient(), process_) ? 1 : 0;
          } else {
            value[i] = evaluate(asked_[i].quantity, history.patient(), process_);
          }
        }
      }
      if (history.problem()) return history.problem();
      for (std::size_t i = 0; i < asked_.size(); ++i) {
        if (is_given[i] == 0) continue;
        Tally& tally = tallies_[chunk][i];
        ++tally.n;
        tally.sum += value[i];
        tally.squares += value[i] * value[i];
        if (asked_[i].check->form == Check::Form::median) tally.values.push_back(value[i]);
      }
    }
    return std::nullopt;
  }

  const Process& process_;
  std::vector<Asked> asked_;
  const CalibrationPlan& plan_;
  std::vector<Moment> moments_;
  std::vector<std::vector<Tally>> tallies_;  // [chunk][asked]
};

}  // namespace

Result<std::vector<CheckOutcome>> calibrate(const Model& model, const CalibrationPlan& plan) {
  if (plan.patients == 0) return Error{ErrorKind::out_of_range, "at least one patient has to be simulated"};
  if (plan.threads < 1 || plan.threads > 1024) return Error{ErrorKind::out_of_range, "1 to 1024 threads"};
  std::vector<CheckOutcome> outcomes(model.checks.size());
  for (std::uint32_t variant = 0; variant < model.variants.size(); ++variant) {
    if (std::ranges::none_of(model.checks, [&](const Check& c) { return c.variant == variant; })) continue;
    const auto process = compile(model, model.variants[variant].name);
    if (!process) return process.error();
    std::vector<Asked> asked;
    for (std::size_t i = 0; i < model.checks.size(); ++i) {
      const Check& check = model.checks[i];
      if (check.variant != variant) continue;
      asked.push_back({&check, i, process->instantiate(check.quantity), process->instantiate(check.given)});
    }
    VariantRun run(*process, std::move(asked), plan);
    if (const auto problem = run.run()) return *problem;
    for (std::size_t i = 0; i < run.asked().size(); ++i) outcomes[run.asked()[i].index] = run.outcome(i);
  }
  return outcomes;
}

}  // namespace graftline::sim
