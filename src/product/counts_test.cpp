#include "product/counts.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <type_traits>

namespace graftline::product {
namespace {

// What must not compile: each amount has one unit, and a bare number is none.
template <class A, class B>
concept Addable = requires(A a, B b) {
  a + b;
};
template <class A, class B>
concept Comparable = requires(A a, B b) {
  a < b;
};
template <class A, class B>
concept Multipliable = requires(A a, B b) {
  a* b;
};
static_assert(Addable<Cells, Cells>);
static_assert(!Addable<Cells, CellsPerKg>);
static_assert(!Addable<Millilitres, Grams>);
static_assert(!Comparable<CellsPerKg, CellsPerMl>);
static_assert(!Multipliable<CellsPerKg, Millilitres>, "a dose per kg is multiplied by a weight");
static_assert(!Multipliable<CellsPerMl, Kilograms>);
static_assert(!std::is_convertible_v<Rational, Kilograms>, "a bare number is no weight");
static_assert(!std::is_convertible_v<double, CellsPerKg>, "a bare number is no dose");
static_assert(!std::is_convertible_v<Kilograms, Millilitres>);
static_assert(std::is_same_v<decltype(CellsPerKg() * Kilograms()), Cells>);
static_assert(std::is_same_v<decltype(Cells() / CellsPerMl()), Millilitres>);

}  // namespace

TEST_CASE("a product may be described by shares of its nucleated cells") {
  const auto product = parse_product("TNC 2.4e8/mL, CD3 40 %, viability 80 %, total");
  REQUIRE(product);
  REQUIRE(product->counts.size() == 2);
  CHECK(product->counts[1].kind == Kind::cd3_cells);
  CHECK(product->counts[1].per_ml == Rational(96000000));
  CHECK(product->counts[1].viability == Viability::total);
  CHECK(*product->viable_fraction == Rational(4, 5));
}

TEST_CASE("whether a count is viable or total is kept apart from not saying so") {
  const auto product = parse_product("CD3 2.6e7/mL viable, MNC 9.0e7/mL, 160 mL");
  REQUIRE(product);
  CHECK(product->counts[0].viability == Viability::viable);
  CHECK(product->counts[1].viability == Viability::unstated);
  CHECK(*product->volume_ml == 160);
}

TEST_CASE("a product text that cannot be read is named, with the forms that can") {
  for (const char* text : {"", "CD3", "CD3 2.6e7", "160", "CD3 40 %", "viability 120 %, CD3 1e7/mL",
                           "CD3 1x107/mL", "CD3 1e7/mL, CD3 2e7/mL", "CD3 1e7/mL, 100 mL, 90 mL"}) {
    CAPTURE(text);
    const auto product = parse_product(text);
    REQUIRE_FALSE(product);
    CHECK(product.error().kind == ErrorKind::malformed_input);
  }
}

TEST_CASE("a number with a power of ten is read however it is written, and a unit is converted or refused") {
  for (const char* text : {"CD3 2.6e7/mL", "CD3 2.6 x 10^7/mL", "CD3 2.6 × 10⁷ /mL", "CD3 26*10^6/mL",
                           "CD3 2.6e4/uL", "CD3 2.6e10/L", "CD3 26 10*6/mL"}) {
    CAPTURE(text);
    const auto product = parse_product(text);
    REQUIRE(product);
    CHECK(product->counts[0].per_ml == 26000000);
  }
  CHECK(*parse_product("CD3 1e7/mL, 0.16 L")->volume_ml == 160);
  CHECK(parse_product("CD3 1e7/kg").error().kind == ErrorKind::unit_mismatch);
  CHECK(parse_product("CD3 1e7 mL").error().kind == ErrorKind::unit_mismatch);
}

TEST_CASE("numbers that no product can have are refused") {
  for (const char* text : {"CD3 -1e7/mL", "CD3 1e7/mL, -5 mL", "CD3 1e7/mL, 0 mL", "TNC 1e8/mL, CD3 140 %",
                           "TNC 1e8/mL total, CD3 2e8/mL viable", "MNC 1e7/mL, CD3 2e7/mL, viable"}) {
    CAPTURE(text);
    const auto product = parse_product(text);
    REQUIRE_FALSE(product);
    CHECK(product.error().kind == ErrorKind::out_of_range);
  }
  // Dead cells among all CD3+ may outnumber the living nucleated ones.
  CHECK(parse_product("TNC 1e8/mL viable, CD3 1.1e8/mL total"));
}

TEST_CASE("a dose reads back what it is written as, and its kind may stand before or behind") {
  for (const char* text :
       {"3e7 CD3/kg", "CD3 3e7/kg", "3e7/kg CD3", "3 × 10⁷ CD3+ cells per kg", "3 x 10^7 CD3+/kg",
        "0.3 × 10⁸ CD3/kg", "30000000 × 10⁰ CD3/kg", "3e9 x 10^-2 CD3/kg"}) {
    CAPTURE(text);
    const auto dose = parse_dose(text);
    REQUIRE(dose);
    CHECK(*dose == *parse_dose("3e7 CD3/kg"));
  }
  CHECK(rc::check([] {
    DoseTarget target;
    target.kind = *rc::gen::element(Kind::cd3_cells, Kind::mononuclear_cells, Kind::cd34_cells);
    target.per_kilogram = *rc::gen::arbitrary<bool>();
    target.low = *rc::gen::inRange(1, 9999);
    for (int power = *rc::gen::inRange(0, 10); power > 0; --power) target.low *= 10;
    target.high = target.low * *rc::gen::inRange(1, 2);
    const auto again = parse_dose(to_text(target));
    RC_ASSERT(static_cast<bool>(again));
    RC_ASSERT(again->size() == 1);
    RC_ASSERT(again->front() == target);
  }));
  for (const char* text :
       {"3e7/kg", "3e7 cells/kg", "3e7 lymphocytes/kg", "CD3 3e7/kg CD3", "3e7 CD3/g", "3x107 CD3/kg",
        "CD3 /kg", "0 CD3/kg", "-1e5 CD3/kg", "5e5 to 1e5 CD3/kg", "1e5 CD3/kg and 2e5 CD3/kg", ""}) {
    CAPTURE(text);
    CHECK_FALSE(parse_dose(text));
  }
}

TEST_CASE("limits on nucleated cells count dead ones too, or say that they may come on top") {
  CHECK(nucleated_per_ml(*parse_product("TNC 1e8/mL total"))->per_ml == 100000000);
  CHECK_FALSE(nucleated_per_ml(*parse_product("TNC 1e8/mL total"))->is_lower_bound);
  CHECK(nucleated_per_ml(*parse_product("TNC 1e8/mL viable, viability 80 %"))->per_ml == 125000000);
  CHECK(nucleated_per_ml(*parse_product("TNC 1e8/mL viable"))->is_lower_bound);
  CHECK(nucleated_per_ml(*parse_product("TNC 1e8/mL"))->is_lower_bound);
  CHECK_FALSE(nucleated_per_ml(*parse_product("CD3 1e7/mL viable")));
}

}  // namespace graftline::product
