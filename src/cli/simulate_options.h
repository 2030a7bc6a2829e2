#pragma once
// The subcommands of graftline simulate.

#include "cli/options.h"

namespace graftline::cli {

void add_simulate_models(CLI::App& app, Run& run);      // check, calibrate
void add_simulate_trials(CLI::App& app, Run& run);      // trial, draw, again
void add_simulate_plain(CLI::App& app, Run& run);       // plain
void add_simulate_bedside(CLI::App& app, Run& run);     // bedside
void add_simulate_mechanisms(CLI::App& app, Run& run);  // patient, behaviours

}  // namespace graftline::cli
