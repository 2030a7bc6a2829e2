#include "cli/product_options.h"

#include <fmt/format.h>

#include <filesystem>

namespace graftline::cli {

void ProductOptions::add_to(CLI::App& app, bool several) {
  AskOptions::add_to(app, false);
  // Doses and weight may be typed instead.
  app.get_option("records")->required(false);
  app.get_option("--protocol")->required(false);
  app.add_option("--patient", patient, "which patient, when the records hold several; or the record's file");
  auto* dose = app.add_option(
      "--dose", doses, "a dose with its kind of cell: \"5e5 CD3/kg\", \"3.0e7 CD3/kg and 1.0e8 MNC/kg\"");
  if (several) {
    dose->description(dose->get_description() + "; repeated for a ladder");
    app.add_option("--times", times, "how often each typed dose is given (1)")->check(CLI::Range(1, 50));
  } else {
    dose->expected(1);
  }
  app.add_option("--fact", facts,
                 "without records, what a protocol's table asks of a patient: donor_type=matched_sibling, "
                 "transplant=2025-09-01");
  app.add_option("--weight", weight,
                 "the recipient's weight: \"64 kg\"; else of the record, at most 30 days old");
  app.add_option("--value", values,
                 "a product value of the site, NAME=VALUE; wins over the site file (docs/products.md)");
  app.add_option("--format", format, "text or json")->check(CLI::IsMember({"text", "json"}));
}

Result<service::LadderRequest> ProductOptions::ladder() const {
  service::LadderRequest request;
  request.doses = doses;
  request.times = times;
  request.weight = weight;
  request.facts = facts;
  if (protocols.empty()) {
    if (!records.empty())
      return Error{ErrorKind::malformed_input,
                   "records were given and no --protocol whose doses they are asked for"};
    return request;
  }
  ProductOptions asked = *this;
  std::error_code ignored;
  if (records.empty() && !patient.empty() && std::filesystem::exists(patient, ignored)) {
    asked.records = {patient};
    asked.patient.clear();
  } else if (records.empty() && !patient.empty()) {
    return Error{ErrorKind::not_found,
                 fmt::format("--patient '{}': no such file, and no records are given to look in", patient)};
  }
  auto ask = ask_of(asked);
  if (!ask) return ask.error();
  request.ask = std::move(*ask);
  return request;
}

int print(const Result<service::Printed>& answer) {
  if (!answer) return fail(answer.error());
  fmt::print("{}", answer->text);
  return done;
}

}  // namespace graftline::cli
