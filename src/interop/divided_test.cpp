// A bulk export by resource type: whose patients only the whole of it brings together.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "interop/fhir/synthetic.h"
#include "interop/import_story.h"

using namespace graftline;
using namespace graftline::interop;
using namespace graftline::interop::story;

namespace {

namespace fs = std::filesystem;

// One file for each type of resource, of made-up patients; a drug that several of them name by reference.
class Export {
 public:
  explicit Export(std::size_t patients)
      : folder_(fs::temp_directory_path() / ("graftline-export-" + std::to_string(::getpid()))) {
    std::map<std::string, std::string> files;
    fhir::SyntheticOptions options;
    options.as_of = parse_partial_date("2026-03-01")->first;
    options.draws = 2;
    for (std::size_t i = 0; i < patients; ++i) {
      std::string line;
      fhir::append_synthetic_bundle(options, i, line);
      const auto bundle = nlohmann::ordered_json::parse(line);
      for (const auto& entry : bundle["entry"]) {
        const auto& resource = entry["resource"];
        files[resource["resourceType"].get<std::string>()] += resource.dump() + "\n";
        if (resource["resourceType"] != "Patient") continue;
        files["MedicationStatement"] +=
            R"({"resourceType":"MedicationStatement","id":"m)" + std::to_string(i) +
            R"(","status":"active","medicationReference":{"reference":"Medication/ciclosporin"},)" +
            R"("effectivePeriod":{"start":"2026-01-05"},"subject":{"reference":"Patient/)" +
            resource["id"].get<std::string>() + R"("}})" + "\n";
      }
    }
    files["Medication"] = R"({"resourceType":"Medication","id":"ciclosporin","code":{"coding":[)"
                          R"({"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"3008"}]}})"
                          "\n";
    files["Observation"] += "{\"resourceType\":\"Observation\",\"id\":\"cut short\n";
    fs::create_directories(folder_);
    for (const auto& [type, text] : files)
      std::ofstream(folder_ / (type + ".ndjson"), std::ios::binary) << text;
  }
  ~Export() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Export(const Export&) = delete;
  Export& operator=(const Export&) = delete;
  std::string path() const { return folder_.string(); }

 private:
  fs::path folder_;
};

Imported read(const Export& bulk, std::size_t divide_above) {
  ImportOptions options;
  options.divide_above = divide_above;
  return import_files({bulk.path()}, Mapping::defaults(), options);
}

}  // namespace

TEST_CASE("a bulk export means the same whether it is read at once or divided by patient first") {
  const Export bulk(60);
  const auto at_once = read(bulk, static_cast<std::size_t>(-1));
  const auto divided = read(bulk, 0);
  REQUIRE(at_once.timelines.size() == 60);
  CHECK(divided.timelines.size() == 60);
  for (const auto& timeline : at_once.timelines) {
    CAPTURE(timeline.patient);
    const auto& other = divided.of(timeline.patient);
    REQUIRE(other.entries.size() == timeline.entries.size());
    for (std::size_t i = 0; i < timeline.entries.size(); ++i) {
      CHECK(other.entries[i].fact == timeline.entries[i].fact);
      CHECK(other.entries[i].when == timeline.entries[i].when);
      CHECK(other.entries[i].as_written == timeline.entries[i].as_written);
      CHECK(other.entries[i].origin.file == timeline.entries[i].origin.file);
      CHECK(other.entries[i].origin.place == timeline.entries[i].origin.place);
    }
  }
}

TEST_CASE("dividing a bulk export counts every resource once, the drugs that all patients share too") {
  const Export bulk(60);
  const auto at_once = read(bulk, static_cast<std::size_t>(-1));
  const auto divided = read(bulk, 0);
  CHECK(divided.report.adds_up());
  CHECK(divided.report.files == at_once.report.files);
  CHECK(divided.report.by_type.at("Medication").read == 1);
  REQUIRE(divided.report.by_type.size() == at_once.report.by_type.size());
  for (const auto& [type, tally] : at_once.report.by_type) {
    CAPTURE(type);
    CHECK(divided.report.by_type.at(type).read == tally.read);
    CHECK(divided.report.by_type.at(type).mapped == tally.mapped);
    CHECK(divided.report.by_type.at(type).refused == tally.refused);
  }
  CHECK(divided.report.refusals.size() == at_once.report.refusals.size());
  // Every patient has the drug that one Medication describes.
  const auto ciclosporin = record::fact_id("ciclosporin");
  for (const auto& timeline : divided.timelines) {
    CHECK(std::any_of(timeline.entries.begin(), timeline.entries.end(),
                      [&](const record::Entry& entry) { return entry.fact == ciclosporin; }));
  }
}
