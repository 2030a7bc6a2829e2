#pragma once
// One statement of a protocol as text, in the canonical layout of format.h.

#include <string>

#include "protocol/protocol.h"

namespace graftline::protocol {

// Without its comments; it ends with its line.
std::string to_text(const Protocol& protocol, const StatementRef& statement);

}  // namespace graftline::protocol
