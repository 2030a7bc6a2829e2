#pragma once
// Exposures that begin after time 0, made into rows that compare like with like.
//
//   landmark        only those still followed at the landmark, from there; `name` = 1 where the
//                   exposure began by then
//   time-dependent  each row is cut where the exposure begins: `name` = 0 before, 1 after (at risk
//                   as exposed from the day after). At most one row of a subject has the event, so
//                   no cluster is needed
//   never           an empty day means that the exposure was never recorded to begin
//   errors          those of status_codes() and numbers_of(); conflict: nobody is left at the
//                   landmark; malformed_input: landmark and time-dependent both, or time-dependent
//                   without an exposure
//   source          Anderson, Cain and Gelber, J Clin Oncol 1983; 1:710; Mantel and Byar, JASA 1974;
//                   69:81

#include "analysis/request.h"
#include "analysis/rows.h"
#include "stats/data_table.h"

namespace graftline::analysis {

struct Exposed {
  stats::DataTable table;
  SurvivalFormula formula;
  Request request;
  std::vector<std::string> notes;
};

bool needs_exposure(const Request& request);

Result<Exposed> with_exposures(const stats::DataTable& table, const SurvivalFormula& formula,
                               const Request& request, bool one_event);

}  // namespace graftline::analysis
