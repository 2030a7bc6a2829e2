#pragma once
// From a dose to the millilitres of one product, with every check that the numbers at hand allow.

#include <optional>
#include <string>
#include <vector>

#include "core/truth.h"
#include "product/counts.h"
#include "product/finding.h"
#include "product/site_values.h"

namespace graftline::product {

enum class AboMismatch : unsigned char { unknown, none, minor, major, bidirectional };

// What limits are checked on besides cells. What is not given is asked for, when its check could matter.
struct ProductState {
  Truth is_frozen = Truth::unknown;
  std::optional<Fraction> dmso;            // by volume
  std::optional<Hours> age;                // from collection to infusion; fresh products
  std::optional<Rational> thawed_minutes;  // from thaw to infusion
  std::optional<Rational> rbc_ml_per_ml;   // red cells
  AboMismatch abo = AboMismatch::unknown;
  std::optional<Kilograms> prepared_weight;  // that the bag was filled for
};

struct DoseRequest {
  std::vector<DoseTarget> targets;
  std::optional<Kilograms> weight;
  Product product;
  std::optional<Kind> governing;  // which of several targets decides the volume
  ProductState state;
};

struct Delivered {
  Kind kind = Kind::cd3_cells;
  Cells cells;
  std::optional<CellsPerKg> per_kg;
};

// One target of the dose with the volume that reaches it.
struct TargetVolume {
  DoseTarget target;
  std::optional<Cells> cells_low;
  std::optional<Cells> cells_high;
  std::optional<Millilitres> volume_low;
  std::optional<Millilitres> volume_high;
  // For cells_low, when the count does not say whether it is of viable or of all cells.
  std::optional<Millilitres> volume_if_viable;
  std::optional<Millilitres> volume_if_total;
  std::vector<Delivered> delivers;  // by volume_low: every kind that the product was counted for
  bool governs = false;
};

struct DoseAnswer {
  std::vector<TargetVolume> targets;
  // The volume that decides: of the governing target, or of the only one. Absent: unknown, or to be chosen.
  std::optional<Millilitres> volume;
  std::vector<Product::Count> viable;  // per mL, viable cells, of every kind where that is known
  Findings findings;
  bool within_limits() const { return !has(findings, Finding::Form::limit); }
};

// errors  none for what is missing: that is asked for in the findings.
DoseAnswer volume_of(const DoseRequest& request, const SiteValues& site);

// Checks that one volume of a product given to one person has to pass: DMSO, red cells, hold times, syringe,
// weight drift.
void check_volume(const Millilitres& volume, const std::optional<Kilograms>& weight, const Product& product,
                  const ProductState& state, const SiteValues& site, Findings& findings);

// Time since collection and after thawing, and how thin cells have to be when kept for longer.
void check_hold(const Product& product, const ProductState& state, const SiteValues& site,
                Findings& findings);

// Grams of DMSO per kg that a volume carries.
GramsPerKg dmso_per_kg(const Millilitres& volume, const Fraction& dmso, const Kilograms& weight,
                       const SiteValues& site);

// "difference of 12.5 % from the 64 kg it was prepared for", where it is above the site's limit.
void check_weight_drift(const Kilograms& prepared, const Kilograms& weight, const SiteValues& site,
                        Findings& findings);

}  // namespace graftline::product
