#include "interop/toml_text.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <string>

namespace graftline::interop {

namespace {

// Passes over a string that begins at `at`; strings in three quotes may hold line ends, others end with the
// line.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string three(3, quote);
  const bool is_long = text.substr(at, 3) == three;
  const bool has_escapes = quote == '"';
  at += is_long ? 3 : 1;
  while (at < text.size()) {
    if (has_escapes && text[at] == '\\') {
      at += 2;
    } else if (is_long && text.substr(at, 3) == three) {
      at += 3;
      while (at < text.size() && text[at] == quote)
        ++at;  // up to two quotes may stand before the closing three
      return at;
    } else if (!is_long && (text[at] == quote || text[at] == '\n')) {
      return at + 1;
    } else {
      ++at;
    }
  }
  return text.size();
}

}  // namespace

std::optional<Error> check_toml_text(std::string_view text, std::string_view file) {
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    return Error{ErrorKind::malformed_input, fmt::format("{}:1: wrong encoding: not UTF-8", file)};
  }
  std::size_t at = text.substr(0, 3) == "\xef\xbb\xbf" ? 3 : 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (c == '"' || c == '\'') {
      at = end_of_string(text, at);
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
      return Error{
          ErrorKind::malformed_input,
          fmt::format("{}:{}: not TOML: letters beyond ASCII stand in quotes or comments only", file, line)};
    } else {
      ++at;
    }
  }
  return std::nullopt;
}

}  // namespace graftline::interop
