#pragma once
// What only the whole protocol shows: missing statements, ladders with holes, names that nothing uses.

#include "protocol/scope.h"

namespace graftline::protocol {

// Where a diagnostic about something that is missing points to.
struct WholeProtocol {
  const Protocol& protocol;
  Scope& scope;
  bool has_header = false;
  bool has_day_zero = false;
  Span start;   // the first statement
  Span status;  // the status statement; of length 0 when there is none
};
void check_whole(const WholeProtocol& whole, std::vector<Diagnostic>& diagnostics);

}  // namespace graftline::protocol
