#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "cli/distribute.h"
#include "cli/options.h"
#include "service/criteria_screen.h"
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
  bool criteria = false;
  unsigned jobs = 1;
  bool unordered = false;
  std::string parts;
  bool resume = false;
  std::string shard;
};

service::ScreenFormat format_of(const ScreenOptions& options) {
  if (options.format == "csv") return service::ScreenFormat::csv;
  return options.format == "ndjson" ? service::ScreenFormat::ndjson : service::ScreenFormat::table;
}

// "2/4": the second of four.
bool read_shard(const std::string& text, service::CriteriaScreen& screen) {
  if (text.empty()) return true;
  std::size_t number = 0;
  int used = 0;
  if (std::sscanf(text.c_str(), "%zu/%zu%n", &number, &screen.shards, &used) != 2 ||
      static_cast<std::size_t>(used) != text.size() || number < 1 || number > screen.shards) {
    return false;
  }
  screen.shard = number - 1;
  return true;
}

// With other processes: each makes parts, one writes the answer.
int screen_together(const ScreenOptions& options, service::CriteriaRun& run,
                    const service::CriteriaScreen& screen, bool removes_parts) {
  const auto is_ours = distribute()(run);
  end_progress();
  if (!is_ours) return fail(is_ours.error());
  if (!*is_ours) return done;
  std::unique_ptr<service::WholeFile> file;
  const auto counts = run.merge([&](std::string_view more) {
    if (!file) {
      file = std::make_unique<service::WholeFile>(options.output);
      file->write(service::criteria_header(screen.format));
    }
    file->write(more);
  });
  if (!counts) return fail(counts.error());
  if (file) {
    if (const auto problem = file->finish()) return fail(*problem);
  }
  if (removes_parts) run.remove_parts();
  fmt::print(stderr, "{}", service::to_text(*counts));
  return done;
}

int screen_criteria(const ScreenOptions& options, const service::Ask& ask,
                    const std::vector<service::Prepared>& prepared) {
  service::CriteriaScreen screen;
  screen.format = format_of(options);
  screen.threads = options.jobs;
  screen.ordered = !options.unordered;
  screen.parts = options.parts;
  screen.resume = options.resume;
  if (!read_shard(options.shard, screen)) {
    return fail({ErrorKind::malformed_input,
                 fmt::format("--shard {}: expected I/N with I from 1 to N, as in 2/4", options.shard)});
  }
  if ((screen.resume || screen.shards > 1) && screen.parts.empty()) {
    return fail({ErrorKind::malformed_input,
                 "--resume and --shard need --parts FOLDER, where finished parts are kept"});
  }
  if (!ask.patient.empty()) {
    return fail({ErrorKind::malformed_input, "--criteria asks all patients; for one, leave it out"});
  }
  const bool is_shared = static_cast<bool>(distribute()) && screen.shards == 1;
  const bool makes_folder = is_shared && screen.parts.empty();
  if (makes_folder) screen.parts = (options.output.empty() ? "graftline" : options.output) + ".parts";
  auto run = service::CriteriaRun::plan(ask, prepared, screen);
  if (!run) return fail(run.error());
  if (is_shared) return screen_together(options, *run, screen, makes_folder);
  service::WholeFile file(options.output);
  bool is_begun = false;
  const auto write = [&](std::string_view rows) {
    // Only now is it known that the records can be read at all.
    if (!is_begun) file.write(service::criteria_header(screen.format));
    is_begun = true;
    file.write(rows);
  };
  const auto counts = run->run(write);
  end_progress();
  if (!counts) return fail(counts.error());
  if (screen.shards > 1) {
    fmt::print(stderr, "Shard {} is in {}; when all are, run again with --resume and without --shard.\n{}",
               options.shard, screen.parts, service::to_text(*counts));
    return done;
  }
  if (const auto problem = file.finish()) return fail(*problem);
  fmt::print(stderr, "{}", service::to_text(*counts));
  for (const std::string& line : service::criteria_by_row(prepared)) {
    fmt::print(stderr, "Answered row by row, not in columns: {}\n", line);
  }
  return done;
}

int screen(const ScreenOptions& options) {
  auto ask = ask_of(options);
  if (!ask) return fail(ask.error());
  std::vector<service::Prepared> prepared;
  if (const auto code = prepare(*ask, prepared)) return *code;
  ask->progress = progress_to_terminal();
  if (options.criteria) return screen_criteria(options, *ask, prepared);
  const auto format = format_of(options);
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
  auto* criteria = app.add_flag("--criteria", options->criteria,
                                "eligibility only: verdict, failing and unknown criteria; many times faster");
  app.add_option("-j,--jobs", options->jobs, "threads, with --criteria")
      ->check(CLI::Range(1, 1024))
      ->needs(criteria);
  app.add_flag("--unordered", options->unordered, "with --criteria: rows as they are ready")->needs(criteria);
  app.add_option("--parts", options->parts,
                 "with --criteria: keep finished parts of the input in this folder")
      ->needs(criteria);
  app.add_flag("--resume", options->resume, "take the parts that are there already")->needs(criteria);
  app.add_option("--shard", options->shard, "only the I-th of N shards (I/N), into --parts")->needs(criteria);
  app.footer(
      "Examples:\n"
      "  graftline screen examples/cohort --protocol nct07319793 --as-of 2026-03-01\n"
      "  graftline screen export.ndjson.gz --protocol ebmt-2024 --format csv --output screening.csv\n"
      "  graftline screen export.ndjson -p nct07319793 --criteria --jobs 2 --format csv -o criteria.csv\n"
      "  graftline screen export.ndjson -p nct07319793 --criteria --parts work --shard 1/4\n"
      "  graftline screen export.ndjson -p nct07319793 --criteria --parts work --resume -o criteria.csv\n"
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
