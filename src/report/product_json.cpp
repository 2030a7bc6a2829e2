#include <nlohmann/json.hpp>

#include "report/decision_text.h"
#include "report/product_report.h"

namespace graftline::report {
namespace {

using json = nlohmann::ordered_json;

json exact(const Rational& value) { return graftline::to_text(value, 12); }
template <class Unit> json exact(const product::Amount<Unit>& amount) { return exact(amount.value()); }
template <class T> json optional_exact(const std::optional<T>& value) {
  return value ? exact(*value) : json(nullptr);
}

json percentage(const product::Fraction& share) { return exact(Rational(share.value() * 100)); }

json findings_json(const product::Findings& findings) {
  json out = json::array();
  for (const product::Finding& finding : findings) {
    out.push_back({{"form", product::name(finding.form)},
                   {"about", finding.about},
                   {"text", finding.text},
                   {"source", finding.source}});
  }
  return out;
}

json targets_json(const std::vector<product::DoseTarget>& targets) {
  json out = json::array();
  for (const product::DoseTarget& target : targets) {
    out.push_back({{"kind", name(target.kind)},
                   {"per_kg", target.per_kilogram},
                   {"low", exact(target.low)},
                   {"high", exact(target.high)},
                   {"text", product::to_text(target)}});
  }
  return out;
}

json doses_json(const std::vector<product::LadderDose>& doses) {
  json out = json::array();
  for (const product::LadderDose& dose : doses)
    out.push_back({{"label", dose.label}, {"targets", targets_json(dose.targets)}, {"times", dose.times}});
  return out;
}

template <class T> json spread_json(const std::optional<product::Spread<T>>& spread) {
  if (!spread) return nullptr;
  return {{"expected", exact(spread->expected)}, {"low", exact(spread->low)}, {"high", exact(spread->high)}};
}

json delivers_json(const std::vector<product::Delivered>& delivers) {
  json out = json::array();
  for (const product::Delivered& one : delivers)
    out.push_back(
        {{"kind", name(one.kind)}, {"cells", exact(one.cells)}, {"per_kg", optional_exact(one.per_kg)}});
  return out;
}

std::string printed(json document) {
  document["notice"] = research_use;
  return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string to_json(const product::CollectionRequest& request, const product::CollectionAnswer& answer) {
  json targets = json::array();
  for (const product::CollectionTarget& target : answer.targets) {
    targets.push_back({{"kind", name(target.kind)},
                       {"cells_low", exact(target.needed_low)},
                       {"cells_high", exact(target.needed_high)},
                       {"blood_cells_per_ml", optional_exact(target.blood)},
                       {"volume_ml", spread_json(target.volume)},
                       {"volume_ml_for_upper_ends", spread_json(target.volume_high)},
                       {"yield_cells", spread_json(target.yield)},
                       {"doses_covered", target.doses_covered}});
  }
  return printed(
      {{"schema", "graftline-collection/1"},
       {"doses", doses_json(request.doses)},
       {"weight_kg", optional_exact(request.weight)},
       {"collection_efficiency_percent", answer.efficiency ? percentage(*answer.efficiency) : json(nullptr)},
       {"targets", targets},
       {"volume_ml", optional_exact(answer.volume)},
       {"donor_blood_volume_ml", optional_exact(answer.donor_blood_volume)},
       {"donor_blood_volumes", optional_exact(answer.blood_volumes)},
       {"sessions", answer.sessions ? json(*answer.sessions) : json(nullptr)},
       {"findings", findings_json(answer.findings)}});
}

std::string to_json(const product::SplitRequest& request, const product::SplitPlan& plan) {
  json steps = json::array();
  for (const product::SplitStep& step : plan.steps) {
    json bags = json::array();
    for (const product::SplitBag& bag : step.bags)
      bags.push_back(
          {{"fill_ml", exact(bag.fill)}, {"cells", exact(bag.cells)}, {"is_diluted", bag.is_diluted}});
    steps.push_back({{"label", step.label},
                     {"is_reserve", step.is_reserve},
                     {"cells_at_infusion", exact(step.target)},
                     {"cells_to_freeze", exact(step.to_freeze)},
                     {"is_frozen", step.is_frozen},
                     {"bags", bags},
                     {"dmso_g_per_kg", optional_exact(step.dmso)},
                     {"lost_because", step.lost_because}});
  }
  json sensitivity = json::array();
  for (const product::Sensitivity& row : plan.sensitivity) {
    sensitivity.push_back({{"recovery_percent", percentage(row.recovery)},
                           {"doses_frozen", row.doses_frozen},
                           {"reserves_frozen", row.reserves_frozen},
                           {"left_over_cells", exact(row.left_over)},
                           {"planned_bags_deliver_percent", percentage(row.of_target)}});
  }
  return printed({{"schema", "graftline-split/1"},
                  {"doses", doses_json(request.doses)},
                  {"kind", name(request.kind)},
                  {"weight_kg", optional_exact(request.weight)},
                  {"recovery_percent", percentage(plan.recovery)},
                  {"available_cells", optional_exact(plan.available)},
                  {"filled_at_cells_per_ml", optional_exact(plan.concentration)},
                  {"steps", steps},
                  {"doses_frozen", plan.doses_frozen},
                  {"bags", plan.bags},
                  {"pilot_vials", plan.pilot_vials},
                  {"cells",
                   {{"in_bags", exact(plan.in_bags)},
                    {"in_pilot_vials", exact(plan.in_pilots)},
                    {"left_over", exact(plan.left_over)},
                    {"beyond_need", exact(plan.waste)}}},
                  {"short_by_cells", optional_exact(plan.short_by)},
                  {"left_over_per_kg", optional_exact(plan.left_over_dose)},
                  {"sensitivity", sensitivity},
                  {"method", plan.method},
                  {"findings", findings_json(plan.findings)}});
}

std::string to_json(const product::DoseRequest& request, const product::DoseAnswer& answer) {
  json targets = json::array();
  for (const product::TargetVolume& target : answer.targets) {
    targets.push_back({{"kind", name(target.target.kind)},
                       {"dose", product::to_text(target.target)},
                       {"governs", target.governs},
                       {"cells_low", optional_exact(target.cells_low)},
                       {"cells_high", optional_exact(target.cells_high)},
                       {"volume_ml", optional_exact(target.volume_low)},
                       {"volume_ml_for_upper_end", optional_exact(target.volume_high)},
                       {"volume_ml_if_viable", optional_exact(target.volume_if_viable)},
                       {"volume_ml_if_total", optional_exact(target.volume_if_total)},
                       {"delivers", delivers_json(target.delivers)}});
  }
  json viable = json::array();
  for (const product::Product::Count& count : answer.viable) {
    const bool is_whole = request.product.volume_ml.has_value();
    viable.push_back({{"kind", name(count.kind)},
                      {"per_ml", exact(count.per_ml)},
                      {"in_product", is_whole ? exact(Rational(count.per_ml * *request.product.volume_ml))
                                              : json(nullptr)}});
  }
  return printed({{"schema", "graftline-dose/1"},
                  {"weight_kg", optional_exact(request.weight)},
                  {"dose", targets_json(request.targets)},
                  {"viable", viable},
                  {"targets", targets},
                  {"volume_ml", optional_exact(answer.volume)},
                  {"within_limits", answer.within_limits()},
                  {"findings", findings_json(answer.findings)}});
}

std::string to_json(const product::Need& need, const product::Proposals& proposals) {
  json ranked = json::array();
  for (const product::Proposal& one : proposals.ranked) {
    json draws = json::array();
    for (const product::Draw& draw : one.draws)
      draws.push_back({{"bag", draw.bag}, {"volume_ml", exact(draw.volume)}, {"of_ml", exact(draw.of)}});
    ranked.push_back(
        {{"draws", draws},
         {"volume_ml", exact(one.volume)},
         {"delivers", delivers_json(one.delivers)},
         {"left_over_cells", exact(one.left_over)},
         {"first_expiry", one.first_expiry ? json(graftline::to_text(*one.first_expiry)) : json(nullptr)},
         {"reasons", one.reasons},
         {"findings", findings_json(one.findings)}});
  }
  json not_proposed = json::array();
  for (const product::NotProposed& one : proposals.not_proposed)
    not_proposed.push_back({{"bag", one.bag}, {"reasons", one.reasons}});
  return printed({{"schema", "graftline-proposals/1"},
                  {"recipient", need.recipient},
                  {"on", graftline::to_text(need.on)},
                  {"dose", targets_json(need.targets)},
                  {"weight_kg", optional_exact(need.weight)},
                  {"proposals", ranked},
                  {"n_behind", proposals.n_behind},
                  {"not_proposed", not_proposed},
                  {"gap", proposals.gap},
                  {"findings", findings_json(proposals.asked)}});
}

std::string to_json(const StockView& stock) {
  json bags = json::array();
  for (const product::Bag& bag : stock.bags) {
    json one = json::object();
    for (const product::BagColumn& column : product::bag_columns()) {
      const std::string value = column.get(bag);
      one[std::string(column.name)] = value.empty() ? json(nullptr) : json(value);
    }
    bags.push_back(std::move(one));
  }
  json problems = json::array();
  for (const product::StockProblem& problem : stock.problems)
    problems.push_back({{"bag", problem.bag}, {"text", problem.text}});
  const product::CellAccount sum = account(stock.bags);
  return printed({{"schema", "graftline-stock/1"},
                  {"bags", bags},
                  {"problems", problems},
                  {"ignored_columns", stock.ignored_columns},
                  {"cd3_cells",
                   {{"planned", exact(sum.planned)},
                    {"in_stock", exact(sum.in_stock)},
                    {"issued", exact(sum.issued)},
                    {"infused", exact(sum.infused)},
                    {"discarded", exact(sum.discarded)},
                    {"bags_not_counted", sum.not_counted}}}});
}

}  // namespace graftline::report
