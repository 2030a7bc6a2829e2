#pragma once
// What all courses of a protocol show: standard claims that every protocol has to keep, gaps, dead ends, and
// the protocol's own claims. Whatever is said to happen in a patient has happened in the engine.

#include "verify/finding.h"
#include "verify/solver.h"

namespace graftline::verify {

// Appends to the verification; what is not settled within that work is said in it.
void check_behaviour(const protocol::Protocol& protocol, Work& work, std::size_t most_states,
                     Verification& verification);

}  // namespace graftline::verify
