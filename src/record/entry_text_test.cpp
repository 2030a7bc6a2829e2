#include "record/entry_text.h"

#include <doctest/doctest.h>

#include "record/story.h"

using namespace graftline;
using namespace graftline::record;
using namespace graftline::record::story;

TEST_CASE("a value is shown as the record wrote it, with its unit, its upper limit and its day") {
  Entry alt = number("alt", "2026-02-27", "35", "U/L");
  alt.upper_limit = std::get<Quantity>(number("alt", "2026-02-27", "40", "U/L").value);
  CHECK(to_text(alt) == "blood alanine aminotransferase 35 U/L (upper limit 40 U/L), 2026-02-27");
  CHECK(value_text(number("bilirubin", "2026-02-27", "0.70", "mg/dL")) == "0.70 mg/dL");
  CHECK(value_text(number("reported_gfr", "2026-02-27", "<60", "mL/min/{1.73_m2}")) ==
        "< 60 mL/min/{1.73_m2}");
}

TEST_CASE("large numbers are written out, never with an E") {
  CHECK(value_text(number("cmv_dna", "2026-02-27", "1.5e5", "[IU]/mL")) == "150000 [IU]/mL");
}

TEST_CASE("a lower bound of a grade says so, and a code that allows two says or") {
  Entry grade = level("agvhd_grade", "2026-02-27", "II");
  CHECK(value_text(grade) == "II");
  grade.value = Level{2, 4};
  CHECK(value_text(grade) == "at least II");
  grade.value = Level{1, 2};
  CHECK(value_text(grade) == "I to II");
  Entry disease = level("disease", "2026-02-27", "mds");
  disease.value = Level{1, 2};
  CHECK(value_text(disease) == "mds or mds_ib");
}

TEST_CASE("a course shows since when, from when to when, or until when") {
  CHECK(to_text(says("ciclosporin", "2026-01-05", true)) == "ciclosporin yes, since 2026-01-05");
  CHECK(days_text(from_to("ciclosporin", "2026-01-05", "2026-02")) == "2026-01-05 to 2026-02");
  CHECK(to_text(stop("ciclosporin", "2026-02-10")) == "ciclosporin stopped, until 2026-02-10");
  CHECK(days_text(says("ciclosporin", "2026-02-10", false)) == "2026-02-10");
}

TEST_CASE("what cannot be used is shown with the reason") {
  Entry bare = unusable("lvef", "2026-02-25", Reason::no_unit);
  bare.as_written = "45";
  CHECK(value_text(bare) == "45 (no unit)");
  Entry preliminary = number("alt", "2026-02-27", "35", "U/L");
  preliminary.standing = Standing::preliminary;
  CHECK(to_text(preliminary) == "blood alanine aminotransferase 35 U/L (preliminary), 2026-02-27");
}
