#pragma once
// Conditions: text to a tree whose names, levels, units and kinds are bound and checked.

#include "protocol/scope.h"

namespace graftline::protocol {

struct ParsedCondition {
  Expr expr;
  int depth = 0;  // definitions written out
  int size = 0;
};

inline constexpr int max_condition_depth = 200;     // parentheses within parentheses, definitions written out
inline constexpr int max_condition_size = 100'000;  // leaves and connectives, definitions written out

// `owns_from`: in "NAME from day +90 to day +179" the window belongs to the statement around the condition (a
// dose row), not to the name.
ParsedCondition parse_condition(Reader& reader, Scope& scope, bool owns_from = true);

}  // namespace graftline::protocol
