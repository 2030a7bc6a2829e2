#include "stats/spending.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <initializer_list>

#include "stats/normal.h"

using namespace graftline::stats;
using doctest::Approx;

namespace {
constexpr Spending all[] = {{SpendingFamily::obrien_fleming, 0.0},
                            {SpendingFamily::pocock, 0.0},
                            {SpendingFamily::hwang_shih_decani, -4.0},
                            {SpendingFamily::hwang_shih_decani, 0.0},
                            {SpendingFamily::hwang_shih_decani, 2.0},
                            {SpendingFamily::power, 0.7},
                            {SpendingFamily::power, 3.0}};
}

TEST_CASE("every spending function spends nothing at the start, all at the end, and never takes back") {
  for (const Spending& spending : all) {
    for (int sides : {1, 2}) {
      CHECK(spent(spending, 0.05, 0.0, sides) == 0.0);
      CHECK(spent(spending, 0.05, 1.0, sides) == Approx(0.05).epsilon(1e-13));
    }
    CHECK(rc::check([&] {
      const double t = *rc::gen::inRange(1, 1000) / 1000.0;
      RC_ASSERT(spent(spending, 0.05, t) <= spent(spending, 0.05, t + 0.001));
    }));
  }
}

TEST_CASE("the power family of exponent 2 has spent a quarter halfway") {
  CHECK(spent({SpendingFamily::power, 2.0}, 0.04, 0.5) == Approx(0.01).epsilon(1e-15));
}

TEST_CASE("O'Brien-Fleming spending of 0.05 two-sided is 0.00305 halfway") {
  // 4 (1 - Phi(z / sqrt(1/2))) with z = 2.241403 (upper 0.0125): 4 x (1 - Phi(3.169823)) = 4 x 0.000762661.
  CHECK(spent({SpendingFamily::obrien_fleming, 0.0}, 0.05, 0.5, 2) == Approx(0.00305065).epsilon(1e-5));
}
