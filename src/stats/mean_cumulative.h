#pragma once
// Mean number of recurrent events (infections, transfusions, infusions) per patient by each time.
//
//   rows      one row per interval (entry, time] of a patient; status 0 = none at its end, 1 = the
//             recurrent event, 2 = death (only with `death_ends`); `cluster` is the patient, `group`
//             gives one curve each
//   returns   one row per distinct end of an interval
//   errors    those of inspect(); out_of_range: a status the choice of `death_ends` does not allow
//   no death  Nelson-Aalen of the recurrent event with the robust variance: patients' events are not
//             independent
//   death     the expected number among all, the dead having no more: sum of S(u-) dR(u); censoring the
//             dead instead would count events they can no longer have
//   variance  infinitesimal jackknife by patient
//   cost      O(n) after sorting
//   source    Lawless and Nadeau, Technometrics 1995; 37:158; Ghosh and Lin, Biometrics 2000; 56:554
//   checked   by hand (mean_cumulative_test.cpp); against R survival::survfit with id (tests/golden)

#include <vector>

#include "stats/follow_up.h"

namespace graftline::stats {

struct MeanCumulative {
  std::vector<double> time;
  std::vector<double> n_at_risk;
  std::vector<double> n_event;
  std::vector<double> mean;
  std::vector<double> standard_error;
  std::vector<double> lower, upper;  // mean exp(+- z se / mean); NaN at a mean of 0
};

template <class Time>
Result<std::vector<MeanCumulative>> mean_cumulative(const FollowUp<Time>& rows, bool death_ends,
                                                    double level = 0.95);

}  // namespace graftline::stats
