#pragma once
// The canonical JSON twin: sorted keys, decimals as text. text -> JSON -> text is the identity on formatted
// text. docs/protocol-language.md, "JSON", describes the fields.

#include <string>
#include <string_view>

#include "protocol/parse.h"

namespace graftline::protocol {

std::string to_json(const Protocol& protocol);           // canonical bytes; what sha256 is taken over
std::string to_readable_json(const Protocol& protocol);  // the same, indented

// Checked as its text would be. Keys may stand in any order; a field that is unknown, or that the protocol
// does not keep, is a mistake. Diagnostics name the field, or the statement in its text form; their span is
// the whole input.
Parsed from_json(std::string_view json);

}  // namespace graftline::protocol
