#pragma once
// Sample size for a difference in cumulative incidence at one fixed time, when other events compete and
// patients are lost.
//
// The comparison is of two Aalen-Johansen estimates at that time. Their variance is taken from the martingale
// representation of the estimator, so late entry and losses cost what they really cost.
//
//   units    one unit of time throughout
//   source   variance: Gaynor et al, J Am Stat Assoc 1993; 88:400; Lin, Stat Med 1997; 16:901
//            comparison at a fixed time: Klein, Logan, Harhoff, Andersen, Stat Med 2007; 26:4505
//   checked  without losses the variance is F (1 - F); against simulation (incidence_difference_test.cpp)

#include "core/result.h"
#include "stats/event_probability.h"

namespace graftline::stats {

struct IncidenceArm {
  PiecewiseHazard event;  // cause-specific
  PiecewiseHazard competing;
  PiecewiseHazard dropout;
};

double cumulative_incidence_at(const IncidenceArm& arm, double time);

// n times the variance of the Aalen-Johansen estimate at `time`, when patients enter over `accrual` and all
// follow-up ends `study_end` after the first entry. Infinite when nobody can have been followed to `time`.
double incidence_variance_per_patient(const IncidenceArm& arm, const Accrual& accrual, double study_end,
                                      double time);

enum class IncidenceScale : unsigned char { difference, complementary_log_log };

struct IncidenceComparison {
  IncidenceArm control, treated;
  Accrual accrual;
  double study_end = 0.0;
  double time = 0.0;
  double allocation_ratio = 1.0;  // treated : control
  double alpha = 0.05;
  int sides = 2;
  IncidenceScale scale = IncidenceScale::difference;
};

struct IncidenceSampleSize {
  double incidence_control = 0.0, incidence_treated = 0.0;
  double patients = 0.0;  // both arms
};

//   errors   conflict: equal incidences, or nobody followed to the time; out_of_range: levels, ratio
Result<IncidenceSampleSize> incidence_sample_size(const IncidenceComparison& comparison, double power);
// Power with that many patients; the chance of rejecting in the wrong direction is not counted.
Result<double> incidence_power(const IncidenceComparison& comparison, double patients);

}  // namespace graftline::stats
