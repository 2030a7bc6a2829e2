#pragma once
// The functions of UCUM's special units: from a number on such a scale to a multiple of the unit it stands
// on, and back.

#include <string_view>

#include "core/rational.h"
#include "core/result.h"

namespace graftline::ucum {

// Whether the function is a shift (temperatures), so that nothing has to be rounded.
bool is_exact(std::string_view function);

// source  UCUM 2.2, special units on non-ratio scales; names as in the `function` elements of the table
// errors  out_of_range: a logarithm or root of what has none, or a power too large to keep
Result<Rational> to_ratio(std::string_view function, const Rational& on_scale);
Result<Rational> from_ratio(std::string_view function, const Rational& ratio);

}  // namespace graftline::ucum
