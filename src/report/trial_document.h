#pragma once
// A simulation of trials as people read it, drawn from the JSON document alone: text, a figure, one page of
// HTML. docs/schemas/trial-simulation.schema.json describes the document.

#include <string>

#include "core/result.h"

namespace graftline::report {

// errors (all three)  malformed_input: the text is no such document

// A block for each setting; where something is varied, a table of all settings first.
Result<std::string> trial_text(const std::string& json);

// Share of trials that reject, with two Monte-Carlo standard errors either way: over the value varied where
// there is one numeric one, else by endpoint and test.
Result<std::string> trial_svg(const std::string& json);

// One self-contained page: the question, the figure, every table, how to run it again.
Result<std::string> trial_html(const std::string& json, const std::string& version);

}  // namespace graftline::report
