#include "sim/model_trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "sim/history.h"
#include "sim/parallel.h"
#include "stats/cumulative_incidence.h"
#include "stats/event_table.h"
#include "stats/gray.h"
#include "stats/logrank.h"
#include "stats/normal.h"

namespace graftline::sim {
namespace {

constexpr std::uint32_t trials_per_chunk = 16;

struct Sum {
  double sum = 0.0, squares = 0.0;
  void add(double x) {
    sum += x;
    squares += x * x;
  }
  void add(const Sum& other) {
    sum += other.sum;
    squares += other.squares;
  }
  MonteCarlo over(double n) const {
    const double mean = n > 0.0 ? sum / n : 0.0;
    return {mean, n > 0.0 ? std::sqrt(std::max(0.0, squares / n - mean * mean) / n) : 0.0};
  }
};

struct EndpointSums {
  std::array<Sum, 2> incidence;
  Sum events, log_rank, gray, difference;
};
struct Sums {
  std::vector<EndpointSums> endpoints;
  std::array<Sum, 2> infusions, cells;
  std::optional<Error> problem;
};

// One endpoint of one trial, as columns.
struct Column {
  std::vector<double> time;
  std::vector<int> status;
};

double incidence_at_end(const stats::CumulativeIncidence& curve, double& variance) {
  variance = 0.0;
  if (curve.causes.empty() || curve.causes[0].incidence.empty()) return 0.0;
  const double se = curve.causes[0].standard_error.back();
  variance = std::isfinite(se) ? se * se : 0.0;
  return curve.causes[0].incidence.back();
}

class Worker {
 public:
  Worker(const TrialPlan& trial, const std::array<const Process*, 2>& processes)
      : trial_(trial), histories_{History(*processes[0]), History(*processes[1])} {
    for (std::size_t arm = 0; arm < 2; ++arm) {
      std::vector<Expression> questions;
      for (const auto& endpoint : trial.endpoints) {
        questions.push_back(processes[arm]->instantiate(endpoint.event));
        // Without a competing event the second question never holds.
        Expression never_holds;
        never_holds.nodes.emplace_back();
        questions.push_back(endpoint.competing.empty() ? never_holds
                                                       : processes[arm]->instantiate(endpoint.competing));
      }
      histories_[arm].watch(std::move(questions));
    }
    columns_.resize(trial.endpoints.size());
  }

  void run(std::uint64_t seed, std::uint32_t replicate, Sums& sums) {
    draw(seed, replicate, sums);
    for (std::size_t i = 0; i < columns_.size() && !sums.problem; ++i)
      analyse(columns_[i], trial_.endpoints[i], sums.endpoints[i], sums);
  }

 private:
  void draw(std::uint64_t seed, std::uint32_t replicate, Sums& sums) {
    group_.clear();
    for (Column& column : columns_) {
      column.time.clear();
      column.status.clear();
    }
    std::array<std::uint32_t, 2> left{trial_.arms[0].patients, trial_.arms[1].patients};
    std::array<double, 2> infusions{};
    std::array<double, 2> cells{};
    const std::uint32_t n = left[0] + left[1];
    constexpr std::uint64_t entry_draw = std::uint64_t{1} << 62U;
    for (std::uint32_t patient = 0; patient < n; ++patient) {
      std::size_t arm = patient % 2;
      if (left[arm] == 0) arm = 1 - arm;
      --left[arm];
      const RandomKey key{seed, stream_of(replicate, patient)};
      const double entry = trial_.accrual * random_unit(key, entry_draw);
      const double followed = trial_.each ? trial_.followed : trial_.followed + trial_.accrual - entry;
      History& history = histories_[arm];
      history.begin(key);
      history.run_until(followed);
      if (history.problem()) {
        sums.problem = history.problem();
        return;
      }
      infusions[arm] += history.patient().infusions;
      cells[arm] += history.patient().dose * history.patient().infusions;
      group_.push_back(static_cast<int>(arm));
      for (std::size_t i = 0; i < columns_.size(); ++i) {
        const double event = history.first_true(2 * i);
        const double competing = history.first_true(2 * i + 1);
        const double first = std::min(event, competing);
        columns_[i].time.push_back(std::min(first, followed));
        columns_[i].status.push_back(first > followed ? 0 : event <= competing ? 1 : 2);
      }
    }
    for (std::size_t arm = 0; arm < 2; ++arm) {
      sums.infusions[arm].add(infusions[arm] / trial_.arms[arm].patients);
      sums.cells[arm].add(cells[arm] / trial_.arms[arm].patients);
    }
  }

  void analyse(const Column& column, const TrialPlan::Endpoint& endpoint, EndpointSums& into, Sums& sums) {
    only_event_ = column.status;
    for (int& status : only_event_) status = status == 1 ? 1 : 0;
    const auto tested =
        stats::logrank(stats::RealFollowUp{.time = column.time, .status = only_event_, .group = group_});
    if (!tested) {
      sums.problem = tested.error();
      return;
    }
    into.events.add(tested->observed[0] + tested->observed[1]);
    into.log_rank.add(tested->test.p <= trial_.alpha ? 1.0 : 0.0);
    const auto curves = stats::cumulative_incidence(
        stats::RealFollowUp{.time = column.time, .status = column.status, .group = group_},
        {.variance = stats::IncidenceVariance::greenwood});
    if (!curves || curves->size() != 2) {
      sums.problem = curves ? Error{ErrorKind::conflict, "a trial has two arms"} : curves.error();
      return;
    }
    std::array<double, 2> variance{};
    std::array<double, 2> incidence{};
    for (std::size_t arm = 0; arm < 2; ++arm) {
      incidence[arm] = incidence_at_end((*curves)[arm], variance[arm]);
      into.incidence[arm].add(incidence[arm]);
    }
    const double se = std::sqrt(variance[0] + variance[1]);
    const double z = se > 0.0 ? std::abs(incidence[1] - incidence[0]) / se : 0.0;
    into.difference.add(z >= stats::normal_upper_quantile(trial_.alpha / 2.0) ? 1.0 : 0.0);
    if (endpoint.competing.empty()) return;
    if (std::ranges::find(column.status, 1) == column.status.end()) {
      into.gray.add(0.0);
      return;
    }
    const auto gray = stats::gray_test(
        stats::RealFollowUp{.time = column.time, .status = column.status, .group = group_}, 1);
    if (!gray) {
      sums.problem = gray.error();
      return;
    }
    into.gray.add(gray->test.p <= trial_.alpha ? 1.0 : 0.0);
  }

  const TrialPlan& trial_;
  std::array<History, 2> histories_;
  std::vector<Column> columns_;
  std::vector<int> group_;
  std::vector<int> only_event_;
};

}  // namespace

Result<TrialOutcome> simulate_trials(const Model& model, const TrialPlan& trial, const PlainPlan& plan) {
  if (plan.trials == 0) return Error{ErrorKind::out_of_range, "at least one trial has to be simulated"};
  if (plan.threads < 1 || plan.threads > 1024) return Error{ErrorKind::out_of_range, "1 to 1024 threads"};
  ensure(trial.arms.size() == 2, "a trial has two arms");
  std::vector<Process> compiled;
  for (const auto& arm : trial.arms) {
    auto process = compile(model, model.variants[arm.variant].name);
    if (!process) return process.error();
    compiled.push_back(std::move(*process));
  }
  const std::size_t chunks = (plan.trials + trials_per_chunk - 1) / trials_per_chunk;
  Sums empty;
  empty.endpoints.resize(trial.endpoints.size());
  std::vector<Sums> sums(chunks, empty);
  const auto n_workers = std::min(static_cast<std::size_t>(plan.threads), chunks);
  std::vector<Worker> workers;
  for (std::size_t i = 0; i < n_workers; ++i)
    workers.emplace_back(trial, std::array<const Process*, 2>{&compiled[0], &compiled[1]});
  for_each_chunk(chunks, static_cast<int>(n_workers), [&](std::size_t chunk, int worker) {
    const auto first = static_cast<std::uint32_t>(chunk) * trials_per_chunk;
    const std::uint32_t last = std::min(plan.trials, first + trials_per_chunk);
    for (std::uint32_t replicate = first; replicate < last && !sums[chunk].problem; ++replicate)
      workers[static_cast<std::size_t>(worker)].run(plan.seed, replicate, sums[chunk]);
  });
  Sums all = empty;
  for (const Sums& chunk : sums) {
    if (chunk.problem) return *chunk.problem;
    for (std::size_t arm = 0; arm < 2; ++arm) {
      all.infusions[arm].add(chunk.infusions[arm]);
      all.cells[arm].add(chunk.cells[arm]);
    }
    for (std::size_t i = 0; i < all.endpoints.size(); ++i) {
      const EndpointSums& from = chunk.endpoints[i];
      EndpointSums& to = all.endpoints[i];
      for (std::size_t arm = 0; arm < 2; ++arm) to.incidence[arm].add(from.incidence[arm]);
      to.events.add(from.events);
      to.log_rank.add(from.log_rank);
      to.gray.add(from.gray);
      to.difference.add(from.difference);
    }
  }
  const double n = plan.trials;
  TrialOutcome outcome;
  outcome.trials = plan.trials;
  for (std::size_t arm = 0; arm < 2; ++arm) {
    outcome.infusions[arm] = all.infusions[arm].over(n);
    outcome.cells[arm] = all.cells[arm].over(n);
  }
  for (std::size_t i = 0; i < all.endpoints.size(); ++i) {
    const EndpointSums& from = all.endpoints[i];
    outcome.endpoints.push_back({trial.endpoints[i].name,
                                 !trial.endpoints[i].competing.empty(),
                                 {from.incidence[0].over(n), from.incidence[1].over(n)},
                                 from.events.over(n),
                                 from.log_rank.over(n),
                                 from.gray.over(n),
                                 from.difference.over(n)});
  }
  return outcome;
}

}  // namespace graftline::sim
