#include "interop/csv/writer.h"

#include <algorithm>

#include "interop/import_story.h"

using namespace graftline;
using namespace graftline::interop::story;

namespace {

std::string as_table(const Imported& imported) {
  std::string text = interop::csv::long_form_header();
  for (const auto& timeline : imported.timelines) text += interop::csv::long_form_rows(timeline);
  return text;
}

// All that the long form can say of an entry.
std::string described(const record::Entry& entry) {
  std::string text = std::string(record::fact(entry.fact).id) + " " + to_text(entry.when) + " " +
                     to_text(entry.known_on) + " ";
  if (std::holds_alternative<Quantity>(entry.value)) text += said(entry);
  if (std::holds_alternative<record::Level>(entry.value)) text += level(entry);
  if (std::holds_alternative<bool>(entry.value)) text += yes(entry) ? "yes" : "no";
  if (entry.is_stop) text += " stop";
  for (const auto& amount : entry.amounts) {
    if (is_cell_kind(amount.kind)) text += " " + said(amount) + " " + std::string(name(amount.kind));
  }
  if (entry.upper_limit) text += " limit " + said(*entry.upper_limit);
  if (entry.until) text += " until " + to_text(*entry.until);
  return text + " " + std::to_string(entry.unusable.bits()) + " " + entry.method + " " + entry.context + " " +
         std::to_string(static_cast<int>(entry.standing));
}

void check_round_trip(const Imported& imported) {
  const auto again = import(as_table(imported));
  REQUIRE(again.timelines.size() == imported.timelines.size());
  for (const auto& before : imported.timelines) {
    const auto& after = again.of(before.patient);
    std::vector<std::string> said_before, said_after;
    for (const auto& entry : before.entries) said_before.push_back(described(entry));
    for (const auto& entry : after.entries) said_after.push_back(described(entry));
    // Two resources that say the same become two equal rows, which count once.
    for (auto* said : {&said_before, &said_after}) {
      std::sort(said->begin(), said->end());
      said->erase(std::unique(said->begin(), said->end()), said->end());
    }
    CHECK(said_before == said_after);
  }
}

}  // namespace

TEST_CASE("an imported record, written as a table and imported again, says the same") {
  check_round_trip(import_files({data("fhir/synthetic-dli/bundles.ndjson.gz")},
                                *interop::Mapping::from_file(data("fhir/synthetic-dli.toml")), [] {
                                  interop::ImportOptions options;
                                  options.read_on = *parse_day("2025-06-30");
                                  return options;
                                }()));
  check_round_trip(import_files({data("fhir/synthea")}));
}

TEST_CASE("each of the ten traps survives the way through a table") {
  for (const char* name :
       {"01-lvef-without-unit", "02-lvef-below-50", "03-egfr-below-60", "04-alt-in-iu-per-litre",
        "05-alt-in-microkatal", "06-bilirubin-at-the-limit", "07-dose-of-other-cells",
        "08-infusion-of-unknown-status", "09-no-record", "10-grade-as-text"}) {
    CAPTURE(name);
    check_round_trip(import_files({data("traps/") + std::string(name) + ".json"}));
  }
}

TEST_CASE("doses of several cells, stops, ranges, judgements and odd patients survive it too") {
  check_round_trip(
      import("patient,date,fact,value,unit,known_on,upper_limit,method,status,end,context\n"
             "\"p, \"\"1\"\"\",2026-03-20,dli,1e8,MNC/kg,,,,,,preemptive\n\"p, "
             "\"\"1\"\"\",2026-03-20,dli,3.0,10*7 viable CD3/kg,,,,,,preemptive\n"
             "\"p, \"\"1\"\"\",2026-02-20,ciclosporin,stop,,,,,,,\n\"p, "
             "\"\"1\"\"\",2026-02,agvhd_grade,>=II,,2026-03-01,,MAGIC,preliminary,,\n"
             "\"p, \"\"1\"\"\",2026-02-26,judgement fit,yes,,,,Dr. A,,,\n\"p, "
             "\"\"1\"\"\",2026-01-09,tacrolimus,yes,,,,,,2026-02-09,\n"));
}
