#include "analysis/exposure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "stats/landmark.h"

namespace graftline::analysis {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Names that no column of a file is likely to have.
constexpr const char* time_column = "_time";
constexpr const char* entry_column = "_entry";
constexpr const char* status_column = "_status";

struct Columns {
  std::vector<double> time, entry;
  std::vector<int> status;
  std::vector<std::string> causes;
  std::vector<std::vector<double>> day;  // of each exposure
};

Result<Columns> read(const stats::DataTable& table, const SurvivalFormula& formula, const Request& request,
                     bool one_event) {
  Columns columns;
  auto time = numbers_of(table, formula.time, "time");
  if (!time) return time.error();
  columns.time = std::move(*time);
  const std::string& entry = formula.entry.empty() ? request.entry : formula.entry;
  if (!entry.empty()) {
    auto values = numbers_of(table, entry, "entry");
    if (!values) return values.error();
    columns.entry = std::move(*values);
  }
  auto status = status_codes(table, formula, request, one_event);
  if (!status) return status.error();
  columns.status = std::move(status->code);
  columns.causes = std::move(status->causes);
  for (const Exposure& exposure : request.exposures) {
    auto day = numbers_of(table, exposure.day, "day of exposure");
    if (!day) return day.error();
    columns.day.push_back(std::move(*day));
  }
  return columns;
}

stats::DataTable rows_of_table(const stats::DataTable& table, const std::vector<std::size_t>& rows) {
  stats::DataTable part;
  part.names = table.names;
  part.rows = rows.size();
  for (const auto& [name, column] : table.columns) part.columns.emplace(name, stats::selected(column, rows));
  part.lines.reserve(rows.size());
  for (const std::size_t row : rows) part.lines.push_back(static_cast<std::uint32_t>(table.line(row)));
  return part;
}

void put(stats::DataTable& table, const std::string& name, std::vector<double> values) {
  if (table.columns.insert_or_assign(name, stats::number_column(std::move(values))).second)
    table.names.push_back(name);
}

Result<Exposed> at_landmark(const stats::DataTable& table, const Columns& columns, const Request& request) {
  const double landmark = *request.landmark;
  std::vector<std::size_t> complete;
  std::vector<double> time, entry;
  std::vector<int> status;
  std::vector<std::size_t> incomplete;
  for (std::size_t i = 0; i < table.rows; ++i) {
    const bool misses = std::isnan(columns.time[i]) || columns.status[i] < 0 ||
                        (!columns.entry.empty() && std::isnan(columns.entry[i]));
    if (misses) {
      incomplete.push_back(i);
      continue;
    }
    complete.push_back(i);
    time.push_back(columns.time[i]);
    status.push_back(columns.status[i]);
    if (!columns.entry.empty()) entry.push_back(columns.entry[i]);
  }
  const stats::RealFollowUp view{.time = time, .status = status, .entry = entry};
  auto kept = stats::landmark(view, landmark, !entry.empty());
  if (!kept) return kept.error();
  std::vector<std::size_t> rows;
  for (const std::uint32_t r : kept->row) rows.push_back(complete[r]);
  std::vector<double> new_time(kept->time), new_entry(kept->entry), new_status;
  for (const int s : kept->status) new_status.push_back(s);
  // Rows that miss something stay, so that they are counted as missing and not as having left before the
  // landmark.
  for (const std::size_t i : incomplete) {
    rows.push_back(i);
    new_time.push_back(nan);
    new_status.push_back(nan);
    if (!new_entry.empty()) new_entry.push_back(nan);
  }
  Exposed exposed{rows_of_table(table, rows), {}, request, {}};
  put(exposed.table, time_column, std::move(new_time));
  put(exposed.table, status_column, std::move(new_status));
  if (!new_entry.empty()) put(exposed.table, entry_column, std::move(new_entry));
  std::size_t later = 0;
  for (std::size_t e = 0; e < request.exposures.size(); ++e) {
    std::vector<double> by_landmark;
    for (const std::size_t row : rows) {
      const double day = columns.day[e][row];
      by_landmark.push_back(day <= landmark ? 1.0 : 0.0);
      later += day > landmark ? 1 : 0;
    }
    put(exposed.table, request.exposures[e].name, std::move(by_landmark));
  }
  exposed.notes.push_back(fmt::format(
      "Landmark at {:g} {}: {} of {} rows had ended, or had not begun, by then and are left out; time "
      "counts from the landmark.",
      landmark, request.time_unit, complete.size() - kept->row.size(), complete.size()));
  if (later > 0)
    exposed.notes.push_back(fmt::format("{} row{} exposed after the landmark count{} as not exposed.", later,
                                        later == 1 ? "" : "s", later == 1 ? "s" : ""));
  return exposed;
}

Result<Exposed> start_stop(const stats::DataTable& table, const Columns& columns, const Request& request) {
  std::vector<std::size_t> rows;
  std::vector<double> time, entry, status;
  std::vector<std::vector<double>> exposed_now(request.exposures.size());
  for (std::size_t i = 0; i < table.rows; ++i) {
    const double first = columns.entry.empty() ? 0.0 : columns.entry[i];
    const double last = columns.time[i];
    std::vector<double> cuts;
    for (const auto& day : columns.day)
      if (day[i] > first && day[i] < last) cuts.push_back(day[i]);
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    cuts.push_back(last);
    double from = first;
    for (const double to : cuts) {
      const bool is_last = to == last || std::isnan(last);
      rows.push_back(i);
      entry.push_back(from);
      time.push_back(to);
      status.push_back(columns.status[i] < 0 ? nan : (is_last ? columns.status[i] : 0.0));
      for (std::size_t e = 0; e < exposed_now.size(); ++e)
        exposed_now[e].push_back(columns.day[e][i] <= from ? 1.0 : 0.0);
      from = to;
    }
  }
  Exposed exposed{rows_of_table(table, rows), {}, request, {}};
  const std::size_t cut = rows.size() - table.rows;
  put(exposed.table, time_column, std::move(time));
  put(exposed.table, entry_column, std::move(entry));
  put(exposed.table, status_column, std::move(status));
  for (std::size_t e = 0; e < exposed_now.size(); ++e)
    put(exposed.table, request.exposures[e].name, std::move(exposed_now[e]));
  exposed.notes.push_back(fmt::format(
      "Time-dependent: {} of {} rows are cut where an exposure begins; before it the subject counts as "
      "not exposed.",
      cut, table.rows));
  return exposed;
}

}  // namespace

bool needs_exposure(const Request& request) { return request.landmark || request.time_dependent; }

Result<Exposed> with_exposures(const stats::DataTable& table, const SurvivalFormula& formula,
                               const Request& request, bool one_event) {
  if (request.landmark && request.time_dependent)
    return Error{ErrorKind::malformed_input, "--landmark and --time-dependent are two ways: choose one"};
  if (request.time_dependent && request.exposures.empty())
    return Error{ErrorKind::malformed_input,
                 "--time-dependent needs to know what begins when: --exposure NAME=DAY_COLUMN"};
  auto columns = read(table, formula, request, one_event);
  if (!columns) return columns.error();
  auto exposed =
      request.landmark ? at_landmark(table, *columns, request) : start_stop(table, *columns, request);
  if (!exposed) return exposed.error();
  exposed->formula = formula;
  exposed->formula.time = time_column;
  exposed->formula.status = status_column;
  exposed->formula.entry = exposed->table.find(entry_column) != nullptr ? entry_column : "";
  exposed->request.entry.clear();
  exposed->request.causes.clear();
  for (std::size_t k = 0; k < columns->causes.size(); ++k)
    exposed->request.causes.push_back(fmt::format("{}={}", k + 1, columns->causes[k]));
  return exposed;
}

}  // namespace graftline::analysis
