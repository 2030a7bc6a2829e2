// Comorbidity, disease risk and graft function, as typed.

#include <fmt/format.h>

#include "clinical/disease_risk_index.h"
#include "clinical/graft_function.h"
#include "clinical/hct_ci.h"
#include "service/calculators.h"
#include "service/written_values.h"

namespace graftline::service {
namespace {

using namespace clinical;

std::optional<Error> mark(const std::vector<std::string>& names, Truth present, HctCiFindings& f,
                          Calculation& c) {
  for (const std::string& typed : names) {
    const auto item = hct_ci_item_from_name(typed);
    if (!item) {
      std::vector<std::string_view> all;
      all.reserve(hct_ci_item_count);
      for (int i = 0; i < hct_ci_item_count; ++i) all.push_back(row(static_cast<HctCiItem>(i)).name);
      return Error{ErrorKind::not_found, fmt::format("comorbidity: expected {}", fmt::join(all, ", "))};
    }
    if (f[*item] != Truth::unknown && f[*item] != present)
      return Error{ErrorKind::conflict, fmt::format("comorbidity: {} is given as present and absent", typed)};
    f[*item] = present;
    c.inputs.push_back({typed, present == Truth::yes ? "present" : "absent"});
  }
  return std::nullopt;
}

// A measurement decides items nobody named; what it leaves open stays unknown.
void decide(HctCiFindings& f, HctCiItem item, Truth found) {
  if (f[item] == Truth::unknown) f[item] = found;
}

struct Measured {
  std::optional<Range> bmi, dlco, fev1, bilirubin, ast, alt, creatinine;
};

std::optional<Error> read_measured(const HctCiRequest& r, Measured& m, HctCiFindings& f, Calculation& c) {
  struct Field {
    const char* name;
    const Typed& typed;
    const char* unit;
    std::optional<Range>& value;
  };
  for (const Field& field :
       {Field{"age", r.age, "a", f.age_years}, Field{"bmi", r.bmi, "kg/m2", m.bmi},
        Field{"dlco", r.dlco, "%", m.dlco}, Field{"fev1", r.fev1, "%", m.fev1},
        Field{"bilirubin-uln", r.bilirubin_times_limit, "1", m.bilirubin},
        Field{"ast-uln", r.ast_times_limit, "1", m.ast}, Field{"alt-uln", r.alt_times_limit, "1", m.alt}}) {
    auto read = read_range(field.name, field.typed, field.unit);
    if (!read) return read.error();
    field.value = *read;
    if (field.typed) c.inputs.push_back({field.name, *field.typed});
  }
  if (!r.creatinine) return std::nullopt;
  auto creatinine = read_quantity("creatinine", *r.creatinine);
  if (!creatinine) return creatinine.error();
  auto mg_per_dl = creatinine_mg_per_dl(*creatinine);
  if (!mg_per_dl) return mg_per_dl.error();
  m.creatinine = *mg_per_dl;
  c.inputs.push_back({"creatinine", *r.creatinine});
  return std::nullopt;
}

UpperLimitRatio as_ratio(const std::optional<Range>& times) {
  return times ? UpperLimitRatio{times, {}} : UpperLimitRatio{std::nullopt, Reason::never_measured};
}

// Findings that were not typed are absent only when the rest is documented as absent.
void apply(const Measured& m, bool rest_is_absent, HctCiFindings& f) {
  const Truth rest = rest_is_absent ? Truth::no : Truth::unknown;
  decide(f, HctCiItem::obesity, obesity_item(m.bmi));
  if (m.creatinine) decide(f, HctCiItem::moderate_or_severe_renal, renal_item({m.creatinine, rest, rest}));
  if (m.dlco || m.fev1) {
    // Either measurement can show the disease; the one not given shows nothing when the rest is absent.
    const auto unless_rest_absent = [&](const std::optional<Range>& value) {
      return value || !rest_is_absent ? value : std::optional(Range::exactly(Rational(100)));
    };
    PulmonaryFindings lungs{unless_rest_absent(m.dlco), unless_rest_absent(m.fev1), std::nullopt, rest};
    if (rest_is_absent) lungs.dyspnea = PulmonaryDyspnea::none;
    const Graded graded = pulmonary_items(lungs);
    decide(f, HctCiItem::moderate_pulmonary, graded.lesser);
    decide(f, HctCiItem::severe_pulmonary, graded.greater);
  }
  if (m.bilirubin || m.ast || m.alt) {
    const auto ratio = [&](const std::optional<Range>& times) {
      return times || !rest_is_absent ? as_ratio(times) : UpperLimitRatio{Range::exactly(Rational(1)), {}};
    };
    const Graded graded = hepatic_items({ratio(m.bilirubin), ratio(m.ast), ratio(m.alt), rest, rest});
    decide(f, HctCiItem::mild_hepatic, graded.lesser);
    decide(f, HctCiItem::moderate_or_severe_hepatic, graded.greater);
  }
  if (!rest_is_absent) return;
  for (Truth& item : f.present)
    if (item == Truth::unknown) item = Truth::no;
}

std::string risk_text(ScoreRange risk) {
  const auto low = name(static_cast<HctCiRisk>(risk.low));
  if (risk.is_exact()) return std::string(low);
  return fmt::format("{} to {}", low, name(static_cast<HctCiRisk>(risk.high)));
}

std::string group_text(ScoreRange group) {
  constexpr std::array<const char*, 3> groups{"0-3", "4-5", "above 5"};
  const char* low = groups.at(static_cast<std::size_t>(group.low));
  if (group.is_exact()) return low;
  return fmt::format("{} to {}", low, groups.at(static_cast<std::size_t>(group.high)));
}

Result<std::vector<DailyCount>> read_counts(std::string_view field, const std::vector<std::string>& typed,
                                            Calculation& c) {
  std::vector<DailyCount> counts;
  for (const std::string& one : typed) {
    auto parts = read_parts(field, one, 2);
    if (!parts) return parts.error();
    auto day = read_integer(field, parts->front());
    if (!day) return day.error();
    auto count = read_range(field, std::string_view(parts->back()), "10*9/L");
    if (!count) return count.error();
    counts.push_back({*day, *count});
    c.inputs.push_back(
        {fmt::format("{} on day {:+}", field, *day), fmt::format("{} x 10^9/L", parts->back())});
  }
  return counts;
}

std::string recovery_text(const Recovery& r) {
  if (r.recovered.truth == Truth::no) return "no";
  if (r.recovered.truth == Truth::unknown)
    return r.possible_day
               ? fmt::format("unknown: possible on day {:+}, counts or transfusions missing", *r.possible_day)
               : "unknown: never measured";
  if (r.possible_day == r.certain_day) return fmt::format("day {:+}", *r.certain_day);
  return fmt::format("between day {:+} and day {:+}", *r.possible_day, *r.certain_day);
}

std::string answer_text(const Answer& answer) {
  if (answer.truth != Truth::unknown) return std::string(name(answer.truth));
  return answer.reasons.has(Reason::window_open) ? "unknown: window still open" : "unknown: never measured";
}

Result<std::optional<std::vector<int>>> read_transfusions(const GraftFunctionRequest& r) {
  if (r.no_platelet_transfusions && !r.platelet_transfusions.empty())
    return Error{ErrorKind::conflict, "platelet transfusions: given, and documented as none"};
  if (!r.no_platelet_transfusions && r.platelet_transfusions.empty())
    return std::optional<std::vector<int>>();
  std::vector<int> days;
  for (const std::string& typed : r.platelet_transfusions) {
    auto day = read_integer("platelet-transfusion", typed);
    if (!day) return day.error();
    days.push_back(*day);
  }
  return std::optional(days);
}

std::optional<Error> read_judgements(const GraftFunctionRequest& r, GraftFindings& f, Calculation& c) {
  struct Field {
    const char* name;
    const Typed& typed;
    Truth& value;
  };
  for (const Field& field : {Field{"pancytopenia", r.pancytopenia, f.pancytopenia},
                             Field{"lost-function", r.lost_function, f.lost_recovered_function},
                             Field{"needs-support", r.needs_support, f.needs_support},
                             Field{"chimerism-at-target", r.chimerism_at_target, f.donor_chimerism_at_target},
                             Field{"other-cause-excluded", r.other_cause_excluded, f.other_cause_excluded}}) {
    auto read = read_truth(field.name, field.typed);
    if (!read) return read.error();
    field.value = *read;
    if (field.typed) c.inputs.push_back({field.name, std::string(name(*read))});
  }
  return std::nullopt;
}

void conclude(const GraftFunction& function, Calculation& c) {
  c.parts.push_back({"primary graft failure", answer_text(function.primary_graft_failure)});
  c.parts.push_back({"secondary graft failure", answer_text(function.secondary_graft_failure)});
  c.parts.push_back({"poor graft function", answer_text(function.poor_graft_function)});
  const auto is = [](const Answer& answer, Truth truth) { return answer.truth == truth; };
  if (is(function.primary_graft_failure, Truth::yes))
    c.result = "primary graft failure";
  else if (is(function.secondary_graft_failure, Truth::yes))
    c.result = "secondary graft failure";
  else if (is(function.poor_graft_function, Truth::yes))
    c.result = "poor graft function";
  else if (is(function.primary_graft_failure, Truth::no) && is(function.secondary_graft_failure, Truth::no) &&
           is(function.poor_graft_function, Truth::no))
    c.result = "neither graft failure nor poor graft function";
  else
    c.result = "unknown: see what is unknown above";
  if (c.result == "poor graft function")
    c.notes.emplace_back("a boost of CD34+ cells is preferred over lymphocytes [EBMT Handbook 2024 ch. 41]");
  else if (c.result == "secondary graft failure")
    c.notes.emplace_back(
        "with falling donor chimerism, lymphocytes are an option that carries a risk of GVHD [EBMT Handbook "
        "2024 ch. 41]");
}

}  // namespace

Result<Calculation> score_comorbidity(const HctCiRequest& r) {
  Calculation c;
  c.what = "HCT-CI";
  HctCiFindings findings;
  if (auto error = mark(r.present, Truth::yes, findings, c)) return *error;
  if (auto error = mark(r.absent, Truth::no, findings, c)) return *error;
  Measured measured;
  if (auto error = read_measured(r, measured, findings, c)) return *error;
  apply(measured, r.rest_is_absent, findings);
  if (r.rest_is_absent) c.inputs.push_back({"all other items", "documented as absent"});

  const HctCi scored = hct_ci(findings);
  c.low = fmt::format("{}", scored.points.low);
  c.high = fmt::format("{}", scored.points.high);
  c.result = fmt::format("{} points, {} risk", points_text(scored.points), risk_text(scored.risk));
  c.parts = {{"points", points_text(scored.points)},
             {"risk", risk_text(scored.risk)},
             {"flexible HCT-CI group", group_text(scored.flexible_group)},
             {"HCT-CI/Age", points_text(scored.points_with_age)}};
  for (const HctCiItem item : scored.unknown_items)
    c.missing.push_back(fmt::format("{} (+{})", row(item).name, row(item).points));
  if (!r.age) c.missing.emplace_back("age, for HCT-CI/Age");
  c.notes.emplace_back("scored before transplant, not before an infusion of lymphocytes");
  c.source = "Sorror 2005, items as in NCI PDQ; HCT-CI/Age and flexible groups: EBMT Handbook 2024 ch. 11";
  return c;
}

Result<Calculation> find_disease_risk(const DriRequest& r) {
  std::vector<std::string_view> diseases;
  diseases.reserve(dri_disease_count);
  for (int i = 0; i < dri_disease_count; ++i) diseases.push_back(name(static_cast<DriDisease>(i)));
  std::vector<std::string_view> stages;
  stages.reserve(dri_stage_count);
  for (int i = 0; i < dri_stage_count; ++i) stages.push_back(name(static_cast<DriStage>(i)));
  auto disease = read_word("disease", r.disease, diseases);
  if (!disease) return disease.error();
  auto stage = read_word("stage", r.stage, stages);
  if (!stage) return stage.error();
  auto conditioning = DriConditioning::unknown;
  if (r.conditioning) {
    auto word = read_word("conditioning", *r.conditioning, {"unknown", "mac", "ric"});
    if (!word) return word.error();
    conditioning = static_cast<DriConditioning>(*word);
  }
  auto group =
      disease_risk_index(static_cast<DriDisease>(*disease), static_cast<DriStage>(*stage), conditioning);
  if (!group) return group.error();
  Calculation c;
  c.what = "disease risk index";
  c.inputs = {{"disease", r.disease}, {"stage", r.stage}};
  if (r.conditioning) c.inputs.push_back({"conditioning", *r.conditioning});
  c.low = name(static_cast<DriGroup>(group->low));
  c.high = name(static_cast<DriGroup>(group->high));
  c.result = dri_text(*group);
  if (group->is_exact())
    c.parts.push_back({"published overall survival of the group at 4 years",
                       fmt::format("{} %", four_year_survival_percent(static_cast<DriGroup>(group->low)))});
  else
    c.missing.emplace_back("cytogenetics, stage or conditioning that is unknown");
  c.source = "Armand 2012, simplified table of EBMT Handbook 2024 ch. 11 (not the refined index of 2014)";
  return c;
}

Result<Calculation> judge_graft_function(const GraftFunctionRequest& r) {
  Calculation c;
  c.what = "graft function";
  c.source = "EBMT Handbook 2024 ch. 41; missing days by convention (docs/clinical.md)";
  auto as_of = read_integer("day", r.as_of_day);
  if (!as_of) return as_of.error();
  auto neutrophil_counts = read_counts("anc", r.neutrophils, c);
  if (!neutrophil_counts) return neutrophil_counts.error();
  auto platelet_counts = read_counts("platelets", r.platelets, c);
  if (!platelet_counts) return platelet_counts.error();
  auto transfusions = read_transfusions(r);
  if (!transfusions) return transfusions.error();
  GraftFindings findings;
  findings.as_of_day = *as_of;
  findings.source = r.is_cord_blood ? GraftSource::cord_blood : GraftSource::marrow_or_blood;
  if (auto error = read_judgements(r, findings, c)) return *error;
  auto neutrophils = neutrophil_recovery(*neutrophil_counts);
  if (!neutrophils) return neutrophils.error();
  auto platelets = platelet_recovery(*platelet_counts, *transfusions);
  if (!platelets) return platelets.error();
  findings.neutrophils = *neutrophils;
  c.parts = {{"neutrophil recovery", recovery_text(*neutrophils)},
             {"platelet recovery", recovery_text(*platelets)}};
  conclude(graft_function(findings), c);
  return c;
}

}  // namespace graftline::service
