#pragma once
// What a site declares for its protocols: parameters the sources leave open, and upper limits of its
// laboratory.
//
//   [parameters]
//   egfr_equation = "ckd_epi_2021"
//   [upper_limits]
//   alt = "40 U/L"
//   [product]                                # values of product::site_values(), for bags and volumes
//   recovery_percent = 75
//   [protocols.pku-2025-z240.parameters]      # for one protocol only; wins over the general table
//   mrd_consecutive = 2

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "engine/decision.h"

namespace graftline::interop {

// The settings in force for one protocol. Unknown tables and upper limits of unknown facts are errors that
// name file, line and the closest known name; parameters are checked against a protocol by the caller, since
// a site file serves many. errors  not_found, malformed_input
Result<engine::Settings> read_site_file(const std::string& path, std::string_view protocol_id);
Result<engine::Settings> parse_site(std::string_view text, std::string_view file,
                                    std::string_view protocol_id);

// The [product] table of a site file: name, value as written, and where it stands. Their names and ranges are
// checked by product::SiteValues. errors  as read_site_file
struct ProductValue {
  std::string name, value, origin;
};
Result<std::vector<ProductValue>> read_product_values(const std::string& path);

}  // namespace graftline::interop
