#pragma once
// What fixed a verdict, and what would: exact smallest sets, by prime implicants over the leaves of the
// criteria.

#include <string>
#include <vector>

#include "engine/decision.h"

namespace graftline::engine {

// Conditions (criterion id and sentence) of a smallest set that alone fixes the verdict: one failing
// condition for "not eligible", all needed ones for "eligible"; empty for "unknown".
std::vector<std::string> decided_by(const std::vector<const Node*>& criteria);

// For an unknown verdict: every minimal set of names (facts, judgements, parameters) whose values could
// settle it, for each verdict that is still possible, smallest first. More than `limit` sets: the smallest
// `limit`. cost  exponential in the number of unknown leaves in the worst case, linear for criteria that are
// each one leaf
std::vector<WouldDecide> would_decide(const std::vector<const Node*>& criteria, std::size_t limit = 64);

// Every name that an unknown answer waits for, with its reasons and who needs it.
void collect_missing(const Node& node, const std::string& needed_by, const protocol::Protocol& protocol,
                     std::vector<Missing>& missing);

Verdict verdict_of(const std::vector<const Node*>& criteria);

}  // namespace graftline::engine
