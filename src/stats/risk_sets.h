#pragma once
// Weighted sums over the risk set at each event time, from the last time to the first: the inner loop of
// every proportional-hazards computation. Private to the cox_*.cpp files.
//
// With delayed entry rows also leave the sums; they are then compensated, so that a risk set that was large
// and becomes small does not keep the rounding of the large one.

#include <vector>

#include "stats/cox_design.h"

namespace graftline::stats {

// Packed upper triangle of a p x p matrix, row by row.
inline std::size_t packed_size(int p) { return static_cast<std::size_t>(p) * (p + 1) / 2; }

// Sum of w r, w r x and w r x x' with r = exp(eta).
struct Moments {
  double s0 = 0.0;
  std::vector<double> s1;
  std::vector<double> s2;  // packed; empty when second moments are not asked for

  Moments(int p, bool second) : s1(p, 0.0), s2(second ? packed_size(p) : 0, 0.0) {}
  void clear() {
    s0 = 0.0;
    std::fill(s1.begin(), s1.end(), 0.0);
    std::fill(s2.begin(), s2.end(), 0.0);
  }
  void add(double weight, const double* x) {
    s0 += weight;
    const std::size_t p = s1.size();
    std::size_t at = 0;
    for (std::size_t a = 0; a < p; ++a) {
      const double wx = weight * x[a];
      s1[a] += wx;
      if (s2.empty()) continue;
      for (std::size_t b = a; b < p; ++b) s2[at++] += wx * x[b];
    }
  }
};

// Moments with the rounding of each step carried along.
class CarriedMoments {
 public:
  CarriedMoments(int p, bool second) : sum(p, second), carry_(p, second) {}
  void clear() {
    sum.clear();
    carry_.clear();
  }
  void add(double weight, const double* x) {
    step(sum.s0, carry_.s0, weight);
    const std::size_t p = sum.s1.size();
    std::size_t at = 0;
    for (std::size_t a = 0; a < p; ++a) {
      const double wx = weight * x[a];
      step(sum.s1[a], carry_.s1[a], wx);
      if (sum.s2.empty()) continue;
      for (std::size_t b = a; b < p; ++b, ++at) step(sum.s2[at], carry_.s2[at], wx * x[b]);
    }
  }
  // The rounding is folded in before the sums are read.
  void settle() {
    fold(sum.s0, carry_.s0);
    for (std::size_t a = 0; a < sum.s1.size(); ++a) fold(sum.s1[a], carry_.s1[a]);
    for (std::size_t a = 0; a < sum.s2.size(); ++a) fold(sum.s2[a], carry_.s2[a]);
  }
  Moments sum;

 private:
  static void step(double& total, double& carry, double term) {
    const double next = total + term;
    const double part = next - total;
    carry += (total - (next - part)) + (term - part);
    total = next;
  }
  static void fold(double& total, double& carry) {
    const double next = total + carry;
    carry -= next - total;
    total = next;
  }
  Moments carry_;
};

// Calls visit(stratum number, event time, moments of the risk set, moments of the events alone) for each
// event time. `risk` is exp(eta) in sorted order.
template <class Visit>
void sweep(const CoxDesign& design, const std::vector<double>& risk, bool second, Visit visit) {
  Moments events(design.p, second);
  for (std::size_t s = 0; s < design.strata.size(); ++s) {
    const CoxStratum& stratum = design.strata[s];
    const bool leaving = !stratum.by_entry.empty();
    CarriedMoments carried(leaving ? design.p : 0, second && leaving);
    Moments plain(leaving ? 0 : design.p, second && !leaving);
    std::uint32_t next = stratum.end;                             // rows from here on are in the sums
    std::size_t entered = leaving ? stratum.by_entry.size() : 0;  // rows by entry from here on are out again
    for (std::size_t e = stratum.event_times.size(); e-- > 0;) {
      const EventTime& at = stratum.event_times[e];
      while (next > at.first) {
        --next;
        const double weight = design.weight_of(next) * risk[next];
        leaving ? carried.add(weight, design.covariates(next)) : plain.add(weight, design.covariates(next));
      }
      while (entered > 0 && design.entry[stratum.by_entry[entered - 1]] >= at.time) {
        const std::uint32_t i = stratum.by_entry[--entered];
        carried.add(-design.weight_of(i) * risk[i], design.covariates(i));
      }
      if (leaving) carried.settle();
      events.clear();
      for (std::uint32_t i = at.first; i < at.first + at.events; ++i)
        events.add(design.weight_of(i) * risk[i], design.covariates(i));
      visit(s, at, leaving ? carried.sum : plain, events);
    }
  }
}

// The steps into which an event time is split: one for Breslow, one per tied event for Efron, where step k
// still counts the tied events by 1 - k / d.
struct TieStep {
  double kept = 1.0;    // part of the tied events still at risk
  double weight = 0.0;  // event weight of the step
};
inline int tie_steps(const EventTime& at, bool efron) { return efron ? static_cast<int>(at.events) : 1; }
inline TieStep tie_step(const EventTime& at, bool efron, int k) {
  if (!efron) return {1.0, at.event_weight};
  const auto d = static_cast<double>(at.events);
  return {1.0 - k / d, at.event_weight / d};
}

}  // namespace graftline::stats
