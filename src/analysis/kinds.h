#pragma once
// What the kinds of analysis share, and their entry points. Private to the module.

#include <functional>
#include <string>
#include <vector>

#include "analysis/request.h"
#include "analysis/result.h"
#include "analysis/rows.h"
#include "stats/confidence_limits.h"
#include "stats/logrank.h"

namespace graftline::analysis {

Result<Analysis> kaplan_meier_analysis(const stats::DataTable& table, const Request& request);
Result<Analysis> incidence_analysis(const stats::DataTable& table, const Request& request);
Result<Analysis> logrank_analysis(const stats::DataTable& table, const Request& request);
Result<Analysis> gray_analysis(const stats::DataTable& table, const Request& request);
Result<Analysis> restricted_mean_analysis(const stats::DataTable& table, const Request& request);
Result<Analysis> cox_analysis(const stats::DataTable& table, const Request& request);
Result<Analysis> fine_gray_analysis(const stats::DataTable& table, const Request& request);
Result<Analysis> multistate_analysis(const stats::DataTable& table, const Request& request);
Result<Analysis> mean_cumulative_analysis(const stats::DataTable& table, const Request& request);
Result<Analysis> win_ratio_analysis(const stats::DataTable& table, const Request& request);
Result<Analysis> characteristics_analysis(const stats::DataTable& table, const Request& request);

// Formula read, refusals made, exposures applied, rows complete: where every survival analysis begins.
struct Begun {
  Rows rows;
  SurvivalFormula formula;
  Request request;
  Analysis analysis;  // kind, formula, counts, missing and notes are filled in
};
struct Beginning {
  RowsWanted wanted;
  std::string_view curve;       // not empty: refuse events that compete, naming the curve that would mislead
  bool cause_specific = false;  // several causes and none named is an error
};
Result<Begun> begin(std::string_view kind, const stats::DataTable& table, const Request& request,
                    const Beginning& beginning);

// NaN becomes undefined.
Value number(double value);
std::vector<double> times_or_ticks(const Request& request, double last);

// The scale of confidence limits, or why not; `otherwise` when nothing is asked. level 0 for "none".
Result<stats::LimitOptions> limits_of(const Request& request, stats::LimitScale otherwise);
std::string limits_text(const stats::LimitOptions& limits);

// "p = 0.012", "p < 0.001".
std::string p_text(double p);
// "63.2 (51.0 to 75.3)".
std::string estimate_text(double value, double lower, double upper, int digits);
std::string time_text(double value);

// A test as a row of the table "tests": test, statistic, df, p.
Table& tests_table(Analysis& analysis);
void add_test(Analysis& analysis, const std::string& name, const stats::ChiSquareTest& test);

// "time from randomisation".
std::string origin_text(const Request& request);

}  // namespace graftline::analysis
