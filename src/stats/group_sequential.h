#pragma once
// Group-sequential designs: when to stop a trial early, at an error rate fixed beforehand.
//
// All boundaries are on the scale of the standardised statistic Z, upward meaning benefit. Probabilities come
// from sequential_recursion.h and are exact to about 1e-12; nothing is simulated.
//
//   source   O'Brien and Fleming, Biometrics 1979; 35:549. Pocock, Biometrika 1977; 64:191
//            Wang and Tsiatis, Biometrics 1987; 43:193. Haybittle, Br J Radiol 1971; 44:793
//            spending.h for the spending functions; beta spending: Pampallona, Tsiatis, Kim, Drug Inf J 2001;
//            35:1113
//   checked  against rpact 4.3.0 and 3.3.4 (tests/golden/designs), by hand (group_sequential_test.cpp)

#include <optional>
#include <vector>

#include "core/result.h"
#include "stats/spending.h"

namespace graftline::stats {

enum class EfficacyFamily : unsigned char {
  wang_tsiatis,    // critical value C t^(shape - 1/2): shape 0 is O'Brien-Fleming, 1/2 is Pocock
  haybittle_peto,  // a constant at the interim looks (shape; 3 is customary), the rest of alpha at the last
  alpha_spending,  // a spending function of the information fraction
  alpha_table,     // cumulative alpha given look by look
  no_early_efficacy,  // all alpha at the last look
};

struct EfficacyRule {
  EfficacyFamily family = EfficacyFamily::alpha_spending;
  double shape = 0.0;
  Spending spending;
  std::vector<double> cumulative_alpha;
};

enum class FutilityFamily : unsigned char { none, fixed_bounds, beta_spending, beta_table };

struct FutilityRule {
  FutilityFamily family = FutilityFamily::none;
  bool binding = false;  // binding: alpha counts on the trial really stopping, so critical values are lower
  std::vector<double> bounds;  // fixed_bounds: one less than the looks, minus infinity where there is none
  Spending spending;
  std::vector<double> cumulative_beta;
};

struct GroupSequentialPlan {
  std::vector<double> information_fractions;  // increasing, in (0, 1]; one per look
  double alpha = 0.025;                       // in total; a two-sided design spends half on each side
  double beta = 0.2;
  int sides = 1;  // 2: symmetric boundaries
  bool two_sided_power =
      false;  // count a rejection in the wrong direction as power (rpact's default is not to)
  EfficacyRule efficacy;
  FutilityRule futility;
};

struct GroupSequentialDesign {
  GroupSequentialPlan plan;
  std::vector<double> critical_values;  // one per look; infinity where no rejection is possible
  std::vector<double>
      futility_bounds;              // one less than the looks; minus infinity where there is none.
                                    // Two-sided with futility: stop for futility when |Z| is below the bound
  std::vector<double> alpha_spent;  // cumulative, under no effect
  std::vector<double>
      beta_spent;  // cumulative, at the drift that gives the power; empty without beta spending
};

// errors   out_of_range: a level outside (0, 1), fractions that do not increase or exceed 1, lengths that do
// not match
//          unsupported: two-sided fixed futility bounds; beta spending with a boundary that is not itself
//          spending conflict: futility bounds that leave no power
Result<GroupSequentialDesign> group_sequential_design(const GroupSequentialPlan& plan);

// Critical values alone, for a plan without beta spending, also where a binding futility bound lies above
// them: a search over levels passes through such plans. Minus infinity where nothing is left to reject with.
std::vector<double> critical_values_whatever_futility(const GroupSequentialPlan& plan);

// What happens when Z has mean drift * sqrt(information fraction).
struct OperatingCharacteristics {
  std::vector<double> reject_upper;   // per look
  std::vector<double> reject_lower;   // per look; zero for one-sided designs
  std::vector<double> stop_futility;  // per look, the last one zero
  double power(const GroupSequentialDesign& design) const;
  double stop_at(std::size_t look) const {
    return reject_upper[look] + reject_lower[look] + stop_futility[look];
  }
  // Expected information at stopping, as a fraction of the maximum.
  double expected_fraction(const GroupSequentialDesign& design) const;
};
OperatingCharacteristics operating_characteristics(const GroupSequentialDesign& design, double drift);

struct DesignCharacteristics {
  double shift = 0.0;              // (drift at full information) squared that gives power 1 - beta
  double fixed_shift = 0.0;        // the same for the design with one look
  double inflation_factor = 1.0;   // shift / fixed_shift: what the looks cost in maximum sample size
  double expected_size_h0 = 1.0;   // relative to the fixed design; no effect
  double expected_size_h01 = 1.0;  // half the effect
  double expected_size_h1 = 1.0;   // the effect designed for
  std::vector<double> cumulative_power;
  std::vector<double> reject_per_look;    // at the effect designed for
  std::vector<double> futility_per_look;  // one less than the looks
};
Result<DesignCharacteristics> design_characteristics(const GroupSequentialDesign& design);

// (z_alpha + z_beta)^2: what a design with one look needs.
double fixed_shift(double alpha, double beta, int sides, bool two_sided_power = false);

}  // namespace graftline::stats
