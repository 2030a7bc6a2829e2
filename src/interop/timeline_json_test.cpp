#include "interop/timeline_json.h"

#include <doctest/doctest.h>

#include "interop/csv/writer.h"
#include "record/random_patient.h"
#include "record/story.h"

using namespace graftline;

TEST_CASE("a timeline read back from a store is the timeline that was stored") {
  record::RandomPatientOptions options;
  for (record::FactId id = 0; id < record::facts().size(); ++id) {
    if (record::fact(id).derivation.empty()) options.facts.push_back(id);
  }
  options.today = record::story::day("2026-03-02");
  options.odd_percent = 60;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    record::Timeline patient = record::random_patient(seed, options);
    patient.patient = "R-1";
    patient.judgements.push_back(
        {"unsuitable", true, exactly(options.today), options.today, "Dr Wu", {"f", "line 1"}});
    const std::string written = interop::timeline_to_json(patient);
    const auto again = interop::timeline_from_json(written);
    REQUIRE(again);
    CHECK(interop::timeline_to_json(*again) == written);
    // The CSV long form, written from the fields themselves, is the second witness.
    CHECK(interop::csv::long_form_rows(*again) == interop::csv::long_form_rows(patient));
  }
}

TEST_CASE("a stored timeline that was tampered with is an error, never half a patient") {
  for (const char* bad :
       {"", "{}", "[]", R"({"patient":"R","entries":[{"fact":"alt"}],"judgements":[]})",
        R"({"patient":"R","entries":[{"fact":"no such","when":"2026","known_on":"2026-01-01",
                              "origin":["",""]}],"judgements":[]})",
        R"({"patient":"R","entries":[{"fact":"alt","when":"2026-13","known_on":"2026-01-01",
                              "origin":["",""]}],"judgements":[]})"})
    CHECK(!interop::timeline_from_json(bad));
}
