#pragma once
// The commands of the program. A new one is a function here and a row in commands.cpp; docs/cli.md names them
// all.

#include <CLI/CLI.hpp>
#include <functional>
#include <span>
#include <string_view>

namespace graftline::cli {

// Exit codes of the program, documented in docs/cli.md.
enum ExitCode : int {
  done = 0,
  found_failures = 1,    // cases failed, verification found mistakes
  wrong_usage = 2,       // arguments
  unreadable_input = 3,  // a file, record or patient that is not there or cannot be read
  wrong_protocol = 4,    // the protocol file has mistakes
  bug = 70,              // our own claim broke; no answer is given
};

// What the chosen command will do, set while arguments are parsed.
using Run = std::function<int()>;

struct Command {
  std::string_view name;
  std::string_view summary;
  void (*define)(CLI::App& app, Run& run);  // adds options, examples and the callback
};

std::span<const Command> commands();

void define_check(CLI::App& app, Run& run);
void define_plan(CLI::App& app, Run& run);
void define_compare(CLI::App& app, Run& run);
void define_screen(CLI::App& app, Run& run);
void define_when(CLI::App& app, Run& run);
void define_timeline(CLI::App& app, Run& run);
void define_generate(CLI::App& app, Run& run);
void define_worklist(CLI::App& app, Run& run);
void define_diff(CLI::App& app, Run& run);
void define_export(CLI::App& app, Run& run);
void define_protocol(CLI::App& app, Run& run);
void define_test(CLI::App& app, Run& run);
void define_verify(CLI::App& app, Run& run);
void define_facts(CLI::App& app, Run& run);
void define_import(CLI::App& app, Run& run);
void define_simulate(CLI::App& app, Run& run);
void define_validate(CLI::App& app, Run& run);
void define_analyze(CLI::App& app, Run& run);
void define_endpoints(CLI::App& app, Run& run);  // a subcommand of analyze
void define_design(CLI::App& app, Run& run);
void define_randomise(CLI::App& app, Run& run);
void define_completion(CLI::App& app, Run& run);

// The workplace.
void define_serve(CLI::App& app, Run& run);
void define_store(CLI::App& app, Run& run);
void define_account(CLI::App& app, Run& run);

// From donor to bag.
void define_collect(CLI::App& app, Run& run);
void define_split(CLI::App& app, Run& run);
void define_dose(CLI::App& app, Run& run);
void define_bags(CLI::App& app, Run& run);
void define_form(CLI::App& app, Run& run);

// One scale or equation each, without a record: prints what was used, the result and its source.
void define_grade(CLI::App& app, Run& run);
void define_egfr(CLI::App& app, Run& run);
void define_uln(CLI::App& app, Run& run);
void define_chimerism(CLI::App& app, Run& run);
void define_mrd(CLI::App& app, Run& run);
void define_cml_relapse(CLI::App& app, Run& run);
void define_hct_ci(CLI::App& app, Run& run);
void define_dri(CLI::App& app, Run& run);
void define_graft_function(CLI::App& app, Run& run);

}  // namespace graftline::cli
