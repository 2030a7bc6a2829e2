#include "service/simulate_bedside.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "engine/decide.h"
#include "interop/csv/writer.h"
#include "interop/import.h"
#include "record/view.h"

using namespace graftline;

namespace {

const std::string root = GRAFTLINE_SOURCE_DIR;

service::BedsideRequest request(const std::string& arm) {
  service::BedsideRequest request;
  request.model = root + "/models/acute-leukaemia.model";
  request.variant = "r";
  request.ask.protocols = {"nct07319793"};
  request.ask.protocol_folders = {root + "/protocols"};
  request.ask.records = {root + "/examples/simulation/nct07319793-" + arm + ".csv"};
  for (const auto& [name, value] :
       {std::pair{"egfr_equation", "ckd_epi_2021"}, std::pair{"mrd_n_consecutive", "1"},
        std::pair{"mrd_min_gap_days", "0"}, std::pair{"mrd_methods", "2"},
        std::pair{"chemotherapy_reference", "start"}, std::pair{"governing_target", "CD3"}}) {
    request.ask.question.settings.parameters[name] = {value, "test"};
  }
  request.first_decision = 50;
  request.until = 240;
  return request;
}

// The patient's record as a clinic would export it, read back by the importer.
record::Timeline read_back(const record::Timeline& timeline) {
  const auto folder = std::filesystem::temp_directory_path() / "graftline_bedside_test";
  std::filesystem::create_directories(folder);
  const auto path = folder / (timeline.patient + ".csv");
  std::ofstream(path) << interop::csv::long_form_header() << interop::csv::long_form_rows(timeline);
  service::Ask ask;
  ask.records = {path.string()};
  auto read = service::read_one(ask);
  std::filesystem::remove(path);
  REQUIRE(read);
  CHECK(service::import_notice(read->report) == "");
  read->timeline.arrange();
  return std::move(read->timeline);
}

}  // namespace

TEST_CASE("the exported record of a virtual patient leads to the decisions that were made on it") {
  for (const char* arm : {"preemptive", "prophylactic"}) {
    CAPTURE(arm);
    const auto asked = request(arm);
    const auto setting = service::bedside_setting(asked);
    REQUIRE(setting);
    const auto process = sim::compile(setting->model, asked.variant);
    REQUIRE(process);
    const auto plan = service::bedside_plan(*setting, asked.first_decision, asked.every, asked.until);
    int given = 0;
    for (std::uint64_t patient = 0; patient < 12; ++patient) {
      const auto course = sim::bedside(*process, plan, {3, patient});
      REQUIRE(course);
      const auto record = read_back(course->record);
      for (const auto& made : course->decisions) {
        CAPTURE(to_text(made.day));
        // The infusion of this very day was recorded after the decision.
        record::Timeline before = record;
        if (made.cd3_per_kg > 0.0) {
          std::erase_if(before.entries, [&](const record::Entry& e) {
            return e.fact == record::fact_id("dli") && e.when.first == made.day;
          });
          ++given;
        }
        const auto again =
            engine::decide(setting->prepared.protocol, record::View(before, made.day), plan.settings);
        CHECK(again.action == made.action);
        CHECK(again.because == made.because);
      }
    }
    CHECK(given > 0);
  }
}

TEST_CASE("a protocol sees what is on record by the day, not what is true: a late result is acted on late") {
  const auto asked = request("preemptive");
  const auto setting = service::bedside_setting(asked);
  REQUIRE(setting);
  const auto process = sim::compile(setting->model, asked.variant);
  REQUIRE(process);
  const auto plan = service::bedside_plan(*setting, asked.first_decision, asked.every, asked.until);
  const auto mrd = record::fact_id("mrd");
  int infusions = 0;
  for (std::uint64_t patient = 0; patient < 40; ++patient) {
    const auto course = sim::bedside(*process, plan, {8, patient});
    REQUIRE(course);
    for (const auto& made : course->decisions) {
      if (made.cd3_per_kg == 0.0) continue;
      ++infusions;
      // Some positive result was known by this day, and had been taken before.
      const bool had_result = std::ranges::any_of(course->record.entries, [&](const record::Entry& e) {
        return e.fact == mrd && e.as_written == "positive" && e.known_on <= made.day &&
               e.when.first <= made.day;
      });
      CHECK(had_result);
      CHECK(made.cd3_per_kg == 3e7);
    }
  }
  CHECK(infusions > 0);
}

TEST_CASE("every patient of the prophylactic arm who may gets cells between day +45 and day +60, once") {
  const auto answer = service::simulate_bedside([] {
    auto asked = request("prophylactic");
    asked.patients = 20;
    return asked;
  }());
  REQUIRE(answer);
  CHECK(answer->find("first infusion: median day +50") != std::string::npos);
}

TEST_CASE(
    "nothing is simulated on a protocol with verification errors; the error names the line and what is "
    "wrong") {
  const auto path = std::filesystem::temp_directory_path() / "graftline-cap.protocol";
  // The dose of 1e7 CD3/kg is always above the cap of 1e6 per kg.
  std::ofstream(path) << "protocol \"cap\" id cap version 0.1.0\nstatus draft\nsource own \"own\"\n"
                         "day 0 is graft infusion\ndose level 1 1e7 CD3/kg  cite own \"t\"\n"
                         "cap 1e6 CD3/kg\ninfusions 1\n";
  auto asked = request("preemptive");
  asked.ask.protocols = {path.string()};
  asked.ask.question.settings.parameters.clear();
  const auto answer = service::simulate_bedside(asked);
  std::filesystem::remove(path);
  REQUIRE(!answer);
  CHECK(answer.error().message.find("nothing is simulated on a protocol with verification errors") !=
        std::string::npos);
  CHECK(answer.error().message.find("line 5") != std::string::npos);
}
