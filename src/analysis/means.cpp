// Restricted mean survival time.
#include <fmt/format.h>

#include <algorithm>

#include "analysis/kinds.h"
#include "stats/mean_cumulative.h"
#include "stats/restricted_mean.h"

namespace graftline::analysis {

Result<Analysis> restricted_mean_analysis(const stats::DataTable& table, const Request& request) {
  auto begun = begin("rmst", table, request,
                     {{.one_event = true, .terms_are_covariates = false, .strata_are_groups = true},
                      "restricted mean of Kaplan-Meier"});
  if (!begun) return begun.error();
  const auto curves = stats::kaplan_meier(begun->rows.view());
  if (!curves) return curves.error();
  double tau = request.tau.value_or(0.0);
  if (!request.tau) {
    // The largest horizon that every curve allows.
    tau = stats::largest_common_tau(curves->front(), curves->front());
    for (const auto& a : *curves)
      for (const auto& b : *curves) tau = std::min(tau, stats::largest_common_tau(a, b));
  }
  Table means{"means",
              fmt::format("Mean time without the event up to {:g} {}", tau, request.time_unit),
              {{"group", Kind::text},
               {"n", Kind::count},
               {"tau", Kind::time},
               {"rmst", Kind::number},
               {"std_err", Kind::number},
               {"lower", Kind::number},
               {"upper", Kind::number},
               {"time_lost", Kind::number}},
              {}};
  std::vector<stats::RestrictedMean> results;
  for (std::size_t g = 0; g < curves->size(); ++g) {
    const auto mean = stats::restricted_mean((*curves)[g], tau, request.conf_level);
    if (!mean)
      return Error{mean.error().kind,
                   fmt::format("--tau {:g}, {}: {}", tau, begun->rows.group_label(g), mean.error().message)};
    results.push_back(*mean);
    means.rows.push_back({begun->rows.group_label(g), (*curves)[g].n, tau, number(mean->mean),
                          number(mean->standard_error), number(mean->lower), number(mean->upper),
                          number(mean->time_lost)});
  }
  Analysis& analysis = begun->analysis;
  analysis.tables.push_back(std::move(means));
  Table contrasts{"contrasts",
                  "Against the first group",
                  {{"group", Kind::text},
                   {"reference", Kind::text},
                   {"contrast", Kind::text},
                   {"estimate", Kind::number},
                   {"lower", Kind::number},
                   {"upper", Kind::number},
                   {"p", Kind::p_value}},
                  {}};
  for (std::size_t g = 1; g < results.size(); ++g) {
    const auto c = stats::contrast(results[g], results[0], request.conf_level);
    for (const auto& [name, one] : {std::pair{"difference of means", &c.difference},
                                    {"ratio of means", &c.ratio},
                                    {"ratio of times lost", &c.time_lost_ratio}})
      contrasts.rows.push_back({begun->rows.groups[g], begun->rows.groups[0], name, number(one->estimate),
                                number(one->lower), number(one->upper), number(one->p)});
  }
  if (!contrasts.rows.empty()) analysis.tables.push_back(std::move(contrasts));
  analysis.methods.push_back(
      fmt::format("The restricted mean is the area under the Kaplan-Meier curve from {} to {:g} {}{}; {:g} % "
                  "limits on the plain "
                  "scale, of ratios on the logarithm.",
                  origin_text(request), tau, request.time_unit,
                  request.tau ? "" : ", the largest horizon that the follow-up of every group allows",
                  request.conf_level * 100));
  return std::move(analysis);
}

Result<Analysis> mean_cumulative_analysis(const stats::DataTable& table, const Request& request) {
  if (request.id.empty())
    return Error{ErrorKind::malformed_input,
                 "recurrent events need --id: the column that says which rows are of one patient"};
  Request by_patient = request;
  by_patient.cluster = {request.id};
  auto begun = begin("mcf", table, by_patient,
                     {{.one_event = false, .terms_are_covariates = false, .strata_are_groups = true}, ""});
  if (!begun) return begun.error();
  const bool death = begun->rows.causes.size() > 1;
  const auto curves = stats::mean_cumulative(begun->rows.view(), death, request.conf_level);
  if (!curves) return curves.error();
  Table estimates{"estimates",
                  "Mean number of events per patient",
                  {{"group", Kind::text},
                   {"time", Kind::time},
                   {"n_risk", Kind::count},
                   {"mean", Kind::number},
                   {"std_err", Kind::number},
                   {"lower", Kind::number},
                   {"upper", Kind::number}},
                  {}};
  for (std::size_t g = 0; g < curves->size(); ++g) {
    const auto& curve = (*curves)[g];
    const double last = curve.time.empty() ? 1.0 : curve.time.back();
    for (const double t : request.every_time ? curve.time : times_or_ticks(request, last)) {
      const std::ptrdiff_t row = stats::row_at(curve.time, t);
      const auto value = [row](const std::vector<double>& column) {
        return row < 0 ? Value{0.0} : number(column[static_cast<std::size_t>(row)]);
      };
      const auto next = std::lower_bound(curve.time.begin(), curve.time.end(), t);
      const double at_risk = next == curve.time.end()
                                 ? 0.0
                                 : curve.n_at_risk[static_cast<std::size_t>(next - curve.time.begin())];
      estimates.rows.push_back({begun->rows.group_label(g), t, at_risk, value(curve.mean),
                                value(curve.standard_error), value(curve.lower), value(curve.upper)});
    }
  }
  Analysis& analysis = begun->analysis;
  analysis.tables.push_back(std::move(estimates));
  analysis.methods.push_back(
      fmt::format("Mean number of {} per patient from {} ({}), with the infinitesimal jackknife by {}.",
                  begun->rows.causes.front(), origin_text(request),
                  death ? fmt::format("among all, none after {}; Ghosh and Lin 2000", begun->rows.causes[1])
                        : "Lawless and Nadeau 1995",
                  request.id));
  return std::move(analysis);
}

}  // namespace graftline::analysis
