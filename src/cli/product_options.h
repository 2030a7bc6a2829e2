#pragma once
// What collect, split, dose and bags share: where doses and weight come from, and the site's product values.

#include <memory>
#include <string>
#include <vector>

#include "cli/options.h"
#include "service/products.h"

namespace graftline::cli {

struct ProductOptions : AskOptions {
  std::vector<std::string> doses, facts;
  int times = 1;
  service::Typed weight;
  std::vector<std::string> values;
  std::string format = "text";

  // `several` doses make a ladder, with --times; else one dose.
  void add_to(CLI::App& app, bool several);
  Result<service::LadderRequest> ladder() const;
};

// Prints an answer: a broken limit, and a stock without a bag to propose, are answers too.
int print(const Result<service::Printed>& answer);

}  // namespace graftline::cli
