#include "clinical/kidney_function.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "clinical/laboratory.h"

namespace graftline::clinical {
namespace {

struct Row {
  std::string_view name;
  std::string_view unit;
  std::string_view source;
};
constexpr std::array<Row, egfr_equation_count> rows{{
    {"ckd_epi_2009", "mL/min/{1.73_m2}",
     "CKD-EPI 2009 creatinine equation, Levey 2009; formula as in the R package kidney.epi"},
    {"ckd_epi_2021", "mL/min/{1.73_m2}",
     "CKD-EPI 2021 creatinine equation, Inker 2021; formula as in the R package kidney.epi"},
    {"cockcroft_gault", "mL/min", "Cockcroft and Gault 1976; formula as in the R package kidney.epi"},
    {"bedside_schwartz", "mL/min/{1.73_m2}",
     "bedside Schwartz 2009 (IDMS creatinine); formula as in the R package kidney.epi"},
}};
const Row& row(EgfrEquation equation) { return rows.at(static_cast<std::size_t>(equation)); }

// 2009: 141 min(Scr/k,1)^a max(Scr/k,1)^-1.209 0.993^age; 2021: 142, -1.200, 0.9938.
struct CkdEpi {
  double factor, exponent_above, per_year, female_factor, black_factor;
  double exponent_below_female, exponent_below_male;
};
constexpr CkdEpi of_2009{141, -1.209, 0.993, 1.018, 1.159, -0.329, -0.411};
constexpr CkdEpi of_2021{142, -1.200, 0.9938, 1.012, 1.0, -0.241, -0.302};

double ckd_epi(const CkdEpi& c, double creatinine, double age, Sex sex, RaceCoefficient race) {
  const bool is_female = sex == Sex::female;
  const double relative = creatinine / (is_female ? 0.7 : 0.9);
  return c.factor *
         std::pow(std::min(relative, 1.0), is_female ? c.exponent_below_female : c.exponent_below_male) *
         std::pow(std::max(relative, 1.0), c.exponent_above) * std::pow(c.per_year, age) *
         (is_female ? c.female_factor : 1.0) * (race == RaceCoefficient::black ? c.black_factor : 1.0);
}

// One corner of the findings, for one sex.
struct Corner {
  Rational creatinine, age, weight, height;
};

Rational value_at(EgfrEquation equation, const Corner& at, Sex sex, RaceCoefficient race) {
  switch (equation) {
    case EgfrEquation::ckd_epi_2009:
      return Rational(ckd_epi(of_2009, to_double(at.creatinine), to_double(at.age), sex, race));
    case EgfrEquation::ckd_epi_2021:
      return Rational(ckd_epi(of_2021, to_double(at.creatinine), to_double(at.age), sex, race));
    case EgfrEquation::cockcroft_gault:
      return (140 - at.age) * at.weight / (72 * at.creatinine) *
             (sex == Sex::female ? Rational(85, 100) : Rational(1));
    case EgfrEquation::bedside_schwartz:
      return Rational(413, 1000) * at.height / at.creatinine;
  }
  throw std::logic_error("an eGFR equation without a formula");
}

bool uses_weight(EgfrEquation e) { return e == EgfrEquation::cockcroft_gault; }
bool uses_height(EgfrEquation e) { return e == EgfrEquation::bedside_schwartz; }
bool uses_sex(EgfrEquation e) { return e != EgfrEquation::bedside_schwartz; }
bool uses_age(EgfrEquation e) {
  return e != EgfrEquation::bedside_schwartz;
}  // only to know whether it applies

Error outside_ages(EgfrEquation equation) {
  return {
      ErrorKind::unsupported,
      equation == EgfrEquation::bedside_schwartz
          ? "age: bedside_schwartz is for children from 1 to 17 years; from 18 years use a CKD-EPI equation"
          : fmt::format(
                "age: {} is for adults from 18 years; for a child from 1 to 17 years use bedside_schwartz",
                name(equation))};
}

std::optional<Error> age_error(EgfrEquation equation, const Range& age) {
  if (!age.low || !age.high) return Error{ErrorKind::not_found, "age: needed, in years"};
  if (auto error = outside(age, 0, 120, "age, years")) return error;
  const bool is_child_equation = equation == EgfrEquation::bedside_schwartz;
  const bool is_covered = is_child_equation ? *age.low >= 1 && *age.high < 18 : *age.low >= 18;
  if (!is_covered) return outside_ages(equation);
  return std::nullopt;
}

std::optional<Error> positive_error(const std::optional<Range>& value, const char* field) {
  if (!value) return Error{ErrorKind::not_found, fmt::format("{}: needed by this equation", field)};
  if (value->high && *value->high <= 0)
    return Error{ErrorKind::out_of_range, fmt::format("{}: expected above 0", field)};
  return std::nullopt;
}

std::optional<Error> unusable(EgfrEquation equation, const KidneyFindings& f) {
  if (f.race != RaceCoefficient::not_applied && equation != EgfrEquation::ckd_epi_2009)
    return Error{ErrorKind::unsupported, fmt::format("race coefficient: {} has none", name(equation))};
  if (auto error = age_error(equation, f.age_years)) return error;
  if (auto error = positive_error(f.creatinine_mg_per_dl, "creatinine")) return error;
  if (uses_weight(equation))
    if (auto error = positive_error(f.weight_kg, "weight, kg")) return error;
  if (uses_height(equation))
    if (auto error = positive_error(f.height_cm, "height, cm")) return error;
  return std::nullopt;
}

// The end of `range` that makes the estimate small (or large); absent when that end is infinite or zero.
struct Ends {
  Range creatinine, age, weight, height;
};
std::optional<Rational> end_of(const Range& range, bool want_high) {
  return want_high ? range.high : range.low;
}

// Lower bound of the estimate: most creatinine, greatest age, least weight and height. Upper bound: the
// reverse.
std::optional<Rational> bound(EgfrEquation equation, const Ends& ends, Sex sex, RaceCoefficient race,
                              bool upper) {
  const auto creatinine = end_of(ends.creatinine, !upper);
  const auto age = end_of(ends.age, !upper);
  const auto weight = end_of(ends.weight, upper);
  const auto height = end_of(ends.height, upper);
  if (!creatinine || *creatinine <= 0 || !age || !weight || !height) return std::nullopt;
  return value_at(equation, {*creatinine, *age, *weight, *height}, sex, race);
}

Range for_sex(EgfrEquation equation, const Ends& ends, Sex sex, RaceCoefficient race) {
  Range result;
  result.low = bound(equation, ends, sex, race, false);
  if (!result.low || *result.low < 0) result.low = Rational(0);
  result.high = bound(equation, ends, sex, race, true);
  result.low_open =
      ends.creatinine.high_open || ends.age.high_open || ends.weight.low_open || ends.height.low_open;
  result.high_open =
      ends.creatinine.low_open || ends.age.low_open || ends.weight.high_open || ends.height.high_open;
  return result;
}

Range hull(const Range& a, const Range& b) {
  Range result = *a.low <= *b.low ? a : b;
  const bool a_reaches_further = !a.high || (b.high && *a.high >= *b.high);
  result.high = a_reaches_further ? a.high : b.high;
  result.high_open = a_reaches_further ? a.high_open : b.high_open;
  return result;
}

}  // namespace

std::string_view name(EgfrEquation equation) { return row(equation).name; }
std::string_view unit(EgfrEquation equation) { return row(equation).unit; }
std::string_view source(EgfrEquation equation) { return row(equation).source; }

std::optional<EgfrEquation> egfr_equation_from_name(std::string_view text) {
  const auto found = std::ranges::find(rows, text, &Row::name);
  if (found == rows.end()) return std::nullopt;
  return static_cast<EgfrEquation>(found - rows.begin());
}

Result<Range> estimate(EgfrEquation equation, const KidneyFindings& f) {
  if (auto error = unusable(equation, f)) return *error;
  const Range unused = Range::exactly(1);
  const Ends ends{f.creatinine_mg_per_dl, uses_age(equation) ? f.age_years : unused,
                  uses_weight(equation) ? *f.weight_kg : unused,
                  uses_height(equation) ? *f.height_cm : unused};
  if (!uses_sex(equation)) return for_sex(equation, ends, Sex::male, f.race);
  if (f.sex) return for_sex(equation, ends, *f.sex, f.race);
  return hull(for_sex(equation, ends, Sex::female, f.race), for_sex(equation, ends, Sex::male, f.race));
}

}  // namespace graftline::clinical
