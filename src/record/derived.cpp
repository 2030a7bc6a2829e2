#include "record/derived.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "record/derivation.h"
#include "record/holding.h"

namespace graftline::record {

namespace {

constexpr std::string_view lineages =
    "donor_chimerism_blood|donor_chimerism_marrow|donor_chimerism_t|donor_chimerism_myeloid|donor_chimerism_"
    "b|"
    "donor_chimerism_nk|donor_chimerism_cd34";

struct Computed {
  std::string_view name;
  Reading (*rule)(const Question&);
  std::string_view reads;  // facts, separated by '|'
  Clock clock = Clock::still;
};
constexpr std::array<Computed, 8> computed_rules{
    {{"age", age, "birth|age", Clock::years},
     {"days_since_transplant", days_since_transplant, "transplant", Clock::days},
     {"egfr", estimated_gfr, "creatinine|age|sex|height"},
     {"chimerism_class", chimerism_class, lineages},
     {"falling_chimerism", falling_chimerism, lineages},
     {"chimerism_rise", chimerism_rise, "donor_chimerism_t|transplant"},
     {"mrd_positivity", residual_disease_positivity, "mrd"},
     {"cml_molecular_relapse", cml_molecular_relapse, "bcr_abl1|transplant"}}};

struct Adding {
  std::string_view name;
  std::vector<Member> (*rule)(const View&);
  std::string_view from;   // without any entry of these nothing is added
  std::string_view reads;  // what else counts then
};
constexpr std::array<Adding, 3> adding_rules{
    {{"agvhd_grade_from_stages", grades_from_stages, "agvhd_skin|agvhd_liver|agvhd_upper_gi|agvhd_lower_gi",
      ""},
     {"skin_stage_from_rash", skin_stages_from_rash, "rash_bsa", ""},
     {"lower_gi_stage_from_stool", lower_gi_stages_from_stool, "stool_volume", "age|weight"}}};

// The days of birth that an age recorded on a day allows: its completed years turned on the birthday before.
std::optional<PartialDate> birth_from_age(const Entry& entry) {
  const Quantity* recorded = std::get_if<Quantity>(&entry.value);
  if (recorded == nullptr || recorded->comparator != Comparator::none) return std::nullopt;
  const auto years = in_own_unit(*recorded, fact(entry.fact));
  if (!years || !years->is_point() || *years->low < 0 || *years->low > 130) return std::nullopt;
  const int completed = static_cast<int>(graftline::to_double(*years->low));
  return PartialDate{add_months(entry.when.first, -12 * (completed + 1)) + 1,
                     add_months(entry.when.last, -12 * completed), DatePrecision::day};
}

struct Birth {
  std::optional<PartialDate> days;  // that it may have been
  ReasonSet reasons;
  std::vector<const Entry*> evidence;

  void narrow(const PartialDate& other, const Entry* entry) {
    evidence.push_back(entry);
    if (!days) {
      days = other;
      return;
    }
    days->first = std::max(days->first, other.first);
    days->last = std::min(days->last, other.last);
    if (days->last < days->first) reasons |= Reason::conflicting;
  }
};

Birth birth_of(const View& view) {
  static const FactId birth = fact_id("birth");
  static const FactId age_fact = fact_id("age");
  Birth result;
  for (const Entry* entry : view.own_entries(birth)) {
    const bool* said = std::get_if<bool>(&entry->value);
    if (said != nullptr && *said && reasons_not_to_use(*entry).empty()) {
      result.narrow(entry->when, entry);
    } else {
      result.reasons |= reasons_not_to_use(*entry);
    }
  }
  if (result.days) return result;
  for (const Entry* entry : view.own_entries(age_fact)) {
    const ReasonSet unusable = reasons_not_to_use(*entry);
    const auto days = unusable.empty() ? birth_from_age(*entry) : std::nullopt;
    if (days) {
      result.narrow(*days, entry);
    } else {
      result.reasons |= unusable.empty() ? ReasonSet(Reason::unreadable) : unusable;
    }
  }
  if (result.days && !result.reasons.has(Reason::conflicting)) result.reasons = {};
  return result;
}

Member whole_number(int low, int high, std::string_view unit) {
  Member member;
  member.range = Range{Rational(low), Rational(high), false, false};
  member.unit = unit;
  if (low != high) {
    member.reasons = Reason::imprecise_date;
    return member;
  }
  const auto parsed = parse_unit(unit);
  ensure(static_cast<bool>(parsed), "the units of computed facts are UCUM");
  member.value = Quantity{decimal(low), Comparator::none, *parsed};
  return member;
}

}  // namespace

std::vector<std::string_view> derivation_names() {
  std::vector<std::string_view> names;
  names.reserve(computed_rules.size() + adding_rules.size());
  for (const Computed& row : computed_rules) names.push_back(row.name);
  for (const Adding& row : adding_rules) names.push_back(row.name);
  return names;
}

std::vector<FactId> added_from(const Fact& fact) {
  std::vector<FactId> ids;
  for (const Adding& row : adding_rules) {
    if (row.name != fact.derivation) continue;
    for (const std::string_view id : split(row.from)) ids.push_back(fact_id(id));
  }
  return ids;
}

std::vector<FactId> computed_from(const Fact& fact) {
  std::vector<FactId> ids = added_from(fact);
  const auto take = [&](const auto& rows) {
    for (const auto& row : rows) {
      if (row.name != fact.derivation) continue;
      for (const std::string_view id : split(row.reads)) ids.push_back(fact_id(id));
    }
  };
  take(computed_rules);
  take(adding_rules);
  return ids;
}

Clock clock_of(const Fact& fact) {
  for (const Computed& row : computed_rules) {
    if (row.name == fact.derivation) return row.clock;
  }
  return Clock::still;
}

bool is_computed(const Fact& fact) {
  return std::any_of(computed_rules.begin(), computed_rules.end(),
                     [&](const Computed& row) { return row.name == fact.derivation; });
}

Reading compute(const View& view, FactId id, Pick pick, const Window& window,
                const std::vector<Argument>& arguments) {
  for (const Computed& row : computed_rules) {
    if (row.name == fact(id).derivation) return row.rule({view, id, pick, window, arguments});
  }
  throw std::logic_error("only computed facts are computed");
}

std::vector<Member> added_members(const View& view, FactId id) {
  if (fact(id).derivation.empty()) return {};
  for (const Adding& row : adding_rules) {
    if (row.name == fact(id).derivation) return row.rule(view);
  }
  return {};
}

std::string_view argument(const Question& question, std::string_view name) {
  for (const Argument& given : question.arguments) {
    if (given.name == name) return given.value;
  }
  return {};
}

Result<std::optional<Decimal>> number_argument(const Question& question, std::string_view name) {
  const std::string_view text = argument(question, name);
  if (text.empty()) return std::optional<Decimal>{};
  const auto number = parse_decimal(text.substr(0, text.find(' ')));
  if (!number) return number.error();
  return std::optional<Decimal>(*number);
}

Reading answer_with(const Question& question, Member member) {
  Reading reading;
  reading.pick = question.pick;
  reading.members.push_back(std::move(member));
  return reading;
}

Reading no_answer(const Question& question, ReasonSet reasons) {
  Reading reading;
  reading.pick = question.pick;
  reading.reasons = reasons;
  return reading;
}

Reading statement(const Question& question, const Answer& answer, std::vector<const Entry*> evidence,
                  std::string note) {
  Member member;
  member.reasons = answer.reasons;
  if (answer.truth != Truth::unknown) member.value = answer.truth == Truth::yes;
  member.evidence = std::move(evidence);
  member.note = std::move(note);
  return answer_with(question, std::move(member));
}

Result<Range> in_own_unit(const Quantity& quantity, const Fact& row) {
  const auto unit = parse_unit(row.unit);
  ensure(static_cast<bool>(unit), "the catalogue's units are UCUM");
  MolarMass molar_mass;
  if (!row.molar_mass.empty()) {
    const auto mass = parse_decimal(row.molar_mass);
    ensure(static_cast<bool>(mass), "the catalogue's molar masses are decimals");
    molar_mass = *mass;
  }
  return range_in(quantity, *unit, row.kind, molar_mass);
}

std::vector<Member> measurements(const Question& question, FactId id) {
  return question.view.read(id, Pick::any, question.window).members;
}

Reading age(const Question& question) {
  const Birth birth = birth_of(question.view);
  if (!birth.days || birth.reasons.has(Reason::conflicting)) {
    return no_answer(question, birth.reasons.empty() ? ReasonSet(Reason::never_measured) : birth.reasons);
  }
  const Day today = question.view.as_of();
  const Day last = std::min(birth.days->last, today);
  Member member = whole_number(completed_years(last, today), completed_years(birth.days->first, today), "a");
  member.evidence = birth.evidence;
  member.note = fmt::format("completed years on {}", to_text(today));
  return answer_with(question, std::move(member));
}

Reading days_since_transplant(const Question& question) {
  const auto zero = question.view.day_zero();
  if (!zero) return no_answer(question, Reason::never_measured);
  const Day today = question.view.as_of();
  Member member = whole_number(today - zero->last, today - zero->first, "d");
  for (const Entry* entry : question.view.own_entries(fact_id("transplant"))) {
    if (entry->when == *zero) member.evidence.push_back(entry);
  }
  member.note = fmt::format("{} minus day 0", to_text(today));
  return answer_with(question, std::move(member));
}

}  // namespace graftline::record
