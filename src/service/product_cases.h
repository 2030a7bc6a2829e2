#pragma once
// Cases about products: a collection, a split or a dose with the options of the command, and what its JSON
// should say.

#include <string>
#include <vector>

#include "interop/casefile/casefile.h"

namespace graftline::service {

// What failed, each with its line; empty when the case passes. Subjects are
//   steps.1.cells_to_freeze             a place in the JSON, lists counted from 1; numbers within 0.5 %
//   limit, asked, caution, assumption   what the findings are about, as names
std::vector<std::string> run_product_case(const interop::Case& c, const std::string& file);

}  // namespace graftline::service
