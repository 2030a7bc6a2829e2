#include "service/criteria_screen.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "interop/source.h"

using namespace graftline;
namespace fs = std::filesystem;

namespace {

const std::string root = GRAFTLINE_SOURCE_DIR;

// A folder of its own that is gone afterwards.
class Folder {
 public:
  explicit Folder(const std::string& name) : path_(fs::temp_directory_path() / ("graftline-" + name)) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

struct Question {
  service::Ask ask;
  std::vector<service::Prepared> prepared;
};

Question ask_about(const std::vector<std::string>& records, const std::vector<std::string>& protocols) {
  Question question;
  question.ask.records = records;
  question.ask.protocol_folders = {root + "/protocols"};
  question.ask.protocols = protocols;
  question.ask.site_file = root + "/examples/site.toml";
  question.ask.question.as_of = day_of({2026, 3, 2});
  auto found = service::find_protocols(question.ask);
  REQUIRE(found);
  auto prepared = service::prepare(question.ask, std::move(*found));
  REQUIRE(prepared);
  question.prepared = std::move(*prepared);
  return question;
}

std::string rows_of(const Question& question, const service::CriteriaScreen& screen,
                    service::CriteriaCounts* counts = nullptr) {
  auto run = service::CriteriaRun::plan(question.ask, question.prepared, screen);
  REQUIRE(run);
  std::string rows;
  const auto done = run->run([&](std::string_view more) { rows += more; });
  REQUIRE(done);
  if (counts != nullptr) *counts = *done;
  return rows;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string bundle(int number, int alt) {
  const std::string id = fmt::format("p{}", number);
  return fmt::format(
      R"({{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{{"resourceType":"Patient","id":"{0}","gender":"male","birthDate":"1980-01-01"}}}},{{"resource":{{"resourceType":"Procedure","id":"t-{0}","status":"completed","code":{{"coding":[{{"system":"http://snomed.info/sct","code":"58390007"}}]}},"subject":{{"reference":"Patient/{0}"}},"performedDateTime":"2026-01-10"}}}},{{"resource":{{"resourceType":"Observation","id":"a-{0}","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"1742-6"}}]}},"subject":{{"reference":"Patient/{0}"}},"effectiveDateTime":"2026-02-27","valueQuantity":{{"value":{1},"system":"http://unitsofmeasure.org","code":"U/L"}}}}}}]}})",
      id, alt);
}

std::string write_bundles(const Folder& folder, const std::string& name, int first, int count) {
  const std::string path = folder / name;
  std::ofstream out(path, std::ios::binary);
  for (int i = first; i < first + count; ++i) out << bundle(i, 20 + i % 200) << '\n';
  return path;
}

}  // namespace

TEST_CASE("screening by criteria finds what explaining each patient finds: verdict and failing criteria") {
  const Question question =
      ask_about({root + "/examples/cohort"}, {"nct07319793", "nct03597321", "thalassemia-mixed-chimerism"});
  std::map<std::string, std::string> expected;
  const auto report = service::ask_each(
      question.ask, question.prepared,
      [&](const record::Timeline& timeline, const service::Prepared& one, const service::Answered& answered) {
        std::string failing;
        for (const engine::Node& node : answered.decision.criteria) {
          const Truth met = node.counts_against ? !node.answer.truth : node.answer.truth;
          if (met == Truth::no) failing += (failing.empty() ? "" : " ") + node.id;
        }
        expected[timeline.patient + "," + one.protocol.id] = failing;
      });
  REQUIRE(report);
  const auto lines = lines_of(rows_of(question, {}));
  CHECK(lines.size() == expected.size());
  for (const std::string& line : lines) {
    const auto fields = [&] {
      std::vector<std::string> parts;
      std::istringstream in(line);
      for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
      return parts;
    }();
    CAPTURE(line);
    REQUIRE(fields.size() >= 4);
    CHECK(expected.at(fields[0] + "," + fields[1]) == fields[3]);
    CHECK((fields[2] == "not eligible") == !fields[3].empty());
  }
}

TEST_CASE("threads, sizes of parts and shards change nothing in the rows") {
  const Folder folder("criteria-parts");
  const std::string records = write_bundles(folder, "all.ndjson", 0, 300);
  const Question question = ask_about({records}, {"nct07319793"});
  service::CriteriaCounts counts;
  const std::string whole = rows_of(question, {}, &counts);
  CHECK(counts.patients == 300);
  CHECK(counts.read_quickly == 300);
  CHECK(counts.units == 1);
  CHECK(lines_of(whole).size() == 300);
  CHECK(whole.substr(0, 3) == "p0,");

  service::CriteriaScreen pieces;
  pieces.unit_bytes = 10'000;
  pieces.chunk_rows = 7;
  for (const unsigned threads : {1U, 3U}) {
    pieces.threads = threads;
    CHECK(rows_of(question, pieces, &counts) == whole);
    CHECK(counts.units > 10);
  }
  pieces.ordered = false;
  auto some_order = lines_of(rows_of(question, pieces));
  auto in_order = lines_of(whole);
  std::sort(some_order.begin(), some_order.end());
  std::sort(in_order.begin(), in_order.end());
  CHECK(some_order == in_order);
  pieces.ordered = true;

  pieces.parts = folder / "parts";
  pieces.shards = 3;
  for (pieces.shard = 0; pieces.shard < 2; ++pieces.shard) CHECK(rows_of(question, pieces).empty());
  // The third shard was lost: the run that puts all together makes only its parts.
  pieces.shards = 1;
  pieces.shard = 0;
  pieces.resume = true;
  CHECK(rows_of(question, pieces, &counts) == whole);
  CHECK(counts.units_resumed > counts.units / 2);
  CHECK(counts.units_resumed < counts.units);
  auto run = service::CriteriaRun::plan(question.ask, question.prepared, pieces);
  REQUIRE(run);
  std::string merged;
  REQUIRE(run->merge([&](std::string_view more) { merged += more; }));
  CHECK(merged == whole);

  // Another question is not answered from the parts of this one.
  Question later = ask_about({records}, {"nct07319793"});
  later.prepared[0].question.as_of = later.prepared[0].question.as_of + 1;
  rows_of(later, pieces, &counts);
  CHECK(counts.units_resumed == 0);
}

TEST_CASE("a patient who stands in two documents is one patient") {
  const Folder folder("criteria-spread");
  const std::string records = write_bundles(folder, "all.ndjson", 0, 5);
  {
    std::ofstream out(records, std::ios::binary | std::ios::app);
    std::string again = bundle(3, 900);
    out << again << '\n';
  }
  const Question question = ask_about({records}, {"nct07319793"});
  service::CriteriaScreen pieces;
  pieces.unit_bytes = 1000;
  const auto lines = lines_of(rows_of(question, pieces));
  CHECK(lines.size() == 5);
  std::set<std::string> patients;
  for (const auto& line : lines) patients.insert(line.substr(0, line.find(',')));
  CHECK(patients.size() == 5);
}

TEST_CASE("the lines of a file are read once each, wherever it is divided") {
  const Folder folder("criteria-lines");
  const std::string path = folder / "lines.txt";
  std::string text;
  for (int i = 0; i < 200; ++i)
    text += std::string(static_cast<std::size_t>(i % 37), 'x') + std::to_string(i) + "\n";
  std::ofstream(path, std::ios::binary) << text;
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{100}, std::size_t{5000}}) {
    std::string together;
    for (std::size_t begin = 0; begin < text.size(); begin += step) {
      auto source = interop::LineSource::open(path, begin, std::min(begin + step, text.size()), 1000);
      REQUIRE(source);
      std::string_view line;
      while (source->next(line) == interop::LineSource::Got::line) together += std::string(line) + "\n";
    }
    CHECK(together == text);
  }
}
