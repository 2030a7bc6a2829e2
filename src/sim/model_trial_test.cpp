#include "sim/model_trial.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "sim/parse_model.h"
#include "stats/gray.h"
#include "stats/logrank.h"
#include "stats/survival_design.h"

using namespace graftline;

namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  REQUIRE(file);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The shipped model, with these trials beside it.
sim::Model shipped(const std::string& trials) {
  auto parsed =
      sim::parse_model(text_of(std::string(GRAFTLINE_SOURCE_DIR) + "/models/acute-leukaemia.model"));
  REQUIRE(parsed.ok());
  auto whole = sim::with_targets(std::move(parsed), trials, "trials");
  CAPTURE(whole.mistakes());
  REQUIRE(whole.ok());
  return std::move(whole.model);
}

const std::string endpoints =
    " endpoint relapse when disease is relapsed competing vital is dead"
    " endpoint relapse_or_death when disease is relapsed or vital is dead"
    " endpoint death when vital is dead found cite s68 \"x\"\n";

sim::TrialOutcome run(const sim::Model& model, std::string_view name, const sim::PlainPlan& plan,
                      const sim::TrialTruth& truth = {}) {
  const auto trial = std::ranges::find(model.trials, name, &sim::TrialPlan::name);
  REQUIRE(trial != model.trials.end());
  auto outcome = sim::simulate_trials(model, *trial, plan, truth);
  REQUIRE(outcome);
  return std::move(*outcome);
}

// One exponential event, and a competing one: everything about it is known in closed form.
const std::string two_causes =
    "model \"t\" id t version 1\nsource s \"p\"\ntime in days\nstate a: free, event, other\n"
    "number h = 0.002 per day found cite s \"x\"\nnumber c = 0.0005 per day found cite s \"x\"\n"
    "transition e when a is free at rate h then a becomes event\n"
    "transition o when a is free at rate c then a becomes other\n"
    "variant control\nvariant better set h = 0.001 per day found cite s \"x\"\n";

sim::Model small(const std::string& trial) {
  auto parsed = sim::parse_model(two_causes + trial);
  CAPTURE(parsed.mistakes());
  REQUIRE(parsed.ok());
  return std::move(parsed.model);
}

// Within so many Monte-Carlo standard errors.
bool is_near(const sim::MonteCarlo& found, double expected, double errors = 4.0, double more = 0.0) {
  return std::abs(found.mean - expected) <= errors * found.standard_error + more;
}

}  // namespace

TEST_CASE(
    "100 + 100 with relapse at one year: the power by effect that the design's reconstruction printed") {
  // Printed, from 1500 to 2000 trials: log-rank on relapse, on leukaemia-free survival, on survival.
  const auto model = shipped(
      "variant theta_40 extends r_prophylactic set theta = 0.40 proposal cite s68 \"x\"\n"
      "trial none arms r_preemptive 100, r_preemptive 100 each followed 12 months" +
      endpoints + "trial theta_60 arms r_preemptive 100, r_prophylactic 100 each followed 12 months" +
      endpoints + "trial theta_40_trial arms r_preemptive 100, theta_40 100 each followed 12 months" +
      endpoints);
  struct Row {
    const char* trial;
    double relapse, free, survival;
  };
  for (const Row& row : {Row{"none", .044, .047, .047}, Row{"theta_60", .405, .25, .125},
                         Row{"theta_40_trial", .79, .57, .28}}) {
    CAPTURE(row.trial);
    constexpr double n = 300;
    const auto outcome = run(model, row.trial, {static_cast<std::uint32_t>(n), 5, 2});
    // Two simulations: the errors of both, four times, and a point for the steps of the other.
    const auto close = [&](double found, double printed) {
      return std::abs(found - printed) <
             4.0 * std::sqrt(printed * (1.0 - printed) * (1.0 / n + 1.0 / 1500.0)) + 0.01;
    };
    CHECK(close(outcome.endpoints[0].log_rank.mean, row.relapse));
    CHECK(close(outcome.endpoints[1].log_rank.mean, row.free));
    CHECK(close(outcome.endpoints[2].log_rank.mean, row.survival));
    CHECK(std::abs(outcome.endpoints[0].incidence[0].mean - .35) < .02);
  }
}

TEST_CASE(
    "two arms that are the same reject at the nominal level, by every test, with strata and with looks") {
  const auto model = small(
      "trial plain arms control 100, control 100 accrual 300 days followed 300 days after the last"
      " endpoint e when a is event competing a is other found cite s \"x\"\n"
      "trial strata arms control 100, control 100 accrual 300 days followed 300 days after the last"
      " factor donor is one of related 50 %, other 50 % randomised in blocks of 2, 4 stratified"
      " endpoint e when a is event competing a is other found cite s \"x\"\n"
      "trial looks arms control 100, control 100 accrual 300 days followed 300 days after the last"
      " randomised by coin towards 66.7 % looks after 40 of 120 events boundary pocock"
      " endpoint e when a is event competing a is other found cite s \"x\"\n");
  const double error = 4.0 * std::sqrt(.05 * .95 / 800.0);
  for (const char* name : {"plain", "strata", "looks"}) {
    CAPTURE(name);
    const auto outcome = run(model, name, {800, 6, 2});
    CHECK(std::abs(outcome.rejected.mean - .05) < error);
    if (std::string(name) == "looks") continue;  // the others test again at the day the trial stopped
    CHECK(std::abs(outcome.endpoints[0].gray.mean - .05) < error);
    CHECK(std::abs(outcome.endpoints[0].difference_test.mean - .05) <
          error + .01);  // a Wald test is a little liberal
  }
}

TEST_CASE("competing exponential causes: incidences, events and power agree with closed forms") {
  const auto model = small(
      "trial x arms control 150, better 150 each followed 600 days"
      " endpoint e when a is event competing a is other found cite s \"x\"\n");
  const auto simulation = sim::TrialSimulation::plan(model, model.trials[0], {nullptr, nullptr});
  REQUIRE(simulation);
  const auto truth = simulation->truth(20'000, 3, 2);
  REQUIRE(truth);
  // h / (h + c) (1 - exp(-(h + c) t)): .8 (1 - exp(-1.5)) = .621496; 2/3 (1 - exp(-.9)) = .395620.
  CHECK(is_near(truth->quantities[0].proportion[0], .621496));
  CHECK(is_near(truth->quantities[0].proportion[1], .395620));
  CHECK(is_near(truth->quantities[0].difference, .225876));
  const auto outcome = run(model, "x", {600, 4, 2}, *truth);
  CHECK(is_near(outcome.endpoints[0].incidence[0], .621496));
  CHECK(is_near(outcome.endpoints[0].incidence[1], .395620));
  CHECK(is_near(outcome.endpoints[0].events, 150.0 * (.621496 + .395620)));
  // The estimate is fair, and its interval holds the truth in 95 of 100.
  CHECK(is_near(outcome.endpoints[0].bias, 0.0, 4.0, 4.0 * truth->quantities[0].difference.standard_error));
  CHECK(is_near(outcome.endpoints[0].covered, .95, 4.0, .005));
  // Schoenfeld: 152.6 events at ln(2): Z has mean ln(2) sqrt(152.6 / 4) = 4.281, power Phi(4.281 - 1.960) =
  // .990.
  CHECK(is_near(outcome.rejected, .990, 4.0, .01));
  CHECK(outcome.duration.mean == doctest::Approx(600.0));
}

TEST_CASE("the tests of a simulated trial are those of stats on its rows") {
  const auto model = small(
      "trial x arms control 40, better 40 accrual 200 days followed 200 days after the last dropout 0.0005 "
      "per day"
      " factor donor is one of related 50 %, other 50 % randomised by minimisation stratified"
      " endpoint e when a is event competing a is other found cite s \"x\"\n");
  const auto simulation = sim::TrialSimulation::plan(model, model.trials[0], {nullptr, nullptr});
  REQUIRE(simulation);
  for (std::uint32_t replicate = 0; replicate < 20; ++replicate) {
    const auto opened = simulation->open(9, replicate);
    REQUIRE(opened);
    std::vector<double> time;
    std::vector<int> status, only_event, group, stratum;
    const sim::TrialData& data = opened->data;
    for (std::size_t p = 0; p < data.size(); ++p) {
      const auto row = sim::TrialAnalysis::row(data, 0, p, opened->stopped_on);
      time.push_back(row.days);
      status.push_back(row.status);
      only_event.push_back(row.status == 1 ? 1 : 0);
      group.push_back(data.arm[p]);
      stratum.push_back(data.stratum[p]);
    }
    sim::TrialAnalysis analysis(model.trials[0], simulation->horizon_day());
    const auto found = analysis.endpoint(data, 0, opened->stopped_on);
    const auto logrank = stats::logrank(
        stats::RealFollowUp{.time = time, .status = only_event, .group = group, .stratum = stratum});
    REQUIRE(logrank);
    CHECK(found.log_rank_p == doctest::Approx(logrank->test.p).epsilon(1e-12));
    const auto gray = stats::gray_test(
        stats::RealFollowUp{.time = time, .status = status, .group = group, .stratum = stratum}, 1);
    REQUIRE(gray);
    CHECK(found.gray_p == doctest::Approx(gray->test.p).epsilon(1e-12));
    CHECK(found.log_rank_z * found.log_rank_z == doctest::Approx(logrank->test.statistic));
  }
}

TEST_CASE("blocks leave arms level within each stratum; losses come at their hazard") {
  const auto model = small(
      "trial x arms control 100, better 100 each followed 365 days dropout 0.001 per day"
      " factor donor is one of related 50 %, other 50 % randomised in blocks of 4"
      " endpoint e when a is event competing a is other found cite s \"x\"\n");
  const auto simulation = sim::TrialSimulation::plan(model, model.trials[0], {nullptr, nullptr});
  REQUIRE(simulation);
  double lost = 0.0;
  for (std::uint32_t replicate = 0; replicate < 50; ++replicate) {
    const auto opened = simulation->open(2, replicate);
    REQUIRE(opened);
    std::map<int, int> ahead;
    for (std::size_t p = 0; p < opened->data.size(); ++p) {
      ahead[opened->data.stratum[p]] += opened->data.arm[p] == 0 ? 1 : -1;
      lost += opened->data.is_lost[p];
    }
    for (const auto& [stratum, difference] : ahead) CHECK(std::abs(difference) <= 2);
  }
  // 1 - exp(-.365) = .3058 of 10 000 patients, +- 4 x 46.
  CHECK(std::abs(lost - 3058.0) < 4.0 * 46.0);
}

TEST_CASE("patients who cross over at once are as those of the other arm, with the same fates") {
  const std::string policy =
      "model \"t\" id t version 1\nsource s \"p\"\ntime in days\nstate a: free, event\nstate cells: none, "
      "given\n"
      "transition e when a is free at rate (if cells is given then 0.001 else 0.004) then a becomes event "
      "found cite s \"x\"\n"
      "policy give on start when a is free then infuse 1e7 found cite s \"x\"\n"
      "transition note on infusion then cells becomes given\n"
      "variant without_cells\nvariant with_cells uses give\n";
  const auto trial = [&](const std::string& crossover) {
    auto parsed =
        sim::parse_model(policy + "trial x arms without_cells 50, with_cells 50 each followed 365 days" +
                         crossover + " endpoint e when a is event found cite s \"x\"\n");
    CAPTURE(parsed.mistakes());
    REQUIRE(parsed.ok());
    return std::move(parsed.model);
  };
  const auto crossing = trial(" crossover from control when a is free with probability 100 %");
  const auto simulation = sim::TrialSimulation::plan(crossing, crossing.trials[0], {nullptr, nullptr});
  REQUIRE(simulation);
  auto draw = simulation->worker();
  sim::PatientCourse here, there;
  for (std::uint64_t p = 0; p < 200; ++p) {
    REQUIRE(!draw.patient(0, {7, p}, 365.0, here));
    REQUIRE(!draw.patient(1, {7, p}, 365.0, there));
    CHECK(here.crossed_over);
    CHECK(here.event == there.event);
    CHECK(here.given.size() == 1);
  }
  const auto halved = trial(" crossover from control when a is free with probability 50 %");
  const auto outcome = run(halved, "x", {200, 3, 1});
  CHECK(is_near(outcome.crossed_over, 25.0));
}

TEST_CASE("watching for harm stops a trial in which it is common, and seldom one in which it is acceptable") {
  const auto model = small(
      "trial common arms control 100, control 100 accrual 300 days followed 300 days after the last"
      " safety harm in experimental when a is event within 200 days acceptable 15 % level 5 %"
      " endpoint e when a is event found cite s \"x\"\n"
      "trial acceptable arms control 100, control 100 accrual 300 days followed 300 days after the last"
      " safety harm in experimental when a is event within 200 days acceptable 31.48 % level 5 %"
      " endpoint e when a is event found cite s \"x\"\n");
  // Within 200 days .8 (1 - exp(-.5)) = .3148 have the event.
  const auto common = run(model, "common", {200, 3, 2});
  CHECK(common.stopped_for_harm[0].mean > 0.95);
  CHECK(common.patients.mean < 150.0);
  const auto acceptable = run(model, "acceptable", {800, 3, 2});
  CHECK(acceptable.stopped_for_harm[0].mean < .05 + 4.0 * std::sqrt(.05 * .95 / 800.0));
}

TEST_CASE("a trial gives the same figures on one thread and on two") {
  const auto model =
      shipped("trial x arms e_control 62, e_prophylactic 62 each followed 24 months" + endpoints);
  const auto one = run(model, "x", {40, 7, 1});
  const auto two = run(model, "x", {40, 7, 2});
  for (std::size_t i = 0; i < one.endpoints.size(); ++i) {
    CHECK(one.endpoints[i].incidence[1].mean == two.endpoints[i].incidence[1].mean);
    CHECK(one.endpoints[i].log_rank.mean == two.endpoints[i].log_rank.mean);
  }
  CHECK(one.cells[1].mean == two.cells[1].mean);
}

TEST_CASE("a trial that cannot be is refused with its place and reason") {
  const std::string head = "model \"t\" id t version 1\nsource s \"p\"\nstate a: b, c\nvariant v\n";
  const auto mistake = [&](const std::string& rest) {
    const auto parsed = sim::parse_model(head + rest);
    return parsed.diagnostics.empty() ? std::string() : parsed.diagnostics.front().message;
  };
  const std::string end = " endpoint e when a is c found cite s \"p\"\n";
  CHECK(mistake("trial x arms v 10, v 10 each followed 3" + end) == "");
  CHECK(mistake("trial x arms v 10, w 10 each followed 3" + end).find("there is no 'w'") == 0);
  CHECK(mistake("trial x arms v 10 each followed 3" + end).find("two arms") != std::string::npos);
  CHECK(mistake("trial x arms v 10, v 0 each followed 3" + end) == "an arm has at least one patient");
  CHECK(mistake("trial x arms v 10, v 99999999 each followed 3" + end) != "");
  CHECK(mistake("trial x arms v 10, v 10 each followed 0" + end).find("follow-up is above 0") == 0);
  CHECK(
      mistake("trial x arms v 10, v 10 each followed -3" + end).find("the time of follow-up lies between") ==
      0);
  CHECK(mistake("trial x arms v 10, v 10 accrual -1 each followed 3" + end).find("the time over which") == 0);
  CHECK(
      mistake("trial x arms v 10, v 10 each followed 3 dropout -1" + end).find("the hazard of being lost") ==
      0);
  CHECK(mistake("trial x arms v 10, v 20 each followed 3 randomised in blocks of 4" + end)
            .find("a multiple of 3") != std::string::npos);
  CHECK(mistake("trial x arms v 10, v 10 each followed 3 randomised by minimisation" + end)
            .find("balances factors") != std::string::npos);
  CHECK(mistake("trial x arms v 10, v 10 each followed 3 factor f is one of x 30 %, y 30 %" + end)
            .find("60 %, not 100") != std::string::npos);
  CHECK(mistake("trial x arms v 10, v 10 each followed 3 looks after 40, 20 of 80 events" + end)
            .find("increasing numbers") != std::string::npos);
  CHECK(mistake("trial x arms v 10, v 10 each followed 3 endpoint e when a is c tested by gray found cite s "
                "\"p\"\n")
            .find("needs a competing event") != std::string::npos);
}
