#pragma once
// The canonical JSON twin: sorted keys, decimals as text. text -> JSON -> text is the identity on formatted
// text.

#include <string>
#include <string_view>

#include "protocol/parse.h"

namespace graftline::protocol {

std::string to_json(const Protocol& protocol);           // canonical bytes; what sha256 is taken over
std::string to_readable_json(const Protocol& protocol);  // the same, indented
Parsed from_json(std::string_view json);

}  // namespace graftline::protocol
