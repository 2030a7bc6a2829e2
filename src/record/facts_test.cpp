#include "record/facts.h"

#include <doctest/doctest.h>

#include <array>
#include <set>

using namespace graftline;
using namespace graftline::record;

TEST_CASE("a protocol may call a fact by its phrase, its id or a synonym, in any case") {
  const FactId grade = fact_id("agvhd_grade");
  CHECK(find_fact("acute GVHD grade") == grade);
  CHECK(find_fact("Acute GVHD grade (MAGIC)") == grade);
  CHECK(find_fact("AGVHD_GRADE") == grade);
  CHECK(find_fact("  acute   gvhd  grade ") == grade);
  CHECK(find_fact("blood alanine aminotransferase") == fact_id("alt"));
  CHECK_FALSE(find_fact("GVHD grade"));
  CHECK_FALSE(find_fact(""));
}

TEST_CASE("the phrases the shipped protocols use name the facts they mean") {
  constexpr std::array<std::array<std::string_view, 2>, 15> names{
      {{"blood alanine aminotransferase", "alt"},
       {"blood aspartate aminotransferase", "ast"},
       {"blood total bilirubin", "bilirubin"},
       {"blood creatinine", "creatinine"},
       {"left ventricular ejection fraction", "lvef"},
       {"active GVHD not under control", "uncontrolled_gvhd"},
       {"active GVHD", "active_gvhd"},
       {"donor lymphocyte infusion", "dli"},
       {"actual body weight", "weight"},
       {"oxygen saturation on room air", "spo2"},
       {"estimated glomerular filtration rate", "egfr"},
       {"reported glomerular filtration rate", "reported_gfr"},
       {"donor chimerism in T cells", "donor_chimerism_t"},
       {"measurable residual disease", "mrd"},
       {"systemic immunosuppression", "systemic_immunosuppression"}}};
  for (const auto& [phrase, id] : names) {
    CAPTURE(phrase);
    CHECK(find_fact(phrase) == fact_id(id));
  }
}

TEST_CASE("MRD is measurable residual disease, never the matched related donor") {
  CHECK(find_fact("MRD") == fact_id("mrd"));
  CHECK_FALSE(level_of(fact(fact_id("donor_type")), "MRD"));
}

TEST_CASE("a grade is read from its Roman or its Arabic numeral") {
  const Fact& grade = fact(fact_id("agvhd_grade"));
  CHECK(level_of(grade, "III") == 3);
  CHECK(level_of(grade, "iii") == 3);
  CHECK(level_of(grade, "3") == 3);
  CHECK(level_of(grade, "0") == 0);
  CHECK_FALSE(level_of(grade, "V"));
  CHECK_FALSE(level_of(grade, "III-IV"));
  // A stage is Arabic in print; its Roman spelling means the same stage.
  CHECK(level_of(fact(fact_id("agvhd_skin")), "IV") == 4);
  CHECK(level_of(fact(fact_id("nyha")), "2") == 1);
}

TEST_CASE("the name nearest to a misspelt one is offered") {
  CHECK(closest_fact("blood alanin aminotransferase") == "blood alanine aminotransferase");
  CHECK(closest_fact("biliruben") == "blood total bilirubin");
}

TEST_CASE("every row says what it is, and refers only to rows that exist") {
  for (const Fact& row : facts()) {
    CAPTURE(row.id);
    CHECK_FALSE(row.phrase.empty());
    CHECK_FALSE(row.documentation.empty());
    CHECK_FALSE(row.source.empty());
    CHECK((row.type == FactType::quantity) == !row.unit.empty());
    const bool has_levels = row.type == FactType::ordinal || row.type == FactType::code;
    CHECK(has_levels == !row.levels.empty());
    for (const auto member : split(row.members)) CHECK_NOTHROW((void)fact_id(member));
    for (const Coding& coding : row.codes) {
      CHECK_FALSE(coding.system.empty());
      for (const auto level : split(coding.level)) CHECK(level_of(row, level));
    }
  }
}

TEST_CASE("no code means two facts") {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Fact& row : facts()) {
    for (const Coding& coding : row.codes) {
      CAPTURE(coding.code);
      CHECK(seen.emplace(coding.system, coding.code).second);
    }
  }
}

TEST_CASE("no fact takes silence for no: a protocol that wants this must say so and why") {
  for (const Fact& row : facts()) CHECK(row.absence == Absence::unknown);
}
