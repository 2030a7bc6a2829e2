#include "service/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/calibrate.h"
#include "sim/parse_model.h"

namespace graftline::service {
namespace {

using sim::Check;

double scale_of(const Check& check) { return check.form == Check::Form::percent ? 100.0 : 1.0; }

std::string row(const sim::Model& model, const Check& check, const sim::CheckOutcome& outcome) {
  const double scale = scale_of(check);
  const std::string unit = check.form == Check::Form::percent ? "%" : "";
  const std::string published =
      fmt::format("{:.5g}{} +/- {:.3g}", scale * check.target, unit, scale * check.tolerance);
  const std::string simulated = outcome.n == 0 ? "no patient"
                                               : fmt::format("{:.2f}{} ({:.2f})", scale * outcome.simulated,
                                                             unit, scale * outcome.standard_error);
  const std::string cite = check.cite ? fmt::format("{} {}: {}", sim::name(check.cite->support),
                                                    check.cite->source, check.cite->locator)
                                      : "";
  return fmt::format("{:4}  {:24} {:<66} {:>18}  {:>18}  {}\n", outcome.passed ? "ok" : "OFF",
                     model.variants[check.variant].name, check.label, simulated, published, cite);
}

nlohmann::ordered_json as_json(const sim::Model& model, const Check& check,
                               const sim::CheckOutcome& outcome) {
  const double scale = scale_of(check);
  nlohmann::ordered_json json;
  json["variant"] = model.variants[check.variant].name;
  json["check"] = check.label;
  json["unit"] = check.form == Check::Form::percent ? "%" : "";
  json["simulated"] =
      outcome.n == 0 ? nlohmann::ordered_json() : nlohmann::ordered_json(scale * outcome.simulated);
  json["monte_carlo_standard_error"] = scale * outcome.standard_error;
  json["n"] = outcome.n;
  json["target"] = scale * check.target;
  json["tolerance"] = scale * check.tolerance;
  json["passed"] = outcome.passed;
  json["support"] = check.cite ? std::string(sim::name(check.cite->support)) : "";
  json["source"] = check.cite ? check.cite->source : "";
  json["place"] = check.cite ? check.cite->locator : "";
  return json;
}

}  // namespace

Result<std::filesystem::path> find_model(const std::string& id_or_path,
                                         const std::vector<std::filesystem::path>& folders) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(id_or_path, ignored)) return std::filesystem::path(id_or_path);
  std::vector<std::string> known;
  for (const auto& folder : folders) {
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      if (entry.path().extension() != ".model") continue;
      if (entry.path().stem() == id_or_path) return entry.path();
      known.push_back(entry.path().stem().string());
    }
  }
  std::ranges::sort(known);
  return Error{ErrorKind::not_found,
               fmt::format("there is no model '{}': give a file, or one of {}", id_or_path,
                           known.empty() ? "the models of a folder (--models FOLDER)"
                                         : fmt::format("{}", fmt::join(known, ", ")))};
}

std::filesystem::path find_scenario(const std::string& id_or_path,
                                    const std::vector<std::filesystem::path>& folders) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(id_or_path, ignored)) return id_or_path;
  for (const auto& folder : folders) {
    auto path = folder / (id_or_path + ".scenario");
    if (std::filesystem::is_regular_file(path, ignored)) return path;
  }
  return {};
}

Result<std::string> describe_model(const std::filesystem::path& path) {
  const auto model = sim::read_model(path);
  if (!model) return model.error();
  std::string text = fmt::format("{} {} ({}): {}\n", model->id, model->version,
                                 model->is_exploratory ? "exploratory" : "calibrated", model->title);
  text += fmt::format("time in {} from day +{} after transplant\n", model->time_unit, model->from_day);
  for (const auto& state : model->states)
    text += fmt::format("  state {}: {}\n", state.name, fmt::join(state.values, ", "));
  for (const auto& trait : model->traits) text += fmt::format("  covariate {}\n", trait.name);
  for (const auto& transition : model->transitions)
    text += fmt::format("  {} {}\n", transition.is_policy ? "policy" : "transition", transition.name);
  for (const auto& variant : model->variants) text += fmt::format("  variant {}\n", variant.name);
  int by_support[4] = {};
  const auto count = [&](const auto& list) {
    for (const auto& one : list) {
      if (one.cite) ++by_support[static_cast<int>(one.cite->support)];
    }
  };
  count(model->states);
  count(model->traits);
  count(model->numbers);
  count(model->curves);
  count(model->lets);
  count(model->transitions);
  count(model->variants);
  text += fmt::format("figures: {} found in a source, {} derived from one, {} proposed, {} from memory\n",
                      by_support[0], by_support[2], by_support[3], by_support[1]);
  text += fmt::format("checks: {}\n", model->checks.size());
  return text;
}

Result<CalibrationAnswer> calibrate(const Calibration& request) {
  const auto model = sim::read_model(request.model, request.targets);
  if (!model) return model.error();
  if (model->checks.empty()) {
    return Error{ErrorKind::malformed_input,
                 fmt::format("{}: there is no 'check' statement to simulate",
                             request.targets.empty() ? request.model.string() : request.targets.string())};
  }
  const auto outcomes = sim::calibrate(*model, {request.patients, request.seed, request.threads});
  if (!outcomes) return outcomes.error();
  CalibrationAnswer answer;
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < outcomes->size(); ++i) {
    const auto& outcome = (*outcomes)[i];
    ++answer.checks;
    answer.failed += outcome.passed ? 0 : 1;
    if (request.failures_only && outcome.passed) continue;
    if (request.json) {
      rows.push_back(as_json(*model, model->checks[i], outcome));
    } else {
      answer.text += row(*model, model->checks[i], outcome);
    }
  }
  if (request.json) {
    nlohmann::ordered_json json;
    json["model"] = model->id;
    json["version"] = model->version;
    json["exploratory"] = model->is_exploratory;
    json["patients"] = request.patients;
    json["seed"] = request.seed;
    json["checks"] = answer.checks;
    json["failed"] = answer.failed;
    json["rows"] = std::move(rows);
    answer.text = json.dump(2) + "\n";
  } else {
    answer.text =
        fmt::format(
            "{} {}{}, {} patients per variant, seed {}: simulated (Monte-Carlo standard error), target\n",
            model->id, model->version, model->is_exploratory ? " (exploratory)" : "", request.patients,
            request.seed) +
        answer.text +
        fmt::format("{} of {} checks within their tolerance\n", answer.checks - answer.failed, answer.checks);
  }
  return answer;
}

}  // namespace graftline::service
