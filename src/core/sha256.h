#pragma once
// SHA-256, the fingerprint of protocols and value sets: every answer names the exact text it was computed
// from.

#include <string>
#include <string_view>

namespace graftline {

// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace graftline
