#include "stats/concordance.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <cmath>

using namespace graftline;
using namespace graftline::stats;

TEST_CASE("pairs are counted as defined: an event against all still under observation after it") {
  rc::check([] {
    const int n = *rc::gen::inRange(2, 20);
    std::vector<double> time, entry, weight, score;
    std::vector<int> status, stratum;
    for (int i = 0; i < n; ++i) {
      entry.push_back(*rc::gen::inRange(0, 3));
      time.push_back(entry.back() + *rc::gen::inRange(1, 6));
      weight.push_back(*rc::gen::inRange(1, 4));
      score.push_back(*rc::gen::inRange(0, 5));
      status.push_back(*rc::gen::inRange(0, 2));
      stratum.push_back(*rc::gen::inRange(0, 2));
    }
    const RealFollowUp rows{
        .time = time, .status = status, .entry = entry, .weight = weight, .stratum = stratum};
    double concordant = 0.0;
    double discordant = 0.0;
    double tied = 0.0;
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        const bool later = time[j] > time[i] || (time[j] == time[i] && status[j] == 0);
        if (i == j || status[i] == 0 || stratum[i] != stratum[j] || !later || entry[j] >= time[i]) continue;
        (score[i] > score[j] ? concordant : score[i] < score[j] ? discordant : tied) += weight[i] * weight[j];
      }
    auto c = concordance(rows, score);
    RC_ASSERT(bool(c));
    RC_ASSERT(std::abs(c->concordant - concordant) < 1e-9);
    RC_ASSERT(std::abs(c->discordant - discordant) < 1e-9);
    RC_ASSERT(std::abs(c->tied_score - tied) < 1e-9);
  });
}

TEST_CASE("a perfect score has concordance 1 without error, no pair has none") {
  const std::array<double, 3> time{1, 2, 3};
  const std::array<int, 3> status{1, 1, 0};
  const std::array<double, 3> score{3, 2, 1};
  auto perfect = concordance(RealFollowUp{time, status}, score);
  REQUIRE(perfect);
  CHECK(perfect->value == 1.0);
  CHECK(perfect->standard_error == 0.0);
  const std::array<int, 3> none{0, 0, 0};
  CHECK(std::isnan(concordance(RealFollowUp{time, none}, score)->value));
}
