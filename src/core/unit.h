#pragma once
// UCUM units: text -> dimension and exact factor. The table is the UCUM essence file, unchanged
// (third_party/ucum).

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/rational.h"
#include "core/result.h"

namespace graftline {

// Exponents of the UCUM base units: metre, second, gram, radian, kelvin, coulomb, candela.
using Dimension = std::array<std::int8_t, 7>;
inline constexpr std::size_t mass_axis = 2;

struct Unit {
  std::string code;  // as written: "umol/L"; empty is the unit 1
  Dimension dimension{};
  Rational factor = 1;  // 1 of this unit in base units; for a special unit the scale before it (1/10 for dB)
  // Exponent of the mole. UCUM makes the mole a bare number (6.02214076e23), so its dimension does not show
  // it.
  std::int8_t substance = 0;
  bool is_special = false;    // on a scale that is no ratio: temperature, pH, decibel
  bool is_arbitrary = false;  // [IU] and the like: convertible to themselves only
  std::string
      special;  // which special unit: "Cel"; empty when it stands in a product, where it means nothing
  std::string arbitrary;  // which arbitrary units: "[iU]", so that [IU]/mL and [arb'U]/mL stay apart

  friend bool operator==(const Unit&, const Unit&) = default;
};

// UCUM (case sensitive), with annotations accepted and dropped. What is not UCUM, such as "IU/L" or
// "cells/uL", is refused: an importer resolves it through a declared alias table first. Any thread may call;
// results are remembered. errors  malformed_input: not UCUM, or empty; the message points at the place.
// out_of_range: longer than 256
//         characters, or a number or power beyond what can be kept
Result<Unit> parse_unit(std::string_view ucum);

// Same dimension and same arbitrary unit; % and 1 are. As UCUM has it: a mole is a number, mmol/L goes with
// 10*9/L.
bool comparable(const Unit& a, const Unit& b);

// Exact for ratio scales and temperatures. Through a logarithm, root or tangent the result is rounded to 12
// figures. errors  unit_mismatch: not comparable, or a special unit inside a product; out_of_range: a
// logarithm of what is not
//         above 0, or a power too large
Result<Rational> convert(const Rational& value, const Unit& from, const Unit& to);

// The code of the result is the two codes joined: "10*6/kg" times "kg" is "10*6/kg.kg".
// errors  unit_mismatch: a special unit cannot take part; out_of_range as parse_unit
Result<Unit> multiply(const Unit& a, const Unit& b);
Result<Unit> divide(const Unit& a, const Unit& b);

}  // namespace graftline
