#include "core/rational.h"

#include <charconv>

namespace graftline {
namespace {

using boost::multiprecision::cpp_int;

constexpr std::size_t max_digits = 200;
constexpr int max_power = 1000;

Error too_long() {
  return {ErrorKind::out_of_range, "a number has more digits or a larger power of ten than can be kept"};
}

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

Rational round_to(const Rational& value, int significant) {
  auto rounded = parse_rational(to_text(value, significant));
  ensure(static_cast<bool>(rounded), "a rounded fraction has at most 200 digits");
  return *rounded;
}

Result<Rational> parse_rational(std::string_view text) {
  const Error malformed{ErrorKind::malformed_input, "not a decimal number"};
  const std::size_t exponent_at = text.find_first_of("eE");
  std::string_view number = text.substr(0, exponent_at);
  const bool negative = !number.empty() && number.front() == '-';
  if (negative) number.remove_prefix(1);

  const std::size_t point = number.find('.');
  std::string digits(number.substr(0, point));
  int exponent = 0;
  if (point != std::string_view::npos) {
    const std::string_view fraction = number.substr(point + 1);
    if (digits.empty() || fraction.empty()) return malformed;
    if (fraction.size() > max_digits) return too_long();
    digits += fraction;
    exponent = -static_cast<int>(fraction.size());
  }
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) return malformed;
  if (digits.size() > max_digits) return too_long();
  if (exponent_at != std::string_view::npos) {
    std::string_view power = text.substr(exponent_at + 1);
    if (power.size() > 1 && power.front() == '+' && power[1] != '-') power.remove_prefix(1);
    int written = 0;
    const auto read = std::from_chars(power.data(), power.data() + power.size(), written);
    if (read.ec == std::errc::result_out_of_range) return too_long();
    if (read.ec != std::errc() || read.ptr != power.data() + power.size()) return malformed;
    if (written > max_power || written < -max_power) return too_long();
    exponent += written;
  }
  digits.erase(0,
               std::min(digits.find_first_not_of('0'), digits.size() - 1));  // "010" would be read as octal
  const cpp_int magnitude(digits);
  const cpp_int mantissa = negative ? cpp_int(-magnitude) : magnitude;
  return exponent >= 0 ? Rational(mantissa * power_of_ten(static_cast<unsigned>(exponent)))
                       : Rational(mantissa, power_of_ten(static_cast<unsigned>(-exponent)));
}

double to_double(const Rational& value) { return value.convert_to<double>(); }

}  // namespace graftline
