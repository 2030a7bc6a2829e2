#include "service/analysis.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "service/endpoints.h"

using namespace graftline;
using namespace graftline::service;

namespace {

const std::string root = GRAFTLINE_SOURCE_DIR;

// A file that is gone again after the test.
class Scratch {
 public:
  Scratch(const std::string& name, const std::string& text)
      : path_(std::filesystem::temp_directory_path() / ("graftline-" + name)) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~Scratch() { std::filesystem::remove(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

Result<AnalysisOutput> analysed(const std::string& path, const std::string& kind, const std::string& formula,
                                const std::string& parameter = "") {
  AnalysisTask task;
  task.kind = kind;
  task.request.formula = formula;
  task.parameter = parameter;
  task.format = AnalysisFormat::csv;
  const auto data = read_data_file(path, columns_of(task));
  if (!data) return data.error();
  return run_analysis(task, *data);
}

EndpointTask cohort() {
  EndpointTask task;
  task.records = {root + "/examples/cohort"};
  task.cut_off = day_of({2026, 3, 2});
  task.made_at = "2026-03-02T00:00:00";
  task.version = "0";
  return task;
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("what is wrong with a file is told with its name, line and column") {
  const Scratch text("text.csv", "time,status\n1,1\nten,0\n");
  CHECK(analysed(text.path(), "km", "Surv(time, status) ~ 1").error().message ==
        "graftline-text.csv: line 3, column time: text where a number is expected (time)");
  const Scratch ragged("ragged.csv", "time,status\n1,1\n2\n");
  CHECK(analysed(ragged.path(), "km", "Surv(time, status) ~ 1").error().message ==
        "graftline-ragged.csv: line 3: 1 cells where the header has 2");
  CHECK(analysed("/nowhere.csv", "km", "Surv(time, status) ~ 1").error().kind == ErrorKind::not_found);
  const Scratch sheet("sheet.csv", std::string("PK\x03\x04rest", 8));
  CHECK(analysed(sheet.path(), "km", "Surv(time, status) ~ 1").error().message.find("ZIP") !=
        std::string::npos);
}

TEST_CASE("columns that no formula names are not read, whatever they hold") {
  const Scratch wide("wide.csv", "time,note,status\n1,\"a, \"\"b\"\"\",1\n2,7,0\n");
  CHECK(analysed(wide.path(), "km", "Surv(time, status) ~ 1"));
}

TEST_CASE("every patient has a row for every endpoint, and the unknown say why") {
  const auto output = endpoints_of(cohort(), EndpointFormat::csv);
  REQUIRE(output);
  CHECK(lines(output->printed) == 1 + 20 * 13);
  CHECK(output->counts.find("never looked for after time 0") != std::string::npos);
}

TEST_CASE("endpoints written as ADTTE or Dataset-JSON are analysed alike") {
  EndpointTask task = cohort();
  task.endpoints = {"os", "lfs", "relapse"};
  task.absence_means_no = {"all"};
  std::vector<std::string> answers;
  for (const auto& [format, name] : {std::pair{EndpointFormat::csv, "adtte.csv"},
                                     {EndpointFormat::dataset_json, "adtte.json"},
                                     {EndpointFormat::dataset_ndjson, "adtte.ndjson"}}) {
    const auto output = endpoints_of(task, format);
    REQUIRE(output);
    const Scratch file(name, output->printed);
    const auto answer = analysed(file.path(), "cif", "", "RELAPSE");
    REQUIRE_MESSAGE(answer, (answer ? "" : answer.error().message));
    answers.push_back(answer->printed);
    const auto refused = analysed(file.path(), "km", "", "RELAPSE");
    REQUIRE(!refused);
    CHECK(refused.error().kind == ErrorKind::unsupported);
    CHECK(analysed(file.path(), "km", "", "LFS"));
  }
  CHECK(answers[0] == answers[1]);
  CHECK(answers[0] == answers[2]);
}

TEST_CASE("GRFS, LFS and NRM are computed from the components in a table") {
  // p1: acute GVHD III on day 40 (AVAL 41), then death. p2: death in remission. p3: nothing until day 300.
  // p4: relapse is not recorded at all.
  const Scratch table("components.csv",
                      "USUBJID,PARAMCD,AVAL,CNSR\n"
                      "p1,OS,101,0\np1,RELAPSE,101,1\np1,AGVHD34,41,0\np1,CGVHDIST,101,1\n"
                      "p2,OS,61,0\np2,RELAPSE,61,1\np2,AGVHD34,61,1\np2,CGVHDIST,61,1\n"
                      "p3,OS,301,1\np3,RELAPSE,301,1\np3,AGVHD34,301,1\np3,CGVHDIST,301,1\n"
                      "p4,OS,51,0\n");
  EndpointTask task = cohort();
  task.records = {table.path()};
  task.endpoints = {"grfs", "nrm"};
  const auto output = endpoints_of(task, EndpointFormat::text);
  REQUIRE(output);
  const auto has = [&](std::string_view part) { return output->printed.find(part) != std::string::npos; };
  CHECK(has("p1                   GRFS      event            40"));
  CHECK(has("p2                   NRM       event            60"));
  CHECK(has("p3                   GRFS      censored        300"));
  CHECK(has("p4                   NRM       unknown           -"));
}

TEST_CASE("case files give endpoints too") {
  EndpointTask task = cohort();
  task.records = {root + "/tests/cases/waiting"};
  for (const auto& file : std::filesystem::recursive_directory_iterator(root + "/tests/cases"))
    if (file.path().extension() == ".cases") task.records = {file.path().string()};
  task.endpoints = {"os"};
  CHECK(endpoints_of(task, EndpointFormat::csv));
}

TEST_CASE("an endpoint or component that does not exist is told with the closest") {
  EndpointTask task = cohort();
  task.endpoints = {"gfrs"};
  CHECK(endpoints_of(task, EndpointFormat::csv).error().message.find("did you mean 'grfs'") !=
        std::string::npos);
  task.endpoints = {};
  task.absence_means_no = {"relaps"};
  CHECK(endpoints_of(task, EndpointFormat::csv).error().message.find("relapse") != std::string::npos);
}
