#include "core/kind.h"

#include <doctest/doctest.h>

#include <set>

namespace graftline {
namespace {

TEST_CASE("each kind of cell has a name of its own that leads back to it") {
  std::set<std::string_view> names;
  for (int i = 1; i < kind_count; ++i) {
    const auto kind = static_cast<Kind>(i);
    CAPTURE(name(kind));
    CHECK(names.insert(name(kind)).second);
    for (const std::string_view text : {name(kind), full_name(kind)}) {
      Kind found = Kind::none;
      CHECK(kind_from_name(text, found));
      CHECK(found == kind);
    }
  }
}

TEST_CASE("kinds are found without regard to case and with the plus sign of a surface marker") {
  Kind kind = Kind::none;
  CHECK(kind_from_name("cd3+", kind));
  CHECK(kind == Kind::cd3_cells);
  CHECK(kind_from_name("Mononuclear cells", kind));
  CHECK(kind == Kind::mononuclear_cells);
  CHECK(kind_from_name("tnc", kind));
  CHECK(kind == Kind::total_nucleated_cells);
  CHECK(kind_from_name("CD34+ Cells", kind));
  CHECK(kind == Kind::cd34_cells);
}

TEST_CASE("lymphocytes, leukocytes and T cells are not read as CD3, MNC or TNC") {
  for (const std::string_view text :
       {"lymphocytes", "leukocytes", "WBC", "T cells", "CD45", "CD", "", "CD3 CD34"}) {
    CAPTURE(text);
    Kind kind = Kind::ideal_body_weight;
    CHECK_FALSE(kind_from_name(text, kind));
    CHECK(kind == Kind::ideal_body_weight);
  }
}

TEST_CASE("counts of cells are told from shares and weights") {
  CHECK(is_cell_kind(Kind::cd3_cells));
  CHECK(is_cell_kind(Kind::total_nucleated_cells));
  CHECK_FALSE(is_cell_kind(Kind::donor_share));
  CHECK_FALSE(is_cell_kind(Kind::actual_body_weight));
  CHECK_FALSE(is_cell_kind(Kind::none));
}

}  // namespace
}  // namespace graftline
