// Events, patients and time of two-arm trials.
#include <fmt/format.h>

#include <cmath>

#include "service/designs.h"
#include "stats/incidence_difference.h"
#include "stats/survival_design.h"

namespace graftline::service {
namespace {

Error bad(ErrorKind kind, std::string message) { return {kind, std::move(message)}; }

Result<stats::EventFormula> formula_of(const std::string& text) {
  if (text == "schoenfeld") return stats::EventFormula::schoenfeld;
  if (text == "freedman") return stats::EventFormula::freedman;
  if (text == "hsieh") return stats::EventFormula::hsieh_freedman;
  return bad(ErrorKind::malformed_input,
             fmt::format("--formula: '{}' is not schoenfeld, freedman or hsieh", text));
}

stats::PiecewiseHazard constant(double rate) { return {{0.0}, {rate}}; }

// Nothing when the control arm is not described at all.
Result<std::optional<stats::PiecewiseHazard>> control_hazard(const HazardRequest& request) {
  const int given =
      int(!request.hazard.empty()) + int(request.median.has_value()) + int(!request.by_time.empty());
  if (given == 0) return std::optional<stats::PiecewiseHazard>();
  if (given > 1)
    return bad(ErrorKind::malformed_input,
               "give one of --control-hazard, --control-median and --control-survival, not several");
  if (request.median) {
    if (!(*request.median > 0.0)) return bad(ErrorKind::out_of_range, "--control-median: must be above 0");
    return std::optional(constant(std::log(2.0) / *request.median));
  }
  if (!request.hazard.empty()) {
    auto hazard = read_hazard("--control-hazard", request.hazard);
    if (!hazard) return hazard.error();
    return std::optional(*hazard);
  }
  auto survival = read_by_time("--control-survival", request.by_time);
  if (!survival) return survival.error();
  if (!(survival->proportion > 0.0))
    return bad(ErrorKind::out_of_range, "--control-survival: the proportion must be above 0");
  return std::optional(constant(-std::log(survival->proportion) / survival->time));
}

Result<stats::PiecewiseHazard> dropout_of(const std::string& option, const std::string& text) {
  if (text.empty()) return stats::PiecewiseHazard{};
  auto lost = read_by_time(option, text);
  if (!lost) return lost.error();
  return constant(stats::dropout_hazard(lost->proportion, lost->time));
}

// Constant cause-specific hazards that give both cumulative incidences at the time.
struct TwoHazards {
  stats::PiecewiseHazard event, competing;
};
Result<TwoHazards> from_incidences(const std::string& option, const std::string& event,
                                   const std::string& competing_option, const std::string& competing) {
  auto first = read_by_time(option, event);
  if (!first) return first.error();
  ByTime second{0.0, first->time};
  if (!competing.empty()) {
    auto read = read_by_time(competing_option, competing);
    if (!read) return read.error();
    second = *read;
  }
  if (second.time != first->time)
    return bad(ErrorKind::malformed_input,
               fmt::format("{} and {}: both incidences must be at one time", option, competing_option));
  const double both = first->proportion + second.proportion;
  if (!(both < 1.0) || !(first->proportion > 0.0))
    return bad(ErrorKind::out_of_range,
               fmt::format("{}: must be above 0, and both incidences together below 1", option));
  const double hazard = -std::log1p(-both) / first->time;
  return TwoHazards{constant(hazard * first->proportion / both), constant(hazard * second.proportion / both)};
}

std::vector<Item> inputs_of(const TwoArmRequest& r, const stats::GroupSequentialPlan& plan) {
  std::vector<Item> inputs{{"hazard ratio, treated over control", fmt::format("{:.6g}", r.hazard_ratio)},
                           {"formula", r.formula},
                           {"allocation, treated : control", r.allocation},
                           {"alpha", fmt::format("{:.6g}, {}-sided", plan.alpha, plan.sides)}};
  if (!r.patients) inputs.push_back({"power", fmt::format("{:.6g}", 1.0 - plan.beta)});
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) inputs.push_back({name, value});
  };
  add("control hazard", r.control.hazard);
  if (r.control.median) inputs.push_back({"control median", fmt::format("{:.6g}", *r.control.median)});
  add("control survival", r.control.by_time);
  add("control incidence", r.incidence);
  add("competing incidence", r.competing_incidence);
  add("competing hazard", r.competing_hazard);
  add("accrual", r.accrual);
  if (!r.accrual.empty()) inputs.push_back({"follow-up after accrual", fmt::format("{:.6g}", r.follow_up)});
  add("drop-out", r.dropout);
  add("drop-out, treated", r.dropout_treated);
  if (plan.information_fractions.size() > 1)
    inputs.push_back({"looks", fmt::format("{}, {}", plan.information_fractions.size(), r.looks.boundary)});
  return inputs;
}

void add_schedule(const stats::SurvivalSchedule& schedule, const stats::GroupSequentialDesign& design,
                  const std::vector<double>& reject, DesignSheet& sheet) {
  SheetTable table{
      "Analyses", {"look", "time", "events", "patients", "critical Z", "critical hazard ratio"}, {}};
  if (!reject.empty()) table.columns.emplace_back("rejects here");
  for (std::size_t k = 0; k < schedule.analysis_time.size(); ++k) {
    table.rows.push_back({double(k + 1), cell(schedule.analysis_time[k]), cell(schedule.cumulative_events[k]),
                          cell(schedule.patients_entered[k]), cell(design.critical_values[k]),
                          cell(schedule.critical_hazard_ratio[k])});
    if (!reject.empty()) table.rows.back().push_back(cell(reject[k]));
  }
  sheet.tables.push_back(std::move(table));
}

void add_whole_patients(double patients, double ratio, DesignSheet& sheet) {
  const double control = std::ceil(patients / (1.0 + ratio) - 1e-9);
  const double treated = std::ceil(patients * ratio / (1.0 + ratio) - 1e-9);
  sheet.results.push_back({"patients, rounded up in each arm", control + treated});
  sheet.results.push_back({"control arm", control});
  sheet.results.push_back({"treated arm", treated});
}

// Number of events that a plan of time brings, from the patients.
double events_of_plan(const TwoArmRequest& r, const stats::TwoArmTrial& trial) {
  return *r.patients * stats::expected_event_fraction(trial, trial.accrual.duration() + r.follow_up);
}

Result<DesignSheet> power_for(const TwoArmRequest& r, const stats::GroupSequentialDesign& design,
                              const stats::TwoArmTrial& trial, stats::EventFormula formula,
                              DesignSheet sheet) {
  const double events = r.events ? *r.events : events_of_plan(r, trial);
  auto found = stats::survival_power(design, trial, formula, *r.patients, events, r.hazard_ratio > 1.0);
  if (!found) return found.error();
  sheet.inputs.push_back({"patients", fmt::format("{:.6g}", *r.patients)});
  sheet.results = {{"power", cell(found->power)},
                   {"events at the last look", cell(events)},
                   {"expected events", cell(found->expected_events)},
                   {"expected patients", cell(found->expected_patients)},
                   {"expected duration", cell(found->expected_duration)}};
  add_schedule(found->schedule, design, found->reject_per_look, sheet);
  return sheet;
}

Result<DesignSheet> size_for(const TwoArmRequest& r, const stats::GroupSequentialDesign& design,
                             const stats::TwoArmTrial& trial, stats::EventFormula formula,
                             DesignSheet sheet) {
  if (!(r.follow_up >= 0.0)) return bad(ErrorKind::out_of_range, "--follow-up: must not be negative");
  auto found = stats::survival_sample_size(design, trial, formula, r.follow_up);
  if (!found) return found.error();
  sheet.results = {{"events", cell(found->events)},
                   {"events, rounded up", std::ceil(found->events - 1e-9)},
                   {"patients", cell(found->patients)}};
  add_whole_patients(found->patients, trial.allocation_ratio, sheet);
  if (design.critical_values.size() > 1) {
    sheet.results.push_back({"expected events, no effect", cell(found->expected_events_h0)});
    sheet.results.push_back({"expected events, the effect", cell(found->expected_events_h1)});
    sheet.results.push_back({"expected patients, the effect", cell(found->expected_patients_h1)});
    sheet.results.push_back({"expected duration, the effect", cell(found->expected_duration_h1)});
  }
  add_schedule(found->schedule, design, {}, sheet);
  return sheet;
}

// Without a control arm only the events follow: times the inflation factor of the looks.
Result<DesignSheet> events_only(const TwoArmRequest& r, const stats::GroupSequentialDesign& design,
                                double ratio, stats::EventFormula formula, DesignSheet sheet) {
  const auto& plan = design.plan;
  auto events = stats::events_for_log_rank(formula, r.hazard_ratio, ratio, plan.alpha, plan.beta, plan.sides);
  if (!events) return events.error();
  auto traits = stats::design_characteristics(design);
  if (!traits) return traits.error();
  const double needed = *events * traits->inflation_factor;
  sheet.results = {{"events", cell(needed)}, {"events, rounded up", std::ceil(needed - 1e-9)}};
  sheet.notes.emplace_back("patients follow from the control arm and --accrual, which were not given");
  return sheet;
}

struct Prepared {
  stats::GroupSequentialDesign design;
  stats::EventFormula formula = stats::EventFormula::schoenfeld;
  stats::TwoArmTrial trial;
  DesignSheet sheet;
};

Result<Prepared> prepared_trial(const TwoArmRequest& r) {
  auto plan = read_looks(r.looks);
  if (!plan) return plan.error();
  auto design = stats::group_sequential_design(*plan);
  if (!design) return design.error();
  auto formula = formula_of(r.formula);
  if (!formula) return formula.error();
  auto ratio = read_allocation("--allocation", r.allocation);
  if (!ratio) return ratio.error();
  auto dropout = dropout_of("--dropout", r.dropout);
  if (!dropout) return dropout.error();
  auto treated = dropout_of("--dropout-treated", r.dropout_treated.empty() ? r.dropout : r.dropout_treated);
  if (!treated) return treated.error();
  Prepared made{*design, *formula, {}, {}};
  made.trial.hazard_ratio = r.hazard_ratio;
  made.trial.allocation_ratio = *ratio;
  made.trial.control_dropout = *dropout;
  made.trial.treated_dropout = *treated;
  if (!r.accrual.empty()) {
    auto accrual = read_accrual("--accrual", r.accrual);
    if (!accrual) return accrual.error();
    made.trial.accrual = *accrual;
  }
  made.sheet.inputs = inputs_of(r, *plan);
  made.sheet.notes.emplace_back(
      "events, patients and times are expected values in the unit of time that was used");
  return made;
}

Result<DesignSheet> answered(const TwoArmRequest& r, Prepared made, bool control_known) {
  if (!control_known || r.accrual.empty()) {
    if (r.patients)
      return bad(ErrorKind::malformed_input,
                 "--patients: power needs the control arm, --accrual and --follow-up, too");
    return events_only(r, made.design, made.trial.allocation_ratio, made.formula, std::move(made.sheet));
  }
  if (r.patients) return power_for(r, made.design, made.trial, made.formula, std::move(made.sheet));
  return size_for(r, made.design, made.trial, made.formula, std::move(made.sheet));
}

}  // namespace

Result<DesignSheet> design_logrank(const TwoArmRequest& request) {
  auto made = prepared_trial(request);
  if (!made) return made.error();
  auto hazard = control_hazard(request.control);
  if (!hazard) return hazard.error();
  Prepared p = *std::move(made);
  if (*hazard) p.trial.control_hazard = **hazard;
  p.sheet.what = "Two arms, log-rank test";
  p.sheet.source = "Schoenfeld 1981, 1983; Freedman 1982; Hsieh 1992; Kim and Tsiatis 1990; docs/designs.md";
  return answered(request, std::move(p), hazard->has_value());
}

Result<DesignSheet> design_competing(const TwoArmRequest& request) {
  auto made = prepared_trial(request);
  if (!made) return made.error();
  Prepared p = *std::move(made);
  if (request.scale != "cause-specific" && request.scale != "subdistribution")
    return bad(ErrorKind::malformed_input,
               fmt::format("--scale: '{}' is not cause-specific or subdistribution", request.scale));
  const bool subdistribution = request.scale == "subdistribution";
  p.trial.scale = subdistribution ? stats::EffectScale::subdistribution : stats::EffectScale::cause_specific;
  p.trial.competing_hazard_ratio = request.competing_hazard_ratio;
  bool known = false;
  if (!request.incidence.empty()) {
    auto hazards = from_incidences("--incidence", request.incidence, "--competing-incidence",
                                   request.competing_incidence);
    if (!hazards) return hazards.error();
    p.trial.control_hazard = hazards->event;
    p.trial.competing_hazard = hazards->competing;
    known = true;
  } else if (auto hazard = control_hazard(request.control); !hazard) {
    return hazard.error();
  } else if (*hazard) {
    p.trial.control_hazard = **hazard;
    if (request.competing_hazard.empty())
      return bad(ErrorKind::malformed_input, "--competing-hazard: needed beside --control-hazard");
    auto competing = read_hazard("--competing-hazard", request.competing_hazard);
    if (!competing) return competing.error();
    p.trial.competing_hazard = *competing;
    known = true;
  }
  p.sheet.what = fmt::format("Two arms, competing events, effect on the {} hazard: {}", request.scale,
                             subdistribution ? "Gray's test, Fine-Gray" : "log-rank test of the cause");
  p.sheet.notes.emplace_back(
      subdistribution
          ? "the hazard ratio is of the subdistribution: treated incidence is 1 - (1 - control)^HR"
          : "competing events leave the risk set: they do not change the events needed, but who can "
            "still have one");
  p.sheet.source = "Pintilie 2002; Latouche, Porcher and Chevret 2004; docs/designs.md";
  return answered(request, std::move(p), known);
}

Result<DesignSheet> design_incidence(const IncidenceRequest& request) {
  stats::IncidenceComparison plan;
  auto control =
      from_incidences("--control", request.control, "--control-competing", request.control_competing);
  if (!control) return control.error();
  auto treated =
      from_incidences("--treated", request.treated, "--treated-competing", request.treated_competing);
  if (!treated) return treated.error();
  auto dropout = dropout_of("--dropout", request.dropout);
  if (!dropout) return dropout.error();
  auto accrual = read_accrual("--accrual", request.accrual);
  if (!accrual) return accrual.error();
  auto ratio = read_allocation("--allocation", request.allocation);
  if (!ratio) return ratio.error();
  if (request.scale != "difference" && request.scale != "cloglog")
    return bad(ErrorKind::malformed_input,
               fmt::format("--scale: '{}' is not difference or cloglog", request.scale));
  if (!(request.time > 0.0)) return bad(ErrorKind::out_of_range, "--time: must be above 0");
  plan.control = {control->event, control->competing, *dropout};
  plan.treated = {treated->event, treated->competing, *dropout};
  plan.accrual = *accrual;
  plan.time = request.time;
  plan.study_end = request.study_end.value_or(accrual->duration() + request.time);
  plan.allocation_ratio = *ratio;
  plan.alpha = request.alpha;
  plan.sides = request.sides;
  plan.scale = request.scale == "cloglog" ? stats::IncidenceScale::complementary_log_log
                                          : stats::IncidenceScale::difference;
  DesignSheet sheet;
  sheet.what = fmt::format("Difference of two cumulative incidences at {:.6g}", request.time);
  sheet.inputs = {
      {"control", request.control},
      {"treated", request.treated},
      {"competing, control", request.control_competing.empty() ? "none" : request.control_competing},
      {"competing, treated", request.treated_competing.empty() ? "none" : request.treated_competing},
      {"accrual", request.accrual},
      {"end of study", fmt::format("{:.6g}", plan.study_end)},
      {"drop-out", request.dropout.empty() ? "none" : request.dropout},
      {"allocation, treated : control", request.allocation},
      {"scale", request.scale},
      {"alpha", fmt::format("{:.6g}, {}-sided", request.alpha, request.sides)}};
  sheet.results = {
      {"incidence at the time, control", cell(stats::cumulative_incidence_at(plan.control, plan.time))},
      {"incidence at the time, treated", cell(stats::cumulative_incidence_at(plan.treated, plan.time))}};
  if (request.patients) {
    auto power = stats::incidence_power(plan, *request.patients);
    if (!power) return power.error();
    sheet.inputs.push_back({"patients", fmt::format("{:.6g}", *request.patients)});
    sheet.results.push_back({"power", cell(*power)});
  } else {
    auto size = stats::incidence_sample_size(plan, request.power);
    if (!size) return size.error();
    sheet.inputs.push_back({"power", fmt::format("{:.6g}", request.power)});
    sheet.results.push_back({"patients", cell(size->patients)});
    add_whole_patients(size->patients, plan.allocation_ratio, sheet);
  }
  sheet.notes.emplace_back(
      "hazards are taken as constant from the incidences given; variances are those of "
      "Aalen-Johansen estimates with late entry and losses");
  sheet.source = "Klein, Logan, Harhoff and Andersen 2007; Lin 1997; docs/designs.md";
  return sheet;
}

}  // namespace graftline::service
