#pragma once
// Protocol back to text: the canonical layout of docs/protocol-language.md. Parsing the result gives the same
// protocol.

#include <string>
#include <vector>

#include "protocol/protocol.h"

namespace graftline::protocol {

// The whole file, in the order of Protocol::order, with its comments and single blank lines. Without an order
// (a protocol that was built, not read): metadata, declarations, rules, strategies, claims.
std::string to_text(const Protocol& protocol);

std::string to_text(const Expr& expr);
std::string to_text(const Operand& operand);
std::string to_text(const Amount& amount);
std::string to_text(const Target& target);
std::string to_text(const Anchor& anchor);
std::string to_text(
    const Window& window);  // "within 14 days", "from day +30 to day +60"; "" when not written

// "4 to 8 weeks", "4 weeks" when both are equal
std::string range_text(const Duration& from, const Duration& to);

// A condition in pieces where a long line may be broken: before each `and` (or `or`) of the outermost level.
std::vector<std::string> condition_parts(const Expr& expr);

// A number as a protocol writes it: 1.50 and 100000 as they are, 3.0e7 when it was written with a power of
// ten.
std::string decimal_text(const Decimal& value);

// The order that the formatter takes for a protocol without one.
std::vector<StatementRef> default_order(const Protocol& protocol);

}  // namespace graftline::protocol
