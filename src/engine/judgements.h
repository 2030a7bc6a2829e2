#pragma once
// Judgements that stand alone.

#include <vector>

#include "protocol/protocol.h"

namespace graftline::engine {

// A judgement that no rule names has to be answered with yes all the same: it stands as an inclusion
// criterion.
std::vector<protocol::Criterion> free_standing_judgements(const protocol::Protocol& protocol);

}  // namespace graftline::engine
