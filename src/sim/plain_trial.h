#pragma once
// Plain two-arm trials by the ten thousand: exponential times, uniform accrual, log-rank test, at the end or
// at looks.
//
// No protocol, no states: what rpact, lrstat and East simulate, as fast as it goes. A trial is a pure
// function of (seed, replicate): patient p of replicate r takes draw d from random_unit({seed, stream_of(r,
// p)}, d), so any trial can be looked at alone, and any number of threads gives the same bytes.
//
//   time      in one unit throughout, that of the hazards
//   arms      0 control, 1 experimental; patient p is in arm 1 when p is odd, until one arm is full
//   Z         log-rank of arm 1 against arm 0, positive when arm 1 has fewer events than expected
//   estimate  ln HR by one step, (O - E) / V of arm 1; fair near 1, biased towards it for strong effects
//   errors    out_of_range: no patients or trials, a negative hazard or time, critical values missing
//   cost      about 5 ns a random number, a sort of one word per patient; no allocation per trial
//   source    Berry, Kitchin and Mock, Stat Med 1991; 10:749 (one-step estimate)
//   checked   Schoenfeld power, closed-form competing risks, stats::logrank on the same trial
//   (plain_trial_test.cpp)

#include <array>
#include <cstdint>
#include <vector>

#include "core/result.h"

namespace graftline::sim {

struct PlainArm {
  std::uint32_t patients = 100;
  double hazard = 0.1;            // of the event of interest
  double competing_hazard = 0.0;  // of another event that ends follow-up
  double dropout_hazard = 0.0;
};

// An analysis during or at the end of the trial. Bounds are on the scale of Z.
struct PlainLook {
  std::uint32_t events =
      0;  // when so many events of interest were seen; 0: when the last patient's follow-up ends
  double efficacy = 1.959964;
  double futility = -1e9;  // stop, without rejecting, at or below
};

struct PlainDesign {
  std::array<PlainArm, 2> arms;
  double accrual = 12.0;    // patients enter uniformly over this time
  double follow_up = 12.0;  // of the last patient
  int sides = 2;            // 2: |Z| against the bound
  std::vector<PlainLook> looks{PlainLook{}};
};

struct PlainPlan {
  std::uint32_t trials = 10'000;
  std::uint64_t seed = 1;
  int threads = 1;
};

// A mean over trials with its Monte-Carlo standard error.
struct MonteCarlo {
  double mean = 0.0;
  double standard_error = 0.0;
};

struct PlainOutcome {
  std::uint32_t trials = 0;
  MonteCarlo rejected;              // power, or type I error
  std::vector<double> rejected_at;  // share of trials, by look
  std::vector<double> futile_at;
  MonteCarlo events;            // of interest, when the trial stopped
  MonteCarlo patients;          // entered by then
  MonteCarlo duration;          // calendar time from the first possible entry
  MonteCarlo log_hazard_ratio;  // one-step estimate at the last analysis made
  MonteCarlo covered;           // 95 % interval of that estimate holds the true ln HR
};

Result<PlainOutcome> simulate_plain_trials(const PlainDesign& design, const PlainPlan& plan);

// One patient of one such trial, and how follow-up ends when it is watched to calendar time `until`.
struct PlainPatient {
  int arm = 0;
  double entry = 0.0;  // calendar
  double time = 0.0;   // since entry
  int status = 0;      // 0 still followed or lost, 1 event of interest, 2 competing event
};
std::vector<PlainPatient> plain_trial(const PlainDesign& design, std::uint64_t seed, std::uint32_t replicate,
                                      double until);

}  // namespace graftline::sim
