#include "stats/trial_workspace.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace graftline;
using namespace graftline::stats;

namespace {

struct Trial {
  std::vector<int> time, status, group, stratum;
  DayFollowUp rows() const { return {.time = time, .status = status, .group = group, .stratum = stratum}; }
};

Trial random_trial() {
  Trial trial;
  const int n = *rc::gen::inRange(2, 60);
  const int days = *rc::gen::element(3, 40, 5000, 2000000000);
  const int groups = *rc::gen::inRange(2, 4);
  const bool stratified = *rc::gen::arbitrary<bool>();
  for (int i = 0; i < n; ++i) {
    trial.time.push_back(*rc::gen::inRange(0, days));
    trial.status.push_back(*rc::gen::inRange(0, 3));
    trial.group.push_back(i < groups ? i : *rc::gen::inRange(0, groups));
    if (stratified) trial.stratum.push_back(*rc::gen::inRange(0, 2));
  }
  trial.status[0] = 2;  // both causes are there
  trial.status[1] = 1;
  return trial;
}

}  // namespace

TEST_CASE("a workspace that has seen other trials gives each trial the ordinary answers") {
  TrialWorkspace workspace;
  CHECK(rc::check([&] {
    const Trial trial = random_trial();
    RC_ASSERT(!workspace.load(trial.rows()));
    const auto tables = event_tables(trial.rows());
    RC_ASSERT(bool(tables));
    for (std::size_t s = 0; s < tables->size(); ++s) {
      RC_ASSERT(workspace.tables()[s].time == (*tables)[s].time);
      RC_ASSERT(workspace.tables()[s].count == (*tables)[s].count);
      RC_ASSERT(workspace.tables()[s].at_risk == (*tables)[s].at_risk);
    }
    const auto ordinary = logrank(trial.rows(), 0.5);
    const LogRank& test = workspace.logrank(0.5);
    RC_ASSERT(test.observed == ordinary->observed);
    RC_ASSERT(test.expected == ordinary->expected);
    RC_ASSERT(test.covariance.values == ordinary->covariance.values);
    RC_ASSERT(test.test.statistic == ordinary->test.statistic);
    const auto gray = gray_test(trial.rows(), 1, 1.0);
    RC_ASSERT(workspace.gray_test(1, 1.0).score == gray->score);
    RC_ASSERT(workspace.gray_test(1, 1.0).test.statistic == gray->test.statistic);
    if (!trial.stratum.empty()) return;
    const auto curves = kaplan_meier(trial.rows());
    const auto incidence = cumulative_incidence(trial.rows());
    for (std::size_t g = 0; g < curves->size(); ++g) {
      RC_ASSERT(workspace.kaplan_meier()[g].time == (*curves)[g].time);
      RC_ASSERT(workspace.kaplan_meier()[g].survival == (*curves)[g].survival);
      for (std::size_t k = 0; k < 2; ++k) {
        const IncidenceOfCause& mine = workspace.cumulative_incidence()[g].causes[k];
        RC_ASSERT(mine.incidence == (*incidence)[g].causes[k].incidence);
        RC_ASSERT(mine.standard_error == (*incidence)[g].causes[k].standard_error);
        RC_ASSERT(mine.lower.size() == mine.incidence.size());
      }
    }
  }));
}

TEST_CASE("a workspace refuses weights and delayed entry, which its tables cannot count") {
  const std::vector<int> time{3, 4}, status{1, 0}, group{0, 1}, entry{0, 1};
  TrialWorkspace workspace;
  const auto refused = workspace.load({.time = time, .status = status, .entry = entry, .group = group});
  REQUIRE(refused);
  CHECK(refused->kind == ErrorKind::unsupported);
}
