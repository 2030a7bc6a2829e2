// Win ratio of a hierarchy of endpoints: "Surv(days, death) + Surv(relapse_days, relapse) ~ arm".
#include "stats/win_ratio.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/honesty.h"
#include "analysis/kinds.h"

namespace graftline::analysis {
namespace {

struct Hierarchy {
  std::vector<SurvivalFormula> endpoint;  // most important first
  std::vector<std::string> terms;
};

Error expected(const std::string& formula, const std::string& problem) {
  return Error{
      ErrorKind::malformed_input,
      fmt::format("formula \"{}\": {}; expected \"Surv(time, death) + Surv(time2, relapse) ~ arm\", the "
                  "most important endpoint first",
                  formula, problem)};
}

Result<Hierarchy> parse(const std::string& text) {
  const std::vector<std::string> sides = stats::split_outside(text, '~');
  if (sides.size() != 2) return expected(text, sides.size() < 2 ? "no ~" : "more than one ~");
  Hierarchy hierarchy;
  for (const std::string& part : stats::split_outside(sides[0], '+')) {
    auto formula = parse_survival_formula(part + " ~ " + sides[1]);
    if (!formula) return formula.error();
    if (!formula->entry.empty() || formula->status.empty())
      return expected(text, fmt::format("{} has not two arguments", part));
    if (!formula->strata.empty() || !formula->cluster.empty())
      return expected(text, "strata() and cluster() are not offered");
    hierarchy.terms = formula->terms;
    hierarchy.endpoint.push_back(std::move(*formula));
  }
  if (hierarchy.terms.empty()) return expected(text, "no arm right of ~");
  return hierarchy;
}

struct Columns {
  std::vector<std::vector<double>> time;
  std::vector<std::vector<int>> status;
  std::vector<int> arm;
};

std::optional<Error> read_endpoint(const stats::DataTable& table, const SurvivalFormula& formula,
                                   const Request& request, Columns& columns) {
  auto time = numbers_of(table, formula.time, "time");
  if (!time) return time.error();
  for (std::size_t i = 0; i < table.rows; ++i)
    if ((*time)[i] < 0.0 || std::isinf((*time)[i]))
      return Error{ErrorKind::out_of_range,
                   fmt::format("{}: a time must not be negative or infinite", place(table, i, formula.time))};
  auto status = status_codes(table, formula, request, true);
  if (!status) return status.error();
  if (status->causes.size() > 1)
    return Error{
        ErrorKind::malformed_input,
        fmt::format("column {} holds several events ({}): an endpoint is one event or any; write {} == 1 "
                    "or {} != 0",
                    formula.status, fmt::join(status->causes, ", "), formula.status, formula.status)};
  columns.time.push_back(std::move(*time));
  columns.status.push_back(std::move(status->code));
  return std::nullopt;
}

// Which of two groups is the treatment: the one named, else the second.
Result<int> treatment(const Labelled& groups, const Request& request) {
  if (groups.label.size() != 2)
    return Error{ErrorKind::conflict, fmt::format("a win ratio compares two groups; there {} {}: {}",
                                                  groups.label.size() == 1 ? "is" : "are",
                                                  groups.label.size(), fmt::join(groups.label, ", "))};
  if (request.treated.empty()) return 1;
  for (int g = 0; g < 2; ++g) {
    const std::string& label = groups.label[static_cast<std::size_t>(g)];
    if (label == request.treated || label.ends_with("=" + request.treated)) return g;
  }
  return Error{ErrorKind::not_found, fmt::format("--treatment {}: there are {}", request.treated,
                                                 fmt::join(groups.label, " and "))};
}

void keep_complete(const stats::DataTable& table, const Hierarchy& hierarchy, Columns& columns,
                   Analysis& analysis) {
  std::vector<unsigned char> incomplete(table.rows, 0);
  const auto mark = [&](const std::string& name, const auto& is_missing) {
    MissingColumn missing{name, 0, {}};
    for (std::size_t i = 0; i < table.rows; ++i) {
      if (!is_missing(i)) continue;
      incomplete[i] = 1;
      ++missing.rows;
      if (missing.first_lines.size() < 5) missing.first_lines.push_back(table.line(i));
    }
    if (missing.rows > 0) analysis.missing.push_back(std::move(missing));
  };
  for (std::size_t k = 0; k < columns.time.size(); ++k) {
    mark(hierarchy.endpoint[k].time, [&](std::size_t i) { return std::isnan(columns.time[k][i]); });
    mark(hierarchy.endpoint[k].status, [&](std::size_t i) { return columns.status[k][i] < 0; });
  }
  mark(hierarchy.terms.front(), [&](std::size_t i) { return columns.arm[i] < 0; });
  const auto keep = [&incomplete](auto& values) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
      if (incomplete[i] == 0) values[kept++] = values[i];
    values.resize(kept);
  };
  for (auto& values : columns.time) keep(values);
  for (auto& values : columns.status) keep(values);
  keep(columns.arm);
}

std::vector<Value> measure(const char* name, const stats::Estimate& e) {
  const auto finite = [](double x) { return std::isfinite(x) ? number(x) : Value{}; };
  return {name, finite(e.value), finite(e.lower), finite(e.upper), finite(e.p)};
}

}  // namespace

Result<Analysis> win_ratio_analysis(const stats::DataTable& table, const Request& request) {
  const auto hierarchy = parse(request.formula);
  if (!hierarchy) return hierarchy.error();
  for (const SurvivalFormula& formula : hierarchy->endpoint)
    if (const auto refused = group_from_the_future(table, formula, request)) return *refused;
  auto groups = labelled(table, hierarchy->terms);
  if (!groups) return groups.error();
  const auto treated = treatment(*groups, request);
  if (!treated) return treated.error();
  Columns columns;
  for (const SurvivalFormula& formula : hierarchy->endpoint)
    if (const auto problem = read_endpoint(table, formula, request, columns)) return *problem;
  columns.arm.reserve(groups->code.size());
  for (const int code : groups->code) columns.arm.push_back(code < 0 ? -1 : (code == *treated ? 1 : 0));
  Analysis analysis;
  analysis.kind = "winratio";
  analysis.formula = request.formula;
  analysis.rows_read = table.rows;
  keep_complete(table, *hierarchy, columns, analysis);
  analysis.rows_analysed = columns.arm.size();
  const std::string& treatment_name = groups->label[static_cast<std::size_t>(*treated)];
  const std::string& control_name = groups->label[static_cast<std::size_t>(1 - *treated)];
  for (const int arm : {0, 1})
    if (std::count(columns.arm.begin(), columns.arm.end(), arm) == 0)
      return Error{ErrorKind::conflict,
                   fmt::format("no complete row is left of {}", arm == 1 ? treatment_name : control_name)};
  std::vector<stats::RankedEndpoint> ranked;
  for (std::size_t k = 0; k < columns.time.size(); ++k)
    ranked.push_back({columns.time[k], columns.status[k]});
  const auto result = stats::win_ratio(ranked, columns.arm, request.conf_level);
  if (!result) return result.error();

  Table estimates{"estimates",
                  fmt::format("{} against {}", treatment_name, control_name),
                  {{"measure", Kind::text},
                   {"estimate", Kind::ratio},
                   {"lower", Kind::ratio},
                   {"upper", Kind::ratio},
                   {"p", Kind::p_value}},
                  {measure("win ratio", result->ratio), measure("net benefit", result->net_benefit),
                   measure("win odds", result->win_odds)}};
  analysis.tables.push_back(std::move(estimates));
  Table pairs{"pairs",
              fmt::format("Pairs of one {} and one {}", treatment_name, control_name),
              {{"endpoint", Kind::text},
               {"pairs", Kind::count},
               {"wins", Kind::count},
               {"losses", Kind::count},
               {"undecided", Kind::count}},
              {}};
  double left = result->pairs;
  for (std::size_t k = 0; k < ranked.size(); ++k) {
    const double undecided = left - result->wins[k] - result->losses[k];
    pairs.rows.push_back(
        {hierarchy->endpoint[k].status, left, result->wins[k], result->losses[k], undecided});
    left = undecided;
  }
  analysis.tables.push_back(std::move(pairs));
  if (!std::isfinite(result->ratio.value) || result->ratio.value == 0.0)
    analysis.notes.emplace_back("One arm wins no pair: the win ratio has no limits.");
  analysis.notes.emplace_back(
      "Who wins a pair is told within their common follow-up: with longer follow-up the ratio can change.");
  std::vector<std::string> names;
  for (const SurvivalFormula& formula : hierarchy->endpoint) names.push_back(formula.status);
  analysis.methods.push_back(
      fmt::format("Every patient of {} was compared with every patient of {} by {} in this order (Pocock et "
                  "al., Eur Heart J "
                  "2012; 33:176); {:g} % limits from U-statistics, of ratios on the log scale (Bebu and "
                  "Lachin, Biostatistics "
                  "2016; 17:178).",
                  treatment_name, control_name, fmt::join(names, ", then "), request.conf_level * 100));
  return analysis;
}

}  // namespace graftline::analysis
