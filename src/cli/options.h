#pragma once
// Options that several commands share, with the same names and meanings everywhere.

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "service/ask.h"

namespace graftline::cli {

// Raw arguments of commands that ask protocols about records.
struct AskOptions {
  std::vector<std::string> records;
  std::vector<std::string> protocols;
  std::vector<std::string> protocol_folders;
  std::string patient, as_of, known_on, read_on, site, mapping, strategy, product;
  std::vector<std::string> parameters, upper_limits, judgements;  // NAME=VALUE

  void add_to(CLI::App& app, bool several_protocols);
  void add_settings_to(CLI::App& app);  // all but records and protocols
};

// errors  malformed_input naming the option
Result<service::Ask> ask_of(const AskOptions& options);

// The protocols asked, with the settings in force for each. Fails with the exit code, after saying why.
std::optional<int> prepare(const service::Ask& ask, std::vector<service::Prepared>& prepared);

// Folders searched for protocols: as given, else ./protocols, else beside the program.
std::vector<std::filesystem::path> protocol_folders(const std::vector<std::string>& given);

Day today();  // of the local calendar

// Prints "graftline: ..." to the error stream; gives the exit code that fits the kind.
int fail(const Error& error);

}  // namespace graftline::cli
