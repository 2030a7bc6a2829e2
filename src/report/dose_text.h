#pragma once
// Doses as people may read them without mistaking them: both ways, leading zero, no trailing zero, no E
// notation.

#include <string>

#include "engine/plan.h"

namespace graftline::report {

// "5 × 10⁶ CD3+ cells per kg (5 million per kg)"; ranges "1 × 10⁵ to 5 × 10⁵ ... (100,000 to 500,000 per
// kg)".
std::string both_ways(const engine::TargetDose& target);
std::string both_ways(const engine::Dose& dose);

// "340 million", "7.2 million", "1.74 billion", "18,000": figures for total cells.
std::string in_words(const Rational& cells);

// Total cells of a planned target: "5.8 billion", "25.8 million to 81.5 million". Needs a weight.
std::string total_cells(const engine::PlannedTarget& target);

// "24 mL", "0.339 mL", "66.92 mL": two decimals, three below 1.
std::string millilitres(double volume);

}  // namespace graftline::report
