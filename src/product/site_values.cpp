#include "product/site_values.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "core/decimal.h"
#include "core/suggestion.h"

namespace graftline::product {
namespace {

using enum Provenance;
using enum Bounds;

constexpr std::string_view processing = "EBMT Handbook 2024 ch. 20, processing of stem cells";

constexpr std::array<SiteValue, 29> rows{{
    {"cd3_percent_of_lymphocytes", "%", "50", found, "MDCalc, DLI volume: 50 % when it was not measured",
     "CD3+ share of the donor's blood lymphocytes, when it is not given", above_zero},
    {"collection_efficiency_percent", "%", "50", found,
     "middle of the 40 to 60 % quoted as typical (DLI apheresis question-and-answer article, secondary)",
     "CE2: cells in the product over cells in the blood processed, when it is not given", above_zero},
    {"collection_efficiency_low_percent", "%", "37.2", found,
     "Steininger 2013: CD3+ efficiency 37.2 % (Optia version 5)", "lower end of the spread of CE2",
     above_zero},
    {"collection_efficiency_high_percent", "%", "60", found,
     "upper end of the 40 to 60 % quoted as typical; J Clin Apher 2018; 33: 349 measured 50.4 and 54.7 %",
     "upper end of the spread of CE2", above_zero},
    {"collection_aliquot_below_ml", "mL", "50", convention, "a blood volume that no apheresis is run for",
     "below this blood volume an aliquot is enough"},
    {"donor_blood_volume_ml_per_kg", "mL/kg", "70", recall, "general knowledge",
     "total blood volume of the donor", above_zero},
    {"session_blood_volumes", "1", "3", recall, "general knowledge: at most 2 to 3 in one session",
     "most blood volumes processed in one session", above_zero},
    {"recovery_percent", "%", "70", convention,
     "planning value; published means 66.6 to 90.7 % (Transfusion 2011; Fisher, post-thaw recovery)",
     "viable cells after thawing over viable cells frozen, when no pilot vial was assayed", above_zero},
    {"recovery_low_percent", "%", "50", convention, "lower end of the sensitivity of a plan",
     "recovery that a split plan is also worked out for, in steps of 10 up to recovery_high_percent",
     above_zero},
    {"recovery_high_percent", "%", "90", convention, "upper end of the sensitivity of a plan",
     "upper end of that sensitivity", above_zero},
    {"fill_min_ml", "mL", "10", convention, "practical fill of 5 to 10 mL or more",
     "smallest volume a bag is filled with"},
    {"fill_max_ml", "mL", "", none, "depends on the site's bags", "largest volume a bag is filled with",
     above_zero},
    {"pilot_vials", "1", "1", convention, "no source for the number; that one is assayed is usual",
     "pilot vials frozen with each product", Bounds::count},
    {"pilot_vial_ml", "mL", "1", convention, "no source: a small cryovial", "volume of a pilot vial",
     above_zero},
    {"nucleated_cells_at_freezing_per_ml", "/mL", "4e8", found, processing,
     "highest concentration of nucleated cells at freezing", above_zero},
    {"hold_hours", "h", "72", found, processing,
     "longest time from collection to freezing or fresh infusion"},
    {"hold_preferred_hours", "h", "48", found, processing, "preferred longest time"},
    {"hold_dilute_after_hours", "h", "24", found, processing,
     "after this time the concentration limit for holding applies"},
    {"hold_cells_per_ml", "/mL", "2e8", found, processing,
     "highest concentration of nucleated cells when held for longer"},
    {"thaw_to_infusion_minutes", "min", "20", found, processing, "longest time from thaw to infusion"},
    {"dmso_percent", "%", "", none, "5 to 10 % in use (EBMT Handbook 2024 ch. 20)",
     "DMSO by volume in the frozen bag"},
    {"dmso_g_per_ml", "g/mL", "1.10", recall, "density of DMSO, general knowledge",
     "to turn volume into mass", above_zero},
    {"dmso_g_per_kg", "g/kg", "1", found, "review PMC12362920: 1 g per kg and infusion day accepted",
     "most DMSO in one infusion"},
    {"viability_release_percent", "%", "70", found,
     "EBMT Handbook 2024 ch. 20: nucleated cells after thawing, above 70 %",
     "viability that a thawed product has to exceed"},
    {"rbc_ml_per_ml", "1", "0.1", found, processing, "most red cells per mL of product"},
    {"rbc_ml_per_kg", "mL/kg", "", none, "no source read: for the site to set",
     "most red cells in one infusion with a major ABO mismatch"},
    {"weight_drift_percent", "%", "10", convention, "docs/conventions.md C6",
     "difference from the weight a bag was prepared for that is pointed out"},
    {"measurable_ml", "mL", "0.5", found,
     "ISO 7886-1 table 1, as printed by Phillips, SMTL 2016: a 1 mL syringe is true to 5 % of what it gives "
     "from 0.5 mL up, to 1.5 % of its size and 2 % of what it gives below",
     "smallest volume that a syringe measures well enough"},
    {"bags_per_infusion", "1", "4", convention, "no source: how far the search goes",
     "most bags filled or opened for one infusion", count_above_zero},
}};

const SiteValue* row_of(std::string_view name) {
  for (const SiteValue& row : rows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

// What was expected instead of this number; empty when it is allowed.
std::string broken_bound(const SiteValue& row, const Rational& value) {
  const bool is_count = row.bounds == Bounds::count || row.bounds == count_above_zero;
  const bool needs_more = row.bounds == above_zero || row.bounds == count_above_zero;
  const bool is_share = row.unit == "%";
  if (is_count) {
    const int least = needs_more ? 1 : 0;
    const int most = needs_more ? 8 : 20;
    if (value < least || value > most || denominator(value) != 1)
      return fmt::format("a whole number from {} to {}", least, most);
  }
  if (is_share && (value < 0 || value > 100 || (needs_more && value == 0)))
    return needs_more ? "above 0 and at most 100 %" : "0 to 100 %";
  if (value < 0 || (needs_more && value == 0)) return needs_more ? "a number above 0" : "no negative number";
  return "";
}

}  // namespace

std::string_view name(Provenance provenance) {
  switch (provenance) {
    case found:
      return "published";
    case recall:
      return "to be confirmed";
    case convention:
      return "convention";
    case none:
      return "no default";
  }
  return "";
}

std::span<const SiteValue> site_values() { return rows; }

std::optional<Error> SiteValues::set(std::string_view name, std::string_view text, std::string_view origin) {
  const SiteValue* row = row_of(name);
  if (row == nullptr) {
    std::vector<std::string> names;
    for (const SiteValue& known : rows) names.emplace_back(known.name);
    const auto closest = closest_name(name, names);
    return Error{ErrorKind::not_found,
                 fmt::format("{}: no product value '{}'{}", origin, name,
                             closest ? fmt::format("; did you mean '{}'?", *closest) : "")};
  }
  std::string_view number = text;
  if (number.ends_with(row->unit) && row->unit != "1") {
    number.remove_suffix(row->unit.size());
    while (number.ends_with(' ')) number.remove_suffix(1);
  }
  const auto value = parse_decimal(number);
  if (!value) {
    return Error{ErrorKind::malformed_input,
                 fmt::format("{}: {}: expected a number in {}", origin, name, row->unit)};
  }
  const Rational exact = to_rational(*value);
  if (const auto wanted = broken_bound(*row, exact); !wanted.empty())
    return Error{ErrorKind::out_of_range, fmt::format("{}: {}: expected {}", origin, name, wanted)};
  set_[std::string(name)] = {exact, std::string(origin)};
  return std::nullopt;
}

std::optional<Rational> SiteValues::find(std::string_view name) const {
  if (const auto at = set_.find(name); at != set_.end()) return at->second.value;
  const SiteValue* row = row_of(name);
  ensure(row != nullptr, "the name is a row of the table");
  if (row->default_value.empty()) return std::nullopt;
  const auto value = parse_decimal(row->default_value);
  ensure(static_cast<bool>(value), "a default is a number");
  return to_rational(*value);
}

Rational SiteValues::get(std::string_view name) const {
  const auto value = find(name);
  ensure(value.has_value(), "the value has a default");
  return *value;
}

int SiteValues::count(std::string_view name) const { return static_cast<int>(to_double(get(name))); }

std::string SiteValues::source(std::string_view name) const {
  if (const auto at = set_.find(name); at != set_.end()) return at->second.origin;
  const SiteValue* row = row_of(name);
  ensure(row != nullptr, "the name is a row of the table");
  if (row->provenance == found) return std::string(row->source);
  return fmt::format("{} ({}; a site sets {})", row->source, product::name(row->provenance), name);
}

void SiteValues::note_assumption(std::string_view name, Findings& findings) const {
  const SiteValue* row = row_of(name);
  ensure(row != nullptr, "the name is a row of the table");
  if (is_set(name)) return;
  findings.push_back({Finding::Form::assumption, std::string(name),
                      fmt::format("{} = {}{}: {} ({})", name, row->default_value,
                                  row->unit == "1" ? "" : fmt::format(" {}", row->unit), row->meaning,
                                  product::name(row->provenance)),
                      std::string(row->source)});
}

}  // namespace graftline::product
