#include "protocol/units.h"

#include <fmt/format.h>

#include <array>
#include <unordered_map>

#include "protocol/vocabulary.h"

namespace graftline::protocol {
namespace {

// What clinicians write for the units of time that UCUM spells d, wk, mo and a.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> time_units{{{"year", "a"},
                                                                                    {"years", "a"},
                                                                                    {"month", "mo"},
                                                                                    {"months", "mo"},
                                                                                    {"week", "wk"},
                                                                                    {"weeks", "wk"},
                                                                                    {"day", "d"},
                                                                                    {"days", "d"},
                                                                                    {"hour", "h"},
                                                                                    {"hours", "h"}}};

std::string_view ucum_of(std::string_view text) {
  for (const auto& [written, ucum] : time_units) {
    if (written == text) return ucum;
  }
  return text.empty() ? std::string_view("1") : text;
}

// Spellings that laboratories use and UCUM does not know.
std::string suggested_unit(std::string_view text) {
  static const std::unordered_map<std::string_view, std::string_view> spellings{{"IU/L", "U/L or [IU]/L"},
                                                                                {"iu/l", "U/L or [IU]/L"},
                                                                                {"u/l", "U/L"},
                                                                                {"mg/dl", "mg/dL"},
                                                                                {"umol/l", "umol/L"},
                                                                                {"μmol/L", "umol/L"},
                                                                                {"µmol/L", "umol/L"},
                                                                                {"percent", "%"},
                                                                                {"ml/min", "mL/min"},
                                                                                {"g/dl", "g/dL"},
                                                                                {"mm3", "mm3 or uL"},
                                                                                {"/mm3", "/uL"},
                                                                                {"K/uL", "10*3/uL"},
                                                                                {"G/L", "10*9/L"},
                                                                                {"kgs", "kg"},
                                                                                {"yrs", "years"},
                                                                                {"ug/L", "ug/L"},
                                                                                {"mcg/L", "ug/L"},
                                                                                {"cells/uL", "/uL"},
                                                                                {"x10^9/L", "10*9/L"},
                                                                                {"10^9/L", "10*9/L"},
                                                                                {"ml", "mL"},
                                                                                {"l", "L"},
                                                                                {"mmol/l", "mmol/L"}};
  const auto found = spellings.find(text);
  if (found != spellings.end()) return fmt::format("did you mean {}?", found->second);
  return "units are written in UCUM, as in mg/dL, U/L, umol/L, %, 10*9/L";
}

Unit unit_of(std::string_view ucum) {
  auto unit = parse_unit(ucum);
  ensure(static_cast<bool>(unit), "the catalogue's units are UCUM");
  return *std::move(unit);
}

std::string kind_and_unit(Kind kind, std::string_view unit) {
  return kind == Kind::none ? std::string(unit) : fmt::format("{} ({})", full_name(kind), unit);
}

}  // namespace

std::optional<WrittenUnit> read_unit(Reader& reader, std::string_view text, Span span) {
  if (reader.failed()) return std::nullopt;
  WrittenUnit written;
  written.text = text;
  const std::size_t slash = text.find('/');
  const std::string_view front = text.substr(0, slash);
  std::string ucum(ucum_of(text));
  if (kind_from_name(front, written.kind) && is_cell_kind(written.kind)) {
    ucum = slash == std::string_view::npos ? "1" : text.substr(slash);
  }
  auto unit = parse_unit(ucum);
  if (!unit) {
    reader.error(span, fmt::format("'{}' is not a unit", text), suggested_unit(text));
    return std::nullopt;
  }
  written.unit = *std::move(unit);
  return written;
}

std::optional<CellUnit> read_cell_unit(Reader& reader, std::string_view text, Span span) {
  if (reader.failed()) return std::nullopt;
  CellUnit unit;
  const std::size_t slash = text.find('/');
  const std::string_view cells = text.substr(0, slash);
  const bool is_known = kind_from_name(cells, unit.kind) && is_cell_kind(unit.kind);
  const bool is_per_kilogram = slash != std::string_view::npos && text.substr(slash) == "/kg";
  if (is_known && (is_per_kilogram || slash == std::string_view::npos)) {
    unit.per_kilogram = is_per_kilogram;
    return unit;
  }
  if (text.empty()) {
    reader.error(span, "a bare number is not a dose: say which cells, and per kg or in total",
                 "write it as in 1e6 CD3/kg");
  } else if (is_known) {
    reader.error(span, fmt::format("a dose is cells per kg or cells in total, not '{}'", text),
                 fmt::format("write {}/kg or {}", name(unit.kind), name(unit.kind)));
  } else {
    reader.error(span, fmt::format("'{}' does not say which cells are counted", text),
                 "cells are CD3, CD34, CD4, CD8, CD19, CD56, MNC or TNC, as in 1e6 CD3/kg");
  }
  return std::nullopt;
}

std::string cell_unit_text(Kind kind, bool per_kilogram) {
  return std::string(name(kind)) + (per_kilogram ? "/kg" : "");
}

MolarMass molar_mass(const record::Fact& row) {
  if (row.molar_mass.empty()) return std::nullopt;
  auto mass = parse_decimal(row.molar_mass);
  ensure(static_cast<bool>(mass), "the catalogue's molar masses are numbers");
  return *mass;
}

bool check_unit(Reader& reader, const record::Fact& row, const WrittenUnit& unit, std::string_view fact_name,
                Span span) {
  if (unit.kind != Kind::none && unit.kind != row.kind) {
    reader.error(span, fmt::format("'{}' counts {}, not {}", fact_name, kind_and_unit(row.kind, row.unit),
                                   kind_and_unit(unit.kind, unit.text)));
    return false;
  }
  // A score of 70 would be a hundred times 70 %.
  if (row.unit == "{score}" && unit.text == "%") {
    reader.error(span, fmt::format("'{}' is a score: write its points without a unit", fact_name));
    return false;
  }
  Quantity one;
  one.value = decimal(1);
  one.unit = unit.unit;
  one.kind = row.kind;
  if (range_in(one, unit_of(row.unit), row.kind, molar_mass(row))) return true;
  reader.error(span, fmt::format("'{}' is measured in {}; {} is another dimension", fact_name, row.unit,
                                 unit.text.empty() ? "a number without a unit" : unit.text));
  return false;
}

bool is_share(const record::Fact& row) {
  if (row.id == "karnofsky" || row.id == "lansky") return true;
  // Lung function is a percentage of what is predicted, and may exceed it.
  return row.unit == "%" && row.id != "fev1" && row.id != "dlco" && row.id != "bcr_abl1_ratio";
}

void check_possible(Reader& reader, const record::Fact& row, const Quantity& limit, Span span) {
  if (limit.value.mantissa < 0 && !limit.unit.is_special) {
    return reader.error(span, fmt::format("{} is never negative", row.phrase));
  }
  if (!is_share(row)) return;
  const auto range = range_in(limit, unit_of(row.unit), limit.kind, std::nullopt);
  if (!range || !range->high || *range->high <= 100) return;
  reader.error(span, fmt::format("{} is never above 100{}", row.phrase, row.unit == "%" ? " %" : ""));
}

bool has_upper_limit(const record::Fact& row) {
  if (row.type != record::FactType::quantity || row.kind != Kind::none) return false;
  constexpr int per_volume = -3;  // U/L, mg/dL, umol/L and 10*9/L all have metre to the power of -3
  return unit_of(row.unit).dimension[0] == per_volume;
}

bool is_plain_number(const record::Fact& row) {
  const Unit unit = unit_of(row.unit);
  return unit.dimension == Dimension{} && unit.factor == 1 && !unit.is_special && !unit.is_arbitrary;
}

}  // namespace graftline::protocol
