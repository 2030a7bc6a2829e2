#pragma once
// What has to hold before toml++ 3.3 may read a text.

#include <optional>
#include <string_view>

#include "core/result.h"

namespace graftline::interop {

// TOML allows other than ASCII characters in strings and comments only. toml++ 3.3 takes some of them
// elsewhere for "unreachable", which may do anything (found by mapping_fuzz), so they are refused here.
//   errors  malformed_input: file, line and what was met; also when the text is not UTF-8
std::optional<Error> check_toml_text(std::string_view text, std::string_view file);

}  // namespace graftline::interop
