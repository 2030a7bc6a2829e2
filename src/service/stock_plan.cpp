#include "service/stock_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "interop/csv/stock.h"
#include "report/decision_json.h"
#include "report/product_report.h"
#include "service/ladder.h"

namespace graftline::service {
namespace {

Day asked_day(const engine::PlannedInfusion& infusion, Day as_of) {
  return std::max(infusion.dates.earliest.value_or(as_of), as_of);
}

std::string headline_of(const Answered& answered, const StockPlan& plan) {
  const engine::Decision& decision = answered.decision;
  const bool is_open = decision.action == engine::Action::give || decision.action == engine::Action::wait;
  if (plan.infusions.empty())
    return fmt::format("No bag: {}", answered.plan.end.empty() ? decision.because : answered.plan.end);
  const BaggedInfusion& next = plan.infusions.front();
  std::string bag = next.proposals.ranked.empty() ? "no bag: " + next.proposals.gap
                                                  : report::to_line(next.proposals.ranked.front());
  if (next.need.governing && next.need.targets.size() > 1)
    bag += fmt::format(" ({} govern the volume)", full_name(*next.need.governing));
  const std::string what =
      fmt::format("{} on or after {}: {}", product::to_text(next.need.targets), to_text(next.need.on), bag);
  if (is_open) return "Give " + what;
  return fmt::format("Not to be given ({}: {}). If nothing stood against it: {}",
                     engine::name(decision.action), decision.because, what);
}

}  // namespace

Result<StockPlan> plan_with_stock(const Answered& answered, const record::Timeline& timeline,
                                  const Prepared& prepared, const StockChoice& choice) {
  const auto site = product_values(choice.site_file, choice.values);
  if (!site) return site.error();
  auto stock = interop::csv::read_stock_file(choice.stock);
  if (!stock) return stock.error();
  if (!choice.order)
    return plan_with_bags(answered, timeline, prepared, std::move(stock->bags), *site, product::usual_order);
  const auto order = product::parse_order(*choice.order);
  if (!order) return order.error();
  return plan_with_bags(answered, timeline, prepared, std::move(stock->bags), *site, *order);
}

StockPlan plan_with_bags(const Answered& answered, const record::Timeline& timeline, const Prepared& prepared,
                         std::vector<product::Bag> bags, const product::SiteValues& site,
                         const std::vector<product::Preference>& order) {
  product::Need common;
  common.recipient = timeline.patient;
  common.order = order;
  if (answered.plan.weight.kilograms) common.weight = product::Kilograms(*answered.plan.weight.kilograms);
  if (Kind kind = Kind::none; kind_from_name(answered.plan.governing, kind)) common.governing = kind;
  common.abo = abo_mismatch_of(record::View(timeline, prepared.question.as_of, prepared.question.known_on));
  StockPlan plan;
  for (const engine::PlannedInfusion& infusion : answered.plan.infusions) {
    if (!infusion.dose) break;
    BaggedInfusion made;
    made.number = infusion.number;
    made.need = common;
    made.need.targets = targets_of(*infusion.dose);
    made.need.on = asked_day(infusion, prepared.question.as_of);
    made.proposals = product::propose(bags, made.need, site);
    if (!made.proposals.ranked.empty()) {
      const product::Proposal& first = made.proposals.ranked.front();
      std::erase_if(bags, [&](const product::Bag& bag) {
        return std::any_of(first.draws.begin(), first.draws.end(),
                           [&](const product::Draw& draw) { return draw.bag == bag.id; });
      });
    }
    plan.infusions.push_back(std::move(made));
  }
  plan.headline = headline_of(answered, plan);
  return plan;
}

std::string to_text(const StockPlan& plan) {
  std::string out = "\nBags\n" + plan.headline + "\n";
  for (const BaggedInfusion& infusion : plan.infusions)
    out += fmt::format("\nInfusion {}\n{}", infusion.number,
                       report::proposals_text(infusion.need, infusion.proposals));
  return out;
}

std::string to_json(const StockPlan& plan, const Answered& answered, const Prepared& prepared) {
  using json = nlohmann::ordered_json;
  json infusions = json::array();
  for (const BaggedInfusion& infusion : plan.infusions) {
    infusions.push_back({{"number", infusion.number},
                         {"bags", json::parse(report::to_json(infusion.need, infusion.proposals))}});
  }
  const json document{
      {"schema", "graftline-stock-plan/1"},
      {"headline", plan.headline},
      {"infusions", infusions},
      {"decision", json::parse(report::to_json(answered.decision, answered.plan, prepared.protocol))}};
  return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace graftline::service
