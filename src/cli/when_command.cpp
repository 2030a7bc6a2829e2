#include <fmt/format.h>

#include "cli/options.h"
#include "service/when.h"
#include "service/whole_file.h"

namespace graftline::cli {
namespace {

struct WhenOptions : AskOptions {
  std::string from, to;
  std::string format = "text";
  std::string output;
  bool every_change = false;
};

Result<service::WhenQuestion> question_of(const WhenOptions& options, const service::Ask& ask) {
  service::WhenQuestion question;
  question.every_change = options.every_change;
  question.known_on = ask.question.known_on;
  if (!options.as_of.empty()) question.about = ask.question.as_of;
  if (question.known_on && question.about) {
    return Error{ErrorKind::malformed_input,
                 "--as-of and --known-on together are one answer, not a series: graftline check gives it"};
  }
  for (const auto& [text, option, into] : {std::tuple{&options.from, "--from", &question.first},
                                           std::tuple{&options.to, "--to", &question.last}}) {
    if (text->empty()) continue;
    const auto day = parse_day(*text);
    if (!day) {
      return Error{ErrorKind::malformed_input,
                   fmt::format("{} '{}': expected a day, YYYY-MM-DD", option, *text)};
    }
    *into = *day;
  }
  return question;
}

int when(const WhenOptions& options) {
  const auto ask = ask_of(options);
  if (!ask) return fail(ask.error());
  const auto question = question_of(options, *ask);
  if (!question) return fail(question.error());
  std::vector<service::Prepared> prepared;
  if (const auto code = prepare(*ask, prepared)) return *code;
  const auto format = options.format == "json"  ? service::WhenFormat::json
                      : options.format == "csv" ? service::WhenFormat::csv
                                                : service::WhenFormat::text;
  service::WholeFile file(options.output);
  std::optional<Error> problem;
  bool is_first = true;
  const auto report = service::each_patient(*ask, [&](record::Timeline&& timeline) {
    for (const service::Prepared& one : prepared) {
      if (problem) return;
      const auto found = service::when(one, timeline, *question);
      if (!found) {
        problem = found.error();
        return;
      }
      if (is_first) file.write(service::when_header(format));
      if (!is_first && format == service::WhenFormat::text) file.write("\n");
      is_first = false;
      file.write(service::to_text(timeline.patient, one, *found, format));
    }
  });
  if (!report) return fail(report.error());
  if (problem) return fail(*problem);
  if (const auto unwritten = file.finish()) return fail(*unwritten);
  fmt::print(stderr, "{}", service::import_notice(*report));
  return done;
}

}  // namespace

void define_when(CLI::App& app, Run& run) {
  const auto options = std::make_shared<WhenOptions>();
  options->add_to(app, true);
  app.add_option("--patient", options->patient,
                 "which patient, when the records hold several (default: all)");
  app.add_option("--from", options->from, "first day, YYYY-MM-DD (default: day 0, else the first on record)");
  app.add_option("--to", options->to, "last day, YYYY-MM-DD (default: a year after the last on record)");
  app.add_flag("--every-change", options->every_change,
               "a new line also where a single criterion changes and the answer stays");
  app.add_option("--format", options->format, "text, json (one line per patient and protocol) or csv")
      ->check(CLI::IsMember({"text", "json", "csv"}));
  app.add_option("-o,--output", options->output, "write to this file, which appears only when whole");
  app.footer(
      "Three questions over time:\n"
      "  each day, as known on that day                      (what was said)\n"
      "  each day, as known on one day: --known-on DAY       (what was said on DAY about every day)\n"
      "  one day, as known on each day: --as-of DAY          (when the answer about DAY became what it is)\n"
      "Examples:\n"
      "  graftline when patient.json --protocol nct07319793 --from 2026-01-15 --to 2026-06-30\n"
      "  graftline when patient.json --protocol nct07319793 --known-on 2026-03-03\n"
      "  graftline when examples/cohort --protocol ebmt-2024 --format csv --output history.csv");
  app.callback([options, &run] { run = [options] { return when(*options); }; });
}

}  // namespace graftline::cli
