#include "cli/calculator_options.h"

#include <fmt/format.h>

#include <cstdio>

namespace graftline::cli {

int print(const Result<service::Calculation>& calculation, const std::string& format) {
  if (!calculation) {
    // Every input is an argument, so whatever cannot be used is wrong usage.
    fmt::print(stderr, "graftline: {} ({})\n", calculation.error().message, name(calculation.error().kind));
    return wrong_usage;
  }
  fmt::print("{}", format == "json" ? to_json(*calculation) : to_text(*calculation));
  return done;
}

void truth_option(CLI::App& app, const std::string& option, service::Typed& typed, const std::string& help) {
  app.add_option(option, typed, help + " (yes if no value follows; or no, unknown)")->expected(0, 1);
}

}  // namespace graftline::cli
