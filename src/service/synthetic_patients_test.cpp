// One hundred synthetic patients whose verdicts three independent implementations agreed on
// (tests/data/fhir/synthetic-dli): read as FHIR, asked through a protocol file, compared patient by patient
// and criterion by criterion.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "interop/import.h"
#include "service/answer.h"
#include "service/protocol_library.h"

namespace graftline::service {
namespace {

const std::string folder = GRAFTLINE_SOURCE_DIR "/tests/data/fhir/";

using Row = std::map<std::string, std::string>;

std::vector<std::string> fields(const std::string& line) {
  std::vector<std::string> result;
  std::stringstream stream(line);
  for (std::string field; std::getline(stream, field, ',');) result.push_back(field);
  return result;
}

std::map<std::string, Row> expected_verdicts() {
  std::ifstream file(folder + "synthetic-dli/verdicts.csv");
  std::string line;
  std::getline(file, line);
  const auto names = fields(line);
  std::map<std::string, Row> rows;
  while (std::getline(file, line)) {
    const auto values = fields(line);
    for (std::size_t i = 1; i < names.size(); ++i) rows[values.at(0)][names[i]] = values.at(i);
  }
  return rows;
}

bool born_in_a_year_only(const record::Timeline& timeline) {
  return std::any_of(timeline.entries.begin(), timeline.entries.end(), [](const record::Entry& entry) {
    return entry.fact == record::fact_id("birth") && entry.when.precision != DatePrecision::day;
  });
}

}  // namespace

TEST_CASE(
    "a hundred patients get the verdicts that three other implementations agreed on, but for three stated "
    "kinds") {
  const auto expected = expected_verdicts();
  REQUIRE(expected.size() == 100);
  const auto protocol = load_protocol(folder + "synthetic-dli.protocol");
  REQUIRE(protocol);
  const auto mapping = interop::Mapping::from_file(folder + "synthetic-dli.toml");
  REQUIRE(mapping);
  Question question;
  question.as_of = *parse_day("2025-06-30");
  question.settings.upper_limits["alt"] = {"40 U/L", "test"};
  question.settings.upper_limits["bilirubin"] = {"1.2 mg/dL", "test"};
  interop::ImportOptions options;
  options.read_on = question.as_of;
  std::map<std::string, int> differences;
  std::size_t patients = 0;
  const auto report = interop::import_records(
      {folder + "synthetic-dli/bundles.ndjson.gz"}, *mapping,
      [&](record::Timeline&& timeline) {
        ++patients;
        const Answered answered = answer(*protocol, timeline, question);
        for (const auto& node : answered.decision.criteria) {
          const std::string ours(name(node.answer.truth));
          const std::string& theirs = expected.at(timeline.patient).at(node.id);
          if (ours == theirs) continue;
          CAPTURE(timeline.patient);
          CAPTURE(node.id);
          CAPTURE(ours);
          CAPTURE(theirs);
          // No record of AML or MDS, or only a provisional one: their question closes the world, ours stays
          // unknown.
          const bool open_world = node.id == "C02" && theirs == "no" &&
                                  (node.answer == unknown(Reason::never_measured) ||
                                   node.answer == unknown(Reason::status_unknown));
          // CKD-EPI is an equation for adults: no value for a child, or for one who may be a child.
          const bool adult_equation = node.id == "C08" && node.answer == unknown(Reason::not_applicable);
          // An age known to within a year still decides a kidney function far from the limit.
          const bool sharper = node.id == "C08" && theirs == "unknown" && born_in_a_year_only(timeline);
          CHECK((open_world || adult_equation || sharper));
          ++differences[open_world ? "open world" : adult_equation ? "adult equation" : "sharper"];
        }
      },
      options);
  REQUIRE(report);
  CHECK(patients == 100);
  // Few enough that each was looked at.
  for (const auto& [kind, count] : differences) {
    CAPTURE(kind);
    CHECK(count <= 20);
  }
}

}  // namespace graftline::service
