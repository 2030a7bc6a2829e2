#pragma once
// A measured or prescribed amount: exact decimal, comparator, unit, kind. It compares as an interval,
// three-valued.

#include <optional>
#include <string>
#include <string_view>

#include "core/decimal.h"
#include "core/kind.h"
#include "core/truth.h"
#include "core/unit.h"

namespace graftline {

enum class Comparator : unsigned char { none, less, less_or_equal, greater_or_equal, greater };
std::string_view symbol(Comparator comparator);  // "", "<", "<=", ">=", ">"

struct Quantity {
  Decimal value;
  Comparator comparator = Comparator::none;  // "<60" is every value below 60
  Unit unit;
  Kind kind = Kind::none;
  Viability viability = Viability::unstated;
};

// One interval type for comparator values, partial dates and derived values. Absent ends are infinite.
struct Range {
  std::optional<Rational> low;
  std::optional<Rational> high;
  bool low_open = false;
  bool high_open = false;

  static Range exactly(const Rational& value) { return {value, value, false, false}; }
  bool is_point() const { return low && high && *low == *high; }
};

// Certainly, certainly not, or unknown; an unknown caused by width carries `why` (comparator, imprecise_date,
// ...).
Answer less(const Range& a, const Range& b, ReasonSet why);
Answer less_or_equal(const Range& a, const Range& b, ReasonSet why);
Answer equal(const Range& a, const Range& b, ReasonSet why);

// Molar mass in g/mol as the fact declares it; without one, mass and amount of substance do not convert.
using MolarMass = std::optional<Decimal>;

// The values a quantity may stand for, in `unit`.
//   viability  what the comparison is about; unstated asks nothing, viable and total are met only by
//   themselves
// errors  unit_mismatch: dimensions differ (and no molar mass bridges them), kinds or viability differ, or
//         one unit counts moles and the other does not, although UCUM lets mmol/L go with 10*9/L;
//         out_of_range as convert
Result<Range> range_in(const Quantity& quantity, const Unit& unit, Kind kind, const MolarMass& molar_mass,
                       Viability viability = Viability::unstated);

// "1.8", "<60", "< 60", ">=2000" with a unit given apart. errors as parse_decimal
Result<Quantity> parse_quantity(std::string_view value, const Unit& unit, Kind kind);

std::string to_text(const Quantity& quantity);  // "<60 mL/min/{1.73_m2}", "1e6 CD3/kg" is written "1 × 10⁶
                                                // CD3+ cells per kg" by report

}  // namespace graftline
