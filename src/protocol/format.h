#pragma once
// Protocol back to text: the canonical layout of docs/protocol-language.md. Parsing the result gives the same
// protocol.

#include <string>

#include "protocol/protocol.h"

namespace graftline::protocol {

std::string to_text(const Protocol& protocol);
std::string to_text(const Expr& expr);
std::string to_text(const Amount& amount);
std::string to_text(const Anchor& anchor);
std::string to_text(const Window& window);

// A number as a protocol writes it: 1.50 and 100000 as they are, 3.0e7 when it was written with a power of
// ten.
std::string decimal_text(const Decimal& value);

}  // namespace graftline::protocol
