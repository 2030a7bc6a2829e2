#include "stats/fine_gray.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace graftline;
using namespace graftline::stats;

namespace {

doctest::Approx near(double x) { return doctest::Approx(x).epsilon(1e-9); }

FineGrayFit fit_of(const std::vector<double>& time, const std::vector<int>& status,
                   const std::vector<double>& x, const FineGrayOptions& options = {}) {
  auto fit = fine_gray(RealFollowUp{time, status}, Covariates{{"x"}, {x}}, 1, {}, options);
  REQUIRE(fit);
  return *fit;
}

}  // namespace

TEST_CASE("who died of another cause stays at risk with the chance of not having been censored since") {
  // Relapse at 0.5 (x = 1); death at 1 (x = 1); censored at 2 (x = 0); relapse at 3 (x = 0) and 4 (x = 1).
  // G falls to 2/3 at 2. L = u / (3u + 2) * 1 / (1 + 5u/3) * const, so u^2 = 2/5.
  const std::vector<double> time{0.5, 1, 2, 3, 4};
  const std::vector<int> status{1, 2, 0, 1, 1};
  const std::vector<double> x{1, 1, 0, 0, 1};
  const FineGrayFit fit = fit_of(time, status, x);
  const double u = std::sqrt(0.4);
  CHECK(fit.coefficient[0] == near(std::log(u)));
  CHECK(fit.log_likelihood == near(std::log(u / (3 * u + 2)) - std::log(1 + 5 * u / 3) + std::log(0.6)));
  CHECK(fit.baseline[0].cumulative_hazard[1] == near(1 / (3 * u + 2) + 1 / (1 + 5 * u / 3)));
  CHECK(predicted_incidence(fit, std::vector<double>{1})[0] == near(1 - std::exp(-u / (3 * u + 2))));
  // finegray() writes one more row, (2, 4] with weight 2/3, for the death.
  CHECK(fit.expanded_rows == 6);
  CHECK(fit.expanded_weight == near(5 + 2.0 / 3));
}

TEST_CASE("without competing events and without censoring the model is Cox's") {
  const std::vector<double> time{1, 2, 3, 3, 5, 6};
  const std::vector<int> status{1, 1, 1, 1, 1, 1};
  const std::vector<double> x{1, 0, 1, 0.5, 0, 0.2};
  auto cox_fit = cox(*cox_design(RealFollowUp{time, status}, Covariates{{"x"}, {x}}), {.robust = true});
  const FineGrayFit fit = fit_of(time, status, x, {.ties = Ties::efron});
  CHECK(fit.coefficient[0] == near(cox_fit->coefficient[0]));
  CHECK(fit.log_likelihood == near(cox_fit->log_likelihood));
  CHECK(fit.robust_covariance(0, 0) == near(cox_fit->robust_covariance(0, 0)));
  CHECK(fit.sandwich_covariance(0, 0) == near(cox_fit->robust_covariance(0, 0)));
}

TEST_CASE("without censoring those with another event stay at risk for ever") {
  const std::vector<double> time{1, 2, 3, 4, 5, 6};
  const std::vector<int> status{1, 2, 1, 2, 1, 1};
  const std::vector<double> x{1, 0, 1, 0.5, 0, 0.2};
  const std::vector<double> for_ever{1, 99, 3, 99, 5, 6};
  const std::vector<int> event{1, 0, 1, 0, 1, 1};
  auto cox_fit =
      cox(*cox_design(RealFollowUp{for_ever, event}, Covariates{{"x"}, {x}}), {.ties = Ties::breslow});
  CHECK(fit_of(time, status, x).coefficient[0] == near(cox_fit->coefficient[0]));
}

TEST_CASE("a model without an event of the cause is refused") {
  const std::vector<double> time{1, 2};
  const std::vector<int> status{2, 0};
  const std::vector<double> x{1, 0};
  CHECK(fine_gray(RealFollowUp{time, status}, Covariates{{"x"}, {x}}, 1).error().kind == ErrorKind::conflict);
}

TEST_CASE("with delayed entry a competing event counts by the chance of having come under observation") {
  // At day 2 two are under observation and one of them has just entered: H = 1/2 before, 1 after. The
  // competing event of day 1 is carried into the one interval with an event, (2, 5], with weight 1 / (1/2) =
  // 2: four rows that weigh 1 + 1 + 1 + 2. At day 4 the risk set is x = 1 once and x = 0 three times: log
  // L(0) = -log 4.
  const std::vector<int> time{1, 4, 5}, status{2, 1, 0}, entry{0, 0, 2};
  const std::vector<double> x{0.0, 1.0, 0.0};
  const Covariates covariates{{"x"}, {x}};
  const FineGrayOptions options{.censoring_ties = CensoringTies::finegray};
  const auto fit =
      fine_gray(DayFollowUp{.time = time, .status = status, .entry = entry}, covariates, 1, {}, options);
  REQUIRE(fit);
  CHECK(fit->expanded_rows == 4.0);
  CHECK(fit->expanded_weight == doctest::Approx(5.0).epsilon(1e-12));
  CHECK(fit->log_likelihood_null == doctest::Approx(-std::log(4.0)).epsilon(1e-12));
}

TEST_CASE("a competing event before which nobody else was watched has no weight, and is refused by its row") {
  // At day 3 all who are under observation have just entered, so H is 0 before.
  const std::vector<int> time{1, 5}, status{2, 1}, entry{0, 3};
  const std::vector<double> x{0.0, 1.0};
  const Covariates covariates{{"x"}, {x}};
  const FineGrayOptions options{.censoring_ties = CensoringTies::finegray};
  const auto fit =
      fine_gray(DayFollowUp{.time = time, .status = status, .entry = entry}, covariates, 1, {}, options);
  REQUIRE_FALSE(fit);
  CHECK(fit.error().kind == ErrorKind::conflict);
  CHECK(fit.error().message.find("row 1") != std::string::npos);
}

TEST_CASE("each stratum has a baseline of its own, so only its own rows are compared") {
  // In two strata x = 1 relapses first, in one x = 0: L = (u / (1 + u))^2 1 / (1 + u), so u = 2. The death in
  // the first stratum stays at risk there with weight 1, as nobody is censored: x = 0, at both times, so its
  // factor is u / (2 + u) 1 / 2, and L = u^2 / ((2 + u) (1 + u)^2 2): 2 / u = 1 / (2 + u) + 2 / (1 + u).
  const std::vector<double> time{1, 2, 1, 2, 1, 2, 0.5};
  std::vector<int> status{1, 1, 1, 1, 1, 1, 1};
  const std::vector<double> x{1, 0, 1, 0, 0, 1, 0};
  std::vector<int> stratum{0, 0, 1, 1, 2, 2, 3};
  FineGrayOptions options;
  options.censoring_ties = CensoringTies::finegray;
  const auto fitted = [&] {
    return fine_gray(RealFollowUp{.time = time, .status = status, .stratum = stratum}, Covariates{{"x"}, {x}},
                     1, {}, options);
  };
  auto fit = fitted();
  REQUIRE(fit);
  CHECK(fit->coefficient[0] == near(std::log(2.0)));
  CHECK(fit->log_likelihood == near(2 * std::log(2.0) - 3 * std::log(3.0)));
  CHECK(fit->baseline.size() == 4);
  CHECK(fit->sandwich_covariance.rows == 0);
  status[6] = 2;
  stratum[6] = 0;
  fit = fitted();
  REQUIRE(fit);
  const double u = std::exp(fit->coefficient[0]);
  CHECK(2 / u == near(1 / (2 + u) + 2 / (1 + u)));
  options.censoring_ties = CensoringTies::crr;
  CHECK(fitted().error().kind == ErrorKind::unsupported);
}
