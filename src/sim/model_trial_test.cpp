#include "sim/model_trial.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "sim/parse_model.h"

using namespace graftline;

namespace {

sim::Model shipped() {
  auto model = sim::read_model(std::string(GRAFTLINE_SOURCE_DIR) + "/models/acute-leukaemia.model");
  REQUIRE(model);
  return std::move(*model);
}

sim::TrialOutcome run(const sim::Model& model, std::string_view name, const sim::PlainPlan& plan) {
  const auto trial = std::ranges::find(model.trials, name, &sim::TrialPlan::name);
  REQUIRE(trial != model.trials.end());
  auto outcome = sim::simulate_trials(model, *trial, plan);
  REQUIRE(outcome);
  return std::move(*outcome);
}

}  // namespace

TEST_CASE(
    "100 + 100 with relapse at one year: the power by effect that the design's reconstruction printed") {
  // Printed, from 1500 to 2000 trials: log-rank on relapse, on leukaemia-free survival, on survival.
  const auto model = shipped();
  struct Row {
    const char* trial;
    double relapse, free, survival;
  };
  for (const Row& row : {Row{"nct07319793_no_effect", .044, .047, .047}, Row{"nct07319793", .405, .25, .125},
                         Row{"nct07319793_theta_40", .79, .57, .28}}) {
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

TEST_CASE("two variants that are the same reject at the nominal level, by every test") {
  const auto model = shipped();
  const auto outcome = run(model, "nct07319793_no_effect", {800, 6, 2});
  for (const auto& endpoint : outcome.endpoints) {
    CAPTURE(endpoint.name);
    const double error = 4.0 * std::sqrt(.05 * .95 / 800.0);
    CHECK(std::abs(endpoint.log_rank.mean - .05) < error);
    CHECK(std::abs(endpoint.difference.mean - .05) <
          error + .01);  // a Wald test of 100 + 100 is a little liberal
    if (endpoint.has_competing) CHECK(std::abs(endpoint.gray.mean - .05) < error);
  }
}

TEST_CASE("a trial gives the same figures on one thread and on two") {
  const auto model = shipped();
  const auto one = run(model, "nct03597321", {40, 7, 1});
  const auto two = run(model, "nct03597321", {40, 7, 2});
  for (std::size_t i = 0; i < one.endpoints.size(); ++i) {
    CHECK(one.endpoints[i].incidence[1].mean == two.endpoints[i].incidence[1].mean);
    CHECK(one.endpoints[i].log_rank.mean == two.endpoints[i].log_rank.mean);
  }
  CHECK(one.cells[1].mean == two.cells[1].mean);
}

TEST_CASE("a trial of a model file names arms that exist, and ends") {
  const std::string head = "model \"t\" id t version 1\nsource s \"p\"\nstate a: b, c\nvariant v\n";
  const auto mistake = [&](const std::string& rest) {
    const auto parsed = sim::parse_model(head + rest);
    return parsed.diagnostics.empty() ? std::string() : parsed.diagnostics.front().message;
  };
  CHECK(mistake("trial x arms v 10, v 10 each followed 3 endpoint e when a is c found cite s \"p\"\n") == "");
  CHECK(mistake("trial x arms v 10, w 10 each followed 3 endpoint e when a is c found cite s \"p\"\n")
            .find("there is no 'w'") == 0);
  CHECK(mistake("trial x arms v 10 each followed 3 endpoint e when a is c found cite s \"p\"\n")
            .find("two arms") != std::string::npos);
  CHECK(mistake("trial x arms v 10, v 0 each followed 3 endpoint e when a is c found cite s \"p\"\n") ==
        "an arm has at least one patient");
  CHECK(mistake("trial x arms v 10, v 10 each followed 0 endpoint e when a is c found cite s \"p\"\n")
            .find("follow-up is above 0") == 0);
}
