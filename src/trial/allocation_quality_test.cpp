#include "trial/allocation_quality.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace graftline::trial;

namespace {
bool within(const Measured& measured, double expected) {
  return std::fabs(measured.mean - expected) < 4.0 * measured.standard_error + 1e-12;
}
}  // namespace

TEST_CASE("blocks of four let 71 % of allocations be guessed: Blackwell and Hodges' value") {
  // In a block of 2 b: b + 2^(2b-1) / C(2b, b) - 1/2 right guesses; b = 2: 2 + 8/6 - 1/2 = 17/6 of 4.
  const auto quality = allocation_quality(PermutedBlocks{{1, 1}, {2}},
                                          {.patients = 40, .level_share = {}, .replicates = 2000});
  REQUIRE(quality);
  CHECK(within(quality->guessed, 17.0 / 24.0));
  CHECK(quality->overall_imbalance.mean == 0.0);  // 40 patients are ten full blocks
}

TEST_CASE("blocks of varying size are harder to guess than their smallest size alone") {
  const SimulatedEnrolment enrolment{.patients = 48, .level_share = {}, .replicates = 1000};
  const auto twos = allocation_quality(PermutedBlocks{{1, 1}, {1}}, enrolment);
  const auto varying = allocation_quality(PermutedBlocks{{1, 1}, {1, 2, 3}}, enrolment);
  CHECK(within(twos->guessed, 0.75));  // 1 + 2/2 - 1/2 = 1.5 of 2
  CHECK(varying->guessed.mean < twos->guessed.mean - 0.03);
}

TEST_CASE("Efron's coin is guessed 62.5 % of the time") {
  // Towards balance with p = 2/3, r = p / q = 2: 1/2 + (r - 1) / (4 r) right guesses and P(even) = 1 - 1/r in
  // the long run. After 400 patients the imbalance is even-numbered; its mean |D| = sum over k of 2 k x (r^2
  // - 1)/r x r^(-2k-... ) is tested through the guesses alone, which visit every state.
  const auto quality =
      allocation_quality(BiasedCoin{}, {.patients = 400, .level_share = {}, .replicates = 400});
  REQUIRE(quality);
  CHECK(std::fabs(quality->guessed.mean - 0.625) < 4.0 * quality->guessed.standard_error + 1.0 / 400.0);
}

TEST_CASE("a fair coin cannot be guessed, and drifts apart by the square root of the number of patients") {
  const auto quality = allocation_quality(BiasedCoin{{1, 1}, 0.5, 0},
                                          {.patients = 100, .level_share = {}, .replicates = 2000});
  CHECK(within(quality->guessed, 0.5));
  // E|D| of 100 fair coins is 100 C(100, 50) / 2^100 = 7.958924.
  CHECK(within(quality->overall_imbalance, 7.958924));
}

TEST_CASE("minimisation evens out every factor where stratified blocks leave many half-empty strata") {
  // 4 factors, 3 x 2 x 2 x 8 levels: 96 strata for 100 patients.
  const SimulatedEnrolment enrolment{.patients = 100,
                                     .level_share = {{1, 1, 1}, {1, 1}, {2, 1}, {1, 1, 1, 1, 1, 1, 1, 1}},
                                     .replicates = 150};
  const auto minimised = allocation_quality(Minimisation{}, enrolment);
  const auto blocks = allocation_quality(PermutedBlocks{{1, 1}, {2}}, enrolment);
  REQUIRE(minimised);
  REQUIRE(blocks);
  CHECK(minimised->marginal_imbalance.mean < 0.6 * blocks->marginal_imbalance.mean);
  CHECK(minimised->overall_imbalance.mean < 0.5 * blocks->overall_imbalance.mean);
  CHECK(minimised->guessed.mean < 0.75);
}

TEST_CASE("every rule keeps to a ratio of two to one") {
  for (const AllocationRule& rule :
       {AllocationRule(PermutedBlocks{{2, 1}, {1, 2}}), AllocationRule(BiasedCoin{{2, 1}, 2.0 / 3.0, 0}),
        AllocationRule(Minimisation{{2, 1}, {}, ImbalanceMeasure::range, 0.8})}) {
    const auto quality =
        allocation_quality(rule, {.patients = 150, .level_share = {{1, 1}}, .replicates = 300});
    REQUIRE(quality);
    CHECK(std::fabs(quality->arm_share[0].mean - 2.0 / 3.0) <
          4.0 * quality->arm_share[0].standard_error + 0.01);
  }
}

TEST_CASE("a simulation of nobody is refused") {
  CHECK_FALSE(allocation_quality(BiasedCoin{}, {.patients = 0, .level_share = {}}));
  CHECK_FALSE(allocation_quality(BiasedCoin{}, {.patients = 10, .level_share = {{}}}));
}
