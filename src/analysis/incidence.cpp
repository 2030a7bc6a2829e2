// Cumulative incidence with competing events.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "analysis/kinds.h"
#include "stats/cumulative_incidence.h"
#include "stats/gray.h"
#include "stats/kaplan_meier.h"

namespace graftline::analysis {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct VarianceName {
  const char* option;
  stats::IncidenceVariance variance;
  const char* text;
};
constexpr std::array variances{
    VarianceName{"", stats::IncidenceVariance::infinitesimal_jackknife,
                 "infinitesimal jackknife, as R survfit"},
    VarianceName{"jackknife", stats::IncidenceVariance::infinitesimal_jackknife,
                 "infinitesimal jackknife, as R survfit"},
    VarianceName{"greenwood", stats::IncidenceVariance::greenwood, "Greenwood type, as R etm"},
    VarianceName{"aalen", stats::IncidenceVariance::aalen, "Aalen type, as R cmprsk"}};

double at(const std::vector<double>& column, std::ptrdiff_t row, double before) {
  return row < 0 ? before : column[static_cast<std::size_t>(row)];
}

double n_risk_at(const stats::CumulativeIncidence& curve, double t) {
  const auto row = std::lower_bound(curve.time.begin(), curve.time.end(), t);
  return row == curve.time.end() ? 0.0 : curve.n_at_risk[static_cast<std::size_t>(row - curve.time.begin())];
}

Table estimates(const Begun& begun, const std::vector<stats::CumulativeIncidence>& curves) {
  Table table{"estimates",
              "Cumulative incidence",
              {{"group", Kind::text},
               {"event", Kind::text},
               {"time", Kind::time},
               {"n_risk", Kind::count},
               {"n_event", Kind::count},
               {"incidence", Kind::probability},
               {"std_err", Kind::probability},
               {"lower", Kind::probability},
               {"upper", Kind::probability},
               {"event_free", Kind::probability}},
              {}};
  double last = 0.0;
  for (const auto& curve : curves)
    if (!curve.time.empty()) last = std::max(last, curve.time.back());
  for (std::size_t g = 0; g < curves.size(); ++g) {
    const auto& curve = curves[g];
    const std::vector<double> times =
        begun.request.every_time ? curve.time : times_or_ticks(begun.request, last);
    for (std::size_t k = 0; k < begun.rows.causes.size(); ++k) {
      const stats::IncidenceOfCause* cause = k < curve.causes.size() ? &curve.causes[k] : nullptr;
      double events = 0.0;
      std::ptrdiff_t counted = -1;
      for (const double t : times) {
        const std::ptrdiff_t row = stats::row_at(curve.time, t);
        const bool beyond = curve.time.empty() || t > curve.time.back();
        const auto known = [&](const std::vector<double>* column) {
          return beyond ? Value{} : (column == nullptr ? Value{0.0} : number(at(*column, row, 0.0)));
        };
        if (row < counted) {
          counted = -1;
          events = 0.0;
        }
        for (; cause != nullptr && counted < row; ++counted)
          events += cause->n_event[static_cast<std::size_t>(counted + 1)];
        table.rows.push_back({begun.rows.group_label(g), begun.rows.causes[k], t, n_risk_at(curve, t), events,
                              known(cause ? &cause->incidence : nullptr),
                              known(cause ? &cause->standard_error : nullptr),
                              known(cause ? &cause->lower : nullptr), known(cause ? &cause->upper : nullptr),
                              beyond ? Value{} : number(at(curve.event_free, row, 1.0))});
      }
    }
  }
  return table;
}

Table summary(const Begun& begun, const std::vector<stats::CumulativeIncidence>& curves,
              const std::vector<stats::SurvivalCurve>& reverse) {
  Table table{"summary", "Patients and events", {{"group", Kind::text}, {"n", Kind::count}}, {}};
  for (const std::string& cause : begun.rows.causes)
    table.columns.push_back({"events_" + cause, Kind::count});
  table.columns.push_back({"median_follow_up", Kind::time});
  for (std::size_t g = 0; g < curves.size(); ++g) {
    std::vector<Value> row{begun.rows.group_label(g), curves[g].n};
    for (std::size_t k = 0; k < begun.rows.causes.size(); ++k) {
      double events = 0.0;
      if (k < curves[g].causes.size())
        for (const double d : curves[g].causes[k].n_event) events += d;
      row.emplace_back(events);
    }
    row.push_back(number(reverse[g].time.empty() ? nan : stats::quantile(reverse[g], 0.5).estimate));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Figure figure_of(const Begun& begun, const std::vector<stats::CumulativeIncidence>& curves,
                 const stats::LimitOptions& limits) {
  Figure figure;
  figure.kind = FigureKind::incidence;
  figure.limits = limits_text(limits);
  double n = 0.0;
  std::vector<double> events(begun.rows.causes.size(), 0.0);
  for (std::size_t g = 0; g < curves.size(); ++g) {
    const auto& curve = curves[g];
    std::vector<double> any(curve.time.size(), 0.0);
    for (std::size_t k = 0; k < curve.causes.size(); ++k) {
      figure.curves.push_back({begun.rows.group_label(g), begun.rows.causes[k], 0.0, curve.time,
                               curve.causes[k].incidence, curve.causes[k].lower, curve.causes[k].upper});
      for (std::size_t i = 0; i < any.size(); ++i) {
        any[i] += curve.causes[k].n_event[i];
        events[k] += curve.causes[k].n_event[i];
      }
    }
    figure.risk.push_back({begun.rows.group_label(g), curve.n, curve.time, curve.n_at_risk, any,
                           curve.n_censored, !begun.rows.entry.empty()});
    n += curve.n;
  }
  figure.caption = fmt::format("{:g} patients", n);
  for (std::size_t k = 0; k < events.size(); ++k)
    figure.caption += fmt::format(
        ", {:g} {}", events[k],
        events.size() == 1 && begun.rows.causes[k] == "1" ? "events" : "× " + begun.rows.causes[k]);
  figure.caption += fmt::format("; {}.", figure.limits);
  return figure;
}

}  // namespace

Result<Analysis> incidence_analysis(const stats::DataTable& table, const Request& request) {
  if (request.time_dependent)
    return Error{
        ErrorKind::unsupported,
        "cumulative incidence by a time-dependent group is not offered: nobody's probability follows a group "
        "he may leave. Use --landmark, or graftline analyze multistate with the exposure as a state"};
  auto begun = begin("cif", table, request,
                     {{.one_event = false, .terms_are_covariates = false, .strata_are_groups = false}, ""});
  if (!begun) return begun.error();
  auto limits = limits_of(request, stats::LimitScale::log_log);
  if (!limits) return limits.error();
  const auto variance = std::find_if(variances.begin(), variances.end(),
                                     [&](const auto& v) { return request.variance == v.option; });
  if (variance == variances.end())
    return Error{ErrorKind::malformed_input,
                 fmt::format("--variance {}: expected jackknife, greenwood or aalen", request.variance)};
  const auto curves = stats::cumulative_incidence(begun->rows.view(), {*limits, variance->variance});
  if (!curves) return curves.error();
  const auto reverse = stats::reverse_kaplan_meier(begun->rows.view());
  if (!reverse) return reverse.error();
  Analysis& analysis = begun->analysis;
  if (begun->rows.causes.size() == 1)
    analysis.notes.emplace_back(
        "The status holds one event: without competing events the cumulative incidence is 1 - Kaplan-Meier. "
        "If deaths "
        "or other events are coded as censored, give them codes of their own.");
  analysis.tables.push_back(summary(*begun, *curves, *reverse));
  analysis.tables.push_back(estimates(*begun, *curves));
  Figure figure = figure_of(*begun, *curves, *limits);
  if (begun->rows.groups.size() > 1 && request.weights.empty() && begun->rows.entry.empty()) {
    for (std::size_t k = 0; k < begun->rows.causes.size(); ++k) {
      const auto test = stats::gray_test(begun->rows.view(), static_cast<int>(k) + 1, request.rho);
      if (!test) continue;
      add_test(analysis, "Gray, " + begun->rows.causes[k], test->test);
      figure.test += fmt::format("{}Gray {}: {}", figure.test.empty() ? "" : "; ", begun->rows.causes[k],
                                 p_text(test->test.p));
    }
  } else if (begun->rows.groups.size() > 1) {
    analysis.notes.emplace_back(
        "Gray's test is not defined with case weights or delayed entry and is left out.");
  }
  analysis.methods.push_back(
      fmt::format("Cumulative incidence from {} was estimated by the Aalen-Johansen method, each event "
                  "competing with the others, "
                  "with {} ({}).",
                  origin_text(request), limits_text(*limits), variance->text));
  if (begun->rows.groups.size() > 1)
    analysis.methods.push_back(
        fmt::format("Groups were compared by Gray's test{}{}.",
                    request.rho == 0.0 ? "" : fmt::format(" with rho = {:g}", request.rho),
                    begun->rows.strata.empty() ? "" : ", stratified"));
  analysis.figure = std::move(figure);
  return std::move(analysis);
}

}  // namespace graftline::analysis
