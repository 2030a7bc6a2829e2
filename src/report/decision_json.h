#pragma once
// A decision and its plan as JSON. docs/schemas/decision.schema.json is the contract; a test holds the two
// together. Decimals are text, so that no reader turns them into binary doubles; dates are ISO; dose and cell
// figures come both as plain digits and as people read them.

#include <string>

#include "engine/decision.h"
#include "engine/plan.h"
#include "protocol/protocol.h"

namespace graftline::report {

std::string to_json(const engine::Decision& decision, const engine::Plan& plan,
                    const protocol::Protocol& protocol, bool indented = true);

}  // namespace graftline::report
