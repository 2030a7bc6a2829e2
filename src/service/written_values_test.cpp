#include "service/written_values.h"

#include <doctest/doctest.h>

using namespace graftline;
using namespace graftline::service;

TEST_CASE(
    "a number and a unit are read with or without a blank, with a comparator, and with the micro sign") {
  CHECK(read_quantity("x", "60 umol/L")->unit.code == "umol/L");
  CHECK(read_quantity("x", "60umol/L")->value == decimal(60));
  CHECK(read_quantity("x", "60 \u00b5mol/L")->unit.code == "umol/L");
  CHECK(read_quantity("x", "60 \u03bcmol/L")->unit.code == "umol/L");
  CHECK(read_quantity("x", "<0.5 mg/dL")->comparator == Comparator::less);
  CHECK(read_quantity("x", "1e-4 1")->value == Decimal{1, -4});
  CHECK(read_quantity("x", "800 mL/day")->unit.code == "mL/d");
}

TEST_CASE("a number without a unit takes the unit that the option states, or is refused") {
  CHECK(read_quantity("x", "30", "%")->unit.code == "%");
  CHECK(read_quantity("x", "30").error().message == "x: expected a unit behind the number");
}

TEST_CASE(
    "a decimal comma, a lost superscript, words and nothing at all are refused, naming the option and not "
    "the value") {
  for (const char* text :
       {"1,35 mg/dL", "1x107 mg/dL", "about 3 mg/dL", "", "mg/dL", "1.2.3 mg/dL", "3 furlongs"}) {
    CAPTURE(text);
    const auto refused = read_quantity("creatinine", text, "mg/dL");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::malformed_input);
    CHECK(refused.error().message.starts_with("creatinine: expected"));
  }
}

TEST_CASE("a value in another dimension is an error of units") {
  CHECK(read_range("weight", std::string_view("70 cm"), "kg").error().kind == ErrorKind::unit_mismatch);
  CHECK(*read_range("weight", std::string_view("70000 g"), "kg")->low == 70);
}

TEST_CASE("an option given without a value means yes, and an option not given unknown") {
  CHECK(*read_truth("x", std::nullopt) == Truth::unknown);
  CHECK(*read_truth("x", "") == Truth::yes);
  CHECK(*read_truth("x", "no") == Truth::no);
  CHECK_FALSE(read_truth("x", "perhaps"));
}

TEST_CASE("parts are separated by commas, and their number must fit") {
  CHECK(*read_parts("x", "2026-01-10, flow,0.3", 3) == std::vector<std::string>{"2026-01-10", "flow", "0.3"});
  CHECK_FALSE(read_parts("x", "2026-01-10,0.3", 3));
  CHECK_FALSE(read_integer("x", "3.5"));
  CHECK(*read_integer("x", "-3") == -3);
}

TEST_CASE("ranges are written with both ends, or as above and below") {
  CHECK(written(Range::exactly(Rational(7, 2)), 2) == "3.50");
  CHECK(written({Rational(2), Rational(3), false, false}, 0) == "2 to 3");
  CHECK(written({{}, Rational(3), false, true}, 1) == "below 3.0");
  CHECK(written({Rational(3), {}, false, false}, 1) == "at least 3.0");
}
