#include "core/suggestion.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>

namespace graftline {
namespace {

TEST_CASE("a mistyped name finds the name that was meant") {
  const std::array<std::string_view, 5> facts{"alanine aminotransferase", "total bilirubin",
                                              "donor chimerism", "recipient chimerism", "acute gvhd grade"};
  CHECK(closest_name("total billirubin", facts) == "total bilirubin");
  CHECK(closest_name("Donor Chimersim", facts) == "donor chimerism");
  CHECK(closest_name("acute gvhd grad", facts) == "acute gvhd grade");
}

TEST_CASE("a name that resembles none gets no suggestion") {
  const std::array<std::string_view, 3> words{"exclude", "include", "hold"};
  CHECK_FALSE(closest_name("potassium", words));
  CHECK_FALSE(closest_name("", words));
  CHECK_FALSE(closest_name(std::string(5000, 'x'), words));
  CHECK_FALSE(closest_name("exclude", std::span<const std::string_view>()));
}

TEST_CASE("edits are counted: one letter in, out, other or swapped with its neighbour is one edit") {
  CHECK(edit_distance("dose", "doses") == 1);
  CHECK(edit_distance("dose", "dos") == 1);
  CHECK(edit_distance("dose", "dome") == 1);
  CHECK(edit_distance("dose", "dsoe") == 1);
  CHECK(edit_distance("dose", "DOSE") == 0);
  CHECK(edit_distance("", "dose") == 4);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("the number of edits is the same both ways, and none only between equal names") {
  CHECK(rc::check([] {
    const auto letters = rc::gen::container<std::string>(rc::gen::elementOf(std::string("abc")));
    const std::string a = *letters;
    const std::string b = *letters;
    RC_ASSERT(edit_distance(a, b) == edit_distance(b, a));
    RC_ASSERT((edit_distance(a, b) == 0) == (a == b));
    RC_ASSERT(edit_distance(a, b) <= std::max(a.size(), b.size()));
  }));
}

}  // namespace
}  // namespace graftline
