#include "analysis/transition_regression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/coefficients.h"
#include "stats/cox_residuals.h"

namespace graftline::analysis {
namespace {

// Rows of one transition as the regression reads them.
struct RowsOfTransition {
  std::vector<double> entry, time;
  std::vector<int> status, subject;
  std::vector<std::vector<double>> covariates;
  std::size_t incomplete = 0;

  stats::RealFollowUp view() const { return {.time = time, .status = status, .entry = entry}; }
  stats::Covariates covariate_view(const std::vector<std::string>& names) const {
    return {names, {covariates.begin(), covariates.end()}};
  }
};

RowsOfTransition complete_rows(const stats::TransitionRows& all, const stats::ModelColumns& columns,
                               std::span<const std::size_t> table_row) {
  RowsOfTransition rows;
  rows.covariates.resize(columns.columns.size());
  for (std::size_t r = 0; r < all.time.size(); ++r) {
    const std::size_t row = table_row[all.stay[r]];
    const bool missing = std::any_of(columns.columns.begin(), columns.columns.end(),
                                     [row](const auto& column) { return std::isnan(column[row]); });
    rows.incomplete += missing ? 1 : 0;
    if (missing) continue;
    if (!all.entry.empty()) rows.entry.push_back(all.entry[r]);
    rows.time.push_back(all.time[r]);
    rows.status.push_back(all.status[r]);
    for (std::size_t c = 0; c < columns.columns.size(); ++c)
      rows.covariates[c].push_back(columns.columns[c][row]);
  }
  if (std::all_of(rows.entry.begin(), rows.entry.end(), [](double e) { return e == 0.0; }))
    rows.entry.clear();
  return rows;
}

// The rows of a table after the two columns that name the transition.
void append(const Table& part, const std::string& from, const std::string& to, Table& whole) {
  for (const auto& row : part.rows) {
    std::vector<Value> longer{from, to};
    longer.insert(longer.end(), row.begin(), row.end());
    whole.rows.push_back(std::move(longer));
  }
}

Table with_transition(const char* id, const char* title, const std::vector<ColumnHead>& columns) {
  Table table{id, title, {{"from", Kind::text}, {"to", Kind::text}}, {}};
  table.columns.insert(table.columns.end(), columns.begin(), columns.end());
  return table;
}

}  // namespace

std::optional<Error> add_transition_regression(Analysis& analysis, const stats::DataTable& table,
                                               const std::vector<std::string>& terms,
                                               const TransitionModel& model, const Request& request) {
  if (request.clock != "forward" && request.clock != "reset")
    return Error{ErrorKind::malformed_input,
                 fmt::format("--clock {}: expected forward or reset", request.clock)};
  const auto clock = request.clock == "reset" ? stats::Clock::reset : stats::Clock::forward;
  const auto ties = ties_of(request.ties);
  if (!ties) return ties.error();
  for (const std::string& term : terms)
    if (auto problem = check_names(table, term)) return problem;
  const auto read = stats::model_terms(table, fmt::format("{}", fmt::join(terms, " + ")));
  if (!read) return read.error();
  const stats::ModelColumns& columns = read->covariates;
  const std::vector<ColumnHead> test{
      {"term", Kind::text}, {"statistic", Kind::number}, {"df", Kind::count}, {"p", Kind::p_value}};
  Table sizes = with_transition("transition_sizes", "Rows at risk of each transition, and moves",
                                {{"n", Kind::count}, {"events", Kind::count}});
  Table hazards =
      with_transition("transition_proportional_hazards",
                      "Test of proportional hazards by transition (time transformed by km)", test);
  Table coefficients;
  std::size_t incomplete = 0;
  for (const stats::Transition& transition : model.transitions) {
    const std::string& from = model.states[static_cast<std::size_t>(transition.from)];
    const std::string& to = model.states[static_cast<std::size_t>(transition.to)];
    const auto all =
        stats::transition_rows(model.stays, static_cast<int>(model.states.size()), {&transition, 1}, clock);
    if (!all) return all.error();
    const RowsOfTransition rows = complete_rows(*all, columns, model.row);
    incomplete += rows.incomplete;
    const auto events = std::count(rows.status.begin(), rows.status.end(), 1);
    sizes.rows.push_back({from, to, static_cast<double>(rows.time.size()), static_cast<double>(events)});
    if (events == 0) {
      analysis.notes.push_back(fmt::format("No move from {} to {}: no regression.", from, to));
      continue;
    }
    const auto design = stats::cox_design(rows.view(), rows.covariate_view(columns.names));
    if (!design) return design.error();
    stats::CoxOptions options;
    options.ties = *ties;
    const auto fit = stats::cox(*design, options);
    if (!fit) return fit.error();
    Analysis said;
    const Table part = coefficients_table({"hazard_ratio", columns.names, fit->coefficient, fit->covariance,
                                           fit->covariance, false, fit->collinear, fit->monotone},
                                          request.conf_level, said);
    for (const std::string& note : said.notes)
      analysis.notes.push_back(fmt::format("{} > {}: {}", from, to, note));
    if (coefficients.columns.empty())
      coefficients = with_transition("transition_coefficients", "Coefficients by transition", part.columns);
    append(part, from, to, coefficients);
    if (!fit->monotone.empty() || request.zph == "none") continue;
    const auto proportional =
        stats::proportional_hazards_test(*design, *fit, stats::TimeTransform::km, columns.term);
    for (std::size_t t = 0; t < proportional.term.size(); ++t)
      hazards.rows.push_back({from, to, columns.term_names[t], number(proportional.term[t].statistic),
                              static_cast<double>(proportional.term[t].df), number(proportional.term[t].p)});
  }
  if (incomplete > 0)
    analysis.notes.push_back(fmt::format(
        "Regressions by transition leave out {} rows whose covariates are not all known.", incomplete));
  analysis.tables.push_back(std::move(sizes));
  if (!coefficients.rows.empty()) analysis.tables.push_back(std::move(coefficients));
  if (!hazards.rows.empty()) analysis.tables.push_back(std::move(hazards));
  analysis.methods.push_back(
      fmt::format("Each transition was modelled by Cox regression on {} with {} ties, {} (Putter, Fiocco and "
                  "Geskus, Stat Med "
                  "2007; 26:2389).",
                  fmt::join(terms, " + "), request.ties,
                  clock == stats::Clock::reset
                      ? "on the time since entering the state (clock reset)"
                      : "on the time since the origin, at risk from entering the state (clock forward)"));
  return std::nullopt;
}

}  // namespace graftline::analysis
