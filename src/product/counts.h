#pragma once
// A product as the laboratory counted it, and the arithmetic between dose, cells and volume. Whether a count
// includes dead cells is asked, never guessed; viability is applied once.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kind.h"
#include "product/amounts.h"

namespace graftline::product {

struct Product {
  struct Count {
    Kind kind = Kind::cd3_cells;
    Rational per_ml;
    Viability viability = Viability::unstated;
  };
  std::vector<Count> counts;
  std::optional<Rational> viable_fraction;  // 0..1
  std::optional<Rational> volume_ml;

  const Count* find(Kind kind) const;
};

// Reads "CD3 2.6e7/mL viable, MNC 9.0e7/mL total, viability 92 %, 160 mL" or "TNC 2.4e8/mL, CD3 40 %,
// viability 80 %, total". A share of TNC gives cells per mL. Numbers also as "2.6 x 10^7" and "2.6 × 10⁷",
// counts per any volume, volumes in any unit.
// errors  malformed_input: a part that cannot be read, or a kind twice; unit_mismatch; out_of_range: a number
//         below 0, a share above 100 %, more cells of a kind than of those it belongs to. The part is named.
Result<Product> parse_product(std::string_view text);

// Viable cells of a kind per mL; a count of viable cells takes no second viability factor.
// errors  not_found: no such count, or its viability is not known; the message asks for what is missing
Result<CellsPerMl> viable_per_ml(const Product& product, Kind kind);

// Nucleated cells per mL, dead ones included: what limits on concentration are about.
struct NucleatedCount {
  Rational per_ml;
  bool is_lower_bound = false;  // dead cells may come on top: the count is of viable cells, or does not say
};
std::optional<NucleatedCount> nucleated_per_ml(const Product& product);

// A prescribed amount: "3.0e7 CD3/kg", or in all, "2.6e7 CD3".
struct DoseTarget {
  Kind kind = Kind::cd3_cells;
  bool per_kilogram = true;
  Rational low;
  Rational high;  // equal to low: a single value
  friend bool operator==(const DoseTarget&, const DoseTarget&) = default;
};

// "3.0e7 CD3/kg and 1.0e8 MNC/kg", "1e5 to 5e5 CD3/kg"; also with the kind first, and as to_text writes it.
// The kind has to be said. errors  malformed_input naming the part; out_of_range: not above 0, or the range
// turned round
Result<std::vector<DoseTarget>> parse_dose(std::string_view text);

// errors  not_found: per kg, and no weight
Result<Cells> cells_of(const Rational& amount, bool per_kilogram, const std::optional<Kilograms>& weight);

// "18 kg", "18000 g". errors  malformed_input; unit_mismatch; out_of_range: not above 0 or above 500 kg
Result<Kilograms> parse_weight(std::string_view text);

// "5 × 10⁶": the mantissa without trailing zeros, no E notation.
std::string power_of_ten(const Rational& value, int figures = 4);
std::string to_text(const DoseTarget& target);                // "1 × 10⁵ to 5 × 10⁵ CD3+ cells per kg"
std::string to_text(const std::vector<DoseTarget>& targets);  // joined by "and"
// "66.92 mL", "0.339 mL": two decimals, three below 1.
std::string to_text(const Millilitres& volume);

}  // namespace graftline::product
