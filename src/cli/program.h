#pragma once
// The whole program, for the mains that start it.

#include <string>

namespace graftline::cli {

// Parses the command line, runs the command, prints what went wrong. Returns the exit code.
int run_program(int argc, char** argv, const std::string& version);

}  // namespace graftline::cli
