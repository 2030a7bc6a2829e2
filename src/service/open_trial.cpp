// One trial of a simulation, patient by patient.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "analysis/analyse.h"
#include "report/figure/survival_figure.h"
#include "report/figure/swimmer_figure.h"
#include "service/trial_points.h"
#include "stats/data_table.h"

namespace graftline::service {
namespace {

// Up to the day the trial stopped; empty where nothing was seen.
std::string seen(int day, int followed) { return day <= followed ? fmt::format("{}", day) : ""; }

int followed_until(const sim::TrialData& data, std::size_t p, int stopped_on) {
  return std::min(data.followed[p], stopped_on - data.entry_day[p]);
}

std::string spaced(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

std::string arm_name(int arm) { return arm == 0 ? "control" : "experimental"; }

std::string csv_of(const sim::TrialPlan& plan, const sim::TrialData& data, int stopped_on) {
  std::string csv = "patient,arm,stratum,entry_day,followed_days,lost,crossed_over,infusions";
  for (const auto& endpoint : plan.endpoints) csv += fmt::format(",{0}_days,{0}_status", endpoint.name);
  for (const auto& count : plan.counts) csv += fmt::format(",{}_day", count.name);
  csv += "\n";
  for (std::size_t p = 0; p < data.size(); ++p) {
    if (data.entry_day[p] > stopped_on) continue;
    const int followed = followed_until(data, p, stopped_on);
    const auto infusions = std::ranges::count_if(data.given, [&](const sim::GivenOnDay& one) {
      return one.patient == static_cast<int>(p) && one.day <= followed;
    });
    csv += fmt::format(
        "{},{},{},{},{},{},{},{}", p + 1, arm_name(data.arm[p]),
        data.strata.empty() ? "" : "\"" + data.strata[static_cast<std::size_t>(data.stratum[p])] + "\"",
        data.entry_day[p], followed, data.is_lost[p] != 0 && data.followed[p] == followed ? 1 : 0,
        static_cast<int>(data.crossed_over[p]), infusions);
    for (std::size_t e = 0; e < plan.endpoints.size(); ++e) {
      const auto row = sim::TrialAnalysis::row(data, e, p, stopped_on);
      csv += fmt::format(",{},{}", row.days, row.status);
    }
    for (std::size_t c = 0; c < plan.counts.size(); ++c) csv += "," + seen(data.counted[c][p], followed);
    csv += "\n";
  }
  return csv;
}

report::SwimmerFigure swimmers_of(const sim::TrialPlan& plan, const sim::TrialData& data, int stopped_on) {
  report::SwimmerFigure figure;
  // Endpoints that say the same of a patient are marked once, by the rarest: relapse rather than relapse or
  // death.
  std::vector<std::size_t> order(plan.endpoints.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::size_t e) {
    return std::ranges::count_if(data.event[e], [](int day) { return day != sim::never_day; });
  });
  for (std::size_t p = 0; p < data.size(); ++p) {
    if (data.entry_day[p] > stopped_on) continue;
    report::Swimmer one;
    const int followed = followed_until(data, p, stopped_on);
    one.group = arm_name(data.arm[p]);
    for (const sim::GivenOnDay& given : data.given) {
      if (given.patient == static_cast<int>(p) && given.day <= followed)
        one.marks.push_back({"infusion", static_cast<double>(given.day)});
    }
    for (std::size_t c = 0; c < plan.counts.size(); ++c) {
      if (data.counted[c][p] <= followed)
        one.marks.push_back({spaced(plan.counts[c].name), static_cast<double>(data.counted[c][p])});
    }
    std::vector<int> marked;
    int last = followed;
    for (const std::size_t e : order) {
      const int day = data.event[e][p];
      if (day > followed || std::ranges::find(marked, day) != marked.end()) continue;
      marked.push_back(day);
      one.marks.push_back({spaced(plan.endpoints[e].name), static_cast<double>(day)});
      if (plan.endpoints[e].name == "death") last = std::min(last, day);
    }
    one.followed = last;
    one.goes_on = marked.empty() && data.is_lost[p] == 0;
    figure.swimmers.push_back(std::move(one));
  }
  return figure;
}

}  // namespace

Result<OpenedTrial> open_trial(const TrialRequest& request, std::uint32_t replicate) {
  const auto source = trial_source(request);
  if (!source) return source.error();
  const auto points = trial_points(request, *source);
  if (!points) return points.error();
  if (points->size() != 1) {
    return Error{
        ErrorKind::conflict,
        fmt::format("{} trials and settings were asked for: one trial of one setting is opened at a time",
                    points->size())};
  }
  const TrialPoint& point = *points->front();
  const auto opened = point.simulation->open(request.seed, replicate);
  if (!opened) return opened.error();
  const sim::TrialPlan& plan = point.plan;
  OpenedTrial answer;
  answer.csv = csv_of(plan, opened->data, opened->stopped_on);
  // As anybody would analyse the file of rows.
  const auto table = stats::parse_csv(answer.csv);
  if (!table) return table.error();
  const auto& primary = plan.endpoints.front();
  analysis::Request asked;
  asked.formula = fmt::format("Surv({0}_days, {0}_status) ~ arm", primary.name);
  asked.event = primary.name;
  asked.origin = "randomisation";
  const bool competes = !primary.competing.empty();
  if (competes) asked.causes = {"1=" + primary.name, "2=competing event"};
  if (competes) asked.cause = "1";
  const auto found = analysis::analyse(competes ? "cif" : "km", *table, asked);
  if (!found) return found.error();
  const std::string footer =
      fmt::format("{}, trial {}, seed {}: virtual patients", plan.name, replicate, request.seed);
  if (found->figure) {
    report::FigureOptions options;
    options.width = report::FigureWidth::two_columns;
    options.origin = "randomisation";
    options.event = competes ? primary.name : "";
    options.footer = footer;
    answer.curves = report::to_svg(report::layout(*found->figure, options), plan.name, "en");
  }
  auto swimmers = swimmers_of(plan, opened->data, opened->stopped_on);
  swimmers.footer = footer;
  answer.swimmers = report::to_svg(swimmers);
  sim::TrialAnalysis analysis(plan, point.simulation->horizon_day());
  answer.summary =
      fmt::format("{}, trial {}, seed {}: stopped on day {} ({}), {}\n", plan.name, replicate, request.seed,
                  opened->stopped_on, opened->because, opened->rejected ? "rejected" : "not rejected");
  for (std::size_t e = 0; e < plan.endpoints.size(); ++e) {
    const auto result = analysis.endpoint(opened->data, e, opened->stopped_on);
    answer.summary += fmt::format(
        "  {}: {:.0f} events, log-rank p = {:.4g}{}, incidence {:.1f} % and {:.1f} %\n",
        plan.endpoints[e].name, result.events, result.log_rank_p,
        plan.endpoints[e].competing.empty() ? "" : fmt::format(", Gray p = {:.4g}", result.gray_p),
        100.0 * result.incidence[0], 100.0 * result.incidence[1]);
  }
  return answer;
}

}  // namespace graftline::service
