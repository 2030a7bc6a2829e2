#pragma once
// A plan joined with a stock: dose, date and bag in one sentence.

#include <optional>
#include <string>
#include <vector>

#include "product/stock.h"
#include "service/ask.h"

namespace graftline::service {

struct StockChoice {
  std::string stock;                 // CSV
  std::string site_file;             // its [product] table
  std::vector<std::string> values;   // NAME=VALUE
  std::optional<std::string> order;  // "expiry,thaws,smallest,weight"
};

// The bag for one planned infusion.
struct BaggedInfusion {
  int number = 1;
  product::Need need;
  product::Proposals proposals;
};

struct StockPlan {
  // "Give 5 × 10⁶ CD3+ cells per kg on or after 2026-08-14: 24 mL of bag B-3", or why not.
  std::string headline;
  std::vector<BaggedInfusion> infusions;  // a bag opened for one is not proposed for a later one
};

// The stock's recipient is the record's patient. Each infusion is asked on the first day that the plan allows
// it. errors  not_found, malformed_input: stock, site values, order
Result<StockPlan> plan_with_stock(const Answered& answered, const record::Timeline& timeline,
                                  const Prepared& prepared, const StockChoice& choice);

// The same from bags already read.
StockPlan plan_with_bags(const Answered& answered, const record::Timeline& timeline, const Prepared& prepared,
                         std::vector<product::Bag> bags, const product::SiteValues& site,
                         const std::vector<product::Preference>& order);

std::string to_text(const StockPlan& plan);
// {"schema": "graftline-stock-plan/1", "headline", "infusions", "decision"}; `decision` as check prints it.
std::string to_json(const StockPlan& plan, const Answered& answered, const Prepared& prepared);

}  // namespace graftline::service
