#include "service/trial_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <numeric>
#include <sstream>

#include "core/sha256.h"
#include "core/suggestion.h"
#include "service/simulate.h"
#include "sim/parse_model.h"
#include "sim/verify_model.h"

namespace graftline::service {
namespace {

constexpr std::size_t most_points = 10'000;
constexpr double most_patients = 100'000;

struct Varied {
  std::string name;
  std::vector<double> values;
};

std::string whole_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Result<Varied> varied(const std::string& written) {
  const auto wrong = [&](std::string_view why) {
    return Error{
        ErrorKind::malformed_input,
        fmt::format("--vary {}: {}; expected NAME=VALUE,VALUE,..., such as theta=0.4,0.6,1", written, why)};
  };
  const std::size_t equals = written.find('=');
  if (equals == std::string::npos || equals == 0) return wrong("there is no name and '='");
  Varied one{written.substr(0, equals), {}};
  std::stringstream list(written.substr(equals + 1));
  for (std::string item; std::getline(list, item, ',');) {
    double value = 0.0;
    const bool is_percent = !item.empty() && item.back() == '%';
    if (is_percent) item.pop_back();
    const auto [end, problem] = std::from_chars(item.data(), item.data() + item.size(), value);
    if (problem != std::errc{} || end != item.data() + item.size() || !std::isfinite(value))
      return wrong(fmt::format("'{}' is no number", item));
    one.values.push_back(is_percent ? value / 100.0 : value);
  }
  if (one.values.empty()) return wrong("there is no value");
  return one;
}

// The arm's variant with one number of the model set otherwise.
void set_number(TrialPoint& point, std::size_t arm, std::uint32_t number, double value) {
  sim::Model& model = point.model;
  sim::Variant variant;
  variant.name = fmt::format("{} with {} = {:.6g} ({})", model.variants[point.plan.arms[arm].variant].name,
                             model.numbers[number].name, value, model.variants.size());
  variant.extends = {point.plan.arms[arm].variant};
  sim::Expression constant;
  constant.nodes.emplace_back();
  constant.nodes.back().value = value;
  variant.numbers.push_back({number, std::move(constant)});
  point.plan.arms[arm].variant = static_cast<std::uint32_t>(model.variants.size());
  model.variants.push_back(std::move(variant));
}

std::optional<Error> out_of_range(const std::string& name, double value, std::string_view what) {
  return Error{ErrorKind::out_of_range, fmt::format("--vary {}={:.6g}: {}", name, value, what)};
}

std::optional<Error> apply(TrialPoint& point, const std::string& name, double value) {
  sim::TrialPlan& plan = point.plan;
  constexpr double longest = 1e4;
  if (name == "patients") {
    if (!(value >= 1.0 && value <= most_patients) || value != std::floor(value))
      return out_of_range(name, value, "patients of the control arm, from 1 to 100000");
    const double ratio = static_cast<double>(plan.arms[1].patients) / plan.arms[0].patients;
    plan.arms[0].patients = static_cast<std::uint32_t>(value);
    plan.arms[1].patients = static_cast<std::uint32_t>(std::max(1.0, std::round(value * ratio)));
    return std::nullopt;
  }
  struct Setting {
    std::string_view name;
    double* place;
    double low, high;
  };
  for (const Setting& one : {Setting{"accrual", &plan.accrual, 0.0, longest},
                             {"followed", &plan.followed, 1e-6, longest},
                             {"dropout", &plan.dropout, 0.0, 100.0},
                             {"alpha", &plan.alpha, 1e-9, 1.0 - 1e-9}}) {
    if (name != one.name) continue;
    if (!(value >= one.low && value <= one.high))
      return out_of_range(name, value, fmt::format("from {:.6g} to {:.6g}", one.low, one.high));
    *one.place = value;
    return std::nullopt;
  }
  if (name == "crossover") {
    if (!(value >= 0.0 && value <= 1.0))
      return out_of_range(name, value, "a probability lies between 0 and 1");
    for (auto& crossover : plan.crossovers) crossover.probability = value;
    if (plan.crossovers.empty()) return out_of_range(name, value, "nobody crosses over in this trial");
    return std::nullopt;
  }
  std::vector<std::size_t> arms{0, 1};
  std::string number = name;
  if (name.starts_with("control.")) arms = {0};
  if (name.starts_with("experimental.")) arms = {1};
  if (arms.size() == 1) number = name.substr(name.find('.') + 1);
  const auto at = std::ranges::find(point.model.numbers, number, &sim::Number::name);
  if (at == point.model.numbers.end()) {
    std::vector<std::string_view> known{"patients", "accrual", "followed", "dropout", "alpha", "crossover"};
    for (const auto& one : point.model.numbers) known.push_back(one.name);
    const auto nearest = closest_name(number, std::span<const std::string_view>(known));
    return Error{ErrorKind::not_found,
                 fmt::format("--vary {}: model {} has no number '{}'{}", name, point.model.id, number,
                             nearest ? fmt::format("; did you mean '{}'?", *nearest) : "")};
  }
  for (const std::size_t arm : arms)
    set_number(point, arm, static_cast<std::uint32_t>(at - point.model.numbers.begin()), value);
  return std::nullopt;
}

Result<std::shared_ptr<const ProtocolArm>> arm_of(const sim::TrialPlan::ByProtocol& by,
                                                  const TrialRequest& request) {
  Ask ask;
  ask.protocols = {by.protocol};
  ask.protocol_folders = request.protocol_folders;
  const auto folder = (request.scenario.empty() ? request.model : request.scenario).parent_path();
  ask.records = {(folder / by.record).string()};
  for (const auto& [name, value] : by.settings)
    ask.question.settings.parameters[name] = {value, fmt::format("line {} of the trial", by.span.line)};
  auto arm = protocol_arm(ask);
  if (!arm) {
    return Error{
        arm.error().kind,
        fmt::format("{}:{}: {}", (request.scenario.empty() ? request.model : request.scenario).string(),
                    by.span.line, arm.error().message)};
  }
  return std::make_shared<const ProtocolArm>(std::move(*arm));
}

}  // namespace

std::array<const sim::BedsidePlan*, 2> TrialPoint::by_protocol(bool is_null) const {
  const auto of = [&](std::size_t arm) { return bedside[arm] ? &*bedside[arm] : nullptr; };
  return {of(0), of(is_null ? 0 : 1)};
}

std::optional<Error> TrialPoint::make_ready() {
  null_plan = plan;
  null_plan.arms[1].variant = plan.arms[0].variant;
  null_plan.arms[1].by = plan.arms[0].by;
  auto ready = sim::TrialSimulation::plan(model, plan, by_protocol(false));
  if (!ready) return ready.error();
  auto null_ready = sim::TrialSimulation::plan(model, null_plan, by_protocol(true));
  if (!null_ready) return null_ready.error();
  simulation.emplace(std::move(*ready));
  null_simulation.emplace(std::move(*null_ready));
  return std::nullopt;
}

std::optional<Error> TrialPoint::resize(std::uint32_t control_patients) {
  const double factor = static_cast<double>(control_patients) / plan.arms[0].patients;
  const double ratio = static_cast<double>(plan.arms[1].patients) / plan.arms[0].patients;
  plan.arms[0].patients = control_patients;
  plan.arms[1].patients = static_cast<std::uint32_t>(std::max(1.0, std::round(control_patients * ratio)));
  if (plan.looks) {
    std::uint32_t before = 0;
    for (std::uint32_t& events : plan.looks->events)
      before = events = std::max(before + 1, static_cast<std::uint32_t>(std::lround(events * factor)));
    plan.looks->planned_events =
        std::max(before + 1, static_cast<std::uint32_t>(std::lround(plan.looks->planned_events * factor)));
  }
  return make_ready();
}

Result<TrialSource> trial_source(const TrialRequest& request) {
  TrialSource source;
  source.model_file = request.model;
  if (!request.scenario.empty() && request.model.empty()) {
    const auto head = sim::read_scenario_head(request.scenario);
    if (!head) return head.error();
    std::vector<std::filesystem::path> folders{request.scenario.parent_path(),
                                               request.scenario.parent_path() / "../models"};
    folders.insert(folders.begin(), request.model_folders.begin(), request.model_folders.end());
    const auto beside = request.scenario.parent_path() / head->model;
    auto found =
        find_model(std::filesystem::is_regular_file(beside) ? beside.string() : head->model, folders);
    if (!found) return found.error();
    source.model_file = *found;
  }
  auto model = sim::read_model(source.model_file, request.scenario);
  if (!model) return model.error();
  source.model = std::move(*model);
  source.model_sha256 = sha256_hex(whole_text(source.model_file));
  if (!request.scenario.empty()) source.scenario_sha256 = sha256_hex(whole_text(request.scenario));
  return source;
}

Result<std::vector<std::unique_ptr<TrialPoint>>> trial_points(const TrialRequest& request,
                                                              const TrialSource& source) {
  std::vector<Varied> grid;
  std::size_t combinations = 1;
  for (const std::string& written : request.vary) {
    auto one = varied(written);
    if (!one) return one.error();
    combinations *= one->values.size();
    if (combinations > most_points)
      return Error{ErrorKind::out_of_range, fmt::format("--vary: more than {} combinations", most_points)};
    grid.push_back(std::move(*one));
  }
  std::vector<std::unique_ptr<TrialPoint>> points;
  std::vector<std::string> names;
  for (const sim::TrialPlan& plan : source.model.trials) {
    names.push_back(plan.name);
    if (!request.trial.empty() && plan.name != request.trial) continue;
    std::array<std::shared_ptr<const ProtocolArm>, 2> arms;
    for (std::size_t arm = 0; arm < 2; ++arm) {
      if (!plan.arms[arm].by) continue;
      auto ready = arm_of(*plan.arms[arm].by, request);
      if (!ready) return ready.error();
      arms[arm] = std::move(*ready);
    }
    for (std::size_t combination = 0; combination < combinations; ++combination) {
      auto point = std::make_unique<TrialPoint>();
      point->model = source.model;
      point->plan = plan;
      point->protocols = arms;
      std::size_t left = combination;
      for (std::size_t i = grid.size(); i-- > 0;) {
        const double value = grid[i].values[left % grid[i].values.size()];
        left /= grid[i].values.size();
        point->settings.insert(point->settings.begin(), {grid[i].name, value});
      }
      for (const auto& [name, value] : point->settings) {
        if (auto problem = apply(*point, name, value)) return *problem;
      }
      if (!grid.empty()) {
        std::vector<protocol::Diagnostic> found;
        sim::verify(point->model, found);
        if (!found.empty())
          return Error{
              ErrorKind::out_of_range,
              fmt::format("--vary: with these values the model cannot be: {}", found.front().message)};
      }
      for (std::size_t arm = 0; arm < 2; ++arm) {
        if (!arms[arm]) continue;
        const auto& by = *plan.arms[arm].by;
        point->bedside[arm] = bedside_plan(*arms[arm], by.first_day, by.every_days, by.last_day);
      }
      if (auto problem = point->make_ready()) return *problem;
      points.push_back(std::move(point));
    }
  }
  if (points.empty()) {
    return Error{ErrorKind::not_found,
                 fmt::format("{}: there is no trial '{}'; there are {}", source.model.id, request.trial,
                             names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")))};
  }
  return points;
}

}  // namespace graftline::service
