#include "clinical/laboratory.h"

#include <fmt/format.h>

namespace graftline::clinical {
namespace {

const Unit& unit_of(const char* ucum) {
  // Few distinct units are asked for, each for the life of the program.
  static const Unit mass = *parse_unit("mg/dL");
  static const Unit amount = *parse_unit("umol/L");
  return ucum[1] == 'g' ? mass : amount;
}

Range divided(Range range, const Rational& divisor) {
  if (range.low) *range.low /= divisor;
  if (range.high) *range.high /= divisor;
  return range;
}

Result<Range> mg_per_dl(const Quantity& quantity, const Rational& umol_per_l_of_one_mg_per_dl,
                        const char* field) {
  if (comparable(quantity.unit, unit_of("mg/dL")))
    return range_in(quantity, unit_of("mg/dL"), Kind::none, {});
  auto amount = range_in(quantity, unit_of("umol/L"), Kind::none, {});
  if (!amount) return Error{ErrorKind::unit_mismatch, fmt::format("{}: expected mg/dL or umol/L", field)};
  return divided(*amount, umol_per_l_of_one_mg_per_dl);
}

}  // namespace

std::optional<Error> outside(const Range& value, int low, int high, std::string_view field) {
  const auto is_outside = [&](const std::optional<Rational>& end) {
    return end && (*end < low || *end > high);
  };
  if (!is_outside(value.low) && !is_outside(value.high)) return std::nullopt;
  return Error{ErrorKind::out_of_range, fmt::format("{}: expected {} to {}", field, low, high)};
}

Result<Range> bilirubin_mg_per_dl(const Quantity& bilirubin) {
  auto range = mg_per_dl(bilirubin, Rational(171, 10), "bilirubin");
  if (range && range->high && *range->high < 0)
    return Error{ErrorKind::out_of_range, "bilirubin: expected 0 or more"};
  return range;
}

Result<Range> creatinine_mg_per_dl(const Quantity& creatinine) {
  auto range = mg_per_dl(creatinine, Rational(884, 10), "creatinine");
  if (range && range->high && *range->high <= 0)
    return Error{ErrorKind::out_of_range, "creatinine: expected above 0"};
  return range;
}

UpperLimitRatio upper_limit_ratio(const Quantity& value, const std::optional<Quantity>& upper_limit,
                                  const MolarMass& molar_mass) {
  if (!upper_limit) return {std::nullopt, Reason::no_reference_range};
  auto limit = range_in(*upper_limit, value.unit, value.kind, molar_mass);
  auto measured = range_in(value, value.unit, value.kind, molar_mass);
  if (!limit || !measured) return {std::nullopt, Reason::not_convertible};
  if (!limit->is_point() || *limit->low <= 0) return {std::nullopt, Reason::unreadable};
  return {divided(*measured, *limit->low), {}};
}

Answer above_upper_limit(const UpperLimitRatio& ratio, const Decimal& factor) {
  if (!ratio.value) return unknown(ratio.reasons);
  return less(Range::exactly(to_rational(factor)), *ratio.value, Reason::comparator);
}

}  // namespace graftline::clinical
