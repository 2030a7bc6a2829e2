#pragma once
// Curves that a fitted model predicts for patients with given values (--predict "age=60, arm=B"). Private to
// the module.

#include <optional>

#include "analysis/kinds.h"
#include "stats/cox.h"
#include "stats/fine_gray.h"

namespace graftline::analysis {

// Adds the table "predicted", and puts the curves in place of the forest plot. Every column of the model
// needs a value; a word must be one that the column has.
std::optional<Error> add_predicted_survival(Analysis& analysis, const stats::DataTable& table,
                                            const Begun& begun, const stats::CoxDesign& design,
                                            const stats::CoxFit& fit);
std::optional<Error> add_predicted_incidence(Analysis& analysis, const stats::DataTable& table,
                                             const Begun& begun, const stats::FineGrayFit& fit,
                                             const std::string& cause);

}  // namespace graftline::analysis
