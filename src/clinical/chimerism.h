#pragma once
// Donor chimerism: class by lineage and over lineages, and whether it is falling. Always in percent DONOR; 20
// % residual host is 80 % donor.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/date.h"
#include "core/quantity.h"
#include "core/result.h"

namespace graftline::clinical {

enum class Lineage : unsigned char { whole_blood, bone_marrow, t_cell, myeloid, b_cell, nk_cell, cd34 };
inline constexpr int lineage_count = 7;
std::string_view name(Lineage lineage);  // "whole blood", "T cells (CD3)", "myeloid (CD33 or CD15)", ...
bool is_unseparated(Lineage lineage);    // whole blood and bone marrow hold all lineages mixed

// Percent donor of a share that says whose it is.
//   errors  unit_mismatch: no percentage, or neither a donor nor a recipient share; out_of_range: outside 0
//   to 100
Result<Range> donor_percent(const Quantity& share);
Range donor_from_recipient_percent(const Range& recipient_percent);

enum class ChimerismClass : unsigned char { absent, mixed, full, split };
inline constexpr int chimerism_class_count = 4;
std::string_view name(ChimerismClass chimerism_class);

// The classes that the measurements allow. One class: it is known.
struct ChimerismClasses {
  bool absent = false;
  bool mixed = false;
  bool full = false;
  bool split = false;

  bool allows(ChimerismClass c) const;
  std::optional<ChimerismClass> only() const;
  friend bool operator==(const ChimerismClasses&, const ChimerismClasses&) = default;
};
Answer is(const ChimerismClasses& classes, ChimerismClass chimerism_class);
std::string to_text(const ChimerismClasses& classes);  // "full", "mixed or split"

// full: donor above `full_above`; absent: below `absent_below`; mixed: between, both limits included.
// source  EBMT Handbook 2024 ch. 21 [F2]; centers use 90 to 97.5 for full, hence overridable
struct ChimerismLimits {
  Decimal full_above{95, 0};
  Decimal absent_below{5, 0};
};

struct LineageChimerism {
  Lineage lineage = Lineage::whole_blood;
  std::optional<Range> donor_percent;  // absent: not measured
};

struct Chimerism {
  struct Row {
    Lineage lineage;
    ChimerismClasses classes;  // never split
  };
  std::vector<Row> by_lineage;
  ChimerismClasses overall;
  std::vector<Lineage> missing;  // T cells or myeloid cells, when nothing tells their class
};

// Full needs T (lymphoid) and myeloid cells both full; lineages in different classes are split [F2]. With T
// or myeloid cells missing, the class of what was measured or a split remain possible, also when only
// unseparated blood was measured.
//   errors  out_of_range: a percentage outside 0 to 100; conflict: a lineage given twice
Result<Chimerism> chimerism_over_lineages(std::span<const LineageChimerism> lineages,
                                          const ChimerismLimits& limits = {});
ChimerismClasses chimerism_class(const Range& donor_percent, const ChimerismLimits& limits = {});

// Falling donor chimerism [conv 6.2; centers vary, so every number is overridable]:
//   a drop of at least `step` points, each from the test before, in `n_steps` consecutive tests that lie at
//   least `min_gap_days` apart; or one drop of at least `single_drop` points from the test before.
// The assay's own error is 1 to 3 points (SD) [recall].
struct FallingRule {
  Decimal step{5, 0};
  int n_steps = 2;
  int min_gap_days = 14;
  Decimal single_drop{10, 0};
};

struct ChimerismTest {
  PartialDate taken;
  std::optional<Range> donor_percent;  // absent: taken, and not readable
};

struct ChimerismTrend {
  Answer donor_falling;  // recipient cells increasing, at the latest test
  Answer donor_rising;   // the mirror image
  std::optional<PartialDate>
      last_fall;  // the latest test at which the fall was certain, also if later tests are stable
};

// One lineage and one kind of sample; in any order. Fewer than two tests: unknown (never measured).
//   errors  out_of_range: a percentage outside 0 to 100
Result<ChimerismTrend> chimerism_trend(std::span<const ChimerismTest> tests, const FallingRule& rule = {});
std::string to_text(const ChimerismTrend& trend);  // names the side: "donor falling (recipient increasing)"

}  // namespace graftline::clinical
