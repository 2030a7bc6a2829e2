#include "core/rational.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace graftline {
namespace {

TEST_CASE("a fraction is printed in plain digits, rounded half to even") {
  CHECK(to_text(Rational(1, 3), 4) == "0.3333");
  CHECK(to_text(Rational(2, 3), 4) == "0.6667");
  CHECK(to_text(Rational(-1, 8), 2) == "-0.12");  // 0.125 is a tie
  CHECK(to_text(Rational(3, 8), 2) == "0.38");    // 0.375 is a tie
  CHECK(to_text(Rational(1, 2), 6) == "0.5");
  CHECK(to_text(Rational(0), 3) == "0");
  CHECK(to_text(Rational(123456), 3) == "123000");
  CHECK(to_text(Rational(99999, 10), 3) == "10000");  // 9999.9 grows a digit
  CHECK(to_text(Rational(1, 1000), 5) == "0.001");
  CHECK(to_text(Rational(100), 1) == "100");
  CHECK(to_text(Rational(1), 1) == "1");
}

TEST_CASE("a fraction as a double is the nearest one") {
  CHECK(to_double(Rational(1, 10)) == 0.1);
  CHECK(to_double(Rational(-3, 2)) == -1.5);
  CHECK(to_double(Rational(0)) == 0.0);
}

TEST_CASE("whole numbers printed with all their figures are themselves") {
  CHECK(rc::check(
      [](std::int64_t number) { RC_ASSERT(to_text(Rational(number), 20) == std::to_string(number)); }));
}

TEST_CASE("the printed fraction is within half a unit of its last figure") {
  CHECK(rc::check([] {
    const auto numerator = *rc::gen::inRange<std::int64_t>(1, 1'000'000'000);
    const auto denominator = *rc::gen::inRange<std::int64_t>(1, 1'000'000'000);
    const double exact = static_cast<double>(numerator) / static_cast<double>(denominator);
    const double printed = std::stod(to_text(Rational(numerator, denominator), 5));
    RC_ASSERT(std::abs(printed - exact) <= exact * 5.0001e-5);
  }));
}

}  // namespace
}  // namespace graftline
