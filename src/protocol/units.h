#pragma once
// Units and kinds as a protocol writes them, checked against what a fact is measured in.

#include <optional>
#include <string>
#include <string_view>

#include "protocol/scope.h"

namespace graftline::protocol {

// "mg/dL", "%", "years", "CD3/kg": a UCUM unit, and which cells when the unit says it.
struct WrittenUnit {
  Unit unit;
  Kind kind = Kind::none;
  std::string text;
};
// Complains when it is no unit. An empty text is the unit 1.
std::optional<WrittenUnit> read_unit(Reader& reader, std::string_view text, Span span);

// "CD3/kg", "MNC/kg", "CD3": the cells of a dose, per kg or in total. Complains otherwise.
struct CellUnit {
  Kind kind = Kind::none;
  bool per_kilogram = true;
};
std::optional<CellUnit> read_cell_unit(Reader& reader, std::string_view text, Span span);
std::string cell_unit_text(Kind kind, bool per_kilogram);

// Complains when a value in `unit` can never be compared with the fact: another dimension, another kind of
// cell.
bool check_unit(Reader& reader, const record::Fact& row, const WrittenUnit& unit, std::string_view fact_name,
                Span span);

// A limit no patient can be on both sides of: a negative amount, a share outside 0 to 100 %.
void check_possible(Reader& reader, const record::Fact& row, const Quantity& limit, Span span);

// A share of a whole, or a score, which lies between 0 and 100.
bool is_share(const record::Fact& row);
// Whether reports give an upper limit of normal with it: an amount per volume of blood.
bool has_upper_limit(const record::Fact& row);
// Whether a number may stand beside it without a unit.
bool is_plain_number(const record::Fact& row);
MolarMass molar_mass(const record::Fact& row);

}  // namespace graftline::protocol
