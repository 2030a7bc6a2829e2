#include "core/rational.h"

#include <limits>

#include "core/result.h"

namespace graftline {
namespace {

using boost::multiprecision::cpp_int;

cpp_int power_of_ten(unsigned exponent) { return boost::multiprecision::pow(cpp_int(10), exponent); }

// Nearest whole number to a fraction of whole numbers, ties to even. Both are positive.
cpp_int round_half_even(const cpp_int& numerator, const cpp_int& denominator) {
  cpp_int quotient;
  cpp_int rest;
  boost::multiprecision::divide_qr(numerator, denominator, quotient, rest);
  const cpp_int doubled = rest * 2;
  if (doubled > denominator || (doubled == denominator && quotient % 2 != 0)) ++quotient;
  return quotient;
}

// `shift` such that value x 10^shift, rounded, has `significant` digits. Both parts of the fraction are
// positive.
int scale_for(const cpp_int& numerator, const cpp_int& denominator, int significant) {
  const int guess = static_cast<int>(numerator.str().size()) - static_cast<int>(denominator.str().size());
  // 10^(guess-1) < value < 10^(guess+1): one comparison says which of the two decades it is in.
  const bool in_upper_decade = guess >= 0
                                   ? numerator >= denominator * power_of_ten(static_cast<unsigned>(guess))
                                   : numerator * power_of_ten(static_cast<unsigned>(-guess)) >= denominator;
  const int leading_exponent = in_upper_decade ? guess : guess - 1;
  return significant - 1 - leading_exponent;
}

std::string plain_digits(std::string digits, int shift) {
  if (shift <= 0) return digits + std::string(static_cast<std::size_t>(-shift), '0');
  const auto fraction = static_cast<std::size_t>(shift);
  if (digits.size() <= fraction) digits.insert(0, fraction + 1 - digits.size(), '0');
  digits.insert(digits.size() - fraction, 1, '.');
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return digits;
}

}  // namespace

std::string to_text(const Rational& value, int significant) {
  ensure(significant > 0, "a number is printed with at least one figure");
  const cpp_int signed_numerator = boost::multiprecision::numerator(value);
  if (signed_numerator == 0) return "0";
  const cpp_int numerator = boost::multiprecision::abs(signed_numerator);
  const cpp_int denominator = boost::multiprecision::denominator(value);
  const int shift = scale_for(numerator, denominator, significant);
  const cpp_int digits =
      shift >= 0 ? round_half_even(numerator * power_of_ten(static_cast<unsigned>(shift)), denominator)
                 : round_half_even(numerator, denominator * power_of_ten(static_cast<unsigned>(-shift)));
  return (signed_numerator < 0 ? "-" : "") + plain_digits(digits.str(), shift);
}

double to_double(const Rational& value) { return value.convert_to<double>(); }

}  // namespace graftline
