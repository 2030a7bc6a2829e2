#pragma once
// Molecular relapse of chronic myeloid leukemia after transplant, from serial BCR::ABL1/ABL1 ratios.
//
// source  EBMT Handbook 2024 ch. 77 [F6], which cites Kaeda 2006: any of
//         (a) above 0.02 % in 3 samples at least 4 weeks apart;
//         (b) clearly rising in 3 samples at least 4 weeks apart, the last two above 0.02 %;
//         (c) above 0.05 % in 2 samples at least 4 weeks apart;
//         counted from 4 months after transplant
// [conv]  4 weeks = 28 days, 4 months = 120 days; a chain is broken by a sample at or below its threshold;
// "clearly rising"
//         = each value at least twice the one before it in the chain

#include <optional>
#include <span>

#include "core/date.h"
#include "core/quantity.h"
#include "core/result.h"

namespace graftline::clinical {

struct BcrAbl1Sample {
  PartialDate taken;
  std::optional<Range> ratio_percent;  // absent: taken, and not readable
};

struct CmlRelapseRule {
  Decimal low_threshold_percent{2, -2};
  int n_low = 3;
  Decimal rise_factor{2, 0};
  Decimal high_threshold_percent{5, -2};
  int n_high = 2;
  int min_gap_days = 28;
  int first_day_after_transplant = 120;
};

struct CmlMolecularRelapse {
  Answer by_three_low;                     // (a)
  Answer by_rise;                          // (b)
  Answer by_two_high;                      // (c)
  Answer relapse;                          // any of them
  std::optional<PartialDate> established;  // date of the sample that completed the first certain chain
  int n_counted = 0;                       // samples from day 120 on
};

// Relapse is an event: once established, later samples do not undo it. It is unknown (never measured) while
// no sample was taken from day 120 on, and while the last sample stands above a threshold and too few
// followed to confirm it.
//   errors  out_of_range: a negative ratio, or one above 10,000 %
Result<CmlMolecularRelapse> cml_molecular_relapse(std::span<const BcrAbl1Sample> samples, Day transplant,
                                                  const CmlRelapseRule& rule = {});

}  // namespace graftline::clinical
