#pragma once
// Exact fractions, for unit factors (1 mg/dL of bilirubin is 1e7/58466 umol/L) and for limits made by
// arithmetic.

// g++ 12 thinks that a small number's unused pointer is read (Boost 1.74, cpp_int::limbs); it is chosen by a
// flag.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <boost/multiprecision/cpp_int.hpp>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include <string>
#include <string_view>

#include "core/result.h"

namespace graftline {

using Rational = boost::multiprecision::cpp_rational;

// Decimal text of a fraction, rounded half to even to `significant` figures; plain digits, no trailing zeros,
// leading zero.
std::string to_text(const Rational& value, int significant);
double to_double(const Rational& value);

// The number that to_text prints.
Rational round_to(const Rational& value, int significant);

// Decimal text of any length ("6.02214076", "1e-24"), exactly. For tables and test suites; what a record or a
// protocol holds is read by parse_decimal, which keeps the digits as written. errors  malformed_input;
// out_of_range: more than 200 digits, or a power of ten beyond 1000
Result<Rational> parse_rational(std::string_view text);

}  // namespace graftline
