#pragma once
// What is refused because the answer would mislead, each with the reason and what to ask instead.
//
//   competing events  Kaplan-Meier (and restricted means) of relapse, non-relapse mortality or GVHD:
//                     it treats those who died first as if they could still relapse, so 1 - KM
//                     overestimates. Told by the codes of the status column, or by what the event is
//                     called
//   immortal time     a group or covariate that is formed by what happened after time 0 (a donor
//                     lymphocyte infusion, GVHD), compared from time 0: whoever is in it had to
//                     survive until it happened. Told by names and words; `known_at_start` says that
//                     a column was fixed at time 0 after all
//   errors            unsupported, with the reason and the commands to use instead
//   source            Gooley et al., Stat Med 1999; 18:695 (competing events). Anderson, Cain and
//                     Gelber, J Clin Oncol 1983; 1:710; Suissa, Am J Epidemiol 2008; 167:492
//                     (immortal time)

#include <optional>

#include "analysis/request.h"
#include "analysis/rows.h"
#include "analysis/survival_formula.h"
#include "stats/data_table.h"

namespace graftline::analysis {

// `curve` names what would be drawn: "Kaplan-Meier", "restricted mean".
std::optional<Error> competing_events_censored(const stats::DataTable& table, const SurvivalFormula& formula,
                                               const Request& request, std::string_view curve);

std::optional<Error> group_from_the_future(const stats::DataTable& table, const SurvivalFormula& formula,
                                           const Request& request);

// Whether a name speaks of an event that others compete with (relapse, NRM, GVHD), and not of survival free
// of it.
bool names_competing_event(std::string_view name);

// Whether a name or word speaks of what happens after the transplant: an infusion of donor lymphocytes, GVHD.
bool names_later_exposure(std::string_view name);

}  // namespace graftline::analysis
