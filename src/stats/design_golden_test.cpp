#include "stats/design_golden.h"

#include <doctest/doctest.h>

#include <string>

using namespace graftline::stats;

TEST_CASE("every reference design in tests/golden/designs is answered within its tolerance") {
  const auto validation = validate_designs(GRAFTLINE_SOURCE_DIR "/tests/golden/designs");
  REQUIRE(validation);
  CHECK(validation->cases.size() >= 620);
  for (const auto& c : validation->cases) {
    CAPTURE(c.file);
    CAPTURE(c.id);
    CAPTURE(c.remark);
    CHECK(c.agrees);
  }
  MESSAGE(design_validation_table(*validation));
}

TEST_CASE("a wrong number, a missing null and an unknown method are each told apart from agreement") {
  const auto run = [](const char* expect, const char* method = "gs_boundary") {
    const std::string text =
        std::string(R"({"schema":"design-golden/1","cases":[{"id":"x","method":")") + method +
        R"(","input":{"looks":1,"alpha":0.025,"sided":1,"type":"OF","beta":0.1},"expect":)" + expect +
        R"(,"abs_tol":1e-6}]})";
    const auto validation = validate_design_text(text, "inline");
    REQUIRE(validation);
    REQUIRE(validation->cases.size() == 1);
    return validation->cases.front();
  };
  CHECK(run(R"({"critical_values":[1.9599640]})").agrees);
  CHECK(
      run(R"({"critical_values":1.9599640})").agrees);  // one look: a list of one may be written as a number
  CHECK_FALSE(run(R"({"critical_values":[1.96]})").agrees);
  CHECK_FALSE(run(R"({"critical_values":[null]})").agrees);
  CHECK_FALSE(run(R"({"critical_values":[1.9599640, 2.0]})").agrees);
  CHECK_FALSE(run(R"({"colour":[1.0]})").agrees);
  CHECK_FALSE(run(R"({"critical_values":[1.9599640]})", "gs_magic").agrees);
}

TEST_CASE("an input that no method reads is named, a kind of boundary that is not known is an error") {
  const auto validation = validate_design_text(
      R"({"schema":"design-golden/1","cases":[
          {"id":"a","method":"gs_boundary","abs_tol":1e-6,"expect":{"critical_values":[1.9599640]},
           "input":{"looks":1,"alpha":0.025,"sided":1,"type":"OF","beta":0.1,"moon":"full"}},
          {"id":"b","method":"gs_boundary","abs_tol":1e-6,"expect":{"critical_values":[1.9599640]},
           "input":{"looks":2,"alpha":0.025,"sided":1,"type":"asMoon","beta":0.1}}]})",
      "inline");
  REQUIRE(validation);
  CHECK(validation->cases[0].agrees);
  CHECK(design_validation_table(*validation).find("NOT READ  input moon in 1 case") != std::string::npos);
  CHECK(validation->cases[1].remark == "type: asMoon is not known");
}

TEST_CASE(
    "a directory that is not there and a file that is not JSON are errors, another schema is passed over") {
  CHECK(validate_designs("/no/such/directory").error().kind == graftline::ErrorKind::not_found);
  CHECK_FALSE(validate_design_text("{", "broken.json"));
  CHECK(validate_design_text(R"({"schema":"survival-golden/1","cases":[]})", "other.json")->cases.empty());
}
