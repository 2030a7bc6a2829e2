// How much of the blood is the donor's. Always the donor's share: an importer turns a recipient's share into
// it.
#include "record/catalogue.h"

namespace graftline::record {

namespace {

constexpr std::string_view chimerism_source = "EBMT Handbook 2024 ch. 21; no dependable LOINC code exists";

}  // namespace

std::vector<Fact> chimerism_facts() {
  using enum FactType;
  return {
      {.id = "donor_chimerism_blood",
       .phrase = "donor chimerism in whole blood",
       .synonyms = "donor chimerism|whole blood donor chimerism|chimerism whole",
       .type = quantity,
       .unit = "%",
       .kind = Kind::donor_share,
       .codes = codes({{graftline_codes, "chimerism-donor"}, {graftline_codes, "chimerism-donor-whole"}}),
       .documentation = "Share of donor cells in unsorted blood.",
       .source = chimerism_source},
      {.id = "donor_chimerism_marrow",
       .phrase = "donor chimerism in bone marrow",
       .synonyms = "marrow donor chimerism",
       .type = quantity,
       .unit = "%",
       .kind = Kind::donor_share,
       .codes = codes({{graftline_codes, "chimerism-donor-marrow"}}),
       .documentation = "Share of donor cells in unsorted marrow.",
       .source = chimerism_source},
      {.id = "donor_chimerism_t",
       .phrase = "donor chimerism in T cells",
       .synonyms =
           "T-cell donor chimerism|donor CD3 chimerism|donor chimerism in CD3 cells|donor chimerism cd3",
       .type = quantity,
       .unit = "%",
       .kind = Kind::donor_share,
       .codes = codes({{graftline_codes, "chimerism-donor-cd3"}}),
       .documentation = "Share of donor cells among CD3-positive cells.",
       .source = chimerism_source},
      {.id = "donor_chimerism_myeloid",
       .phrase = "donor chimerism in myeloid cells",
       .synonyms = "myeloid donor chimerism|donor chimerism in CD33 cells|donor chimerism in CD15 cells|"
                   "donor chimerism cd33|donor chimerism cd15",
       .type = quantity,
       .unit = "%",
       .kind = Kind::donor_share,
       .codes = codes({{graftline_codes, "chimerism-donor-cd33"}, {graftline_codes, "chimerism-donor-cd15"}}),
       .documentation = "Share of donor cells among CD33- or CD15-positive cells.",
       .source = chimerism_source},
      {.id = "donor_chimerism_cd34",
       .phrase = "donor chimerism in CD34 cells",
       .synonyms = "CD34 donor chimerism",
       .type = quantity,
       .unit = "%",
       .kind = Kind::donor_share,
       .codes = codes({{graftline_codes, "chimerism-donor-cd34"}}),
       .documentation = "Share of donor cells among CD34-positive cells.",
       .source = chimerism_source},
      {.id = "donor_chimerism_b",
       .phrase = "donor chimerism in B cells",
       .synonyms = "B-cell donor chimerism|donor chimerism in CD19 cells|donor chimerism cd19",
       .type = quantity,
       .unit = "%",
       .kind = Kind::donor_share,
       .codes = codes({{graftline_codes, "chimerism-donor-cd19"}}),
       .documentation = "Share of donor cells among CD19-positive cells.",
       .source = chimerism_source},
      {.id = "donor_chimerism_nk",
       .phrase = "donor chimerism in NK cells",
       .synonyms = "NK-cell donor chimerism|donor chimerism in CD56 cells|donor chimerism cd56",
       .type = quantity,
       .unit = "%",
       .kind = Kind::donor_share,
       .codes = codes({{graftline_codes, "chimerism-donor-cd56"}}),
       .documentation = "Share of donor cells among CD56-positive cells.",
       .source = chimerism_source},
      {.id = "chimerism_class",
       .phrase = "donor chimerism class",
       .synonyms = "chimerism class",
       .type = code,
       .levels = "absent|mixed|split|full",
       .derivation = "chimerism_class",
       .parameters = "full_above|absent_below",
       .documentation = "From the lineages of the latest day tested. full: more than full_above % donor in T "
                        "cells and in myeloid "
                        "cells; absent: less than absent_below % in both; split: lineages in different "
                        "classes; else mixed. Without "
                        "both lineages a split stays possible. Defaults 95 and 5.",
       .source = "EBMT Handbook 2024 ch. 21 (centers use 90 to 97.5)"},
      {.id = "falling_donor_chimerism",
       .phrase = "falling donor chimerism",
       .synonyms = "falling chimerism|decreasing donor chimerism",
       .type = statement,
       .derivation = "falling_chimerism",
       .parameters = "lineage|drop|gap_days|single_drop",
       .documentation =
           "A drop of at least `drop` points (5) in each of two consecutive tests at least gap_days (14) "
           "apart, or "
           "one drop of at least single_drop points (10), in the lineage named (blood unless told).",
       .source = "convention, centers vary"},
      {.id = "rise_in_donor_t_chimerism",
       .phrase = "rise in donor T-cell chimerism",
       .synonyms = "rise in donor T-cell chimerism since day +28",
       .type = quantity,
       .unit = "%",
       .kind = Kind::donor_share,
       .derivation = "chimerism_rise",
       .parameters = "from_day|tolerance_days",
       .documentation = "Latest donor T-cell chimerism minus that of day +28 (nearest test within 7 days), "
                        "in percentage points.",
       .source = "NZ haematology Red Book, DLI page; tolerance is a convention"},
      {.id = "chimerism_response",
       .phrase = "chimerism response",
       .type = code,
       .levels = "none|partial|complete",
       .documentation =
           "Complete: mixed became full; partial: donor rise of at least 10 points. As recorded.",
       .source = "Peggs 2004; partial is a convention"},
  };
}

}  // namespace graftline::record
