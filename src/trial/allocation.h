#pragma once
// Who gets which arm: stratified permuted blocks, biased coin, minimisation.
//
// An allocation is a function of the rule, the sealed seed, the allocations so far and the new patient's
// strata; nothing is remembered elsewhere. So a list can be written beforehand, a live trial can go on after
// any interruption, and an auditor can run the whole sequence again. Allocation that adapts to outcomes is
// not offered.
//
//   source   permuted blocks: Zelen, J Chronic Dis 1974; 27:365. Biased coin: Efron, Biometrika 1971; 58:403
//            Minimisation: Pocock and Simon, Biometrics 1975; 31:103. Unequal ratios: Han, Enas, McEntegart,
//            Stat Med 2009; 28:1
//   checked  by hand, by closed values of balance and predictability (allocation_test.cpp,
//   allocation_quality_test.cpp)

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/result.h"
#include "trial/sealed_seed.h"

namespace graftline::trial {

// Arms are numbered from 0; ratio {1, 1} or {2, 1} and so on, in lowest terms or not.

// Within each stratum, blocks that hold the arms exactly in ratio, shuffled. A block is one of `repeats`
// times the ratio, each size as likely, so that the end of a block cannot be foreseen by counting.
struct PermutedBlocks {
  std::vector<int> ratio{1, 1};
  std::vector<int> repeats{1, 2, 3};  // with ratio {1, 1}: blocks of 2, 4 or 6
};

// Within each stratum, two arms: the one behind its share is taken with probability `towards_balance`, and
// for certain once it is behind by `limit` patients or more (0: no limit).
struct BiasedCoin {
  std::vector<int> ratio{1, 1};
  double towards_balance = 2.0 / 3.0;  // Efron's choice
  int limit = 0;
};

enum class ImbalanceMeasure : unsigned char {
  range,     // largest minus smallest number over the arms
  variance,  // sum of squared differences from the mean
};

// Over all factors at once: for each arm, how unequal would the patients at this patient's levels become? The
// arm that leaves least is taken with probability `towards_balance` (when all arms are alike in ratio; see
// allocation.cpp for others), ties are broken by lot.
struct Minimisation {
  std::vector<int> ratio{1, 1};
  std::vector<double> weight;  // of each factor; empty: all alike
  ImbalanceMeasure measure = ImbalanceMeasure::range;
  double towards_balance = 0.8;  // below 1, or the next allocation can be worked out
};

using AllocationRule = std::variant<PermutedBlocks, BiasedCoin, Minimisation>;

// A patient's level of each factor, in the trial's fixed order ("HLA match", "centre").
using Levels = std::vector<std::string>;

struct Allocated {
  Levels levels;
  int arm = 0;
};

//   errors   out_of_range: fewer than two arms, a ratio below 1, no block size, a probability outside
//   [1/arms, 1], weights
//            that do not match; unsupported: a biased coin for more than two arms
Result<bool> is_sound(const AllocationRule& rule);

// The arm of the next patient. `so_far` is every allocation up to now, in order.
//   errors   as is_sound; conflict: a patient with another number of factors than those before
Result<int> next_arm(const AllocationRule& rule, const SealedSeed& seed, std::span<const Allocated> so_far,
                     const Levels& levels);

// The sequence of next_arm() from the first patient on, for whoever allocates whole trials: of permuted
// blocks only the block in hand of each stratum is kept, so a patient costs the same however many came
// before.
class AllocationSequence {
 public:
  AllocationSequence(AllocationRule rule, SealedSeed seed) : rule_(std::move(rule)), seed_(std::move(seed)) {}
  // errors  as next_arm()
  Result<int> next(const Levels& levels);

 private:
  struct Stratum {
    Levels levels;
    RandomKey key;
    std::uint64_t block = 0;
    std::size_t position = 0;
    std::vector<int> arms;
  };
  AllocationRule rule_;
  SealedSeed seed_;
  std::vector<Stratum> strata_;
  std::vector<Allocated> so_far_;  // of rules other than blocks
};

}  // namespace graftline::trial
