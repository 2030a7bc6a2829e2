#pragma once
// How balanced and how guessable an allocation rule is, by simulating whole trials with it.
//
// The guesser knows the rule's past but not its seed, and guesses the arm that is behind its share in the
// patient's stratum (Blackwell and Hodges' convergence strategy); at a tie it guesses by lot.
//
//   source   Blackwell and Hodges, Ann Math Stat 1957; 28:449. Rosenberger and Lachin, Randomization in
//   Clinical Trials, 2016

#include <cstdint>
#include <vector>

#include "core/result.h"
#include "trial/allocation.h"

namespace graftline::trial {

struct SimulatedEnrolment {
  int patients = 100;
  // For each factor, how common its levels are (need not sum to 1). Factors are independent. Empty: one
  // stratum.
  std::vector<std::vector<double>> level_share;
  int replicates = 1000;
  std::uint64_t seed =
      1;  // of the patients and the guesser's lots; each replicate's rule has a secret of its own
};

// Means over replicates, each with its Monte-Carlo standard error.
struct Measured {
  double mean = 0.0;
  double standard_error = 0.0;
};

struct AllocationQuality {
  Measured
      overall_imbalance;  // at the end: most minus fewest patients over the arms, each divided by its share
  Measured marginal_imbalance;  // the same within each level of each factor, averaged
  Measured worst_imbalance;     // the largest overall imbalance met during enrolment
  Measured guessed;             // fraction of allocations guessed right
  std::vector<Measured> arm_share;
};

//   errors   as next_arm; out_of_range: no patients or replicates, a factor without levels
Result<AllocationQuality> allocation_quality(const AllocationRule& rule, const SimulatedEnrolment& enrolment);

}  // namespace graftline::trial
