#pragma once
// The doses that cells are collected, frozen or drawn for: typed, or of a protocol, for a patient where
// records are given.

#include <optional>
#include <string>
#include <vector>

#include "product/collection.h"
#include "product/dose_volume.h"
#include "product/site_values.h"
#include "record/view.h"
#include "service/ask.h"

namespace graftline::service {

struct LadderRequest {
  std::vector<std::string> doses;     // "5e5 CD3/kg", "3.0e7 CD3/kg and 1.0e8 MNC/kg"
  int times = 1;                      // each typed dose so often
  std::optional<std::string> weight;  // "64 kg"; absent: of the records
  std::optional<Ask> ask;             // its protocol, and its records if there are any
  // "donor_type=matched_sibling": what a table asks of a patient, where there are no records
  std::vector<std::string> facts;
};

struct Ladder {
  std::vector<product::LadderDose> doses;
  std::optional<product::Kilograms> weight;
  std::optional<Kind> governing;
  // Of the records, as far as they say:
  std::string recipient;
  product::AboMismatch abo = product::AboMismatch::unknown;
  std::optional<product::Kilograms> prepared_weight;
  product::Findings findings;
};

// Typed doses win over those of the protocol, a typed weight over that of the records; both are then said.
// errors  malformed_input, out_of_range: doses, weight, facts; not_found: protocol, patient, or a strategy to
// be chosen.
//         A ladder that cannot be worked out is asked for in the findings, with what is missing by name.
Result<Ladder> find_ladder(const LadderRequest& request);

// The site file's [product] table, and NAME=VALUE above it.
// errors  not_found, malformed_input, out_of_range, each with its place
Result<product::SiteValues> product_values(const std::string& site_file,
                                           const std::vector<std::string>& typed);

product::AboMismatch abo_mismatch_of(const record::View& view);

// A dose of the engine as targets of the product module.
std::vector<product::DoseTarget> targets_of(const engine::Dose& dose);

}  // namespace graftline::service
