#pragma once
// The grammar of UCUM: text -> components, each symbol found in the table. It says nothing about what they
// mean.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/ucum_table.h"

namespace graftline::ucum {

enum class ComponentKind : unsigned char { number, unit, annotation, group };

// One factor of a term, read from left to right: "kg/(s.m2)" is kg, then a divided group of s and m2.
struct Component {
  ComponentKind kind = ComponentKind::number;
  bool is_divided = false;
  std::int64_t number = 1;         // number
  const Prefix* prefix = nullptr;  // unit; null when there is none
  const Atom* atom = nullptr;      // unit
  int exponent = 1;                // unit
  std::vector<Component> group;    // group
};
using Term = std::vector<Component>;

// source  Unified Code for Units of Measure 2.2, full and limited conformance, syntax rules; case sensitive
//         symbols. One liberty: a number may carry an annotation ("1{score}"), as laboratories write it.
// errors  malformed_input: not UCUM, with the place; out_of_range: longer than 256 characters, or a number
//         too large
Result<Term> parse_term(std::string_view text);

// In words: "mg/dL" is "(milligram) / (deciliter)", "m2" is "(meter ^ 2)".
std::string display_name(const Term& term);

}  // namespace graftline::ucum
