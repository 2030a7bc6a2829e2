#include "engine/doses.h"

#include <doctest/doctest.h>

namespace graftline::engine {

TEST_CASE("doses are written with a power of ten, without trailing zeros and without E") {
  CHECK(power_of_ten(100000) == "1 × 10⁵");
  CHECK(power_of_ten(500000) == "5 × 10⁵");
  CHECK(power_of_ten(Rational(31622777, 1)) == "3.16 × 10⁷");
  CHECK(power_of_ten(Rational(1, 2)) == "5 × 10⁻¹");
  CHECK(power_of_ten(999999) == "1 × 10⁶");
  CHECK(power_of_ten(0) == "0");
}

}  // namespace graftline::engine
