#pragma once
// Cumulative incidence of each of several causes that compete (Aalen-Johansen estimator), and event-free
// survival.
//
//   rows        status 0 = censored, 1..k = which event came first; `group` gives one set of curves each;
//               `stratum` is not used
//   returns     one row per distinct end of follow-up of the group, censorings included, in increasing
//               order
//   errors      those of inspect(); out_of_range: a confidence level outside (0, 1)
//   ties        events before censorings; events of different causes at one time happen together
//   variance    the three programs in use differ, so it is always named (below)
//   degenerate  at an event-free survival of 0 its standard error is 0 (nobody can change it)
//   cost        O(n) for whole-number times, O(n) radix sort otherwise; each variance O(n + distinct
//               times) more per cause
//   source      Aalen and Johansen, Scand J Stat 1978; 5:141. Gray, Ann Stat 1988; 16:1141 (aalen
//               variance)
//   checked     by hand (cumulative_incidence_test.cpp); against survfit, etm and cuminc (tests/golden)
//
//   infinitesimal_jackknife  that of survival::survfit; summed within clusters, right for weights and
//                            delayed entry
//   greenwood                multinomial increments (etm, mstate). Equal to the first when every row has
//                            weight 1, its own cluster and no delayed entry
//   aalen                    increments with the tie correction of cmprsk::cuminc, causes independent

#include <vector>

#include "stats/confidence_limits.h"
#include "stats/event_table.h"
#include "stats/follow_up.h"

namespace graftline::stats {

enum class IncidenceVariance { infinitesimal_jackknife, greenwood, aalen };

struct IncidenceOptions {
  LimitOptions limits = {};
  IncidenceVariance variance = IncidenceVariance::infinitesimal_jackknife;
};

struct IncidenceOfCause {
  std::vector<double> n_event;
  std::vector<double> incidence;
  std::vector<double> standard_error;
  std::vector<double> lower;
  std::vector<double> upper;
};

struct CumulativeIncidence {
  double n = 0.0;
  std::vector<double> time;
  std::vector<double> n_at_risk;
  std::vector<double> n_censored;
  std::vector<double> event_free;
  std::vector<double> event_free_se;     // infinitesimal jackknife, or Greenwood for the other two
  std::vector<IncidenceOfCause> causes;  // causes[0] is cause 1
};

// What the variances of one group's curves need at each time: hazards, and the event-free survival on either
// side.
struct IncidenceSteps {
  std::vector<double> events, left;             // `left` = at risk - events, exactly 0 when nobody is left
  std::vector<double> per_row;                  // 1 / at risk where there is an event
  std::vector<double> free_before, free_after;  // event-free survival
};

template <class Time>
Result<std::vector<CumulativeIncidence>> cumulative_incidence(const FollowUp<Time>& rows,
                                                              const IncidenceOptions& options = {});

// The same from a table that other estimates use too. The jackknife variance is then that of rows without
// weights, clusters and delayed entry, where it equals Greenwood's.
std::vector<CumulativeIncidence> cumulative_incidence(const EventTable& table,
                                                      const IncidenceOptions& options = {});
// Into memory that is used again.
void cumulative_incidence(const EventTable& table, const IncidenceOptions& options, IncidenceSteps& steps,
                          std::vector<CumulativeIncidence>& curves);

}  // namespace graftline::stats
