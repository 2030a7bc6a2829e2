#pragma once
// Statistical analyses of a file of rows: what `graftline analyze` prints and writes.

#include <string>
#include <utility>
#include <vector>

#include "analysis/request.h"
#include "core/result.h"
#include "service/data_file.h"

namespace graftline::service {

// Names and one-line summaries of the analyses.
std::vector<std::pair<std::string, std::string>> analysis_kinds();

enum class AnalysisFormat : unsigned char { text, json, csv };

// A figure file in the widths of journals.
struct FigureRequest {
  std::string file;  // SVG; empty: none
  bool two_columns = false;
  bool censor_ticks = true;
  bool bands = true;
  double few_at_risk = 10.0;
  std::vector<double> ticks;
};

struct AnalysisTask {
  std::string kind;
  analysis::Request request;
  std::string parameter;            // of an ADTTE table: PARAMCD
  std::vector<int> competing_cnsr;  // likewise: values of CNSR that compete
  AnalysisFormat format = AnalysisFormat::text;
  std::string table;  // of CSV
  FigureRequest figure;
  bool report = false;  // a page of HTML is wanted too
  std::string adtte;    // file for the analysed rows as ADTTE: .csv, .json or .ndjson; empty: none
  std::string made_at;  // ISO 8601, for Dataset-JSON
  std::string cut_off;  // of the data, as the user says
  std::string language = "en";
  std::string version;                                       // of this program
  std::vector<std::pair<std::string, std::string>> options;  // as given
};

// Columns that the task needs, so that only they are read.
std::vector<std::string> columns_of(const AnalysisTask& task);

struct AnalysisOutput {
  std::string printed;
  std::string svg;   // empty: not asked for
  std::string html;  // likewise
  std::string adtte;
};

//   errors   those of analysis::analyse(), with the file's name; unsupported: a figure of an analysis that
//   has none
Result<AnalysisOutput> run_analysis(const AnalysisTask& task, const DataFile& data);

}  // namespace graftline::service
