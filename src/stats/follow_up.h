#pragma once
// What every estimator reads: one row per subject, or per interval of a subject, as columns owned by the
// caller.
//
//   time      end of the row's follow-up, in the caller's unit (days as int; anything as double), each >= 0
//   status    how the row ended: 0 = censored, 1..k = which event came
//   entry     when the row came under observation; empty = at risk from the start. At risk on (entry, time]
//   weight    case weight >= 0; empty = 1 each. A row of weight 0 is ignored
//   group     which curve or arm the row belongs to, 0..g-1; empty = one group
//   stratum   0..s-1; empty = one stratum
//   cluster   rows of one cluster (a subject, a centre) are not independent; empty = each row its own
//
// Ties: two times are tied when they are equal as numbers, never when they are merely near; at equal times
// events come before censorings, and an entry at t is not yet at risk at t. Whole days make ties exact by
// construction.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"

namespace graftline::stats {

template <class Time> struct FollowUp {
  std::span<const Time> time;
  std::span<const int> status;
  std::span<const Time> entry = {};
  std::span<const double> weight = {};
  std::span<const int> group = {};
  std::span<const int> stratum = {};
  std::span<const int> cluster = {};

  std::size_t size() const { return time.size(); }
  double weight_of(std::size_t row) const { return weight.empty() ? 1.0 : weight[row]; }
  int group_of(std::size_t row) const { return group.empty() ? 0 : group[row]; }
  int stratum_of(std::size_t row) const { return stratum.empty() ? 0 : stratum[row]; }
  int cluster_of(std::size_t row) const { return cluster.empty() ? static_cast<int>(row) : cluster[row]; }
};

using DayFollowUp = FollowUp<int>;
using RealFollowUp = FollowUp<double>;

// How many codes of each kind the rows use.
struct FollowUpShape {
  int causes = 0;  // highest status
  int groups = 1;
  int strata = 1;
  int clusters = 0;
  double first = 0.0;  // smallest and largest time
  double last = 0.0;
};

// Reads every row once and says what is there, or names the first row (counted from 1) and column that cannot
// be used.
//   malformed_input: no rows, or columns of different length
//   out_of_range: a time that is missing, infinite or negative, an entry not before its time, a negative code
//   or weight
template <class Time> Result<FollowUpShape> inspect(const FollowUp<Time>& rows);

}  // namespace graftline::stats
