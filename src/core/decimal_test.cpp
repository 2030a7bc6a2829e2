#include "core/decimal.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace graftline {
namespace {

Decimal read(std::string_view text) {
  auto value = parse_decimal(text);
  REQUIRE_MESSAGE(bool(value), text);
  return *value;
}

ErrorKind refusal(std::string_view text) {
  const auto value = parse_decimal(text);
  REQUIRE_MESSAGE(!value, text);
  return value.error().kind;
}

rc::Gen<Decimal> any_decimal() {
  constexpr std::int64_t limit = 999'999'999'999'999'999;
  return rc::gen::build<Decimal>(
      rc::gen::set(&Decimal::mantissa, rc::gen::oneOf(rc::gen::inRange<std::int64_t>(-limit, limit + 1),
                                                      rc::gen::inRange<std::int64_t>(-1000, 1001))),
      rc::gen::set(&Decimal::exponent, rc::gen::inRange(-40, 41)));
}

TEST_CASE("1.8 is not above 1.5 x 1.2, although binary doubles say that it is") {
  const auto limit = multiply(read("1.5"), read("1.2"));
  REQUIRE(limit);
  CHECK(read("1.8") <= *limit);
  CHECK(read("1.8") == *limit);
  const double one_point_five = 1.5;
  const double one_point_two = 1.2;
  CHECK_FALSE(1.8 <= one_point_five * one_point_two);
}

TEST_CASE("a number keeps its digits as written and compares by value") {
  CHECK(read("1.0").mantissa == 10);
  CHECK(read("1.0").exponent == -1);
  CHECK(read("1e5").mantissa == 1);
  CHECK(read("1e5").exponent == 5);
  CHECK(read("2.50E-3").mantissa == 250);
  CHECK(read("2.50E-3").exponent == -5);
  CHECK(read("+0.5") == read("0.5"));
  CHECK(read("1.0") == read("1"));
  CHECK(read("-0") == read("0"));
  CHECK(read("-3") < read("-2.9"));
  CHECK(read("1e40") > read("999999999999999999"));
  CHECK(read("-1e40") < read("-999999999999999999"));
  CHECK(read("1e-40") > read("0"));
  CHECK(read("0e-40") == read("0e40"));
}

TEST_CASE("a lost superscript is refused, and the message says how to write a power of ten") {
  for (const std::string_view text :
       {"1x107", "1 x 10^7", "1×10⁷", "1×107", "1*10^7", "10^7", "10⁷", "1X10E7", "5 x 10 6", "2·10⁶"}) {
    CAPTURE(text);
    const auto value = parse_decimal(text);
    REQUIRE_FALSE(value);
    CHECK(value.error().kind == ErrorKind::malformed_input);
    CHECK(value.error().message.find("1e7") != std::string::npos);
  }
}

TEST_CASE("what is not a plain decimal number is refused") {
  for (const std::string_view text : {
           "",    " ",   "1.", ".5", "-.5",  ".",   "-",   "+",    "e5",  "1e",    "1e+", "1.5e2.5",
           "1,8", "1 8", " 1", "1 ", "0x10", "nan", "inf", "1..2", "--1", "1e5e5", "١",
       }) {
    CAPTURE(text);
    CHECK(refusal(text) == ErrorKind::malformed_input);
  }
  CHECK(parse_decimal("1,8").error().message.find("comma") != std::string::npos);
  CHECK(parse_decimal(".5").error().message.find("leading zero") != std::string::npos);
}

TEST_CASE("a refusal never repeats the value: it would end up in a log") {
  CHECK(parse_decimal("4711x").error().message.find("4711") == std::string::npos);
  CHECK(parse_decimal("4711e999").error().message.find("4711") == std::string::npos);
}

TEST_CASE("more than 18 significant digits or a power of ten beyond 40 is out of range") {
  CHECK(read("999999999999999999").mantissa == 999'999'999'999'999'999);
  CHECK(read("0.000000000000000000000000000000000000001").mantissa == 1);
  CHECK(read("000000000000000000000000000000007") == read("7"));
  CHECK(refusal("1000000000000000000") == ErrorKind::out_of_range);
  CHECK(refusal("1.234567890123456789") == ErrorKind::out_of_range);
  CHECK(refusal("1e400") == ErrorKind::out_of_range);
  CHECK(refusal("1e-400") == ErrorKind::out_of_range);
  CHECK(refusal("1e41") == ErrorKind::out_of_range);
  CHECK(refusal("1.0e-40") == ErrorKind::out_of_range);
  CHECK(refusal("1e99999999999999999999999999") == ErrorKind::out_of_range);
}

TEST_CASE("numbers are printed without E notation, with a leading zero and, canonically, no trailing zero") {
  CHECK(to_text(read("1e5")) == "100000");
  CHECK(to_text(read("1.0")) == "1.0");
  CHECK(to_text(read("-0.05")) == "-0.05");
  CHECK(to_text(read("2.50E-3")) == "0.00250");
  CHECK(to_text(read("0e5")) == "0");
  CHECK(to_canonical(read("1.0")) == "1");
  CHECK(to_canonical(read("100")) == "100");
  CHECK(to_canonical(read("0.500")) == "0.5");
  CHECK(to_canonical(read("0.00")) == "0");
  CHECK(to_text(Decimal{std::numeric_limits<std::int64_t>::min(), -2}) == "-92233720368547758.08");
}

TEST_CASE("a product is exact or refused, never rounded") {
  const auto cells = multiply(read("3.0e7"), read("58"));
  REQUIRE(cells);
  CHECK(to_canonical(*cells) == "1740000000");
  CHECK(multiply(read("999999999"), read("999999999")));
  CHECK(multiply(read("9999999999"), read("9999999999")).error().kind == ErrorKind::out_of_range);
  CHECK(multiply(read("1e39"), read("1e39")).error().kind == ErrorKind::out_of_range);
  CHECK(multiply(read("200000000000000000"), read("5")));  // 10^18 has 19 digits, but its zeros can give way
}

TEST_CASE("a double is the nearest to the decimal") {
  CHECK(to_double(read("0.1")) == 0.1);
  CHECK(to_double(read("3.0e7")) == 3.0e7);
  CHECK(to_double(read("-1.2345678901234567")) == -1.2345678901234567);
}

TEST_CASE("printing and reading a number gives its value back") {
  CHECK(rc::check([] {
    const Decimal value = *any_decimal();
    const std::string canonical = to_canonical(value);
    const auto reread = parse_decimal(canonical);
    if (reread) {
      RC_ASSERT(*reread == value);
      RC_ASSERT(to_canonical(*reread) == canonical);
    } else {  // plain digits of 1e30 are 31 digits
      RC_ASSERT(reread.error().kind == ErrorKind::out_of_range);
    }
    RC_ASSERT(canonical.find('e') == std::string::npos);
  }));
}

TEST_CASE("digits as written survive reading and printing") {
  CHECK(rc::check([] {
    const auto mantissa = *rc::gen::inRange<std::int64_t>(-999'999'999, 1'000'000'000);
    const auto exponent = *rc::gen::inRange(-9, 1);
    const Decimal value{mantissa, exponent};
    const auto reread = parse_decimal(to_text(value));
    RC_ASSERT(bool(reread));
    RC_ASSERT(reread->mantissa == value.mantissa);
    RC_ASSERT(reread->exponent == value.exponent);
  }));
}

TEST_CASE("decimals are ordered as the fractions they stand for") {
  CHECK(rc::check([] {
    const Decimal a = *any_decimal();
    const Decimal b = *any_decimal();
    const Rational x = to_rational(a);
    const Rational y = to_rational(b);
    RC_ASSERT((a < b) == (x < y));
    RC_ASSERT((a == b) == (x == y));
    RC_ASSERT((a > b) == (b < a));
  }));
}

TEST_CASE("the order of decimals is total: sorting gives one ascending row") {
  CHECK(rc::check([] {
    auto values = *rc::gen::container<std::vector<Decimal>>(any_decimal());
    std::sort(values.begin(), values.end());
    for (std::size_t i = 0; i < values.size(); ++i) {
      for (std::size_t j = i; j < values.size(); ++j) RC_ASSERT(values[i] <= values[j]);
    }
  }));
}

TEST_CASE("a product that is given equals the product of the fractions") {
  CHECK(rc::check([] {
    const Decimal a{*rc::gen::inRange<std::int64_t>(-99'999'999, 100'000'000), *rc::gen::inRange(-20, 21)};
    const Decimal b{*rc::gen::inRange<std::int64_t>(-99'999'999, 100'000'000), *rc::gen::inRange(-20, 21)};
    const auto product = multiply(a, b);
    RC_ASSERT(bool(product));
    RC_ASSERT(to_rational(*product) == to_rational(a) * to_rational(b));
  }));
}

}  // namespace
}  // namespace graftline
