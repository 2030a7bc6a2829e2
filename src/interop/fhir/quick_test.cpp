// The short way against the importer: what it reads, it reads the same.
#include "interop/fhir/quick.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>
#include <vector>

#include "core/keyed_random.h"
#include "interop/fhir/json.h"
#include "interop/fhir/synthetic.h"
#include "interop/import.h"

using namespace graftline;
using namespace graftline::interop;
namespace fs = std::filesystem;

namespace {

constexpr int deepest = 128;

std::vector<record::FactId> every_fact() {
  std::vector<record::FactId> all(record::facts().size());
  std::iota(all.begin(), all.end(), record::FactId{0});
  return all;
}

bool same(const Quantity& a, const Quantity& b) {
  return a.value == b.value && a.value.exponent == b.value.exponent && a.comparator == b.comparator &&
         a.unit == b.unit && a.kind == b.kind;
}

bool same(const record::Entry& a, const record::Entry& b) {
  if (a.value.index() != b.value.index() || a.upper_limit.has_value() != b.upper_limit.has_value())
    return false;
  if (const auto* number = std::get_if<Quantity>(&a.value)) {
    if (!same(*number, std::get<Quantity>(b.value))) return false;
  } else if (const auto* level = std::get_if<record::Level>(&a.value)) {
    if (!(*level == std::get<record::Level>(b.value))) return false;
  } else if (const auto* said = std::get_if<bool>(&a.value)) {
    if (*said != std::get<bool>(b.value)) return false;
  }
  if (a.upper_limit && !same(*a.upper_limit, *b.upper_limit)) return false;
  return a.fact == b.fact && a.when == b.when && a.until == b.until && a.known_on == b.known_on &&
         a.standing == b.standing && a.is_stop == b.is_stop && a.unusable == b.unusable &&
         a.method == b.method && a.context == b.context && a.amounts.size() == b.amounts.size();
}

struct Read {
  bool is_quick = false;
  std::string difference;
};

// A reader that has remembered the documents before this one, as it is used.
class Both {
 public:
  explicit Both(std::vector<record::FactId> facts)
      : mapping_(Mapping::defaults()), cohort_(facts), quick_(mapping_, cohort_, read_on_, deepest) {}

  Read read(const std::string& document) {
    Read result;
    std::string padded = document;
    padded.append(64, ' ');
    Ledger ledger(100);
    cohort_.clear();
    result.is_quick = quick_.read(std::string_view(padded).substr(0, document.size()), "test", ledger);
    if (!result.is_quick) {
      if (cohort_.size() != 0) result.difference = "a row was appended though the document was not read";
      return result;
    }
    std::vector<record::Timeline> timelines;
    ImportOptions options;
    options.read_on = read_on_;
    import_text(
        "test.json", document, mapping_, [&](record::Timeline&& t) { timelines.push_back(std::move(t)); },
        options);
    result.difference = compare(timelines);
    return result;
  }

 private:
  std::string compare(const std::vector<record::Timeline>& timelines) {
    if (timelines.size() != 1) return "the importer reads " + std::to_string(timelines.size()) + " patients";
    if (cohort_.size() != 1) return "not one row";
    const record::Timeline row = cohort_.timeline(0);
    if (row.patient != timelines[0].patient) return "another patient: " + row.patient;
    std::vector<const record::Entry*> expected;
    for (const auto& entry : timelines[0].entries) {
      if (cohort_.keeps(entry.fact)) expected.push_back(&entry);
    }
    if (row.entries.size() != expected.size()) {
      return std::to_string(row.entries.size()) + " entries, the importer has " +
             std::to_string(expected.size());
    }
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (!same(row.entries[i], *expected[i])) {
        return "entry of " + std::string(record::fact(expected[i]->fact).id) + " from " +
               expected[i]->origin.place;
      }
    }
    return {};
  }

  std::optional<Day> read_on_ = *parse_day("2026-03-01");
  Mapping mapping_;
  record::Cohort cohort_;
  fhir::QuickReader quick_;
};

std::vector<std::string> documents() {
  std::vector<std::string> found;
  for (const char* folder : {"tests", "examples"}) {
    for (const auto& file : fs::recursive_directory_iterator(fs::path(GRAFTLINE_SOURCE_DIR) / folder)) {
      const auto ending = file.path().extension();
      if (!file.is_regular_file() || (ending != ".json" && ending != ".ndjson")) continue;
      std::ifstream in(file.path(), std::ios::binary);
      std::stringstream text;
      text << in.rdbuf();
      if (ending == ".json") {
        found.push_back(text.str());
        continue;
      }
      for (std::string line; std::getline(text, line);) found.push_back(line);
    }
  }
  std::sort(found.begin(), found.end());  // a directory has no order of its own
  return found;
}

// A plain bundle, with everything the short way remembers.
std::string plain_bundle(int number, const std::string& observation = "") {
  const std::string id = "p" + std::to_string(number);
  const auto entry = [](const std::string& resource) { return "{\"resource\":" + resource + "}"; };
  const std::string subject = "\"subject\":{\"reference\":\"Patient/" + id + "\"}";
  const std::string alt =
      "\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"1742-6\"}]}," + subject +
      ",\"effectiveDateTime\":\"2026-02-" + std::to_string(10 + number % 18) +
      "\",\"valueQuantity\":{\"value\":" + std::to_string(30 + number % 5) +
      ",\"unit\":\"U/L\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"U/"
      "L\"},\"referenceRange\":[{\"high\":{"
      "\"value\":40,\"unit\":\"U/L\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"U/L\"}}]";
  return "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[" +
         entry("{\"resourceType\":\"Patient\",\"id\":\"" + id +
               "\",\"gender\":\"female\",\"birthDate\":\"1990-05-01\"}") +
         "," + entry("{\"resourceType\":\"Observation\",\"id\":\"a\",\"status\":\"final\"," + alt + "}") +
         (observation.empty() ? "" : "," + entry(observation)) + "," +
         entry(
             "{\"resourceType\":\"Procedure\",\"id\":\"t\",\"status\":\"completed\",\"code\":{\"coding\":[{"
             "\"system\":"
             "\"http://snomed.info/sct\",\"code\":\"58390007\"}]}," +
             subject + ",\"performedDateTime\":\"2026-01-20\"}") +
         "]}";
}

}  // namespace

TEST_CASE("a plain bundle is read the short way, and every fixture is read as the importer reads it") {
  Both both(every_fact());
  const Read plain = both.read(plain_bundle(1));
  CHECK(plain.is_quick);
  CHECK(plain.difference == "");
  std::size_t quick = 0;
  const auto all = documents();
  for (const std::string& document : all) {
    const Read read = both.read(document);
    quick += read.is_quick ? 1 : 0;
    INFO(document.substr(0, 300));
    CHECK(read.difference == "");
  }
  CHECK(all.size() > 20);
  CHECK(quick > 5);
}

TEST_CASE("what is not of plain form is left to the importer") {
  Both both(every_fact());
  const std::string alt_of_p1 =
      "\"status\":\"final\",\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"1742-6\"}]},"
      "\"effectiveDateTime\":\"2026-02-20\",\"valueQuantity\":{\"value\":35,\"system\":\"http://"
      "unitsofmeasure.org\","
      "\"code\":\"U/L\"}";
  const auto observation = [&](const std::string& more) {
    return "{\"resourceType\":\"Observation\"," + alt_of_p1 + more + "}";
  };
  const std::string subject = ",\"subject\":{\"reference\":\"Patient/p1\"}";
  CHECK(both.read(plain_bundle(1, observation(subject + ",\"id\":\"b\""))).is_quick);
  // The same name twice: perhaps two versions.
  CHECK_FALSE(both.read(plain_bundle(1, observation(subject + ",\"id\":\"a\""))).is_quick);
  CHECK_FALSE(both.read(plain_bundle(1, observation(subject))).is_quick);
  CHECK_FALSE(
      both.read(plain_bundle(1, observation(",\"id\":\"b\",\"subject\":{\"reference\":\"Patient/p2\"}")))
          .is_quick);
  // A number that is none makes the whole document not JSON, also where nobody reads it.
  CHECK_FALSE(both.read(plain_bundle(1, observation(subject + ",\"id\":\"b\",\"note\":01"))).is_quick);
  CHECK_FALSE(both.read(plain_bundle(1) + "x").is_quick);
}

TEST_CASE("made-up patients are read the short way, gaps and all") {
  Both both(every_fact());
  for (std::size_t i = 0; i < 60; ++i) {
    std::string bundle;
    fhir::append_synthetic_bundle({7, *parse_day("2026-03-01"), 4, true}, i, bundle);
    const Read read = both.read(bundle);
    CHECK(read.is_quick);
    CHECK(read.difference == "");
  }
}

TEST_CASE("patient 5 is the same whether or not others are made before, and another seed makes another") {
  const auto made = [](std::uint64_t seed, std::size_t first, std::size_t last) {
    std::string text;
    for (std::size_t i = first; i <= last; ++i) {
      text.clear();
      fhir::append_synthetic_bundle({seed, *parse_day("2026-03-01"), 2, true}, i, text);
    }
    return text;
  };
  CHECK(made(1, 0, 5) == made(1, 5, 5));
  CHECK(made(1, 5, 5) != made(2, 5, 5));
}

TEST_CASE("a bundle with any byte changed is read as the importer reads it, or not the short way") {
  Both both(every_fact());
  std::vector<std::string> plain;
  for (int i = 0; i < 4; ++i) plain.push_back(plain_bundle(i));
  for (std::size_t i = 0; i < 4; ++i) {
    fhir::append_synthetic_bundle({3, *parse_day("2026-03-01"), 1, true}, i, plain.emplace_back());
  }
  for (const std::string& document : documents()) {
    if (document.size() < 60'000 && both.read(document).is_quick) plain.push_back(document);
  }
  const std::array<std::pair<std::string_view, std::string_view>, 16> swaps{
      {{"final", "amended"},
       {"final", "preliminary"},
       {"\"status\"", "\"state\""},
       {"\"value\"", "\"valueX\""},
       {"completed", "not-done"},
       {"\"id\"", "\"ids\""},
       {"2026-02-", "2026-0"},
       {"U/L", "IU/L"},
       {"U/L", "mg/dL"},
       {"\"high\"", "\"low\""},
       {"\"code\"", "\"component\""},
       {"Patient/", "Group/"},
       {"effectiveDateTime", "effectivePeriod"},
       {"effectiveDateTime", "issued"},
       {"resourceType", "resourcetype"},
       {"\"value\":", "\"comparator\":\"<\",\"value\":"}}};
  std::size_t quick = 0;
  for (std::uint64_t round = 0; round < 3000; ++round) {
    KeyedRandom random({round, 1});
    std::string document = plain[random.below(plain.size())];
    const auto at = static_cast<std::size_t>(random.below(document.size()));
    switch (random.below(5)) {
      case 0:
        document[at] = static_cast<char>(' ' + random.below(95));
        break;
      case 1:
        document.erase(at, 1 + random.below(6));
        break;
      case 2:
        document.insert(at, 1, static_cast<char>(' ' + random.below(95)));
        break;
      case 3: {  // a digit becomes another
        const auto digit = document.find_first_of("0123456789", at);
        if (digit != std::string::npos) document[digit] = static_cast<char>('0' + random.below(10));
        break;
      }
      default: {
        const auto& [from, to] = swaps[random.below(swaps.size())];
        const auto found = document.find(from, at);
        if (found != std::string::npos) document.replace(found, from.size(), to);
      }
    }
    const Read read = both.read(document);
    quick += read.is_quick ? 1 : 0;
    if (!read.difference.empty()) INFO(document.substr(0, 4000));
    REQUIRE_MESSAGE(read.difference == "", "round ", round);
  }
  CHECK(quick > 300);
}
