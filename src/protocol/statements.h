#pragma once
// Where statements begin and end, and which comments belong to which.

#include <span>
#include <vector>

#include "protocol/lexer.h"

namespace graftline::protocol {

struct Statement {
  StatementRef ref;  // kind, comments and blank lines; `strategy` and `index` are filled while parsing
  std::span<const Token> tokens;
  bool is_known = true;  // false: what stands before the first statement of a file
};

struct Statements {
  std::vector<Statement> list;
  std::vector<std::string> closing_comments;
};

// A statement starts at a line whose first word is a keyword, and runs to the next such line.
Statements split_statements(std::string_view text, const Lexed& lexed);

}  // namespace graftline::protocol
