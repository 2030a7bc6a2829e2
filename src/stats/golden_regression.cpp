#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "stats/chi_square.h"
#include "stats/concordance.h"
#include "stats/cox.h"
#include "stats/cox_curve.h"
#include "stats/cox_residuals.h"
#include "stats/fine_gray.h"
#include "stats/formula.h"
#include "stats/golden_case.h"
#include "stats/kaplan_meier.h"

namespace graftline::stats::golden {
namespace {

Json matrix(const Matrix& m) {
  Json rows = Json::array();
  for (int i = 0; i < m.rows; ++i)
    rows.push_back(numbers(std::vector<double>(m.row(i).begin(), m.row(i).end())));
  return rows;
}

Covariates covariates_of(const Rows& rows) {
  Covariates covariates{rows.covariate_names, {}};
  for (const auto& column : rows.covariates) covariates.columns.emplace_back(column);
  return covariates;
}

std::vector<double> diagonal_roots(const Matrix& m) {
  std::vector<double> roots;
  for (int i = 0; i < m.rows; ++i) roots.push_back(std::sqrt(m(i, i)));
  return roots;
}

Ties ties_of(const Case& c) {
  const auto exact = c.options.find("exact");
  if (exact != c.options.end() && exact->is_boolean() && exact->get<bool>()) return Ties::exact;
  const std::string name = c.option("ties", c.option("method", "efron").c_str());
  if (name == "efron") return Ties::efron;
  if (name == "breslow") return Ties::breslow;
  if (name == "exact" || name == "discrete") return Ties::exact;
  throw Unanswerable("ties: " + name + " is not known");
}

// Coefficients with what is derived from them and their standard errors; `ratio` is hr or shr.
void add_coefficients(const std::vector<double>& coefficient, const std::vector<double>& se,
                      const std::string& ratio, double z, Json& answer) {
  std::vector<double> hr, lower, upper, statistic, p;
  for (std::size_t j = 0; j < coefficient.size(); ++j) {
    const double b = coefficient[j];
    hr.push_back(std::exp(b));
    lower.push_back(std::exp(b - z * se[j]));
    upper.push_back(std::exp(b + z * se[j]));
    statistic.push_back(b / se[j]);
    p.push_back(two_sided_normal_p(b / se[j]));
  }
  answer["coef"] = numbers(coefficient);
  answer[ratio] = numbers(hr);
  answer[ratio + "_lower"] = numbers(lower);
  answer[ratio + "_upper"] = numbers(upper);
  answer["z"] = numbers(statistic);
  answer["p"] = numbers(p);
}

void add_test(const std::string& name, const ChiSquareTest& test, Json& answer) {
  answer[name + "_chisq"] = test.statistic;
  answer[name + "_p"] = test.p;
  answer[name + "_df"] = test.df;
}

std::vector<double> scores_of(const Rows& rows, const CoxFit& fit) {
  std::vector<double> eta(rows.time.size(), 0.0);
  for (std::size_t j = 0; j < rows.covariates.size(); ++j)
    for (std::size_t i = 0; i < eta.size(); ++i)
      if (!std::isnan(fit.coefficient[j])) eta[i] += fit.coefficient[j] * rows.covariates[j][i];
  return eta;
}

// One row of covariates per subject asked for: newdata is an object of column values, or a list of them.
std::vector<std::vector<double>> new_subjects(const Rows& rows, const Json& newdata) {
  const Json list = newdata.is_array() ? newdata : Json::array({newdata});
  std::vector<std::vector<double>> subjects;
  subjects.reserve(list.size());
  for (const Json& one : list) {
    DataTable subject;
    subject.rows = 1;
    for (const auto& [column, value] : one.items())
      subject.columns[column] =
          value.is_string() ? text_column({value.get<std::string>()}) : number_column({value.get<double>()});
    subjects.push_back(taken(subject_values(subject, rows.covariate_names)));
  }
  return subjects;
}

Json step_values(const std::vector<double>& time, const std::vector<double>& values, const Json& asked,
                 double start) {
  Json list = Json::array();
  for (const Json& t : asked) {
    const auto row = row_at(time, t.get<double>());
    list.push_back(row < 0 ? Json(start) : number_or_null(values[row]));
  }
  return list;
}

// Baseline hazards under each key asked for: "all", a stratum's label, or column=label.
Json baseline(const Rows& rows, const CoxDesign& design, const CoxFit& fit, const Json& asked) {
  const std::vector<double> zero(design.p, 0.0);
  const auto curves = predicted_curves(design, fit, zero);
  Json answer = Json::object();
  std::size_t position = 0;
  for (const auto& [key, wanted] : asked.items()) {
    std::size_t stratum = position++;
    for (std::size_t s = 0; s < rows.stratum_labels.size(); ++s)
      if (key == rows.stratum_labels[s] || key.ends_with("=" + rows.stratum_labels[s])) stratum = s;
    if (stratum >= curves.size()) continue;
    const Json& at = wanted.at("time");
    answer[key]["time"] = at;
    answer[key]["hazard"] = step_values(curves[stratum].time, curves[stratum].cumulative_hazard, at, 0.0);
    answer[key]["cumhaz"] = answer[key]["hazard"];
    answer[key]["se"] = step_values(curves[stratum].time, curves[stratum].cumulative_hazard_se, at, 0.0);
  }
  return answer;
}

Json predictions(const Case& c, const Rows& rows, const CoxDesign& design, const CoxFit& fit,
                 const Json& asked) {
  const Json& newdata = asked.contains("newdata")
                            ? asked["newdata"]
                            : (c.input.contains("newdata") ? c.input["newdata"] : c.options.at("newdata"));
  const Json at = asked.contains("time") ? asked["time"] : c.expect.at("time");
  const auto scale =
      limit_scale(c.choice("conf_type", "log", {"plain", "log", "log-log", "logit", "arcsin", "arcsine"}));
  Json answer{{"newdata", newdata}, {"time", at}};
  for (const auto& subject : new_subjects(rows, newdata)) {
    const auto curves = predicted_curves(design, fit, subject,
                                         {scale.value_or(LimitScale::log), c.number("conf_level", 0.95)});
    const CoxCurve& curve = curves.front();
    std::vector<double> se;
    for (std::size_t i = 0; i < curve.time.size(); ++i)
      se.push_back(curve.survival[i] * curve.cumulative_hazard_se[i]);
    answer["surv"].push_back(step_values(curve.time, curve.survival, at, 1.0));
    answer["cumhaz"].push_back(step_values(curve.time, curve.cumulative_hazard, at, 0.0));
    answer["se"].push_back(step_values(curve.time, se, at, 0.0));
    answer["std_err"].push_back(step_values(curve.time, curve.cumulative_hazard_se, at, 0.0));
    answer["lower"].push_back(step_values(curve.time, curve.lower, at, 1.0));
    answer["upper"].push_back(step_values(curve.time, curve.upper, at, 1.0));
  }
  if (!newdata.is_array())
    for (const char* key : {"surv", "cumhaz", "se", "std_err", "lower", "upper"})
      answer[key] = Json(answer[key][0]);
  return answer;
}

Json zph(const Case& c, const Rows& rows, const CoxDesign& design, const CoxFit& fit) {
  const std::string name = c.choice("transform", "km", {"km", "rank", "identity", "log"});
  const TimeTransform transform = name == "rank"       ? TimeTransform::rank
                                  : name == "identity" ? TimeTransform::identity
                                  : name == "log"      ? TimeTransform::log
                                                       : TimeTransform::km;
  const auto tests = proportional_hazards_test(design, fit, transform, rows.covariate_term);
  std::vector<double> chisq, df, p;
  for (const ChiSquareTest& t : tests.term) {
    chisq.push_back(t.statistic);
    df.push_back(t.df);
    p.push_back(t.p);
  }
  Json answer{{"transform", name}, {"terms", rows.term_names}};
  answer["term"] = rows.term_names;
  answer["global"] = Json{{"chisq", tests.global.statistic}, {"df", tests.global.df}, {"p", tests.global.p}};
  answer["global_chisq"] = tests.global.statistic;
  answer["global_df"] = tests.global.df;
  answer["global_p"] = tests.global.p;
  if (const auto asked = c.expect.find("chisq");
      asked != c.expect.end() && asked->size() == chisq.size() + 1) {
    chisq.push_back(tests.global.statistic);
    df.push_back(tests.global.df);
    p.push_back(tests.global.p);
    for (const char* key : {"terms", "term"}) answer[key].push_back("GLOBAL");
  }
  answer["chisq"] = chisq;
  answer["df"] = df;
  answer["p"] = p;
  return answer;
}

std::vector<double> sums_of_squares(const Matrix& m) {
  std::vector<double> sums(m.cols, 0.0);
  for (int i = 0; i < m.rows; ++i)
    for (int j = 0; j < m.cols; ++j) sums[j] += m(i, j) * m(i, j);
  return sums;
}

Json first_of(const Matrix& m, std::size_t rows) {
  Json list = Json::array();
  for (int i = 0; i < m.rows && i < static_cast<int>(rows); ++i)
    list.push_back(std::vector<double>(m.row(i).begin(), m.row(i).end()));
  return list;
}

void add_residuals(const CoxDesign& design, const CoxFit& fit, Json& answer) {
  const auto martingale = martingale_residuals(design, fit);
  const auto deviance = deviance_residuals(design, fit);
  const SchoenfeldResiduals schoenfeld = schoenfeld_residuals(design, fit);
  const Matrix dfbeta = dfbeta_residuals(design, fit);
  const auto first = [](std::vector<double> v) {
    v.resize(std::min<std::size_t>(5, v.size()));
    return v;
  };
  answer["martingale_first5"] = first(martingale);
  answer["deviance_first5"] = first(deviance);
  answer["martingale"] = martingale;
  answer["sum_sq_schoenfeld"] = sums_of_squares(schoenfeld.residual);
  answer["sum_sq_scaled_schoenfeld"] = sums_of_squares(schoenfeld.scaled);
  answer["sum_sq_score"] = sums_of_squares(score_residuals(design, fit));
  answer["sum_sq_dfbeta"] = sums_of_squares(dfbeta);
  answer["dfbeta_first5"] = first_of(dfbeta, 5);
  answer["schoenfeld_first5"] = first_of(schoenfeld.residual, 5);
}

Json cox_answer(const std::string& method, const Case& c) {
  const Rows rows = rows_of(c, {.covariates = true});
  const CoxDesign design = taken(cox_design(rows.view(), covariates_of(rows)));
  CoxOptions options;
  options.ties = ties_of(c);
  if (const auto robust = c.options.find("robust"); robust != c.options.end() && robust->is_boolean())
    options.robust = robust->get<bool>();
  const std::string variance =
      c.choice("variance", "", {"robust", "infinitesimal_jackknife", "ij", "model", "naive"});
  if (variance == "robust" || variance == "infinitesimal_jackknife" || variance == "ij")
    options.robust = true;
  // A reference with a robust variance was made by a program that took it by itself, for weights that are no
  // counts.
  for (const char* key : {"robust_se", "robust_vcov", "robust_score_chisq"})
    if (c.expect.contains(key)) options.robust = true;
  if (const auto firth = c.options.find("firth"); firth != c.options.end() && firth->is_boolean())
    options.firth = firth->get<bool>();
  const CoxFit fit = taken(cox(design, options));
  const double z = limit_z(c.number("conf_level", 0.95));
  Json answer{
      {"n", static_cast<double>(design.n)}, {"events", design.n_events}, {"terms", rows.covariate_names}};
  const bool robust = fit.robust_covariance.rows > 0;
  add_coefficients(fit.coefficient, diagonal_roots(fit.covariance_used()), "hr", z, answer);
  answer["se"] = numbers(diagonal_roots(fit.covariance));
  answer["naive_se"] = answer["se"];
  answer["vcov"] = matrix(fit.covariance);
  answer["loglik_null"] = fit.log_likelihood_null;
  answer["loglik"] = fit.log_likelihood;
  add_test("lr", fit.likelihood_ratio, answer);
  add_test("score", fit.score, answer);
  add_test("wald", fit.wald, answer);
  answer["df"] = fit.likelihood_ratio.df;
  answer["converged"] = fit.converged;
  if (robust) {
    answer["robust_se"] = numbers(diagonal_roots(fit.robust_covariance));
    answer["robust_vcov"] = matrix(fit.robust_covariance);
    add_test("robust_score", fit.robust_score, answer);
  }
  const Concordance pairs = taken(concordance(rows.view(), scores_of(rows, fit)));
  answer["concordance"] = number_or_null(pairs.value);
  answer["concordance_se"] = number_or_null(pairs.standard_error);
  add_residuals(design, fit, answer);
  for (const char* key : {"baseline_cumhaz", "baseline"})
    if (const auto asked = c.expect.find(key); asked != c.expect.end() && asked->is_object())
      answer[key] = baseline(rows, design, fit, *asked);
  for (const char* key : {"predicted", "predicted_survival", "survival", "predicted_curves"})
    if (const auto asked = c.expect.find(key); asked != c.expect.end() && asked->is_object())
      answer[key] = predictions(c, rows, design, fit, *asked);
  if (method == "cox_predict") answer.update(predictions(c, rows, design, fit, c.expect));
  const Json proportional = zph(c, rows, design, fit);
  for (const char* key : {"zph", "cox_zph", "proportional_hazards"}) {
    Json part = proportional;
    if (const auto asked = c.expect.find(key); asked != c.expect.end() && asked->is_object()) {
      const Json& options_inside = *asked;
      const Case inner{c.input, options_inside.contains("transform") ? options_inside : c.options,
                       options_inside, c.table};
      part = zph(inner, rows, design, fit);
    }
    answer[key] = part;
  }
  if (method == "cox_zph") answer.update(proportional);
  return answer;
}

Json incidence_predictions(const Case& c, const Rows& rows, const FineGrayFit& fit, const Json& asked) {
  const Json& newdata = asked.contains("newdata") ? asked["newdata"] : c.input.at("newdata");
  const Json at = asked.contains("time") ? asked["time"] : c.expect.at("time");
  Json answer{{"newdata", newdata}, {"time", at}};
  for (const auto& subject : new_subjects(rows, newdata))
    answer["cif"].push_back(
        step_values(fit.baseline.front().time, predicted_incidence(fit, subject), at, 0.0));
  if (!newdata.is_array()) answer["cif"] = Json(answer["cif"][0]);
  return answer;
}

Json fine_gray_answer(const Case& c) {
  const Rows rows = rows_of(c, {.covariates = true, .censoring_strata = true, .any_event = false});
  // Strata of the baseline and delayed entry are known to the weighted form alone.
  const std::string program = c.option(
      "program", rows.stratum.empty() && rows.entry.empty() ? "cmprsk::crr" : "survival::finegray + coxph");
  const bool crr = program.find("crr") != std::string::npos;
  if (!crr && program.find("finegray") == std::string::npos)
    throw Unanswerable("program: " + program + " is not known; there are cmprsk::crr, survival::finegray");
  FineGrayOptions options;
  options.ties = c.options.contains("ties") || c.options.contains("exact") ? ties_of(c)
                 : crr                                                     ? Ties::breslow
                                                                           : Ties::efron;
  options.censoring_ties = crr ? CensoringTies::crr : CensoringTies::finegray;
  options.censoring_part = CensoringPart::as_crr;
  if (crr) options.gradient_tolerance = 1e-6;
  const FineGrayFit fit =
      taken(fine_gray(rows.view(), covariates_of(rows), static_cast<int>(c.number("cause", 1)),
                      rows.censoring_group, options));
  const std::string variance =
      c.choice("variance", crr ? "sandwich" : "robust", {"sandwich", "crr", "robust", "naive", "model"});
  const bool as_known = variance == "naive" || variance == "model";
  const Matrix& used = as_known               ? fit.model_covariance
                       : variance == "robust" ? fit.robust_covariance
                                              : fit.sandwich_covariance;
  Json answer{{"n", static_cast<double>(rows.time.size())}, {"terms", rows.covariate_names}};
  if (used.rows > 0) {
    add_coefficients(fit.coefficient, diagonal_roots(used), "shr", limit_z(c.number("conf_level", 0.95)),
                     answer);
    answer["hr"] = answer["shr"];
    answer["se"] = numbers(diagonal_roots(used));
    answer["vcov"] = matrix(used);
  }
  answer["coef"] = numbers(fit.coefficient);
  answer["robust_se"] = numbers(diagonal_roots(fit.robust_covariance));
  answer["robust_vcov"] = matrix(fit.robust_covariance);
  answer["naive_se"] = numbers(diagonal_roots(fit.model_covariance));
  answer["loglik"] = fit.log_likelihood;
  answer["loglik_null"] = fit.log_likelihood_null;
  answer["lr_chisq"] = fit.likelihood_ratio.statistic;
  answer["converged"] = fit.converged;
  answer["expanded_rows"] = fit.expanded_rows;
  answer["sum_weights"] = fit.expanded_weight;
  if (const auto asked = c.expect.find("predicted_cif"); asked != c.expect.end())
    answer["predicted_cif"] = incidence_predictions(c, rows, fit, *asked);
  if (const auto asked = c.expect.find("baseline_cumhaz"); asked != c.expect.end() && asked->contains("time"))
    answer["baseline_cumhaz"] =
        Json{{"time", (*asked)["time"]},
             {"hazard", step_values(fit.baseline.front().time, fit.baseline.front().cumulative_hazard,
                                    (*asked)["time"], 0.0)}};
  return answer;
}

}  // namespace

Json answer_regression(const std::string& method, const Case& c) {
  if (method == "fine_gray") return fine_gray_answer(c);
  if (method == "concordance") {
    const Rows rows = rows_of(c, {.covariates = true});
    if (rows.covariates.size() != 1) throw Unanswerable("covariates: one score is needed");
    std::vector<double> score = rows.covariates.front();
    const bool reverse = c.options.value("reverse", false);
    if (!reverse)
      for (double& s : score) s = -s;
    const Concordance pairs = taken(concordance(rows.view(), score));
    return Json{
        {"concordance", pairs.value}, {"se", pairs.standard_error}, {"concordance_se", pairs.standard_error}};
  }
  return cox_answer(method, c);
}

}  // namespace graftline::stats::golden
