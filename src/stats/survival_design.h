#pragma once
// Sample size and power of the log-rank test and, when events compete, of Gray's test and the Fine-Gray
// model, with one look or several.
//
// The test counts events, so a design first finds the events it needs and then the patients and the time that
// bring them. Patients and events are real numbers here; round up where a protocol is written.
//
//   source   Schoenfeld, Biometrika 1981; 68:316 and Biometrics 1983; 39:499. Freedman, Stat Med 1982; 1:121
//            Hsieh, Stat Med 1992; 11:1091 (Freedman's effect with Schoenfeld's allocation term)
//            Latouche, Porcher, Chevret, Stat Med 2004; 23:3263 (subdistribution: Schoenfeld's formula on its
//            scale) Pintilie, Stat Med 2002; 21:3317 (cause-specific, competing events as losses) Jennison
//            and Turnbull 2000, chapter 13 (group-sequential log-rank)
//   checked  against rpact 4.3.0 and 3.3.4 (tests/golden/designs), by hand (survival_design_test.cpp)

#include <optional>
#include <vector>

#include "core/result.h"
#include "stats/event_probability.h"
#include "stats/group_sequential.h"

namespace graftline::stats {

enum class EventFormula : unsigned char { schoenfeld, freedman, hsieh_freedman };

// Events for a design with one look. allocation_ratio is treated : control.
//   errors   out_of_range: a hazard ratio that is not positive or equals the one under the null, a ratio <= 0
Result<double> events_for_log_rank(EventFormula formula, double hazard_ratio, double allocation_ratio,
                                   double alpha, double beta, int sides, double hazard_ratio_h0 = 1.0);

// The mean of Z per square root of the number of events.
double log_rank_effect_per_root_event(EventFormula formula, double hazard_ratio, double allocation_ratio,
                                      double hazard_ratio_h0 = 1.0);

// Which hazard the hazard ratio multiplies when another event competes.
enum class EffectScale : unsigned char {
  cause_specific,   // log-rank, Cox: competing events are losses to the risk set
  subdistribution,  // Gray, Fine-Gray: the effect is on the cumulative incidence itself
};

struct TwoArmTrial {
  PiecewiseHazard control_hazard;  // of the event of interest, cause-specific
  double hazard_ratio = 1.0;       // treated over control, on the scale below
  EffectScale scale = EffectScale::cause_specific;
  double allocation_ratio = 1.0;        // treated : control
  PiecewiseHazard competing_hazard;     // in the control arm; zero when nothing competes
  double competing_hazard_ratio = 1.0;  // treated over control; plays no part on the subdistribution scale
  PiecewiseHazard control_dropout;
  PiecewiseHazard treated_dropout;
  Accrual accrual;
};

// The expected fraction of all patients with an observed event by calendar time `time`.
double expected_event_fraction(const TwoArmTrial& trial, double time);
// The calendar time by which that fraction is reached; nothing when it never is.
std::optional<double> time_of_event_fraction(const TwoArmTrial& trial, double fraction);

// One column per analysis.
struct SurvivalSchedule {
  std::vector<double> analysis_time;
  std::vector<double> cumulative_events;
  std::vector<double> patients_entered;
  std::vector<double> critical_hazard_ratio;        // rejecting beyond it, in the direction looked for
  std::vector<double> critical_hazard_ratio_other;  // the other direction of a two-sided design; else empty
};

struct SurvivalSampleSize {
  double events = 0.0;  // at the last analysis
  double patients = 0.0;
  SurvivalSchedule schedule;
  double expected_events_h0 = 0.0, expected_events_h01 = 0.0, expected_events_h1 = 0.0;
  double expected_patients_h1 = 0.0;
  double expected_duration_h1 = 0.0;
};

// Patients that bring the events needed when the last one is followed for `follow_up` after accrual ends.
//   errors   as events_for_log_rank and design_characteristics
Result<SurvivalSampleSize> survival_sample_size(const GroupSequentialDesign& design, const TwoArmTrial& trial,
                                                EventFormula formula, double follow_up);

struct SurvivalPower {
  double power = 0.0;
  std::vector<double>
      reject_per_look;  // a two-sided test counts both directions, as rpact's getPowerSurvival does
  std::vector<double> futility_per_look;  // one less than the looks
  double expected_events = 0.0;
  double expected_patients = 0.0;
  double expected_duration = 0.0;
  SurvivalSchedule schedule;
};

// Power of a trial of `patients` analysed at the information fractions of `events`.
// benefit_is_higher_hazard_ratio: which direction counts; usually false.
//   errors   conflict: the patients never bring that many events
Result<SurvivalPower> survival_power(const GroupSequentialDesign& design, const TwoArmTrial& trial,
                                     EventFormula formula, double patients, double events,
                                     bool benefit_is_higher_hazard_ratio = false);

}  // namespace graftline::stats
