// graftline analyze endpoints RECORDS
#include <fmt/format.h>

#include <memory>

#include "cli/options.h"
#include "service/endpoints.h"
#include "service/whole_file.h"

namespace graftline::cli {
namespace {

struct EndpointOptions {
  service::EndpointTask task;
  std::string cut_off, known_on, output;
  std::string format = "text";
  bool list = false;
};

std::optional<Error> read_day(const std::string& text, std::string_view option, std::optional<Day>& into) {
  if (text.empty()) return std::nullopt;
  const auto day = parse_day(text);
  if (!day)
    return Error{ErrorKind::malformed_input,
                 fmt::format("{} '{}': expected a day, YYYY-MM-DD", option, text)};
  into = *day;
  return std::nullopt;
}

int endpoints(EndpointOptions options) {
  if (options.list) {
    fmt::print("{}", service::endpoint_list());
    return done;
  }
  if (options.task.records.empty())
    return fail(
        {ErrorKind::malformed_input, "RECORDS are missing: FHIR, CSV, case files or ADTTE-like tables"});
  std::optional<Day> cut_off;
  if (const auto problem = read_day(options.cut_off, "--cut-off", cut_off)) return fail(*problem);
  if (const auto problem = read_day(options.known_on, "--known-on", options.task.known_on))
    return fail(*problem);
  options.task.cut_off = cut_off.value_or(today());
  options.task.made_at = to_text(today()) + "T00:00:00";
  options.task.version = GRAFTLINE_VERSION;
  const auto format = options.format == "csv"      ? service::EndpointFormat::csv
                      : options.format == "json"   ? service::EndpointFormat::dataset_json
                      : options.format == "ndjson" ? service::EndpointFormat::dataset_ndjson
                                                   : service::EndpointFormat::text;
  const auto output = service::endpoints_of(options.task, format);
  if (!output) return fail(output.error());
  service::WholeFile file(options.output);
  file.write(output->printed);
  if (const auto problem = file.finish()) return fail(*problem);
  fmt::print(stderr, "{}", output->counts);
  return done;
}

}  // namespace

void define_endpoints(CLI::App& app, Run& run) {
  const auto options = std::make_shared<EndpointOptions>();
  app.add_option("records", options->task.records,
                 "FHIR, CSV, case files (*.cases), folders of these; or an ADTTE-like table of components");
  app.add_option("--endpoint", options->task.endpoints, "which, separated by commas (all): see --list")
      ->delimiter(',');
  app.add_flag("--list", options->list, "the endpoints with their events, what competes, and source");
  app.add_option("--from", options->task.time_zero,
                 "time 0: transplant (default), dli (the first) or randomisation");
  app.add_option("--cut-off", options->cut_off, "day on which follow-up is cut, YYYY-MM-DD (today)");
  app.add_option("--known-on", options->known_on, "use only what was known on this day (the cut-off)");
  app.add_option(
         "--absence-means-no", options->task.absence_means_no,
         "components that this source always records: no record then means no. all, death, relapse, agvhd24, "
         "agvhd34, cgvhd, cgvhdms, cgvhdsev, cgvhdist, aplasia, infection")
      ->delimiter(',');
  app.add_flag("--censor-at-last-assessment", options->task.censor_at_last_assessment,
               "end follow-up at the last entry that documents absence, not at the last contact");
  app.add_option("--mapping", options->task.mapping_file,
                 "mapping file (TOML): local codes, units and columns");
  app.add_option("--study", options->task.study, "STUDYID");
  app.add_option("--format", options->format, "text, csv (ADTTE), json or ndjson (Dataset-JSON)")
      ->check(CLI::IsMember({"text", "csv", "json", "ndjson"}));
  app.add_option("-o,--output", options->output, "write to this file instead of standard output");
  app.footer(
      "Examples:\n"
      "  graftline analyze endpoints --list\n"
      "  graftline analyze endpoints examples/cohort --endpoint grfs,relapse --from dli --cut-off "
      "2026-03-01\n"
      "  graftline analyze endpoints export.ndjson --from randomisation --format csv --output adtte.csv\n"
      "  graftline analyze km adtte.csv --param GRFS --origin \"first DLI\"\n"
      "Counts go to the error stream: unknown is named and counted, never dropped and never taken for no.");
  app.callback([options, &run] { run = [options] { return endpoints(*options); }; });
}

}  // namespace graftline::cli
