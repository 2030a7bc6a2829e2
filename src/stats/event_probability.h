#pragma once
// How many events a trial will have seen by a given day: staggered entry, piecewise constant hazards, losses.
//
//   units    time in any one unit (months, say); hazards per that unit
//   source   Kim and Tsiatis, Biometrika 1990; 77:81; closed integrals of the exponential, written out in the
//   .cpp checked  by hand and by numerical integration (event_probability_test.cpp)

#include <functional>
#include <vector>

namespace graftline::stats {

// A hazard that is constant between change points. start[0] must be 0; the last rate holds for ever.
struct PiecewiseHazard {
  std::vector<double> start{0.0};
  std::vector<double> rate{0.0};
  double at(double time) const;
  double cumulative(double time) const;
};
PiecewiseHazard scaled(PiecewiseHazard hazard, double ratio);
PiecewiseHazard sum(const PiecewiseHazard& a, const PiecewiseHazard& b);

// The constant hazard that loses `fraction` of the patients by `time` when nothing else happens.
double dropout_hazard(double fraction, double time);

// How patients enter: piecewise constant intensity. Ends increase; intensities are relative to each other.
struct Accrual {
  std::vector<double> end{1.0};
  std::vector<double> intensity{1.0};
  double duration() const { return end.back(); }
  // The fraction of all patients that have entered by `time`.
  double entered(double time) const;
};

// What can happen to one patient: the event, or leaving for another reason (loss, a competing event) before
// it.
struct EventProcess {
  PiecewiseHazard event;
  PiecewiseHazard leaving;
};

// P(event within `follow_up` of entry, before leaving).
double event_probability_by(const EventProcess& process, double follow_up);

// P(event seen by calendar time `time`), for a patient entering at random over the whole accrual period.
// Entries after `time` count as not seen.
double event_probability(const EventProcess& process, const Accrual& accrual, double time);

// The same when the effect is one on the subdistribution hazard (Fine and Gray) and another event competes:
// the arm's cumulative incidence is F(t) = 1 - (1 - F0(t))^ratio, where F0 follows from the cause-specific
// hazards `event` and `competing` of the reference arm. Losses act at `dropout`, independently.
// Gauss-Legendre quadrature, about 1e-13.
//   source   Latouche, Porcher, Chevret, Stat Med 2004; 23:3263. Fine and Gray, J Am Stat Assoc 1999; 94:496
struct SubdistributionProcess {
  PiecewiseHazard event;
  PiecewiseHazard competing;
  double ratio = 1.0;
  PiecewiseHazard dropout;
};
double event_probability(const SubdistributionProcess& process, const Accrual& accrual, double time);

// Composite 16-point Gauss-Legendre quadrature of a smooth function between consecutive break points (any
// order).
double integral_between(const std::function<double(double)>& f, std::vector<double> breaks);

}  // namespace graftline::stats
