#include "endpoints/definitions.h"

#include <algorithm>
#include <array>

namespace graftline::endpoints {
namespace {

using enum Component;

constexpr std::array rows{
    Definition{"os", "OS", "overall survival", {death}, 1, {}, 0, "EBMT Handbook 2024 ch. 6"},
    Definition{"lfs",
               "LFS",
               "leukaemia-free survival",
               {relapse, death},
               2,
               {},
               0,
               "EBMT Handbook 2024 ch. 6; NCT07319793, secondary endpoint"},
    Definition{"relapse",
               "RELAPSE",
               "relapse",
               {relapse},
               1,
               {death},
               1,
               "NCT07319793, primary endpoint; death without relapse competes"},
    Definition{"nrm", "NRM", "non-relapse mortality", {death}, 1, {relapse}, 1, "EBMT Handbook 2024 ch. 6"},
    Definition{"agvhd24",
               "AGVHD24",
               "acute GVHD grade II-IV",
               {acute_gvhd_2_to_4},
               1,
               {death, relapse},
               2,
               "convention: first date of the grade; death and relapse compete"},
    Definition{"agvhd34",
               "AGVHD34",
               "acute GVHD grade III-IV",
               {acute_gvhd_3_to_4},
               1,
               {death, relapse},
               2,
               "convention: first date of the grade; death and relapse compete"},
    Definition{"cgvhd",
               "CGVHD",
               "chronic GVHD",
               {chronic_gvhd},
               1,
               {death, relapse},
               2,
               "convention: first date; death and relapse compete"},
    Definition{"cgvhdms",
               "CGVHDMS",
               "chronic GVHD, moderate or severe",
               {chronic_gvhd_moderate_severe},
               1,
               {death, relapse},
               2,
               "NIH 2014 severity; death and relapse compete"},
    Definition{"grfs",
               "GRFS",
               "GVHD-free, relapse-free survival",
               {acute_gvhd_3_to_4, chronic_gvhd_systemic_treatment, relapse, death},
               4,
               {},
               0,
               "Holtan et al., Blood 2015; 125:1333"},
    Definition{"rgrfs",
               "RGRFS",
               "refined GVHD-free, relapse-free survival",
               {acute_gvhd_3_to_4, chronic_gvhd_severe, relapse, death},
               4,
               {},
               0,
               "EBMT registry form: severe chronic GVHD instead of systemic treatment"},
    Definition{"crfs",
               "CRFS",
               "chronic-GVHD-free, relapse-free survival",
               {chronic_gvhd_moderate_severe, relapse, death},
               3,
               {},
               0,
               "convention: moderate or severe chronic GVHD (some count any)"},
    Definition{"aplasia",
               "APLASIA",
               "marrow aplasia",
               {aplasia},
               1,
               {death, relapse},
               2,
               "NCT07319793, secondary endpoints; death and relapse compete"},
    Definition{"infection",
               "INFECT",
               "severe infection",
               {infection},
               1,
               {death},
               1,
               "NCT07319793, secondary endpoints; death competes"},
};

}  // namespace

std::span<const Definition> definitions() { return rows; }

const Definition* definition(std::string_view wanted) {
  const auto same = [wanted](std::string_view name) {
    return std::equal(name.begin(), name.end(), wanted.begin(), wanted.end(), [](char a, char b) {
      const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
      return lower(a) == lower(b);
    });
  };
  const auto at = std::find_if(rows.begin(), rows.end(),
                               [&](const Definition& d) { return same(d.id) || same(d.paramcd); });
  return at == rows.end() ? nullptr : &*at;
}

}  // namespace graftline::endpoints
