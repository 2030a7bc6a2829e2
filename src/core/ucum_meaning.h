#pragma once
// What UCUM symbols mean: every row of the table worked down to base units.

#include <string>
#include <string_view>

#include "core/rational.h"
#include "core/result.h"
#include "core/ucum_syntax.h"
#include "core/unit.h"

namespace graftline::ucum {

// Dimension, factor, arbitrary and special parts of a term; `code` is left empty.
// errors  out_of_range: a power beyond what can be kept
Result<Unit> meaning_of(const Term& term);

// A special unit stands for scale(value) x unit: Cel is K shifted by 273.15, B[W] is a logarithm over W.
struct SpecialDefinition {
  std::string_view function;  // of the table: "Cel", "lg", ...
  Rational unit_factor = 1;   // that unit in base units
};
const SpecialDefinition& special_definition(std::string_view code);

}  // namespace graftline::ucum
