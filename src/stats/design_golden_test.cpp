#include "stats/design_golden.h"

#include <doctest/doctest.h>

using namespace graftline::stats;

TEST_CASE("every reference design in tests/golden/designs is answered within its tolerance") {
  const auto validation = validate_designs(GRAFTLINE_SOURCE_DIR "/tests/golden/designs");
  REQUIRE(validation);
  CHECK(validation->cases.size() >= 620);
  for (const auto& c : validation->cases) {
    CAPTURE(c.file);
    CAPTURE(c.id);
    CAPTURE(c.remark);
    CHECK(c.agrees);
  }
  MESSAGE(design_validation_table(*validation));
}
