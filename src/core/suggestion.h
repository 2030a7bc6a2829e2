#pragma once
// "Did you mean": the known name that is nearest to what was written.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace graftline {

// The fewest letters to insert, delete, replace or swap with a neighbour, without regard to case. Bytes, not
// characters.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest candidate, the first of equals; none when a third of the letters or more would have to change.
std::optional<std::string> closest_name(std::string_view written, std::span<const std::string> candidates);
std::optional<std::string> closest_name(std::string_view written,
                                        std::span<const std::string_view> candidates);

}  // namespace graftline
