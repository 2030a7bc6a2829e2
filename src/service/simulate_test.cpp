#include "service/simulate.h"

#include <doctest/doctest.h>

#include <string>

#include "service/simulate_patient.h"
#include "service/simulate_plain.h"

using namespace graftline;

namespace {

bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

service::PlainRequest plain(double ratio) {
  service::PlainRequest request;
  request.control_hazard = 0.05;
  request.hazard_ratio = ratio;
  request.accrual = 24.0;
  request.follow_up = 12.0;
  request.trials = 1000;
  return request;
}

}  // namespace

TEST_CASE("the sample size found has the power asked for, and needs about Schoenfeld's 121 events") {
  auto request = plain(0.6);
  request.target_power = 0.8;
  request.json = true;
  const auto found = service::simulate_plain(request);
  REQUIRE(found);
  // D = 4 (1.96 + 0.842)^2 / ln(0.6)^2 = 120.3 events. Of 1000 trials the power is known to 1.3 points, the
  // events to 5 %.
  const auto at = found->find("\"events\": {\n    \"mean\": ");
  REQUIRE(at != std::string::npos);
  const double events = std::stod(found->substr(at + 24));
  CHECK(events > 105.0);
  CHECK(events < 137.0);
}

TEST_CASE("what cannot be searched or simulated is refused with a reason") {
  auto request = plain(1.0);
  request.target_power = 0.8;
  request.trials = 20;
  request.looks = {40, 80};
  auto found = service::simulate_plain(request);
  REQUIRE(!found);
  CHECK(says(found.error().message, "leave --looks out"));
  request.target_power.reset();
  request.boundary = "haybittle";
  found = service::simulate_plain(request);
  REQUIRE(!found);
  CHECK(says(found.error().message, "there is no boundary 'haybittle'"));
  request = plain(-0.5);
  CHECK(!service::simulate_plain(request));
}

TEST_CASE("schedules are read as day and dose; a mistake shows the form") {
  service::PatientRequest request;
  request.schedules = {"bulk = 0:1.11e8", "none ="};
  request.until = 30.0;
  const auto answer = service::simulate_patient(request);
  REQUIRE(answer);
  CHECK(says(*answer, "exploratory"));
  CHECK(says(*answer, "bulk"));
  for (const char* wrong : {"0:1e8", "a = 0", "a = x:1e8", "= 0:1e8"}) {
    CAPTURE(wrong);
    request.schedules = {wrong};
    const auto refused = service::simulate_patient(request);
    REQUIRE(!refused);
    CHECK(says(refused.error().message, "expected NAME = DAY:CD3_PER_KG"));
  }
}

TEST_CASE("a model that is not there is named with those that are") {
  const auto found = service::find_model("acute-leukemia", {std::string(GRAFTLINE_SOURCE_DIR) + "/models"});
  REQUIRE(!found);
  CHECK(says(found.error().message, "acute-leukaemia, gvhd-after-dli"));
}
