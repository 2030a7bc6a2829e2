#include "stats/design_golden.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "stats/group_sequential.h"
#include "stats/interim_analysis.h"
#include "stats/normal.h"
#include "stats/survival_design.h"

namespace graftline::stats {
namespace {

using Json = nlohmann::json;
using Answers = std::map<std::string, Json>;

// Inside this file a case that cannot be read throws; run() turns it into a remark.
struct Unreadable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// ---- reading input
// ---------------------------------------------------------------------------------------------------

const Json* field(const Json& input, const char* key) {
  const auto found = input.find(key);
  return found == input.end() || found->is_null() ? nullptr : &*found;
}

double number(const Json& value, const char* key) {
  if (value.is_array() && value.size() == 1) return number(value.front(), key);
  if (!value.is_number()) throw Unreadable(fmt::format("{}: a number is expected", key));
  return value.get<double>();
}

double number(const Json& input, const char* key, std::optional<double> otherwise) {
  if (const Json* value = field(input, key)) return number(*value, key);
  if (!otherwise) throw Unreadable(fmt::format("{}: is missing", key));
  return *otherwise;
}

int whole(const Json& input, const char* key, double otherwise) {
  const double value = number(input, key, otherwise);
  if (!(value >= 1.0 && value <= 1000.0))
    throw Unreadable(fmt::format("{}: a number from 1 to 1000 is expected", key));
  return static_cast<int>(value);
}

double required(const Json& input, const char* key) { return number(input, key, std::nullopt); }

bool flag(const Json& input, const char* key, bool otherwise) {
  const Json* value = field(input, key);
  return value && value->is_boolean() ? value->get<bool>() : otherwise;
}

std::string word(const Json& input, const char* key, const char* otherwise) {
  const Json* value = field(input, key);
  return value && value->is_string() ? value->get<std::string>() : otherwise;
}

// A scalar counts as a list of one. A null inside a list is minus infinity: no bound at that look.
std::vector<double> numbers(const Json& input, const char* key) {
  std::vector<double> list;
  const Json* value = field(input, key);
  if (!value) return list;
  if (!value->is_array()) return {number(*value, key)};
  for (const Json& v : *value) {
    list.push_back(v.is_null() ? -std::numeric_limits<double>::infinity() : number(v, key));
  }
  return list;
}

std::optional<Spending> spending_named(const std::string& suffix, double parameter) {
  if (suffix == "OF") return Spending{SpendingFamily::obrien_fleming, 0.0};
  if (suffix == "P") return Spending{SpendingFamily::pocock, 0.0};
  if (suffix == "HSD") return Spending{SpendingFamily::hwang_shih_decani, parameter};
  if (suffix == "KD") return Spending{SpendingFamily::power, parameter};
  return std::nullopt;
}

EfficacyRule efficacy(const Json& input, const std::string& type) {
  EfficacyRule rule;
  rule.family = EfficacyFamily::wang_tsiatis;
  if (type == "OF") return rule;
  if (type == "P") {
    rule.shape = 0.5;
  } else if (type == "WT") {
    rule.shape = required(input, "deltaWT");
  } else if (type == "HP") {
    rule.family = EfficacyFamily::haybittle_peto;
    rule.shape = number(input, "constantBoundsHP", 3.0);
  } else if (type == "noEarlyEfficacy") {
    rule.family = EfficacyFamily::no_early_efficacy;
  } else if (type == "asUser") {
    rule.family = EfficacyFamily::alpha_table;
    rule.cumulative_alpha = numbers(input, "userAlphaSpending");
  } else if (type.rfind("as", 0) == 0) {
    rule.family = EfficacyFamily::alpha_spending;
    const bool shaped = type == "asHSD" || type == "asKD";
    const auto spending = spending_named(type.substr(2), shaped ? required(input, "gammaA") : 0.0);
    if (!spending) throw Unreadable(fmt::format("type: {} is not known", type));
    rule.spending = *spending;
  } else {
    throw Unreadable(fmt::format("type: {} is not known", type));
  }
  return rule;
}

FutilityRule futility(const Json& input) {
  FutilityRule rule;
  rule.binding = flag(input, "binding", false);
  const std::string type = word(input, "beta_spending", "none");
  if (type != "none") {
    const bool shaped = type == "bsHSD" || type == "bsKD";
    const auto spending = spending_named(type.substr(std::min<std::size_t>(2, type.size())),
                                         shaped ? required(input, "gammaB") : 0.0);
    if (type == "bsUser") {
      rule.family = FutilityFamily::beta_table;
      rule.cumulative_beta = numbers(input, "userBetaSpending");
    } else if (spending) {
      rule.family = FutilityFamily::beta_spending;
      rule.spending = *spending;
    } else {
      throw Unreadable(fmt::format("beta_spending: {} is not known", type));
    }
  } else if (field(input, "futility_bounds")) {
    rule.family = FutilityFamily::fixed_bounds;
    rule.bounds = numbers(input, "futility_bounds");
    // The reference program writes "no bound" as -6.
    for (double& bound : rule.bounds) {
      if (bound <= -6.0) bound = -std::numeric_limits<double>::infinity();
    }
  }
  return rule;
}

GroupSequentialDesign design_of(const Json& input) {
  GroupSequentialPlan plan;
  plan.information_fractions = numbers(input, "information_rates");
  const int looks =
      whole(input, "looks", std::max(1.0, static_cast<double>(plan.information_fractions.size())));
  if (plan.information_fractions.empty()) {
    for (int k = 1; k <= looks; ++k) plan.information_fractions.push_back(static_cast<double>(k) / looks);
  }
  plan.alpha = required(input, "alpha");
  plan.beta = field(input, "power") ? 1.0 - required(input, "power") : number(input, "beta", 0.2);
  plan.sides = whole(input, "sided", 1.0);
  plan.two_sided_power = flag(input, "two_sided_power", false);
  const std::string type = word(input, "type", word(input, "type_of_design", "OF").c_str());
  plan.efficacy = efficacy(input, type);
  plan.futility = futility(input);
  auto design = group_sequential_design(plan);
  if (!design) throw Unreadable(design.error().message);
  return *design;
}

// ---- answers
// ---------------------------------------------------------------------------------------------------------

Json nullable(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

// The reference program calls a critical value of 7.5 or more infinite.
Json critical(const std::vector<double>& values) {
  Json list = Json::array();
  for (double v : values) list.push_back(v >= 7.5 ? Json(nullptr) : Json(v));
  return list;
}

// ... and a futility bound of -6 or less none, which it writes as -6.
Json futility_list(const std::vector<double>& bounds, int sides) {
  Json list = Json::array();
  for (double b : bounds) list.push_back(sides == 2 && b <= 1e-5 ? Json(nullptr) : Json(std::max(b, -6.0)));
  return list;
}

DesignCharacteristics characteristics_of(const GroupSequentialDesign& design) {
  auto found = design_characteristics(design);
  if (!found) throw Unreadable(found.error().message);
  return *found;
}

Answers boundary(const Json& input, const Json&) {
  const auto design = design_of(input);
  const auto character = characteristics_of(design);
  const bool one_look = design.critical_values.size() == 1;
  Answers answers;
  answers["critical_values"] = answers["critical_values_precise"] = critical(design.critical_values);
  std::vector<double> levels;
  for (double c : design.critical_values) levels.push_back(c >= 7.5 ? 0.0 : normal_upper_tail(c));
  answers["stage_levels"] = levels;
  answers["alpha_spent"] = answers["alpha_spent_precise"] = design.alpha_spent;
  answers["shift"] = character.shift;
  answers["inflation_factor"] = character.inflation_factor;
  answers["n_fixed"] = character.fixed_shift;
  answers["rel_expected_n_H0"] = one_look ? Json(nullptr) : Json(character.expected_size_h0);
  answers["rel_expected_n_H01"] = one_look ? Json(nullptr) : Json(character.expected_size_h01);
  answers["rel_expected_n_H1"] = one_look ? Json(nullptr) : Json(character.expected_size_h1);
  answers["power_per_stage"] = character.cumulative_power;
  answers["rejection_probs_per_stage"] = one_look ? Json::array({nullptr}) : Json(character.reject_per_look);
  answers["futility_bounds"] = futility_list(design.futility_bounds, design.plan.sides);
  answers["futility_probs_H1"] = character.futility_per_look;
  if (!design.beta_spent.empty()) answers["beta_spent"] = design.beta_spent;
  return answers;
}

TwoArmTrial trial_of(const Json& input) {
  TwoArmTrial trial;
  trial.control_hazard.rate = numbers(input, "control_hazard");
  if (trial.control_hazard.rate.empty()) {
    trial.control_hazard.rate = {std::log(2.0) / required(input, "control_median")};
  }
  const auto starts = numbers(input, "piecewise_start");
  trial.control_hazard.start = starts.empty() ? std::vector<double>{0.0} : starts;
  if (trial.control_hazard.start.size() != trial.control_hazard.rate.size()) {
    throw Unreadable("control_hazard: one rate for each piecewise_start");
  }
  trial.hazard_ratio = required(input, "hazard_ratio");
  trial.allocation_ratio = number(input, "allocation_ratio", 1.0);
  trial.accrual.end = numbers(input, "accrual_duration");
  if (trial.accrual.end.size() > 1 && trial.accrual.end.front() == 0.0) {
    trial.accrual.end.erase(trial.accrual.end.begin());
  }
  if (trial.accrual.end.empty()) throw Unreadable("accrual_duration: is missing");
  trial.accrual.intensity = numbers(input, "accrual_intensity");
  if (trial.accrual.intensity.size() != trial.accrual.end.size()) {
    trial.accrual.intensity.assign(trial.accrual.end.size(), 1.0);
  }
  const double time = number(input, "dropout_time", 12.0);
  const double both = number(input, "dropout_rate", 0.0);
  trial.treated_dropout.rate = {dropout_hazard(number(input, "dropout_rate1", both), time)};
  trial.control_dropout.rate = {dropout_hazard(number(input, "dropout_rate2", both), time)};
  return trial;
}

EventFormula formula_of(const Json& input) {
  const std::string name = word(input, "formula", "Schoenfeld");
  if (name == "Schoenfeld") return EventFormula::schoenfeld;
  if (name == "Freedman") return EventFormula::freedman;
  if (name == "HsiehFreedman") return EventFormula::hsieh_freedman;
  throw Unreadable(fmt::format("formula: {} is not known", name));
}

// A two-sided design has a critical hazard ratio on each side; the reference lists one of them.
Json critical_ratios(const SurvivalSchedule& schedule, const Json& expect) {
  const Json* listed = field(expect, "critical_hr");
  const Json* first = listed && listed->is_array() && !listed->empty() ? &listed->front() : listed;
  const bool below_one = first && first->is_number() && first->get<double>() < 1.0;
  const auto& own = schedule.critical_hazard_ratio;
  const auto& other = schedule.critical_hazard_ratio_other;
  const bool take_other = !other.empty() && first && (own.back() < 1.0) != below_one;
  Json list = Json::array();
  for (double ratio : take_other ? other : own) {
    list.push_back(std::isfinite(ratio) && ratio > 0.0 ? Json(ratio) : Json(nullptr));
  }
  return list;
}

Answers sample_size(const Json& input, const Json& expect) {
  const auto design = design_of(input);
  const auto size =
      survival_sample_size(design, trial_of(input), formula_of(input), required(input, "follow_up"));
  if (!size) throw Unreadable(size.error().message);
  Answers answers;
  const bool one_look = design.critical_values.size() == 1;
  answers["events"] = size->events;
  answers["subjects"] = size->patients;
  answers["analysis_time"] = size->schedule.analysis_time;
  answers["cumulative_events"] = size->schedule.cumulative_events;
  answers["subjects_per_stage"] = size->schedule.patients_entered;
  answers["expected_events_H0"] = size->expected_events_h0;
  answers["expected_events_H01"] = size->expected_events_h01;
  answers["expected_events_H1"] = size->expected_events_h1;
  answers["expected_subjects_H1"] = one_look ? Json(nullptr) : Json(size->expected_patients_h1);
  answers["study_duration_H1"] = answers["study_duration"] = size->expected_duration_h1;
  answers["critical_hr"] = critical_ratios(size->schedule, expect);
  return answers;
}

Answers power(const Json& input, const Json& expect) {
  const auto design = design_of(input);
  const auto trial = trial_of(input);
  // Which direction counts is not always in the input; then the side of the listed critical hazard ratios
  // tells.
  const Json* listed = field(expect, "critical_hr");
  const Json* first = listed && listed->is_array() && !listed->empty() ? &listed->back() : listed;
  const bool upper =
      flag(input, "direction_upper",
           first && first->is_number() ? first->get<double>() > 1.0 : trial.hazard_ratio > 1.0);
  const auto found = survival_power(design, trial, formula_of(input), required(input, "subjects"),
                                    required(input, "events"), upper);
  if (!found) throw Unreadable(found.error().message);
  Answers answers;
  answers["power"] = found->power;
  answers["reject_per_stage"] = found->reject_per_look;
  answers["futility_per_stage"] = found->futility_per_look;
  answers["analysis_time"] = found->schedule.analysis_time;
  answers["cumulative_events"] = found->schedule.cumulative_events;
  answers["subjects_per_stage"] = found->schedule.patients_entered;
  answers["expected_events"] = found->expected_events;
  answers["expected_subjects"] = found->expected_patients;
  answers["study_duration"] = found->expected_duration;
  answers["critical_hr"] = critical_ratios(found->schedule, expect);
  return answers;
}

const char* action_name(LookAction action) {
  switch (action) {
    case LookAction::go_on:
      return "continue";
    case LookAction::reject_and_stop:
      return "reject and stop";
    case LookAction::accept_and_stop:
      return "accept and stop";
    case LookAction::reject:
      return "reject";
    case LookAction::accept:
      return "accept";
  }
  return "";
}

Json list_of(const std::vector<Maybe>& values) {
  Json list = Json::array();
  for (const Maybe& v : values) list.push_back(v ? nullable(*v) : Json(nullptr));
  return list;
}

// One value at the look the trial ended at, null elsewhere.
Json at_final_look(const InterimAnalysis& analysis, const Maybe& value, std::size_t planned) {
  Json list = Json(std::vector<Json>(planned, nullptr));
  if (analysis.final_look && value) list[static_cast<std::size_t>(*analysis.final_look) - 1] = *value;
  return list;
}

Answers interim(const Json& input, const Json&) {
  const auto design = design_of(input);
  SurvivalInterimData data;
  data.cumulative_events = numbers(input, "cumulative_events");
  data.cumulative_z = numbers(input, "cumulative_logrank_z");
  data.allocation_ratio = number(input, "allocation_ratio", 1.0);
  data.benefit_is_higher_hazard_ratio = flag(input, "direction_upper", true);
  if (word(input, "combination", "group_sequential") == "inverse_normal") {
    data.combination = Combination::inverse_normal;
  }
  const auto analysis = analyse_interim(design, data);
  if (!analysis) throw Unreadable(analysis.error().message);
  const std::size_t planned = design.critical_values.size();
  Answers answers;
  Json actions = Json::array();
  for (LookAction action : analysis->action) actions.push_back(action_name(action));
  answers["test_actions"] = actions;
  answers["conditional_rejection_probability"] = list_of(analysis->conditional_rejection_probability);
  answers["repeated_ci_lower"] = list_of(analysis->repeated_lower);
  answers["repeated_ci_upper"] = list_of(analysis->repeated_upper);
  answers["repeated_p"] = list_of(analysis->repeated_p);
  answers["final_stage"] = analysis->final_look ? Json(*analysis->final_look) : Json(nullptr);
  answers["final_p"] = at_final_look(*analysis, analysis->final_p, planned);
  answers["final_ci_lower"] = at_final_look(*analysis, analysis->final_lower, planned);
  answers["final_ci_upper"] = at_final_look(*analysis, analysis->final_upper, planned);
  answers["median_unbiased"] = at_final_look(*analysis, analysis->median_unbiased, planned);

  Json conditional = Json(std::vector<Json>(planned, nullptr));
  const std::size_t left = planned - data.cumulative_events.size();
  std::vector<double> events = numbers(input, "planned_events_per_remaining_stage");
  if (events.size() == 1) events.assign(left, events.front());
  if (left > 0 && events.size() >= left && field(input, "assumed_hr")) {
    events.resize(left);
    const auto chances = conditional_power(design, data, events, required(input, "assumed_hr"));
    if (!chances) throw Unreadable(chances.error().message);
    for (std::size_t j = 0; j < left; ++j) conditional[data.cumulative_events.size() + j] = (*chances)[j];
  }
  answers["conditional_power"] = conditional;
  return answers;
}

// ---- comparing
// -------------------------------------------------------------------------------------------------------

struct Comparison {
  double absolute = 0.0, relative = 0.0;
  std::string field, remark;
  void note(const std::string& what) {
    if (remark.empty()) remark = what;
  }
};

// "Inf" in a reference says the same as null: nothing to be reached at this look.
bool is_undefined(const Json& value) {
  return value.is_null() ||
         (value.is_string() && (value == "Inf" || value == "-Inf" || value == "NA" || value == "NaN"));
}

void compare(const std::string& name, const Json& ours, const Json& theirs, Comparison& result) {
  if (theirs.is_array() || ours.is_array()) {
    const Json mine = ours.is_array() ? ours : Json::array({ours});
    const Json other = theirs.is_array() ? theirs : Json::array({theirs});
    const std::size_t length = std::max(mine.size(), other.size());
    for (std::size_t i = 0; i < length; ++i) {  // a list may leave out trailing looks that are not defined
      compare(fmt::format("{}[{}]", name, i), i < mine.size() ? mine[i] : Json(nullptr),
              i < other.size() ? other[i] : Json(nullptr), result);
    }
    return;
  }
  if (is_undefined(theirs) || is_undefined(ours)) {
    if (is_undefined(theirs) != is_undefined(ours)) {
      result.note(fmt::format("{}: {} here, {} in the reference", name, ours.dump(), theirs.dump()));
    }
    return;
  }
  if (theirs.is_string() || ours.is_string()) {
    if (ours != theirs)
      result.note(fmt::format("{}: {} here, {} in the reference", name, ours.dump(), theirs.dump()));
    return;
  }
  const double a = ours.get<double>(), b = theirs.get<double>();
  const double difference = std::fabs(a - b);
  if (!(difference <= result.absolute)) {
    result.absolute = difference;
    result.field = name;
  }
  result.relative = std::max(result.relative, difference / std::max(std::fabs(b), 1e-300));
}

using Method = Answers (*)(const Json& input, const Json& expect);
constexpr std::pair<const char*, Method> methods[] = {
    {"gs_boundary", boundary},     {"gs_futility", boundary},
    {"interim_analysis", interim}, {"survival_sample_size", sample_size},
    {"survival_power", power},
};

// What a case's input may say; any other word is named in the table.
constexpr std::string_view inputs[] = {"accrual_duration",
                                       "accrual_intensity",
                                       "allocation_ratio",
                                       "alpha",
                                       "assumed_hr",
                                       "beta",
                                       "beta_spending",
                                       "binding",
                                       "combination",
                                       "constantBoundsHP",
                                       "control_hazard",
                                       "control_median",
                                       "cumulative_events",
                                       "cumulative_logrank_z",
                                       "deltaWT",
                                       "design",
                                       "direction_upper",
                                       "dropout_rate",
                                       "dropout_time",
                                       "events",
                                       "follow_up",
                                       "formula",
                                       "futility_bounds",
                                       "gammaA",
                                       "gammaB",
                                       "hazard_ratio",
                                       "information_rates",
                                       "looks",
                                       "piecewise_start",
                                       "planned_events_per_remaining_stage",
                                       "power",
                                       "sided",
                                       "subjects",
                                       "two_sided_power",
                                       "type",
                                       "type_of_design",
                                       "userAlphaSpending",
                                       "userBetaSpending"};

DesignCaseOutcome run(const Json& test, const std::string& file) {
  DesignCaseOutcome outcome;
  outcome.file = file;
  outcome.id = word(test, "id", "");
  outcome.method = word(test, "method", "");
  const auto method = std::find_if(std::begin(methods), std::end(methods),
                                   [&](const auto& m) { return outcome.method == m.first; });
  if (method == std::end(methods)) {
    outcome.remark = "method: not known";
    return outcome;
  }
  const Json nothing = Json::object();
  const Json& input = test.contains("input") ? test.at("input") : nothing;
  const Json& expect = test.contains("expect") ? test.at("expect") : nothing;
  for (const auto& [name, value] : input.items())
    if (std::find(std::begin(inputs), std::end(inputs), name) == std::end(inputs))
      outcome.inputs_not_read.push_back(name);
  try {
    outcome.tolerance = number(test, "abs_tol", 1e-6);
    const Answers answers = method->second(input, expect);
    Comparison comparison;
    for (const auto& [name, theirs] : expect.items()) {
      const auto ours = answers.find(name);
      if (ours == answers.end()) {
        comparison.note(fmt::format("{}: is not computed here", name));
      } else {
        compare(name, ours->second, theirs, comparison);
      }
    }
    outcome.worst_absolute_error = comparison.absolute;
    outcome.worst_relative_error = comparison.relative;
    outcome.worst_field = comparison.field;
    if (!(comparison.absolute <= outcome.tolerance)) {
      comparison.note(fmt::format("{}: off by {:.3g}", comparison.field, comparison.absolute));
    }
    outcome.remark = comparison.remark;
    outcome.agrees = comparison.remark.empty();
  } catch (const Unreadable& problem) {
    outcome.remark = problem.what();
  } catch (const Json::exception& problem) {
    outcome.remark = problem.what();
  }
  return outcome;
}

}  // namespace

bool DesignValidation::all_agree() const {
  return std::all_of(cases.begin(), cases.end(), [](const DesignCaseOutcome& c) { return c.agrees; });
}

Result<DesignValidation> validate_design_text(const std::string& json, const std::string& file) {
  const Json document = Json::parse(json, nullptr, false);
  if (document.is_discarded() || !document.is_object()) {
    return Error{ErrorKind::malformed_input, fmt::format("{}: not a JSON object", file)};
  }
  DesignValidation validation;
  if (word(document, "schema", "") != "design-golden/1") return validation;
  if (!document.contains("cases") || !document.at("cases").is_array()) {
    return Error{ErrorKind::malformed_input, fmt::format("{}: no list of cases", file)};
  }
  for (const Json& test : document.at("cases")) validation.cases.push_back(run(test, file));
  return validation;
}

Result<DesignValidation> validate_designs(const std::filesystem::path& directory) {
  std::error_code problem;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory, problem)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  if (problem) return Error{ErrorKind::not_found, fmt::format("{}: no such directory", directory.string())};
  std::sort(files.begin(), files.end());
  DesignValidation all;
  for (const auto& path : files) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    auto one = validate_design_text(text.str(), path.filename().string());
    if (!one) return one.error();
    all.cases.insert(all.cases.end(), one->cases.begin(), one->cases.end());
  }
  return all;
}

std::string design_validation_table(const DesignValidation& validation) {
  struct Row {
    int cases = 0, agree = 0;
    double absolute = 0.0, relative = 0.0;
  };
  std::map<std::string, Row> rows;
  for (const auto& c : validation.cases) {
    Row& row = rows[c.method];
    ++row.cases;
    row.agree += c.agrees;
    row.absolute = std::max(row.absolute, c.worst_absolute_error);
    row.relative = std::max(row.relative, c.worst_relative_error);
  }
  std::string text =
      fmt::format("{:<22} {:>6} {:>6} {:>12} {:>12}\n", "method", "cases", "agree", "worst abs", "worst rel");
  for (const auto& [method, row] : rows) {
    text += fmt::format("{:<22} {:>6} {:>6} {:>12.3g} {:>12.3g}\n", method, row.cases, row.agree,
                        row.absolute, row.relative);
  }
  std::map<std::string, int> not_read;
  for (const auto& c : validation.cases)
    for (const std::string& name : c.inputs_not_read) ++not_read[name];
  for (const auto& [name, cases] : not_read)
    text += fmt::format("NOT READ  input {} in {} case{}\n", name, cases, cases == 1 ? "" : "s");
  for (const auto& c : validation.cases) {
    if (!c.agrees) text += fmt::format("{}: {}: {}\n", c.file, c.id, c.remark);
  }
  return text;
}

}  // namespace graftline::stats
