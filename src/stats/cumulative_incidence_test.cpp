#include "stats/cumulative_incidence.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <cmath>

using namespace graftline;
using namespace graftline::stats;

namespace {

doctest::Approx near(double x) { return doctest::Approx(x).epsilon(1e-12); }

// Relapse at 1, death at 2, censored at 3, relapse at 4.
const std::array<int, 4> days{1, 2, 3, 4};
const std::array<int, 4> status{1, 2, 0, 1};

struct Rows {
  std::vector<double> time, entry, weight;
  std::vector<int> status, cluster;
  RealFollowUp view() const {
    return {.time = time, .status = status, .entry = entry, .weight = weight, .cluster = cluster};
  }
};

double variance(const CumulativeIncidence& curve, std::size_t cause, std::size_t time) {
  return curve.causes[cause].standard_error[time] * curve.causes[cause].standard_error[time];
}

Rows generated(int n) {
  Rows rows;
  for (int i = 0; i < n; ++i) {
    rows.entry.push_back(*rc::gen::inRange(0, 4));
    rows.time.push_back(rows.entry.back() + *rc::gen::inRange(1, 8));
    rows.weight.push_back(0.25 * *rc::gen::inRange(1, 9));
    rows.status.push_back(*rc::gen::inRange(0, 3));
    rows.cluster.push_back(*rc::gen::inRange(0, 4));
  }
  return rows;
}

}  // namespace

TEST_CASE("cumulative incidences and event-free survival add up to 1") {
  // Event-free: 3/4, 1/2, 1/2, 0. Relapse: 1/4, then 1/4 + 1/2 * 1/1 = 3/4. Death: 1 * 3/4 * 1/3 = 1/4.
  auto curves = cumulative_incidence(DayFollowUp{days, status});
  REQUIRE(curves);
  const CumulativeIncidence& c = curves->front();
  CHECK(c.n_at_risk == std::vector<double>{4, 3, 2, 1});
  CHECK(c.event_free[1] == near(0.5));
  CHECK(c.causes[0].incidence[2] == near(0.25));
  CHECK(c.causes[0].incidence[3] == near(0.75));
  CHECK(c.causes[1].incidence[3] == near(0.25));
}

TEST_CASE("the Greenwood variance of an incidence is binomial until the first censoring") {
  // At 2: F (1 - F) / 4 = 3/64. At 4, from the increments at 1 and 2: 3/64 - 4/64 + 1/48 + 1/24 = 3/64.
  auto curves = cumulative_incidence(DayFollowUp{days, status}, {.variance = IncidenceVariance::greenwood});
  REQUIRE(curves);
  CHECK(curves->front().causes[0].standard_error[1] == near(std::sqrt(3.0 / 64)));
  CHECK(curves->front().causes[0].standard_error[3] == near(std::sqrt(3.0 / 64)));
  CHECK(curves->front().event_free_se[1] == near(std::sqrt(0.25 / 4)));
}

TEST_CASE("the Aalen-type variance takes each cause's increments as independent") {
  // F1 at 1: S^2 d / Y^2 = 1/16, then with S = 3/4 after it and F unchanged, (1 - 0)^2 / 16: the same at 2.
  // F2 at 2: own (3/4)^2 / 9 = 1/16; relapse at 1 moved it by -(1/4) / (3/4), so + 1/9 * 1/16: 5/72.
  auto curves = cumulative_incidence(DayFollowUp{days, status}, {.variance = IncidenceVariance::aalen});
  REQUIRE(curves);
  CHECK(curves->front().causes[0].standard_error[1] == near(0.25));
  CHECK(curves->front().causes[1].standard_error[1] == near(std::sqrt(5.0 / 72)));
}

TEST_CASE("with one cause the incidence is 1 - Kaplan-Meier") {
  const std::array<int, 5> time{30, 60, 60, 90, 120};
  const std::array<int, 5> ended{1, 1, 0, 1, 0};
  auto curves = cumulative_incidence(DayFollowUp{time, ended});
  REQUIRE(curves);
  CHECK(curves->front().causes[0].incidence[2] == near(0.7));
  CHECK(curves->front().causes[0].standard_error[2] == near(0.3 * std::sqrt(1.0 / 20 + 1.0 / 12 + 1.0 / 2)));
}

TEST_CASE(
    "the jackknife variance is that of the derivatives by case weight, with entry, weights and clusters") {
  rc::check([] {
    const Rows rows = generated(*rc::gen::inRange(3, 15));
    auto curves = cumulative_incidence(rows.view());
    RC_ASSERT(bool(curves));
    const std::size_t times = curves->front().time.size();
    for (std::size_t k = 0; k < curves->front().causes.size(); ++k) {
      std::vector<std::array<double, 4>> influence(times, {0, 0, 0, 0});
      std::vector<std::array<double, 4>> influence_free(times, {0, 0, 0, 0});
      for (std::size_t i = 0; i < rows.time.size(); ++i) {
        constexpr double step = 1e-4;
        Rows up = rows;
        Rows down = rows;
        up.weight[i] *= 1.0 + step;
        down.weight[i] *= 1.0 - step;
        const auto high = cumulative_incidence(up.view());
        const auto low = cumulative_incidence(down.view());
        for (std::size_t t = 0; t < times; ++t) {
          influence[t][rows.cluster[i]] +=
              (high->front().causes[k].incidence[t] - low->front().causes[k].incidence[t]) / (2 * step);
          influence_free[t][rows.cluster[i]] +=
              (high->front().event_free[t] - low->front().event_free[t]) / (2 * step);
        }
      }
      for (std::size_t t = 0; t < times; ++t) {
        double squares = 0.0;
        double squares_free = 0.0;
        for (double u : influence[t]) squares += u * u;
        for (double u : influence_free[t]) squares_free += u * u;
        RC_ASSERT(std::abs(curves->front().causes[k].standard_error[t] - std::sqrt(squares)) < 1e-6);
        RC_ASSERT(std::abs(curves->front().event_free_se[t] - std::sqrt(squares_free)) < 1e-6);
      }
    }
  });
}

TEST_CASE("without weights, clusters and delayed entry the jackknife and Greenwood variances are one") {
  rc::check([] {
    Rows rows = generated(*rc::gen::inRange(1, 30));
    std::vector<int> alone(rows.time.size());
    for (std::size_t i = 0; i < alone.size(); ++i) alone[i] = static_cast<int>(i);
    // Naming each row's own cluster takes the general path; naming none takes Greenwood's.
    const RealFollowUp general{.time = rows.time, .status = rows.status, .cluster = alone};
    const RealFollowUp quick{.time = rows.time, .status = rows.status};
    const auto a = cumulative_incidence(general);
    const auto b = cumulative_incidence(quick);
    for (std::size_t k = 0; k < a->front().causes.size(); ++k)
      for (std::size_t t = 0; t < a->front().time.size(); ++t)
        RC_ASSERT(std::abs(variance(a->front(), k, t) - variance(b->front(), k, t)) < 1e-14);
  });
}
