#pragma once
// A bag as a record: what it is, for whom, what it holds, and where it stands on its way from plan to
// patient.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/decimal.h"
#include "core/truth.h"
#include "product/clock_time.h"
#include "product/counts.h"
#include "product/din.h"
#include "product/label.h"
#include "product/site_values.h"

namespace graftline::product {

enum class BagState : unsigned char {
  planned,
  collected,
  frozen,
  quarantined,
  released,
  reserved,
  issued,
  thawed,
  infused,
  discarded,
  expired,
};
inline constexpr int bag_state_count = 11;
std::string_view name(BagState state);
std::optional<BagState> bag_state_from(std::string_view text);

enum class Sterility : unsigned char { unknown, pending, no_growth, growth };
enum class CollectionMethod : unsigned char { unknown, unstimulated, g_csf };

// Numbers keep the digits they were recorded with. What is absent was not recorded.
struct Bag {
  std::string id;  // unique in a stock
  std::optional<Din> din;
  std::optional<ProductCode> code;
  std::string division;  // ISBT 128 structure 032
  std::string number;    // "2 of 5"
  BagState state = BagState::planned;
  std::string reason;  // of the state
  std::optional<ClockTime> since;
  std::string donor;
  std::string recipient;
  std::optional<ClockTime> collected;
  CollectionMethod method = CollectionMethod::unknown;
  std::optional<Decimal> volume_ml;
  std::optional<Decimal> tnc;             // cells in the whole bag, as all counts below
  std::optional<Decimal> mnc_percent;     // of TNC
  std::optional<Decimal> cd3_percent;     // of TNC
  std::optional<Decimal> cd3;             // wins over the share where both are recorded
  Viability basis = Viability::unstated;  // of the counts
  std::optional<Decimal> viability_percent;
  std::string viability_method;
  std::optional<Decimal> cd34;
  std::optional<Decimal> rbc_ml;
  std::optional<Decimal> dmso_percent;
  std::string additive;
  std::string planned_dose;  // "1e6 CD3/kg"
  std::optional<Decimal> planned_weight_kg;
  std::string location;
  std::optional<ClockTime> frozen;
  std::optional<ClockTime> thawed;
  std::optional<ClockTime> expires;
  Sterility sterility = Sterility::unknown;
  std::string abo;  // of the donor: "A pos"
  Truth biohazard = Truth::unknown;
  Truth donor_cleared = Truth::unknown;
  std::optional<Decimal> recovery_percent;  // of viable CD3+ cells, from the pilot vial
  std::optional<Decimal> infused_ml;
  std::string history;  // each move in one sentence, the oldest first

  bool is_frozen_product() const { return frozen || thawed || (dmso_percent && dmso_percent->mantissa > 0); }
  // DIN, product code and division: unique by ISBT 128; empty without a DIN.
  std::string key() const;
};

// The columns of a stock, in the order of its CSV; docs/products.md lists them.
struct BagColumn {
  std::string_view name;
  std::string_view meaning;
  bool is_required = false;
  std::string (*get)(const Bag&) = nullptr;
  // Empty when it was taken; else what was expected. An empty text leaves the field unrecorded.
  std::string (*set)(Bag&, std::string_view) = nullptr;
};
std::span<const BagColumn> bag_columns();

// What contradicts itself inside one bag, as sentences: counts that disagree, a percentage above 100, a DIN
// whose division was not scanned, an autologous code, times out of order.
std::vector<std::string> contradictions(const Bag& bag);

// Viable cells of a kind in the whole bag as it was counted, before any freezing.
// errors  not_found: not counted, basis or viability not stated; the message asks for it
Result<Cells> viable_cells(const Bag& bag, Kind kind);

// What share of them is expected to live at infusion: 1 for fresh cells, else the pilot vial's recovery, else
// the site's planning value (then noted as an assumption).
Fraction expected_recovery(const Bag& bag, const SiteValues& site, Findings& findings);

}  // namespace graftline::product
