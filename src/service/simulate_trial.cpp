#include "service/simulate_trial.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/model_trial.h"
#include "sim/parse_model.h"

namespace graftline::service {
namespace {

using nlohmann::ordered_json;
using sim::MonteCarlo;

ordered_json as_json(const MonteCarlo& value) {
  ordered_json json;
  json["mean"] = value.mean;
  json["monte_carlo_standard_error"] = value.standard_error;
  return json;
}

ordered_json as_json(const sim::Model& model, const sim::TrialPlan& plan, const sim::TrialOutcome& outcome) {
  ordered_json json;
  json["trial"] = plan.name;
  json["arms"] = ordered_json::array();
  for (std::size_t arm = 0; arm < 2; ++arm) {
    ordered_json one;
    one["variant"] = model.variants[plan.arms[arm].variant].name;
    one["patients"] = plan.arms[arm].patients;
    one["infusions_per_patient"] = as_json(outcome.infusions[arm]);
    one["cd3_per_kg_per_patient"] = as_json(outcome.cells[arm]);
    json["arms"].push_back(std::move(one));
  }
  json["alpha"] = plan.alpha;
  json["trials"] = outcome.trials;
  json["endpoints"] = ordered_json::array();
  for (const auto& endpoint : outcome.endpoints) {
    ordered_json one;
    one["endpoint"] = endpoint.name;
    one["incidence"] = {as_json(endpoint.incidence[0]), as_json(endpoint.incidence[1])};
    one["events"] = as_json(endpoint.events);
    one["rejected_log_rank"] = as_json(endpoint.log_rank);
    one["rejected_gray"] = endpoint.has_competing ? as_json(endpoint.gray) : ordered_json();
    one["rejected_difference"] = as_json(endpoint.difference);
    json["endpoints"].push_back(std::move(one));
  }
  return json;
}

std::string as_text(const sim::Model& model, const sim::TrialPlan& plan, const sim::TrialOutcome& outcome) {
  const auto percent = [](const MonteCarlo& value) {
    return fmt::format("{:.1f} ({:.1f})", 100.0 * value.mean, 100.0 * value.standard_error);
  };
  std::string text =
      fmt::format("{}: {} {} against {} {}, alpha {:.3g} two-sided, {} trials\n", plan.name,
                  plan.arms[0].patients, model.variants[plan.arms[0].variant].name, plan.arms[1].patients,
                  model.variants[plan.arms[1].variant].name, plan.alpha, outcome.trials);
  text += fmt::format("  {:<20} {:>14} {:>14} {:>14} {:>14} {:>14} {:>14}\n", "endpoint", "control %",
                      "experimental %", "events", "log-rank %", "Gray %", "difference %");
  for (const auto& endpoint : outcome.endpoints) {
    text += fmt::format("  {:<20} {:>14} {:>14} {:>14} {:>14} {:>14} {:>14}\n", endpoint.name,
                        percent(endpoint.incidence[0]), percent(endpoint.incidence[1]),
                        fmt::format("{:.1f} ({:.1f})", endpoint.events.mean, endpoint.events.standard_error),
                        percent(endpoint.log_rank), endpoint.has_competing ? percent(endpoint.gray) : "-",
                        percent(endpoint.difference));
  }
  text += fmt::format(
      "  infusions per patient: {:.3f} and {:.3f}; CD3 cells per kg and patient: {:.3g} and {:.3g}\n",
      outcome.infusions[0].mean, outcome.infusions[1].mean, outcome.cells[0].mean, outcome.cells[1].mean);
  return text;
}

}  // namespace

Result<std::string> simulate_trial(const TrialRequest& request) {
  const auto model = sim::read_model(request.model, request.file);
  if (!model) return model.error();
  std::vector<std::string> names;
  for (const auto& plan : model->trials) names.push_back(plan.name);
  ordered_json json;
  json["model"] = model->id;
  json["version"] = model->version;
  json["exploratory"] = model->is_exploratory;
  json["seed"] = request.seed;
  json["results"] = ordered_json::array();
  std::string text =
      fmt::format("{} {}{}, seed {}: share of trials that reject, in percent (Monte-Carlo standard error)\n",
                  model->id, model->version, model->is_exploratory ? " (exploratory)" : "", request.seed);
  bool is_found = false;
  for (const auto& plan : model->trials) {
    if (!request.trial.empty() && plan.name != request.trial) continue;
    is_found = true;
    const auto outcome = sim::simulate_trials(*model, plan, {request.trials, request.seed, request.threads});
    if (!outcome) return outcome.error();
    if (request.json) {
      json["results"].push_back(as_json(*model, plan, *outcome));
    } else {
      text += as_text(*model, plan, *outcome);
    }
  }
  if (!is_found) {
    return Error{ErrorKind::not_found,
                 fmt::format("model {}: there is no trial '{}'; there are {}", model->id, request.trial,
                             names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")))};
  }
  return request.json ? json.dump(2) + "\n" : text;
}

}  // namespace graftline::service
