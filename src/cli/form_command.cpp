// graftline form order, checklist, 2199, label
#include "cli/options.h"
#include "service/forms.h"
#include "service/whole_file.h"

namespace graftline::cli {
namespace {

struct FormOptions : AskOptions {
  service::FormRequest request;
  service::LabelRequest label;
  std::string output;
  std::string format = "html";
  std::string language = "en";
  service::FormPrint print() const { return {format == "json", language}; }
};

int write(const Result<std::string>& form, const std::string& output) {
  if (!form) return fail(form.error());
  service::WholeFile file(output);
  file.write(*form);
  if (const auto problem = file.finish()) return fail(*problem);
  return done;
}

void add_output(CLI::App& app, FormOptions& options) {
  app.add_option("--format", options.format, "html (one page that prints on one sheet) or json")
      ->check(CLI::IsMember({"html", "json"}));
  app.add_option("--lang", options.language,
                 "language of the page: en or zh; what a protocol or a record says stays as it was written")
      ->check(CLI::IsMember({"en", "zh"}));
  app.add_option("-o,--output", options.output,
                 "file to write, which appears only when whole (default: standard output)");
}

void define_one(CLI::App& app, Run& run, service::FormKind kind) {
  const auto options = std::make_shared<FormOptions>();
  options->add_to(app, false);
  app.add_option("--patient", options->patient, "which patient, when the records hold several");
  auto& request = options->request;
  request.kind = kind;
  app.add_option("--stock", request.choice.stock, "the stock of bags, CSV");
  app.add_option("--order", request.choice.order, "what decides between bags: expiry,thaws,smallest,weight");
  app.add_option("--value", request.choice.values, "a product value of the site, NAME=VALUE");
  if (kind == service::FormKind::form_2199)
    app.add_option("--infusion", request.infusion,
                   "which of the infusions given, from 1 (default: the last)");
  add_output(app, *options);
  app.callback([options, &run] {
    run = [options]() -> int {
      auto ask = ask_of(*options);
      if (!ask) return fail(ask.error());
      options->request.ask = std::move(*ask);
      options->request.choice.site_file = options->site;
      return write(service::make_form(options->request, options->print()), options->output);
    };
  });
}

void define_label(CLI::App& app, Run& run) {
  const auto options = std::make_shared<FormOptions>();
  app.add_option("stock", options->label.stock, "the stock, CSV")->required();
  app.add_option("bag", options->label.bag, "name of the bag")->required();
  app.add_option("--product-codes", options->label.product_names, "CSV with code,name of the site");
  add_output(app, *options);
  app.callback([options, &run] {
    run = [options]() -> int {
      return write(service::make_label(options->label, options->print()), options->output);
    };
  });
}

}  // namespace

void define_form(CLI::App& app, Run& run) {
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  graftline form order examples/cohort/r-1001-prophylactic-arm-due.json -p nct07319793 --as-of "
      "2026-03-02 \\\n"
      "      --site examples/site.toml --stock examples/stock.csv -o order.html\n"
      "  graftline form 2199 examples/cohort/r-1002-second-dose-overdue.json -p ebmt-2024 --as-of 2026-03-02 "
      "--format json\n"
      "  graftline form label examples/stock.csv 1001-A -o label.html");
  using enum service::FormKind;
  define_one(*app.add_subcommand("order", "medical order for the next infusion, with its bag"), run, order);
  define_one(*app.add_subcommand("checklist", "checklist of the infusion day"), run, checklist);
  define_one(
      *app.add_subcommand("2199", "worksheet for CIBMTR Form 2199; questions not seen are said to be so"),
      run, form_2199);
  define_label(*app.add_subcommand("label", "label text of a bag"), run);
}

}  // namespace graftline::cli
