// Estimated glomerular filtration rate from creatinine, age and sex.
#include <fmt/format.h>

#include <algorithm>

#include "clinical/kidney_function.h"
#include "clinical/laboratory.h"
#include "record/derivation.h"

namespace graftline::record {

namespace {

using clinical::EgfrEquation;

struct Findings {
  clinical::KidneyFindings values;
  ReasonSet reasons;  // why the estimate is wide, or impossible
  std::vector<const Entry*> evidence;
  std::string said;  // "creatinine 62 umol/L, age 34, female"

  void use(const Member& member) {
    reasons |= member.reasons;
    evidence.insert(evidence.end(), member.evidence.begin(), member.evidence.end());
  }
};

std::string text(const Range& range, int figures) {
  if (range.is_point()) return to_text(*range.low, figures);
  return fmt::format("{} to {}", range.low ? to_text(*range.low, figures) : "?",
                     range.high ? to_text(*range.high, figures) : "?");
}

// False: there is no age, so there is no estimate.
bool add_age(const Question& question, Findings& findings) {
  const Reading reading = question.view.read(fact_id("age"), Pick::latest, {});
  if (reading.members.empty()) {
    findings.reasons |= reading.reasons;
    return false;
  }
  findings.use(reading.members.front());
  findings.values.age_years = *reading.members.front().range;
  findings.said += fmt::format(", age {}", text(findings.values.age_years, 4));
  return true;
}

// Without a recorded sex, or with another than the equations know, the estimate covers both.
void add_sex(const Question& question, Findings& findings) {
  const Reading reading = question.view.read(fact_id("sex"), Pick::latest, {});
  const bool is_one = reading.members.size() == 1 && reading.reasons.empty();
  const Level* level = is_one ? std::get_if<Level>(&reading.members.front().value) : nullptr;
  if (level == nullptr) {
    findings.reasons |= reading.reasons;
    if (!reading.members.empty()) findings.use(reading.members.front());
    findings.said += ", sex not known";
    return;
  }
  const std::string_view word = levels_of(fact(fact_id("sex")))[static_cast<std::size_t>(level->low)];
  if (word == "female") findings.values.sex = clinical::Sex::female;
  if (word == "male") findings.values.sex = clinical::Sex::male;
  if (!findings.values.sex) findings.reasons |= Reason::not_applicable;
  findings.use(reading.members.front());
  findings.said += fmt::format(", {}", word);
}

void add_height(const Question& question, Findings& findings) {
  const FactId height = fact_id("height");
  const Reading reading = question.view.read(height, Pick::latest, {});
  if (reading.members.size() != 1 || !reading.reasons.empty()) {
    findings.reasons |= reading.reasons;
    return;
  }
  findings.use(reading.members.front());
  if (const Quantity* number = std::get_if<Quantity>(&reading.members.front().value)) {
    const auto range = in_own_unit(*number, fact(height));
    if (range) findings.values.height_cm = *range;
    if (!range) findings.reasons |= Reason::not_convertible;
    if (range) findings.said += fmt::format(", height {} cm", text(*range, 4));
  }
}

bool add_creatinine(const Member& creatinine, Findings& findings) {
  findings.use(creatinine);
  const Quantity* number = std::get_if<Quantity>(&creatinine.value);
  if (number == nullptr) return false;
  const auto range = clinical::creatinine_mg_per_dl(*number);
  if (!range) {
    findings.reasons |= Reason::not_convertible;
    return false;
  }
  if (!range->is_point()) findings.reasons |= Reason::comparator;
  findings.values.creatinine_mg_per_dl = *range;
  findings.said = fmt::format("creatinine {} {}", to_text(number->value), number->unit.code);
  return true;
}

Range hull(const Range& a, const Range& b) {
  Range both = a;
  if (!b.low || (both.low && *b.low < *both.low)) both.low = b.low;
  if (!b.high || (both.high && *b.high > *both.high)) both.high = b.high;
  return both;
}

ReasonSet why_not(const Error& error) {
  if (error.kind == ErrorKind::unsupported) return Reason::not_applicable;
  return error.kind == ErrorKind::not_found ? Reason::never_measured : Reason::unreadable;
}

Member estimated(const std::vector<EgfrEquation>& equations, Findings findings) {
  Member member;
  member.evidence = std::move(findings.evidence);
  std::string names;
  for (const EgfrEquation equation : equations) {
    const auto estimate = clinical::estimate(equation, findings.values);
    if (!estimate) {
      member.reasons = findings.reasons | why_not(estimate.error());
      member.note = estimate.error().message;
      member.range.reset();
      return member;
    }
    member.range = member.range ? hull(*member.range, *estimate) : *estimate;
    names += fmt::format("{}{}", names.empty() ? "" : " or ", clinical::name(equation));
  }
  member.reasons = findings.reasons;
  member.unit = fact(fact_id("egfr")).unit;
  member.note = fmt::format("{} by {} from {}", text(*member.range, 4), names, findings.said);
  return member;
}

}  // namespace

Reading estimated_gfr(const Question& question) {
  const std::string_view asked = argument(question, "equation");
  std::vector<EgfrEquation> equations{EgfrEquation::ckd_epi_2009, EgfrEquation::ckd_epi_2021};
  if (!asked.empty()) {
    const auto equation = clinical::egfr_equation_from_name(asked);
    if (!equation || *equation == EgfrEquation::cockcroft_gault)
      return no_answer(question, Reason::unreadable);
    equations.assign(1, *equation);
  }
  Reading reading = question.view.read(fact_id("creatinine"), question.pick, question.window);
  for (Member& member : reading.members) {
    Findings findings;
    // The two adult equations bound what an unnamed one would say; where they agree, naming it would change
    // nothing.
    if (asked.empty()) findings.reasons |= Reason::parameter_not_set;
    bool is_complete = add_creatinine(member, findings);
    is_complete = add_age(question, findings) && is_complete;
    add_sex(question, findings);
    if (equations.front() == EgfrEquation::bedside_schwartz) add_height(question, findings);
    const Answer in_window = member.in_window;
    if (is_complete) {
      member = estimated(equations, std::move(findings));
    } else {
      member = Member{};
      member.reasons = findings.reasons;
      member.evidence = std::move(findings.evidence);
    }
    member.in_window = in_window;
  }
  return reading;
}

}  // namespace graftline::record
