// Proportional hazards and subdistribution hazards.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/coefficients.h"
#include "analysis/kinds.h"
#include "analysis/predictions.h"
#include "stats/concordance.h"
#include "stats/cox_residuals.h"
#include "stats/fine_gray.h"

namespace graftline::analysis {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

void add_size(Analysis& analysis, double n, double events, double competing) {
  Table table{"size", "Rows and events", {{"n", Kind::count}, {"events", Kind::count}}, {{n, events}}};
  if (!std::isnan(competing)) {
    table.columns.push_back({"competing", Kind::count});
    table.rows[0].emplace_back(competing);
  }
  analysis.tables.push_back(std::move(table));
}

std::optional<Error> add_zph(Analysis& analysis, const Begun& begun, const stats::CoxDesign& design,
                             const stats::CoxFit& fit) {
  const std::string& name = begun.request.zph;
  if (name == "none") return std::nullopt;
  const auto transform = name == "km"         ? stats::TimeTransform::km
                         : name == "rank"     ? stats::TimeTransform::rank
                         : name == "identity" ? stats::TimeTransform::identity
                                              : stats::TimeTransform::log;
  if (name != "km" && name != "rank" && name != "identity" && name != "log")
    return Error{ErrorKind::malformed_input,
                 fmt::format("--zph {}: expected km, rank, identity, log or none", name)};
  const auto test = stats::proportional_hazards_test(design, fit, transform, begun.rows.covariates.term);
  Table table{"proportional_hazards",
              fmt::format("Test of proportional hazards (time transformed by {})", name),
              {{"term", Kind::text}, {"statistic", Kind::number}, {"df", Kind::count}, {"p", Kind::p_value}},
              {}};
  for (std::size_t t = 0; t < test.term.size(); ++t)
    table.rows.push_back({begun.rows.covariates.term_names[t], number(test.term[t].statistic),
                          static_cast<double>(test.term[t].df), number(test.term[t].p)});
  table.rows.push_back(
      {"global", number(test.global.statistic), static_cast<double>(test.global.df), number(test.global.p)});
  analysis.tables.push_back(std::move(table));
  return std::nullopt;
}

std::vector<double> scores_of(const Rows& rows, const std::vector<double>& coefficient) {
  std::vector<double> eta(rows.time.size(), 0.0);
  for (std::size_t j = 0; j < coefficient.size(); ++j)
    for (std::size_t i = 0; i < eta.size(); ++i)
      if (!std::isnan(coefficient[j])) eta[i] += coefficient[j] * rows.covariates.columns[j][i];
  return eta;
}

Error no_terms(std::string_view what) {
  return Error{ErrorKind::malformed_input, fmt::format("{} needs a term right of ~ (age + sex)", what)};
}

}  // namespace

Result<Analysis> cox_analysis(const stats::DataTable& table, const Request& request) {
  auto begun =
      begin("cox", table, request,
            {{.one_event = request.cause.empty(), .terms_are_covariates = true, .strata_are_groups = false},
             "",
             true});
  if (!begun) return begun.error();
  if (begun->rows.covariates.columns.empty()) return no_terms("Cox regression");
  stats::CoxOptions options;
  auto ties = ties_of(request.ties);
  if (!ties) return ties.error();
  options.ties = *ties;
  options.robust = request.robust || request.variance == "robust";
  options.firth = request.firth;
  const auto design = stats::cox_design(begun->rows.view(), begun->rows.covariate_view());
  if (!design) return design.error();
  const auto fit = stats::cox(*design, options);
  if (!fit) return fit.error();
  Analysis& analysis = begun->analysis;
  const bool robust = fit->robust_covariance.rows > 0;
  add_size(analysis, design->n, design->n_events, nan);
  analysis.tables.push_back(
      coefficients_table({"hazard_ratio", begun->rows.covariates.names, fit->coefficient,
                          fit->covariance_used(), fit->covariance, robust, fit->collinear, fit->monotone},
                         request.conf_level, analysis));
  analysis.figure = effects_figure(analysis.tables.back(), "hazard ratio", request.conf_level);
  add_test(analysis, "likelihood ratio", fit->likelihood_ratio);
  add_test(analysis, robust ? "Wald (robust)" : "Wald", fit->wald);
  add_test(analysis, "score", fit->score);
  if (robust) add_test(analysis, "robust score", fit->robust_score);
  const auto pairs = stats::concordance(begun->rows.view(), scores_of(begun->rows, fit->coefficient));
  Table quality{
      "fit",
      "Fit",
      {{"loglik_null", Kind::number},
       {"loglik", Kind::number},
       {"concordance", Kind::probability},
       {"concordance_se", Kind::probability},
       {"iterations", Kind::count}},
      {{number(fit->log_likelihood_null), number(fit->log_likelihood), pairs ? number(pairs->value) : Value{},
        pairs ? number(pairs->standard_error) : Value{}, static_cast<double>(fit->iterations)}}};
  analysis.tables.push_back(std::move(quality));
  if (fit->monotone.empty())
    if (const auto problem = add_zph(analysis, *begun, *design, *fit)) return *problem;
  if (!request.predict.empty())
    if (const auto problem = add_predicted_survival(analysis, table, *begun, *design, *fit)) return *problem;
  if (!fit->converged && fit->monotone.empty())
    analysis.notes.emplace_back(
        "The likelihood was still rising when the fit stopped: do not trust the estimates.");
  analysis.methods.push_back(fmt::format(
      "Hazards from {} were modelled by Cox regression with {} ties{}{}{}; {:g} % limits are Wald limits{}.",
      origin_text(request), request.ties,
      begun->rows.strata.empty() ? "" : fmt::format(", stratified ({})", fmt::join(begun->rows.strata, "; ")),
      begun->rows.entry.empty() ? "" : ", rows at risk from their entry on",
      request.firth ? ", Firth's penalty" : "", request.conf_level * 100,
      robust ? " with the robust variance (Lin and Wei 1989)" : ""));
  if (request.zph != "none" && fit->monotone.empty())
    analysis.methods.emplace_back(
        "Proportional hazards were tested by the score test of Grambsch and Therneau (1994) in the form of R "
        "survival 3.");
  return std::move(analysis);
}

Result<Analysis> fine_gray_analysis(const stats::DataTable& table, const Request& request) {
  if (request.time_dependent)
    return Error{
        ErrorKind::unsupported,
        "Fine-Gray regression on a time-dependent exposure is not offered: those who had the competing event "
        "stay at risk for ever, and what their exposure would have become is not defined. Use --landmark, or "
        "graftline analyze cox --time-dependent for the cause-specific hazard"};
  auto begun = begin("finegray", table, request,
                     {{.one_event = false, .terms_are_covariates = true, .strata_are_groups = false}, ""});
  if (!begun) return begun.error();
  if (begun->rows.covariates.columns.empty()) return no_terms("Fine-Gray regression");
  const auto cause = cause_of_interest(begun->rows.causes, request.cause);
  if (!cause) return cause.error();
  // Only the weighted form has several baselines and delayed entry.
  const bool needs_weights = !begun->rows.stratum.empty() || !begun->rows.entry.empty();
  const bool weighted = request.variance == "finegray" || (request.variance.empty() && needs_weights);
  if (!request.variance.empty() && !weighted && request.variance != "crr" && request.variance != "robust")
    return Error{ErrorKind::malformed_input,
                 fmt::format("--variance {}: expected crr (sandwich) or finegray (weighted form, robust)",
                             request.variance)};
  stats::FineGrayOptions options;
  auto ties = ties_of(weighted ? request.ties : "breslow");
  if (!ties) return ties.error();
  options.ties = *ties;
  options.censoring_ties = weighted ? stats::CensoringTies::finegray : stats::CensoringTies::crr;
  const auto fit = stats::fine_gray(begun->rows.view(), begun->rows.covariate_view(), *cause,
                                    begun->rows.censoring_group, options);
  if (!fit) return fit.error();
  Analysis& analysis = begun->analysis;
  const bool sandwich = !weighted && fit->sandwich_covariance.rows > 0;
  const stats::Matrix& used = sandwich ? fit->sandwich_covariance : fit->robust_covariance;
  double events = 0.0;
  double competing = 0.0;
  for (const int code : begun->rows.status) {
    events += code == *cause ? 1 : 0;
    competing += code > 0 && code != *cause ? 1 : 0;
  }
  add_size(analysis, static_cast<double>(begun->rows.time.size()), events, competing);
  analysis.tables.push_back(
      coefficients_table({"subdistribution_hazard_ratio", begun->rows.covariates.names, fit->coefficient,
                          used, fit->model_covariance, true, fit->collinear, fit->monotone},
                         request.conf_level, analysis));
  analysis.figure =
      effects_figure(analysis.tables.back(), "subdistribution hazard ratio", request.conf_level);
  add_test(analysis, "likelihood ratio (weights taken as known)", fit->likelihood_ratio);
  const std::string& name = begun->rows.causes[static_cast<std::size_t>(*cause) - 1];
  if (!request.predict.empty())
    if (const auto problem = add_predicted_incidence(analysis, table, *begun, *fit, name)) return *problem;
  if (begun->rows.strata.size() > 1 && request.censoring_strata.empty())
    analysis.notes.emplace_back(
        "Strata have baselines of their own; the censoring distribution is that of all rows. "
        "--censoring-strata estimates it within each.");
  analysis.notes.push_back(
      fmt::format("A subdistribution hazard ratio above 1 means a higher cumulative incidence of {}; it is "
                  "no rate ratio among "
                  "those at risk. Report the cause-specific hazards of every event beside it (graftline "
                  "analyze cox --cause).",
                  name));
  analysis.methods.push_back(fmt::format(
      "The cumulative incidence of {} from {} was modelled by Fine and Gray's regression ({}); the censoring "
      "distribution was estimated by Kaplan-Meier{}{}.",
      name, origin_text(request),
      sandwich ? "as R cmprsk::crr, sandwich variance"
               : fmt::format("weighted form, {} ties, robust variance, as R survival::finegray",
                             weighted ? request.ties : "breslow"),
      request.censoring_strata.empty() ? ""
                                       : fmt::format(" by {}", fmt::join(request.censoring_strata, ", ")),
      begun->rows.strata.empty()
          ? ""
          : fmt::format("; baselines by stratum ({})", fmt::join(begun->rows.strata, "; "))));
  return std::move(analysis);
}

}  // namespace graftline::analysis
