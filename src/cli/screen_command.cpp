#include <fmt/format.h>
#include <unistd.h>

#include "cli/options.h"
#include "service/screen.h"
#include "service/whole_file.h"
#include "service/worklist.h"

namespace graftline::cli {
namespace {

// Bytes read so far, on the error stream and only for people: never in a log or a pipe.
std::function<void(std::size_t)> progress_to_terminal() {
  if (isatty(STDERR_FILENO) == 0) return {};
  return [](std::size_t bytes) { fmt::print(stderr, "\rread {} MB", bytes / 1000000); };
}

void end_progress() {
  if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r                    \r");
}

struct ScreenOptions : AskOptions {
  std::string format = "table";
  std::string output;
};

int screen(const ScreenOptions& options) {
  auto ask = ask_of(options);
  if (!ask) return fail(ask.error());
  std::vector<service::Prepared> prepared;
  if (const auto code = prepare(*ask, prepared)) return *code;
  ask->progress = progress_to_terminal();
  const auto format = options.format == "csv"      ? service::ScreenFormat::csv
                      : options.format == "ndjson" ? service::ScreenFormat::ndjson
                                                   : service::ScreenFormat::table;
  service::WholeFile file(options.output);
  service::ScreenCounts counts;
  const auto report =
      service::ask_each(*ask, prepared, [&](const auto&, const auto&, const service::Answered& answered) {
        const service::ScreenRow row = service::screen_row(answered);
        // Only now is it known that the records can be read at all.
        if (counts.answers() == 0) file.write(service::header(format));
        counts.add(row);
        file.write(service::to_line(row, format));
      });
  end_progress();
  if (!report) return fail(report.error());
  if (const auto problem = file.finish()) return fail(*problem);
  fmt::print(stderr, "{}{}", counts.to_text(), service::import_notice(*report));
  return done;
}

struct WorklistOptions : AskOptions {
  std::string html;
  std::string format = "text";
  std::string language = "en";
};

int worklist(const WorklistOptions& options) {
  auto ask = ask_of(options);
  if (!ask) return fail(ask.error());
  std::vector<service::Prepared> prepared;
  if (const auto code = prepare(*ask, prepared)) return *code;
  ask->progress = progress_to_terminal();
  auto list = service::make_worklist(*ask, prepared);
  end_progress();
  if (!list) return fail(list.error());
  service::set_language(*list, options.language);
  if (!options.html.empty()) {
    service::WholeFile file(options.html);
    file.write(service::to_html(*list));
    if (const auto problem = file.finish()) return fail(*problem);
  }
  fmt::print("{}", options.format == "csv" ? service::to_csv(*list) : service::to_text(*list));
  if (!list->import_notice.empty()) fmt::print(stderr, "{}", list->import_notice);
  if (!options.html.empty()) fmt::print("Written: {}\n", options.html);
  return done;
}

}  // namespace

void define_screen(CLI::App& app, Run& run) {
  const auto options = std::make_shared<ScreenOptions>();
  options->add_to(app, true);
  app.add_option("--format", options->format, "table, csv or ndjson")
      ->check(CLI::IsMember({"table", "csv", "ndjson"}));
  app.add_option("-o,--output", options->output,
                 "write to this file, which appears only when whole (default: standard output)");
  app.footer(
      "Examples:\n"
      "  graftline screen examples/cohort --protocol nct07319793 --as-of 2026-03-01\n"
      "  graftline screen export.ndjson.gz --protocol ebmt-2024 --format csv --output screening.csv\n"
      "Counts go to the error stream, so that the output stays one row per patient and protocol.");
  app.callback([options, &run] { run = [options] { return screen(*options); }; });
}

void define_worklist(CLI::App& app, Run& run) {
  const auto options = std::make_shared<WorklistOptions>();
  options->add_to(app, true);
  app.add_option("--html", options->html, "also write the worklist as one self-contained HTML file");
  app.add_option("--format", options->format, "text or csv")->check(CLI::IsMember({"text", "csv"}));
  app.add_option("--lang", options->language, "language of headings: en or zh; protocols keep their own")
      ->check(CLI::IsMember({"en", "zh"}));
  app.footer(
      "Example:\n"
      "  graftline worklist examples/cohort -p nct07319793 -p ebmt-2024 --as-of 2026-03-01 --html "
      "worklist.html");
  app.callback([options, &run] { run = [options] { return worklist(*options); }; });
}

}  // namespace graftline::cli
