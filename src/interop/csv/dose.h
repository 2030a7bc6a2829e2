#pragma once
// Cells given, as tables write them: 1e6 "CD3/kg", 3.0 "10*7 CD3/kg", 70 "10*6 CD3", 1e8 "MNC/kg".

#include <string_view>

#include "core/quantity.h"
#include "core/result.h"

namespace graftline::interop::csv {

// Which unit and which cells a text means. The cells must be named: 10*6/kg alone could be any.
//   forms    [10*N ]["viable "|"total "]CELLS["/kg"], and UCUM with the cells as annotation: 10*6{CD3}/kg
//   errors   malformed_input: no cells named, or not such a unit
struct DoseUnit {
  Unit unit;
  Kind kind = Kind::none;
  Viability viability = Viability::unstated;
};
Result<DoseUnit> parse_dose_unit(std::string_view text);

}  // namespace graftline::interop::csv
