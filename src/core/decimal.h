#pragma once
// Exact decimals: what decides in a protocol is compared as written, never as binary floating point.
// 1.8 <= 1.5 x 1.2 is yes here and no in doubles.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/rational.h"
#include "core/result.h"

namespace graftline {

// value = mantissa x 10^exponent, as written: "1.0" is {10, -1} and "1e5" is {1, 5}.
struct Decimal {
  std::int64_t mantissa = 0;
  std::int32_t exponent = 0;
};

// By value, not by digits: 1.0 == 1.
std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);
bool operator==(const Decimal& a, const Decimal& b);

// Reads "1.8", "-3", "+0.5", "1e6", "2.50E-3". At most 18 significant digits and |exponent| <= 40.
// errors   malformed_input: empty, other characters, a bare point, a lost superscript such as "1x107" or "1 x
//         10^7"; out_of_range: more digits or a larger exponent
Result<Decimal> parse_decimal(std::string_view text);

Decimal decimal(std::int64_t integer);
// Exact product; errors out_of_range when it does not fit 18 digits.
Result<Decimal> multiply(const Decimal& a, const Decimal& b);

std::string to_text(const Decimal& d);       // plain digits as written: "1.0", "100000"; never E notation
std::string to_canonical(const Decimal& d);  // no trailing zeros, no E, leading zero: "1", "0.5", "100000"
Rational to_rational(const Decimal& d);
double to_double(const Decimal& d);

}  // namespace graftline
