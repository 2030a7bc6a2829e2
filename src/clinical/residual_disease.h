#pragma once
// Whether measurable residual disease counts as positive: by several methods in one sample, or by one method
// in consecutive samples. Every number is a parameter of the protocol or the site; there is no default.
//
// source  shape of the rule: Peking programs [recall-lo], so none of its numbers ships; the registry record
// of NCT07319793
//         only says that criteria for positivity exist

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/date.h"
#include "core/quantity.h"
#include "core/result.h"

namespace graftline::clinical {

// When one measurement is positive. `at_threshold`: whether the threshold itself is ("0.1 % or more", or
// "above 0.6 %").
struct MrdMethod {
  std::string name;  // "flow cytometry", "WT1": as the samples name it
  Decimal threshold;
  bool is_positive_at_threshold = true;
};
Answer is_positive(const MrdMethod& method, const Range& value);

struct MrdRule {
  std::vector<std::string> methods;  // which count; others are ignored. At least one
  int n_methods_in_one_sample =
      0;                  // positive when this many different methods are positive in one sample; 0: not used
  int n_consecutive = 0;  // positive when one method is positive in this many samples in a row; 0: not used
  int min_gap_days = 0;   // between those samples
};

struct MrdResult {
  std::string method;
  Answer positive;
};
struct MrdSample {
  PartialDate taken;
  std::vector<MrdResult> results;  // a method that was not used has no result
};

struct MrdPositivity {
  Answer positive;  // as of the latest samples; a later negative by the same method ends a run
  std::optional<PartialDate>
      first_established;  // sample that first completed a certain positivity, even if later undone
  std::vector<std::string>
      needed;  // what would decide: "flow cytometry again, from 2026-03-15", "WT1 in the sample of ..."
};

// unknown (never measured): no sample at all, a single positive that waits for its repeat, or a method of the
// rule not done in the latest sample.
//   errors  not_found: a rule without methods, or with neither count
Result<MrdPositivity> mrd_positivity(std::span<const MrdSample> samples, const MrdRule& rule);

}  // namespace graftline::clinical
