#include "service/simulate_plain.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/plain_trial.h"
#include "stats/group_sequential.h"
#include "stats/normal.h"

namespace graftline::service {
namespace {

using sim::PlainDesign;
using sim::PlainOutcome;

constexpr std::uint32_t most_per_arm = 20'000;

Result<PlainDesign> design_of(const PlainRequest& request) {
  const auto out_of_range = [](const char* why) { return Error{ErrorKind::out_of_range, why}; };
  if (!(request.alpha > 0.0 && request.alpha < 1.0)) return out_of_range("alpha lies between 0 and 1");
  if (request.sides != 1 && request.sides != 2) return out_of_range("a test has one or two sides");
  if (!(request.hazard_ratio > 0.0)) return out_of_range("a hazard ratio is above 0");
  if (!(request.control_hazard > 0.0)) return out_of_range("the hazard of the control arm is above 0");
  PlainDesign design;
  for (std::size_t arm = 0; arm < 2; ++arm) {
    design.arms[arm].patients = request.patients[arm];
    design.arms[arm].hazard = request.control_hazard * (arm == 0 ? 1.0 : request.hazard_ratio);
    design.arms[arm].competing_hazard = request.competing_hazard;
    design.arms[arm].dropout_hazard = request.dropout_hazard;
  }
  design.accrual = request.accrual;
  design.follow_up = request.follow_up;
  design.sides = request.sides;
  design.looks = {{0, stats::normal_upper_quantile(request.alpha / request.sides)}};
  if (request.looks.empty()) return design;
  stats::GroupSequentialPlan plan;
  plan.alpha = request.alpha;
  plan.sides = request.sides;
  plan.efficacy.family = stats::EfficacyFamily::wang_tsiatis;
  if (request.boundary == "pocock") {
    plan.efficacy.shape = 0.5;
  } else if (request.boundary != "obrien-fleming") {
    return Error{ErrorKind::not_found,
                 fmt::format("there is no boundary '{}': obrien-fleming or pocock", request.boundary)};
  }
  for (const std::uint32_t events : request.looks)
    plan.information_fractions.push_back(static_cast<double>(events) / request.looks.back());
  const auto designed = stats::group_sequential_design(plan);
  if (!designed) return designed.error();
  design.looks.clear();
  for (std::size_t i = 0; i < request.looks.size(); ++i)
    design.looks.push_back({request.looks[i], designed->critical_values[i]});
  return design;
}

// The smallest equal arms with a simulated power of at least the target. The same patients come first in
// every size, so the power hardly wavers between neighbouring sizes.
Result<PlainDesign> search(const PlainRequest& request, PlainDesign design) {
  const double target = *request.target_power;
  if (!(target > 0.0 && target < 1.0)) return Error{ErrorKind::out_of_range, "a power lies between 0 and 1"};
  if (!request.looks.empty())
    return Error{ErrorKind::unsupported,
                 "the search is for one analysis at the end; leave --looks out, then try looks at that size"};
  const auto reaches = [&](std::uint32_t n) -> Result<bool> {
    design.arms[0].patients = design.arms[1].patients = n;
    const auto outcome = sim::simulate_plain_trials(design, {request.trials, request.seed, request.threads});
    if (!outcome) return outcome.error();
    return outcome->rejected.mean >= target;
  };
  std::uint32_t too_few = 1;
  std::uint32_t enough = 0;
  for (std::uint32_t n = 8; n <= most_per_arm; n *= 2) {
    const auto found = reaches(n);
    if (!found) return found.error();
    if (*found) {
      enough = n;
      break;
    }
    too_few = n;
  }
  if (enough == 0) {
    return Error{
        ErrorKind::conflict,
        fmt::format("no trial of up to {} patients per arm reaches a power of {:.4g}: is there an effect, "
                    "and are events seen?",
                    most_per_arm, target)};
  }
  while (enough - too_few > 1) {
    const std::uint32_t middle = too_few + (enough - too_few) / 2;
    const auto found = reaches(middle);
    if (!found) return found.error();
    (*found ? enough : too_few) = middle;
  }
  design.arms[0].patients = design.arms[1].patients = enough;
  return design;
}

nlohmann::ordered_json as_json(const sim::MonteCarlo& value) {
  nlohmann::ordered_json json;
  json["mean"] = value.mean;
  json["monte_carlo_standard_error"] = value.standard_error;
  return json;
}

std::string to_json(const PlainRequest& request, const PlainDesign& design, const PlainOutcome& outcome) {
  nlohmann::ordered_json json;
  json["patients"] = {design.arms[0].patients, design.arms[1].patients};
  json["control_hazard"] = request.control_hazard;
  json["hazard_ratio"] = request.hazard_ratio;
  json["competing_hazard"] = request.competing_hazard;
  json["dropout_hazard"] = request.dropout_hazard;
  json["accrual"] = request.accrual;
  json["follow_up"] = request.follow_up;
  json["alpha"] = request.alpha;
  json["sides"] = request.sides;
  json["trials"] = request.trials;
  json["seed"] = request.seed;
  nlohmann::ordered_json looks = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < design.looks.size(); ++i) {
    nlohmann::ordered_json look;
    look["events"] = design.looks[i].events;
    look["critical_value"] = design.looks[i].efficacy;
    look["rejected"] = outcome.rejected_at[i];
    looks.push_back(std::move(look));
  }
  json["looks"] = std::move(looks);
  json["rejected"] = as_json(outcome.rejected);
  json["events"] = as_json(outcome.events);
  json["entered"] = as_json(outcome.patients);
  json["duration"] = as_json(outcome.duration);
  json["log_hazard_ratio"] = as_json(outcome.log_hazard_ratio);
  json["interval_covers"] = as_json(outcome.covered);
  return json.dump(2) + "\n";
}

std::string to_text(const PlainRequest& request, const PlainDesign& design, const PlainOutcome& outcome) {
  const auto row = [](std::string_view what, const sim::MonteCarlo& value, double scale,
                      std::string_view unit) {
    return fmt::format("  {:<44} {:>10.4g}{} (Monte-Carlo standard error {:.2g})\n", what, scale * value.mean,
                       unit, scale * value.standard_error);
  };
  std::string text = fmt::format(
      "{} + {} patients, hazards {:.6g} and {:.6g}, accrual {:.6g}, follow-up {:.6g}; {} trials, seed {}\n",
      design.arms[0].patients, design.arms[1].patients, design.arms[0].hazard, design.arms[1].hazard,
      request.accrual, request.follow_up, request.trials, request.seed);
  text += row(request.hazard_ratio == 1.0 ? "rejected (type I error)" : "rejected (power)", outcome.rejected,
              100.0, " %");
  if (design.looks.size() > 1) {
    for (std::size_t i = 0; i < design.looks.size(); ++i) {
      text += fmt::format("    at {} events, |Z| >= {:.4f}: {:.2f} %\n", design.looks[i].events,
                          design.looks[i].efficacy, 100.0 * outcome.rejected_at[i]);
    }
  }
  text += row("events of interest when the trial stopped", outcome.events, 1.0, "");
  text += row("patients entered by then", outcome.patients, 1.0, "");
  text += row("duration", outcome.duration, 1.0, "");
  text += row("ln hazard ratio, one-step estimate", outcome.log_hazard_ratio, 1.0, "");
  text += fmt::format("  {:<44} {:>10.4g}\n", "ln hazard ratio, true", std::log(request.hazard_ratio));
  text += row("its 95 % interval holds the true one", outcome.covered, 100.0, " %");
  return text;
}

}  // namespace

Result<std::string> simulate_plain(const PlainRequest& request) {
  auto design = design_of(request);
  if (!design) return design.error();
  if (request.target_power) {
    design = search(request, *design);
    if (!design) return design.error();
  }
  const auto outcome = sim::simulate_plain_trials(*design, {request.trials, request.seed, request.threads});
  if (!outcome) return outcome.error();
  return request.json ? to_json(request, *design, *outcome) : to_text(request, *design, *outcome);
}

}  // namespace graftline::service
