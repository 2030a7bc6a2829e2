// Survival curves.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/kinds.h"
#include "stats/cox.h"
#include "stats/kaplan_meier.h"

namespace graftline::analysis {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Result<stats::SurvivalOptions> options_of(const Request& request, const Rows& rows) {
  stats::SurvivalOptions options;
  auto limits = limits_of(request, stats::LimitScale::log_log);
  if (!limits) return limits.error();
  options.limits = *limits;
  if (!request.estimate.empty() && request.estimate != "kaplan-meier" && request.estimate != "nelson-aalen")
    return Error{ErrorKind::malformed_input,
                 fmt::format("--estimate {}: expected kaplan-meier or nelson-aalen", request.estimate)};
  if (request.estimate == "nelson-aalen") options.estimate = stats::SurvivalEstimate::exp_nelson_aalen;
  if (!request.variance.empty() && request.variance != "greenwood" && request.variance != "robust")
    return Error{ErrorKind::malformed_input,
                 fmt::format("--variance {}: expected greenwood or robust", request.variance)};
  options.robust = request.variance == "robust" || (request.variance.empty() && !rows.cluster.empty());
  return options;
}

double at(const std::vector<double>& column, std::ptrdiff_t row, double before) {
  return row < 0 ? before : column[static_cast<std::size_t>(row)];
}

// Sum of the counts in rows after `before` up to `row`; asked in increasing order, so that each is read once.
double sum_of(const std::vector<double>& counts, std::ptrdiff_t before, std::ptrdiff_t row) {
  double sum = 0.0;
  for (std::ptrdiff_t i = before + 1; i <= row; ++i) sum += counts[static_cast<std::size_t>(i)];
  return sum;
}

// survfit prints events since the time before; so do we.
Table estimates(const Begun& begun, const std::vector<stats::SurvivalCurve>& curves) {
  Table table{"estimates",
              "Survival",
              {{"group", Kind::text},
               {"time", Kind::time},
               {"n_risk", Kind::count},
               {"n_event", Kind::count},
               {"n_censor", Kind::count},
               {"survival", Kind::probability},
               {"std_err", Kind::probability},
               {"lower", Kind::probability},
               {"upper", Kind::probability},
               {"cumhaz", Kind::probability},
               {"cumhaz_se", Kind::probability}},
              {}};
  double last = 0.0;
  for (const auto& curve : curves)
    if (!curve.time.empty()) last = std::max(last, curve.time.back());
  for (std::size_t g = 0; g < curves.size(); ++g) {
    const stats::SurvivalCurve& curve = curves[g];
    const std::vector<double> times =
        begun.request.every_time ? curve.time : times_or_ticks(begun.request, last);
    std::ptrdiff_t before = -1;
    for (const double t : times) {
      const std::ptrdiff_t row = stats::row_at(curve.time, t);
      const bool beyond = curve.time.empty() || t > curve.time.back();
      const auto known = [&](double value) { return beyond ? Value{} : number(value); };
      table.rows.push_back({begun.rows.group_label(g), t, stats::n_at_risk_at(curve, t),
                            sum_of(curve.n_event, before, row), sum_of(curve.n_censored, before, row),
                            known(at(curve.survival, row, 1.0)), known(at(curve.standard_error, row, 0.0)),
                            known(at(curve.lower, row, 1.0)), known(at(curve.upper, row, 1.0)),
                            known(at(curve.cumulative_hazard, row, 0.0)),
                            known(at(curve.cumulative_hazard_se, row, 0.0))});
      before = std::max(before, row);
    }
  }
  return table;
}

Table summary(const Begun& begun, const std::vector<stats::SurvivalCurve>& curves,
              const std::vector<stats::SurvivalCurve>& reverse) {
  Table table{
      "summary",
      "Patients, events, quantiles",
      {{"group", Kind::text}, {"n", Kind::count}, {"events", Kind::count}, {"median_follow_up", Kind::time}},
      {}};
  for (const double p : begun.request.quantiles)
    for (const char* what : {"", "_lower", "_upper"})
      table.columns.push_back({fmt::format("q{:g}{}", p * 100, what), Kind::time});
  for (std::size_t g = 0; g < curves.size(); ++g) {
    std::vector<Value> row{begun.rows.group_label(g), curves[g].n, curves[g].n_events,
                           number(reverse[g].time.empty() ? nan : stats::quantile(reverse[g], 0.5).estimate)};
    for (const double p : begun.request.quantiles) {
      const stats::Quantile q = stats::quantile(curves[g], p);
      row.insert(row.end(), {number(q.estimate), number(q.lower), number(q.upper)});
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Figure figure_of(const Begun& begun, const std::vector<stats::SurvivalCurve>& curves,
                 const std::vector<stats::SurvivalCurve>& reverse, const stats::LimitOptions& limits) {
  Figure figure;
  figure.kind = FigureKind::survival;
  figure.limits = limits_text(limits);
  double n = 0.0;
  double events = 0.0;
  for (std::size_t g = 0; g < curves.size(); ++g) {
    const stats::SurvivalCurve& curve = curves[g];
    figure.curves.push_back(
        {begun.rows.group_label(g), "", 1.0, curve.time, curve.survival, curve.lower, curve.upper});
    figure.risk.push_back({begun.rows.group_label(g), curve.n, curve.time, curve.n_at_risk, curve.n_event,
                           curve.n_censored, !begun.rows.entry.empty()});
    n += curve.n;
    events += curve.n_events;
  }
  std::string follow_up;
  for (std::size_t g = 0; g < reverse.size(); ++g)
    follow_up +=
        fmt::format("{}{}{}", g == 0 ? "" : ", ",
                    time_text(reverse[g].time.empty() ? nan : stats::quantile(reverse[g], 0.5).estimate),
                    curves.size() > 1 ? fmt::format(" ({})", begun.rows.group_label(g)) : "");
  figure.caption =
      fmt::format("{:g} patients, {:g} events; median follow-up (reverse Kaplan-Meier) {} {}; {}.", n, events,
                  follow_up, begun.request.time_unit, figure.limits);
  return figure;
}

// Hazard ratios between the groups, with the log-rank test: a p-value alone says nothing of size.
void compare_groups(Begun& begun, Figure& figure) {
  Analysis& analysis = begun.analysis;
  const auto test = stats::logrank(begun.rows.view(), begun.request.rho);
  if (!test) return;
  const std::string name = begun.request.time_dependent ? "log-rank on start-stop rows (Mantel-Byar)"
                           : begun.request.rho == 0.0   ? "log-rank"
                                                        : fmt::format("G-rho, rho = {:g}", begun.request.rho);
  add_test(analysis, begun.rows.strata.empty() ? name : "stratified " + name, test->test);
  figure.test = fmt::format("{} {}", name, p_text(test->test.p));
  if (begun.rows.time.size() > 2000000) {
    analysis.notes.emplace_back(
        "Hazard ratios are left out for more than two million rows: graftline analyze cox.");
    return;
  }
  std::vector<std::vector<double>> indicators;
  stats::Covariates covariates;
  for (std::size_t g = 1; g < begun.rows.groups.size(); ++g) {
    std::vector<double>& x = indicators.emplace_back();
    for (const int code : begun.rows.group) x.push_back(code == static_cast<int>(g) ? 1.0 : 0.0);
    covariates.names.push_back(begun.rows.groups[g]);
  }
  for (const auto& x : indicators) covariates.columns.emplace_back(x);
  const auto design = stats::cox_design(begun.rows.view(), covariates);
  if (!design) return;
  const auto fit = stats::cox(*design);
  if (!fit) return;
  Table table{"hazard_ratios",
              "Hazard ratios (Cox, Efron ties; not adjusted)",
              {{"group", Kind::text},
               {"reference", Kind::text},
               {"hazard_ratio", Kind::ratio},
               {"lower", Kind::ratio},
               {"upper", Kind::ratio},
               {"p", Kind::p_value}},
              {}};
  const double z = stats::limit_z(begun.request.conf_level);
  for (std::size_t j = 0; j < indicators.size(); ++j) {
    const double b = fit->coefficient[j];
    const double se = std::sqrt(fit->covariance_used()(static_cast<int>(j), static_cast<int>(j)));
    const bool infinite = std::any_of(fit->monotone.begin(), fit->monotone.end(),
                                      [j](const auto& m) { return m.covariate == static_cast<int>(j); });
    const auto value = [&](double x) { return infinite || se == 0.0 ? Value{} : number(x); };
    table.rows.push_back({begun.rows.groups[j + 1], begun.rows.groups[0], value(std::exp(b)),
                          value(std::exp(b - z * se)), value(std::exp(b + z * se)),
                          value(std::erfc(std::abs(b / se) / std::sqrt(2.0)))});
    if (infinite)
      analysis.notes.push_back(
          fmt::format("The hazard ratio of {} is infinite or 0: one group has no event while "
                      "the other has (graftline analyze cox --firth gives a finite one).",
                      begun.rows.groups[j + 1]));
    if (indicators.size() == 1 && !infinite && se > 0.0)
      figure.test = fmt::format("{}; hazard ratio {} ({:g} % CI {:.2f} to {:.2f})", figure.test,
                                fmt::format("{:.2f}", std::exp(b)), begun.request.conf_level * 100,
                                std::exp(b - z * se), std::exp(b + z * se));
  }
  analysis.tables.push_back(std::move(table));
}

}  // namespace

Result<Analysis> kaplan_meier_analysis(const stats::DataTable& table, const Request& request) {
  const bool hazard = request.estimate == "nelson-aalen";
  auto begun = begin("km", table, request,
                     {{.one_event = true, .terms_are_covariates = false, .strata_are_groups = true},
                      hazard ? "exp(-Nelson-Aalen)" : "Kaplan-Meier"});
  if (!begun) return begun.error();
  auto options = options_of(request, begun->rows);
  if (!options) return options.error();
  const auto curves = stats::kaplan_meier(begun->rows.view(), *options);
  if (!curves) return curves.error();
  const auto reverse = stats::reverse_kaplan_meier(begun->rows.view());
  if (!reverse) return reverse.error();
  Analysis& analysis = begun->analysis;
  analysis.tables.push_back(summary(*begun, *curves, *reverse));
  analysis.tables.push_back(estimates(*begun, *curves));
  Figure figure = figure_of(*begun, *curves, *reverse, options->limits);
  if (begun->rows.groups.size() > 1) compare_groups(*begun, figure);
  analysis.methods.push_back(
      fmt::format("Survival from {} was estimated by {}{} with {} ({} variance).", origin_text(request),
                  hazard ? "exp(-H), H the Nelson-Aalen cumulative hazard" : "the Kaplan-Meier method",
                  request.weights.empty() ? "" : ", weighted by " + request.weights,
                  limits_text(options->limits), options->robust ? "infinitesimal jackknife" : "Greenwood"));
  if (!begun->rows.entry.empty() && !request.time_dependent)
    analysis.methods.emplace_back("Rows entering late were at risk from their entry on (left truncation).");
  if (request.time_dependent)
    analysis.methods.emplace_back(
        "Curves by a time-dependent group follow Simon and Makuch (Stat Med 1984; 3:35): at each time those "
        "in the "
        "group at that time are at risk.");
  analysis.methods.emplace_back(
      "Follow-up was described by the reverse Kaplan-Meier method (Schemper and Smith 1996).");
  if (begun->rows.groups.size() > 1)
    analysis.methods.push_back(
        fmt::format("Groups were compared by {}; hazard ratios are from a Cox model with the group alone.",
                    request.rho == 0.0 ? "the log-rank test"
                                       : fmt::format("the G-rho test with rho = {:g}", request.rho)));
  analysis.figure = std::move(figure);
  return std::move(analysis);
}

}  // namespace graftline::analysis
