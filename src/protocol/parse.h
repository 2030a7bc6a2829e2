#pragma once
// Text to protocol. All mistakes of a file are reported in one go, each with its place, a caret and a
// suggestion.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/protocol.h"

namespace graftline::protocol {

enum class Severity : unsigned char { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  std::string message;     // what is wrong and what was expected
  std::string suggestion;  // "did you mean ...?"; may be empty
  Span span;
};

struct Parsed {
  Protocol protocol;  // usable only when `ok()`
  std::vector<Diagnostic> diagnostics;
  bool ok() const;  // no errors
};

// Never throws, never stops at the first mistake. `file` is for messages only.
Parsed parse_protocol(std::string_view text, std::string file = "");
Parsed parse_protocol_file(
    const std::filesystem::path& path);  // a folder means the one *.protocol file in it

// "4 weeks", "30 days": the value of a duration parameter, as the site or the protocol's default writes it.
std::optional<Duration> parse_duration(std::string_view text);

// "file:line:column: error: message", the line, a caret under the place, the suggestion.
std::string to_text(const Diagnostic& diagnostic, std::string_view text, std::string_view file);

}  // namespace graftline::protocol
