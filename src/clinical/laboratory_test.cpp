#include "clinical/laboratory.h"

#include <doctest/doctest.h>

using namespace graftline;
using namespace graftline::clinical;

namespace {

Quantity measured(const char* value, const char* ucum) {
  return *parse_quantity(value, *parse_unit(ucum), Kind::none);
}
UpperLimitRatio ratio(const char* value, const char* upper_limit, const char* ucum = "mg/dL") {
  return upper_limit_ratio(measured(value, ucum), measured(upper_limit, ucum), {});
}

}  // namespace

TEST_CASE("88.4 umol/L of creatinine are 1 mg/dL, 176.8 are 2") {
  CHECK(*creatinine_mg_per_dl(measured("88.4", "umol/L"))->low == 1);
  CHECK(*creatinine_mg_per_dl(measured("176.8", "umol/L"))->low == 2);
  CHECK(*creatinine_mg_per_dl(measured("0.1768", "mmol/L"))->low == 2);
  CHECK(*creatinine_mg_per_dl(measured("1.35", "mg/dL"))->low == Rational(135, 100));
  CHECK(*creatinine_mg_per_dl(measured("13.5", "mg/L"))->low == Rational(135, 100));
}

TEST_CASE("17.1 umol/L of bilirubin are 1 mg/dL, and the printed cut points are exact multiples") {
  CHECK(*bilirubin_mg_per_dl(measured("34.2", "umol/L"))->low == 2);
  CHECK(*bilirubin_mg_per_dl(measured("51.3", "umol/L"))->low == 3);
  CHECK(*bilirubin_mg_per_dl(measured("102.6", "umol/L"))->low == 6);
  CHECK(*bilirubin_mg_per_dl(measured("256.5", "umol/L"))->low == 15);
}

TEST_CASE("a creatinine in U/L is an error of units, one of 0 is impossible") {
  CHECK(creatinine_mg_per_dl(measured("62", "U/L")).error().kind == ErrorKind::unit_mismatch);
  CHECK(creatinine_mg_per_dl(measured("0", "mg/dL")).error().kind == ErrorKind::out_of_range);
}

TEST_CASE("bilirubin 1.8 with an upper limit of 1.2 is exactly 1.5 times, hence not above") {
  CHECK(*ratio("1.8", "1.2").value->low == Rational(3, 2));
  CHECK(above_upper_limit(ratio("1.8", "1.2"), {15, -1}) == answer(false));
  CHECK(above_upper_limit(ratio("1.81", "1.2"), {15, -1}) == answer(true));
}

TEST_CASE("an ALT of 120 with a limit of 40 is not above 3.0 times; 121 is") {
  CHECK(above_upper_limit(ratio("120", "40", "U/L"), {30, -1}) == answer(false));
  CHECK(above_upper_limit(ratio("121", "40", "U/L"), {30, -1}) == answer(true));
}

TEST_CASE("without an upper limit a multiple of it is unknown, for want of a reference range") {
  const auto without = upper_limit_ratio(measured("500", "U/L"), std::nullopt, {});
  CHECK(above_upper_limit(without, {3, 0}) == unknown(Reason::no_reference_range));
}

TEST_CASE("value and limit in different units of one dimension are brought together") {
  // 3.0 ukat/L = 180 umol/min/L = 180 U/L: 4.5 times 40 U/L
  const auto across = upper_limit_ratio(measured("3.0", "ukat/L"), measured("40", "U/L"), {});
  CHECK(*across.value->low == Rational(9, 2));
}

TEST_CASE("a limit in a unit that does not convert, or a limit of 0, leaves the multiple unknown") {
  CHECK(above_upper_limit(upper_limit_ratio(measured("5", "U/L"), measured("1", "mg/dL"), {}), {3, 0}) ==
        unknown(Reason::not_convertible));
  CHECK(above_upper_limit(ratio("5", "0"), {3, 0}) == unknown(Reason::unreadable));
}

TEST_CASE("a result below the detection limit is compared as a range") {
  CHECK(above_upper_limit(ratio("<20", "40"), {1, 0}) == answer(false));
  CHECK(above_upper_limit(ratio("<200", "40"), {3, 0}) == unknown(Reason::comparator));
  CHECK(above_upper_limit(ratio(">200", "40"), {3, 0}) == answer(true));
}
