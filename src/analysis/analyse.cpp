#include "analysis/analyse.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/exposure.h"
#include "analysis/honesty.h"
#include "analysis/kinds.h"
#include "core/suggestion.h"

namespace graftline::analysis {
namespace {

constexpr std::array rows_of_kinds{
    AnalysisKind{"km", "survival curves (Kaplan-Meier), medians, log-rank test, hazard ratio",
                 kaplan_meier_analysis},
    AnalysisKind{"cif", "cumulative incidence with competing events (Aalen-Johansen), Gray's test",
                 incidence_analysis},
    AnalysisKind{"logrank", "log-rank tests: weighted, stratified, for trend", logrank_analysis},
    AnalysisKind{"gray", "Gray's test of equal cumulative incidence", gray_analysis},
    AnalysisKind{"rmst", "restricted mean survival time, difference and ratio", restricted_mean_analysis},
    AnalysisKind{"cox", "proportional hazards regression", cox_analysis},
    AnalysisKind{"finegray", "regression of cumulative incidence (subdistribution hazards)",
                 fine_gray_analysis},
    AnalysisKind{"multistate", "transitions, occupancy, length of stay, current survival, Cox by transition",
                 multistate_analysis},
    AnalysisKind{"mcf", "mean number of recurrent events", mean_cumulative_analysis},
    AnalysisKind{"winratio", "win ratio of a hierarchy of endpoints", win_ratio_analysis},
    AnalysisKind{"table1", "characteristics by group", characteristics_analysis},
};

stats::DataTable subset_of(const stats::DataTable& table, const std::vector<std::size_t>& rows) {
  stats::DataTable part;
  part.names = table.names;
  part.rows = rows.size();
  for (const auto& [name, column] : table.columns) {
    stats::Column& kept = part.columns.emplace(name, stats::selected(column, rows)).first->second;
    kept.n_numbers = column.n_numbers;
    const auto at = std::lower_bound(rows.begin(), rows.end(), column.first_text_row);
    kept.first_text_row = at == rows.end() ? 0 : static_cast<std::size_t>(at - rows.begin());
  }
  for (const std::size_t row : rows) part.lines.push_back(static_cast<std::uint32_t>(table.line(row)));
  return part;
}

std::optional<Error> names_known_at_start(const stats::DataTable& table, const Request& request) {
  for (const std::string& name : request.known_at_start)
    if (auto problem = check_names(table, name)) return problem;
  return std::nullopt;
}

Result<std::vector<AnalysedRow>> analysed_rows(const stats::DataTable& table, const Rows& rows,
                                               const std::string& id) {
  stats::Column subjects;
  if (!id.empty()) {
    if (const auto problem = check_names(table, id)) return *problem;
    auto column = stats::evaluate(table, id);
    if (!column) return column.error();
    subjects = std::move(*column);
  }
  std::vector<AnalysedRow> result;
  result.reserve(rows.time.size());
  for (std::size_t i = 0; i < rows.time.size(); ++i) {
    const std::size_t row = rows.row[i];
    AnalysedRow one;
    one.subject = id.empty()         ? fmt::format("line {}", table.line(row))
                  : subjects.is_text ? subjects.text(row)
                                     : stats::label_of(subjects.number[row]);
    if (!rows.group.empty()) one.group = rows.groups[static_cast<std::size_t>(rows.group[i])];
    one.time = rows.time[i];
    one.status = rows.status[i];
    if (one.status > 0) one.event = rows.causes[static_cast<std::size_t>(one.status) - 1];
    result.push_back(std::move(one));
  }
  return result;
}

}  // namespace

std::span<const AnalysisKind> analysis_kinds() { return rows_of_kinds; }

Result<Analysis> analyse(std::string_view kind, const stats::DataTable& table, const Request& request) {
  const auto row = std::find_if(rows_of_kinds.begin(), rows_of_kinds.end(),
                                [kind](const auto& k) { return k.name == kind; });
  if (row == rows_of_kinds.end()) {
    std::vector<std::string_view> names;
    for (const AnalysisKind& k : rows_of_kinds) names.push_back(k.name);
    return Error{ErrorKind::not_found,
                 fmt::format("there is no analysis {}; there are {}", kind, fmt::join(names, ", "))};
  }
  if (!(request.conf_level > 0.0 && request.conf_level < 1.0))
    return Error{ErrorKind::malformed_input,
                 "--conf-level: a number between 0 and 1 is expected, for example 0.95"};
  if (request.subset.empty()) return row->run(table, request);
  if (const auto problem = check_names(table, request.subset)) return *problem;
  const auto rows = stats::rows_where(table, request.subset);
  if (!rows) return rows.error();
  Request rest = request;
  rest.subset.clear();
  auto analysis = row->run(subset_of(table, *rows), rest);
  if (!analysis) return analysis.error();
  analysis->notes.insert(analysis->notes.begin(), fmt::format("Only rows with {}: {} of {}.", request.subset,
                                                              rows->size(), table.rows));
  return analysis;
}

Result<Begun> begin(std::string_view kind, const stats::DataTable& table, const Request& request,
                    const Beginning& beginning) {
  auto formula = parse_survival_formula(request.formula);
  if (!formula) return formula.error();
  if (const auto problem = names_known_at_start(table, request)) return *problem;
  if (!beginning.curve.empty())
    if (const auto refused = competing_events_censored(table, *formula, request, beginning.curve))
      return *refused;
  if (const auto refused = group_from_the_future(table, *formula, request)) return *refused;
  Begun begun{{}, *formula, request, {}};
  begun.analysis.kind = kind;
  begun.analysis.formula = request.formula;
  Result<Rows> rows = Error{};
  std::optional<stats::DataTable> changed;  // by exposures
  if (needs_exposure(request)) {
    auto exposed = with_exposures(table, *formula, request, beginning.wanted.one_event);
    if (!exposed) return exposed.error();
    begun.formula = exposed->formula;
    begun.request = exposed->request;
    begun.analysis.notes = exposed->notes;
    changed = std::move(exposed->table);
    rows = rows_of(*changed, begun.formula, begun.request, beginning.wanted);
  } else {
    rows = rows_of(table, *formula, request, beginning.wanted);
  }
  if (!rows) return rows.error();
  begun.rows = std::move(*rows);
  if (beginning.cause_specific && begun.rows.causes.size() > 1) {
    if (request.cause.empty())
      return Error{
          ErrorKind::malformed_input,
          fmt::format("the status holds several events ({}): name the one whose hazard is compared with "
                      "--cause; the others then end follow-up, as cause-specific hazards ask for",
                      fmt::join(begun.rows.causes, ", "))};
    const auto cause = cause_of_interest(begun.rows.causes, request.cause);
    if (!cause) return cause.error();
    for (int& code : begun.rows.status) code = code == *cause ? 1 : 0;
    std::vector<std::string> others = begun.rows.causes;
    others.erase(others.begin() + (*cause - 1));
    begun.analysis.notes.push_back(fmt::format(
        "Cause-specific hazard of {}: {} end follow-up. It says how fast {} happens among those still at "
        "risk, not how many will ever have it.",
        begun.rows.causes[static_cast<std::size_t>(*cause) - 1], fmt::join(others, ", "),
        begun.rows.causes[static_cast<std::size_t>(*cause) - 1]));
    begun.rows.causes = {begun.rows.causes[static_cast<std::size_t>(*cause) - 1]};
  }
  Analysis& analysis = begun.analysis;
  analysis.rows_read = begun.rows.rows_read;
  analysis.rows_analysed = begun.rows.time.size();
  analysis.missing = begun.rows.missing;
  analysis.notes.insert(analysis.notes.end(), begun.rows.notes.begin(), begun.rows.notes.end());
  if (request.keep_rows) {
    auto kept = analysed_rows(changed ? *changed : table, begun.rows, request.id);
    if (!kept) return kept.error();
    analysis.rows = std::move(*kept);
  }
  const bool any_event =
      std::any_of(begun.rows.status.begin(), begun.rows.status.end(), [](int code) { return code > 0; });
  if (!any_event) analysis.notes.emplace_back("No event: every row is censored.");
  return begun;
}

Value number(double value) { return std::isnan(value) ? Value{} : Value{value}; }

std::vector<double> times_or_ticks(const Request& request, double last) {
  if (!request.times.empty()) return request.times;
  // Four to eight round numbers.
  const double unit = std::pow(10.0, std::floor(std::log10(std::max(last, 1e-12) / 4.0)));
  double step = unit;
  for (const double multiple : {1.0, 2.0, 2.5, 5.0, 10.0}) {
    step = unit * multiple;
    if (last / step <= 8.0) break;
  }
  std::vector<double> times;
  for (int i = 1; step * i <= last * (1 + 1e-12); ++i) times.push_back(step * i);
  if (times.empty()) times.push_back(last);
  return times;
}

Result<stats::LimitOptions> limits_of(const Request& request, stats::LimitScale otherwise) {
  stats::LimitOptions limits{otherwise, request.conf_level};
  if (request.conf_type.empty()) return limits;
  if (request.conf_type == "none") {
    limits.level = 0.0;
    return limits;
  }
  const auto scale = stats::limit_scale(request.conf_type);
  if (!scale)
    return Error{ErrorKind::malformed_input,
                 fmt::format("--conf-type {}: expected plain, log, log-log, logit, arcsin or none",
                             request.conf_type)};
  limits.scale = *scale;
  return limits;
}

std::string limits_text(const stats::LimitOptions& limits) {
  if (limits.level == 0.0) return "no confidence limits";
  static constexpr std::array names{"plain", "log", "log-log", "logit", "arcsine"};
  return fmt::format("pointwise {:g} % limits on the {} scale", limits.level * 100,
                     names.at(static_cast<std::size_t>(limits.scale)));
}

std::string p_text(double p) {
  if (std::isnan(p)) return "p undefined";
  return p < 0.001 ? "p < 0.001" : fmt::format("p = {:.{}f}", p, p < 0.1 ? 3 : 2);
}

std::string estimate_text(double value, double lower_limit, double upper_limit, int digits) {
  const auto one = [digits](double x) {
    return std::isnan(x) ? std::string("-") : fmt::format("{:.{}f}", x, digits);
  };
  return fmt::format("{} ({} to {})", one(value), one(lower_limit), one(upper_limit));
}

std::string time_text(double value) {
  return std::isnan(value) ? "not reached"
                           : fmt::format("{:.{}f}", value, value == std::floor(value) ? 0 : 1);
}

Table& tests_table(Analysis& analysis) {
  for (Table& table : analysis.tables)
    if (table.id == "tests") return table;
  analysis.tables.push_back(
      Table{"tests",
            "Tests",
            {{"test", Kind::text}, {"statistic", Kind::number}, {"df", Kind::count}, {"p", Kind::p_value}},
            {}});
  return analysis.tables.back();
}

void add_test(Analysis& analysis, const std::string& name, const stats::ChiSquareTest& test) {
  tests_table(analysis).rows.push_back(
      {name, number(test.statistic), static_cast<double>(test.df), number(test.p)});
}

std::string origin_text(const Request& request) { return request.origin.empty() ? "time 0" : request.origin; }

}  // namespace graftline::analysis
