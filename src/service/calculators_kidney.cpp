// Kidney function and multiples of the upper limit of normal, as typed.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "clinical/kidney_function.h"
#include "clinical/laboratory.h"
#include "service/calculators.h"
#include "service/written_values.h"

namespace graftline::service {
namespace {

using namespace clinical;

std::optional<Error> read_person(const EgfrRequest& r, KidneyFindings& f) {
  if (!r.age) return Error{ErrorKind::not_found, "age: needed, in completed years"};
  auto age = read_range("age", std::string_view(*r.age), "a");
  if (!age) return age.error();
  f.age_years = *age;
  if (r.sex) {
    auto sex = read_word("sex", *r.sex, {"female", "male"});
    if (!sex) return sex.error();
    f.sex = static_cast<Sex>(*sex);
  }
  auto weight = read_range("weight", r.weight, "kg");
  if (!weight) return weight.error();
  f.weight_kg = *weight;
  auto height = read_range("height", r.height, "cm");
  if (!height) return height.error();
  f.height_cm = *height;
  f.race = r.with_black_race_coefficient ? RaceCoefficient::black : RaceCoefficient::not_applied;
  return std::nullopt;
}

std::optional<Error> read_creatinine(const EgfrRequest& r, KidneyFindings& f, Calculation& c) {
  if (!r.creatinine) return Error{ErrorKind::not_found, "creatinine: needed, in mg/dL or umol/L"};
  auto creatinine = read_quantity("creatinine", *r.creatinine);
  if (!creatinine) return creatinine.error();
  auto mg_per_dl = creatinine_mg_per_dl(*creatinine);
  if (!mg_per_dl) return mg_per_dl.error();
  f.creatinine_mg_per_dl = *mg_per_dl;
  const bool was_converted = creatinine->unit.code != "mg/dL";
  c.inputs.push_back({"creatinine", was_converted
                                        ? fmt::format("{} = {} mg/dL", *r.creatinine, written(*mg_per_dl, 3))
                                        : *r.creatinine});
  return std::nullopt;
}

void tell_person(const EgfrRequest& r, Calculation& c) {
  c.inputs.push_back({"age", *r.age + " years"});
  if (r.sex) c.inputs.push_back({"sex", *r.sex});
  if (r.weight) c.inputs.push_back({"weight", *r.weight});
  if (r.height) c.inputs.push_back({"height", *r.height});
  if (r.with_black_race_coefficient) c.inputs.push_back({"race coefficient of 2009", "applied on request"});
}

// Two decimals, or as many as keep a value from being rounded up to a whole number: 59.998 never reads
// as 60.00.
int decimals_for(const Rational& value) {
  const double exact = to_double(value);
  const double whole = std::round(exact);
  int decimals = 2;
  while (decimals < 9 && exact < whole && whole - exact <= 0.5 * std::pow(10.0, -decimals)) ++decimals;
  return decimals;
}

std::string end_text(const std::optional<Rational>& end) {
  return end ? fmt::format("{:.{}f}", to_double(*end), decimals_for(*end)) : "";
}

int decimals_for(const Range& range) {
  return std::max(range.low ? decimals_for(*range.low) : 2, range.high ? decimals_for(*range.high) : 2);
}

}  // namespace

Result<Calculation> estimate_gfr(const EgfrRequest& r) {
  std::vector<std::string_view> names;
  names.reserve(egfr_equation_count);
  for (int i = 0; i < egfr_equation_count; ++i) names.push_back(name(static_cast<EgfrEquation>(i)));
  auto word = read_word("equation", r.equation, names);
  if (!word) return word.error();
  const auto equation = static_cast<EgfrEquation>(*word);

  Calculation c;
  KidneyFindings findings;
  if (auto error = read_creatinine(r, findings, c)) return *error;
  if (auto error = read_person(r, findings)) return *error;
  tell_person(r, c);
  auto estimated = estimate(equation, findings);
  if (!estimated) return estimated.error();
  c.what =
      fmt::format("{} by {}", equation == EgfrEquation::cockcroft_gault ? "creatinine clearance" : "eGFR",
                  name(equation));
  c.unit = unit(equation);
  c.low = end_text(estimated->low);
  c.high = end_text(estimated->high);
  const char* shown_unit = equation == EgfrEquation::cockcroft_gault ? "mL/min" : "mL/min/1.73 m2";
  c.result = fmt::format("{} {}", written(*estimated, decimals_for(*estimated)), shown_unit);
  const bool sex_matters = equation != EgfrEquation::bedside_schwartz;
  if (sex_matters && !r.sex) c.missing.emplace_back("sex not given: the bounds cover both");
  c.source = source(equation);
  return c;
}

Result<Calculation> compare_with_upper_limit(const UpperLimitRequest& r) {
  auto value = read_quantity("value", r.value);
  if (!value) return value.error();
  std::optional<Quantity> upper_limit;
  if (r.upper_limit) {
    // "40" beside "120 U/L" is in the unit of the value; both stand in one report.
    auto read = read_quantity("upper-limit", *r.upper_limit, value->unit.code);
    if (!read) return read.error();
    upper_limit = *read;
  }
  MolarMass molar_mass;
  if (r.molar_mass) {
    auto mass = parse_decimal(*r.molar_mass);
    if (!mass) return Error{ErrorKind::malformed_input, "molar-mass: expected a number, in g/mol"};
    molar_mass = *mass;
  }
  Calculation c;
  c.what = "multiple of the upper limit of normal";
  c.inputs = {{"value", r.value}, {"upper limit", r.upper_limit.value_or("not given")}};
  c.source =
      "value and upper limit of one laboratory report; exact decimals; \"above 3\" does not hold at exactly "
      "3";
  const UpperLimitRatio ratio = upper_limit_ratio(*value, upper_limit, molar_mass);
  if (!ratio.value) {
    const Reason why = ratio.reasons.has(Reason::no_reference_range) ? Reason::no_reference_range
                       : ratio.reasons.has(Reason::not_convertible)  ? Reason::not_convertible
                                                                     : Reason::unreadable;
    c.result = fmt::format("unknown: {}", name(why));
    c.missing.emplace_back("the upper limit of normal of the same report, in a unit that converts");
    return c;
  }
  c.unit = "1";
  c.low = ratio.value->low ? graftline::to_text(*ratio.value->low, 6) : "";
  c.high = ratio.value->high ? graftline::to_text(*ratio.value->high, 6) : "";
  c.result = fmt::format("{} x upper limit", c.low == c.high ? c.low : written(*ratio.value, 2));
  if (!r.limit) return c;
  auto limit = parse_decimal(*r.limit);
  if (!limit) return Error{ErrorKind::malformed_input, "limit: expected a number such as 1.5"};
  c.parts.push_back({fmt::format("above {} x upper limit", *r.limit),
                     std::string(name(above_upper_limit(ratio, *limit).truth))});
  return c;
}

}  // namespace graftline::service
