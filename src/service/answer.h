#pragma once
// One protocol, one timeline, one day: the decision and the plan.

#include <optional>
#include <string>

#include "core/result.h"
#include "engine/decision.h"
#include "engine/plan.h"
#include "protocol/protocol.h"
#include "record/timeline.h"

namespace graftline::service {

struct Question {
  Day as_of;
  std::optional<Day> known_on;  // default: as_of
  engine::Settings settings;
  std::optional<product::Product> product;
};

struct Answered {
  engine::Decision decision;
  engine::Plan plan;
};

// Cost: microseconds per criterion. `protocol` must outlive the result, whose citations point into it.
Answered answer(const protocol::Protocol& protocol, const record::Timeline& timeline,
                const Question& question);

// Settings that name what the protocol does not have are mistakes of the user, not silent no-ops.
// errors  not_found: an unknown strategy, judgement or parameter, with the closest name; malformed_input: a
// value that is
//         none of the choices. Parameters from a site file may belong to other protocols: set `site_wide`.
std::optional<Error> check_settings(const protocol::Protocol& protocol, const engine::Settings& settings,
                                    bool site_wide);

}  // namespace graftline::service
