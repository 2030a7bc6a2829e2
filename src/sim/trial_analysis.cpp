#include "sim/trial_analysis.h"

#include <algorithm>
#include <cmath>

#include "core/result.h"
#include "stats/normal.h"

namespace graftline::sim {
namespace {

double two_sided(double z) { return 2.0 * stats::normal_upper_tail(std::abs(z)); }

}  // namespace

double EndpointAnalysis::z(TrialPlan::Test test) const {
  if (test == TrialPlan::Test::log_rank) return log_rank_z;
  if (test == TrialPlan::Test::gray) return gray_z;
  return difference_se > 0.0 ? difference / difference_se : 0.0;
}

double EndpointAnalysis::p(TrialPlan::Test test) const {
  if (test == TrialPlan::Test::log_rank) return log_rank_p;
  if (test == TrialPlan::Test::gray) return gray_p;
  return difference_se > 0.0 ? two_sided(difference / difference_se) : 1.0;
}

TrialAnalysis::Row TrialAnalysis::row(const TrialData& data, std::size_t endpoint, std::size_t p,
                                      int calendar_day) {
  const int followed = std::min(data.followed[p], calendar_day - data.entry_day[p]);
  const int event = data.event[endpoint][p];
  const int competing = data.competing[endpoint][p];
  const int first = std::min(event, competing);
  if (first > followed) return {followed, 0};
  return {first, event <= competing ? 1 : 2};
}

EndpointAnalysis TrialAnalysis::endpoint(const TrialData& data, std::size_t endpoint, int calendar_day) {
  for (auto* column : {&time_, &status_, &only_event_, &group_, &stratum_}) column->clear();
  std::array<bool, 2> has_arm{};
  for (std::size_t p = 0; p < data.size(); ++p) {
    if (data.entry_day[p] > calendar_day) continue;
    const Row here = row(data, endpoint, p, calendar_day);
    time_.push_back(here.days);
    status_.push_back(here.status);
    only_event_.push_back(here.status == 1 ? 1 : 0);
    group_.push_back(data.arm[p]);
    stratum_.push_back(data.stratum[p]);
    has_arm[static_cast<std::size_t>(data.arm[p])] = true;
  }
  EndpointAnalysis found;
  if (!has_arm[0] || !has_arm[1]) return found;
  const bool has_competing = !plan_.endpoints[endpoint].competing.empty();
  const auto rows = [&](const std::vector<int>& status, bool within_strata) {
    stats::DayFollowUp all{.time = time_, .status = status, .group = group_};
    if (within_strata) all.stratum = stratum_;
    return all;
  };
  const bool stratified = plan_.stratified && data.strata.size() > 1;
  const auto load = [&](const std::vector<int>& status, bool within_strata) {
    const auto problem = workspace_.load(rows(status, within_strata));
    ensure(!problem, "the rows of a simulated trial can be analysed");
  };
  load(only_event_, stratified);
  const stats::LogRank& tested = workspace_.logrank();
  found.events = tested.observed[0] + tested.observed[1];
  const double variance = tested.covariance(1, 1);
  if (variance > 0.0) {
    const double too_few = tested.expected[1] - tested.observed[1];
    found.log_rank_z = too_few / std::sqrt(variance);
    found.log_hazard_ratio = -too_few / variance;
    found.log_hazard_ratio_se = 1.0 / std::sqrt(variance);
  }
  found.log_rank_p = tested.test.p;
  if (has_competing) load(status_, stratified);
  if (has_competing && found.events > 0.0) {
    const stats::GrayTest& gray = workspace_.gray_test(1);
    found.gray_p = gray.test.p;
    if (!gray.score.empty() && gray.covariance(0, 0) > 0.0)
      found.gray_z = gray.score[0] / std::sqrt(gray.covariance(0, 0));
  }
  if (stratified) load(has_competing ? status_ : only_event_, false);
  const auto& curves = workspace_.cumulative_incidence({.limits = {.level = 0.0}});
  double squares = 0.0;
  for (std::size_t arm = 0; arm < 2; ++arm) {
    if (arm >= curves.size() || curves[arm].causes.empty()) continue;
    const auto at = stats::row_at(curves[arm].time, horizon_day_);
    if (at < 0) continue;
    found.incidence[arm] = curves[arm].causes[0].incidence[static_cast<std::size_t>(at)];
    const double se = curves[arm].causes[0].standard_error[static_cast<std::size_t>(at)];
    squares += std::isfinite(se) ? se * se : 0.0;
  }
  found.difference = found.incidence[0] - found.incidence[1];
  found.difference_se = std::sqrt(squares);
  return found;
}

}  // namespace graftline::sim
