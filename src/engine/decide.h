#pragma once
// May an infusion be given, how much, when: one protocol, one view of one record, one reasoned answer.
//
// State is not stored: it is folded from the dated infusions each time, so the same function answers now and
// last May.
//
// Per strategy, the first that holds is the answer:
//   stop       a stop condition is met, the planned number of infusions was given, or the ladder is at its
//   end outside    an inclusion fails or an exclusion is met; or the window of the infusion has closed, or
//   the dose table has
//              no row for this patient today
//   hold       a hold condition is met
//   wait       a minimum interval, a washout or the opening of the window is still to come
//   need data  something measurable is unknown that could change the answer
//   ask        what is unknown is a judgement, a site parameter, or a dose or cap that the source does not
//   state give       everything is known, and allows it
// Unknown never maps to give, and never silently to not eligible.

#include "engine/decision.h"
#include "record/view.h"

namespace graftline::engine {

Decision decide(const protocol::Protocol& protocol, const record::View& view, const Settings& settings);

}  // namespace graftline::engine
