#pragma once
// What conditions alone show, without any course: contradictions, what is implied, what can never be.

#include <string>
#include <vector>

#include "verify/encoding.h"
#include "verify/finding.h"

namespace graftline::verify {

// How messages name a rule: `E7 "estimated GFR below 60"`, `hold "active GVHD"`.
std::string name_of(const protocol::Criterion& criterion);
std::string name_of(const protocol::Guard& guard);
std::string name_of(const protocol::DoseRow& row);

// Appends findings; false when a question was not settled in time.
bool check_logic(const protocol::Protocol& protocol, Encoding& encoding, Solver& solver,
                 std::vector<Finding>& findings);

// The rules that hold for one strategy, or for all where there is none.
struct Premises {
  std::vector<Formula> formulas;
  std::vector<std::string> names;
  void add(Formula f, std::string name) {
    formulas.push_back(f);
    names.push_back(std::move(name));
  }
};
// Every criterion met, and the trigger.
Premises premises_of(const protocol::Protocol& protocol, const protocol::Strategy* strategy,
                     Encoding& encoding);

}  // namespace graftline::verify
