#include "core/quantity.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <vector>

namespace graftline {
namespace {

Unit unit(std::string_view code) {
  auto parsed = parse_unit(code);
  REQUIRE_MESSAGE(bool(parsed), code);
  return *parsed;
}

Quantity quantity(std::string_view value, std::string_view code, Kind kind = Kind::none) {
  auto parsed = parse_quantity(value, unit(code), kind);
  REQUIRE_MESSAGE(bool(parsed), value);
  return *parsed;
}

Decimal number(std::string_view text) {
  auto parsed = parse_decimal(text);
  REQUIRE(parsed);
  return *parsed;
}

Rational point_in(const Quantity& given, std::string_view code, const MolarMass& molar_mass = std::nullopt) {
  const auto range = range_in(given, unit(code), given.kind, molar_mass);
  REQUIRE_MESSAGE(bool(range), code);
  REQUIRE(range->is_point());
  return *range->low;
}

ErrorKind refusal(const Quantity& given, std::string_view code, Kind kind,
                  const MolarMass& molar_mass = std::nullopt) {
  const auto range = range_in(given, unit(code), kind, molar_mass);
  REQUIRE_FALSE(range);
  return range.error().kind;
}

Range above(int low) { return {Rational(low), std::nullopt, true, false}; }
Range below(int high) { return {std::nullopt, Rational(high), false, true}; }
Range at_least(int low) { return {Rational(low), std::nullopt, false, false}; }
Range at_most(int high) { return {std::nullopt, Rational(high), false, false}; }
Range point(int value) { return Range::exactly(Rational(value)); }

TEST_CASE("a million CD3 cells per kg do not compare with a million CD34 cells per kg") {
  const Quantity cd3 = quantity("1", "10*6{CD3}/kg", Kind::cd3_cells);
  CHECK(refusal(cd3, "10*6{CD34}/kg", Kind::cd34_cells) == ErrorKind::unit_mismatch);
  CHECK(refusal(cd3, "10*6/kg", Kind::mononuclear_cells) == ErrorKind::unit_mismatch);
  CHECK(refusal(quantity("60", "kg", Kind::actual_body_weight), "kg", Kind::ideal_body_weight) ==
        ErrorKind::unit_mismatch);
  CHECK(refusal(quantity("90", "%", Kind::donor_share), "%", Kind::recipient_share) ==
        ErrorKind::unit_mismatch);
  CHECK(point_in(cd3, "/kg") == 1'000'000);
}

TEST_CASE("viable cells are not compared with all cells, and an unstated count is neither") {
  Quantity counted = quantity("2.6", "10*7/mL", Kind::cd3_cells);
  const Unit per_ml = unit("/mL");
  CHECK(range_in(counted, per_ml, Kind::cd3_cells, std::nullopt));
  CHECK_FALSE(range_in(counted, per_ml, Kind::cd3_cells, std::nullopt, Viability::viable));
  counted.viability = Viability::total;
  CHECK_FALSE(range_in(counted, per_ml, Kind::cd3_cells, std::nullopt, Viability::viable));
  counted.viability = Viability::viable;
  CHECK(range_in(counted, per_ml, Kind::cd3_cells, std::nullopt, Viability::viable));
}

TEST_CASE("bilirubin converts between mg/dL and umol/L by its molar mass, exactly and both ways") {
  const MolarMass bilirubin = number("584.66");
  // 1.8 mg/dL = 18 mg/L = 0.018 g/L; 0.018 / 584.66 mol/L = 1,800,000 / 58,466 umol/L, near 30.79.
  const Rational micromoles = point_in(quantity("1.8", "mg/dL"), "umol/L", bilirubin);
  CHECK(micromoles == Rational(1'800'000, 58'466));
  CHECK(to_text(micromoles, 4) == "30.79");
  // 17.1 umol/L = 17.1e-6 x 584.66 g/L = 9.997686 mg/L.
  CHECK(point_in(quantity("17.1", "umol/L"), "mg/dL", bilirubin) == Rational(9'997'686, 10'000'000));
}

TEST_CASE("creatinine of 1 mg/dL is 88.4 umol/L at 113.12 g/mol") {
  // 10 mg/L / 113.12 g/mol = 88.401697... umol/L.
  CHECK(to_text(point_in(quantity("1", "mg/dL"), "umol/L", number("113.12")), 5) == "88.402");
}

TEST_CASE("without a declared molar mass, mass and amount of substance do not convert") {
  CHECK(refusal(quantity("1.8", "mg/dL"), "umol/L", Kind::none) == ErrorKind::unit_mismatch);
  CHECK(refusal(quantity("1.8", "mg/dL"), "umol/L", Kind::none, number("0")) == ErrorKind::out_of_range);
}

TEST_CASE("a molar mass bridges nothing but mass and amount of substance") {
  const MolarMass mass = number("584.66");
  CHECK(refusal(quantity("1.8", "mg/dL"), "10*9/L", Kind::none, mass) == ErrorKind::unit_mismatch);
  CHECK(refusal(quantity("1.8", "mg/dL"), "mmol/kg", Kind::none, mass) == ErrorKind::unit_mismatch);
  CHECK(refusal(quantity("1.8", "mg/dL"), "U/L", Kind::none, mass) == ErrorKind::unit_mismatch);
  CHECK(refusal(quantity("1.8", "[IU]/mL"), "umol/L", Kind::none, mass) == ErrorKind::unit_mismatch);
}

TEST_CASE("a concentration of a substance is no count of cells, although UCUM makes a mole a number") {
  CHECK(comparable(unit("mmol/L"), unit("10*9/L")));
  CHECK(refusal(quantity("4.1", "mmol/L"), "10*9/L", Kind::none) == ErrorKind::unit_mismatch);
}

TEST_CASE("ALT of 3.0 ukat/L is 180 U/L, by conversion and not by comparing bare numbers") {
  // 1 U = 1 umol/min = 1/60 umol/s = 1/60 ukat.
  CHECK(point_in(quantity("3.0", "ukat/L"), "U/L") == 180);
  CHECK(point_in(quantity("1", "U/L"), "ukat/L") == Rational(1, 60));
}

TEST_CASE("counts per litre and per microlitre, percent and share, kilogram and gram are one quantity each") {
  CHECK(point_in(quantity("4.5", "10*3/uL"), "10*9/L") == Rational(9, 2));
  CHECK(point_in(quantity("45", "%", Kind::donor_share), "1") == Rational(45, 100));
  CHECK(point_in(quantity("58", "kg", Kind::actual_body_weight), "g") == 58'000);
  CHECK(point_in(quantity("1", "10*7/kg", Kind::cd3_cells), "10*6/kg") == 10);
}

TEST_CASE("a value with a comparator is read with the sign that records and laboratories write") {
  CHECK(quantity("<60", "mL/min").comparator == Comparator::less);
  CHECK(quantity("< 60", "mL/min").comparator == Comparator::less);
  CHECK(quantity(">=2000", "ng/mL").comparator == Comparator::greater_or_equal);
  CHECK(quantity("≤5", "ng/mL").comparator == Comparator::less_or_equal);
  CHECK(quantity("≥5", "ng/mL").comparator == Comparator::greater_or_equal);
  CHECK(quantity(">5", "ng/mL").comparator == Comparator::greater);
  CHECK(quantity("60", "mL/min").comparator == Comparator::none);
  for (const std::string_view text : {"<", "< ", "<>5", "~5", "<=", "5<", " 5", "< -", "<1x107"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_quantity(text, unit("1"), Kind::none));
  }
  CHECK(to_text(quantity("<60", "mL/min/{1.73_m2}")) == "<60 mL/min/{1.73_m2}");
  CHECK(to_text(quantity("3.0", "10*7/kg", Kind::cd3_cells)) == "3.0 10*7/kg CD3");
  CHECK(to_text(quantity("7", "1")) == "7");
}

TEST_CASE("eGFR reported as below 60 is certainly not at least 60, and is unknown against 45") {
  const auto egfr = range_in(quantity("<60", "mL/min"), unit("mL/min"), Kind::none, std::nullopt);
  REQUIRE(egfr);
  CHECK(less_or_equal(point(60), *egfr, Reason::comparator) == answer(false));
  CHECK(less_or_equal(point(45), *egfr, Reason::comparator) == unknown(Reason::comparator));
  const auto at_most_60 = range_in(quantity("<=60", "mL/min"), unit("mL/min"), Kind::none, std::nullopt);
  REQUIRE(at_most_60);
  CHECK(less_or_equal(point(60), *at_most_60, Reason::comparator) == unknown(Reason::comparator));
}

TEST_CASE("LVEF below 50 % is certainly not 50 % or more") {
  const auto lvef = range_in(quantity("<50", "%"), unit("%"), Kind::none, std::nullopt);
  REQUIRE(lvef);
  CHECK(less(*lvef, point(50), Reason::comparator) == answer(true));
  CHECK(!less(*lvef, point(50), Reason::comparator) == answer(false));
}

TEST_CASE("a comparator turns round when the scale falls: pH below 7 is more than 1e-7 mol/L") {
  const auto acid = range_in(quantity("<7", "[pH]"), unit("mol/L"), Kind::none, std::nullopt);
  REQUIRE_MESSAGE(bool(acid), acid.error().message);
  REQUIRE(acid->low);
  CHECK(*acid->low == Rational(1, 10'000'000));
  CHECK(acid->low_open);
  CHECK_FALSE(acid->high);
}

TEST_CASE("open and closed ends decide at the boundary") {
  CHECK(less(below(5), at_least(5), Reason::comparator) == answer(true));
  CHECK(less(at_most(5), at_least(5), Reason::comparator).truth == Truth::unknown);
  CHECK(less(at_most(5), above(5), Reason::comparator) == answer(true));
  CHECK(less_or_equal(at_most(5), at_least(5), Reason::comparator) == answer(true));
  CHECK(less(point(5), point(5), Reason::comparator) == answer(false));
  CHECK(equal(point(5), point(5), Reason::comparator) == answer(true));
  CHECK(equal(point(5), below(5), Reason::comparator) == answer(false));
  CHECK(equal(point(5), at_most(5), Reason::comparator) == unknown(Reason::comparator));
  CHECK(equal(at_most(5), at_most(5), Reason::comparator) == unknown(Reason::comparator));
}

// Every quarter from -8 to 8 that lies in the range; the ends drawn below lie from -3 to 3.
std::vector<int> quarters_in(const Range& range) {
  std::vector<int> inside;
  for (int quarter = -32; quarter <= 32; ++quarter) {
    const Rational value(quarter, 4);
    const bool above_low = !range.low || value > *range.low || (value == *range.low && !range.low_open);
    const bool below_high = !range.high || value < *range.high || (value == *range.high && !range.high_open);
    if (above_low && below_high) inside.push_back(quarter);
  }
  return inside;
}

Range any_range() {
  Range range;
  if (*rc::gen::inRange(0, 4) > 0) range.low = Rational(*rc::gen::inRange(-3, 4));
  if (*rc::gen::inRange(0, 4) > 0) range.high = Rational(*rc::gen::inRange(-3, 4));
  range.low_open = range.low && *rc::gen::arbitrary<bool>();
  range.high_open = range.high && *rc::gen::arbitrary<bool>();
  return range;
}

template <class Holds> Truth by_sampling(const Range& a, const Range& b, Holds holds) {
  bool some_hold = false;
  bool some_fail = false;
  for (const int x : quarters_in(a)) {
    for (const int y : quarters_in(b)) (holds(x, y) ? some_hold : some_fail) = true;
  }
  return some_hold && some_fail ? Truth::unknown : truth(some_hold);
}

TEST_CASE("an answer about two ranges is what all pairs of values in them agree on") {
  CHECK(rc::check([] {
    const Range a = any_range();
    const Range b = any_range();
    RC_PRE(!quarters_in(a).empty() && !quarters_in(b).empty());
    const ReasonSet why = Reason::comparator;
    RC_ASSERT(less(a, b, why).truth == by_sampling(a, b, [](int x, int y) { return x < y; }));
    RC_ASSERT(less_or_equal(a, b, why).truth == by_sampling(a, b, [](int x, int y) { return x <= y; }));
    RC_ASSERT(equal(a, b, why).truth == by_sampling(a, b, [](int x, int y) { return x == y; }));
    RC_ASSERT(less_or_equal(a, b, why) == !less(b, a, why));
  }));
}

TEST_CASE("a quantity written with one unit equals itself written with another") {
  CHECK(rc::check([] {
    const Decimal value{*rc::gen::inRange<std::int64_t>(1, 1'000'000), *rc::gen::inRange(-4, 3)};
    const MolarMass molar_mass = Decimal{*rc::gen::inRange<std::int64_t>(1, 100'000), -2};
    Quantity mass;
    mass.value = value;
    mass.unit = *parse_unit("mg/dL");
    const auto amount = range_in(mass, *parse_unit("umol/L"), Kind::none, molar_mass);
    RC_ASSERT(bool(amount));
    // micromoles per litre x g/mol = micrograms per litre; 10,000 of them are 1 mg/dL.
    RC_ASSERT(*amount->low * to_rational(*molar_mass) / 10'000 == to_rational(value));
  }));
}

}  // namespace
}  // namespace graftline
