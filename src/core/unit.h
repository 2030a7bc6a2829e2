#pragma once
// UCUM units: text -> dimension and exact factor. The table is the UCUM essence file, unchanged
// (third_party/ucum).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/rational.h"
#include "core/result.h"

namespace graftline {

// Exponents of the UCUM base units: metre, second, gram, radian, kelvin, coulomb, candela.
using Dimension = std::array<std::int8_t, 7>;

struct Unit {
  std::string code;  // as written, after alias resolution: "umol/L"
  Dimension dimension{};
  Rational factor = 1;  // 1 of this unit in base units; for special units (Cel, pH) the linear part
  bool is_special =
      false;  // on a non-ratio scale: conversion goes through its functions, not the factor alone
  bool is_arbitrary = false;  // [IU] and the like: convertible to themselves only
  std::string arbitrary;      // which arbitrary unit(s), so that [IU]/mL and [arb'U]/mL stay apart
  std::string special;        // which special unit

  friend bool operator==(const Unit&, const Unit&) = default;
};

// UCUM (case sensitive), with annotations accepted and dropped. Aliases such as "IU/L", "mm3" are NOT
// accepted here; an importer resolves them through a declared alias table first. errors  malformed_input: not
// UCUM; the message points at the place
Result<Unit> parse_unit(std::string_view ucum);

bool comparable(const Unit& a, const Unit& b);  // same dimension, same arbitrary unit

// Exact for ratio scales. For special units (temperature, pH, logarithms) the result is rounded to 12
// figures. errors  unit_mismatch
Result<Rational> convert(const Rational& value, const Unit& from, const Unit& to);

Result<Unit> multiply(const Unit& a, const Unit& b);
Result<Unit> divide(const Unit& a, const Unit& b);

}  // namespace graftline
