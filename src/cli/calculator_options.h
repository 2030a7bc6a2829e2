#pragma once
// What the calculator commands share: how an answer is printed, and options that need no value to mean yes.

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "service/calculators.h"

namespace graftline::cli {

// Prints the answer as text or JSON; a value that cannot be used goes to the error stream. Exit code 0 or 2.
int print(const Result<service::Calculation>& calculation, const std::string& format);

// "--bullae", "--bullae no", "--bullae unknown"
void truth_option(CLI::App& app, const std::string& name, service::Typed& typed, const std::string& help);

// The request lives as long as the command; `answer` is called when the command runs.
template <class Request>
std::shared_ptr<Request> calculator(CLI::App& app, Run& run,
                                    Result<service::Calculation> (*answer)(const Request&)) {
  auto request = std::make_shared<Request>();
  auto format = std::make_shared<std::string>("text");
  app.add_option("--format", *format, "text or json")->check(CLI::IsMember({"text", "json"}));
  app.callback([=, &run] { run = [=] { return print(answer(*request), *format); }; });
  return request;
}

}  // namespace graftline::cli
