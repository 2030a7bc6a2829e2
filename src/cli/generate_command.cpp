#include <fmt/format.h>

#include <memory>

#include "cli/options.h"
#include "service/generate.h"

namespace graftline::cli {

namespace {

struct GenerateOptions {
  service::GenerateCohort cohort;
  std::string as_of = "2026-03-01";
  bool complete = false;
};

int generate(GenerateOptions options) {
  const auto day = parse_day(options.as_of);
  if (!day) {
    return fail(
        {ErrorKind::malformed_input, fmt::format("--as-of {}: {}", options.as_of, day.error().message)});
  }
  options.cohort.as_of = *day;
  options.cohort.gaps = !options.complete;
  if (const auto problem = service::generate_cohort(options.cohort)) return fail(*problem);
  return done;
}

}  // namespace

void define_generate(CLI::App& app, Run& run) {
  const auto options = std::make_shared<GenerateOptions>();
  app.require_subcommand(1);
  app.footer(
      "Example:\n"
      "  graftline generate cohort --patients 1000 --seed 7 -o cohort.ndjson");
  CLI::App* cohort =
      app.add_subcommand("cohort", "made-up patients after a transplant, as FHIR bundles, one to a line");
  cohort->add_option("-n,--patients", options->cohort.patients, "how many (default: 1000)");
  cohort->add_option("--seed", options->cohort.seed,
                     "the same seed gives the same bytes everywhere (default: 1)");
  cohort->add_option("--as-of", options->as_of, "the day the records were taken (default: 2026-03-01)");
  cohort
      ->add_option("--draws", options->cohort.draws,
                   "laboratory values of each kind (default: 12, 95 KB a patient)")
      ->check(CLI::Range(0, 1000));
  cohort->add_flag("--complete", options->complete, "without the gaps that real exports have");
  cohort->add_option("-o,--output", options->cohort.output,
                     "write to this file, which appears only when whole (default: standard output)");
  cohort->footer(
      "Examples:\n"
      "  graftline generate cohort --patients 1000 --seed 7 -o cohort.ndjson\n"
      "  graftline generate cohort -n 100000 --draws 1 | gzip >cohort.ndjson.gz\n"
      "The patients resemble nobody: for measuring and trying out, not for conclusions.");
  cohort->callback([options, &run] { run = [options] { return generate(*options); }; });
}

}  // namespace graftline::cli
