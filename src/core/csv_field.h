#pragma once

#include <string>
#include <string_view>

namespace graftline {

// A field of CSV (RFC 4180): quoted only when it has to be.
inline std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

}  // namespace graftline
