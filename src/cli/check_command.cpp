#include <fmt/format.h>
#include <unistd.h>

#include <fstream>

#include "cli/options.h"
#include "service/render.h"
#include "service/screen.h"
#include "service/stock_plan.h"

namespace graftline::cli {
namespace {

struct CheckOptions : AskOptions {
  service::StockChoice stock;  // plan only
  std::string format = "text";
  bool brief = false;
};

// Reads the one patient and answers with each protocol.
int answer_one(const CheckOptions& options, service::View view) {
  const auto ask = ask_of(options);
  if (!ask) return fail(ask.error());
  std::vector<service::Prepared> prepared;
  if (const auto code = prepare(*ask, prepared)) return *code;
  const auto one = service::read_one(*ask);
  if (!one) return fail(one.error());
  if (const std::string notice = service::import_notice(one->report); !notice.empty())
    fmt::print(stderr, "{}", notice);
  std::vector<service::Answered> answers;
  answers.reserve(prepared.size());
  for (const auto& asked : prepared)
    answers.push_back(service::answer(asked.protocol, one->timeline, asked.question));
  const bool is_json = options.format == "json";
  if (!options.stock.stock.empty()) {
    service::StockChoice choice = options.stock;
    choice.site_file = options.site;
    const auto bags = service::plan_with_stock(answers.front(), one->timeline, prepared.front(), choice);
    if (!bags) return fail(bags.error());
    if (is_json) {
      fmt::print("{}", service::to_json(*bags, answers.front(), prepared.front()));
      return done;
    }
    fmt::print("{}\n\n{}{}", bags->headline, service::render(answers, prepared, view, false, options.brief),
               service::to_text(*bags));
    return done;
  }
  fmt::print("{}", service::render(answers, prepared, view, is_json, options.brief));
  return done;
}

std::shared_ptr<CheckOptions> add_options(CLI::App& app, bool several) {
  auto options = std::make_shared<CheckOptions>();
  options->add_to(app, several);
  app.add_option("--patient", options->patient, "which patient, when the records hold several");
  app.add_option("--product", options->product,
                 "the bag as counted, for volumes: \"CD3 2.6e7/mL viable, MNC 9.0e7/mL viable, 160 mL\" or\n"
                 "\"TNC 2.4e8/mL, CD3 40 %, viability 80 %, total\"");
  app.add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  return options;
}

}  // namespace

void define_check(CLI::App& app, Run& run) {
  const auto options = add_options(app, false);
  app.add_flag("--brief", options->brief, "the answer, what is missing and the next dose; no criteria");
  app.footer(
      "Examples:\n"
      "  graftline check patient.json --protocol nct07319793 --as-of 2026-03-01 --set "
      "egfr_equation=ckd_epi_2021\n"
      "  graftline check labs.csv --patient P7 --protocol ebmt-2024 --strategy prophylactic --brief\n"
      "  graftline check patient.json --protocol thalassemia-mixed-chimerism --product \"CD3 5e5/mL viable, "
      "20 mL\"\n"
      "Exit codes: 0 answered, 2 wrong usage, 3 record or file unreadable, 4 protocol has mistakes.");
  app.callback(
      [options, &run] { run = [options] { return answer_one(*options, service::View::decision); }; });
}

void define_plan(CLI::App& app, Run& run) {
  const auto options = add_options(app, false);
  app.add_option("--stock", options->stock.stock,
                 "the stock of bags, CSV: which bag, and how many mL of it, for each infusion");
  app.add_option("--order", options->stock.order, "what decides between bags: expiry,thaws,smallest,weight");
  app.add_option("--value", options->stock.values,
                 "a product value of the site, NAME=VALUE (docs/products.md)");
  app.footer(
      "Examples:\n"
      "  graftline plan examples/cohort/r-1001-prophylactic-arm-due.json --protocol nct07319793 --as-of "
      "2026-03-02 \\\n"
      "      --site examples/site.toml --stock examples/stock.csv\n"
      "  graftline plan patient.json --protocol thalassemia-mixed-chimerism --as-of 2026-03-01\n"
      "  graftline plan patient.json --protocol nct07319793 --product \"CD3 2.6e7/mL viable, MNC 9.0e7/mL "
      "viable\" --format json");
  app.callback([options, &run] { run = [options] { return answer_one(*options, service::View::plan); }; });
}

void define_compare(CLI::App& app, Run& run) {
  const auto options = add_options(app, true);
  app.footer(
      "Example:\n  graftline compare patient.json --protocol nct07319793 --protocol ebmt-2024 --as-of "
      "2026-03-01");
  app.callback(
      [options, &run] { run = [options] { return answer_one(*options, service::View::comparison); }; });
}

}  // namespace graftline::cli
