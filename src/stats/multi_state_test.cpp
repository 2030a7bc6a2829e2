#include "stats/multi_state.h"

#include <doctest/doctest.h>

#include <cmath>

#include "stats/current_survival.h"

using namespace graftline;
using namespace graftline::stats;

namespace {

doctest::Approx near(double x) { return doctest::Approx(x).epsilon(1e-12); }

// States 0 well, 1 ill, 2 dead. A: ill at 2, dead at 5. B: dead at 3. C: ill at 4, censored at 6. D: censored
// at 3.
struct Patients {
  std::vector<int> from{0, 1, 0, 0, 1, 0};
  std::vector<int> to{1, 2, 2, 1, -1, -1};
  std::vector<double> entry{0, 2, 0, 0, 4, 0};
  std::vector<double> exit{2, 5, 3, 4, 6, 3};
  std::vector<int> patient{0, 0, 1, 2, 2, 3};
  Stays view() const { return {from, to, entry, exit, {}, patient}; }
};

}  // namespace

TEST_CASE("transition probabilities multiply what happened at each time") {
  // At risk in 0: 4, 3, 1 at 2, 3, 4. P(0,.) from 0: (3/4, 1/4, 0), (1/2, 1/4, 1/4), (0, 3/4, 1/4), then half
  // the ill die.
  const Patients patients;
  auto model = multi_state(patients.view(), 3);
  REQUIRE(model);
  CHECK(model->counts(0, 1) == 2);
  CHECK(model->counts(0, 3) == 1);
  CHECK(model->counts(1, 4) == 2);
  CHECK(model->counts(2, 4) == 2);
  const std::vector<double> times{2, 3, 4, 5};
  auto p = transition_probabilities(*model, 0, times);
  REQUIRE(p);
  CHECK(p->probability[1](0, 0) == near(0.5));
  CHECK(p->probability[1](0, 2) == near(0.25));
  CHECK(p->probability[2](0, 1) == near(0.75));
  CHECK(p->probability[3](0, 1) == near(0.375));
  CHECK(p->probability[3](0, 2) == near(0.625));
  CHECK(p->probability[3](1, 1) == near(0.5));
  CHECK(p->probability[3](2, 2) == 1.0);
  CHECK(p->standard_error[0](0, 0) == near(std::sqrt(3.0 / 64)));
  auto later = transition_probabilities(*model, 3, times);
  CHECK(!later);
}

TEST_CASE("hazards' variances are d (Y - d) / Y^3 or d / Y^2") {
  const Patients patients;
  auto model = multi_state(patients.view(), 3);
  const auto greenwood = cumulative_hazards(*model, StateVariance::greenwood);
  const auto aalen = cumulative_hazards(*model, StateVariance::aalen);
  CHECK(greenwood[0].transition == Transition{0, 1});
  CHECK(greenwood[0].cumulative_hazard.back() == near(1.25));
  CHECK(greenwood[0].standard_error.back() == near(std::sqrt(3.0 / 64)));
  CHECK(aalen[0].standard_error.back() == near(std::sqrt(1.0 / 16 + 1.0)));
}

TEST_CASE("the times spent in the states add up to the horizon") {
  // Well 2 + 3/4 + 1/2; ill 1/4 + 1/4 + 3/4 + 3/8; dead 1/4 + 1/4 + 5/8.
  const Patients patients;
  auto model = multi_state(patients.view(), 3);
  auto stay = expected_length_of_stay(*model, 0, 6);
  REQUIRE(stay);
  CHECK((*stay)(0, 0) == near(3.25));
  CHECK((*stay)(0, 1) == near(1.625));
  CHECK((*stay)(0, 2) == near(1.125));
}

TEST_CASE(
    "with everybody starting well, occupancy is the first row of P; its jackknife is binomial before "
    "censoring") {
  const Patients patients;
  const std::vector<double> times{2, 5};
  auto occupancy = state_occupancy(patients.view(), 3, {{0}, {1}, {2}, {0, 1}}, times);
  REQUIRE(occupancy);
  CHECK(occupancy->probability[0][0] == near(0.75));
  CHECK(occupancy->standard_error[0][0] == near(std::sqrt(0.75 * 0.25 / 4)));
  CHECK(occupancy->probability[2][1] == near(0.625));
  CHECK(occupancy->probability[3][1] == near(0.375));
  CHECK(occupancy->standard_error[3][1] == near(occupancy->standard_error[2][1]));
}

TEST_CASE("a remission regained counts again: current survival rises where first-event survival cannot") {
  // A relapses at 2, is in remission again at 4; B never leaves remission.
  const std::vector<int> from{0, 1, 0, 0};
  const std::vector<int> to{1, 0, -1, -1};
  const std::vector<double> entry{0, 2, 4, 0};
  const std::vector<double> exit{2, 4, 6, 6};
  const std::vector<int> patient{0, 0, 0, 1};
  const std::vector<double> times{1, 2, 4};
  auto survival = current_survival(Stays{from, to, entry, exit, {}, patient}, 3, {0}, times);
  REQUIRE(survival);
  CHECK(survival->probability == std::vector<double>{1, 0.5, 1});
  CHECK(survival->never_left == std::vector<double>{1, 0.5, 0.5});
}

TEST_CASE("rows by transition: clock forward keeps the entry, clock reset starts again at 0") {
  const Patients patients;
  const std::vector<Transition> transitions{{0, 1}, {0, 2}, {1, 2}};
  auto forward = transition_rows(patients.view(), 3, transitions, Clock::forward);
  auto reset = transition_rows(patients.view(), 3, transitions, Clock::reset);
  REQUIRE(forward);
  REQUIRE(reset);
  CHECK(forward->time.size() == 10);  // four stays well with two ways out, two stays ill with one
  CHECK(forward->entry[2] == 2);
  CHECK(reset->entry.empty());
  CHECK(reset->time[2] == 3);
  CHECK(forward->status == std::vector<int>{1, 0, 1, 0, 1, 1, 0, 0, 0, 0});
  const std::vector<double> age{60, 60, 50, 40, 40, 30};
  const auto columns = by_transition(*forward, age, 3);
  CHECK(columns[2] == std::vector<double>{0, 0, 60, 0, 0, 0, 0, 40, 0, 0});
}

TEST_CASE("a stay that ends before it begins is named") {
  Patients patients;
  patients.exit[1] = 2;
  auto model = multi_state(patients.view(), 3);
  REQUIRE(!model);
  CHECK(model.error().message.find("row 2, column exit") != std::string::npos);
}
