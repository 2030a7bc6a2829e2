#pragma once
// The exact distribution of a test statistic looked at repeatedly: Armitage, McPherson and Rowe's recursion.
//
// The score process B(t) has independent increments B(t) - B(s) ~ N(0, t - s), and Z(t) = B(t) / sqrt(t). A
// trial goes on while Z stays inside a continuation region. What is left of the distribution at each look,
// the sub-density, is carried on the nodes of a composite Gauss-Legendre rule, so each look costs one
// matrix-vector product and the error is of the order of rounding (about 1e-13) whatever the spacing of the
// looks.
//
// A drift is not a parameter: shift the boundaries by the mean of Z instead.
//
//   source   Armitage, McPherson, Rowe, J R Stat Soc A 1969; 132:235
//            Jennison and Turnbull, Group Sequential Methods with Applications to Clinical Trials, 2000,
//            chapter 19
//   checked  by hand for two looks (bivariate normal), against simulation, against rpact
//   (tests/golden/designs)

#include <span>
#include <vector>

namespace graftline::stats {

struct Interval {  // on the scale of Z; either end may be infinite; empty when low >= high
  double low = 0.0;
  double high = 0.0;
};

class SubDensity {
 public:
  SubDensity() = default;  // before the first look: all probability at B(0) = 0

  // P(every earlier look continued, and Z(information) lies in the interval). information > that of the last
  // look.
  double probability(double information, Interval interval) const;
  // The derivative of P(..., Z(information) <= z) in z.
  double density(double information, double z) const;
  // P(every look so far continued).
  double mass() const;

  // Looks at `information` and keeps what lies in the regions, which must be disjoint and increasing.
  // next_information (> information) sets how fine the nodes must be for the look to come.
  SubDensity continued(double information, std::span<const Interval> regions, double next_information) const;

 private:
  double information_ = 0.0;
  std::vector<double> score_;    // nodes on the scale of B, increasing; empty before the first look
  std::vector<double> measure_;  // sub-density times quadrature weight at each node
};

// The z with P(every earlier look continued, Z(information) > z) = probability (upper = true), or <= z (upper
// = false). Infinite when the remaining mass is not enough (towards the far side) or when probability <= 0
// (never reached).
double exit_bound(const SubDensity& before, double information, double probability, bool upper);

}  // namespace graftline::stats
