#include "interop/import.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace graftline;
using namespace graftline::interop;

namespace {

struct Imported {
  std::vector<record::Timeline> timelines;
  ImportReport report;
};

Imported import(std::string_view text, const Mapping& mapping = Mapping::defaults(),
                ImportOptions options = {}) {
  Imported result;
  result.report = import_text(
      "input", text, mapping,
      [&](record::Timeline&& timeline) { result.timelines.push_back(std::move(timeline)); }, options);
  return result;
}

const record::Entry* only(const Imported& imported, std::string_view fact) {
  const record::Entry* found = nullptr;
  for (const auto& timeline : imported.timelines) {
    for (const auto& entry : timeline.entries) {
      if (entry.fact != record::fact_id(fact)) continue;
      REQUIRE(found == nullptr);
      found = &entry;
    }
  }
  return found;
}

}  // namespace

TEST_CASE("a long table gives each patient the values it lists, exactly as written") {
  const auto imported = import(
      "patient,date,fact,value,unit,upper_limit\n"
      "p1,2026-02-27,alt,35,U/L,40\n"
      "p1,2026-01-10,transplant,yes,,\n"
      "p2,2026-02,bilirubin,1.80,mg/dL,1.2\n");
  REQUIRE(imported.timelines.size() == 2);
  const auto* alt = only(imported, "alt");
  REQUIRE(alt);
  CHECK(to_text(std::get<Quantity>(alt->value).value) == "35");
  CHECK(to_text(alt->upper_limit->value) == "40");
  const auto* bilirubin = only(imported, "bilirubin");
  REQUIRE(bilirubin);
  CHECK(to_text(std::get<Quantity>(bilirubin->value).value) == "1.80");
  CHECK(bilirubin->when.precision == DatePrecision::month);
  CHECK(to_text(bilirubin->known_on) == "2026-02-28");
  CHECK(imported.report.by_type.at("CSV row").mapped == 3);
  CHECK(imported.report.adds_up());
}

TEST_CASE("a dose that lost its superscript is refused, and its infusion is unknown rather than absent") {
  const auto imported = import("patient,date,fact,value,unit\np1,2026-03-20,dli,1x107,CD3/kg\n");
  const auto* dli = only(imported, "dli");
  REQUIRE(dli);
  CHECK(dli->unusable.has(Reason::unreadable));
  CHECK(imported.report.by_type.at("CSV row").refused == 1);
  REQUIRE(imported.report.refusals.size() == 1);
  CHECK(imported.report.refusals[0].origin.place == "line 2");
  CHECK(imported.report.refusals[0].path == "column 4 (value)");
}
