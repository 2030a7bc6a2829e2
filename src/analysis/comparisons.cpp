// Tests of equal hazards and of equal cumulative incidence.
#include <fmt/format.h>

#include "analysis/kinds.h"
#include "stats/gray.h"
#include "stats/logrank.h"

namespace graftline::analysis {
namespace {

Error one_group(const SurvivalFormula& formula) {
  return Error{ErrorKind::conflict,
               fmt::format("there is one group only{}: a test needs two",
                           formula.terms.empty() ? " (write ~ group)"
                                                 : fmt::format(" in {}", fmt::join(formula.terms, " + ")))};
}

}  // namespace

Result<Analysis> logrank_analysis(const stats::DataTable& table, const Request& request) {
  auto begun =
      begin("logrank", table, request,
            {{.one_event = request.cause.empty(), .terms_are_covariates = false, .strata_are_groups = false},
             "",
             true});
  if (!begun) return begun.error();
  if (begun->rows.groups.size() < 2) return one_group(begun->formula);
  const auto test = stats::logrank(begun->rows.view(), request.rho);
  if (!test) return test.error();
  Analysis& analysis = begun->analysis;
  Table counts{"groups",
               "Observed and expected events",
               {{"group", Kind::text},
                {"n", Kind::count},
                {"observed", Kind::count},
                {"expected", Kind::number},
                {"observed_over_expected", Kind::ratio}},
               {}};
  for (std::size_t g = 0; g < begun->rows.groups.size(); ++g)
    counts.rows.push_back({begun->rows.groups[g], test->n[g], test->observed[g], test->expected[g],
                           test->expected[g] > 0.0 ? Value{test->observed[g] / test->expected[g]} : Value{}});
  analysis.tables.push_back(std::move(counts));
  const std::string name = fmt::format(
      "{}{}", begun->rows.strata.empty() ? "" : "stratified ",
      request.rho == 0.0 ? std::string("log-rank") : fmt::format("G-rho, rho = {:g}", request.rho));
  add_test(analysis, name, test->test);
  if (request.trend) {
    std::vector<double> scores = request.scores;
    if (scores.empty() && begun->rows.group_values.size() == begun->rows.groups.size())
      scores = begun->rows.group_values;
    if (scores.empty())
      for (std::size_t g = 0; g < begun->rows.groups.size(); ++g)
        scores.push_back(static_cast<double>(g + 1));
    const auto trend = stats::logrank_trend(*test, scores);
    if (!trend) return trend.error();
    add_test(analysis, "trend", *trend);
    analysis.methods.push_back(
        fmt::format("The test for trend used the scores {}.", fmt::join(scores, ", ")));
  }
  if (test->test.df == 0)
    analysis.notes.emplace_back(
        "No event was expected in more than one group: the test says nothing (p = 1).");
  analysis.methods.insert(
      analysis.methods.begin(),
      fmt::format(
          "Hazards from {} were compared by the {} test{}{}.", origin_text(request), name,
          begun->rows.strata.empty() ? "" : fmt::format(" (strata: {})", fmt::join(begun->rows.strata, "; ")),
          request.time_dependent ? " on start-stop rows (Mantel and Byar 1974)" : ""));
  return std::move(analysis);
}

Result<Analysis> gray_analysis(const stats::DataTable& table, const Request& request) {
  auto begun = begin("gray", table, request,
                     {{.one_event = false, .terms_are_covariates = false, .strata_are_groups = false}, ""});
  if (!begun) return begun.error();
  if (begun->rows.groups.size() < 2) return one_group(begun->formula);
  Analysis& analysis = begun->analysis;
  const auto cause = cause_of_interest(begun->rows.causes, request.cause);
  if (!cause) return cause.error();
  for (std::size_t k = 0; k < begun->rows.causes.size(); ++k) {
    if (!request.cause.empty() && static_cast<int>(k) + 1 != *cause) continue;
    const auto test = stats::gray_test(begun->rows.view(), static_cast<int>(k) + 1, request.rho);
    if (!test) return test.error();
    add_test(analysis, begun->rows.causes[k], test->test);
  }
  tests_table(analysis).title = "Gray's test";
  if (begun->rows.causes.size() == 1)
    analysis.notes.emplace_back(
        "The status holds one event: no event competes, and the log-rank test compares more.");
  analysis.methods.push_back(fmt::format(
      "Cumulative incidences from {} were compared by Gray's test (rho = {:g}){}, every other event "
      "competing.",
      origin_text(request), request.rho,
      begun->rows.strata.empty() ? ""
                                 : fmt::format(", within strata {}", fmt::join(begun->rows.strata, "; "))));
  return std::move(analysis);
}

}  // namespace graftline::analysis
