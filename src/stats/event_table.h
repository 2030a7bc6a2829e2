#pragma once
// Events, censorings and numbers at risk by distinct time: the one pass over the data that every
// non-parametric estimator shares. After it, their cost no longer depends on the number of rows.
//
//   returns  one table per stratum; a table's times are the distinct ends of follow-up of all its groups,
//            increasing
//   errors   those of inspect()
//   ties     as in follow_up.h
//   cost     O(n) for whole-number times (a histogram by day), O(n) radix sort otherwise; memory one cell
//            per distinct time, group and status

#include <cstdint>
#include <optional>
#include <vector>

#include "stats/follow_up.h"

namespace graftline::stats {

struct EventTable {
  int groups = 1;
  int causes = 1;
  std::vector<double> time;
  std::vector<double> count;    // [(time * groups + group) * (causes + 1) + status], sums of case weights
  std::vector<double> at_risk;  // [time * groups + group], just before the time
  std::vector<double> rows;     // [group], number of rows (not weights)

  std::size_t size() const { return time.size(); }
  double n_at_risk(std::size_t i, int group = 0) const { return at_risk[i * groups + group]; }
  double n_censored(std::size_t i, int group = 0) const { return cell(i, group)[0]; }
  double n_event(std::size_t i, int group, int cause) const { return cell(i, group)[cause]; }
  double n_event(std::size_t i, int group = 0) const {
    double total = 0.0;
    for (int cause = 1; cause <= causes; ++cause) total += cell(i, group)[cause];
    return total;
  }

  // Calls visit(time's number, its counts by status, number at risk) for each time of the table.
  template <class Visit> void each_time(int group, Visit visit) const {
    const std::size_t per_time = static_cast<std::size_t>(groups) * (causes + 1);
    const double* counts = count.data() + static_cast<std::size_t>(group) * (causes + 1);
    const double* risk = at_risk.data() + group;
    for (std::size_t i = 0; i < time.size(); ++i, counts += per_time, risk += groups) visit(i, counts, *risk);
  }

 private:
  const double* cell(std::size_t i, int group) const { return &count[(i * groups + group) * (causes + 1)]; }
};

template <class Time> Result<std::vector<EventTable>> event_tables(const FollowUp<Time>& rows);

// Into memory that is used again, rows without weights and delayed entry (else unsupported).
struct EventTableMemory {
  std::vector<std::uint64_t> keys, other;
};
std::optional<Error> event_tables(const DayFollowUp& rows, EventTableMemory& memory,
                                  std::vector<EventTable>& tables);

}  // namespace graftline::stats
