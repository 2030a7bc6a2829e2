#include "engine/doses.h"

#include <doctest/doctest.h>

#include "engine/plan.h"

namespace graftline::engine {

TEST_CASE("doses are written with a power of ten, without trailing zeros and without E") {
  CHECK(power_of_ten(100000) == "1 × 10⁵");
  CHECK(power_of_ten(500000) == "5 × 10⁵");
  CHECK(power_of_ten(Rational(31622777, 1)) == "3.16 × 10⁷");
  CHECK(power_of_ten(Rational(1, 2)) == "5 × 10⁻¹");
  CHECK(power_of_ten(999999) == "1 × 10⁶");
  CHECK(power_of_ten(0) == "0");
}

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
  for (const char* text :
       {"", "CD3", "CD3 2.6e7", "160", "CD3 40 %", "viability 120 %, CD3 1e7/mL", "CD3 1x107/mL"}) {
    CAPTURE(text);
    const auto product = parse_product(text);
    REQUIRE_FALSE(product);
    CHECK(product.error().kind == ErrorKind::malformed_input);
  }
}

}  // namespace graftline::engine
