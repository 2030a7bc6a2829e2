#pragma once
// Score residuals of a Fine-Gray fit and the sandwich made of them. Private to the fine_gray*.cpp files.

#include "stats/fine_gray_model.h"

namespace graftline::stats {

// Increments of the subdistribution hazard at each event time.
std::vector<Increment> subdistribution_increments(const FineGrayModel& model,
                                                  const std::vector<double>& risk);

// Score residuals (eta in the paper), sorted order, before the case weight.
Matrix subdistribution_residuals(const FineGrayModel& model, const std::vector<double>& risk,
                                 const std::vector<Increment>& steps);

// Adds what estimating G costs (psi in the paper) to each row's residual.
void add_censoring_term(const FineGrayModel& model, const std::vector<double>& risk,
                        const std::vector<Increment>& steps, CensoringPart part, Matrix& residual);

// B (sum over clusters of u u') B; a cluster's rows may be in several strata. One matrix of residuals each.
Matrix sandwich(std::span<const FineGrayModel> strata, std::span<const Matrix> residuals,
                const Matrix& bread);

}  // namespace graftline::stats
