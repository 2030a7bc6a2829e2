#pragma once
// The two laboratory values that clinical tables print in conventional units and hospitals report in either,
// and multiples of the upper limit of normal.

#include <optional>
#include <string_view>

#include "core/quantity.h"

namespace graftline::clinical {

// Bilirubin in mg/dL. Amounts of substance convert with 17.1 umol/L per mg/dL, the factor with which the
// printed cut points of the GVHD scales were made (34.2, 51.3, 102.6, 256.5 umol/L); the molar mass (584.66)
// would put 34.2 umol/L just below 2 mg/dL. errors  unit_mismatch: neither mass nor amount per volume;
// out_of_range: negative source  dli-facts 10.6 [recall]
Result<Range> bilirubin_mg_per_dl(const Quantity& bilirubin);

// Creatinine in mg/dL; 88.4 umol/L per mg/dL.
// errors  unit_mismatch; out_of_range: not above 0
// source  factor as in the R package kidney.epi [F58]
Result<Range> creatinine_mg_per_dl(const Quantity& creatinine);

// A multiple of the upper limit of normal. Empty: unknown, with the reasons.
struct UpperLimitRatio {
  std::optional<Range> value;
  ReasonSet reasons;
};

// value / upper limit, exact. The upper limit must be that of the same laboratory report (or a site's
// declared value: the caller says which); without one the ratio is unknown (no reference range), never taken
// from a textbook.
//   reasons  no_reference_range: no upper limit; not_convertible: their units do not go together;
//            unreadable: an upper limit that is not above 0
//   source   conventions C9 and 10.2 of the domain notes [conv]
UpperLimitRatio upper_limit_ratio(const Quantity& value, const std::optional<Quantity>& upper_limit,
                                  const MolarMass& molar_mass);

// Whether the value is above `factor` times the upper limit. Taken literally: exactly 3.0 times is not
// above 3.0 times.
Answer above_upper_limit(const UpperLimitRatio& ratio, const Decimal& factor);

// errors  out_of_range: a stated end of the range lies outside [low, high]; the message names the field
std::optional<Error> outside(const Range& value, int low, int high, std::string_view field);

}  // namespace graftline::clinical
