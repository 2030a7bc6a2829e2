// What the outside world can get wrong: a named error or a counted, listed refusal, and never a crash or half
// a patient.
#include <unistd.h>
#include <zlib.h>

#include <filesystem>

#include "interop/import_story.h"

using namespace graftline;
using namespace graftline::interop;
using namespace graftline::interop::story;

namespace {

const std::string patient =
    R"({"resourceType":"Patient","id":"p1","gender":"female","birthDate":"1991-05-04"})";
const std::string alt =
    R"({"resourceType":"Observation","id":"alt","status":"final","subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-02-25","code":{"coding":[{"system":"http://loinc.org","code":"1742-6"}]},"valueQuantity":{"value":35,"system":"http://unitsofmeasure.org","code":"U/L"}})";
const std::string whole = R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":)" + patient +
                          R"(},{"resource":)" + alt + "}]}";

// The document was refused, once, for this reason, and gave nothing.
void check_refused(const Imported& imported, std::string_view reason) {
  CAPTURE(to_text(imported.report));
  CHECK(imported.timelines.empty());
  REQUIRE(imported.report.refusals.size() == 1);
  CHECK(imported.report.refusals[0].reason == reason);
  CHECK(imported.report.by_type.at("document").refused == 1);
}

// A folder of its own under the build's temporary directory, gone afterwards.
class Folder {
 public:
  explicit Folder(std::string_view name)
      : path_(std::filesystem::temp_directory_path() /
              ("graftline-" + std::string(name) + "-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string write(std::string_view name, std::string_view bytes) const {
    const auto path = (path_ / name).string();
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

std::string zipped(std::string_view text) {
  std::string out(text.size() + 1000, '\0');
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<unsigned>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<unsigned>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

TEST_CASE("an empty input is refused by name") {
  check_refused(import(""), "empty");
  check_refused(import("\n \n"), "empty");
}

TEST_CASE("a document cut short gives nothing at all, wherever it was cut") {
  // Half a record is worse than none: what is missing might be the reason not to give cells.
  for (std::size_t length = 1; length < whole.size(); length += 7) {
    CAPTURE(length);
    const auto imported = import(whole.substr(0, length));
    CHECK(imported.timelines.empty());
    CHECK(imported.report.by_type.at("document").refused == 1);
  }
}

TEST_CASE("wrong encodings are refused by name") {
  std::string utf16 = "\xff\xfe";
  for (const char c : whole) utf16 += std::string{c, '\0'};
  check_refused(import(utf16), "wrong encoding");
  check_refused(import(std::string("{\0\"\0", 4)), "wrong encoding");
  std::string latin1 = whole;
  latin1.insert(latin1.find("p1") + 1, "\xe9");
  check_refused(import(latin1), "wrong encoding: not UTF-8");
}

TEST_CASE("a byte order mark before UTF-8 does no harm") {
  CHECK(import("\xEF\xBB\xBF" + whole).timelines.size() == 1);
}

TEST_CASE("ten thousand levels of nesting are refused") {
  check_refused(import(R"({"resourceType":"Patient","id":"p1","extension":)" + std::string(10000, '[') +
                       std::string(10000, ']') + "}"),
                "nested deeper than 128 levels");
  check_refused(import(R"({"resourceType":"Bundle","entry":[{"resource":)" + std::string(10000, '[') +
                       std::string(10000, ']') + "}]}"),
                "nested deeper than 128 levels");
}

TEST_CASE("a line longer than allowed is refused unread, and the next line is read") {
  ImportOptions options;
  options.largest_document = 2000;
  const std::string long_line = R"({"resourceType":"Patient","id":")" + std::string(3'000'000, 'x') + "\"}";
  const auto imported = import(long_line + "\n" + whole + "\n", Mapping::defaults(), options);
  REQUIRE(imported.report.refusals.size() == 1);
  CHECK(imported.report.refusals[0].reason == "larger than allowed");
  CHECK(imported.report.refusals[0].origin.file == "input:1");
  CHECK(imported.timelines.size() == 1);
  std::string spread = whole;
  spread.insert(1, "\n" + std::string(3000, ' '));
  check_refused(import(spread, Mapping::defaults(), options), "larger than allowed");
}

TEST_CASE("what is neither FHIR nor a known table is refused by name") {
  check_refused(import("hello world\n"), "header not known");
  check_refused(import("<Bundle xmlns=\"http://hl7.org/fhir\"/>"), "XML is not read");
  CHECK(import("{\"a\": 1, }").report.refusals.at(0).reason.substr(0, 8) == "not JSON");
  check_refused(import("[1, 2]"), "not a JSON object");
  check_refused(import(whole + "]"), "cut short, or followed by something");
  check_refused(import(whole + "{}"), "something follows the end of the JSON");
  const auto untyped = import("{\"a\": 1}");
  CHECK(untyped.refuses("no resourceType"));
}

TEST_CASE("a bundle that says last what it is is read like any other") {
  const auto imported =
      import(R"({"entry":[{"resource":)" + alt + R"(}],"type":"collection","resourceType":"Bundle"})");
  CHECK(said(imported.only("alt")) == "35 U/L");
}

TEST_CASE("one bad line of many costs that line") {
  const auto imported = import(whole + "\n{\"resourceType\":\n" + alt + "\n");
  CHECK(imported.report.by_type.at("document").read == 3);
  CHECK(imported.report.by_type.at("document").refused == 1);
  REQUIRE(imported.report.refusals.size() == 1);
  CHECK(imported.report.refusals[0].origin.file == "input:2");
  CHECK(imported.timelines.size() == 1);
}

TEST_CASE("the same patient twice: put together, said once what is said twice, and mentioned") {
  const auto imported = import(whole + "\n" + whole + "\n");
  REQUIRE(imported.timelines.size() == 1);
  CHECK(imported.all("alt").size() == 1);
  CHECK(imported.report.exact_duplicates == 3);  // birth, sex, alt
  CHECK(imported.notes("patient recorded more than once"));
}

TEST_CASE("a folder of resources by type is one record; its manifest and read-me are left alone") {
  const Folder folder("bulk");
  folder.write(
      "manifest.json",
      R"({"transactionTime":"2026-03-01T00:00:00Z","request":"x","output":[{"type":"Patient","url":"x"}],"error":[]})");
  folder.write("README.md", "# export");
  folder.write("Observation.ndjson", alt + "\n");
  folder.write("nested/Patient.ndjson.gz", zipped(patient + "\n"));
  const auto imported = import_files({folder.path()});
  REQUIRE(imported.timelines.size() == 1);
  CHECK(imported.timelines[0].patient == "p1");
  CHECK(said(imported.only("alt")) == "35 U/L");
  CHECK(level(imported.only("sex")) == "female");
  CHECK(imported.report.by_type.at("file").ignored == 1);
  CHECK(imported.report.by_type.at("document").ignored == 1);
}

TEST_CASE("a gzip file cut short is refused") {
  const Folder folder("gzip");
  const std::string packed = zipped(whole);
  const auto imported = import_files({folder.write("p.json.gz", packed.substr(0, packed.size() / 2))});
  check_refused(imported, "damaged or cut short");
  const auto intact = import_files({folder.write("q.json.gz", packed)});
  CHECK(intact.timelines.size() == 1);
}

TEST_CASE("a path that is not there is an error") {
  const auto report = import_records({"nowhere.json"}, Mapping::defaults(), [](record::Timeline&&) {});
  REQUIRE(!report);
  CHECK(report.error().kind == ErrorKind::not_found);
}

TEST_CASE("a large import hands patients on as their documents end, and loses nothing by it") {
  const Folder folder("stream");
  std::string lines;
  for (int i = 0; i < 50; ++i) {
    std::string one = whole;
    for (std::size_t at; (at = one.find("p1")) != std::string::npos;)
      one.replace(at, 2, "q" + std::to_string(i));
    lines += one + "\n";
  }
  std::string again = whole;  // patient q7 once more, with another value
  for (std::size_t at; (at = again.find("p1")) != std::string::npos;) again.replace(at, 2, "q7");
  again.replace(again.find("2026-02-25"), 10, "2026-02-26");
  const auto cohort = folder.write("cohort.ndjson", lines + again + "\n");
  const auto table = folder.write("more.csv", "patient,date,fact,value,unit\nq3,2026-02-27,alt,36,U/L\n");
  ImportOptions streaming;
  streaming.keep_all_below = 0;
  const auto at_once = import_files({cohort, table});
  const auto streamed = import_files({cohort, table}, Mapping::defaults(), streaming);
  CHECK(streamed.timelines.size() == 50);
  for (const auto& timeline : at_once.timelines) {
    CAPTURE(timeline.patient);
    CHECK(streamed.of(timeline.patient).entries.size() == timeline.entries.size());
  }
  CHECK(streamed.of("q7").entries.size() == 4);
  CHECK(streamed.of("q3").entries.size() == 4);
  CHECK(streamed.timelines.front().patient == "q0");
  CHECK(streamed.report.total().read == at_once.report.total().read);
  CHECK(streamed.report.total().mapped == at_once.report.total().mapped);
}

TEST_CASE("unknown codes are counted by code") {
  std::string other = alt;
  other.replace(other.find("1742-6"), 6, "9999-9");
  const auto imported = import(other);
  CHECK(imported.report.unmapped_codes.at("http://loinc.org|9999-9") == 1);
  CHECK(imported.report.by_type.at("Observation").ignored_because.at("code not mapped") == 1);
}
