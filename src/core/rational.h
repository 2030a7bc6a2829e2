#pragma once
// Exact fractions, for unit factors (1 mg/dL of bilirubin is 1e7/58466 umol/L) and for limits made by
// arithmetic.

#include <boost/multiprecision/cpp_int.hpp>
#include <string>

namespace graftline {

using Rational = boost::multiprecision::cpp_rational;

// Decimal text of a fraction, rounded half to even to `significant` figures; plain digits, no trailing zeros,
// leading zero.
std::string to_text(const Rational& value, int significant);
double to_double(const Rational& value);

}  // namespace graftline
