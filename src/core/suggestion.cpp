#include "core/suggestion.h"

#include <algorithm>
#include <vector>

namespace graftline {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

template <class Name>
std::optional<std::string> closest(std::string_view written, std::span<const Name> candidates) {
  constexpr std::size_t longest =
      100;  // nobody mistypes a name of this length; it is a file in the wrong place
  if (written.empty() || written.size() > longest) return std::nullopt;
  std::optional<std::string> nearest;
  std::size_t fewest = (written.size() + 2) / 3;
  for (const Name& candidate : candidates) {
    const std::size_t length_gap =
        std::max(candidate.size(), written.size()) - std::min(candidate.size(), written.size());
    if (length_gap > fewest) continue;
    const std::size_t distance = edit_distance(written, candidate);
    if (distance > fewest || (nearest && distance == fewest)) continue;
    fewest = distance;
    nearest = std::string(candidate);
  }
  return nearest;
}

}  // namespace

// Damerau's distance restricted to swaps of neighbours, three rows at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({row[j - 1] + 1, last[j] + 1, last[j - 1] + (same ? 0U : 1U)});
      const bool swapped =
          i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::optional<std::string> closest_name(std::string_view written, std::span<const std::string> candidates) {
  return closest(written, candidates);
}

std::optional<std::string> closest_name(std::string_view written,
                                        std::span<const std::string_view> candidates) {
  return closest(written, candidates);
}

}  // namespace graftline
