#pragma once
// Protocols for the tests of this module and those above: together they use every statement and every form of
// the language. They make no medical sense.

#include <cstdint>

#include "protocol/protocol.h"

namespace graftline::protocol {

// The same seed gives the same protocol, everywhere. It is built, not parsed: bound as the parser would bind
// it, with an order, comments and blank lines, and without places.
Protocol random_protocol(std::uint64_t seed);

}  // namespace graftline::protocol
