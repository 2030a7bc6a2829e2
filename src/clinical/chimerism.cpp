#include "clinical/chimerism.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "clinical/laboratory.h"
#include "clinical/score_range.h"

namespace graftline::clinical {
namespace {

constexpr std::array<std::string_view, lineage_count> lineage_names{
    "whole blood",    "bone marrow",     "T cells (CD3)", "myeloid (CD33 or CD15)",
    "B cells (CD19)", "NK cells (CD56)", "CD34+"};
constexpr std::array<std::string_view, chimerism_class_count> class_names{"absent", "mixed", "full", "split"};

ChimerismClasses united(const ChimerismClasses& a, const ChimerismClasses& b) {
  return {a.absent || b.absent, a.mixed || b.mixed, a.full || b.full, a.split || b.split};
}

ChimerismClasses common(const ChimerismClasses& a, const ChimerismClasses& b) {
  return {a.absent && b.absent, a.mixed && b.mixed, a.full && b.full, a.split && b.split};
}

bool is_empty(const ChimerismClasses& c) { return c == ChimerismClasses{}; }

bool has(std::span<const LineageChimerism> lineages, Lineage lineage) {
  return std::ranges::any_of(lineages, [&](const LineageChimerism& l) {
    return l.lineage == lineage && l.donor_percent.has_value();
  });
}

std::optional<Error> unusable(std::span<const LineageChimerism> lineages) {
  std::array<int, lineage_count> seen{};
  for (const LineageChimerism& l : lineages) {
    if (++seen.at(static_cast<std::size_t>(l.lineage)) > 1)
      return Error{ErrorKind::conflict, fmt::format("chimerism: {} is given twice", name(l.lineage))};
    if (!l.donor_percent) continue;
    if (auto error = outside(*l.donor_percent, 0, 100, name(l.lineage))) return error;
  }
  return std::nullopt;
}

// The classes all separated lineages may share, and whether they may differ.
ChimerismClasses over_separated(std::span<const Chimerism::Row> rows, bool is_complete) {
  ChimerismClasses shared{true, true, true, false};
  bool may_differ = !is_complete;
  for (const Chimerism::Row& row : rows) {
    if (is_unseparated(row.lineage)) continue;
    shared = common(shared, row.classes);
    may_differ = may_differ || !row.classes.only();
  }
  if (is_empty(shared)) return {false, false, false, true};
  shared.split = may_differ;
  return shared;
}

}  // namespace

std::string_view name(Lineage lineage) { return lineage_names.at(static_cast<std::size_t>(lineage)); }
std::string_view name(ChimerismClass c) { return class_names.at(static_cast<std::size_t>(c)); }
bool is_unseparated(Lineage lineage) {
  return lineage == Lineage::whole_blood || lineage == Lineage::bone_marrow;
}

Range donor_from_recipient_percent(const Range& recipient) {
  Range donor{.low = {}, .high = {}, .low_open = recipient.high_open, .high_open = recipient.low_open};
  if (recipient.high) donor.low = 100 - *recipient.high;
  if (recipient.low) donor.high = 100 - *recipient.low;
  return donor;
}

Result<Range> donor_percent(const Quantity& share) {
  if (share.kind != Kind::donor_share && share.kind != Kind::recipient_share)
    return Error{ErrorKind::unit_mismatch, "chimerism: say whether the percentage is donor or recipient"};
  static const Unit percent = *parse_unit("%");
  auto range = range_in(share, percent, share.kind, {});
  if (!range) return range.error();
  if (auto error = outside(*range, 0, 100, "chimerism, percent")) return *error;
  return share.kind == Kind::donor_share ? *range : donor_from_recipient_percent(*range);
}

bool ChimerismClasses::allows(ChimerismClass c) const {
  switch (c) {
    case ChimerismClass::absent:
      return absent;
    case ChimerismClass::mixed:
      return mixed;
    case ChimerismClass::full:
      return full;
    case ChimerismClass::split:
      return split;
  }
  return false;
}

std::optional<ChimerismClass> ChimerismClasses::only() const {
  if (absent + mixed + full + split != 1) return std::nullopt;
  if (absent) return ChimerismClass::absent;
  if (mixed) return ChimerismClass::mixed;
  return full ? ChimerismClass::full : ChimerismClass::split;
}

Answer is(const ChimerismClasses& classes, ChimerismClass c) {
  if (!classes.allows(c)) return answer(false);
  return classes.only() ? answer(true) : unknown(Reason::never_measured);
}

std::string to_text(const ChimerismClasses& classes) {
  std::vector<std::string_view> names;
  for (int i = 0; i < chimerism_class_count; ++i)
    if (classes.allows(static_cast<ChimerismClass>(i)))
      names.push_back(class_names.at(static_cast<std::size_t>(i)));
  return fmt::format("{}", fmt::join(names, " or "));
}

ChimerismClasses chimerism_class(const Range& donor, const ChimerismLimits& limits) {
  const std::array cuts{Cut{limits.absent_below, AtLimit::above}, Cut{limits.full_above, AtLimit::below}};
  const ScoreRange level = steps(donor, cuts);
  return {level.low == 0, level.low <= 1 && level.high >= 1, level.high == 2, false};
}

Result<Chimerism> chimerism_over_lineages(std::span<const LineageChimerism> lineages,
                                          const ChimerismLimits& limits) {
  if (auto error = unusable(lineages)) return *error;
  Chimerism result;
  for (const LineageChimerism& l : lineages)
    if (l.donor_percent) result.by_lineage.push_back({l.lineage, chimerism_class(*l.donor_percent, limits)});
  for (const Lineage needed : {Lineage::t_cell, Lineage::myeloid})
    if (!has(lineages, needed)) result.missing.push_back(needed);

  result.overall = over_separated(result.by_lineage, result.missing.empty());
  const bool separated_were_measured =
      std::ranges::any_of(result.by_lineage, [](const auto& row) { return !is_unseparated(row.lineage); });
  if (separated_were_measured) return result;
  // Unseparated blood is an average: its lineages share its class, or they differ.
  ChimerismClasses unseparated;
  for (const Chimerism::Row& row : result.by_lineage) unseparated = united(unseparated, row.classes);
  if (!is_empty(unseparated)) result.overall = unseparated;
  result.overall.split = true;
  return result;
}

}  // namespace graftline::clinical
