#pragma once
// Donor T cells against host and leukaemia after DLI, as equations. Exploratory: proposed for this program,
// published nowhere, fitted to nothing beyond a few rates of GVHD. It orders schedules; it predicts no
// patient.
//
//   cells     1e9 each; days since the first possible infusion (day 0 of the equations)
//   states    naive alloreactive donor T cells, effectors, memory, leukaemia, host and donor haematopoiesis,
//   tissue damage
//             of GVHD from 0 to 1
//   drive     antigen of host tissue, fading with the days since transplant, of leukaemia and host blood, and
//   of damage brake     immunosuppression while it is on, and treatment that GVHD itself calls for source
//   docs/models.md, section of this model: all parameters are proposals checked   against a reference
//   solution by another method (immune_core_test.cpp); behaviours in behaviours.h

#include <vector>

#include "core/keyed_random.h"
#include "sim/ode.h"

namespace graftline::sim {

struct ImmuneParameters {
  // Naive cells: activation, loss, doublings on the way to effectors. Memory: the same.
  double al = .049, dn = .0122, nb = 8.5, al_m = .08, dm = .003, nm = 5.1;
  // Effectors: growth under full drive, capacity, loss, turning into memory.
  double r = .18, e_max = .26, de = .32, mu = .0165;
  // Killing of leukaemia and of host blood, saturating in effectors.
  double kl = 19, kh = .58, eh = .62;
  // Damage: made, healed, its own antigen, and the damage at which treatment is half of its most.
  double kg = .55, dg = .067, gam = .029, g_treated = .35;
  // Host antigen: at transplant, days to fall by e; cells that count as one unit of it.
  double a0 = 2.7, tau_a = 57, ka = 108;
  // Growth of leukaemia, host and donor blood; room in the marrow.
  double rho_l = .69314718055994531 / 14.0, rho_h = .03, rho_d = .05, room = 1000;
  double drug_brake = .7;
  // The product: naive share of CD3, alloreactive share of those, and of memory cells.
  double naive_share = .5, alloreactive_share = .002, memory_share = .05;
  double weight_kg = 70;
};

struct InfusionAt {
  double day = 0.0;
  double cd3_per_kg = 0.0;
};

struct ImmuneScenario {
  double days_after_transplant = 60;     // at day 0 of the equations
  double leukaemia = 0.0;                // 1e9 cells at day 0
  double host = 0.0;                     // of 900 in all; the rest is donor
  double immunosuppression_until = 0.0;  // day; on from day 0
  std::vector<InfusionAt> infusions;
};

struct ImmuneDay {
  double day = 0.0;
  double naive = 0.0, effector = 0.0, memory = 0.0, leukaemia = 0.0, host = 0.0, donor = 0.0, damage = 0.0;
  double donor_percent() const { return host + donor > 0.0 ? 100.0 * donor / (host + donor) : 0.0; }
};

struct ImmuneCourse {
  std::vector<ImmuneDay> days;  // every `step` days
  double peak_damage = 0.0;
  double peak_damage_day = 0.0;
  double peak_effector = 0.0;
  double peak_effector_day = 0.0;
  double overt_relapse_day = -1.0;  // first day with 5 % of the marrow's room leukaemic; -1: never
  double nadir = 0.0;               // lowest host + donor haematopoiesis
};

// errors  out_of_range: negative amounts, days or doses; those of solve()
Result<ImmuneCourse> immune_course(const ImmuneParameters& parameters, const ImmuneScenario& scenario,
                                   double until, double step = 1.0);

// Patients differ in the share of alloreactive cells, log-normally. Patient `key`, with the log standard
// deviation.
ImmuneParameters drawn(ImmuneParameters parameters, RandomKey key, double log_sd);

// The share of a population in whom damage passes `threshold` within `until` days. Peak damage grows with the
// share of alloreactive cells, so one root gives the share exactly; no patient has to be drawn.
Result<double> share_with_gvhd(const ImmuneParameters& parameters, const ImmuneScenario& scenario,
                               double log_sd, double threshold, double until);

// Link to models of events: hazards move with the logarithm of the T-cell count.
//   gvhd     hazard ratio 2.44 per unit of log CD4; relapse 0.65
//   source   Koster 2023, Front Immunol 14:1208814 (166 patients after alemtuzumab; not shown for infused
//   cells)
double gvhd_hazard_ratio(double t_cells, double reference);
double relapse_hazard_ratio(double t_cells, double reference);

}  // namespace graftline::sim
