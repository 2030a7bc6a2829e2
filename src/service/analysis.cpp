#include "service/analysis.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/adtte.h"
#include "analysis/analyse.h"
#include "analysis/rows.h"
#include "report/analysis_document.h"
#include "report/dataset_json.h"
#include "report/figure/forest_figure.h"
#include "report/figure/survival_figure.h"

namespace graftline::service {
namespace {

std::string figure_of(const AnalysisTask& task, const report::AnalysisDocument& document) {
  const auto& analysis = document.analysis;
  report::FigureOptions options;
  options.width =
      task.figure.two_columns ? report::FigureWidth::two_columns : report::FigureWidth::one_column;
  options.unit = task.request.time_unit;
  options.origin = task.request.origin;
  options.few_at_risk = task.figure.few_at_risk;
  options.censor_ticks = task.figure.censor_ticks;
  options.bands = task.figure.bands;
  options.ticks = task.figure.ticks;
  options.event = task.request.cause;
  options.language = document.language;
  options.footer = fmt::format("{}, sha256 {}{}; graftline {}", document.file, document.sha256.substr(0, 16),
                               document.cut_off.empty() ? "" : ", " + document.cut_off, document.version);
  const auto layout = analysis.figure->kind == analysis::FigureKind::effects
                          ? report::forest_layout(*analysis.figure, options)
                          : report::layout(*analysis.figure, options);
  return report::to_svg(layout, analysis.figure->caption,
                        document.language == report::Language::chinese ? "zh" : "en");
}

// The analysed rows as ADaM: CNSR 0 the event, 1 censored, 2 a competing event.
std::string adtte_of(const AnalysisTask& task, const analysis::Analysis& analysis) {
  using enum report::DatasetType;
  report::Dataset dataset{.name = "ADTTE",
                          .label = "Time-to-Event Analysis",
                          .study = "",
                          .made_at = task.made_at,
                          .version = task.version,
                          .columns = {{"USUBJID", "Unique Subject Identifier", text, 1},
                                      {"TRTP", "Planned Treatment"},
                                      {"PARAMCD", "Parameter Code", text, 2},
                                      {"AVAL", "Analysis Value", number},
                                      {"AVALU", "Analysis Value Unit"},
                                      {"CNSR", "Censor (0 event, 1 censored, 2 competing event)", integer},
                                      {"EVNTDESC", "Event or Censoring Description"}},
                          .rows = {}};
  std::string parameter = !task.parameter.empty() ? task.parameter : task.request.event;
  if (parameter.empty()) parameter = "EVENT";
  for (char& c : parameter)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  parameter = parameter.substr(0, 8);
  int cause = 1;
  for (const auto& row : analysis.rows)
    if (!task.request.cause.empty() && row.event == task.request.cause) cause = row.status;
  for (const auto& row : analysis.rows) {
    const double code = row.status == 0 ? 1.0 : row.status == cause ? 0.0 : 2.0;
    dataset.rows.push_back({row.subject, row.group, parameter, row.time, task.request.time_unit, code,
                            row.status == 0 ? std::string("censored") : row.event});
  }
  const auto ends = [&task](std::string_view end) { return std::string_view(task.adtte).ends_with(end); };
  if (ends(".ndjson")) return report::to_dataset_ndjson(dataset);
  return ends(".json") ? report::to_dataset_json(dataset) : report::to_dataset_csv(dataset);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> analysis_kinds() {
  std::vector<std::pair<std::string, std::string>> kinds;
  for (const auto& kind : analysis::analysis_kinds()) kinds.emplace_back(kind.name, kind.summary);
  return kinds;
}

std::vector<std::string> columns_of(const AnalysisTask& task) {
  std::vector<std::string> columns = analysis::columns_of(task.request);
  if (!task.parameter.empty() || columns.empty())
    for (std::string& name : analysis::adtte_columns())
      if (std::find(columns.begin(), columns.end(), name) == columns.end())
        columns.push_back(std::move(name));
  return columns;
}

Result<AnalysisOutput> run_analysis(const AnalysisTask& task, const DataFile& data) {
  analysis::Request request = task.request;
  request.keep_rows = !task.adtte.empty();
  analysis::AdtteRows adtte;
  const stats::DataTable* table = &data.table;
  if (!task.parameter.empty() || (request.formula.empty() && request.states.empty())) {
    if (!analysis::is_adtte(data.table))
      return Error{
          ErrorKind::malformed_input,
          fmt::format(
              "{}: a formula is missing, as \"Surv(time, status) ~ group\"; only ADTTE tables (columns "
              "PARAMCD, AVAL, CNSR) do without, with --param",
              data.name)};
    auto rows = analysis::adtte_rows(data.table, {task.parameter, task.competing_cnsr});
    if (!rows) return Error{rows.error().kind, fmt::format("{}: {}", data.name, rows.error().message)};
    adtte = std::move(*rows);
    table = &adtte.table;
    if (request.formula.empty()) request.formula = adtte.formula;
    if (request.event.empty()) request.event = adtte.parameter;
    if (request.causes.empty()) request.causes = adtte.causes;
  }
  auto analysis = analysis::analyse(task.kind, *table, request);
  if (analysis) analysis->notes.insert(analysis->notes.begin(), adtte.notes.begin(), adtte.notes.end());
  if (!analysis) {
    const bool is_refusal = analysis.error().kind == ErrorKind::unsupported;
    return Error{analysis.error().kind, is_refusal
                                            ? analysis.error().message
                                            : fmt::format("{}: {}", data.name, analysis.error().message)};
  }
  report::AnalysisDocument document{std::move(*analysis),
                                    data.name,
                                    data.sha256,
                                    task.version,
                                    task.cut_off,
                                    task.options,
                                    report::language_of(task.language).value_or(report::Language::english)};
  AnalysisOutput output;
  if (!task.figure.file.empty() && !document.analysis.figure)
    return Error{
        ErrorKind::unsupported,
        fmt::format("--figure: {} has no figure; km, cif, cox, finegray and multistate have", task.kind)};
  std::string svg;
  if (document.analysis.figure && (task.report || !task.figure.file.empty())) svg = figure_of(task, document);
  if (!task.adtte.empty()) output.adtte = adtte_of(task, document.analysis);
  if (task.report) output.html = report::to_html(document, svg);
  if (!task.figure.file.empty()) output.svg = std::move(svg);
  switch (task.format) {
    case AnalysisFormat::text:
      output.printed = report::to_text(document);
      break;
    case AnalysisFormat::json:
      output.printed = report::to_json(document);
      break;
    case AnalysisFormat::csv: {
      auto csv = report::to_csv(document, task.table);
      if (!csv) return csv.error();
      output.printed = std::move(*csv);
      break;
    }
  }
  return output;
}

}  // namespace graftline::service
