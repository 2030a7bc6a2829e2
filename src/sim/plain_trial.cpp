#include "sim/plain_trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include "core/keyed_random.h"
#include "sim/parallel.h"

namespace graftline::sim {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();
constexpr std::uint32_t trials_per_chunk = 256;

// Columns of one trial's patients, and the words that are sorted. Kept per worker and reused.
struct Columns {
  std::vector<double> entry, time;   // time: until the first thing that happens
  std::vector<std::uint8_t> status;  // what that is: 0 lost, 1 event of interest, 2 competing
  std::vector<std::uint8_t> arm;
  std::vector<double> calendar;  // of events of interest
  std::vector<std::uint64_t> words, sorted;
  std::vector<std::uint32_t> bucket, bucket_of;
  std::vector<double> inverse;  // inverse[k] = 1 / k

  explicit Columns(std::size_t n)
      : entry(n), time(n), status(n), arm(n), calendar(n), words(n), sorted(n), bucket_of(n), inverse(n + 1) {
    for (std::size_t k = 1; k <= n; ++k) inverse[k] = 1.0 / static_cast<double>(k);
  }
  std::size_t size() const { return entry.size(); }
};

void assign_arms(const PlainDesign& design, Columns& columns) {
  std::array<std::uint32_t, 2> left{design.arms[0].patients, design.arms[1].patients};
  for (std::size_t p = 0; p < columns.size(); ++p) {
    std::size_t arm = p % 2;
    if (left[arm] == 0) arm = 1 - arm;
    --left[arm];
    columns.arm[p] = static_cast<std::uint8_t>(arm);
  }
}

void draw_trial(const PlainDesign& design, std::uint64_t seed, std::uint32_t replicate, Columns& c) {
  const bool has_more = design.arms[0].competing_hazard > 0.0 || design.arms[1].competing_hazard > 0.0 ||
                        design.arms[0].dropout_hazard > 0.0 || design.arms[1].dropout_hazard > 0.0;
  std::array<double, 2> mean{};
  for (std::size_t arm = 0; arm < 2; ++arm)
    mean[arm] = design.arms[arm].hazard > 0.0 ? 1.0 / design.arms[arm].hazard : never;
  for (std::size_t p = 0; p < c.size(); ++p) {
    const auto words = random_block({seed, stream_of(replicate, static_cast<std::uint32_t>(p))}, 0);
    c.entry[p] = design.accrual * unit_interval(words[0]);
    c.time[p] = -std::log(unit_interval(words[1])) * mean[c.arm[p]];
    c.status[p] = 1;
  }
  if (!has_more) return;
  for (std::size_t p = 0; p < c.size(); ++p) {
    const PlainArm& arm = design.arms[c.arm[p]];
    const auto words = random_block({seed, stream_of(replicate, static_cast<std::uint32_t>(p))}, 1);
    if (arm.competing_hazard > 0.0) {
      const double competing = -std::log(unit_interval(words[0])) / arm.competing_hazard;
      if (competing < c.time[p]) {
        c.time[p] = competing;
        c.status[p] = 2;
      }
    }
    if (arm.dropout_hazard > 0.0) {
      const double dropout = -std::log(unit_interval(words[1])) / arm.dropout_hazard;
      if (dropout < c.time[p]) {
        c.time[p] = dropout;
        c.status[p] = 0;
      }
    }
  }
}

struct ScoreTest {
  double observed = 0.0;  // of arm 1
  double expected = 0.0;
  double variance = 0.0;
  double events = 0.0;
  double z() const { return variance > 0.0 ? (expected - observed) / std::sqrt(variance) : 0.0; }
};

// Times are positive, so their bits order as they do; the two lowest bits make room for arm and event.
// Buckets over the range, then insertion: a patient rarely moves far. Falls back to a general sort when the
// buckets fill unevenly.
void sort_words(Columns& c, std::size_t n, double longest) {
  std::size_t buckets = 64;
  while (buckets < n) buckets *= 2;
  buckets *= 2;
  c.bucket.assign(buckets, 0);
  const double scale = static_cast<double>(buckets - 1) / longest;  // a time rounded up stays inside
  for (std::size_t i = 0; i < n; ++i) {
    const auto at =
        static_cast<std::uint32_t>(static_cast<std::int32_t>(std::bit_cast<double>(c.words[i]) * scale));
    c.bucket_of[i] = at;
    ++c.bucket[at];
  }
  std::uint32_t fullest = 0;
  std::uint32_t before = 0;
  for (std::uint32_t& bucket : c.bucket) {
    const std::uint32_t count = bucket;
    fullest = std::max(fullest, count);
    bucket = before;
    before += count;
  }
  if (fullest > 40) {
    std::copy(c.words.begin(), c.words.begin() + static_cast<std::ptrdiff_t>(n), c.sorted.begin());
    std::sort(c.sorted.begin(), c.sorted.begin() + static_cast<std::ptrdiff_t>(n));
    return;
  }
  for (std::size_t i = 0; i < n; ++i) c.sorted[c.bucket[c.bucket_of[i]]++] = c.words[i];
  for (std::size_t i = 1; i < n; ++i) {
    const std::uint64_t word = c.sorted[i];
    std::size_t at = i;
    for (; at > 0 && c.sorted[at - 1] > word; --at) c.sorted[at] = c.sorted[at - 1];
    c.sorted[at] = word;
  }
}

// Log-rank test on what is known at calendar time `cut`. Times are continuous: ties do not occur but by the
// two bits given up, a relative 1e-15.
ScoreTest log_rank(Columns& c, double cut) {
  std::size_t n = 0;
  std::uint32_t in_arm_1 = 0;
  double longest = 0.0;
  // Without branches: whether a patient had entered, or had the event, cannot be foreseen.
  for (std::size_t p = 0; p < c.size(); ++p) {
    const double followed = cut - c.entry[p];
    const double time = std::min(c.time[p], followed);
    const auto is_event = static_cast<std::uint64_t>(static_cast<int>(c.time[p] <= followed) &
                                                     static_cast<int>(c.status[p] == 1));
    c.words[n] =
        (std::bit_cast<std::uint64_t>(time) & ~std::uint64_t{3}) | (std::uint64_t{c.arm[p]} << 1U) | is_event;
    const std::uint32_t has_entered = followed > 0.0 ? 1 : 0;
    n += has_entered;
    in_arm_1 += has_entered & c.arm[p];
    longest = std::max(longest, time);
  }
  ScoreTest test;
  if (n == 0) return test;
  sort_words(c, n, longest);
  std::uint32_t observed = 0;
  std::uint32_t events = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t word = c.sorted[i];
    const auto arm = static_cast<std::uint32_t>((word >> 1U) & 1U);
    const auto event = static_cast<std::uint32_t>(word & 1U);
    const double share = in_arm_1 * c.inverse[n - i];
    const double counts = event;
    test.expected += counts * share;
    test.variance += counts * share * (1.0 - share);
    observed += event & arm;
    events += event;
    in_arm_1 -= arm;
  }
  test.observed = observed;
  test.events = events;
  return test;
}

// The calendar times of all events of interest, in order. Gives their number.
std::size_t order_events(Columns& c, double end) {
  std::size_t n = 0;
  for (std::size_t p = 0; p < c.size(); ++p) {
    const double at = c.entry[p] + c.time[p];
    c.words[n] = std::bit_cast<std::uint64_t>(at);
    n += static_cast<std::size_t>(c.status[p] == 1) & static_cast<std::size_t>(at <= end);
  }
  if (n > 0) sort_words(c, n, end);
  for (std::size_t i = 0; i < n; ++i) c.calendar[i] = std::bit_cast<double>(c.sorted[i]);
  return n;
}

struct Sum {
  double sum = 0.0;
  double squares = 0.0;
  void add(double x) {
    sum += x;
    squares += x * x;
  }
  void add(const Sum& other) {
    sum += other.sum;
    squares += other.squares;
  }
  MonteCarlo over(double n) const {
    const double mean = sum / n;
    return {mean, std::sqrt(std::max(0.0, squares / n - mean * mean) / n)};
  }
};

struct Totals {
  Sum rejected, events, patients, duration, log_ratio, covered;
  std::vector<std::uint32_t> rejected_at, futile_at;
  std::uint32_t estimates = 0;

  void add(const Totals& other) {
    rejected.add(other.rejected);
    events.add(other.events);
    patients.add(other.patients);
    duration.add(other.duration);
    log_ratio.add(other.log_ratio);
    covered.add(other.covered);
    for (std::size_t i = 0; i < rejected_at.size(); ++i) {
      rejected_at[i] += other.rejected_at[i];
      futile_at[i] += other.futile_at[i];
    }
    estimates += other.estimates;
  }
};

void run_trial(const PlainDesign& design, double true_log_ratio, Columns& c, Totals& totals) {
  const double end = design.accrual + design.follow_up;
  const std::size_t seen = design.looks.front().events > 0 ? order_events(c, end) : 0;
  for (std::size_t look = 0; look < design.looks.size(); ++look) {
    const PlainLook& bounds = design.looks[look];
    // When so many events were seen; the end of the study when they never are.
    const double cut = bounds.events == 0 || bounds.events > seen ? end : c.calendar[bounds.events - 1];
    const ScoreTest test = log_rank(c, cut);
    const double z = test.z();
    const bool is_rejected = (design.sides == 2 ? std::abs(z) : z) >= bounds.efficacy;
    const bool is_last = look + 1 == design.looks.size();
    const bool is_futile = !is_rejected && !is_last && z <= bounds.futility;
    if (!is_rejected && !is_futile && !is_last) continue;
    totals.rejected.add(is_rejected ? 1.0 : 0.0);
    if (is_rejected) ++totals.rejected_at[look];
    if (is_futile) ++totals.futile_at[look];
    totals.events.add(test.events);
    double entered = 0.0;
    for (const double entry : c.entry) entered += entry < cut ? 1.0 : 0.0;
    totals.patients.add(entered);
    totals.duration.add(cut);
    if (test.variance > 0.0) {
      const double estimate = (test.observed - test.expected) / test.variance;
      totals.log_ratio.add(estimate);
      totals.covered.add(
          std::abs(estimate - true_log_ratio) <= 1.959963984540054 / std::sqrt(test.variance) ? 1.0 : 0.0);
      ++totals.estimates;
    }
    return;
  }
}

std::optional<Error> problem_of(const PlainDesign& design, const PlainPlan& plan) {
  const auto error = [](std::string why) { return Error{ErrorKind::out_of_range, std::move(why)}; };
  const auto is_time = [](double x) { return x >= 0.0 && std::isfinite(x); };
  constexpr std::uint64_t most_patients = 10'000'000;
  if (plan.trials == 0) return error("at least one trial has to be simulated");
  if (plan.threads < 1 || plan.threads > 1024) return error("1 to 1024 threads");
  for (const PlainArm& arm : design.arms) {
    if (arm.patients == 0) return error("each arm has at least one patient");
    if (!is_time(arm.hazard) || !is_time(arm.competing_hazard) || !is_time(arm.dropout_hazard))
      return error("a hazard is a number from 0 up");
  }
  if (std::uint64_t{design.arms[0].patients} + design.arms[1].patients > most_patients)
    return error(fmt::format("a trial has at most {} patients", most_patients));
  if (!is_time(design.accrual) || !is_time(design.follow_up) || design.accrual + design.follow_up <= 0.0)
    return error("accrual and follow-up are times from 0 up, and not both 0");
  if (design.sides != 1 && design.sides != 2) return error("a test has one or two sides");
  if (design.looks.empty()) return error("a trial has at least one analysis");
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < design.looks.size(); ++i) {
    const PlainLook& look = design.looks[i];
    const bool is_last = i + 1 == design.looks.size();
    if (std::isnan(look.efficacy) || std::isnan(look.futility))
      return error("the bounds of a look are numbers");
    if (look.events == 0 ? !is_last : look.events <= before)
      return error(
          "looks come at increasing numbers of events; only the last may come at the end of follow-up");
    before = look.events;
  }
  return std::nullopt;
}

}  // namespace

Result<PlainOutcome> simulate_plain_trials(const PlainDesign& design, const PlainPlan& plan) {
  if (auto problem = problem_of(design, plan)) return *problem;
  const std::size_t n = std::size_t{design.arms[0].patients} + design.arms[1].patients;
  const bool has_ratio = design.arms[0].hazard > 0.0 && design.arms[1].hazard > 0.0;
  const double true_log_ratio = has_ratio ? std::log(design.arms[1].hazard / design.arms[0].hazard) : 0.0;
  Totals empty;
  empty.rejected_at.assign(design.looks.size(), 0);
  empty.futile_at.assign(design.looks.size(), 0);
  const std::size_t chunks = (plan.trials + trials_per_chunk - 1) / trials_per_chunk;
  std::vector<Totals> totals(chunks, empty);
  std::vector<Columns> workers(
      static_cast<std::size_t>(std::min<std::size_t>(static_cast<std::size_t>(plan.threads), chunks)),
      Columns(n));
  for (Columns& columns : workers) assign_arms(design, columns);
  for_each_chunk(chunks, static_cast<int>(workers.size()), [&](std::size_t chunk, int worker) {
    Columns& columns = workers[static_cast<std::size_t>(worker)];
    const auto first = static_cast<std::uint32_t>(chunk) * trials_per_chunk;
    const std::uint32_t last = std::min(plan.trials, first + trials_per_chunk);
    for (std::uint32_t replicate = first; replicate < last; ++replicate) {
      draw_trial(design, plan.seed, replicate, columns);
      run_trial(design, true_log_ratio, columns, totals[chunk]);
    }
  });
  Totals all = empty;
  for (const Totals& chunk : totals) all.add(chunk);
  PlainOutcome outcome;
  const double trials = plan.trials;
  outcome.trials = plan.trials;
  outcome.rejected = all.rejected.over(trials);
  for (std::size_t i = 0; i < design.looks.size(); ++i) {
    outcome.rejected_at.push_back(all.rejected_at[i] / trials);
    outcome.futile_at.push_back(all.futile_at[i] / trials);
  }
  outcome.events = all.events.over(trials);
  outcome.patients = all.patients.over(trials);
  outcome.duration = all.duration.over(trials);
  if (has_ratio && all.estimates > 0) {
    outcome.log_hazard_ratio = all.log_ratio.over(all.estimates);
    outcome.covered = all.covered.over(all.estimates);
  }
  return outcome;
}

std::vector<PlainPatient> plain_trial(const PlainDesign& design, std::uint64_t seed, std::uint32_t replicate,
                                      double until) {
  Columns columns(std::size_t{design.arms[0].patients} + design.arms[1].patients);
  assign_arms(design, columns);
  draw_trial(design, seed, replicate, columns);
  std::vector<PlainPatient> patients;
  for (std::size_t p = 0; p < columns.size(); ++p) {
    if (columns.entry[p] >= until) continue;
    const double followed = until - columns.entry[p];
    const bool is_over = columns.time[p] <= followed;
    patients.push_back({columns.arm[p], columns.entry[p], is_over ? columns.time[p] : followed,
                        is_over ? columns.status[p] : 0});
  }
  return patients;
}

}  // namespace graftline::sim
