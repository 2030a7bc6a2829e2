#pragma once
// What to freeze: the bags of one product for a ladder of doses, before the first is given.
//
//   cells frozen for a dose = dose x weight / recovery after thawing
//   source  EBMT Handbook 2024 ch. 59 (aliquots planned before the first infusion) and ch. 20 (limits)

#include <optional>
#include <string>
#include <vector>

#include "product/collection.h"
#include "product/dose_volume.h"

namespace graftline::product {

struct SplitRequest {
  std::vector<LadderDose> doses;
  Kind kind = Kind::cd3_cells;  // the cells that the bags are filled by
  bool upper_ends = false;      // of dose ranges; else the lower
  std::optional<Kilograms> weight;
  Product product;                   // without counts or volume only the cells of each bag are worked out
  std::optional<Fraction> recovery;  // absent: the site's planning value, as an assumption
  std::optional<CellsPerMl>
      freeze_at;                    // viable cells of `kind` per mL in the bag; absent: as dense as allowed
  std::optional<Fraction> dmso;     // by volume, in the bag
  std::optional<Hours> age;         // from collection to freezing
  std::vector<Millilitres> fills;   // the only volumes bags are filled to; empty: any the site's limits allow
  std::vector<int> reserves;        // extra sets of bags for each dose, in its order; missing: none
  bool fewest_thaws_first = false;  // else least waste first
};

struct SplitBag {
  Millilitres fill;
  Cells cells;              // viable, at freezing
  bool is_diluted = false;  // thinner than the freezing concentration, to reach the smallest fill
};

// The bags of one infusion.
struct SplitStep {
  std::string label;
  bool is_reserve = false;
  Cells target;     // viable, at infusion
  Cells to_freeze;  // viable, before freezing: target / recovery
  bool is_frozen = false;
  std::vector<SplitBag> bags;
  Cells in_bags;
  Millilitres volume;
  std::optional<GramsPerKg> dmso;
  std::string lost_because;  // when it is not frozen
};

// The plan worked out again for another recovery, and what the plan's own bags would then deliver.
struct Sensitivity {
  Fraction recovery;
  int doses_frozen = 0;  // of the ladder, without reserves
  int reserves_frozen = 0;
  Cells left_over;
  Fraction of_target;  // share of each target that the bags as planned would deliver
};

struct SplitPlan {
  std::vector<SplitStep> steps;  // the ladder in order, then the reserves
  std::optional<Cells> available;
  Cells in_bags;
  Cells in_pilots;
  Cells waste;      // in bags beyond what was to be frozen
  Cells left_over;  // not in any bag: available = in_bags + in_pilots + left_over
  int pilot_vials = 0;
  int bags = 0;
  int doses_frozen = 0;
  Fraction recovery;
  std::optional<CellsPerMl> concentration;
  std::optional<Cells> short_by;             // more viable cells for the whole ladder
  std::optional<CellsPerKg> left_over_dose;  // what the left-over cells would come to at infusion
  std::vector<Sensitivity> sensitivity;
  std::string method;  // how the best plan was found, with the size of the search
  Findings findings;
};

// The longest run of doses from the first that the cells allow, then as many reserves as possible, then least
// waste and fewest bags to thaw (or the other way round). Exact: see docs/decisions/0028.
//   errors  unsupported: a dose without a target in `kind`; out_of_range: recovery, fills or reserves
//           impossible. What is missing is asked for in the findings.
Result<SplitPlan> plan_split(const SplitRequest& request, const SiteValues& site);

}  // namespace graftline::product
