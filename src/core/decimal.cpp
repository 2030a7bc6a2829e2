#include "core/decimal.h"

#include <charconv>
#include <cstdlib>
#include <limits>

namespace graftline {
namespace {

__extension__ using Int128 = __int128;

constexpr int max_digits = 18;
constexpr std::int64_t max_exponent = 40;

constexpr Int128 power_of_ten(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

constexpr Int128 mantissa_limit = power_of_ten(max_digits);

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Error malformed(std::string message) { return {ErrorKind::malformed_input, std::move(message)}; }

// A power of ten that went through a form or a fax: "1x107" may be 1 x 10^7 or 107. Nobody may guess a dose.
bool looks_like_lost_superscript(std::string_view text) {
  if (text.find_first_of("xX*^") != std::string_view::npos) return true;
  for (const std::string_view sign : {"×", "·", "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹", "⁻", "⁺"}) {
    if (text.find(sign) != std::string_view::npos) return true;
  }
  return false;
}

Error explain_malformed(std::string_view text) {
  if (text.empty()) return malformed("a number is empty");
  if (looks_like_lost_superscript(text)) {
    return malformed(
        "a number is written as a product or a power; a lost superscript (1x107) cannot be told from a plain "
        "number: write a power of ten as 1e7");
  }
  if (text.find(',') != std::string_view::npos) {
    return malformed("a number holds a comma: write a decimal point, and no thousands separator");
  }
  if (text.front() == '.' || (text.size() > 1 && text.front() == '-' && text[1] == '.')) {
    return malformed("a number begins with a bare point: write a leading zero, as in 0.5");
  }
  return malformed("not a decimal number: write digits, a point, and a power of ten as in 1.8 or 2.5e6");
}

// Reads digits from the front of `rest` into the mantissa; false when more than 18 of them are significant.
bool read_digits(std::string_view& rest, std::uint64_t& mantissa, int& significant, std::int64_t& count) {
  bool fits = true;
  while (!rest.empty() && is_digit(rest.front())) {
    const auto digit = static_cast<std::uint64_t>(rest.front() - '0');
    if (significant > 0 || digit != 0) ++significant;
    if (significant <= max_digits) {
      mantissa = mantissa * 10 + digit;
    } else {
      fits = false;
    }
    ++count;
    rest.remove_prefix(1);
  }
  return fits;
}

// "e6", "E-3": false when it is not of that form. Values beyond the limit are kept as just beyond it.
bool read_exponent(std::string_view rest, std::int64_t& exponent) {
  if (rest.empty()) return true;
  if (rest.front() != 'e' && rest.front() != 'E') return false;
  rest.remove_prefix(1);
  const bool negative = !rest.empty() && rest.front() == '-';
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) rest.remove_prefix(1);
  if (rest.empty()) return false;
  for (const char c : rest) {
    if (!is_digit(c)) return false;
    if (exponent < 1'000'000) exponent = exponent * 10 + (c - '0');
  }
  if (negative) exponent = -exponent;
  return true;
}

std::strong_ordering compare(Int128 a, Int128 b) {
  return a < b   ? std::strong_ordering::less
         : a > b ? std::strong_ordering::greater
                 : std::strong_ordering::equal;
}

}  // namespace

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  if (a.exponent == b.exponent || a.mantissa == 0 || b.mantissa == 0) return a.mantissa <=> b.mantissa;
  const std::int64_t difference = std::int64_t{a.exponent} - b.exponent;
  // A mantissa is below 10^19 and 10^19 x 10^19 fits 128 bits; 20 or more decades apart, the larger exponent
  // decides.
  constexpr int decades = 19;
  if (difference > decades) return a.mantissa <=> 0;
  if (difference < -decades) return 0 <=> b.mantissa;
  if (difference > 0) return compare(a.mantissa * power_of_ten(static_cast<int>(difference)), b.mantissa);
  return compare(a.mantissa, b.mantissa * power_of_ten(static_cast<int>(-difference)));
}

bool operator==(const Decimal& a, const Decimal& b) { return (a <=> b) == std::strong_ordering::equal; }

Result<Decimal> parse_decimal(std::string_view text) {
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) rest.remove_prefix(1);

  std::uint64_t mantissa = 0;
  int significant = 0;
  std::int64_t whole_digits = 0;
  std::int64_t fraction_digits = 0;
  bool fits = read_digits(rest, mantissa, significant, whole_digits);
  if (whole_digits == 0) return explain_malformed(text);
  if (!rest.empty() && rest.front() == '.') {
    rest.remove_prefix(1);
    fits = read_digits(rest, mantissa, significant, fraction_digits) && fits;
    if (fraction_digits == 0) return explain_malformed(text);
  }
  std::int64_t written_exponent = 0;
  if (!read_exponent(rest, written_exponent)) return explain_malformed(text);

  if (!fits) return Error{ErrorKind::out_of_range, "a number has more than 18 significant digits"};
  const std::int64_t exponent = written_exponent - fraction_digits;
  if (exponent > max_exponent || exponent < -max_exponent) {
    return Error{ErrorKind::out_of_range, "the power of ten of a number is beyond 40"};
  }
  const auto magnitude = static_cast<std::int64_t>(mantissa);
  return Decimal{negative ? -magnitude : magnitude, static_cast<std::int32_t>(exponent)};
}

Decimal decimal(std::int64_t integer) { return {integer, 0}; }

Result<Decimal> multiply(const Decimal& a, const Decimal& b) {
  Int128 mantissa = Int128{a.mantissa} * b.mantissa;
  std::int64_t exponent = std::int64_t{a.exponent} + b.exponent;
  // Zeros at the end carry no value: they give way before the product is refused.
  while (mantissa != 0 && mantissa % 10 == 0 &&
         (mantissa >= mantissa_limit || mantissa <= -mantissa_limit || exponent < -max_exponent)) {
    mantissa /= 10;
    ++exponent;
  }
  if (mantissa == 0) exponent = 0;
  if (mantissa >= mantissa_limit || mantissa <= -mantissa_limit) {
    return Error{ErrorKind::out_of_range, "a product has more than 18 significant digits"};
  }
  if (exponent > max_exponent || exponent < -max_exponent) {
    return Error{ErrorKind::out_of_range, "the power of ten of a product is beyond 40"};
  }
  return Decimal{static_cast<std::int64_t>(mantissa), static_cast<std::int32_t>(exponent)};
}

std::string to_text(const Decimal& d) {
  std::string digits = std::to_string(d.mantissa);
  const std::string sign = d.mantissa < 0 ? "-" : "";
  if (d.mantissa < 0) digits.erase(0, 1);
  if (d.exponent >= 0) {
    return d.mantissa == 0 ? "0" : sign + digits + std::string(static_cast<std::size_t>(d.exponent), '0');
  }
  const auto fraction = static_cast<std::size_t>(-std::int64_t{d.exponent});
  if (digits.size() <= fraction) digits.insert(0, fraction + 1 - digits.size(), '0');
  digits.insert(digits.size() - fraction, 1, '.');
  return sign + digits;
}

std::string to_canonical(const Decimal& d) {
  std::string text = to_text(d);
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

Rational to_rational(const Decimal& d) {
  using boost::multiprecision::cpp_int;
  const cpp_int power = boost::multiprecision::pow(cpp_int(10), static_cast<unsigned>(std::abs(d.exponent)));
  return d.exponent >= 0 ? Rational(cpp_int(d.mantissa) * power) : Rational(cpp_int(d.mantissa), power);
}

// Through text: from_chars rounds once and correctly, where mantissa x 10^exponent in doubles would round
// twice.
double to_double(const Decimal& d) {
  const std::string text = std::to_string(d.mantissa) + 'e' + std::to_string(d.exponent);
  double value = 0.0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc::result_out_of_range) {
    if (d.exponent < 0) return 0.0;
    return d.mantissa < 0 ? -std::numeric_limits<double>::infinity()
                          : std::numeric_limits<double>::infinity();
  }
  return value;
}

}  // namespace graftline
