#pragma once
// Text to model. All mistakes of a file are reported in one go, each with its place, a caret and a
// suggestion.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "protocol/parse.h"
#include "sim/model.h"

namespace graftline::sim {

struct ParsedModel {
  Model model;  // usable only when `ok()`
  std::string text;
  std::string file;
  std::vector<protocol::Diagnostic> diagnostics;
  bool ok() const;               // no errors
  std::string mistakes() const;  // each with file, line, caret
};

// Never throws, never stops at the first mistake. What was read is also verified (verify_model.h).

ParsedModel parse_model(std::string_view text, std::string file = "");

// The model with checks, variants and trials from a file of their own instead of its own checks and trials,
// read as if they stood at its end.
ParsedModel with_targets(ParsedModel model, std::string_view targets, std::string file);

// What a scenario file says of itself, and of which model it speaks. errors  as read_model
Result<Scenario> read_scenario_head(const std::filesystem::path& path);

// errors  not_found: no such file; malformed_input: every mistake
Result<Model> read_model(const std::filesystem::path& path, const std::filesystem::path& targets = {});

}  // namespace graftline::sim
