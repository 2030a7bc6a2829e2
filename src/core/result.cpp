#include "core/result.h"

#include <array>

namespace graftline {

std::string_view name(ErrorKind kind) {
  static constexpr std::array<std::string_view, error_kind_count> names{
      "malformed_input", "unit_mismatch", "not_found", "conflict", "unsupported", "out_of_range"};
  return names.at(static_cast<std::size_t>(kind));
}

}  // namespace graftline
