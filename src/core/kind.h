#pragma once
// What was counted. UCUM ignores annotations, so to it 10*6{CD3}/kg equals 10*6{CD34}/kg; a dose must not.

#include <string>
#include <string_view>

namespace graftline {

// Which cells or which share a number is about. A new kind is a new row in kind.cpp.
enum class Kind : unsigned char {
  none,  // ordinary quantities: the dimension says it all
  cd3_cells,
  cd34_cells,
  cd4_cells,
  cd8_cells,
  cd19_cells,
  cd56_cells,
  mononuclear_cells,      // MNC
  total_nucleated_cells,  // TNC
  donor_share,            // donor chimerism
  recipient_share,        // recipient chimerism
  blast_share,
  actual_body_weight,
  ideal_body_weight,
};
inline constexpr int kind_count = 14;

// Whether dead cells are in the count. Unstated is not viable: it is asked, never guessed.
enum class Viability : unsigned char { unstated, viable, total };

std::string_view name(Kind kind);  // "CD3", "MNC", "donor chimerism": as written in protocols and records
bool kind_from_name(std::string_view text, Kind& kind);  // also "CD3+", "mononuclear cells"; case-insensitive
std::string_view full_name(Kind kind);                   // "CD3+ cells"
bool is_cell_kind(Kind kind);

}  // namespace graftline
