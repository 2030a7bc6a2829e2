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

// A number at the front of `text`, which keeps what follows it.
Result<Rational> take_number(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789.eE+-"), text.size());
  const auto number = parse_decimal(text.substr(0, end));
  if (!number) return number.error();
  text = trimmed(text.substr(end));
  return to_rational(*number);
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

Result<Product> parse_product(std::string_view text) {
  static constexpr std::string_view forms =
      "'CD3 2.6e7/mL viable', 'TNC 2.4e8/mL', 'CD3 40 %', 'viability 80 %', 'total', 'viable' or '160 mL'";
  Product product;
  std::vector<Share> shares;
  Viability general = Viability::unstated;
  for (const std::string_view part : split(text, ',')) {
    std::string_view rest = part;
    if (rest == "viable" || rest == "total") {
      general = rest == "viable" ? Viability::viable : Viability::total;
      continue;
    }
    if (rest.starts_with("viability")) {
      rest = trimmed(rest.substr(std::string_view("viability").size()));
      auto value = take_number(rest);
      if (!value) return value.error();
      if (rest != "%" || *value < 0 || *value > 100) return malformed(part, "a viability from 0 to 100 %");
      product.viable_fraction = Rational(*value / 100);
      continue;
    }
    const Viability viability = take_viability(rest);
    const std::size_t blank = rest.find(' ');
    Kind kind = Kind::none;
    if (blank != std::string_view::npos && kind_from_name(rest.substr(0, blank), kind) &&
        is_cell_kind(kind)) {
      rest = trimmed(rest.substr(blank));
      auto value = take_number(rest);
      if (!value) return value.error();
      if (rest == "/mL") {
        product.counts.push_back({kind, *value, viability});
      } else if (rest == "%") {
        shares.push_back({kind, Rational(*value / 100), viability});
      } else {
        return malformed(part, forms);
      }
      continue;
    }
    auto value = take_number(rest);
    if (!value || rest != "mL") return malformed(part, forms);
    product.volume_ml = *value;
  }
  if (product.counts.empty()) return malformed(text, forms);
  for (Product::Count& count : product.counts) {
    if (count.viability == Viability::unstated) count.viability = general;
  }
  for (const Share& share : shares) {
    const auto tnc =
        std::find_if(product.counts.begin(), product.counts.end(),
                     [](const Product::Count& count) { return count.kind == Kind::total_nucleated_cells; });
    if (tnc == product.counts.end())
      return malformed(text, "a TNC count per mL, of which the given share is taken");
    const Viability viability = share.viability == Viability::unstated ? tnc->viability : share.viability;
    product.counts.push_back({share.kind, Rational(tnc->per_ml * share.fraction), viability});
  }
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
  if (rest.ends_with(" viable")) rest = trimmed(rest.substr(0, rest.size() - 7));
  target.per_kilogram = rest.ends_with("/kg");
  if (target.per_kilogram) rest = trimmed(rest.substr(0, rest.size() - 3));
  const std::size_t first_blank = rest.find(' ');
  if (first_blank == std::string_view::npos) return fails(ErrorKind::malformed_input, form);
  std::string_view numbers;
  if (const std::string_view first = rest.substr(0, first_blank);
      kind_from_name(first, target.kind) && is_cell_kind(target.kind)) {
    numbers = trimmed(rest.substr(first_blank));
  } else {
    const std::size_t last_blank = rest.find_last_of(' ');
    if (!kind_from_name(rest.substr(last_blank + 1), target.kind) || !is_cell_kind(target.kind))
      return fails(ErrorKind::malformed_input, form);
    numbers = trimmed(rest.substr(0, last_blank));
  }
  const std::size_t to = numbers.find(" to ");
  const auto low = parse_decimal(trimmed(numbers.substr(0, to)));
  const auto high = to == std::string_view::npos ? low : parse_decimal(trimmed(numbers.substr(to + 4)));
  if (!low || !high) return fails(ErrorKind::malformed_input, form);
  target.low = to_rational(*low);
  target.high = to_rational(*high);
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
  static constexpr std::array<const char*, 10> raised{"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
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
    text += raised.at(static_cast<std::size_t>(digit - '0'));
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
