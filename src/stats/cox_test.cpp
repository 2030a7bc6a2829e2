#include "stats/cox.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <cmath>

#include "stats/cox_curve.h"
#include "stats/cox_residuals.h"

using namespace graftline;
using namespace graftline::stats;

namespace {

doctest::Approx near(double x) { return doctest::Approx(x).epsilon(1e-10); }

CoxDesign design_of(const std::vector<double>& time, const std::vector<int>& status,
                    const std::vector<std::vector<double>>& columns, const std::vector<double>& entry = {},
                    const std::vector<double>& weight = {}, const std::vector<int>& cluster = {}) {
  Covariates covariates;
  for (const auto& column : columns) {
    covariates.names.push_back("x" + std::to_string(covariates.names.size() + 1));
    covariates.columns.emplace_back(column);
  }
  auto design = cox_design(
      RealFollowUp{.time = time, .status = status, .entry = entry, .weight = weight, .cluster = cluster},
      covariates);
  REQUIRE(design);
  return *design;
}

}  // namespace

TEST_CASE("three deaths in turn: the partial likelihood is solved by hand") {
  // x = 1, 0, 1 die at 1, 2, 3: L = u / (2u + 1) * 1 / (1 + u) with u = exp(b); dL = 0 at u = sqrt(1/2).
  const CoxDesign design = design_of({1, 2, 3}, {1, 1, 1}, {{1, 0, 1}});
  auto fit = cox(design);
  REQUIRE(fit);
  const double u = std::sqrt(0.5);
  CHECK(fit->coefficient[0] == near(-0.5 * std::log(2.0)));
  CHECK(fit->log_likelihood_null == near(-std::log(6.0)));
  CHECK(fit->log_likelihood == near(std::log(u / ((2 * u + 1) * (1 + u)))));
  const double information = 2 * u / ((2 * u + 1) * (2 * u + 1)) + u / ((1 + u) * (1 + u));
  CHECK(fit->covariance(0, 0) == near(1.0 / information));
  // At b = 0: score 1 - 2/3 - 1/2 = -1/6, information 2/9 + 1/4 = 17/36.
  CHECK(fit->score.statistic == near(1.0 / 36 / (17.0 / 36)));
  CHECK(fit->wald.statistic == near(fit->coefficient[0] * fit->coefficient[0] * information));
  CHECK(fit->monotone.empty());
}

TEST_CASE("two deaths on one day: Efron, Breslow and exact each have their own likelihood") {
  // Deaths with x = 1 and 0, one survivor with x = 0. Efron: u / ((u + 2)(u + 3)/2), so u = sqrt 6. Breslow:
  // u / (u + 2)^2, so u = 2.
  const CoxDesign design = design_of({1, 1, 2}, {1, 1, 0}, {{1, 0, 0}});
  CHECK(cox(design, {.ties = Ties::efron})->coefficient[0] == near(0.5 * std::log(6.0)));
  CHECK(cox(design, {.ties = Ties::breslow})->coefficient[0] == near(std::log(2.0)));
  // Exact, with survivors x = 1 and 0: the sum of x over two of {1, 0, 1, 0} is 0, 1, 2 with chances 1, 4, 1
  // in 6, so the optimum is 0 by symmetry, log-likelihood -log 6 (4 of the 6 pairs have the same sum),
  // variance of the sum 1/3.
  auto exact = cox(design_of({1, 1, 2, 2}, {1, 1, 0, 0}, {{1, 0, 1, 0}}), {.ties = Ties::exact});
  REQUIRE(exact);
  CHECK(std::abs(exact->coefficient[0]) < 1e-9);
  CHECK(exact->log_likelihood == near(-std::log(6.0)));
  CHECK(exact->covariance(0, 0) == near(3.0));
}

TEST_CASE("a covariate that separates who dies first has no finite estimate, and is named") {
  // L = u / (u + 1) rises for ever. With Firth's penalty: 1.5 b - 2 log(1 + u), so u = 3.
  const CoxDesign design = design_of({1, 2}, {1, 0}, {{1, 0}});
  auto fit = cox(design);
  REQUIRE(fit);
  REQUIRE(fit->monotone.size() == 1);
  CHECK(fit->monotone[0].covariate == 0);
  CHECK(fit->monotone[0].sign == 1);
  CHECK(fit->log_likelihood == doctest::Approx(0.0).epsilon(1e-6));
  auto firth = cox(design, {.firth = true});
  REQUIRE(firth);
  CHECK(firth->coefficient[0] == near(std::log(3.0)));
  CHECK(firth->monotone.empty());
}

TEST_CASE("a covariate that repeats another is left out and named") {
  const CoxDesign design = design_of({1, 2, 3}, {1, 1, 1}, {{1, 0, 1}, {3, 1, 3}, {7, 7, 7}});
  auto fit = cox(design);
  REQUIRE(fit);
  CHECK(fit->collinear == std::vector<int>{1, 2});
  CHECK(fit->coefficient[0] == near(-0.5 * std::log(2.0)));
  CHECK(std::isnan(fit->coefficient[1]));
  CHECK(fit->likelihood_ratio.df == 1);
}

TEST_CASE("a patient split into start-stop rows counts as the whole patient") {
  const CoxDesign whole = design_of({1, 2, 3, 4}, {1, 1, 0, 1}, {{0.5, -1, 2, 0}});
  const CoxDesign split =
      design_of({1, 2, 1.5, 3, 4}, {1, 1, 0, 0, 1}, {{0.5, -1, 2, 2, 0}}, {0, 0, 0, 1.5, 0});
  CHECK(cox(split)->coefficient[0] == near(cox(whole)->coefficient[0]));
  CHECK(cox(split)->log_likelihood == near(cox(whole)->log_likelihood));
}

TEST_CASE("martingale residuals are deaths minus expected deaths") {
  // At u = sqrt(1/2) hazards are 1 / (2u + 1), 1 / (1 + u), 1 / u.
  const CoxDesign design = design_of({1, 2, 3}, {1, 1, 1}, {{1, 0, 1}});
  auto fit = cox(design);
  const double u = std::sqrt(0.5);
  const std::vector<double> residual = martingale_residuals(design, *fit);
  CHECK(residual[0] == near(1.0 - u / (2 * u + 1)));
  CHECK(residual[1] == near(1.0 - 1 / (2 * u + 1) - 1 / (1 + u)));
  CHECK(residual[2] == near(-u / (2 * u + 1) - u / (1 + u)));
  const SchoenfeldResiduals schoenfeld = schoenfeld_residuals(design, *fit);
  // The first event's mean of x is 2u / (2u + 1); residuals are centered like the covariates.
  CHECK(schoenfeld.residual(0, 0) == near(1.0 - 2 * u / (2 * u + 1)));
  const auto curve = predicted_curves(design, *fit, std::vector<double>{0.0}).front();
  CHECK(curve.cumulative_hazard[1] == near(1 / (2 * u + 1) + 1 / (1 + u)));
  CHECK(curve.survival[1] == near(std::exp(-1 / (2 * u + 1) - 1 / (1 + u))));
}

TEST_CASE("every patient written twice in one cluster leaves robust errors as they were") {
  const std::vector<double> time{1, 2, 3, 4, 5, 6};
  const std::vector<int> status{1, 1, 0, 1, 1, 0};
  const std::vector<double> x{0.3, 1.0, -0.2, 0.8, -1.0, 0.1};
  std::vector<double> time2(time), x2(x);
  std::vector<int> status2(status), cluster{0, 1, 2, 3, 4, 5};
  for (int i = 0; i < 6; ++i) {
    time2.push_back(time[i]);
    x2.push_back(x[i]);
    status2.push_back(status[i]);
    cluster.push_back(i);
  }
  auto once = cox(design_of(time, status, {x}), {.ties = Ties::breslow, .robust = true});
  auto twice = cox(design_of(time2, status2, {x2}, {}, {}, cluster), {.ties = Ties::breslow});
  CHECK(twice->robust_covariance(0, 0) == near(once->robust_covariance(0, 0)));
}

TEST_CASE(
    "score and information are the first and second derivatives of the likelihood, for every kind of ties") {
  rc::check([] {
    const int n = *rc::gen::inRange(3, 12);
    std::vector<double> time, entry, x1, x2;
    std::vector<int> status;
    for (int i = 0; i < n; ++i) {
      entry.push_back(*rc::gen::inRange(0, 3));
      time.push_back(entry.back() + *rc::gen::inRange(1, 5));
      status.push_back(*rc::gen::inRange(0, 2));
      x1.push_back(0.5 * *rc::gen::inRange(-3, 4));
      x2.push_back(*rc::gen::inRange(0, 2));
    }
    const Covariates covariates{{"x1", "x2"}, {x1, x2}};
    auto design = cox_design(RealFollowUp{.time = time, .status = status, .entry = entry}, covariates);
    RC_ASSERT(bool(design));
    for (Ties ties : {Ties::efron, Ties::breslow, Ties::exact}) {
      const std::vector<double> at{0.3, -0.4};
      const Likelihood here = partial_likelihood(*design, at, ties);
      for (int j = 0; j < 2; ++j) {
        constexpr double h = 1e-5;
        std::vector<double> up = at, down = at;
        up[j] += h;
        down[j] -= h;
        const Likelihood high = partial_likelihood(*design, up, ties);
        const Likelihood low = partial_likelihood(*design, down, ties);
        RC_ASSERT(std::abs((high.value - low.value) / (2 * h) - here.score[j]) < 1e-7);
        for (int k = 0; k < 2; ++k)
          RC_ASSERT(std::abs((low.score[k] - high.score[k]) / (2 * h) - here.information(j, k)) < 1e-6);
      }
      if (ties == Ties::exact) continue;
      const Matrix residual = score_residuals_at(*design, at, ties);
      double total = 0.0;
      for (int i = 0; i < residual.rows; ++i) total += residual(i, 0);
      RC_ASSERT(std::abs(total - here.score[0]) < 1e-9);
    }
  });
}

TEST_CASE("what a Cox model cannot use is refused with row and column") {
  const std::vector<double> time{1, 2};
  const std::vector<int> none{0, 0};
  const std::vector<double> x{1, std::nan("")};
  auto missing = cox_design(RealFollowUp{time, none}, Covariates{{"hb"}, {x}});
  REQUIRE(!missing);
  CHECK(missing.error().message.find("row 2, column hb") != std::string::npos);
  CHECK(cox(design_of(time, none, {{1, 0}})).error().kind == ErrorKind::conflict);
  CHECK(cox(design_of(time, {1, 0}, {{1, 0}}, {}, {1, 2}), {.ties = Ties::exact}).error().kind ==
        ErrorKind::unsupported);
}
