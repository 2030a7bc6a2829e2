#include <fmt/format.h>

#include "cli/options.h"
#include "service/difference.h"

namespace graftline::cli {
namespace {

// As diff(1): 0 no difference, 1 differences, 2 trouble.
constexpr int trouble = 2;

struct DiffOptions : AskOptions {
  std::string before, after;
  std::string format = "text";
};

int fail_as_diff(const Error& error) {
  fail(error);
  return trouble;
}

int diff(const DiffOptions& options) {
  const auto ask = ask_of(options);
  if (!ask) return fail_as_diff(ask.error());
  const service::ProtocolLibrary library(ask->protocol_folders);
  const auto before = library.find(options.before);
  if (!before) return fail_as_diff(before.error());
  const auto after = library.find(options.after);
  if (!after) return fail_as_diff(after.error());
  service::Difference difference = service::difference(*before, *after);
  if (!options.records.empty()) {
    const auto report = service::add_behaviour(*ask, *before, *after, difference);
    if (!report) return fail_as_diff(report.error());
    fmt::print(stderr, "{}", service::import_notice(*report));
  }
  fmt::print("{}", options.format == "json" ? service::to_json(difference) : service::to_text(difference));
  return difference.is_empty() ? done : found_failures;
}

}  // namespace

void define_diff(CLI::App& app, Run& run) {
  const auto options = std::make_shared<DiffOptions>();
  app.add_option("old", options->before, "the older version: an id, a folder or a .protocol file")
      ->required();
  app.add_option("new", options->after, "the newer version")->required();
  app.add_option("--cohort", options->records,
                 "records to ask both versions about: FHIR, NDJSON, CSV, directories, each also gzipped");
  options->add_settings_to(app);
  app.add_option("--patient", options->patient, "only this patient of the cohort");
  app.add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.footer(
      "Examples:\n"
      "  graftline diff old/my.protocol new/my.protocol\n"
      "  graftline diff old/my.protocol new/my.protocol --cohort examples/cohort --as-of 2026-03-01 --format "
      "json\n"
      "Patients whose verdict, decision, strategy, dose or dates change stand under the rule that changes "
      "them.\n"
      "Exit codes as diff(1): 0 the same, 1 different, 2 trouble.");
  app.callback([options, &run] { run = [options] { return diff(*options); }; });
}

}  // namespace graftline::cli
