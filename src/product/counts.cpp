#include "product/counts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/decimal.h"
#include "core/quantity.h"
#include "core/unit.h"

namespace graftline::product {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (const auto part = trimmed(text.substr(0, end)); !part.empty()) parts.push_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Error malformed(std::string_view part, std::string_view expected) {
  return {ErrorKind::malformed_input, fmt::format("product: '{}': expected {}", part, expected)};
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

constexpr std::array<std::string_view, 10> raised_digits{"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};

// The exponent of "x 10^7", "× 10⁷", "*10^-2" at the front of `text`, which keeps what follows it. 0 also
// when there is no power.
int take_power(std::string_view& text) {
  std::string_view rest = trimmed(text);
  if (!take(rest, "×") && !take(rest, "x") && !take(rest, "*")) return 0;
  rest = trimmed(rest);
  if (!take(rest, "10")) return 0;
  const bool is_caret = take(rest, "^");
  const bool is_negative = take(rest, is_caret ? "-" : "⁻");
  int exponent = 0;
  int n_digits = 0;
  for (; n_digits < 2 && !rest.empty(); ++n_digits) {
    int digit = 0;
    while (digit < 10 && !(is_caret ? rest.front() == static_cast<char>('0' + digit)
                                    : rest.starts_with(raised_digits.at(static_cast<std::size_t>(digit)))))
      ++digit;
    if (digit == 10) break;
    rest.remove_prefix(is_caret ? 1 : raised_digits.at(static_cast<std::size_t>(digit)).size());
    exponent = exponent * 10 + digit;
  }
  if (n_digits == 0) return 0;
  text = rest;
  return is_negative ? -exponent : exponent;
}

// A number at the front of `text`, which keeps what follows it: "2.6e7", "2.6 x 10^7", "2.6 × 10⁷".
Result<Rational> take_number(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789.eE+-"), text.size());
  const auto number = parse_decimal(text.substr(0, end));
  if (!number) return number.error();
  std::string_view rest = text.substr(end);
  Rational value = to_rational(*number);
  int power = take_power(rest);
  for (; power > 0; --power) value *= 10;
  for (; power < 0; ++power) value /= 10;
  text = trimmed(rest);
  return value;
}

// A number with its unit, in the unit that is wanted ("/mL", "mL").
// errors  unit_mismatch
Result<Rational> in_unit(const Rational& value, std::string_view unit_text, std::string_view wanted) {
  const auto unit = parse_unit(unit_text);
  const auto into = parse_unit(wanted);
  ensure(static_cast<bool>(into), "the unit that is wanted is UCUM");
  if (!unit || !comparable(*unit, *into))
    return Error{ErrorKind::unit_mismatch, fmt::format("expected a unit such as {}", wanted)};
  return convert(value, *unit, *into);
}

// A share of the nucleated cells, kept until the TNC count is known.
struct Share {
  Kind kind;
  Rational fraction;
  Viability viability;
};

Viability take_viability(std::string_view& text) {
  for (const auto& [word, viability] : {std::pair{std::string_view("viable"), Viability::viable},
                                        std::pair{std::string_view("total"), Viability::total}}) {
    if (text.ends_with(word)) {
      text = trimmed(text.substr(0, text.size() - word.size()));
      return viability;
    }
    if (text.starts_with(word)) {
      text = trimmed(text.substr(word.size()));
      return viability;
    }
  }
  return Viability::unstated;
}

}  // namespace

namespace {

// A kind of cell and what was counted of it: "CD3 2.6e7/mL viable", "CD3 40 %".
struct CountPart {
  Kind kind = Kind::none;
  Rational value;
  std::string_view unit;
  Viability viability = Viability::unstated;
};
std::optional<CountPart> count_part(std::string_view part) {
  CountPart made;
  made.viability = take_viability(part);
  const std::size_t blank = part.find(' ');
  if (blank == std::string_view::npos || !kind_from_name(part.substr(0, blank), made.kind) ||
      !is_cell_kind(made.kind))
    return std::nullopt;
  std::string_view rest = trimmed(part.substr(blank));
  const auto value = take_number(rest);
  if (!value) return std::nullopt;
  made.value = *value;
  made.unit = rest;
  return made;
}

// Whether cells counted as `part` can be compared with those counted as `whole`, of which they are some.
bool is_comparable(Viability part, Viability whole) { return whole == Viability::total || part == whole; }

// CD3+ cells are mononuclear, and mononuclear cells have nuclei.
std::optional<Error> check_parts(const Product& product, std::string_view text) {
  for (const Kind whole : {Kind::mononuclear_cells, Kind::total_nucleated_cells}) {
    const Product::Count* all = product.find(whole);
    if (all == nullptr) continue;
    for (const Product::Count& count : product.counts) {
      if (count.kind == whole || count.kind == Kind::total_nucleated_cells) continue;
      if (count.per_ml > all->per_ml && is_comparable(count.viability, all->viability))
        return Error{ErrorKind::out_of_range, fmt::format("product: '{}': more {} than {}", text,
                                                          full_name(count.kind), full_name(whole))};
    }
  }
  return std::nullopt;
}

}  // namespace

Result<Product> parse_product(std::string_view text) {
  static constexpr std::string_view forms =
      "'CD3 2.6e7/mL viable', 'TNC 2.4e8/mL', 'CD3 40 %', 'viability 80 %', 'total', 'viable' or '160 mL'";
  const auto out_of_range = [](std::string_view part, std::string_view expected) {
    return Error{ErrorKind::out_of_range, fmt::format("product: '{}': expected {}", part, expected)};
  };
  Product product;
  std::vector<Share> shares;
  Viability general = Viability::unstated;
  for (const std::string_view part : split(text, ',')) {
    std::string_view rest = part;
    if (rest == "viable" || rest == "total") {
      general = rest == "viable" ? Viability::viable : Viability::total;
      continue;
    }
    if (take(rest, "viability")) {
      rest = trimmed(rest);
      auto value = take_number(rest);
      if (!value) return value.error();
      if (rest != "%" || *value < 0 || *value > 100) return malformed(part, "a viability from 0 to 100 %");
      product.viable_fraction = Rational(*value / 100);
      continue;
    }
    if (const auto counted = count_part(part)) {
      const bool is_again = product.find(counted->kind) != nullptr ||
                            std::any_of(shares.begin(), shares.end(),
                                        [&](const Share& share) { return share.kind == counted->kind; });
      if (is_again) return malformed(part, "each kind of cell once");
      if (counted->unit != "%" && !parse_unit(counted->unit)) return malformed(part, forms);
      if (counted->unit == "%") {
        if (counted->value < 0 || counted->value > 100) return out_of_range(part, "a share from 0 to 100 %");
        shares.push_back({counted->kind, Rational(counted->value / 100), counted->viability});
        continue;
      }
      const auto per_ml = in_unit(counted->value, counted->unit, "/mL");
      if (!per_ml)
        return Error{ErrorKind::unit_mismatch,
                     fmt::format("product: '{}': {}", part, per_ml.error().message)};
      if (*per_ml < 0) return out_of_range(part, "a count that is not below 0");
      product.counts.push_back({counted->kind, *per_ml, counted->viability});
      continue;
    }
    auto value = take_number(rest);
    if (!value || rest.empty()) return malformed(part, forms);
    const auto volume = in_unit(*value, rest, "mL");
    if (!volume) return malformed(part, forms);
    if (*volume <= 0) return out_of_range(part, "a volume above 0");
    if (product.volume_ml) return malformed(part, "one volume");
    product.volume_ml = *volume;
  }
  if (product.counts.empty()) return malformed(text, forms);
  for (Product::Count& count : product.counts) {
    if (count.viability == Viability::unstated) count.viability = general;
  }
  for (const Share& share : shares) {
    const Product::Count* tnc = product.find(Kind::total_nucleated_cells);
    if (tnc == nullptr) return malformed(text, "a TNC count per mL, of which the given share is taken");
    const Viability viability = share.viability == Viability::unstated ? tnc->viability : share.viability;
    product.counts.push_back({share.kind, Rational(tnc->per_ml * share.fraction), viability});
  }
  if (auto problem = check_parts(product, text)) return *problem;
  return product;
}

const Product::Count* Product::find(Kind kind) const {
  const auto at = std::find_if(counts.begin(), counts.end(), [&](const Count& c) { return c.kind == kind; });
  return at == counts.end() ? nullptr : &*at;
}

Result<CellsPerMl> viable_per_ml(const Product& product, Kind kind) {
  const auto asked = [](std::string message) { return Error{ErrorKind::not_found, std::move(message)}; };
  const Product::Count* count = product.find(kind);
  if (count == nullptr) return asked(fmt::format("the product has no {} count", name(kind)));
  if (count->viability == Viability::viable) return CellsPerMl(count->per_ml);
  if (count->viability == Viability::unstated) {
    return asked(fmt::format(
        "whether the {} count of the product is viable or total is not stated: ask the laboratory",
        name(kind)));
  }
  if (!product.viable_fraction) {
    return asked(
        fmt::format("the {} count of the product is total and its viability is not stated", name(kind)));
  }
  return CellsPerMl(Rational(count->per_ml * *product.viable_fraction));
}

std::optional<NucleatedCount> nucleated_per_ml(const Product& product) {
  const Product::Count* tnc = product.find(Kind::total_nucleated_cells);
  if (tnc == nullptr) return std::nullopt;
  if (tnc->viability == Viability::total) return NucleatedCount{tnc->per_ml, false};
  if (tnc->viability == Viability::viable && product.viable_fraction && *product.viable_fraction > 0)
    return NucleatedCount{Rational(tnc->per_ml / *product.viable_fraction), false};
  return NucleatedCount{tnc->per_ml, true};
}

namespace {

// "3.0e7 CD3/kg" or "CD3 3.0e7/kg", "1e5 to 5e5 CD3/kg", "2.6e7 CD3 viable".
Result<DoseTarget> parse_target(std::string_view part) {
  const auto fails = [&](ErrorKind kind, std::string_view expected) {
    return Error{kind, fmt::format("dose '{}': expected {}", part, expected)};
  };
  static constexpr std::string_view form =
      "a number and the kind of cell: '3.0e7 CD3/kg', '1e5 to 5e5 CD3/kg', or '2.6e7 CD3' in all";
  std::string_view rest = trimmed(part);
  DoseTarget target;
  target.per_kilogram = false;
  if (rest.ends_with(" viable")) rest = trimmed(rest.substr(0, rest.size() - 7));
  // A kind in front ends where a word begins with a digit; the digit of CD3 does not begin one.
  std::size_t kind_end = 0;
  const auto begins_number = [&](std::size_t at) { return rest[at] >= '0' && rest[at] <= '9'; };
  if (!rest.empty() && !begins_number(0)) {
    do kind_end = rest.find(' ', kind_end + 1);
    while (kind_end != std::string_view::npos && kind_end + 1 < rest.size() && !begins_number(kind_end + 1));
    kind_end = std::min(kind_end, rest.size());
  }
  std::string_view kind = rest.substr(0, kind_end);
  rest = trimmed(rest.substr(kind_end));
  const auto low = take_number(rest);
  const auto high = low && take(rest, "to ") ? take_number(rest) : low;
  if (!low || !high) return fails(ErrorKind::malformed_input, form);
  for (const std::string_view per : {"/kg", "per kg"}) {
    if (rest.starts_with(per)) {
      target.per_kilogram = true;
      rest = trimmed(rest.substr(per.size()));
    } else if (rest.ends_with(per)) {
      target.per_kilogram = true;
      rest = trimmed(rest.substr(0, rest.size() - per.size()));
    }
  }
  if (kind.empty()) std::swap(kind, rest);
  if (!rest.empty() || !kind_from_name(trimmed(kind), target.kind) || !is_cell_kind(target.kind))
    return fails(ErrorKind::malformed_input, form);
  target.low = *low;
  target.high = *high;
  if (target.low <= 0 || target.high < target.low)
    return fails(ErrorKind::out_of_range, "a dose above 0, the lower end of a range first");
  return target;
}

}  // namespace

Result<std::vector<DoseTarget>> parse_dose(std::string_view text) {
  std::vector<DoseTarget> targets;
  std::string_view rest = text;
  do {
    const std::size_t end = std::min(rest.find(" and "), rest.size());
    auto target = parse_target(rest.substr(0, end));
    if (!target) return target.error();
    for (const DoseTarget& other : targets) {
      if (other.kind == target->kind)
        return Error{ErrorKind::malformed_input,
                     fmt::format("dose '{}': {} stands twice", text, name(other.kind))};
    }
    targets.push_back(std::move(*target));
    rest.remove_prefix(std::min(end + 5, rest.size()));
  } while (!rest.empty());
  return targets;
}

Result<Cells> cells_of(const Rational& amount, bool per_kilogram, const std::optional<Kilograms>& weight) {
  if (!per_kilogram) return Cells(amount);
  if (!weight) return Error{ErrorKind::not_found, "the weight is unknown"};
  return CellsPerKg(amount) * *weight;
}

Result<Kilograms> parse_weight(std::string_view text) {
  const std::string_view whole = trimmed(text);
  const std::size_t blank = std::min(whole.find_first_not_of("0123456789.eE+-"), whole.size());
  const auto number = parse_decimal(whole.substr(0, blank));
  const std::string_view unit_text = trimmed(whole.substr(blank));
  if (!number || unit_text.empty())
    return Error{ErrorKind::malformed_input, "weight: expected a number and its unit: '58 kg'"};
  const auto unit = parse_unit(unit_text);
  const auto kilogram = parse_unit("kg");
  ensure(static_cast<bool>(kilogram), "kg is UCUM");
  if (!unit || !comparable(*unit, *kilogram))
    return Error{ErrorKind::unit_mismatch, "weight: expected a unit of mass, such as kg or g"};
  const auto value = convert(to_rational(*number), *unit, *kilogram);
  if (!value) return value.error();
  if (*value <= 0 || *value > 500)
    return Error{ErrorKind::out_of_range, "weight: expected above 0 and at most 500 kg"};
  return Kilograms(*value);
}

std::string power_of_ten(const Rational& value, int figures) {
  if (value == 0) return "0";
  Rational mantissa = value;
  int exponent = 0;
  for (; mantissa >= 10; ++exponent) mantissa /= 10;
  for (; mantissa < 1; --exponent) mantissa *= 10;
  std::string text = graftline::to_text(mantissa, figures);
  if (text == "10") {
    text = "1";
    ++exponent;
  }
  text += " × 10";
  if (exponent < 0) text += "⁻";
  for (const char digit : std::to_string(std::abs(exponent)))
    text += raised_digits.at(static_cast<std::size_t>(digit - '0'));
  return text;
}

std::string to_text(const DoseTarget& target) {
  std::string text = power_of_ten(target.low);
  if (target.high != target.low) text += " to " + power_of_ten(target.high);
  return fmt::format("{} {}{}", text, full_name(target.kind), target.per_kilogram ? " per kg" : "");
}

std::string to_text(const std::vector<DoseTarget>& targets) {
  std::string text;
  for (const DoseTarget& target : targets) text += (text.empty() ? "" : " and ") + to_text(target);
  return text;
}

std::string to_text(const Millilitres& volume) {
  const double value = to_double(volume.value());
  std::string text = fmt::format("{:.{}f}", value, value < 1 ? 3 : 2);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + " mL";
}

}  // namespace graftline::product
