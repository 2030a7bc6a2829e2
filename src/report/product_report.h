#pragma once
// Answers of the product module, as people read them and as programs do. Exact numbers are text in the JSON,
// so that no reader rounds them; docs/schemas describes it.

#include <string>
#include <vector>

#include "product/bag_moves.h"
#include "product/collection.h"
#include "product/dose_volume.h"
#include "product/split.h"
#include "product/stock.h"

namespace graftline::report {

std::string to_text(const product::CollectionRequest& request, const product::CollectionAnswer& answer);
std::string to_json(const product::CollectionRequest& request, const product::CollectionAnswer& answer);

std::string to_text(const product::SplitRequest& request, const product::SplitPlan& plan);
std::string to_json(const product::SplitRequest& request, const product::SplitPlan& plan);

std::string to_text(const product::DoseRequest& request, const product::DoseAnswer& answer);
std::string to_json(const product::DoseRequest& request, const product::DoseAnswer& answer);

std::string to_text(const product::Need& need, const product::Proposals& proposals);
std::string to_json(const product::Need& need, const product::Proposals& proposals);
// The same text without the research-use line: inside another answer.
std::string proposals_text(const product::Need& need, const product::Proposals& proposals);

// "20 mL of bag B-3 and 4 mL of bag B-4": the proposal in one line.
std::string to_line(const product::Proposal& proposal);

struct StockView {
  std::vector<product::Bag> bags;
  std::vector<product::StockProblem> problems;
  std::vector<std::string> ignored_columns;
  product::ProductNames names;
};
std::string to_text(const StockView& stock);
std::string to_json(const StockView& stock);

std::string findings_text(const product::Findings& findings);

}  // namespace graftline::report
