#pragma once
// Facts that are computed rather than recorded: age, eGFR, chimerism class, ... One row per rule in
// derived.cpp; Fact::derivation names it.

#include <vector>

#include "record/view.h"

namespace graftline::record {

// The names of the rules, for the test that holds catalogue and rules together.
std::vector<std::string_view> derivation_names();

// The facts that the rule of a fact reads; empty for a fact without one.
std::vector<FactId> computed_from(const Fact& fact);
// Those of them without which a rule that adds to what is recorded adds nothing.
std::vector<FactId> added_from(const Fact& fact);

// How a computed value changes while the record stays the same.
enum class Clock : unsigned char {
  still,  // not at all
  days,   // grows by one each day
  years,  // grows on birthdays
};
Clock clock_of(const Fact& fact);

// A rule that replaces reading: the whole answer is computed. Arguments that the row declares as parameters
// and the caller does not give, or gives empty, take the rule's default or leave the answer unknown
// (parameter_not_set).
bool is_computed(const Fact& fact);
Reading compute(const View& view, FactId fact, Pick pick, const Window& window,
                const std::vector<Argument>& arguments);

// A rule that adds to what is recorded: members for days on which the record has the parts and not the whole.
std::vector<Member> added_members(const View& view, FactId fact);

}  // namespace graftline::record
