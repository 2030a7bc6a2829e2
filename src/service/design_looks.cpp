// Boundaries of group-sequential designs, and looks at a running trial.
#include <fmt/format.h>

#include <cmath>

#include "service/designs.h"
#include "stats/interim_analysis.h"

namespace graftline::service {
namespace {

constexpr const char* boundary_source =
    "exact recursive integration (Armitage, McPherson, Rowe 1969); spending: Lan and DeMets 1983, Hwang, "
    "Shih and "
    "DeCani 1990, Kim and DeMets 1987; docs/designs.md";

SheetCell at(const std::vector<double>& values, std::size_t i) {
  return i < values.size() ? cell(values[i]) : SheetCell();
}

double one_sided_p(double z) { return 0.5 * std::erfc(z / std::sqrt(2.0)); }

std::string fractions(const std::vector<double>& values) {
  std::string text;
  for (double v : values) text += fmt::format("{}{:.6g}", text.empty() ? "" : ", ", v);
  return text;
}

std::vector<Item> inputs_of(const LooksRequest& request, const stats::GroupSequentialPlan& plan) {
  std::vector<Item> inputs{{"boundary", request.boundary},
                           {"information fractions", fractions(plan.information_fractions)},
                           {"alpha", fmt::format("{:.6g}, {}-sided", plan.alpha, plan.sides)},
                           {"power", fmt::format("{:.6g}", 1.0 - plan.beta)}};
  if (request.futility != "none")
    inputs.push_back(
        {"futility", request.futility + (plan.futility.binding ? ", binding" : ", not binding")});
  return inputs;
}

const char* word_of(stats::LookAction action) {
  switch (action) {
    case stats::LookAction::go_on:
      return "go on";
    case stats::LookAction::reject_and_stop:
      return "stop: effect shown";
    case stats::LookAction::accept_and_stop:
      return "stop: futile";
    case stats::LookAction::reject:
      return "effect shown";
    case stats::LookAction::accept:
      return "effect not shown";
  }
  return "";
}

SheetCell maybe(const stats::Maybe& value) { return value ? cell(*value) : SheetCell(); }

// Chances of what is still to come, given the data.
Result<bool> add_prospects(const InterimRequest& request, const stats::GroupSequentialDesign& design,
                           const stats::SurvivalInterimData& data, DesignSheet& sheet) {
  if (request.planned_events.empty()) return true;
  if (request.hazard_ratio) {
    const auto power = stats::conditional_power(design, data, request.planned_events, *request.hazard_ratio);
    if (!power) return power.error();
    SheetTable table{"Conditional power", {"look", "power"}, {}};
    for (std::size_t i = 0; i < power->size(); ++i)
      table.rows.push_back({double(data.cumulative_events.size() + i + 1), cell((*power)[i])});
    sheet.tables.push_back(std::move(table));
  }
  const stats::LogHazardRatioPrior prior{request.prior_mean.value_or(0.0), request.prior_sd.value_or(0.0)};
  const auto predicted = stats::predictive_power(design, data, request.planned_events, prior);
  if (!predicted) return predicted.error();
  sheet.results.push_back({"predictive power", cell(*predicted)});
  sheet.notes.push_back(
      prior.sd > 0.0 ? fmt::format("predictive power with a normal prior of the log hazard ratio, mean "
                                   "{:.6g}, SD {:.6g}",
                                   prior.mean, prior.sd)
                     : "predictive power with a flat prior of the log hazard ratio");
  return true;
}

}  // namespace

Result<DesignSheet> design_boundaries(const LooksRequest& request) {
  auto plan = read_looks(request);
  if (!plan) return plan.error();
  auto design = stats::group_sequential_design(*plan);
  if (!design) return design.error();
  auto traits = stats::design_characteristics(*design);
  if (!traits) return traits.error();
  DesignSheet sheet;
  sheet.what = "Group-sequential boundaries";
  sheet.inputs = inputs_of(request, *plan);
  sheet.results = {{"inflation factor", cell(traits->inflation_factor)},
                   {"expected size, no effect", cell(traits->expected_size_h0)},
                   {"expected size, half the effect", cell(traits->expected_size_h01)},
                   {"expected size, the effect", cell(traits->expected_size_h1)}};
  SheetTable table{"Looks",
                   {"look", "information", "critical Z", "one-sided p", "alpha spent", "futility Z",
                    "beta spent", "power so far"},
                   {}};
  for (std::size_t k = 0; k < design->critical_values.size(); ++k)
    table.rows.push_back({double(k + 1), cell(plan->information_fractions[k]),
                          cell(design->critical_values[k]), cell(one_sided_p(design->critical_values[k])),
                          at(design->alpha_spent, k), at(design->futility_bounds, k),
                          at(design->beta_spent, k), at(traits->cumulative_power, k)});
  sheet.tables.push_back(std::move(table));
  sheet.notes.emplace_back("sizes are relative to the design with one look; Z is upward for benefit");
  if (plan->sides == 2) sheet.notes.emplace_back("two-sided: reject when |Z| reaches the critical value");
  sheet.source = boundary_source;
  return sheet;
}

Result<DesignSheet> design_interim(const InterimRequest& request) {
  auto plan = read_looks(request.looks);
  if (!plan) return plan.error();
  auto design = stats::group_sequential_design(*plan);
  if (!design) return design.error();
  auto ratio = read_allocation("--allocation", request.allocation);
  if (!ratio) return ratio.error();
  if (request.events.size() != request.z.size())
    return Error{ErrorKind::malformed_input,
                 fmt::format("--events has {} looks, --z has {}", request.events.size(), request.z.size())};
  if (request.planned_events.empty() && (request.hazard_ratio || request.prior_sd))
    return Error{ErrorKind::malformed_input,
                 "--planned-events: say how many events each look to come will add"};
  const stats::SurvivalInterimData data{
      request.events, request.z, *ratio, request.higher_hazard_is_benefit,
      request.inverse_normal ? stats::Combination::inverse_normal : stats::Combination::group_sequential};
  auto found = stats::analyse_interim(*design, data);
  if (!found) return found.error();
  DesignSheet sheet;
  sheet.what = "Look at a group-sequential trial";
  sheet.inputs = inputs_of(request.looks, *plan);
  sheet.inputs.push_back({"combination", request.inverse_normal ? "inverse normal" : "group sequential"});
  SheetTable table{"Looks done",
                   {"look", "events", "Z", "hazard ratio", "critical Z", "repeated lower", "repeated upper",
                    "repeated p", "conditional rejection", "action"},
                   {}};
  for (std::size_t k = 0; k < found->action.size(); ++k)
    table.rows.push_back(
        {double(k + 1), cell(request.events[k]), cell(found->statistic[k]),
         cell(std::exp(request.z[k] * (1.0 + *ratio) / std::sqrt(*ratio * request.events[k]))),
         cell(design->critical_values[k]), maybe(found->repeated_lower[k]), maybe(found->repeated_upper[k]),
         maybe(found->repeated_p[k]),
         k < found->conditional_rejection_probability.size()
             ? maybe(found->conditional_rejection_probability[k])
             : SheetCell(),
         std::string(word_of(found->action[k]))});
  sheet.tables.push_back(std::move(table));
  if (found->final_look) {
    sheet.results = {{"ended at look", double(*found->final_look)},
                     {"final p", maybe(found->final_p)},
                     {"hazard ratio, median unbiased", maybe(found->median_unbiased)},
                     {"final lower limit", maybe(found->final_lower)},
                     {"final upper limit", maybe(found->final_upper)}};
    sheet.notes.emplace_back("final p, estimate and limits: stagewise ordering");
  }
  if (auto added = add_prospects(request, *design, data, sheet); !added) return added.error();
  sheet.notes.emplace_back(
      "hazard ratios are treated over control; repeated limits hold whether or not the trial stops");
  sheet.source = "Jennison and Turnbull 2000; Wassmer and Brannath 2016; docs/designs.md";
  return sheet;
}

}  // namespace graftline::service
