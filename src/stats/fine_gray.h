#pragma once
// Regression of the cumulative incidence of one cause on covariates (Fine and Gray's subdistribution
// hazards).
//
//   rows        status 0 = censored, 1..k = which event came first; case weights and delayed entry (then
//               no sandwich with the censoring part); one row per subject
//   cause       the cause modelled; who has had another event stays in the risk set with weight G(t-) /
//               G(T-), G the Kaplan-Meier curve of the censoring time
//   strata      each with a baseline of its own (finegray form only); G is of all rows, or of the censoring
//               groups, which may be the strata
//   censoring   `censoring_group` 0..c-1: G is estimated within each, and ends with the last time of the
//               group; empty = one G
//   ties        the two programs in use differ when an event and a censoring share a time. crr: who has
//               an event at t is still at risk of being censored at t (cmprsk::crr); finegray: he is gone
//               (survival::finegray)
//   variance    model: inverse information, as if the weights were known and rows independent. robust:
//               summed within clusters, the weights taken as known (survival::coxph on finegray() data).
//               sandwich: that of Fine and Gray, which adds what estimating G costs (cmprsk::crr); with
//               several censoring groups crr 2.2-11 counts only a group's own events there, `by_group`
//               counts all, as the weights of the group act on all (docs/validation.md)
//   entry       finegray form only: the weights are also divided by the chance of having come under
//               observation, a Kaplan-Meier curve with time running backwards (Geskus)
//   errors      those of cox_design(); conflict: no event of the cause, or an entry before which nobody
//               was watched; unsupported: exact ties, delayed entry in the crr form
//   degenerate  collinear and monotone as in cox.h
//   cost        O(n p^2) per iteration after sorting
//   source      Fine and Gray, JASA 1999; 94:496; Geskus, Biometrics 2011; 67:39
//   checked     by hand (fine_gray_test.cpp); against R cmprsk::crr and survival::finegray (tests/golden)

#include <span>
#include <vector>

#include "stats/cox.h"

namespace graftline::stats {

enum class CensoringTies { crr, finegray };
enum class CensoringPart { as_crr, by_group };

struct FineGrayOptions {
  Ties ties = Ties::breslow;
  CensoringTies censoring_ties = CensoringTies::crr;
  CensoringPart censoring_part = CensoringPart::by_group;
  double gradient_tolerance = 0.0;  // 1e-6 stops where cmprsk::crr does; 0 goes as far as doubles allow
  int most_iterations = 60;
};

// At the event times of the cause: the subdistribution hazard of covariates 0.
struct SubdistributionBaseline {
  std::vector<double> time, cumulative_hazard;
};

struct FineGrayFit {
  std::vector<double> coefficient;
  Matrix model_covariance;
  Matrix robust_covariance;
  Matrix sandwich_covariance;  // empty with case weights, delayed entry or strata
  double log_likelihood_null = 0.0;
  double log_likelihood = 0.0;
  ChiSquareTest likelihood_ratio;
  std::vector<int> collinear;
  std::vector<Monotone> monotone;
  bool converged = false;
  int iterations = 0;

  std::vector<SubdistributionBaseline> baseline;  // one per stratum that has rows

  // What survival::finegray would have written out: rows, and the sum of their weights.
  double expanded_rows = 0.0;
  double expanded_weight = 0.0;
};

template <class Time>
Result<FineGrayFit> fine_gray(const FollowUp<Time>& rows, const Covariates& covariates, int cause,
                              std::span<const int> censoring_group = {}, const FineGrayOptions& options = {});

// Cumulative incidence 1 - exp(-H0 exp(x'b)) at each time of the stratum's baseline.
std::vector<double> predicted_incidence(const FineGrayFit& fit, std::span<const double> values,
                                        std::size_t stratum = 0);

}  // namespace graftline::stats
