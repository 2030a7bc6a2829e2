#pragma once
// A statistical analysis as people and programs read it: a table of text, CSV, JSON, and one page of HTML.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/result.h"
#include "core/result.h"
#include "report/worklist_words.h"

namespace graftline::report {

// An analysis with what makes it reproducible.
struct AnalysisDocument {
  analysis::Analysis analysis;
  std::string file;                                          // name of the data
  std::string sha256;                                        // of its bytes
  std::string version;                                       // of this program
  std::string cut_off;                                       // of the data, as the user says; empty: not said
  std::vector<std::pair<std::string, std::string>> options;  // as given, without the data
  Language language = Language::english;
};

std::string to_text(const AnalysisDocument& document);

// docs/schemas/analysis.schema.json describes it. Numbers are not rounded; undefined is null.
std::string to_json(const AnalysisDocument& document);

// One table, by its id; the first table of estimates when empty.
//   errors  not_found: no such table, with those that there are
Result<std::string> to_csv(const AnalysisDocument& document, const std::string& table);

// One self-contained page: what was done with which options, the figure (SVG, may be empty), every table,
// data hash and version. Prints on white.
std::string to_html(const AnalysisDocument& document, const std::string& svg);

// A number as people read it, by its kind: probabilities with three decimals, p "< 0.001".
std::string shown(const analysis::Value& value, analysis::Kind kind);

}  // namespace graftline::report
