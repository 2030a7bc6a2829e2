#include "core/ucum_meaning.h"

#include <fmt/format.h>

#include <limits>
#include <map>
#include <optional>
#include <unordered_map>

namespace graftline::ucum {
namespace {

constexpr std::size_t base_units = std::tuple_size_v<Dimension>;

// A meaning while it is being put together. The parts become text and small integers at the end.
struct Draft {
  std::array<int, base_units> dimension{};
  Rational factor = 1;
  int substance = 0;
  std::map<std::string, int> arbitrary;  // symbol -> exponent
  std::string special;
  bool is_special = false;

  bool is_pure_number() const {
    return dimension == std::array<int, base_units>{} && substance == 0 && arbitrary.empty() && !is_special;
  }
};

// 2048 bits hold 10*600: products of real units stay far below, hostile text of 256 characters stays cheap.
constexpr std::size_t max_bits = 2048;

std::size_t bits(const Rational& value) {
  return std::max(boost::multiprecision::msb(boost::multiprecision::numerator(value)),
                  boost::multiprecision::msb(boost::multiprecision::denominator(value))) +
         1;
}

Error too_large() { return {ErrorKind::out_of_range, "a power of a unit is beyond what can be kept"}; }

std::optional<Rational> power(const Rational& base, int exponent) {
  const auto times = static_cast<unsigned>(exponent < 0 ? -exponent : exponent);
  if (bits(base) * times > max_bits) return std::nullopt;
  const Rational up(boost::multiprecision::pow(boost::multiprecision::numerator(base), times),
                    boost::multiprecision::pow(boost::multiprecision::denominator(base), times));
  return exponent < 0 ? Rational(1 / up) : up;
}

// into x part^exponent. A special unit keeps its meaning only when nothing but numbers stands beside it.
bool multiply_into(Draft& into, const Draft& part, int exponent) {
  const std::optional<Rational> factor = power(part.factor, exponent);
  if (!factor || bits(into.factor) + bits(*factor) > max_bits) return false;
  if (part.is_special) {
    into.special = exponent == 1 && into.is_pure_number() ? part.special : "";
  } else if (!part.is_pure_number()) {
    into.special.clear();
  }
  into.is_special = into.is_special || part.is_special;
  into.factor *= *factor;
  into.substance += part.substance * exponent;
  for (std::size_t i = 0; i < base_units; ++i) into.dimension[i] += part.dimension[i] * exponent;
  for (const auto& [symbol, count] : part.arbitrary) {
    if ((into.arbitrary[symbol] += count * exponent) == 0) into.arbitrary.erase(symbol);
  }
  return true;
}

// Definitions refer to each other in any order, so each is worked out when it is first asked for. All are
// worked out while the one instance is made: afterwards threads only read.
class Definitions {
 public:
  Definitions() : drafts_(table().atoms().size()) {
    for (const Atom& atom : table().atoms()) draft_of(atom);
  }

  const Draft& of(const Atom& atom) const { return *drafts_[static_cast<std::size_t>(atom.row)]; }
  const SpecialDefinition& special(std::string_view code) const { return specials_.at(code); }

 private:
  const Draft& draft_of(const Atom& atom) {
    std::optional<Draft>& draft = drafts_[static_cast<std::size_t>(atom.row)];
    if (!draft) draft = define(atom);
    return *draft;
  }

  Draft define(const Atom& atom) {
    Draft draft;
    if (atom.base >= 0) {
      draft.dimension[static_cast<std::size_t>(atom.base)] = 1;
      return draft;
    }
    draft = definition(atom);
    if (!atom.function.empty()) {
      specials_[atom.code] = {atom.function, draft.factor};
      draft.factor = 1;
      draft.special = atom.code;
      draft.is_special = true;
    }
    // [IU] is defined as 1 [iU] and so is the same; the others are defined as 1 and stand for themselves.
    if (atom.is_arbitrary && draft.arbitrary.empty()) draft.arbitrary[std::string(atom.code)] = 1;
    if (atom.code == "mol") draft.substance = 1;
    return draft;
  }

  Draft definition(const Atom& atom) {
    const auto value = parse_rational(atom.value);
    const auto term = parse_term(atom.unit);
    ensure(value && term, "each UCUM unit is defined by a number and a unit");
    for (const Component& component : *term) {
      if (component.atom != nullptr) draft_of(*component.atom);
    }
    Draft draft;
    draft.factor = *value;
    for (const Component& component : *term) {
      Draft part;
      if (component.kind == ComponentKind::number) part.factor = component.number;
      if (component.atom != nullptr) part = prefixed(component, draft_of(*component.atom));
      ensure(multiply_into(draft, part, component.is_divided ? -component.exponent : component.exponent),
             "each UCUM unit has a factor of reasonable size");
    }
    return draft;
  }

 public:
  static Draft prefixed(const Component& component, const Draft& unit) {
    Draft draft = unit;
    if (component.prefix != nullptr) draft.factor *= component.prefix->factor;
    return draft;
  }

 private:
  std::vector<std::optional<Draft>> drafts_;
  std::unordered_map<std::string_view, SpecialDefinition> specials_;
};

const Definitions& definitions() {
  static const Definitions* const worked_out_once = new Definitions;
  return *worked_out_once;
}

Result<Draft> draft_of(const Term& term);

Result<Draft> draft_of(const Component& component) {
  Draft draft;
  switch (component.kind) {
    case ComponentKind::number:
      draft.factor = component.number;
      return draft;
    case ComponentKind::unit:
      return Definitions::prefixed(component, definitions().of(*component.atom));
    case ComponentKind::group:
      return draft_of(component.group);
    case ComponentKind::annotation:
      break;
  }
  return draft;  // an annotation alone is the unit 1
}

Result<Draft> draft_of(const Term& term) {
  Draft draft;
  for (const Component& component : term) {
    auto part = draft_of(component);
    if (!part) return part;
    const int exponent = component.is_divided ? -component.exponent : component.exponent;
    if (!multiply_into(draft, *part, exponent)) return too_large();
  }
  return draft;
}

std::optional<std::int8_t> small(int exponent) {
  if (exponent < std::numeric_limits<std::int8_t>::min() ||
      exponent > std::numeric_limits<std::int8_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int8_t>(exponent);
}

std::string arbitrary_text(const std::map<std::string, int>& arbitrary) {
  std::string text;
  for (const auto& [symbol, exponent] : arbitrary) {
    if (!text.empty()) text += '.';
    text += exponent == 1 ? symbol : fmt::format("{}{}", symbol, exponent);
  }
  return text;
}

}  // namespace

Result<Unit> meaning_of(const Term& term) {
  auto draft = draft_of(term);
  if (!draft) return draft.error();
  Unit unit;
  for (std::size_t i = 0; i < base_units; ++i) {
    const std::optional<std::int8_t> exponent = small(draft->dimension[i]);
    if (!exponent) return too_large();
    unit.dimension[i] = *exponent;
  }
  const std::optional<std::int8_t> substance = small(draft->substance);
  if (!substance) return too_large();
  unit.substance = *substance;
  unit.factor = std::move(draft->factor);
  unit.is_special = draft->is_special;
  unit.special = std::move(draft->special);
  unit.arbitrary = arbitrary_text(draft->arbitrary);
  unit.is_arbitrary = !unit.arbitrary.empty();
  return unit;
}

const SpecialDefinition& special_definition(std::string_view code) { return definitions().special(code); }

}  // namespace graftline::ucum
