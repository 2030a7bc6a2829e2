#include <fmt/format.h>

#include <memory>

#include "cli/options.h"
#include "service/patient_timeline.h"
#include "service/whole_file.h"

namespace graftline::cli {
namespace {

struct TimelineOptions {
  std::vector<std::string> records;
  std::string patient, as_of, known_on, mapping, output;
  std::string format = "text", language = "en";
  double width = 960.0;
};

int timeline(const TimelineOptions& options) {
  AskOptions shared;
  shared.records = options.records;
  shared.patient = options.patient;
  shared.as_of = options.as_of;
  shared.known_on = options.known_on;
  shared.mapping = options.mapping;
  const auto ask = ask_of(shared);
  if (!ask) return fail(ask.error());
  const auto patient = service::read_one(*ask);
  if (!patient) return fail(patient.error());
  service::TimelineQuestion question;
  question.as_of = ask->question.as_of;
  question.known_on = ask->question.known_on;
  question.width = options.width;
  question.language = options.language;
  question.format = options.format == "svg"    ? service::TimelineFormat::svg
                    : options.format == "json" ? service::TimelineFormat::json
                                               : service::TimelineFormat::text;
  const auto drawn = service::timeline_of(patient->timeline, question);
  if (!drawn) return fail(drawn.error());
  service::WholeFile file(options.output);
  file.write(*drawn);
  if (const auto unwritten = file.finish()) return fail(*unwritten);
  fmt::print(stderr, "{}", service::import_notice(patient->report));
  return done;
}

}  // namespace

void define_timeline(CLI::App& app, Run& run) {
  const auto options = std::make_shared<TimelineOptions>();
  app.add_option("records", options->records,
                 "FHIR bundles, resources or NDJSON, CSV, directories of these, each also gzipped")
      ->required();
  app.add_option("--patient", options->patient, "which patient, when the records hold several");
  app.add_option("--as-of", options->as_of, "the day asked about, YYYY-MM-DD (default: today)");
  app.add_option("--known-on", options->known_on,
                 "use only what was known on this day (default: the day asked about)");
  app.add_option("--mapping", options->mapping,
                 "mapping file (TOML): local codes, units and columns to facts");
  app.add_option("--format", options->format, "text: every entry, oldest first; svg: the figure; json: both")
      ->check(CLI::IsMember({"text", "svg", "json"}));
  app.add_option("--width", options->width, "of the figure in CSS pixels, 300 to 2400");
  app.add_option("--lang", options->language, "language of headings: en or zh")
      ->check(CLI::IsMember({"en", "zh"}));
  app.add_option("-o,--output", options->output, "write to this file, which appears only when whole");
  app.footer(
      "Tracks: events, disease and MRD, donor chimerism, immunosuppression, donor lymphocytes, GVHD, "
      "infection,\n"
      "laboratory. What a record leaves open (a day known only as a month, a course without an end) is "
      "hatched.\n"
      "Examples:\n"
      "  graftline timeline examples/cohort/r-1002-second-dose-overdue.json --as-of 2026-03-02\n"
      "  graftline timeline patient.json --format svg --output patient.svg\n"
      "  graftline timeline patient.json --known-on 2026-02-01 --format svg --lang zh -o then.svg");
  app.callback([options, &run] { run = [options] { return timeline(*options); }; });
}

}  // namespace graftline::cli
