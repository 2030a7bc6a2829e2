// read = mapped + ignored + refused, whatever is read.
#include <fmt/format.h>
#include <rapidcheck.h>

#include "interop/import_story.h"

using namespace graftline;
using namespace graftline::interop;
using namespace graftline::interop::story;

namespace {

// A member of a resource that is right, wrong, or of the wrong shape.
template <class... Options> rc::Gen<std::string> one_of(Options... options) {
  return rc::gen::elementOf(std::vector<std::string>{options...});
}

std::string some_value() {
  return *one_of(
      R"("valueQuantity":{"value":35,"system":"http://unitsofmeasure.org","code":"U/L"})",
      R"("valueQuantity":{"value":35})", R"("valueQuantity":{"value":"x","unit":"%"})",
      R"("valueQuantity":[])", R"("valueString":"III")", R"("valueInteger":2)", R"("valueBoolean":true)",
      R"("valueRange":{})",
      R"("valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"10828004"}]})",
      R"("valueDateTime":"2026-01")", R"("dataAbsentReason":{"text":"unknown"})", R"("note":[])");
}

std::string some_date(const std::string& name) {
  return *one_of("\"" + name + "DateTime\":\"2026-02-25\"", "\"" + name + "DateTime\":\"2026-13-25\"",
                 "\"" + name + "Period\":{\"start\":\"2026-01-01\",\"end\":\"2026-02\"}",
                 "\"" + name + "Period\":{\"end\":\"2026-02\"}", "\"" + name + "String\":\"soon\"",
                 "\"issued\":\"2026-02-27T00:00:00Z\"", "\"recordedDate\":\"2026-02-27\"");
}

std::string some_code() {
  return *one_of(R"("code":{"coding":[{"system":"http://loinc.org","code":"1742-6"}]})",
                 R"("code":{"coding":[{"system":"http://loinc.org","code":"0000-0"}]})",
                 R"("code":{"coding":[{"system":"urn:graftline:codes","code":"mrd"}]})",
                 R"("code":{"coding":[{"system":"urn:graftline:codes","code":"agvhd-grade"}]})",
                 R"("code":{"coding":[{"system":"urn:graftline:codes","code":"cd3-dose-infused"}]})",
                 R"("code":{"coding":[{"system":"urn:graftline:codes","code":"dli"}]})",
                 R"("code":{"coding":[{"system":"http://snomed.info/sct","code":"402355000"}]})",
                 R"("code":{"text":"ALT"})", R"("code":7)");
}

std::string some_resource() {
  const std::string type = *one_of("Patient", "Observation", "Condition", "Procedure", "MedicationStatement",
                                   "MedicationRequest", "MedicationAdministration", "Medication", "Consent",
                                   "ResearchSubject", "BiologicallyDerivedProduct", "Encounter", "Nonsense");
  const std::string id = *one_of("a", "b", "c");
  const std::string status = *one_of("final", "completed", "active", "unknown", "entered-in-error",
                                     "not-done", "amended", "on-study");
  const std::string subject = *one_of(R"({"reference":"Patient/a"})", R"({"reference":"Group/a"})", R"({})",
                                      R"(5)", R"({"identifier":{"value":"z"}})");
  return fmt::format(
      R"({{"resourceType":"{}","id":"{}","status":"{}","subject":{},"individual":{},"patient":{},{},{},{},{},"medicationCodeableConcept":{{"coding":[{{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"3008"}}]}}}})",
      type, id, status, subject, subject, subject, some_code(), some_value(), some_date("effective"),
      some_date("performed"));
}

std::size_t resources_read(const ImportReport& report) {
  std::size_t count = 0;
  for (const auto& [type, tally] : report.by_type) {
    if (type != "document") count += tally.read;
  }
  return count;
}

}  // namespace

TEST_CASE("whatever a bundle holds, each of its resources is mapped, ignored or refused, exactly once") {
  CHECK(rc::check([] {
    const std::size_t n = *rc::gen::inRange<std::size_t>(0, 12);
    std::string text = R"({"resourceType":"Bundle","type":"collection","entry":[)";
    for (std::size_t i = 0; i < n; ++i)
      text += (i ? "," : "") + std::string(R"({"resource":)") + some_resource() + "}";
    const auto imported = import(text + "]}");
    RC_ASSERT(imported.report.adds_up());
    RC_ASSERT(resources_read(imported.report) == n);
    std::size_t entries = 0;
    for (const auto& timeline : imported.timelines) entries += timeline.entries.size();
    std::size_t counted = 0;
    for (const auto& [fact, tally] : imported.report.by_fact) counted += tally.usable + tally.unusable;
    RC_ASSERT(entries == counted);
    const bool each_is_listed = imported.report.refusals.size() >= imported.report.total().refused;
    RC_ASSERT(each_is_listed);
    // An entry without a value says why.
    for (const auto& timeline : imported.timelines) {
      for (const auto& entry : timeline.entries) {
        RC_ASSERT(std::holds_alternative<std::monostate>(entry.value) == !entry.unusable.empty());
      }
    }
  }));
}

TEST_CASE("whatever a table holds, each of its rows is mapped, ignored or refused, exactly once") {
  CHECK(rc::check([] {
    const std::size_t n = *rc::gen::inRange<std::size_t>(0, 12);
    std::string text = "patient,date,fact,value,unit,status\n";
    for (std::size_t i = 0; i < n; ++i) {
      text += fmt::format("{},{},{},{},{},{}\n", *one_of("p1", "p2", ""),
                          *one_of("2026-02-25", "2026-02", "25.02.2026", ""),
                          *one_of("alt", "dli", "mrd", "acute GVHD grade", "ciclosporin", "relapse",
                                  "nonsense", "judgement fit"),
                          *one_of("35", "1e6", "positive", "II", "yes", "stop", "1x107", "", "<5"),
                          *one_of("U/L", "CD3/kg", "", "10*6/kg"),
                          *one_of("", "final", "unknown", "entered-in-error", "not-done"));
    }
    const auto imported = import(text);
    RC_ASSERT(imported.report.adds_up());
    const auto row = imported.report.by_type.find("CSV row");
    RC_ASSERT((row == imported.report.by_type.end() ? 0 : row->second.read) == n);
  }));
}
