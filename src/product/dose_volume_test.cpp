#include "product/dose_volume.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <functional>
#include <type_traits>

using namespace graftline;
using namespace graftline::product;

// What must not compile: units do not mix, and a bare number is no dose and no weight.
static_assert(!std::is_invocable_v<std::plus<>, Millilitres, Kilograms>);
static_assert(!std::is_invocable_v<std::multiplies<>, CellsPerKg, Millilitres>);
static_assert(!std::is_invocable_v<std::divides<>, CellsPerKg, CellsPerMl>);
static_assert(!std::is_convertible_v<Rational, CellsPerKg>);
static_assert(!std::is_convertible_v<double, Kilograms>);
static_assert(std::is_same_v<decltype(CellsPerKg() * Kilograms() / CellsPerMl()), Millilitres>);

namespace {

DoseRequest request(const char* dose, const char* weight, const char* counted) {
  DoseRequest made;
  made.targets = *parse_dose(dose);
  made.weight = *parse_weight(weight);
  made.product = *parse_product(counted);
  made.state.is_frozen = Truth::no;
  made.state.abo = AboMismatch::none;
  return made;
}

bool says(const DoseAnswer& answer, Finding::Form form, std::string_view about) {
  for (const Finding& finding : answer.findings) {
    if (finding.form == form && finding.about == about) return true;
  }
  return false;
}

double ml(const std::optional<Millilitres>& volume) { return volume ? to_double(volume->value()) : -1; }

}  // namespace

TEST_CASE("each of two targets has its volume, and says what it delivers of the other") {
  // 58 kg: 5.8e9 MNC / 9.0e7 = 64.44 mL; 1.74e9 CD3 / 2.6e7 = 66.92 mL.
  const auto answer = volume_of(
      request("3.0e7 CD3/kg and 1.0e8 MNC/kg", "58 kg", "MNC 9.0e7/mL viable, CD3 2.6e7/mL viable, 160 mL"),
      SiteValues());
  CHECK(ml(answer.targets[0].volume_low) == doctest::Approx(66.923).epsilon(1e-4));
  CHECK(ml(answer.targets[1].volume_low) == doctest::Approx(64.444).epsilon(1e-4));
  CHECK(answer.targets[0].delivers[0].kind == Kind::mononuclear_cells);
  CHECK(to_double(answer.targets[0].delivers[0].per_kg->value()) == doctest::Approx(1.0385e8).epsilon(1e-4));
  CHECK(to_double(answer.targets[1].delivers[1].per_kg->value()) == doctest::Approx(2.8889e7).epsilon(1e-4));
  CHECK_FALSE(answer.volume);
  CHECK(says(answer, Finding::Form::asked, "governing"));
}

TEST_CASE("viability is applied once, and never when the count is of viable cells") {
  // 2.4e8 x 40 % x 80 % = 7.68e7; 2.6e7 / 7.68e7 = 0.3385 mL; without the factor 2.6e7 / 9.6e7 = 0.2708 mL.
  const auto total = volume_of(
      request("5e5 CD3/kg", "52 kg", "TNC 2.4e8/mL, CD3 40 %, viability 80 %, total"), SiteValues());
  CHECK(total.volume->value() == Rational(26, 1) * 1000000 / 76800000);
  const auto viable = volume_of(
      request("5e5 CD3/kg", "52 kg", "TNC 2.4e8/mL, CD3 40 %, viability 80 %, viable"), SiteValues());
  CHECK(viable.volume->value() == Rational(26, 96));
  CHECK(says(total, Finding::Form::caution, "syringe"));
  const auto unstated =
      volume_of(request("5e5 CD3/kg", "52 kg", "TNC 2.4e8/mL, CD3 40 %, viability 80 %"), SiteValues());
  CHECK_FALSE(unstated.volume);
  CHECK(says(unstated, Finding::Form::asked, "CD3 count"));
}

TEST_CASE("a 10 kg child may have 90.9 mL at 10 % DMSO, not 100 mL") {
  // 100 mL x 10 % x 1.10 g/mL = 11.0 g = 1.10 g/kg.
  auto asked = request("1e7 CD3/kg", "10 kg", "CD3 1e6/mL viable, 150 mL");
  asked.state.is_frozen = Truth::yes;
  asked.state.dmso = percent(10);
  CHECK(says(volume_of(asked, SiteValues()), Finding::Form::limit, "dmso"));
  asked.targets = *parse_dose("9.09e6 CD3/kg");  // 90.9 mL, 0.99990 g/kg
  CHECK(says(volume_of(asked, SiteValues()), Finding::Form::met, "dmso"));
  asked.state.dmso.reset();
  CHECK(says(volume_of(asked, SiteValues()), Finding::Form::asked, "dmso"));
}

TEST_CASE("fresh cells are kept 72 h at most, and thinly after 24 h") {
  auto asked = request("1e6 CD3/kg", "70 kg", "TNC 3e8/mL, CD3 7e6/mL, viable, 100 mL");
  const auto at = [&](const Rational& hours) {
    asked.state.age = Hours(hours);
    return volume_of(asked, SiteValues());
  };
  CHECK(says(at(24), Finding::Form::met, "hold"));
  CHECK_FALSE(says(at(24), Finding::Form::limit, "hold_concentration"));
  CHECK(says(at(Rational(241, 10)), Finding::Form::limit, "hold_concentration"));
  CHECK(says(at(72), Finding::Form::caution, "hold"));
  CHECK(says(at(Rational(721, 10)), Finding::Form::limit, "hold"));
}

TEST_CASE("red cells matter with a major ABO mismatch, against the site's own limit") {
  auto asked = request("1e7 CD3/kg", "70 kg", "CD3 7e6/mL viable, 200 mL");  // 100 mL
  asked.state.abo = AboMismatch::major;
  CHECK(says(volume_of(asked, SiteValues()), Finding::Form::asked, "red_cells"));
  asked.state.rbc_ml_per_ml = Rational(5, 100);
  CHECK(says(volume_of(asked, SiteValues()), Finding::Form::asked, "rbc_ml_per_kg"));
  SiteValues site;
  REQUIRE_FALSE(site.set("rbc_ml_per_kg", "0.07", "test"));  // 5 mL / 70 kg = 0.0714
  CHECK(says(volume_of(asked, site), Finding::Form::limit, "red_cells"));
}

TEST_CASE("a weight more than 10 % from the one the bag was prepared for is pointed out") {
  auto asked = request("1e6 CD3/kg", "70.4 kg", "CD3 7e6/mL viable, 100 mL");
  asked.state.prepared_weight = *parse_weight("64 kg");  // exactly 10 %
  CHECK_FALSE(says(volume_of(asked, SiteValues()), Finding::Form::caution, "weight_drift"));
  asked.weight = *parse_weight("70.5 kg");
  CHECK(says(volume_of(asked, SiteValues()), Finding::Form::caution, "weight_drift"));
}

TEST_CASE("a dose without a kind, without a unit, or of nothing is refused") {
  for (const char* text : {"5e5", "5e5/kg", "5e5 lymphocytes/kg", "0 CD3/kg", "5e6 to 1e6 CD3/kg",
                           "1 x 106 CD3/kg", "1e6 CD3/kg and 2e6 CD3/kg", ""}) {
    CAPTURE(text);
    CHECK_FALSE(parse_dose(text));
  }
  CHECK(parse_dose("CD3 3e7/kg")->front() == parse_dose("3e7 CD3/kg")->front());
  CHECK_FALSE(parse_weight("58"));
  CHECK_FALSE(parse_weight("58 mL"));
}

TEST_CASE("whether a count is viable is asked together with what follows from either answer") {
  // 2.6e7 cells: of 9.6e7 per mL 0.271 mL, of 7.68e7 per mL 0.339 mL.
  DoseRequest asked;
  asked.targets = *parse_dose("5e5 CD3/kg");
  asked.weight = *parse_weight("52 kg");
  asked.product = *parse_product("TNC 2.4e8/mL, CD3 40 %, viability 80 %");
  auto answer = volume_of(asked, SiteValues());
  CHECK_FALSE(answer.volume);
  CHECK(to_text(*answer.targets[0].volume_if_viable) == "0.271 mL");
  CHECK(to_text(*answer.targets[0].volume_if_total) == "0.339 mL");
  asked.product = *parse_product("CD3 9.6e7/mL");
  answer = volume_of(asked, SiteValues());
  CHECK(answer.targets[0].volume_if_viable);
  CHECK_FALSE(answer.targets[0].volume_if_total);
  CHECK(has(answer.findings, Finding::Form::asked));
}

TEST_CASE("the volume delivers exactly the dose, whatever the numbers") {
  CHECK(rc::check([] {
    const auto positive = [] { return *rc::gen::inRange(1, 1000000); };
    DoseRequest asked;
    asked.targets = {{Kind::cd3_cells, true, Rational(positive()), 0}};
    asked.targets[0].high = asked.targets[0].low;
    asked.weight = Kilograms(Rational(positive(), 2000));
    asked.product.counts = {{Kind::cd3_cells, Rational(positive()), Viability::total}};
    asked.product.viable_fraction = Rational(*rc::gen::inRange(1, 101), 100);
    const auto answer = volume_of(asked, SiteValues());
    RC_ASSERT(answer.volume.has_value());
    RC_ASSERT(answer.targets[0].delivers[0].per_kg->value() == asked.targets[0].low);
    // Less viable cells never need less volume.
    auto poorer = asked;
    *poorer.product.viable_fraction /= 2;
    RC_ASSERT(*volume_of(poorer, SiteValues()).volume > *answer.volume);
  }));
}
