#pragma once
// A decision as text: the answer first, then every criterion and rule with facts, margin and source.

#include <string>

#include "engine/decision.h"
#include "engine/plan.h"
#include "protocol/protocol.h"

namespace graftline::report {

struct TextOptions {
  bool only_answer = false;  // the answer, what is missing and the next dose; no tree
  bool with_met = true;      // also criteria that are no obstacle
};

std::string to_text(const engine::Decision& decision, const engine::Plan& plan,
                    const protocol::Protocol& protocol, const TextOptions& options = {});

// The plan alone: every infusion of the ladder with dose, cells, volume, dates, preparation, prophylaxis,
// monitoring.
std::string to_text(const engine::Plan& plan, const protocol::Protocol& protocol);

// "NCT07319793, exclusion criteria, item 2"
std::string to_text(const protocol::Citation* cite, const protocol::Protocol& protocol);

// "too old, no unit"
std::string to_text(ReasonSet reasons);

inline constexpr const char* research_use =
    "Research use: shows what a protocol file says about a record. Not a medical device; a clinician decides "
    "and signs.";

}  // namespace graftline::report
