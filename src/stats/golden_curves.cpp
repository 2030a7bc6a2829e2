#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "stats/chi_square.h"
#include "stats/cumulative_incidence.h"
#include "stats/golden_case.h"
#include "stats/gray.h"
#include "stats/kaplan_meier.h"
#include "stats/logrank.h"
#include "stats/restricted_mean.h"

namespace graftline::stats::golden {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

LimitOptions limit_options(const Case& c) {
  const std::string name =
      c.choice("conf_type", "log", {"plain", "log", "log-log", "logit", "arcsin", "arcsine", "none"});
  return {limit_scale(name).value_or(LimitScale::log), c.number("conf_level", 0.95)};
}

// Value of a step function at each time: before the first step `start`.
std::vector<double> at_times(const std::vector<double>& time, const std::vector<double>& values,
                             const std::vector<double>& asked, double start) {
  std::vector<double> result;
  for (double t : asked) {
    const auto row = row_at(time, t);
    result.push_back(row < 0 ? start : values[row]);
  }
  return result;
}

// Limits at an estimate of 0 or 1 differ by convention and are not compared.
Json limits(const std::vector<double>& estimate, const std::vector<double>& values) {
  Json list = numbers(values);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (estimate[i] == 0.0 || estimate[i] == 1.0) list[i] = not_compared;
  return list;
}

SurvivalOptions survival_options(const Case& c, const Rows& rows) {
  SurvivalOptions options;
  options.limits = limit_options(c);
  const std::string variance =
      c.choice("variance", "", {"greenwood", "robust", "infinitesimal_jackknife", "ij", "tsiatis", "aalen"});
  const bool fractional =
      std::any_of(rows.weight.begin(), rows.weight.end(), [](double w) { return w != std::floor(w); });
  // As survfit: the robust variance wherever rows are clustered or weights are no counts, unless another is
  // named.
  options.robust = variance == "robust" || variance == "infinitesimal_jackknife" || variance == "ij" ||
                   (variance.empty() && (!rows.cluster.empty() || fractional));
  if (c.options.contains("robust")) options.robust = c.options["robust"].get<bool>();
  if (c.option("hazard_variance", "") == "greenwood" ||
      (variance == "greenwood" && c.option("estimator", "") == "nelson-aalen"))
    options.hazard_variance = HazardVariance::greenwood;
  if (c.number("ctype", 1) == 2 || c.option("ties", "") == "fleming-harrington")
    options.hazard_ties = HazardTies::fleming_harrington;
  const auto estimator = [&c](const char* key, const char* otherwise) {
    return c.choice(key, otherwise,
                    {"kaplan-meier", "fleming-harrington", "fh", "fh2", "breslow", "nelson-aalen"});
  };
  const std::string type = estimator("type", estimator("estimator", "kaplan-meier").c_str());
  if (type == "fh2") options.hazard_ties = HazardTies::fleming_harrington;
  if (c.number("stype", 1) == 2 || type == "fleming-harrington" || type == "fh" || type == "fh2" ||
      type == "breslow" || variance == "tsiatis" || variance == "aalen")
    options.estimate = SurvivalEstimate::exp_nelson_aalen;
  if (type == "kaplan-meier" && variance == "aalen") options.estimate = SurvivalEstimate::kaplan_meier;
  return options;
}

struct Reading {
  std::vector<double> at;  // times
  const SurvivalCurve& curve;
  std::vector<double> of(const std::vector<double>& column, double start) const {
    return at_times(curve.time, column, at, start);
  }
};

Json quantiles(const Case& c, const SurvivalCurve& curve) {
  std::vector<double> p{0.25, 0.5, 0.75};
  for (const Json* place : {&c.expect, &c.options})
    for (const char* key : {"quantile_p", "probs", "quantiles"})
      if (const auto asked = place->find(key);
          asked != place->end() && asked->is_array() && asked->front().is_number())
        p = asked->get<std::vector<double>>();
  std::vector<double> estimate, lower, upper;
  for (double one : p) {
    const Quantile q = quantile(curve, one);
    estimate.push_back(q.estimate);
    lower.push_back(q.lower);
    upper.push_back(q.upper);
  }
  const Quantile median = quantile(curve, 0.5);
  return Json{{"quantile_p", p},
              {"quantile", numbers(estimate)},
              {"quantile_lower", numbers(lower)},
              {"quantile_upper", numbers(upper)},
              {"median", number_or_null(median.estimate)},
              {"median_lower", number_or_null(median.lower)},
              {"median_upper", number_or_null(median.upper)}};
}

Json curve_answer(const Case& c, const SurvivalCurve& curve, bool every_time) {
  const Reading read{every_time ? curve.time : times_asked(c), curve};
  std::vector<double> n_risk, n_event, n_censor;
  for (double t : read.at) n_risk.push_back(n_at_risk_at(curve, t));
  const std::vector<double> survival = read.of(curve.survival, 1.0);
  Json answer = quantiles(c, curve);
  answer["n"] = curve.n;
  answer["events"] = curve.n_events;
  answer["time"] = read.at;
  answer["n_risk"] = n_risk;
  answer["n_event"] = curve.n_event;
  answer["n_censor"] = curve.n_censored;
  answer["surv"] = numbers(survival);
  answer["se"] = numbers(read.of(curve.standard_error, 0.0));
  answer["lower"] = limits(survival, read.of(curve.lower, 1.0));
  answer["upper"] = limits(survival, read.of(curve.upper, 1.0));
  for (const char* name : {"cumhaz", "hazard", "cumulative_hazard"})
    answer[name] = numbers(read.of(curve.cumulative_hazard, 0.0));
  for (const char* name : {"cumhaz_se", "se_cumhaz", "std_chaz", "chaz_se", "hazard_se"})
    answer[name] = numbers(read.of(curve.cumulative_hazard_se, 0.0));
  std::vector<double> log_se;
  for (std::size_t i = 0; i < survival.size(); ++i)
    log_se.push_back(answer["se"][i].is_null() ? nan : answer["se"][i].get<double>() / survival[i]);
  for (const char* name : {"std_err", "se_log"}) answer[name] = numbers(log_se);
  return answer;
}

// Limits of the cumulative hazard itself, for "nelson_aalen": plain H +- z se, or log H exp(+- z se / H).
void hazard_limits(const Case& c, const SurvivalCurve& curve, Json& answer) {
  const LimitOptions options = limit_options(c);
  const double z = limit_z(options.level);
  Json lower = Json::array();
  Json upper = Json::array();
  for (double t : answer["time"].get<std::vector<double>>()) {
    const auto row = row_at(curve.time, t);
    const double h = row < 0 ? 0.0 : curve.cumulative_hazard[row];
    const double se = row < 0 ? 0.0 : curve.cumulative_hazard_se[row];
    const bool log = c.option("conf_type", "plain") == "log";
    lower.push_back(h == 0.0 ? Json(not_compared)
                             : Json(log ? h * std::exp(-z * se / h) : std::max(0.0, h - z * se)));
    upper.push_back(h == 0.0 ? Json(not_compared) : Json(log ? h * std::exp(z * se / h) : h + z * se));
  }
  answer["lower"] = lower;
  answer["upper"] = upper;
  answer["se"] = answer["cumhaz_se"];
}

Json survival_answer(const std::string& method, const Case& c) {
  Rows rows = rows_of(c, {.group = !c.input.contains("group_column")});
  SurvivalOptions options = survival_options(c, rows);
  if (method == "nelson_aalen" && c.option("variance", "") == "greenwood")
    options.hazard_variance = HazardVariance::greenwood;
  if (method == "nelson_aalen" && c.option("variance", "") != "robust" && rows.cluster.empty())
    options.robust = false;
  const auto curves = method == "reverse_kaplan_meier"
                          ? taken(reverse_kaplan_meier(rows.view(), options,
                                                       c.option("ties", "") == "events_first"
                                                           ? ReverseTies::events_first
                                                           : ReverseTies::censorings_first))
                          : taken(kaplan_meier(rows.view(), options));
  const bool every_time = method.ends_with("_curve");
  Json answer = curve_answer(c, curves.front(), every_time);
  if (method == "nelson_aalen") hazard_limits(c, curves.front(), answer);
  if (curves.size() > 1)
    for (std::size_t g = 0; g < curves.size(); ++g) {
      const Json one = curve_answer(c, curves[g], every_time);
      answer[rows.group_labels[g]] = one;
      answer["groups"][rows.group_labels[g]] = one;
    }
  return answer;
}

std::vector<int> causes_asked(const Case& c, int highest) {
  std::vector<int> causes;
  for (const Json* place : {&c.input, &c.options})
    for (const char* key : {"causes", "cause"})
      if (const auto found = place->find(key); causes.empty() && found != place->end())
        for (const Json& k : found->is_array() ? *found : Json::array({*found}))
          causes.push_back(k.get<int>());
  if (causes.empty())
    for (int k = 1; k <= highest; ++k) causes.push_back(k);
  return causes;
}

// Each cause under its number, for each column asked.
Json by_cause(const CumulativeIncidence& curve, const std::vector<int>& causes, const std::vector<double>& at,
              const std::function<const std::vector<double>&(const IncidenceOfCause&)>& column) {
  Json answer = Json::object();
  for (int k : causes) {
    if (k > static_cast<int>(curve.causes.size()))
      answer[std::to_string(k)] = std::vector<double>(at.size(), 0.0);
    else
      answer[std::to_string(k)] = numbers(at_times(curve.time, column(curve.causes[k - 1]), at, 0.0));
  }
  return answer;
}

Json incidence_limits(const CumulativeIncidence& curve, const std::vector<int>& causes,
                      const std::vector<double>& at, bool upper) {
  Json answer = by_cause(curve, causes, at, [upper](const IncidenceOfCause& k) -> const std::vector<double>& {
    return upper ? k.upper : k.lower;
  });
  for (int k : causes) {
    if (k > static_cast<int>(curve.causes.size())) continue;
    const std::vector<double> estimate = at_times(curve.time, curve.causes[k - 1].incidence, at, 0.0);
    for (std::size_t i = 0; i < at.size(); ++i)
      if (estimate[i] == 0.0 || estimate[i] == 1.0) answer[std::to_string(k)][i] = not_compared;
  }
  return answer;
}

Json incidence_answer(const Case& c, const RealFollowUp& rows, std::size_t group) {
  const auto fitted = [&](IncidenceVariance variance) {
    return taken(cumulative_incidence(rows, IncidenceOptions{limit_options(c), variance}))[group];
  };
  const CumulativeIncidence curve = fitted(IncidenceVariance::infinitesimal_jackknife);
  const CumulativeIncidence greenwood = fitted(IncidenceVariance::greenwood);
  const std::vector<double> at = times_asked(c);
  const std::vector<int> causes = causes_asked(c, static_cast<int>(curve.causes.size()));
  const auto error = [](const IncidenceOfCause& k) -> const std::vector<double>& { return k.standard_error; };
  std::vector<double> n_risk;
  for (double t : at) {
    const auto row = std::lower_bound(curve.time.begin(), curve.time.end(), t);
    n_risk.push_back(row == curve.time.end() ? 0.0 : curve.n_at_risk[row - curve.time.begin()]);
  }
  Json answer{{"n", curve.n}, {"time", at}, {"n_risk", n_risk}};
  answer["event_free"] = numbers(at_times(curve.time, curve.event_free, at, 1.0));
  answer["event_free_se_ij"] = numbers(at_times(curve.time, curve.event_free_se, at, 0.0));
  answer["event_free_se_greenwood"] = numbers(at_times(curve.time, greenwood.event_free_se, at, 0.0));
  answer["cif"] = by_cause(
      curve, causes, at, [](const IncidenceOfCause& k) -> const std::vector<double>& { return k.incidence; });
  answer["se_infinitesimal_jackknife"] = by_cause(curve, causes, at, error);
  answer["se_greenwood"] = by_cause(greenwood, causes, at, error);
  answer["se_aalen_cmprsk"] = by_cause(fitted(IncidenceVariance::aalen), causes, at, error);
  const std::string variance =
      c.choice("variance", "infinitesimal_jackknife",
               {"infinitesimal_jackknife", "ij", "jackknife", "robust", "greenwood", "aalen"});
  const bool by_greenwood = variance == "greenwood";
  const bool by_aalen = variance == "aalen";
  answer["se"] = by_aalen ? answer["se_aalen_cmprsk"]
                          : (by_greenwood ? answer["se_greenwood"] : answer["se_infinitesimal_jackknife"]);
  const CumulativeIncidence named =
      by_aalen ? fitted(IncidenceVariance::aalen) : (by_greenwood ? greenwood : curve);
  const std::string prefix = fmt::format("ci_{}_", c.option("conf_type", "log"));
  answer["lower"] = incidence_limits(named, causes, at, false);
  answer["upper"] = incidence_limits(named, causes, at, true);
  answer[prefix + "lower"] = incidence_limits(curve, causes, at, false);
  answer[prefix + "upper"] = incidence_limits(curve, causes, at, true);
  return answer;
}

Json incidences(const Case& c) {
  const Rows rows = rows_of(c, {.group = !c.input.contains("group_column"), .any_event = false});
  Json answer = incidence_answer(c, rows.view(), 0);
  if (rows.group_labels.size() > 1)
    for (std::size_t g = 0; g < rows.group_labels.size(); ++g) {
      const Json one = incidence_answer(c, rows.view(), g);
      answer[rows.group_labels[g]] = one;
      answer["groups"][rows.group_labels[g]] = one;
    }
  return answer;
}

Json contrast_answer(const Contrast& x) {
  return Json{{"est", x.estimate}, {"lower", x.lower}, {"upper", x.upper}, {"p", x.p}};
}

Json mean_answer(const RestrictedMean& m) {
  return Json{{"rmst", m.mean},
              {"se", m.standard_error},
              {"lower", m.lower},
              {"upper", m.upper},
              {"rmtl", m.time_lost},
              {"rmtl_se", m.standard_error},
              {"rmtl_lower", m.tau - m.upper},
              {"rmtl_upper", m.tau - m.lower}};
}

Json restricted_means(const Case& c) {
  const Rows rows = rows_of(c, {.group = true});
  const auto curves = taken(kaplan_meier(rows.view()));
  const double level = c.number("conf_level", 0.95);
  double tau = c.number("tau", nan);
  if (std::isnan(tau))
    tau = curves.size() == 2 ? largest_common_tau(curves[0], curves[1]) : curves[0].time.back();
  Json answer{{"tau", tau}};
  std::vector<RestrictedMean> means;
  for (std::size_t g = 0; g < curves.size(); ++g) {
    means.push_back(taken(restricted_mean(curves[g], tau, level)));
    const Json one = mean_answer(means.back());
    answer[fmt::format("arm{}", curves.size() == 2          ? fmt::format("{}", g)
                                : rows.group_labels.empty() ? ""
                                                            : rows.group_labels[g])] = one;
    if (!rows.group_labels.empty()) answer[rows.group_labels[g]] = one;
    if (curves.size() == 1) answer.update(one);
  }
  if (means.size() != 2) return answer;
  const RestrictedMeanContrast difference = contrast(means[1], means[0], level);
  answer["difference"] = contrast_answer(difference.difference);
  answer["ratio"] = contrast_answer(difference.ratio);
  answer["rmtl_ratio"] = contrast_answer(difference.time_lost_ratio);
  return answer;
}

Json matrix(const Matrix& m) {
  Json rows = Json::array();
  for (int i = 0; i < m.rows; ++i) rows.push_back(std::vector<double>(m.row(i).begin(), m.row(i).end()));
  return rows;
}

std::vector<double> trend_scores(const Case& c, const Rows& rows) {
  for (const Json* place : {&c.options, &c.input})
    if (const auto scores = place->find("scores"); scores != place->end())
      return scores->get<std::vector<double>>();
  if (rows.group_values.size() == rows.group_labels.size()) return rows.group_values;
  std::vector<double> scores;
  for (std::size_t g = 0; g < rows.group_labels.size(); ++g) scores.push_back(static_cast<double>(g + 1));
  return scores;
}

Json logrank_answer(const std::string& method, const Case& c) {
  const Rows rows = rows_of(c, {.group = true});
  const LogRank fitted = taken(logrank(rows.view(), c.number("rho", 0.0)));
  Json answer{{"n", fitted.n},
              {"observed", fitted.observed},
              {"expected", fitted.expected},
              {"chisq", fitted.test.statistic},
              {"df", fitted.test.df},
              {"p", fitted.test.p}};
  answer["variance"] = matrix(fitted.covariance);
  answer["groups"] = rows.group_labels;
  answer["observed_by_stratum"] = fitted.observed_by_stratum;
  answer["expected_by_stratum"] = fitted.expected_by_stratum;
  const ChiSquareTest trend = taken(logrank_trend(fitted, trend_scores(c, rows)));
  const Json trend_answer{{"chisq", trend.statistic}, {"df", trend.df}, {"p", trend.p}};
  answer["trend"] = trend_answer;
  answer["trend_chisq"] = trend.statistic;
  answer["trend_p"] = trend.p;
  const std::string test = c.option("test", "");
  if (method == "logrank_trend" || test == "trend") answer.update(trend_answer);
  return answer;
}

Json gray_answer(const Case& c) {
  const Rows rows = rows_of(c, {.group = true, .any_event = false});
  const int highest = rows.status.empty() ? 0 : *std::max_element(rows.status.begin(), rows.status.end());
  const std::vector<int> causes = causes_asked(c, highest);
  std::vector<Json> statistic, p, df;
  Json answer;
  for (int k : causes) {
    const GrayTest test = taken(gray_test(rows.view(), k, c.number("rho", 0.0)));
    // cuminc gives up (statistic -1) where the covariance is singular; here the rank is the degrees of
    // freedom.
    const bool whole = test.test.df == test.covariance.rows;
    statistic.push_back(whole ? Json(test.test.statistic) : Json(not_compared));
    p.push_back(whole ? Json(test.test.p) : Json(not_compared));
    df.push_back(whole ? Json(test.test.df) : Json(not_compared));
    answer["score"].push_back(test.score);
    answer["score_covariance"].push_back(matrix(test.covariance));
  }
  answer["cause"] = causes;
  answer["statistic"] = statistic;
  answer["chisq"] = statistic;
  answer["p"] = p;
  answer["df"] = df;
  return answer;
}

}  // namespace

Json answer_curves(const std::string& method, const Case& c) {
  if (method == "aalen_johansen" || method == "cumulative_incidence") return incidences(c);
  if (method == "rmst") return restricted_means(c);
  return survival_answer(method, c);
}

Json answer_tests(const std::string& method, const Case& c) {
  return method == "gray_test" ? gray_answer(c) : logrank_answer(method, c);
}

}  // namespace graftline::stats::golden
