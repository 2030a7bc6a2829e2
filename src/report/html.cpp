#include "report/html.h"

#include <fmt/format.h>

namespace graftline::report {
namespace {

// A superscript digit in UTF-8; its length, or 0.
std::size_t superscript_at(std::string_view text) {
  for (const std::string_view digit : {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹", "⁻"}) {
    if (text.starts_with(digit)) return digit.size();
  }
  return 0;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string with_powers(const std::string& escaped_text) {
  static constexpr std::string_view times = " × 10";
  std::string out;
  std::string_view rest = escaped_text;
  for (std::size_t at = rest.find(times); at != std::string_view::npos; at = rest.find(times)) {
    std::size_t start = at;
    while (start > 0 && (rest[start - 1] == '.' || (rest[start - 1] >= '0' && rest[start - 1] <= '9')))
      --start;
    std::size_t end = at + times.size();
    while (const std::size_t length = superscript_at(rest.substr(end))) end += length;
    const std::string_view exponent = rest.substr(at + times.size(), end - at - times.size());
    out += fmt::format("{}<span class=\"power\">{} × <b>10{}</b></span>", rest.substr(0, start),
                       rest.substr(start, at - start), exponent);
    rest.remove_prefix(end);
  }
  return out + std::string(rest);
}

}  // namespace graftline::report
