// One arm: proportions to be shown, and harms to be watched.
#include <fmt/format.h>

#include <limits>

#include "service/designs.h"
#include "stats/safety_boundary.h"
#include "stats/single_arm.h"

namespace graftline::service {
namespace {

Result<stats::BetaPrior> prior_of(const std::vector<double>& prior) {
  if (prior.size() != 2 || !(prior[0] > 0.0) || !(prior[1] > 0.0))
    return Error{ErrorKind::out_of_range, "--prior: two numbers above 0, such as 1,1"};
  return stats::BetaPrior{prior[0], prior[1]};
}

std::vector<SheetCell> row_of(const std::string& name, const stats::TwoStageDesign& d) {
  return {name,
          double(d.futile_at_first),
          double(d.first_patients),
          double(d.not_worth_at_end),
          double(d.patients),
          cell(d.expected_patients_under_p0),
          cell(d.early_stop_under_p0),
          cell(d.alpha),
          cell(d.power)};
}

Result<DesignSheet> simon(const SingleArmRequest& r, DesignSheet sheet) {
  auto found = stats::simon_two_stage({r.p0, r.p1, r.alpha, 1.0 - r.power}, r.most_patients);
  if (!found) return found.error();
  SheetTable table{"Two-stage designs: not worth pursuing with r1 or fewer of n1, r or fewer of n",
                   {"design", "r1", "n1", "r", "n", "expected n", "early stop", "alpha", "power"},
                   {row_of("optimal", found->optimal), row_of("minimax", found->minimax)}};
  for (const stats::TwoStageDesign& design : found->admissible)
    table.rows.push_back(row_of("admissible", design));
  sheet.tables.push_back(std::move(table));
  sheet.notes.emplace_back(
      "expected n and early stop are at p0; admissible designs lie between minimax and optimal");
  sheet.source = "Simon 1989; Jung et al 2004; exact binomial sums; docs/designs.md";
  return sheet;
}

Result<DesignSheet> ahern(const SingleArmRequest& r, DesignSheet sheet) {
  auto found = stats::exact_one_stage({r.p0, r.p1, r.alpha, 1.0 - r.power});
  if (!found) return found.error();
  sheet.results = {{"patients", double(found->patients)},
                   {"responses needed", double(found->responses_needed)},
                   {"alpha attained", cell(found->alpha)},
                   {"power attained", cell(found->power)}};
  sheet.source = "A'Hern 2001; exact binomial sums; docs/designs.md";
  return sheet;
}

DesignSheet with_boundary(const SingleArmRequest& r, const stats::MonitoringBoundary& boundary,
                          DesignSheet sheet) {
  SheetTable looks{"Looks", {"patients", "futile with at most", "success with at least"}, {}};
  const double none = std::numeric_limits<double>::quiet_NaN();  // printed as an empty cell
  for (std::size_t k = 0; k < boundary.looks.size(); ++k) {
    const int futile = boundary.futile_at_most[k];
    const int least = boundary.success_at_least[k];
    looks.rows.push_back({double(boundary.looks[k]), cell(futile < 0 ? none : double(futile)),
                          cell(least > boundary.looks[k] ? none : double(least))});
  }
  SheetTable operating{
      "Operating characteristics", {"true proportion", "success", "stopped early", "expected patients"}, {}};
  for (double p : {r.p0, (r.p0 + r.p1) / 2.0, r.p1}) {
    const auto o = stats::operating(boundary, p);
    operating.rows.push_back({p, cell(o.success), cell(o.stopped_early), cell(o.expected_patients)});
  }
  sheet.tables = {std::move(looks), std::move(operating)};
  return sheet;
}

}  // namespace

Result<DesignSheet> design_single_arm(const SingleArmRequest& r) {
  DesignSheet sheet;
  sheet.what = fmt::format("Single arm, {}", r.method);
  sheet.inputs = {{"p0, not worth pursuing", fmt::format("{:.6g}", r.p0)},
                  {"p1, worth pursuing", fmt::format("{:.6g}", r.p1)}};
  if (r.method == "simon" || r.method == "ahern") {
    sheet.inputs.push_back({"alpha, at most", fmt::format("{:.6g}", r.alpha)});
    sheet.inputs.push_back({"power, at least", fmt::format("{:.6g}", r.power)});
    return r.method == "simon" ? simon(r, std::move(sheet)) : ahern(r, std::move(sheet));
  }
  if (r.method != "predictive" && r.method != "posterior")
    return Error{ErrorKind::malformed_input,
                 fmt::format("--method: '{}' is not simon, ahern, predictive or posterior", r.method)};
  auto prior = prior_of(r.prior);
  if (!prior) return prior.error();
  if (r.looks.empty())
    return Error{ErrorKind::malformed_input,
                 "--looks: numbers of patients, such as 10,20,30; the last is the maximum"};
  if (!(r.p0 > 0.0 && r.p0 < r.p1 && r.p1 < 1.0))
    return Error{ErrorKind::out_of_range, "--p0, --p1: 0 < p0 < p1 < 1"};
  sheet.inputs.push_back(
      {"prior", fmt::format("beta({:.6g}, {:.6g})", prior->responses, prior->non_responses)});
  sheet.inputs.push_back({"certainty", fmt::format("{:.6g}", r.certainty)});
  sheet.inputs.push_back({"futile below", fmt::format("{:.6g}", r.futile_below)});
  const bool predictive = r.method == "predictive";
  auto boundary = predictive
                      ? stats::monitoring_boundary(stats::PredictiveMonitoring{
                            *prior, r.p0, r.certainty, r.futile_below, r.success_above, r.looks})
                      : stats::monitoring_boundary(stats::PosteriorMonitoring{
                            *prior, r.p0, r.p1, r.certainty, r.futile_below, r.success_above < 1.0, r.looks});
  if (!boundary) return boundary.error();
  sheet.source = predictive ? "Lee and Liu 2008; exact; docs/designs.md"
                            : "Thall and Simon 1994; exact; docs/designs.md";
  return with_boundary(r, *boundary, std::move(sheet));
}

namespace {

Result<stats::SafetyBoundary> boundary_of(const SafetyRequest& r) {
  if (r.method == "constant-tail")
    return stats::constant_tail_boundary(r.patients, r.p0, r.level, r.first_look);
  if (r.method == "rising-tail")
    return stats::rising_tail_boundary(r.patients, r.p0, r.level, r.shape, r.first_look);
  if (r.method == "sprt") {
    if (!r.p1) return Error{ErrorKind::malformed_input, "--p1: Wald's test needs the harmful rate, too"};
    return stats::sequential_probability_ratio_boundary(r.patients, r.p0, *r.p1, r.level, r.power,
                                                        r.first_look);
  }
  if (r.method != "bayesian")
    return Error{ErrorKind::malformed_input,
                 fmt::format("--method: '{}' is not constant-tail, rising-tail, bayesian or sprt", r.method)};
  auto prior = prior_of(r.prior);
  if (!prior) return prior.error();
  if (r.certainty) return stats::bayesian_boundary(r.patients, r.p0, *prior, *r.certainty, r.first_look);
  return stats::bayesian_boundary_at_level(r.patients, r.p0, *prior, r.level, r.first_look);
}

}  // namespace

Result<DesignSheet> design_safety(const SafetyRequest& r) {
  auto boundary = boundary_of(r);
  if (!boundary) return boundary.error();
  if (r.p1 && !(*r.p1 > 0.0 && *r.p1 < 1.0)) return Error{ErrorKind::out_of_range, "--p1: between 0 and 1"};
  DesignSheet sheet;
  sheet.what = fmt::format("Continuous safety monitoring, {}", r.method);
  sheet.inputs = {{"patients, at most", fmt::format("{}", r.patients)},
                  {"tolerable rate p0", fmt::format("{:.6g}", r.p0)},
                  {"first patient at whom to stop", fmt::format("{}", r.first_look)}};
  if (!r.certainty) sheet.inputs.push_back({"chance to stop at p0, at most", fmt::format("{:.6g}", r.level)});
  SheetTable stops{"Stop when harms reach", {"patients with a known outcome", "harms"}, {}};
  int before = 0;
  for (int k = 1; k <= r.patients; ++k) {
    const int harms = boundary->stop_at[static_cast<std::size_t>(k) - 1];
    if (harms > k || harms == before) continue;
    before = harms;
    stops.rows.push_back({double(k), double(harms)});
  }
  SheetTable operating{"Operating characteristics",
                       {"true rate", "chance to stop", "expected patients", "expected harms"},
                       {}};
  std::vector<double> rates{r.p0};
  if (r.p1) rates.push_back(*r.p1);
  for (double p : rates) {
    const auto o = stats::operating(*boundary, p);
    operating.rows.push_back({p, cell(o.stopped), cell(o.expected_patients), cell(o.expected_harms)});
  }
  sheet.results = {{"chance to stop at p0", cell(boundary->level)},
                   {"tuned parameter", cell(boundary->parameter)}};
  sheet.tables = {std::move(stops), std::move(operating)};
  sheet.notes.emplace_back(
      "a row holds from its number of patients on, until the next row; outcomes are counted in the "
      "order in which they become known");
  sheet.source =
      "Ivanova, Qaqish and Schell 2005; Wang and Tsiatis 1987; Geller et al 2014; Wald 1947; exact "
      "recursion; docs/designs.md";
  return sheet;
}

}  // namespace graftline::service
