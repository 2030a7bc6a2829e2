#pragma once
// Which facts hang together: whose entries can change what a view says of a fact.

#include <vector>

#include "record/facts.h"

namespace graftline::record {

// Every other fact whose entries a view may read when it is asked about this one: members, supersets, parts,
// what makes it impossible, what it is computed from, and what those need in turn.
std::vector<FactId> facts_behind(FactId fact);

// When none of these has an entry, a view that reads the fact as a value reads its own entries and nothing
// else. Not for facts that are computed.
std::vector<FactId> facts_that_add(FactId fact);

// Whether time alone changes what a view says of the fact: it, or a fact behind it, counts days up to as_of,
// or completed years.
bool counts_days(FactId fact);
bool counts_birthdays(FactId fact);

// The facts themselves and all behind them, in the order of the catalogue, each once.
std::vector<FactId> with_facts_behind(const std::vector<FactId>& facts);

}  // namespace graftline::record
