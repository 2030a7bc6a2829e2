#include <fmt/format.h>

#include <algorithm>

#include "core/decimal.h"
#include "engine/plan.h"

namespace graftline::engine {
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

}  // namespace graftline::engine
