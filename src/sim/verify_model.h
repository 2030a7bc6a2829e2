#pragma once
// What only the whole of a model shows, checked for the model as it stands and for each of its variants:
// hazards cannot be negative, probabilities lie between 0 and 1 and add up, delays are not negative, triggers
// do not run in a circle, every check asks a variant for times that exist.
//
// Bounds are worked out by interval arithmetic over all patients, so a rate that could be negative for some
// patient is refused even if none would ever be drawn.

#include <vector>

#include "protocol/parse.h"
#include "sim/model.h"

namespace graftline::sim {

void verify(const Model& model, std::vector<protocol::Diagnostic>& diagnostics);

}  // namespace graftline::sim
