// Public sample data (tests/data/fhir): every file is read, the counts add up, and chosen values are those
// printed in the files.
#include <filesystem>
#include <sstream>

#include "interop/import_story.h"

using namespace graftline;
using namespace graftline::interop::story;
using graftline::interop::Mapping;
using record::Entry;
using record::Timeline;

namespace {

// Resources of every type, without the books on documents and files.
std::size_t resources(const Imported& imported) {
  std::size_t count = 0;
  for (const auto& [type, tally] : imported.report.by_type) {
    if (type != "document" && type != "file" && type != "Bundle entry") count += tally.read;
  }
  return count;
}

const Mapping& synthetic_mapping() {
  static const Mapping mapping = *Mapping::from_file(data("fhir/synthetic-dli.toml"));
  return mapping;
}

const Imported& synthetic() {
  static const Imported imported =
      import_files({data("fhir/synthetic-dli/bundles.ndjson.gz")}, synthetic_mapping());
  return imported;
}

const Entry& at(const Timeline& timeline, std::string_view fact, std::string_view day) {
  for (const auto& entry : timeline.entries) {
    if (entry.fact == record::fact_id(fact) && to_text(entry.when) == day) return entry;
  }
  FAIL("no such entry: ", fact, " ", day);
  return timeline.entries.front();
}

}  // namespace

TEST_CASE("every file of the public samples is read and every resource is accounted for") {
  // Resources counted in the files with another program.
  const std::pair<const char*, std::size_t> folders[] = {
      {"synthea", 2863}, {"cibmtr", 26}, {"mcode", 86}, {"mii-oncology", 30}, {"hl7-examples", 53}};
  for (const auto& [folder, expected] : folders) {
    CAPTURE(folder);
    const auto imported = import_files({data("fhir/") + folder});
    CHECK(resources(imported) == expected);
    CHECK(imported.report.by_type.at("document").refused == 0);
  }
  CHECK(resources(synthetic()) == 2890);
}

TEST_CASE("a synthetic lung patient keeps death, birth and sex") {
  const auto imported = import_files({data("fhir/synthea/synthea-01.json.gz")});
  const auto& patient = imported.of("34a17aef-dd20-4eda-bf6c-f121e454616d");
  CHECK(to_text(imported.only("birth").when) == "1946-10-19");
  CHECK(to_text(imported.only("death").when) == "1989-01-08");
  CHECK(level(imported.only("sex")) == "male");
  CHECK(patient.entries.size() > 3);
}

TEST_CASE("two ejection fractions of one moment both stay, with all their digits, and are pointed out") {
  const auto imported = import_files({data("fhir/synthea/synthea-08.json.gz")});
  const auto lvef = imported.all("lvef");
  REQUIRE(lvef.size() == 2);
  CHECK(said(*lvef[0]) != said(*lvef[1]));
  for (const auto* entry : lvef) {
    CHECK((said(*entry) == "36.83908903148982 %" || said(*entry) == "31.771824189989463 %"));
    CHECK(to_text(entry->known_on) == "2004-08-22");
  }
  CHECK(imported.notes("another value on the same day"));
}

TEST_CASE("registry examples: a viral load below its limit, white cells, single resources without a bundle") {
  const auto imported = import_files({data("fhir/cibmtr")});
  CHECK(said(imported.only("cmv_dna")) == "<13700 [IU]/mL");
  CHECK(said(imported.only("wbc")) == "5.2 10*9/L");
  CHECK(imported.of("PatientExample6").entries.size() >= 2);
}

TEST_CASE("pounds are kilograms by UCUM") {
  const auto imported = import_files({data("fhir/hl7-examples/observation-example.json")});
  CHECK(said(imported.only("weight")) == "185 [lb_av]");
  // 1 [lb_av] = 453.59237 g: 185 lb = 83.91458845 kg.
  CHECK(*convert(185, number(imported.only("weight")).unit, *parse_unit("kg")) ==
        Rational("8391458845/100000000"));
}

TEST_CASE("simulated patient p0000000: as printed in the bundle") {
  const Timeline& patient = synthetic().of("p0000000");
  CHECK(said(at(patient, "alt", "2025-06-10")) == "65 U/L");
  CHECK(said(*at(patient, "alt", "2025-06-10").upper_limit) == "40 U/L");
  CHECK(said(at(patient, "bilirubin", "2025-06-30")) == "28.9 umol/L");
  CHECK(said(*at(patient, "bilirubin", "2025-06-30").upper_limit) == "20.52 umol/L");
  CHECK(level(at(patient, "mrd", "2025-06-07")) == "positive");
  CHECK(level(at(patient, "mrd", "2025-06-28")) == "negative");
  CHECK(level(at(patient, "agvhd_grade", "2025-06-29")) == "I");
  CHECK(level(at(patient, "agvhd_grade", "2025-06-22")) == "0");
  CHECK(yes(at(patient, "transplant", "2025-06-05")));
  CHECK(level(at(patient, "disease", "2024-05-26")) == "aml");
}

namespace {

const Day asked = *parse_day("2025-06-30");

// The latest usable value of `fact` within `days` days, both ends included.
const Entry* latest(const Timeline& timeline, std::string_view fact, int days) {
  const Entry* found = nullptr;
  for (const auto& entry : timeline.entries) {
    if (entry.fact != record::fact_id(fact) || !entry.unusable.empty()) continue;
    if (entry.when.first < asked - days || entry.when.last > asked) continue;
    if (!found || entry.when.first > found->when.first) found = &entry;
  }
  return found;
}
bool any(const Timeline& timeline, std::string_view fact) {
  for (const auto& entry : timeline.entries) {
    if (entry.fact == record::fact_id(fact) && entry.unusable.empty()) return true;
  }
  return false;
}
std::string word(bool truth) { return truth ? "yes" : "no"; }
std::string at_least(const Timeline& timeline, std::string_view fact, int days, int limit) {
  const Entry* entry = latest(timeline, fact, days);
  return entry ? word(to_rational(number(*entry).value) >= limit) : "unknown";
}
// value <= factor x its own upper limit; in these data value and limit share their unit.
std::string within_limit(const Timeline& timeline, std::string_view fact, const Rational& factor) {
  const Entry* entry = latest(timeline, fact, 14);
  if (!entry) return "unknown";
  Rational limit;
  if (entry->upper_limit) {
    limit = to_rational(entry->upper_limit->value);
  } else if (fact == "alt") {
    limit = 40;
  } else {
    limit = number(*entry).unit.code == "mg/dL" ? Rational(12, 10) : Rational(2052, 100);
  }
  return word(to_rational(number(*entry).value) <= factor * limit);
}

// The dataset's own definitions (its README), on imported entries.
std::string verdict(const Timeline& timeline, std::string_view criterion) {
  if (criterion == "C02") {
    const auto& disease = record::fact(record::fact_id("disease"));
    for (const auto& entry : timeline.entries) {
      if (entry.fact != record::fact_id("disease") || !entry.unusable.empty()) continue;
      const int low = std::get<record::Level>(entry.value).low;
      if (low == *level_of(disease, "aml") || low == *level_of(disease, "mds")) return "yes";
    }
    return "no";
  }
  if (criterion == "C03") return word(any(timeline, "transplant"));
  if (criterion == "C05") {
    const Entry* transplant = latest(timeline, "transplant", 36500);
    const Entry* mrd = latest(timeline, "mrd", 30);
    if (!transplant || !mrd || mrd->when.first < transplant->when.first) return "unknown";
    return word(level(*mrd) == "negative");
  }
  if (criterion == "C06") return within_limit(timeline, "alt", 3);
  if (criterion == "C07") return within_limit(timeline, "bilirubin", Rational(3, 2));
  if (criterion == "C09") return at_least(timeline, "lvef", 90, 50);
  if (criterion == "C10") return at_least(timeline, "spo2", 7, 92);
  if (criterion == "C11") {
    int worst = -1;
    for (const auto& entry : timeline.entries) {
      if (entry.fact == record::fact_id("agvhd_grade"))
        worst = std::max(worst, std::get<record::Level>(entry.value).high);
    }
    return worst < 0 ? "unknown" : word(worst < 2);
  }
  if (criterion == "C13") return word(!any(timeline, "dli"));
  return "?";
}

}  // namespace

TEST_CASE("three independent implementations agree with what the import of 100 simulated patients says") {
  std::ifstream file(data("fhir/synthetic-dli/verdicts.csv"));
  std::string line;
  std::getline(file, line);
  std::vector<std::string> header;
  std::stringstream names(line);
  for (std::string name; std::getline(names, name, ',');) header.push_back(name);
  std::size_t compared = 0;
  while (std::getline(file, line)) {
    std::stringstream fields(line);
    std::string id;
    std::getline(fields, id, ',');
    const Timeline& timeline = synthetic().of(id);
    std::size_t column = 1;
    for (std::string expected; std::getline(fields, expected, ','); ++column) {
      const std::string found = verdict(timeline, header.at(column));
      if (found == "?") continue;
      CAPTURE(id);
      CAPTURE(header.at(column));
      CHECK(found == expected);
      ++compared;
    }
  }
  CHECK(compared == 900);
}
