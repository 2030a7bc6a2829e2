#include "clinical/kidney_function.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>

#include "clinical/laboratory.h"

using namespace graftline;
using namespace graftline::clinical;

namespace {

Range at(const char* decimal_text) { return Range::exactly(to_rational(*parse_decimal(decimal_text))); }
Range between(const char* low, const char* high) {
  return {to_rational(*parse_decimal(low)), to_rational(*parse_decimal(high)), false, false};
}

KidneyFindings person(const char* age, Sex sex, const char* creatinine_mg_per_dl) {
  KidneyFindings f;
  f.age_years = at(age);
  f.sex = sex;
  f.creatinine_mg_per_dl = at(creatinine_mg_per_dl);
  return f;
}

double value(EgfrEquation equation, const KidneyFindings& findings) {
  auto range = estimate(equation, findings);
  REQUIRE(range);
  REQUIRE(range->is_point());
  return to_double(*range->low);
}

using enum EgfrEquation;

}  // namespace

TEST_CASE("both CKD-EPI equations give the printed check values") {
  struct Check {
    const char* age;
    Sex sex;
    const char* creatinine;
    double of_2021, of_2009;
  };
  for (const Check& c :
       {Check{"40", Sex::male, "1.0", 97.58, 93.73}, Check{"40", Sex::female, "1.0", 73.04, 70.41},
        Check{"50", Sex::male, "0.9", 104.05, 99.24}, Check{"55", Sex::male, "1.35", 62.00, 58.69},
        Check{"60", Sex::female, "1.05", 60.83, 57.68}, Check{"60", Sex::male, "2.0", 37.50, 35.23},
        Check{"40", Sex::male, "1.5", 59.98, 57.41}}) {
    CAPTURE(c.age);
    CAPTURE(c.creatinine);
    CHECK(std::abs(value(ckd_epi_2021, person(c.age, c.sex, c.creatinine)) - c.of_2021) < 0.00501);
    CHECK(std::abs(value(ckd_epi_2009, person(c.age, c.sex, c.creatinine)) - c.of_2009) < 0.00501);
  }
}

TEST_CASE("a woman of 34 years with 62 umol/L has 116.0 by the 2021 and 112.8 by the 2009 equation") {
  KidneyFindings f = person("34", Sex::female, "1");
  f.creatinine_mg_per_dl = *creatinine_mg_per_dl(*parse_quantity("62", *parse_unit("umol/L"), Kind::none));
  CHECK(std::abs(value(ckd_epi_2021, f) - 116.0) < 0.0501);
  CHECK(std::abs(value(ckd_epi_2009, f) - 112.8) < 0.0501);
}

TEST_CASE(
    "the race coefficient of 2009 multiplies by 1.159, only on request, and belongs to no other equation") {
  KidneyFindings f = person("40", Sex::male, "1.0");
  const double without = value(ckd_epi_2009, f);
  f.race = RaceCoefficient::black;
  CHECK(value(ckd_epi_2009, f) == doctest::Approx(without * 1.159).epsilon(1e-12));
  CHECK(estimate(ckd_epi_2021, f).error().kind == ErrorKind::unsupported);
}

TEST_CASE("Cockcroft-Gault: 40 years, 70 kg, 1.0 mg/dL is 97.22 in a man and 82.64 in a woman") {
  KidneyFindings f = person("40", Sex::male, "1.0");
  CHECK(estimate(cockcroft_gault, f).error().kind == ErrorKind::not_found);  // no weight
  f.weight_kg = at("70");
  CHECK(*estimate(cockcroft_gault, f)->low == Rational(7000, 72));  // 100 x 70 / (72 x 1.0)
  f.sex = Sex::female;
  CHECK(*estimate(cockcroft_gault, f)->low == Rational(7000 * 85, 72 * 100));
}

TEST_CASE("bedside Schwartz: 120 cm and 0.5 mg/dL is exactly 99.12; 120 cm and 0.826 exactly 60") {
  KidneyFindings f = person("8", Sex::female, "0.5");
  f.height_cm = at("120");
  CHECK(*estimate(bedside_schwartz, f)->low == Rational(9912, 100));
  f.creatinine_mg_per_dl = at("0.826");
  CHECK(*estimate(bedside_schwartz, f)->low == 60);
}

TEST_CASE("adult equations start at 18 years; Schwartz covers 1 to 17 years") {
  KidneyFindings f = person("17", Sex::male, "1.0");
  f.height_cm = at("170");
  f.weight_kg = at("60");
  CHECK(estimate(ckd_epi_2009, f).error().kind == ErrorKind::unsupported);
  CHECK(estimate(ckd_epi_2021, f).error().kind == ErrorKind::unsupported);
  CHECK(estimate(cockcroft_gault, f).error().kind == ErrorKind::unsupported);
  CHECK(estimate(bedside_schwartz, f));
  f.age_years = at("18");
  CHECK(estimate(ckd_epi_2021, f));
  CHECK(estimate(bedside_schwartz, f).error().kind == ErrorKind::unsupported);
  f.age_years = at("1");
  CHECK(estimate(bedside_schwartz, f));
  f.age_years = at("0");
  CHECK(estimate(bedside_schwartz, f).error().kind == ErrorKind::unsupported);
  f.age_years = between("17", "18");  // born in a year that leaves both possible
  CHECK(estimate(ckd_epi_2021, f).error().kind == ErrorKind::unsupported);
}

TEST_CASE("an age of 130 years or a creatinine of 0 is out of range") {
  CHECK(estimate(ckd_epi_2021, person("130", Sex::male, "1")).error().kind == ErrorKind::out_of_range);
  CHECK(estimate(ckd_epi_2021, person("50", Sex::male, "0")).error().kind == ErrorKind::out_of_range);
}

TEST_CASE("a birth year leaves two ages, and the estimate its two values as bounds") {
  KidneyFindings f = person("55", Sex::male, "1.35");
  f.age_years = between("54", "55");
  const auto range = *estimate(ckd_epi_2021, f);
  CHECK(to_double(*range.low) == value(ckd_epi_2021, person("55", Sex::male, "1.35")));
  CHECK(to_double(*range.high) == value(ckd_epi_2021, person("54", Sex::male, "1.35")));
}

TEST_CASE("a creatinine reported as below 0.5 mg/dL has no upper bound of eGFR, and an open lower one") {
  KidneyFindings f = person("50", Sex::male, "0.5");
  const Rational at_half = *estimate(ckd_epi_2021, f)->low;
  f.creatinine_mg_per_dl = Range{{}, Rational(1, 2), false, true};
  const auto range = *estimate(ckd_epi_2021, f);
  CHECK(*range.low == at_half);
  CHECK(range.low_open);
  CHECK_FALSE(range.high);
}

TEST_CASE("without the sex the bounds cover both") {
  KidneyFindings f = person("40", Sex::male, "1.0");
  f.sex = std::nullopt;
  const auto range = *estimate(ckd_epi_2021, f);
  CHECK(std::abs(to_double(*range.low) - 73.04) < 0.00501);
  CHECK(std::abs(to_double(*range.high) - 97.58) < 0.00501);
}

TEST_CASE("the value of any person within the ranges lies within the bounds") {
  CHECK(rc::check([] {
    const auto equation = *rc::gen::element(ckd_epi_2009, ckd_epi_2021, cockcroft_gault);
    const int age_low = *rc::gen::inRange(18, 90), age = age_low + *rc::gen::inRange(0, 5);
    const int creatinine_low = *rc::gen::inRange(10, 500),
              creatinine = creatinine_low + *rc::gen::inRange(0, 50);
    KidneyFindings one;
    one.sex = *rc::gen::element(Sex::female, Sex::male);
    one.weight_kg = Range::exactly(Rational(70));
    one.age_years = Range::exactly(Rational(age));
    one.creatinine_mg_per_dl = Range::exactly(Rational(creatinine, 100));
    KidneyFindings vague = one;
    vague.sex = std::nullopt;
    vague.age_years = Range{Rational(age_low), Rational(age_low + 5), false, false};
    vague.creatinine_mg_per_dl =
        Range{Rational(creatinine_low, 100), Rational(creatinine_low + 50, 100), false, false};
    const Rational exact = *estimate(equation, one)->low;
    const auto bounds = *estimate(equation, vague);
    RC_ASSERT(*bounds.low <= exact);
    RC_ASSERT(exact <= *bounds.high);
  }));
}

TEST_CASE("each equation is found by the name that users write") {
  for (int i = 0; i < egfr_equation_count; ++i) {
    const auto equation = static_cast<EgfrEquation>(i);
    CHECK(egfr_equation_from_name(name(equation)) == equation);
    CHECK_FALSE(source(equation).empty());
  }
  CHECK_FALSE(egfr_equation_from_name("ckd_epi"));
  CHECK(unit(cockcroft_gault) == "mL/min");
  CHECK(unit(bedside_schwartz) == "mL/min/{1.73_m2}");
}
