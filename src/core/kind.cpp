#include "core/kind.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <vector>

namespace graftline {
namespace {

struct KindRow {
  Kind kind;
  std::string_view name;
  std::string_view full_name;
  bool is_cell;
  std::vector<std::string_view> aliases;  // lower case
};

// In the order of the enumeration. Lymphocytes, leukocytes and "T cells" are not aliases of any row: they are
// other denominators, and a dose must not be read from one to another.
const std::vector<KindRow>& rows() {
  static const std::vector<KindRow> table{
      {Kind::none, "", "", false, {}},
      {Kind::cd3_cells, "CD3", "CD3+ cells", true, {"cd3+", "cd3 cells", "cd3+ cells", "cd3-positive cells"}},
      {Kind::cd34_cells,
       "CD34",
       "CD34+ cells",
       true,
       {"cd34+", "cd34 cells", "cd34+ cells", "cd34-positive cells"}},
      {Kind::cd4_cells, "CD4", "CD4+ cells", true, {"cd4+", "cd4 cells", "cd4+ cells", "cd4-positive cells"}},
      {Kind::cd8_cells, "CD8", "CD8+ cells", true, {"cd8+", "cd8 cells", "cd8+ cells", "cd8-positive cells"}},
      {Kind::cd19_cells,
       "CD19",
       "CD19+ cells",
       true,
       {"cd19+", "cd19 cells", "cd19+ cells", "cd19-positive cells"}},
      {Kind::cd56_cells,
       "CD56",
       "CD56+ cells",
       true,
       {"cd56+", "cd56 cells", "cd56+ cells", "cd56-positive cells"}},
      {Kind::mononuclear_cells, "MNC", "mononuclear cells", true, {"mononuclear cells", "mononuclear cell"}},
      {Kind::total_nucleated_cells,
       "TNC",
       "total nucleated cells",
       true,
       {"total nucleated cells", "nucleated cells", "total nucleated cell"}},
      {Kind::donor_share, "donor chimerism", "donor chimerism", false, {"donor share", "donor cells share"}},
      {Kind::recipient_share,
       "recipient chimerism",
       "recipient chimerism",
       false,
       {"recipient share", "host chimerism", "recipient cells share"}},
      {Kind::blast_share, "blasts", "blasts", false, {"blast", "blast share"}},
      {Kind::actual_body_weight, "actual body weight", "actual body weight", false, {"actual weight"}},
      {Kind::ideal_body_weight, "ideal body weight", "ideal body weight", false, {"ideal weight"}},
  };
  return table;
}

const KindRow& row(Kind kind) { return rows().at(static_cast<std::size_t>(kind)); }

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

}  // namespace

std::string_view name(Kind kind) { return row(kind).name; }

std::string_view full_name(Kind kind) { return row(kind).full_name; }

bool is_cell_kind(Kind kind) { return row(kind).is_cell; }

bool kind_from_name(std::string_view text, Kind& kind) {
  const std::string wanted = lower_case(text);
  if (wanted.empty()) return false;
  for (const KindRow& candidate : rows()) {
    const bool is_alias =
        std::find(candidate.aliases.begin(), candidate.aliases.end(), wanted) != candidate.aliases.end();
    if (!is_alias && lower_case(candidate.name) != wanted) continue;
    kind = candidate.kind;
    return true;
  }
  return false;
}

}  // namespace graftline
