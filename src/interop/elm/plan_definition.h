#pragma once
// A protocol as FHIR R4: a PlanDefinition and the Library with its eligibility, in one Bundle.

#include <string>

#include "interop/elm/library.h"

namespace graftline::interop::elm {

// Each strategy, and below it each give rule and dose level, is an action; "Eligible" of the Library is the
// condition of all. What PlanDefinition cannot say (holds, stops, intervals, steps between levels) stands as
// the protocol's own text in the description of the action, marked as not computable.
std::string plan_definition(const protocol::Protocol& protocol, const Library& library);

}  // namespace graftline::interop::elm
