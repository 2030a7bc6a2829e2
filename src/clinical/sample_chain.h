#pragma once
// "In 3 samples at least 4 weeks apart": chains of samples, as the rules for molecular relapse and residual
// disease count them.

#include <span>
#include <vector>

#include "core/date.h"
#include "core/truth.h"

namespace graftline::clinical {

struct DatedAnswer {
  PartialDate taken;
  Answer positive;
};

// What imprecise dates and uncertain values are taken for. A rule that asks for positives is certainly met
// when it is met in the `certain` reading, and certainly not met when it is not met even in the `possible`
// one.
enum class Reading : unsigned char { certain, possible };

bool is_positive(const Answer& answer, Reading reading);
bool at_least_days_apart(const PartialDate& earlier, const PartialDate& later, int days, Reading reading);

// The longest chain of positive samples whose consecutive gaps are at least `min_gap_days`, as indices into
// `samples`. A sample that is not positive breaks a chain; a positive one in between that lies too close is
// passed over.
//   samples  in order of their first possible day (bug otherwise)
//   source   convention 7.3 of the domain notes [conv]
std::vector<std::size_t> longest_chain(std::span<const DatedAnswer> samples, int min_gap_days,
                                       Reading reading);

// The same, for the chain that the last sample belongs to or that it broke (then empty).
std::vector<std::size_t> last_chain(std::span<const DatedAnswer> samples, int min_gap_days, Reading reading);

}  // namespace graftline::clinical
