#pragma once
// The dose table by itself: rows that overlap, doses above the cap, steps without one, ladders that fall; and
// the parameters that a site has to set.

#include <vector>

#include "verify/encoding.h"
#include "verify/finding.h"

namespace graftline::verify {

// Appends findings; false when a question was not settled in time.
bool check_dose_table(const protocol::Protocol& protocol, Encoding& encoding, Solver& solver,
                      std::vector<Finding>& findings);

void list_open_parameters(const protocol::Protocol& protocol, std::vector<Finding>& findings);

}  // namespace graftline::verify
