#pragma once
// The sides of a comparison, and what may be compared with what.

#include "protocol/scope.h"

namespace graftline::protocol {

std::optional<Op> op_of(std::string_view sign);  // also ==, <>, => and =<, which the caller refuses

// `other` is the side already read, so that a word can be understood on its scale; null for the left side. A
// word that is no declared name becomes a level that bind_comparison resolves.
Operand parse_operand(Reader& reader, Scope& scope, const Operand* other);

// One level of the fact (or choice of the parameter) `symbol`; appends the canonical word and its index.
void read_level(Reader& reader, Scope& scope, const Symbol* symbol, std::string_view name,
                std::vector<std::string>& words, std::vector<int>& levels);

// Resolves levels and bare numbers by the other side, and checks types, units and kinds.
void bind_comparison(Reader& reader, Scope& scope, Expr& comparison);

}  // namespace graftline::protocol
