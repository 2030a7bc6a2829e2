#include "service/simulate_trial.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "analysis/analyse.h"
#include "service/trial_views.h"
#include "stats/data_table.h"

using namespace graftline;
using nlohmann::json;

namespace {

const std::string root = GRAFTLINE_SOURCE_DIR;

service::TrialRequest request(const std::string& trial, const std::string& scenario = "nct07319793") {
  service::TrialRequest request;
  request.scenario = root + "/scenarios/" + scenario + ".scenario";
  request.model_folders = {root + "/models"};
  request.protocol_folders = {root + "/protocols"};
  request.trial = trial;
  request.trials = 300;
  request.truth_patients = 500;
  return request;
}

std::string run(const service::TrialRequest& asked) {
  const auto answer = service::simulate_trial(asked);
  if (!answer) MESSAGE(answer.error().message);
  REQUIRE(answer);
  return answer->json;
}

std::string reason(const service::TrialRequest& asked) {
  const auto answer = service::simulate_trial(asked);
  return answer ? "" : answer.error().message;
}

struct Folder {
  std::filesystem::path path;
  explicit Folder(const std::string& name)
      : path(std::filesystem::temp_directory_path() / ("graftline-" + name)) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
};

}  // namespace

TEST_CASE("one thread, two threads, and a run taken up again in the middle write the same bytes") {
  auto asked = request("conduct");
  asked.vary = {"theta=0.5,1"};
  const std::string one = run(asked);
  asked.threads = 2;
  CHECK(run(asked) == one);
  const Folder folder("trial-parts");
  asked.parts = folder.path;
  // Stopped after some chunks: what is there is reported, with fewer trials.
  std::atomic<int> chunks{0};
  asked.progress = [&](std::size_t, std::size_t) { return ++chunks < 20; };
  const auto stopped = service::simulate_trial(asked);
  REQUIRE(stopped);
  CHECK(!stopped->is_complete);
  const json partial = json::parse(stopped->json);
  CHECK(!partial["complete"]);
  REQUIRE(!partial["points"].empty());
  CHECK(partial["points"][0]["result"]["trials"] <= 300);
  asked.progress = nullptr;
  asked.resume = true;
  CHECK(run(asked) == one);
}

TEST_CASE("a document can be run again to the same bytes, and drawn again to the same figure") {
  const std::string first = run(request("effect"));
  auto again = service::request_of(first);
  REQUIRE(again);
  again->model_folders = {root + "/models"};
  CHECK(run(*again) == first);
  const auto views = service::trial_views(first, "0");
  REQUIRE(views);
  CHECK(views->svg.find("<svg") == 0);
  CHECK(views->html.find("<svg") != std::string::npos);
  CHECK(views->html.find("http://") == views->html.find("http://www.w3.org/2000/svg"));  // nothing is fetched
  CHECK(views->text.find("power") != std::string::npos);
  CHECK(!service::trial_views("{}", "0"));
  CHECK(!service::trial_views(R"({"what": "graftline trial simulation"})", "0"));
  CHECK(!service::request_of("[]"));
}

TEST_CASE("one trial opened holds rows whose analysis is that of the simulation") {
  auto asked = request("effect");
  const auto opened = service::open_trial(asked, 3);
  REQUIRE(opened);
  const auto table = stats::parse_csv(opened->csv);
  REQUIRE(table);
  CHECK(table->rows == 200);
  analysis::Request question;
  question.formula = "Surv(relapse_or_death_days, relapse_or_death_status) ~ arm";
  question.event = "relapse or death";
  const auto found = analysis::analyse("logrank", *table, question);
  REQUIRE(found);
  for (const auto& result : found->tables) {
    if (result.id != "tests") continue;
    // The summary prints it to four figures.
    const double p = std::get<double>(result.rows[0][3]);
    const auto at = opened->summary.find("relapse_or_death");
    const auto from = opened->summary.find("p = ", at) + 4;
    CHECK(std::stod(opened->summary.substr(from)) == doctest::Approx(p).epsilon(1e-3));
  }
  CHECK(opened->curves.find("<svg") != std::string::npos);
  CHECK(opened->swimmers.find("infusion") != std::string::npos);
}

TEST_CASE("the size found for a power has it, and a smaller one has not") {
  // One exponential event without a model's detours: Schoenfeld asks for 4 (1.96 + .842)^2 / ln(.5)^2 = 65.3
  // events.
  const Folder folder("trial-size");
  std::ofstream(folder.path / "plain.model")
      << "model \"t\" id plain version 1\nsource s \"p\"\ntime in days\nstate a: free, event\n"
         "number h = 0.002 per day found cite s \"x\"\ntransition e when a is free at rate h then a becomes "
         "event\n"
         "variant control\nvariant better set h = 0.001 per day found cite s \"x\"\n";
  std::ofstream(folder.path / "size.scenario") << "scenario \"size\" id size model plain\n"
                                                  "trial x arms control 20, better 20 each followed 500 days "
                                                  "endpoint e when a is event found cite s \"x\"\n";
  service::TrialRequest asked;
  asked.scenario = folder.path / "size.scenario";
  asked.model_folders = {folder.path};
  asked.trials = 600;
  asked.truth_patients = 200;
  asked.type_1_error = false;
  asked.target_power = 0.8;
  const json found = json::parse(run(asked));
  const auto& point = found["points"][0];
  CHECK(point["result"]["rejected"]["mean"] >= 0.8);
  // P(event) is .632 and .393: 65.3 events are 63.7 patients an arm; 600 trials know the power to 1.6 points.
  const int patients = point["design"]["arms"][0]["patients"];
  CHECK(patients > 50);
  CHECK(patients < 78);
}

TEST_CASE("what cannot be simulated is refused with file, line and reason") {
  auto asked = request("effect");
  asked.vary = {"teta=0.5"};
  CHECK(reason(asked).find("did you mean 'theta'?") != std::string::npos);
  asked.vary = {"theta"};
  CHECK(reason(asked).find("expected NAME=VALUE") != std::string::npos);
  asked.vary = {"theta=-1"};
  CHECK(reason(asked).find("the model cannot be") != std::string::npos);
  asked.vary = {"patients=1e9"};
  CHECK(reason(asked).find("from 1 to 100000") != std::string::npos);
  asked = request("no_such_trial");
  CHECK(reason(asked).find("there are effect, conduct, by_protocol") != std::string::npos);

  const Folder folder("trial-errors");
  const auto scenario = [&](const std::string& text) {
    std::ofstream(folder.path / "x.scenario") << text;
    service::TrialRequest from;
    from.scenario = folder.path / "x.scenario";
    from.model_folders = {root + "/models"};
    from.protocol_folders = {root + "/protocols"};
    from.trials = 1;
    return reason(from);
  };
  const std::string head = "scenario \"x\" id x model acute-leukaemia\nsource own \"own\"\n";
  const std::string end = " endpoint e when vital is dead found cite own \"x\"\n";
  CHECK(scenario("trial x").find("x.scenario:1:1: error: expected 'scenario'") != std::string::npos);
  CHECK(scenario("scenario \"x\" id x model nowhere\n").find("there is no model 'nowhere'") !=
        std::string::npos);
  CHECK(scenario(head + "trial t arms r 10, r 10 each followed -12" + end).find("x.scenario:3:") !=
        std::string::npos);
  CHECK(scenario(head + "trial t arms r 10, r 10 by protocol nct07319794 record \"r.csv\" each followed 12" +
                 end)
            .find("x.scenario:3: ") != std::string::npos);
  CHECK(
      scenario(
          head +
          "variant v set l02 = -1 per month found cite own \"x\"\ntrial t arms v 10, r 10 each followed 12" +
          end)
          .find("x.scenario:") != std::string::npos);
}

TEST_CASE(
    "both arms of the registry design run by the protocol file give about what the model's policies give") {
  auto asked = request("by_protocol");
  asked.trials = 1;
  asked.truth_patients = 40;
  asked.threads = 2;
  asked.type_1_error = false;
  const json found = json::parse(run(asked));
  const auto& truth = found["points"][0]["truth"];
  // Nearly everybody of the prophylactic arm may get cells; of the other arm those whose MRD is found.
  CHECK(truth["infused"][1]["mean"] > 0.6);
  CHECK(truth["infused"][0]["mean"] < 0.4);
  CHECK(found["points"][0]["design"]["arms"][0]["protocol"]["id"] == "nct07319793");
}
