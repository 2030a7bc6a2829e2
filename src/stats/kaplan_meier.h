#pragma once
// Survival curves: Kaplan-Meier (or exp(-Nelson-Aalen)), with the Nelson-Aalen cumulative hazard beside
// it.
//
//   rows        status 0 = censored, any other = event; `group` gives one curve each; `stratum` is not
//               used
//   returns     one row per distinct end of follow-up of the group, censorings included, in increasing
//               order
//   errors      those of inspect(); out_of_range: a confidence level outside (0, 1)
//   weights     case weights; the Greenwood variance then takes them as counts: ask for the robust one
//               otherwise
//   variance    greenwood: of S, sum d / (Y (Y - d)); of H, sum d / Y^2 (Aalen) or sum d (Y - d) / Y^3
//               (Greenwood). robust: infinitesimal jackknife summed within clusters
//   degenerate  S = 0 has no Greenwood standard error: NaN. A group without rows gives an empty curve
//   cost        O(n) for whole-number times, O(n) radix sort otherwise; robust adds O(n)
//   source      Kaplan and Meier, JASA 1958; 53:457. Greenwood, HMSO 1926. Nelson, Technometrics 1972;
//               14:945. Aalen, Ann Stat 1978; 6:701. Fleming and Harrington, Commun Stat 1984; 13:2469
//   checked     by hand (kaplan_meier_test.cpp); against R survival::survfit (tests/golden)

#include <vector>

#include "stats/confidence_limits.h"
#include "stats/event_table.h"
#include "stats/follow_up.h"

namespace graftline::stats {

enum class SurvivalEstimate { kaplan_meier, exp_nelson_aalen };
enum class HazardTies {
  nelson_aalen,
  fleming_harrington
};  // d/Y, or 1/Y + 1/(Y-1) + ... over the d tied events
enum class HazardVariance { aalen, greenwood };

struct SurvivalOptions {
  LimitOptions limits = {};
  SurvivalEstimate estimate = SurvivalEstimate::kaplan_meier;
  HazardTies hazard_ties = HazardTies::nelson_aalen;
  HazardVariance hazard_variance = HazardVariance::aalen;
  bool robust = false;
};

struct SurvivalCurve {
  double n = 0.0;         // rows
  double n_events = 0.0;  // sum of their weights
  std::vector<double> time;
  std::vector<double> n_at_risk;  // just before the time
  std::vector<double> n_event;
  std::vector<double> n_censored;
  std::vector<double> survival;
  std::vector<double> standard_error;  // of survival itself, not of its logarithm
  std::vector<double> lower;
  std::vector<double> upper;
  std::vector<double> cumulative_hazard;
  std::vector<double> cumulative_hazard_se;
};

template <class Time>
Result<std::vector<SurvivalCurve>> kaplan_meier(const FollowUp<Time>& rows,
                                                const SurvivalOptions& options = {});

// The same from a table that other estimates use too; not robust.
std::vector<SurvivalCurve> kaplan_meier(const EventTable& table, const SurvivalOptions& options = {});
void kaplan_meier(const EventTable& table, const SurvivalOptions& options,
                  std::vector<SurvivalCurve>& curves);

// Follow-up: how long subjects would have been watched had nobody had the event. Kaplan-Meier with events and
// censorings exchanged. Programs differ in who is at risk of censoring on a day on which someone has the
// event:
//   censorings_first  he is, as in survfit(Surv(time, status == 0) ~ 1)
//   events_first      he is gone, the mirror of the rule for survival, as in prodlim(reverse = TRUE)
//   source            Schemper and Smith, Control Clin Trials 1996; 17:343
enum class ReverseTies { censorings_first, events_first };
template <class Time>
Result<std::vector<SurvivalCurve>> reverse_kaplan_meier(const FollowUp<Time>& rows,
                                                        const SurvivalOptions& options = {},
                                                        ReverseTies ties = ReverseTies::censorings_first);

// Where the curve, and its limits, first come down to 1 - p; NaN where they never do.
//   flat    where S stays at 1 - p (to 1.5e-8, as R) the middle of the flat piece is given
//   source  Brookmeyer and Crowley, Biometrics 1982; 38:29
struct Quantile {
  double estimate = 0.0;
  double lower = 0.0;
  double upper = 0.0;
};
Quantile quantile(const SurvivalCurve& curve, double p, double start = 0.0);

// Row of the last time <= t, or -1 before the first. Steps are right-continuous.
std::ptrdiff_t row_at(const std::vector<double>& time, double t);

// Number at risk just before t: that of the first time >= t, 0 after the last.
double n_at_risk_at(const SurvivalCurve& curve, double t);

}  // namespace graftline::stats
