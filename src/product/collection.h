#pragma once
// How much donor blood to process for the doses that are planned, and what a given volume will yield.
//
//   volume = cells needed / (cells per mL of blood x CE2)
//   source  MDCalc, DLI volume (formula and its 50 % default); CE2 = product cells / (blood cells x volume)

#include <optional>
#include <string>
#include <vector>

#include "product/counts.h"
#include "product/finding.h"
#include "product/site_values.h"

namespace graftline::product {

// One dose of the ladder the cells are collected for.
struct LadderDose {
  std::string label;  // "dose 1", "level 2 of ebmt-2024"
  std::vector<DoseTarget> targets;
  int times = 1;
};

// The donor's blood before the collection. What is not counted is worked out from shares of the WBC.
struct DonorBlood {
  std::optional<Rational> wbc_per_ul;
  std::optional<Fraction> lymphocytes;         // of WBC
  std::optional<Fraction> cd3_of_lymphocytes;  // absent: the site's value, as an assumption
  std::optional<Fraction> mononuclear;         // of WBC; lymphocytes and monocytes
  std::optional<Rational> cd3_per_ul;          // counted directly: wins over the shares
  std::optional<Rational> mnc_per_ul;
};

struct CollectionRequest {
  std::vector<LadderDose> doses;
  std::optional<Kilograms> weight;  // recipient
  DonorBlood blood;
  std::optional<Fraction> efficiency;  // CE2; absent: the site's value, as an assumption
  std::optional<Fraction> recovery;    // when the cells are frozen: collect what is lost in thawing too
  std::optional<Kilograms> donor_weight;
  std::optional<Millilitres> donor_blood_volume;  // absent: from the donor's weight
  std::optional<Millilitres> volume;              // forward: what will this volume yield?
};

// A value with the ends that the spread of CE2 gives it.
template <class T> struct Spread {
  T expected;
  T low;
  T high;
};

// One kind of cell: what is needed, and what volume that takes.
struct CollectionTarget {
  Kind kind = Kind::cd3_cells;
  Cells needed_low;                                // with the lower ends of dose ranges
  Cells needed_high;                               // with the upper
  std::optional<CellsPerMl> blood;                 // cells per mL of donor blood
  std::optional<Spread<Millilitres>> volume;       // for needed_low
  std::optional<Spread<Millilitres>> volume_high;  // for needed_high
  std::optional<Spread<Cells>> yield;              // of the volume given
  int doses_covered = 0;                           // by the expected yield, in the order of the ladder
};

struct CollectionAnswer {
  std::vector<CollectionTarget> targets;
  std::optional<Millilitres> volume;  // the largest over the targets; absent: something is missing
  std::optional<Fraction> efficiency;
  std::optional<Millilitres> donor_blood_volume;
  std::optional<Fraction> blood_volumes;  // of the donor, that the volume (or the one given) comes to
  std::optional<int> sessions;
  Findings findings;
};

// errors  none for what is missing: it is asked for in the findings. out_of_range: a share not above 0 or
// above 1,
//         a count or volume not above 0
Result<CollectionAnswer> plan_collection(const CollectionRequest& request, const SiteValues& site);

// CE2 of a collection that was done. errors  out_of_range: a number not above 0
Result<Fraction> collection_efficiency(const Cells& collected, const CellsPerMl& blood,
                                       const Millilitres& processed);

}  // namespace graftline::product
