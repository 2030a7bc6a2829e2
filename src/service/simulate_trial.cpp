#include "service/simulate_trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <limits>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/sha256.h"
#include "service/trial_points.h"
#include "service/whole_file.h"
#include "sim/parallel.h"

namespace graftline::service {
namespace {

using nlohmann::ordered_json;
using sim::MonteCarlo;

constexpr std::uint32_t chunks_of_unit = 16;
constexpr std::uint32_t truth_by_policy = 20'000;
constexpr std::uint32_t truth_by_protocol = 500;
constexpr std::uint32_t most_per_arm = 20'000;

ordered_json as_json(const MonteCarlo& value) {
  return {{"mean", value.mean}, {"monte_carlo_standard_error", value.standard_error}};
}
template <class Pair> ordered_json both(const Pair& pair) { return {as_json(pair[0]), as_json(pair[1])}; }

std::string_view name(sim::TrialPlan::Test test) {
  constexpr std::array<std::string_view, 3> names{"log_rank", "gray", "difference"};
  return names[static_cast<std::size_t>(test)];
}
std::string_view name(sim::TrialPlan::Randomisation randomisation) {
  constexpr std::array<std::string_view, 4> names{"in_turn", "blocks", "coin", "minimisation"};
  return names[static_cast<std::size_t>(randomisation)];
}

ordered_json design_json(const TrialPoint& point, const sim::Model& declared) {
  const sim::TrialPlan& plan = point.plan;
  ordered_json json;
  json["arms"] = ordered_json::array();
  for (std::size_t arm = 0; arm < 2; ++arm) {
    const auto original = std::ranges::find(declared.trials, plan.name, &sim::TrialPlan::name);
    ordered_json one;
    one["variant"] = declared.variants[original->arms[arm].variant].name;
    one["patients"] = plan.arms[arm].patients;
    one["protocol"] = nullptr;
    if (point.protocols[arm]) {
      const auto& protocol = point.protocols[arm]->prepared.protocol;
      one["protocol"] = {{"id", protocol.id}, {"version", protocol.version}, {"sha256", protocol.sha256}};
    }
    json["arms"].push_back(std::move(one));
  }
  json["time_unit"] = declared.time_unit;
  json["accrual"] = plan.accrual;
  json["followed"] = plan.followed;
  json["each"] = plan.each;
  json["alpha"] = plan.alpha;
  json["sides"] = plan.sides;
  json["dropout"] = plan.dropout;
  json["randomisation"] = name(plan.randomisation);
  json["factors"] = ordered_json::array();
  for (const auto& factor : plan.factors) json["factors"].push_back(factor.name);
  json["stratified"] = plan.stratified;
  json["primary"] = plan.endpoints.front().name;
  json["primary_test"] = name(plan.endpoints.front().test);
  return json;
}

ordered_json outcome_json(const sim::TrialPlan& plan, const sim::TrialOutcome& outcome, bool has_truth) {
  ordered_json json;
  json["trials"] = outcome.trials;
  json["rejected"] = as_json(outcome.rejected);
  json["looks"] = ordered_json::array();
  for (const auto& look : outcome.looks) {
    json["looks"].push_back({{"events", look.events},
                             {"critical_value", look.critical_value},
                             {"rejected", as_json(look.rejected)},
                             {"stopped_for_futility", as_json(look.futile)}});
  }
  json["stopped_for_harm"] = ordered_json::array();
  for (std::size_t i = 0; i < plan.safety.size(); ++i)
    json["stopped_for_harm"].push_back(
        {{"what", plan.safety[i].name}, {"share", as_json(outcome.stopped_for_harm[i])}});
  json["patients"] = as_json(outcome.patients);
  json["duration"] = as_json(outcome.duration);
  json["lost"] = as_json(outcome.lost);
  json["crossed_over"] = as_json(outcome.crossed_over);
  json["infusions"] = both(outcome.infusions);
  json["patients_infused"] = both(outcome.infused);
  json["cd3_per_kg"] = both(outcome.cells);
  json["endpoints"] = ordered_json::array();
  for (const auto& endpoint : outcome.endpoints) {
    ordered_json one;
    one["endpoint"] = endpoint.name;
    one["incidence"] = both(endpoint.incidence);
    one["events"] = as_json(endpoint.events);
    one["rejected_log_rank"] = as_json(endpoint.log_rank);
    one["rejected_gray"] = endpoint.has_competing ? as_json(endpoint.gray) : ordered_json();
    one["rejected_difference"] = as_json(endpoint.difference_test);
    one["difference"] = as_json(endpoint.difference);
    one["bias"] = has_truth ? as_json(endpoint.bias) : ordered_json();
    one["interval_covers"] = has_truth ? as_json(endpoint.covered) : ordered_json();
    one["log_hazard_ratio"] = as_json(endpoint.log_hazard_ratio);
    json["endpoints"].push_back(std::move(one));
  }
  json["counts"] = ordered_json::array();
  for (std::size_t i = 0; i < plan.counts.size(); ++i)
    json["counts"].push_back({{"what", plan.counts[i].name}, {"patients", both(outcome.counts[i])}});
  return json;
}

ordered_json truth_json(const sim::TrialTruth& truth) {
  ordered_json json;
  json["patients"] = truth.patients;
  json["quantities"] = ordered_json::array();
  for (const auto& quantity : truth.quantities) {
    json["quantities"].push_back({{"what", quantity.name},
                                  {"is_endpoint", quantity.is_endpoint},
                                  {"proportion", both(quantity.proportion)},
                                  {"difference", as_json(quantity.difference)},
                                  {"caused", as_json(quantity.caused)},
                                  {"prevented", as_json(quantity.prevented)}});
  }
  json["infusions"] = both(truth.infusions);
  json["infused"] = both(truth.infused);
  json["cd3_per_kg"] = both(truth.cells);
  return json;
}

ordered_json request_json(const TrialRequest& request) {
  ordered_json json;
  json["scenario"] = request.scenario.string();
  json["model"] = request.model.string();
  json["trial"] = request.trial;
  json["vary"] = request.vary;
  json["target_power"] = request.target_power ? ordered_json(*request.target_power) : ordered_json();
  json["trials"] = request.trials;
  json["truth_patients"] = request.truth_patients;
  json["type_1_error"] = request.type_1_error;
  json["seed"] = request.seed;
  return json;
}

void add_up(sim::TrialSums& all, const sim::TrialSums& more) {
  if (all.empty()) all.resize(more.size(), 0.0);
  ensure(all.size() == more.size(), "sums of one trial are as long");
  for (std::size_t i = 0; i < all.size(); ++i) all[i] += more[i];
}

}  // namespace

struct TrialRun::State {
  struct Unit {
    std::size_t point = 0;
    bool is_null = false;
    std::uint32_t first = 0, trials = 0;
  };
  TrialRequest request;
  TrialSource source;
  std::vector<std::unique_ptr<TrialPoint>> points;
  std::vector<Unit> units;
  std::vector<sim::TrialSums> made;
  std::string fingerprint;
  std::atomic<bool> stops{false};
  std::atomic<std::size_t> done{0};
  std::size_t total = 0;
  std::mutex telling, knowing;

  std::filesystem::path part(std::size_t unit) const {
    return request.parts / fmt::format("unit-{:06}.part", unit);
  }

  void lay_out() {
    units.clear();
    for (std::size_t p = 0; p < points.size(); ++p) {
      // A patient under a protocol costs a thousand times one under policies.
      const std::uint32_t chunks = points[p]->has_protocol() ? 1 : chunks_of_unit;
      const std::uint32_t step = chunks * sim::trials_per_chunk;
      for (const bool is_null : {false, true}) {
        if (is_null && !request.type_1_error) continue;
        for (std::uint32_t first = 0; first < request.trials; first += step)
          units.push_back({p, is_null, first, std::min(step, request.trials - first)});
      }
    }
    made.assign(units.size(), {});
    done = 0;
    total = 0;
    for (const Unit& unit : units) total += (unit.trials + sim::trials_per_chunk - 1) / sim::trials_per_chunk;
  }

  // errors  those of the simulation
  Result<const sim::TrialTruth*> truth(TrialPoint& point) {
    const std::lock_guard lock(knowing);
    if (!point.truth) {
      const std::uint32_t patients = request.truth_patients > 0 ? request.truth_patients
                                     : point.has_protocol()     ? truth_by_protocol
                                                                : truth_by_policy;
      auto found = point.simulation->truth(patients, request.seed, request.threads);
      if (!found) return found.error();
      point.truth = std::move(*found);
    }
    return &*point.truth;
  }

  void tell(std::size_t chunks) {
    const std::size_t now = done += chunks;
    if (!request.progress) return;
    const std::lock_guard lock(telling);
    if (!request.progress(now, total)) stops = true;
  }

  // Empty sums: stopped on the way.
  Result<sim::TrialSums> make(std::size_t index) {
    const Unit& unit = units[index];
    TrialPoint& point = *points[unit.point];
    const auto known = truth(point);
    if (!known) return known.error();
    const sim::TrialTruth nothing;
    const sim::TrialSimulation& simulation = unit.is_null ? *point.null_simulation : *point.simulation;
    sim::TrialDraw worker = simulation.worker();
    sim::TrialSums sums;
    for (std::uint32_t at = 0; at < unit.trials; at += sim::trials_per_chunk) {
      if (stops) return sim::TrialSums{};
      auto chunk = simulation.chunk(worker, unit.is_null ? nothing : **known, request.seed, unit.first + at,
                                    std::min(sim::trials_per_chunk, unit.trials - at));
      if (!chunk) return chunk.error();
      add_up(sums, *chunk);
      tell(1);
    }
    return sums;
  }

  std::optional<Error> keep(std::size_t unit, const sim::TrialSums& sums) const {
    std::string text = fingerprint + "\n";
    for (const double x : sums) text += fmt::format("{:a}\n", x);
    WholeFile file(part(unit).string());
    file.write(text);
    return file.finish();
  }

  std::optional<sim::TrialSums> kept(std::size_t unit) const {
    if (request.parts.empty()) return std::nullopt;
    std::ifstream file(part(unit));
    std::string line;
    if (!file || !std::getline(file, line) || line != fingerprint) return std::nullopt;
    sim::TrialSums sums;
    while (std::getline(file, line)) {
      char* end = nullptr;
      sums.push_back(std::strtod(line.c_str(), &end));
      if (end != line.c_str() + line.size()) return std::nullopt;
    }
    const TrialPoint& point = *points[units[unit].point];
    const auto& simulation = units[unit].is_null ? *point.null_simulation : *point.simulation;
    if (sums.size() != simulation.slots()) return std::nullopt;
    return sums;
  }

  // The smallest arms of a point whose power reaches the target. The first patients of a size are those of
  // every larger one, so the power hardly wavers between neighbouring sizes.
  std::optional<Error> search(TrialPoint& point) {
    const double target = *request.target_power;
    const std::uint32_t ratio_0 = point.plan.arms[0].patients, ratio_1 = point.plan.arms[1].patients;
    const std::uint32_t step = ratio_0 / std::gcd(ratio_0, ratio_1);
    const auto reaches = [&](std::uint32_t steps) -> Result<bool> {
      if (auto problem = point.resize(steps * step)) return *problem;
      const std::uint32_t chunks = (request.trials + sim::trials_per_chunk - 1) / sim::trials_per_chunk;
      std::vector<sim::TrialSums> sums(chunks);
      std::vector<std::optional<Error>> problems(chunks);
      std::vector<sim::TrialDraw> workers;
      for (int i = 0; i < request.threads; ++i) workers.push_back(point.simulation->worker());
      sim::for_each_chunk(chunks, request.threads, [&](std::size_t chunk, int worker) {
        if (stops) return;
        const auto first = static_cast<std::uint32_t>(chunk) * sim::trials_per_chunk;
        auto found = point.simulation->chunk(workers[static_cast<std::size_t>(worker)], {}, request.seed,
                                             first, std::min(sim::trials_per_chunk, request.trials - first));
        if (found) {
          sums[chunk] = std::move(*found);
        } else {
          problems[chunk] = found.error();
        }
      });
      sim::TrialSums all;
      for (std::uint32_t chunk = 0; chunk < chunks; ++chunk) {
        if (problems[chunk]) return *problems[chunk];
        if (!sums[chunk].empty()) add_up(all, sums[chunk]);
      }
      tell(0);
      if (all.empty() || stops) return Error{ErrorKind::conflict, "the search was stopped before it ended"};
      return point.simulation->outcome(all).rejected.mean >= target;
    };
    const std::uint32_t most = std::max<std::uint32_t>(1, most_per_arm / step);
    std::uint32_t too_few = 0;
    std::uint32_t enough = 0;
    std::uint32_t steps = std::max<std::uint32_t>(1, std::min(ratio_0 / step, most));
    for (bool is_first = true;; is_first = false) {
      const auto found = reaches(steps);
      if (!found) return found.error();
      (*found ? enough : too_few) = steps;
      if (*found && !is_first) break;
      if (*found) {
        // The size written is enough: look below it.
        too_few = 0;
        break;
      }
      if (steps == most) break;
      steps = std::min(most, steps * 2);
    }
    if (enough == 0) {
      return Error{
          ErrorKind::conflict,
          fmt::format("trial {}: no size up to {} patients in the control arm reaches a power of {:.4g}: is "
                      "there an effect, and does harm stop the trial?",
                      point.plan.name, most * step, target)};
    }
    while (enough - too_few > 1) {
      const std::uint32_t middle = too_few + (enough - too_few) / 2;
      const auto found = reaches(middle);
      if (!found) return found.error();
      (*found ? enough : too_few) = middle;
    }
    return point.resize(enough * step);
  }
};

TrialRun::TrialRun(std::unique_ptr<State> state) : state_(std::move(state)) {}
TrialRun::~TrialRun() = default;
TrialRun::TrialRun(TrialRun&&) noexcept = default;
TrialRun& TrialRun::operator=(TrialRun&&) noexcept = default;

Result<TrialRun> TrialRun::plan(const TrialRequest& request) {
  if (request.trials == 0) return Error{ErrorKind::out_of_range, "at least one trial has to be simulated"};
  if (request.threads < 1 || request.threads > 1024)
    return Error{ErrorKind::out_of_range, "1 to 1024 threads"};
  if (request.target_power && !(*request.target_power > 0.0 && *request.target_power < 1.0))
    return Error{ErrorKind::out_of_range, "a power lies between 0 and 1"};
  if (request.target_power && !request.parts.empty())
    return Error{
        ErrorKind::unsupported,
        "a search for a size goes from one answer to the next and is not kept in parts: leave --parts out"};
  auto state = std::make_unique<State>();
  state->request = request;
  auto source = trial_source(request);
  if (!source) return source.error();
  state->source = std::move(*source);
  auto points = trial_points(request, state->source);
  if (!points) return points.error();
  state->points = std::move(*points);
  ordered_json identity = request_json(request);
  identity["model_sha256"] = state->source.model_sha256;
  identity["scenario_sha256"] = state->source.scenario_sha256;
  for (const auto& point : state->points) {
    for (const auto& arm : point->protocols) {
      if (arm) identity["protocols"].push_back(arm->prepared.protocol.sha256);
    }
  }
  state->fingerprint = "graftline trial unit " + sha256_hex(identity.dump());
  state->lay_out();
  if (!request.parts.empty()) {
    std::error_code problem;
    std::filesystem::create_directories(request.parts, problem);
    if (problem)
      return Error{ErrorKind::conflict, fmt::format("{}: {}", request.parts.string(), problem.message())};
  }
  return TrialRun(std::move(state));
}

std::size_t TrialRun::units() const { return state_->units.size(); }
bool TrialRun::resumes() const { return state_->request.resume; }
std::string TrialRun::beside_parts(const std::string& name) const {
  return (state_->request.parts / name).string();
}
void TrialRun::take_up_parts() { state_->request.resume = true; }
void TrialRun::remove_parts() {
  std::error_code ignored;
  for (std::size_t unit = 0; unit < units(); ++unit) std::filesystem::remove(state_->part(unit), ignored);
  std::filesystem::remove(state_->request.parts, ignored);  // only when empty
}
bool TrialRun::has_part(std::size_t unit) const { return state_->kept(unit).has_value(); }

std::optional<Error> TrialRun::make_part(std::size_t unit) {
  auto sums = state_->make(unit);
  if (!sums) return sums.error();
  if (sums->empty()) return Error{ErrorKind::conflict, "stopped"};
  return state_->keep(unit, *sums);
}

Result<TrialAnswer> TrialRun::finish() {
  State& state = *state_;
  if (state.request.target_power) {
    for (auto& point : state.points) {
      if (auto problem = state.search(*point)) return *problem;
    }
    state.lay_out();
  }
  std::vector<std::optional<Error>> problems(state.units.size());
  sim::for_each_chunk(state.units.size(), state.request.threads, [&](std::size_t unit, int) {
    if (state.stops) return;
    if (state.request.resume) {
      if (auto kept = state.kept(unit)) {
        state.made[unit] = std::move(*kept);
        state.tell((state.units[unit].trials + sim::trials_per_chunk - 1) / sim::trials_per_chunk);
        return;
      }
    }
    auto sums = state.make(unit);
    if (!sums) {
      problems[unit] = sums.error();
      state.stops = true;
      return;
    }
    state.made[unit] = std::move(*sums);
    if (!state.request.parts.empty() && !state.made[unit].empty())
      problems[unit] = state.keep(unit, state.made[unit]);
  });
  for (const auto& problem : problems) {
    if (problem) return *problem;
  }
  ordered_json json;
  json["what"] = "graftline trial simulation";
  json["request"] = request_json(state.request);
  const sim::Model& model = state.source.model;
  json["scenario"] = nullptr;
  if (!state.source.scenario_sha256.empty()) {
    json["scenario"] = {
        {"id", model.scenario.id}, {"title", model.scenario.title}, {"sha256", state.source.scenario_sha256}};
  }
  json["model"] = {{"id", model.id},
                   {"version", model.version},
                   {"exploratory", model.is_exploratory},
                   {"sha256", state.source.model_sha256}};
  json["points"] = ordered_json::array();
  TrialAnswer answer;
  for (std::size_t p = 0; p < state.points.size(); ++p) {
    TrialPoint& point = *state.points[p];
    std::array<sim::TrialSums, 2> sums;
    for (std::size_t unit = 0; unit < state.units.size(); ++unit) {
      if (state.units[unit].point != p) continue;
      if (state.made[unit].empty()) {
        answer.is_complete = false;
        continue;
      }
      add_up(sums[state.units[unit].is_null ? 1 : 0], state.made[unit]);
    }
    if (sums[0].empty()) {
      answer.is_complete = false;
      continue;  // stopped before this setting had a single unit
    }
    ordered_json one;
    one["trial"] = point.plan.name;
    one["settings"] = ordered_json::object();
    for (const auto& [name, value] : point.settings) one["settings"][name] = value;
    one["design"] = design_json(point, model);
    const auto truth = state.truth(point);
    if (!truth) return truth.error();
    one["result"] = outcome_json(point.plan, point.simulation->outcome(sums[0]), true);
    one["truth"] = truth_json(**truth);
    one["without_effect"] = nullptr;
    if (!sums[1].empty())
      one["without_effect"] = outcome_json(point.null_plan, point.null_simulation->outcome(sums[1]), false);
    json["points"].push_back(std::move(one));
  }
  json["complete"] = answer.is_complete;
  answer.json = json.dump(2) + "\n";
  return answer;
}

Result<TrialAnswer> simulate_trial(const TrialRequest& request) {
  auto run = TrialRun::plan(request);
  if (!run) return run.error();
  return run->finish();
}

Result<TrialRequest> request_of(const std::string& text) {
  const Error wrong{ErrorKind::malformed_input, "no document of graftline simulate trial --format json"};
  const auto json = ordered_json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object() || json.value("what", "") != "graftline trial simulation")
    return wrong;
  TrialRequest request;
  try {
    const auto& from = json.at("request");
    request.scenario = from.at("scenario").get<std::string>();
    request.model = from.at("model").get<std::string>();
    request.trial = from.at("trial").get<std::string>();
    request.vary = from.at("vary").get<std::vector<std::string>>();
    if (!from.at("target_power").is_null()) request.target_power = from.at("target_power").get<double>();
    request.trials = from.at("trials").get<std::uint32_t>();
    request.truth_patients = from.at("truth_patients").get<std::uint32_t>();
    request.type_1_error = from.at("type_1_error").get<bool>();
    request.seed = from.at("seed").get<std::uint64_t>();
  } catch (const nlohmann::json::exception&) {
    return wrong;
  }
  return request;
}

}  // namespace graftline::service
