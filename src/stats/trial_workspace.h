#pragma once
// All curves and tests of one small trial after another, in memory that is asked for once: what a simulation
// of a million trials calls. The answers are those of kaplan_meier(), logrank(), cumulative_incidence() and
// gray_test().
//
//   rows     days; status 0 = censored, 1..k = which event came first; `group` two or more, `stratum`
//   optional;
//            no weights, no delayed entry
//   returns  references that hold until the next call of the same function or of load()
//   errors   those of inspect(); unsupported: weights, delayed entry
//   cost     nothing is allocated once trials of the largest size have been seen
//   checked  against the functions named above on random trials (trial_workspace_test.cpp)

#include <span>
#include <vector>

#include "stats/cumulative_incidence.h"
#include "stats/event_table.h"
#include "stats/gray.h"
#include "stats/kaplan_meier.h"
#include "stats/logrank.h"

namespace graftline::stats {

class TrialWorkspace {
 public:
  std::optional<Error> load(const DayFollowUp& rows) { return event_tables(rows, keys_, tables_); }
  const std::vector<EventTable>& tables() const { return tables_; }

  // Of the first stratum, one curve per group.
  const std::vector<SurvivalCurve>& kaplan_meier(const SurvivalOptions& options = {}) {
    stats::kaplan_meier(tables_.front(), options, curves_);
    return curves_;
  }
  const std::vector<CumulativeIncidence>& cumulative_incidence(const IncidenceOptions& options = {}) {
    stats::cumulative_incidence(tables_.front(), options, steps_, incidence_);
    return incidence_;
  }
  // Over all strata. Two groups or more.
  const LogRank& logrank(double rho = 0.0) {
    stats::logrank(tables_, rho, sums_, logrank_);
    return logrank_;
  }
  const GrayTest& gray_test(int cause, double rho = 0.0) {
    stats::gray_test(tables_, cause, rho, memory_, gray_);
    return gray_;
  }

 private:
  EventTableMemory keys_;
  std::vector<EventTable> tables_;
  std::vector<SurvivalCurve> curves_;
  IncidenceSteps steps_;
  std::vector<CumulativeIncidence> incidence_;
  LogRankSums sums_;
  LogRank logrank_;
  GrayMemory memory_;
  GrayTest gray_;
};

}  // namespace graftline::stats
