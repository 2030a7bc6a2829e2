#include "core/ucum_validation.h"

#include <doctest/doctest.h>

#include <fstream>

namespace graftline {
namespace {

namespace fs = std::filesystem;

// A directory of its own for a test, removed at its end.
class ScratchDirectory {
 public:
  explicit ScratchDirectory(const char* name) : path_(fs::temp_directory_path() / name) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  void write(const char* name, std::string_view text) const { std::ofstream(path_ / name) << text; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST_CASE("every case of the published UCUM suite passes") {
  const auto report = validate_ucum_directory(GRAFTLINE_SOURCE_DIR "/tests/data/ucum");
  REQUIRE(report);
  for (const UcumFailure& failure : report->failures) {
    FAIL_CHECK(failure.kind << " " << failure.id << ": expected " << failure.expected << ", got "
                            << failure.got);
  }
  // As many as the lists of the file hold.
  REQUIRE(report->counts.size() == 5);
  CHECK(report->counts[0].passed == 264);
  CHECK(report->counts[1].passed == 5);
  CHECK(report->counts[2].passed == 15);
  CHECK(report->counts[3].passed == 1);
  CHECK(report->counts[4].passed == 2);
}

TEST_CASE("wrong expectations are reported by case, with what came out") {
  const ScratchDirectory directory("graftline_ucum_wrong");
  directory.write("suite.json", R"json({
    "validation": [{"id": "v", "unit": "IU/L", "valid": "true"}, {"id": "w", "unit": "mg", "valid": false}],
    "displayNameGeneration": [{"id": "n", "unit": "mg", "display": "(microgram)"
}],
    "conversion": [{"id": "c", "value": "1.0", "srcUnit": "mg", "dstUnit": "g", "outcome": "0.002"},
                   {"id": "d", "value": "1", "srcUnit": "mg", "dstUnit": "m", "outcome": "1"},
                   {"id": "e", "value": "1", "srcUnit": "km", "dstUnit": "m", "outcome": "1001"},
                   {"id": "f"}],
    "multiplication": [{"id": "m", "v1": "2", "u1": "m", "v2": "3", "u2": "m", "vRes": "6", "uRes": "m"}],
    "division": [{"id": "z", "v1": "2", "u1": "m", "v2": "0", "u2": "m", "vRes": "6", "uRes": "1"}, 7]
})json");
  const auto report = validate_ucum_directory(directory.path());
  REQUIRE(report);
  CHECK(report->counts[0].failed == 2);
  CHECK(report->counts[1].failed == 1);
  CHECK(report->counts[2].failed == 4);
  CHECK(report->counts[3].failed == 1);
  CHECK(report->counts[4].failed == 2);
  REQUIRE(report->failures.size() == 10);
  CHECK(report->failures[0].id == "v");
  CHECK(report->failures[0].expected == "valid");
  CHECK(report->failures[3].id == "c");
  CHECK(report->failures[3].got == "0.001");
}

TEST_CASE("a printed outcome is met to the figures it shows") {
  const ScratchDirectory directory("graftline_ucum_figures");
  // 6.3 x 4 = 25.2 is printed as 25 from two figures; 6.300 in = 16.002 cm as 16.0; whole input asks for
  // exactness.
  directory.write("suite.json", R"json({"conversion": [
    {"id": "a", "value": "6.3", "srcUnit": "4.s", "dstUnit": "s", "outcome": "25"},
    {"id": "b", "value": "6.300", "srcUnit": "[in_i]", "dstUnit": "cm", "outcome": "16.0"},
    {"id": "c", "value": "1.5", "srcUnit": "km", "dstUnit": "m", "outcome": "1.5e3"},
    {"id": "d", "value": "37", "srcUnit": "Cel", "dstUnit": "K", "outcome": "310.15"}]})json");
  directory.write("other.json", "[1, 2]");
  directory.write("notes.txt", "not read");
  const auto report = validate_ucum_directory(directory.path());
  REQUIRE(report);
  CHECK(report->counts[2].passed == 4);
  CHECK(report->failures.empty());
  CHECK(report->files == std::vector<std::string>{"suite.json"});
  CHECK(report->skipped == std::vector<std::string>{"other.json"});
}

TEST_CASE("a directory without cases is not a passed suite") {
  const ScratchDirectory directory("graftline_ucum_empty");
  CHECK(validate_ucum_directory(directory.path() / "missing").error().kind == ErrorKind::not_found);
  CHECK(validate_ucum_directory(directory.path()).error().kind == ErrorKind::not_found);
  directory.write("broken.json", "{");
  CHECK(validate_ucum_directory(directory.path()).error().kind == ErrorKind::malformed_input);
}

}  // namespace
}  // namespace graftline
