#pragma once
// Who gets which arm: lists, the next patient, and the audit of a sequence, all from one sealed secret
// (trial/allocation.h); how balanced and how guessable a rule is (trial/allocation_quality.h).

#include <cstdint>
#include <string>
#include <vector>

#include "service/design_sheet.h"

namespace graftline::service {

struct RuleRequest {
  std::string rule = "blocks";  // blocks, coin, minimisation
  std::vector<std::string> arms{"A", "B"};
  std::string ratio = "1:1";              // one share per arm
  std::vector<std::string> factors;       // "HLA=matched,mismatched": a factor and its levels
  std::vector<int> block_sizes{2, 4, 6};  // blocks: multiples of the sum of the ratio
  double probability = 0.0;               // coin (0: 2/3) and minimisation (0: 0.8), towards balance
  int limit = 0;                          // coin: certain from that imbalance on; 0: never
  std::string measure = "range";          // minimisation: range, variance
  std::vector<double> weights;            // minimisation: one per factor
};

// All errors name the option, or file, line and column: malformed_input, out_of_range, unsupported, conflict.

// The digits to publish before the first patient.
Result<DesignSheet> randomise_seal(const std::string& secret);

// Allocations beforehand, `patients` in each stratum. unsupported: minimisation, which has no list.
Result<DesignSheet> randomise_list(const RuleRequest& rule, const std::string& secret, int patients);

// The next patient's arm. `so_far` is the CSV of all allocations up to now, in order: a column per factor and
// `arm`; empty: nobody yet.
Result<DesignSheet> randomise_next(const RuleRequest& rule, const std::string& secret,
                                   const std::string& so_far, const std::vector<std::string>& levels);

// Runs a whole sequence again. `ok` is false where the seal does not fit the secret or an allocation differs.
struct Audit {
  bool ok = false;
  DesignSheet sheet;
};
Result<Audit> randomise_verify(const RuleRequest& rule, const std::string& secret, const std::string& seal,
                               const std::string& so_far);

// Balance and predictability by simulation; levels of a factor are equally common.
Result<DesignSheet> randomise_quality(const RuleRequest& rule, int patients, int replicates,
                                      std::uint64_t seed);

}  // namespace graftline::service
