#pragma once
// Text inside a page.

#include <string>
#include <string_view>

namespace graftline::report {

std::string escaped(std::string_view text);

// "3 × 10⁷" never breaks over two lines, and its exponent stands out: the digit that must not be misread.
// Wrapped in spans of class "power".
std::string with_powers(const std::string& escaped_text);

}  // namespace graftline::report
