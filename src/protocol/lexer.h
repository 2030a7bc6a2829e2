#pragma once
// Protocol text to tokens with exact places. Comments and blank lines are kept aside for the formatter.

#include <string_view>
#include <vector>

#include "protocol/parse.h"

namespace graftline::protocol {

enum class TokenKind : unsigned char {
  word,    // letters, digits and _, with - or . inside: alt, pku-2025-z240
  number,  // digits, a point, an exponent; never a sign
  string,  // between straight quotes; `text` has the quotes and escapes still in it
  symbol,  // one operator or bracket; ≤ ≥ ≠ × stand as <= >= != x
  end,
};

struct Token {
  TokenKind kind = TokenKind::end;
  bool starts_line = false;
  bool glued = false;  // nothing between it and the token before: "3x"
  Span span;
  std::string_view text;
};

struct Comment {
  std::string_view text;  // behind the '#', trailing blanks removed
  std::uint32_t offset = 0;
  std::uint32_t line = 0;
  bool own_line = false;
};

struct Lexed {
  std::vector<Token> tokens;  // the last is `end`
  std::vector<Comment> comments;
  std::vector<Diagnostic> diagnostics;
};

// `text` must outlive the result. Bytes that are no token become symbols of one character; the parser refuses
// them.
Lexed tokenise(std::string_view text);

// The value of a string token: quotes off, \" and \\ resolved.
std::string unquoted(const Token& string);
// The other way: a string as a protocol writes it.
std::string in_quotes(std::string_view value);

// Length of the UTF-8 character at the front; 0 when it is malformed or empty.
std::size_t utf8_length(std::string_view text);

}  // namespace graftline::protocol
