#include "record/facts_text.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace graftline;
using namespace graftline::record;

namespace {

constexpr std::string_view begin_mark = "<!-- made from the catalogue: begin -->\n";
constexpr std::string_view end_mark = "\n<!-- made from the catalogue: end -->";

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("docs/facts.md holds the catalogue as it is; GRAFTLINE_UPDATE_GOLDEN=1 rewrites it") {
  const std::string path = std::string(GRAFTLINE_SOURCE_DIR) + "/docs/facts.md";
  const std::string page = read_file(path);
  const auto begin = page.find(begin_mark);
  const auto end = page.find(end_mark);
  REQUIRE(begin != std::string::npos);
  REQUIRE(end != std::string::npos);
  const auto start = begin + begin_mark.size();
  if (std::getenv("GRAFTLINE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << page.substr(0, start) << reference_tables() << page.substr(end);
    return;
  }
  CHECK(page.substr(start, end - start) == reference_tables());
}

TEST_CASE("a fact is found by the words of its phrase, synonyms or description") {
  const auto found = search_facts("donor T cells");
  REQUIRE_FALSE(found.empty());
  CHECK(std::any_of(found.begin(), found.end(), [](const auto& f) { return f.id == "donor_chimerism_t"; }));
  CHECK(search_facts("").size() == facts().size());
  CHECK(search_facts("no such thing").empty());
}

TEST_CASE("a fact's text names unit, molar mass, codes and source") {
  const std::string text = to_text(describe(fact(fact_id("bilirubin"))));
  for (const std::string_view part :
       {"blood total bilirubin", "(bilirubin)", "mg/dL", "584.66 g/mol", "LOINC 1975-2, 14631-6", "CIBMTR"}) {
    CAPTURE(part);
    CHECK(text.find(part) != std::string::npos);
  }
}
