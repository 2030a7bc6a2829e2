#include "cli/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "core/suggestion.h"

namespace graftline::cli {

namespace {

// A command that is not there is most often one misspelt.
void suggest_command(std::string_view given) {
  std::vector<std::string> names;
  for (const Command& command : commands()) names.emplace_back(command.name);
  if (given.empty() || given.front() == '-' || std::find(names.begin(), names.end(), given) != names.end())
    return;
  const auto closest = closest_name(given, names);
  fmt::print(stderr, "graftline: no command '{}'{}\n", given,
             closest ? fmt::format("; did you mean '{}'?", *closest) : "; graftline --help lists them");
}

// Each command defines its options only when it is named: that keeps starting under a few milliseconds.
int run(int argc, char** argv, const std::string& version) {
  CLI::App app{
      "graftline: DLI protocols as files, run on records.\nResearch use; a clinician decides and signs."};
  app.name("graftline");
  app.set_version_flag("--version", "graftline " + version);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  graftline check patient.json --protocol nct07319793 --as-of 2026-03-01 --set "
      "egfr_equation=ckd_epi_2021\n"
      "  graftline worklist examples/cohort --protocol ebmt-2024 --as-of 2026-03-01 --html worklist.html\n"
      "  graftline protocol list\n"
      "  graftline COMMAND --help");
  Run chosen;
  for (const Command& command : commands()) {
    CLI::App* sub = app.add_subcommand(std::string(command.name), std::string(command.summary));
    command.define(*sub, chosen);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    if (code != 0 && argc > 1) suggest_command(argv[1]);
    return code == 0 ? done : wrong_usage;
  }
  return chosen ? chosen() : wrong_usage;
}

}  // namespace

int run_program(int argc, char** argv, const std::string& version) {
  try {
    return run(argc, argv, version);
  } catch (const std::exception& error) {
    fmt::print(stderr, "graftline: internal error, no answer given: {}\n", error.what());
    return bug;
  }
}

}  // namespace graftline::cli
