#include "core/quantity.h"

#include <array>

namespace graftline {
namespace {

struct ComparatorRow {
  Comparator comparator;
  std::string_view symbol;
};

// Longer symbols first, so that "<=" is not read as "<". Records also write the single characters.
constexpr std::array<ComparatorRow, 6> comparator_rows{{{Comparator::less_or_equal, "<="},
                                                        {Comparator::greater_or_equal, ">="},
                                                        {Comparator::less_or_equal, "≤"},
                                                        {Comparator::greater_or_equal, "≥"},
                                                        {Comparator::less, "<"},
                                                        {Comparator::greater, ">"}}};

Range range_of(const Rational& value, Comparator comparator) {
  switch (comparator) {
    case Comparator::less:
      return {std::nullopt, value, false, true};
    case Comparator::less_or_equal:
      return {std::nullopt, value, false, false};
    case Comparator::greater:
      return {value, std::nullopt, true, false};
    case Comparator::greater_or_equal:
      return {value, std::nullopt, false, false};
    case Comparator::none:
      break;
  }
  return Range::exactly(value);
}

// Whether every value of a lies below every value of b (or at most equals it, when `or_equal`).
bool lies_below(const Range& a, const Range& b, bool or_equal) {
  if (!a.high || !b.low) return false;
  if (*a.high != *b.low) return *a.high < *b.low;
  return or_equal || a.high_open || b.low_open;
}

bool lies_apart(const Range& a, const Range& b) { return lies_below(a, b, false) || lies_below(b, a, false); }

// Mass over volume and amount over volume differ by one mass in the dimension and one mole in the substance.
enum class Bridge : unsigned char { none, mass_to_amount, amount_to_mass };

Bridge bridge_between(const Unit& from, const Unit& to) {
  if (from.is_special || to.is_special || from.arbitrary != to.arbitrary) return Bridge::none;
  for (std::size_t i = 0; i < from.dimension.size(); ++i) {
    if (i != mass_axis && from.dimension[i] != to.dimension[i]) return Bridge::none;
  }
  const int mass = from.dimension[mass_axis] - to.dimension[mass_axis];
  const int substance = to.substance - from.substance;
  if (mass == 1 && substance == 1) return Bridge::mass_to_amount;
  return mass == -1 && substance == -1 ? Bridge::amount_to_mass : Bridge::none;
}

Unit ucum_unit(std::string_view code) {
  auto unit = parse_unit(code);
  ensure(static_cast<bool>(unit), "the unit is UCUM");
  return *unit;
}

// The base unit of mass is the gram; a mole is a number of entities. So 1 g of base mass is (mole / molar
// mass) entities.
Rational entities_per_gram(const Decimal& molar_mass) {
  static const Rational entities_per_mole = ucum_unit("mol").factor;
  return entities_per_mole / to_rational(molar_mass);
}

Result<Rational> convert_amount(const Rational& value, const Unit& from, const Unit& to,
                                const MolarMass& molar_mass) {
  if (from.code == to.code) return value;
  if (comparable(from, to)) {
    // UCUM reads a mole as a bare number. A concentration of a substance is still no count of cells.
    if (from.substance == to.substance) return convert(value, from, to);
    return Error{ErrorKind::unit_mismatch, "one unit counts moles and the other does not"};
  }
  const Bridge bridge = bridge_between(from, to);
  if (bridge == Bridge::none) return convert(value, from, to);  // which says why not
  if (!molar_mass) {
    return Error{ErrorKind::unit_mismatch,
                 "mass and amount of substance need a molar mass, and none is declared"};
  }
  if (molar_mass->mantissa <= 0) return Error{ErrorKind::out_of_range, "a molar mass is not above 0"};
  const Rational per_gram = entities_per_gram(*molar_mass);
  const Rational base = value * from.factor;
  return Rational((bridge == Bridge::mass_to_amount ? Rational(base * per_gram) : Rational(base / per_gram)) /
                  to.factor);
}

// Whether larger numbers stay larger: a fall in pH is a rise in concentration, so "<7" turns round.
bool turns_round(const Unit& from, const Unit& to) {
  static const auto falls = [](const Unit& unit) {
    return unit.special == "[pH]" || unit.special.substr(0, 4) == "[hp'";
  };
  return falls(from) != falls(to);
}

Comparator opposite(Comparator comparator) {
  switch (comparator) {
    case Comparator::less:
      return Comparator::greater;
    case Comparator::less_or_equal:
      return Comparator::greater_or_equal;
    case Comparator::greater_or_equal:
      return Comparator::less_or_equal;
    case Comparator::greater:
      return Comparator::less;
    case Comparator::none:
      break;
  }
  return Comparator::none;
}

}  // namespace

std::string_view symbol(Comparator comparator) {
  static constexpr std::array<std::string_view, 5> symbols{"", "<", "<=", ">=", ">"};
  return symbols.at(static_cast<std::size_t>(comparator));
}

Answer less(const Range& a, const Range& b, ReasonSet why) {
  if (lies_below(a, b, false)) return answer(true);
  return lies_below(b, a, true) ? answer(false) : unknown(why);
}

Answer less_or_equal(const Range& a, const Range& b, ReasonSet why) { return !less(b, a, why); }

Answer equal(const Range& a, const Range& b, ReasonSet why) {
  if (lies_apart(a, b)) return answer(false);
  return a.is_point() && b.is_point() ? answer(true) : unknown(why);
}

Result<Range> range_in(const Quantity& quantity, const Unit& unit, Kind kind, const MolarMass& molar_mass,
                       Viability viability) {
  if (quantity.kind != kind) {
    return Error{ErrorKind::unit_mismatch,
                 "the quantities are of different kinds, such as CD3 and CD34 cells"};
  }
  if (viability != Viability::unstated && quantity.viability != viability) {
    return Error{ErrorKind::unit_mismatch,
                 "viable cells and all cells are different counts, and one of them is needed"};
  }
  auto value = convert_amount(to_rational(quantity.value), quantity.unit, unit, molar_mass);
  if (!value) return value.error();
  return range_of(*value,
                  turns_round(quantity.unit, unit) ? opposite(quantity.comparator) : quantity.comparator);
}

Result<Quantity> parse_quantity(std::string_view value, const Unit& unit, Kind kind) {
  Quantity quantity;
  quantity.unit = unit;
  quantity.kind = kind;
  for (const ComparatorRow& row : comparator_rows) {
    if (value.substr(0, row.symbol.size()) != row.symbol) continue;
    quantity.comparator = row.comparator;
    value.remove_prefix(row.symbol.size());
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    break;
  }
  auto number = parse_decimal(value);
  if (!number) return number.error();
  quantity.value = *number;
  return quantity;
}

std::string to_text(const Quantity& quantity) {
  std::string text(symbol(quantity.comparator));
  text += to_text(quantity.value);
  if (!quantity.unit.code.empty() && quantity.unit.code != "1") text += ' ' + quantity.unit.code;
  if (quantity.kind != Kind::none) text += ' ' + std::string(name(quantity.kind));
  return text;
}

}  // namespace graftline
