#include "core/unit.h"

#include <mutex>
#include <optional>
#include <shared_mutex>
#include <unordered_map>

#include "core/special_scale.h"
#include "core/ucum_meaning.h"
#include "core/ucum_syntax.h"

namespace graftline {
namespace {

Result<Unit> work_out(std::string_view ucum) {
  auto term = ucum::parse_term(ucum);
  if (!term) return term.error();
  auto unit = ucum::meaning_of(*term);
  if (unit) unit->code = std::string(ucum);
  return unit;
}

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

// Parsing is a pure function; remembering its results changes nothing but the time. A cohort writes a few
// dozen units millions of times, some of them wrong each time. Bounded, since hostile input may hold any
// number of different ones.
class UnitMemory {
 public:
  std::optional<Result<Unit>> find(std::string_view code) const {
    const std::shared_lock lock(mutex_);
    const auto found = results_.find(code);
    if (found == results_.end()) return std::nullopt;
    return found->second;
  }
  void keep(std::string_view code, const Result<Unit>& result) {
    constexpr std::size_t most = 4096;
    const std::unique_lock lock(mutex_);
    if (results_.size() < most) results_.emplace(code, result);
  }

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, Result<Unit>, TextHash, std::equal_to<>> results_;
};

UnitMemory& memory() {
  static auto* const instance = new UnitMemory;
  return *instance;
}

Error not_comparable() { return {ErrorKind::unit_mismatch, "the two units measure different things"}; }

Error special_in_product() {
  return {ErrorKind::unit_mismatch,
          "a unit on a special scale (temperature, pH, decibel) cannot be multiplied or divided; use the "
          "unit it is "
          "defined by, such as K"};
}

// Only a special unit alone, or scaled by a number, has a conversion.
bool has_meaning(const Unit& unit) { return !unit.is_special || !unit.special.empty(); }

Result<Rational> to_base(const Rational& value, const Unit& unit) {
  if (!unit.is_special) return Rational(value * unit.factor);
  const ucum::SpecialDefinition& special = ucum::special_definition(unit.special);
  auto ratio = ucum::to_ratio(special.function, value * unit.factor);
  if (ratio) *ratio *= special.unit_factor;
  return ratio;
}

Result<Rational> from_base(const Rational& value, const Unit& unit) {
  if (!unit.is_special) return Rational(value / unit.factor);
  const ucum::SpecialDefinition& special = ucum::special_definition(unit.special);
  auto on_scale = ucum::from_ratio(special.function, value / special.unit_factor);
  if (on_scale) *on_scale /= unit.factor;
  return on_scale;
}

bool is_exact(const Unit& unit) {
  return !unit.is_special || ucum::is_exact(ucum::special_definition(unit.special).function);
}

bool is_one(const Unit& unit) { return unit.code.empty() || unit.code == "1"; }

// The code of a factor after the first. A leading division is not allowed in parentheses: "/L" becomes
// "(1/L)".
std::string as_factor(const std::string& code) {
  if (code.find_first_of("./") == std::string::npos) return code;
  return code.front() == '/' ? "(1" + code + ")" : "(" + code + ")";
}

}  // namespace

Result<Unit> parse_unit(std::string_view ucum) {
  if (auto remembered = memory().find(ucum)) return std::move(*remembered);
  auto result = work_out(ucum);
  constexpr std::size_t longest = 256;  // what parse_term accepts; longer text is not worth its memory
  if (ucum.size() <= longest) memory().keep(ucum, result);
  return result;
}

bool comparable(const Unit& a, const Unit& b) {
  if (!has_meaning(a) || !has_meaning(b)) return a == b;
  return a.dimension == b.dimension && a.arbitrary == b.arbitrary;
}

Result<Rational> convert(const Rational& value, const Unit& from, const Unit& to) {
  if (from.code == to.code && from == to) return value;
  if (!has_meaning(from) || !has_meaning(to)) return special_in_product();
  if (!comparable(from, to)) return not_comparable();
  // On one scale only the numbers before the unit differ: dB to B, as exact as metres to kilometres.
  if (from.special == to.special) return Rational(value * from.factor / to.factor);
  auto base = to_base(value, from);
  if (!base) return base;
  auto converted = from_base(*base, to);
  if (!converted || (is_exact(from) && is_exact(to))) return converted;
  constexpr int figures = 12;
  return round_to(*converted, figures);
}

Result<Unit> multiply(const Unit& a, const Unit& b) {
  if (a.is_special || b.is_special) return special_in_product();
  if (is_one(a)) return b;
  if (is_one(b)) return a;
  return parse_unit(a.code + "." + as_factor(b.code));
}

Result<Unit> divide(const Unit& a, const Unit& b) {
  if (a.is_special || b.is_special) return special_in_product();
  if (is_one(b)) return a;
  return parse_unit((is_one(a) ? "" : a.code) + "/" + as_factor(b.code));
}

}  // namespace graftline
