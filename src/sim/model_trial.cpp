#include "sim/model_trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "sim/parallel.h"
#include "stats/group_sequential.h"
#include "stats/normal.h"
#include "stats/safety_boundary.h"

namespace graftline::sim {
namespace {

constexpr double interval_z = 1.959963984540054;  // 95 %
constexpr std::uint32_t truth_replicate = 0xFFFFFFFFU;

// Where each quantity stands among the sums of a chunk.
struct Layout {
  std::size_t looks, harms, endpoints, counts;
  explicit Layout(const TrialPlan& trial)
      : looks(trial.looks ? trial.looks->events.size() + 1 : 1),
        harms(trial.safety.size()),
        endpoints(trial.endpoints.size()),
        counts(trial.counts.size()) {}

  enum General : std::size_t { rejected, patients, duration, lost, crossed_over, general };
  enum OfEndpoint : std::size_t {
    incidence_0,
    incidence_1,
    events,
    log_rank,
    gray,
    difference_test,
    difference,
    bias,
    covered,
    log_hazard_ratio,
    of_endpoint
  };
  enum OfArm : std::size_t { infusions, infused, cells, of_arm };

  std::size_t look_rejects(std::size_t look) const { return general + 2 * look; }
  std::size_t look_futile(std::size_t look) const { return general + 2 * look + 1; }
  std::size_t harm(std::size_t rule) const { return general + 2 * looks + rule; }
  std::size_t endpoint(std::size_t e, OfEndpoint what) const {
    return general + 2 * looks + harms + e * of_endpoint + what;
  }
  std::size_t count(std::size_t c, std::size_t arm) const {
    return general + 2 * looks + harms + endpoints * of_endpoint + 2 * c + arm;
  }
  std::size_t arm(std::size_t arm, OfArm what) const {
    return general + 2 * looks + harms + endpoints * of_endpoint + 2 * counts + arm * of_arm + what;
  }
  std::size_t size() const { return arm(2, infusions); }
};

void add(TrialSums& sums, std::size_t slot, double x) {
  sums[3 * slot] += 1.0;
  sums[3 * slot + 1] += x;
  sums[3 * slot + 2] += x * x;
}

MonteCarlo mean_of(double n, double sum, double squares) {
  if (n <= 0.0) return {};
  const double mean = sum / n;
  return {mean, std::sqrt(std::max(0.0, squares / n - mean * mean) / n)};
}

Result<std::vector<double>> critical_values(const TrialPlan& trial) {
  const double fixed = stats::normal_upper_quantile(trial.alpha / trial.sides);
  if (!trial.looks) return std::vector<double>{fixed};
  stats::GroupSequentialPlan plan;
  plan.alpha = trial.alpha;
  plan.sides = trial.sides;
  plan.efficacy.family = stats::EfficacyFamily::alpha_spending;
  if (trial.looks->boundary == TrialPlan::Boundary::pocock)
    plan.efficacy.spending.family = stats::SpendingFamily::pocock;
  if (trial.looks->boundary == TrialPlan::Boundary::haybittle_peto) {
    plan.efficacy.family = stats::EfficacyFamily::haybittle_peto;
    plan.efficacy.shape = 3.0;
  }
  for (const std::uint32_t events : trial.looks->events)
    plan.information_fractions.push_back(static_cast<double>(events) / trial.looks->planned_events);
  plan.information_fractions.push_back(1.0);
  const auto design = stats::group_sequential_design(plan);
  if (!design) return design.error();
  return design->critical_values;
}

}  // namespace

Result<TrialSimulation> TrialSimulation::plan(const Model& model, const TrialPlan& trial,
                                              const std::array<const BedsidePlan*, 2>& by_protocol) {
  ensure(trial.arms.size() == 2, "a trial has two arms");
  TrialSimulation simulation;
  simulation.model_ = &model;
  simulation.trial_ = &trial;
  simulation.by_protocol_ = by_protocol;
  simulation.processes_.reserve(2);
  for (const auto& arm : trial.arms) {
    auto process = compile(model, model.variants[arm.variant].name);
    if (!process) return process.error();
    simulation.processes_.push_back(std::move(*process));
  }
  if (!trial.crossovers.empty() && (by_protocol[0] != nullptr || by_protocol[1] != nullptr)) {
    return Error{
        ErrorKind::unsupported,
        fmt::format("trial {}: nobody crosses over where a protocol decides; leave 'crossover' out, or "
                    "describe both arms by policies of the model",
                    trial.name)};
  }
  auto values = critical_values(trial);
  if (!values) return values.error();
  simulation.critical_values_ = std::move(*values);
  for (const auto& safety : trial.safety) {
    const auto patients = static_cast<int>(trial.arms[safety.arm].patients);
    const auto boundary = stats::constant_tail_boundary(patients, safety.acceptable, safety.level);
    if (!boundary) return boundary.error();
    simulation.safety_stop_.push_back(boundary->stop_at);
  }
  simulation.horizon_day_ = simulation.worker().day(trial.followed);
  return simulation;
}

TrialDraw TrialSimulation::worker() const {
  return TrialDraw(*model_, *trial_,
                   {Treatment{&processes_[0], by_protocol_[0]}, Treatment{&processes_[1], by_protocol_[1]}});
}

std::size_t TrialSimulation::slots() const { return 3 * Layout(*trial_).size(); }

// The boundary is a sequence over the arm's patients in the order of entry. Counting outcomes as they become
// known would meet harms first, since only they are known early; so a crossing counts from the day on which
// it is certain whatever the patients still under watch will have: that many harms among that many who have
// entered.
int TrialSimulation::day_of_harm(const TrialData& data, std::size_t rule) const {
  const TrialPlan::Safety& safety = trial_->safety[rule];
  const int within = static_cast<int>(std::ceil(safety.within * model_->days_per_unit - 1e-9));
  std::vector<int> harm_days;  // sorted
  std::size_t known = 0;
  int first = never_day;
  for (std::size_t p = 0; p < data.size() && known < safety_stop_[rule].size(); ++p) {
    if (data.arm[p] != static_cast<int>(safety.arm)) continue;
    const bool is_harm = data.harmed[rule][p] <= within;
    // Lost before the time is up: nothing is known of this patient.
    if (!is_harm && data.is_lost[p] != 0 && data.followed[p] < within) continue;
    if (is_harm) {
      const int day = data.entry_day[p] + data.harmed[rule][p];
      harm_days.insert(std::ranges::upper_bound(harm_days, day), day);
    }
    const auto needed = static_cast<std::size_t>(safety_stop_[rule][known++]);
    if (harm_days.size() >= needed)
      first = std::min(first, std::max(data.entry_day[p], harm_days[needed - 1]));
  }
  return first;
}

TrialSimulation::Stop TrialSimulation::stop_of(const TrialData& data, TrialAnalysis& analysis) const {
  int end = 0;
  for (std::size_t p = 0; p < data.size(); ++p) end = std::max(end, data.entry_day[p] + data.followed[p]);
  Stop harm;
  harm.day = never_day;
  for (std::size_t rule = 0; rule < trial_->safety.size(); ++rule) {
    const int day = day_of_harm(data, rule);
    if (day < harm.day) {
      harm.day = day;
      harm.safety = static_cast<int>(rule);
    }
  }
  std::vector<int> event_days;
  if (trial_->looks) {
    for (std::size_t p = 0; p < data.size(); ++p) {
      const TrialAnalysis::Row row = TrialAnalysis::row(data, 0, p, never_day);
      if (row.status == 1) event_days.push_back(data.entry_day[p] + row.days);
    }
    std::ranges::sort(event_days);
  }
  for (std::size_t look = 0; look < critical_values_.size(); ++look) {
    const bool is_last = look + 1 == critical_values_.size();
    const std::size_t wanted = is_last ? 0 : trial_->looks->events[look];
    if (!is_last && wanted > event_days.size()) continue;  // never so many: only the last analysis is left
    const int day = is_last ? end : event_days[wanted - 1];
    if (harm.day <= day) return harm;
    const EndpointAnalysis found = analysis.endpoint(data, 0, day);
    const double z = found.z(trial_->endpoints[0].test);
    const bool rejects = (trial_->sides == 2 ? std::abs(z) : z) >= critical_values_[look];
    const bool futile = !rejects && !is_last && trial_->looks->futility && z <= *trial_->looks->futility;
    if (rejects || futile || is_last) return {day, static_cast<int>(look), -1, rejects, futile};
  }
  return harm;
}

void TrialSimulation::add_trial(const TrialData& data, TrialAnalysis& analysis, const TrialTruth& truth,
                                TrialSums& sums) const {
  const Layout at(*trial_);
  const Stop stop = stop_of(data, analysis);
  add(sums, Layout::rejected, stop.rejected ? 1.0 : 0.0);
  for (std::size_t look = 0; look < at.looks; ++look) {
    const bool is_here = stop.look == static_cast<int>(look);
    add(sums, at.look_rejects(look), is_here && stop.rejected ? 1.0 : 0.0);
    add(sums, at.look_futile(look), is_here && stop.futile ? 1.0 : 0.0);
  }
  for (std::size_t rule = 0; rule < at.harms; ++rule)
    add(sums, at.harm(rule), stop.safety == static_cast<int>(rule) ? 1.0 : 0.0);
  std::array<double, 2> infusions{}, infused{}, cells{};
  double patients = 0.0, lost = 0.0, crossed = 0.0;
  for (std::size_t p = 0; p < data.size(); ++p) {
    if (data.entry_day[p] > stop.day) continue;
    patients += 1.0;
    lost += data.is_lost[p] != 0 && data.entry_day[p] + data.followed[p] <= stop.day ? 1.0 : 0.0;
    crossed += data.crossed_over[p] != 0 ? 1.0 : 0.0;
  }
  int last_infused = -1;
  for (const GivenOnDay& one : data.given) {
    const auto p = static_cast<std::size_t>(one.patient);
    if (data.entry_day[p] + one.day > stop.day) continue;
    const auto arm = static_cast<std::size_t>(data.arm[p]);
    infusions[arm] += 1.0;
    infused[arm] += one.patient == last_infused ? 0.0 : 1.0;
    cells[arm] += one.cd3_per_kg;
    last_infused = one.patient;
  }
  add(sums, Layout::patients, patients);
  add(sums, Layout::duration, stop.day / model_->days_per_unit);
  add(sums, Layout::lost, lost);
  add(sums, Layout::crossed_over, crossed);
  for (std::size_t arm = 0; arm < 2; ++arm) {
    add(sums, at.arm(arm, Layout::infusions), infusions[arm]);
    add(sums, at.arm(arm, Layout::infused), infused[arm]);
    add(sums, at.arm(arm, Layout::cells), cells[arm]);
  }
  for (std::size_t c = 0; c < at.counts; ++c) {
    std::array<double, 2> with{};
    for (std::size_t p = 0; p < data.size(); ++p) {
      const int day = data.counted[c][p];
      if (day != never_day && data.entry_day[p] + day <= stop.day)
        with[static_cast<std::size_t>(data.arm[p])] += 1.0;
    }
    for (std::size_t arm = 0; arm < 2; ++arm) add(sums, at.count(c, arm), with[arm]);
  }
  for (std::size_t e = 0; e < at.endpoints; ++e) {
    const EndpointAnalysis found = analysis.endpoint(data, e, stop.day);
    const auto rejects = [&](TrialPlan::Test test) {
      return (trial_->sides == 2 ? found.p(test) <= trial_->alpha
                                 : found.z(test) >= stats::normal_upper_quantile(trial_->alpha))
                 ? 1.0
                 : 0.0;
    };
    add(sums, at.endpoint(e, Layout::incidence_0), found.incidence[0]);
    add(sums, at.endpoint(e, Layout::incidence_1), found.incidence[1]);
    add(sums, at.endpoint(e, Layout::events), found.events);
    add(sums, at.endpoint(e, Layout::log_rank), rejects(TrialPlan::Test::log_rank));
    if (!trial_->endpoints[e].competing.empty())
      add(sums, at.endpoint(e, Layout::gray), rejects(TrialPlan::Test::gray));
    add(sums, at.endpoint(e, Layout::difference_test), rejects(TrialPlan::Test::difference));
    add(sums, at.endpoint(e, Layout::difference), found.difference);
    if (found.log_hazard_ratio_se > 0.0)
      add(sums, at.endpoint(e, Layout::log_hazard_ratio), found.log_hazard_ratio);
    if (e >= truth.quantities.size() || found.difference_se <= 0.0) continue;
    const double bias = found.difference - truth.quantities[e].difference.mean;
    add(sums, at.endpoint(e, Layout::bias), bias);
    add(sums, at.endpoint(e, Layout::covered),
        std::abs(bias) <= interval_z * found.difference_se ? 1.0 : 0.0);
  }
}

Result<TrialSums> TrialSimulation::chunk(TrialDraw& worker, const TrialTruth& truth, std::uint64_t seed,
                                         std::uint32_t first, std::uint32_t n) const {
  TrialSums sums(slots(), 0.0);
  TrialAnalysis analysis(*trial_, horizon_day_);
  TrialData data;
  for (std::uint32_t i = 0; i < n; ++i) {
    if (auto problem = worker.trial(seed, first + i, data)) return *problem;
    add_trial(data, analysis, truth, sums);
  }
  return sums;
}

Result<TrialSimulation::Opened> TrialSimulation::open(std::uint64_t seed, std::uint32_t replicate) const {
  Opened opened;
  TrialDraw draw = worker();
  if (auto problem = draw.trial(seed, replicate, opened.data)) return *problem;
  TrialAnalysis analysis(*trial_, horizon_day_);
  const Stop stop = stop_of(opened.data, analysis);
  opened.stopped_on = stop.day;
  opened.rejected = stop.rejected;
  if (stop.safety >= 0) {
    opened.because = fmt::format("harm: {}", trial_->safety[static_cast<std::size_t>(stop.safety)].name);
  } else if (stop.look + 1 == static_cast<int>(critical_values_.size())) {
    opened.because = "last analysis";
  } else {
    opened.because = fmt::format("look {}: {}", stop.look + 1, stop.rejected ? "efficacy" : "futility");
  }
  return opened;
}

Result<TrialTruth> TrialSimulation::truth(std::uint32_t patients, std::uint64_t seed, int threads) const {
  const std::size_t n_quantities = trial_->endpoints.size() + trial_->counts.size();
  constexpr std::uint32_t per_chunk = 500;
  // Of each quantity: control, experimental, caused, prevented; then of each arm infusions, cells (each with
  // squares), infused.
  const std::size_t width = 4 * n_quantities + 2 * 5;
  const std::size_t chunks = (patients + per_chunk - 1) / per_chunk;
  std::vector<std::vector<double>> sums(chunks, std::vector<double>(width, 0.0));
  std::vector<std::optional<Error>> problems(chunks);
  std::vector<TrialDraw> workers;
  for (std::size_t i = 0;
       i < std::clamp<std::size_t>(static_cast<std::size_t>(threads), 1, std::max<std::size_t>(chunks, 1));
       ++i)
    workers.push_back(worker());
  const double horizon = trial_->followed;
  for_each_chunk(chunks, static_cast<int>(workers.size()), [&](std::size_t chunk, int which) {
    TrialDraw& draw = workers[static_cast<std::size_t>(which)];
    std::vector<double>& into = sums[chunk];
    PatientCourse course;
    const auto first = static_cast<std::uint32_t>(chunk) * per_chunk;
    for (std::uint32_t p = first; p < std::min(patients, first + per_chunk); ++p) {
      std::array<std::vector<char>, 2> had;
      for (std::size_t arm = 0; arm < 2; ++arm) {
        if (auto problem = draw.patient(arm, {seed, stream_of(truth_replicate, p)}, horizon, course)) {
          problems[chunk] = problem;
          return;
        }
        for (std::size_t e = 0; e < trial_->endpoints.size(); ++e)
          had[arm].push_back(course.event[e] <= horizon && course.event[e] <= course.competing[e] ? 1 : 0);
        for (std::size_t c = 0; c < trial_->counts.size(); ++c)
          had[arm].push_back(course.counted[c] <= horizon ? 1 : 0);
        double infusions = 0.0, cells = 0.0;
        for (const Given& one : course.given) {
          if (one.time > horizon) continue;
          infusions += 1.0;
          cells += one.dose;
        }
        double* sum = &into[4 * n_quantities + 5 * arm];
        sum[0] += infusions;
        sum[1] += infusions * infusions;
        sum[2] += cells;
        sum[3] += cells * cells;
        sum[4] += infusions > 0.0 ? 1.0 : 0.0;
      }
      for (std::size_t q = 0; q < n_quantities; ++q) {
        into[4 * q] += had[0][q];
        into[4 * q + 1] += had[1][q];
        into[4 * q + 2] += had[1][q] != 0 && had[0][q] == 0 ? 1.0 : 0.0;
        into[4 * q + 3] += had[0][q] != 0 && had[1][q] == 0 ? 1.0 : 0.0;
      }
    }
  });
  std::vector<double> all(width, 0.0);
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    if (problems[chunk]) return *problems[chunk];
    for (std::size_t i = 0; i < width; ++i) all[i] += sums[chunk][i];
  }
  TrialTruth truth;
  truth.patients = patients;
  const double n = patients;
  const auto proportion = [&](double sum) { return mean_of(n, sum, sum); };
  for (std::size_t q = 0; q < n_quantities; ++q) {
    const bool is_endpoint = q < trial_->endpoints.size();
    TrialTruth::Quantity quantity;
    quantity.name =
        is_endpoint ? trial_->endpoints[q].name : trial_->counts[q - trial_->endpoints.size()].name;
    quantity.is_endpoint = is_endpoint;
    quantity.proportion = {proportion(all[4 * q]), proportion(all[4 * q + 1])};
    quantity.caused = proportion(all[4 * q + 2]);
    quantity.prevented = proportion(all[4 * q + 3]);
    // Per patient the difference is 1, 0 or -1.
    quantity.difference = mean_of(n, all[4 * q] - all[4 * q + 1], all[4 * q + 2] + all[4 * q + 3]);
    truth.quantities.push_back(std::move(quantity));
  }
  for (std::size_t arm = 0; arm < 2; ++arm) {
    const double* sum = &all[4 * n_quantities + 5 * arm];
    truth.infusions[arm] = mean_of(n, sum[0], sum[1]);
    truth.cells[arm] = mean_of(n, sum[2], sum[3]);
    truth.infused[arm] = proportion(sum[4]);
  }
  return truth;
}

TrialOutcome TrialSimulation::outcome(const TrialSums& sums) const {
  const Layout at(*trial_);
  const auto of = [&](std::size_t slot) {
    return mean_of(sums[3 * slot], sums[3 * slot + 1], sums[3 * slot + 2]);
  };
  TrialOutcome outcome;
  outcome.trials = static_cast<std::uint32_t>(sums[3 * Layout::rejected]);
  outcome.rejected = of(Layout::rejected);
  for (std::size_t look = 0; look < at.looks; ++look) {
    const bool is_last = look + 1 == at.looks;
    outcome.looks.push_back({is_last ? 0 : trial_->looks->events[look], critical_values_[look],
                             of(at.look_rejects(look)), of(at.look_futile(look))});
  }
  for (std::size_t rule = 0; rule < at.harms; ++rule) outcome.stopped_for_harm.push_back(of(at.harm(rule)));
  outcome.patients = of(Layout::patients);
  outcome.duration = of(Layout::duration);
  outcome.lost = of(Layout::lost);
  outcome.crossed_over = of(Layout::crossed_over);
  for (std::size_t e = 0; e < at.endpoints; ++e) {
    const auto what = [&](Layout::OfEndpoint which) { return of(at.endpoint(e, which)); };
    EndpointOutcome one;
    one.name = trial_->endpoints[e].name;
    one.has_competing = !trial_->endpoints[e].competing.empty();
    one.incidence = {what(Layout::incidence_0), what(Layout::incidence_1)};
    one.events = what(Layout::events);
    one.log_rank = what(Layout::log_rank);
    one.gray = what(Layout::gray);
    one.difference_test = what(Layout::difference_test);
    one.difference = what(Layout::difference);
    one.bias = what(Layout::bias);
    one.covered = what(Layout::covered);
    one.log_hazard_ratio = what(Layout::log_hazard_ratio);
    outcome.endpoints.push_back(std::move(one));
  }
  for (std::size_t c = 0; c < at.counts; ++c)
    outcome.counts.push_back({of(at.count(c, 0)), of(at.count(c, 1))});
  for (std::size_t arm = 0; arm < 2; ++arm) {
    outcome.infusions[arm] = of(at.arm(arm, Layout::infusions));
    outcome.infused[arm] = of(at.arm(arm, Layout::infused));
    outcome.cells[arm] = of(at.arm(arm, Layout::cells));
  }
  return outcome;
}

Result<TrialOutcome> simulate_trials(const Model& model, const TrialPlan& trial, const PlainPlan& plan,
                                     const TrialTruth& truth) {
  if (plan.trials == 0) return Error{ErrorKind::out_of_range, "at least one trial has to be simulated"};
  if (plan.threads < 1 || plan.threads > 1024) return Error{ErrorKind::out_of_range, "1 to 1024 threads"};
  const auto simulation = TrialSimulation::plan(model, trial, {nullptr, nullptr});
  if (!simulation) return simulation.error();
  const std::size_t chunks = (plan.trials + trials_per_chunk - 1) / trials_per_chunk;
  std::vector<TrialSums> sums(chunks);
  std::vector<std::optional<Error>> problems(chunks);
  std::vector<TrialDraw> workers;
  for (std::size_t i = 0; i < std::min(static_cast<std::size_t>(plan.threads), chunks); ++i)
    workers.push_back(simulation->worker());
  for_each_chunk(chunks, static_cast<int>(workers.size()), [&](std::size_t chunk, int worker) {
    const auto first = static_cast<std::uint32_t>(chunk) * trials_per_chunk;
    auto found = simulation->chunk(workers[static_cast<std::size_t>(worker)], truth, plan.seed, first,
                                   std::min(trials_per_chunk, plan.trials - first));
    if (found) {
      sums[chunk] = std::move(*found);
    } else {
      problems[chunk] = found.error();
    }
  });
  TrialSums all(simulation->slots(), 0.0);
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    if (problems[chunk]) return *problems[chunk];
    for (std::size_t i = 0; i < all.size(); ++i) all[i] += sums[chunk][i];
  }
  return simulation->outcome(all);
}

}  // namespace graftline::sim
