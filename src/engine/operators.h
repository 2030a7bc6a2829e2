#pragma once
// What the operators of the language do: one row each, with its meaning for one patient and for many. The
// evaluator that explains and the evaluator that runs down columns both take it from here.

#include <span>

#include "core/quantity.h"
#include "core/truth.h"
#include "engine/planes.h"
#include "protocol/protocol.h"

namespace graftline::engine {

// < <= = != >= >
struct Comparing {
  protocol::Op op;
  protocol::Op mirrored;  // a < b is b > a
  // Whether it asks upwards: of several values, "the highest is above" asks whether any is, "the highest is
  // below" whether all are.
  bool is_upward;
  // Two intervals; `why` names what makes one wide.
  Answer (*one)(const Range& left, const Range& right, ReasonSet why);
};
const Comparing& comparing(protocol::Op op);
std::span<const Comparing> comparing_operators();

// and, or, not, at least N of
struct Joining {
  protocol::Expr::Form form;
  Answer (*one)(std::span<const Answer> sides, int count);
  // `out` has the rows of each side and is none of them.
  void (*many)(std::span<const Planes* const> sides, int count, Planes& out);
};
const Joining& joining(protocol::Expr::Form form);  // all, any, negation, at_least
std::span<const Joining> joining_operators();

}  // namespace graftline::engine
