#pragma once
// Weighted sums over the risk set at each event time, from the last time to the first: what every
// proportional-hazards computation walks. Private to the regression files.
//
// With delayed entry rows also leave the sums; they are then compensated, so that a risk set that was large
// and becomes small does not keep the rounding of the large one.

#include <algorithm>
#include <cmath>
#include <vector>

#include "stats/cox.h"
#include "stats/row_sums.h"

namespace graftline::stats {

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
  void add(double weight, const double* x) { add(x, &weight, 1); }
  void add(const double* x, const double* weight, std::size_t rows) {
    const int p = static_cast<int>(s1.size());
    if (s2.empty()) return add_rows(x, weight, rows, p, s0, s1.data());
    for (std::size_t i = 0; i < rows; ++i) s0 += weight[i];
    add_squares(x, weight, rows, p, s1.data(), s2.data());
  }
  void add(const Moments& other, double factor = 1.0) {
    s0 += factor * other.s0;
    for (std::size_t a = 0; a < s1.size(); ++a) s1[a] += factor * other.s1[a];
    for (std::size_t a = 0; a < s2.size(); ++a) s2[a] += factor * other.s2[a];
  }
};

// Sums of w r and w r x to which rows are added and from which they are taken away again, with the rounding
// of each step carried along.
class CarriedMoments {
 public:
  explicit CarriedMoments(int p) : p_(p), sum_(p + 1, 0.0), carry_(p + 1, 0.0) {}
  void add(double weight, const double* x) { add_carried(x, weight, p_, sum_.data(), carry_.data()); }
  double s0() const { return sum_[0] + carry_[0]; }
  void add_to(Moments& all, double factor = 1.0) const {
    all.s0 += factor * s0();
    for (int a = 0; a < p_; ++a) all.s1[a] += factor * (sum_[a + 1] + carry_[a + 1]);
  }

 private:
  int p_;
  std::vector<double> sum_, carry_;
};

// Second moments of rows that come and go: the rows' products are carried as the covariates of a wider row.
class CarriedSquares {
 public:
  CarriedSquares(int p, bool second)
      : p_(p),
        second_(second),
        row_(p + (second ? packed_size(p) : 0)),
        sums_(static_cast<int>(row_.size())) {}
  void add(double weight, const double* x) {
    if (!second_) return sums_.add(weight, x);
    std::size_t at = p_;
    for (int a = 0; a < p_; ++a) {
      row_[a] = x[a];
      for (int b = a; b < p_; ++b) row_[at++] = x[a] * x[b];
    }
    sums_.add(weight, row_.data());
  }
  void read(Moments& all) const {
    if (!second_) {
      all.clear();
      return sums_.add_to(all);
    }
    Moments wide(static_cast<int>(row_.size()), false);
    sums_.add_to(wide);
    all.s0 = wide.s0;
    std::copy_n(wide.s1.begin(), p_, all.s1.begin());
    std::copy_n(wide.s1.begin() + p_, all.s2.size(), all.s2.begin());
  }

 private:
  int p_;
  bool second_;
  std::vector<double> row_;
  CarriedMoments sums_;
};

// Rows in the order of entry lie anywhere in memory: they are asked for some rows before they are needed.
constexpr std::size_t rows_ahead = 24;
inline void fetch(const CoxDesign& design, const double* weight, std::uint32_t row) {
  __builtin_prefetch(weight + row);
  __builtin_prefetch(design.covariates(row));
  __builtin_prefetch(design.covariates(row) + design.p - 1);
  __builtin_prefetch(&design.entry[row]);
}

// Calls visit(number of the stratum, number of its event time, event time, moments of the risk set, moments
// of the events alone) for each event time. `risk` is exp(eta) in sorted order.
template <class Visit>
void sweep(const CoxDesign& design, const std::vector<double>& risk, bool second, Visit visit) {
  std::vector<double> weighted;
  if (!design.weight.empty()) {
    weighted = risk;
    for (int i = 0; i < design.n; ++i) weighted[i] *= design.weight[i];
  }
  const double* w = design.weight.empty() ? risk.data() : weighted.data();
  Moments events(design.p, second), all(design.p, second);
  const auto add = [&](Moments& to, std::uint32_t begin, std::uint32_t end) {
    to.add(design.covariates(begin), w + begin, end - begin);
  };
  for (std::size_t s = 0; s < design.strata.size(); ++s) {
    const CoxStratum& stratum = design.strata[s];
    const bool leaving = !stratum.by_entry.empty();
    CarriedSquares carried(leaving ? design.p : 0, second && leaving);
    std::uint32_t next = stratum.end;                             // rows from here on are in the sums
    std::size_t entered = leaving ? stratum.by_entry.size() : 0;  // rows by entry from here on are out again
    all.clear();
    for (std::size_t e = stratum.event_times.size(); e-- > 0;) {
      const EventTime& at = stratum.event_times[e];
      events.clear();
      add(events, at.first, at.first + at.events);
      if (leaving) {
        while (next > at.first) {
          --next;
          carried.add(w[next], design.covariates(next));
        }
        while (entered > 0 && design.entry[stratum.by_entry[entered - 1]] >= at.time) {
          const std::uint32_t i = stratum.by_entry[--entered];
          if (entered >= rows_ahead) fetch(design, w, stratum.by_entry[entered - rows_ahead]);
          carried.add(-w[i], design.covariates(i));
        }
        carried.read(all);
      } else {
        add(all, at.first + at.events, next);
        all.add(events);
        next = at.first;
      }
      visit(s, e, at, all, events);
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

// Sums over the steps of one event time, where step k has event weight w, f = k / d of the tied events gone
// and s0 left at risk.
struct TieSums {
  double logarithm = 0.0;                         // w log s0
  double hazard = 0.0, gone = 0.0;                // w / s0, w f / s0
  double square = 0.0, cross = 0.0, twice = 0.0;  // w / s0^2, w f / s0^2, w f^2 / s0^2
};
TieSums tie_sums(const EventTime& at, bool efron, double risk_of_all, double risk_of_events);

// Takes from the information what the means of the covariates at one event time explain.
void subtract_means(const TieSums& ties, const Moments& all, const Moments& events, Matrix& information);

// One event time seen from the residuals: the hazard for those merely at risk and, smaller, for those who
// have the event (`event_hazard` is what Efron's rule leaves of it), each also times the covariates' mean.
struct Increment {
  double time = 0.0;
  double hazard = 0.0;
  double event_hazard = 0.0;
  std::vector<double> hazard_mean;
  std::vector<double> event_hazard_mean;
  std::vector<double> mean;  // that an event is compared with
};
Increment increment(const EventTime& at, bool efron, const Moments& all, const Moments& events);

// Adds what the rows are expected to see: their second moments to the information, of which both triangles
// are then filled, and takes the first ones from the score. `expected` is weight x exp(eta) x hazard met per
// row.
void add_expected(const CoxDesign& design, std::span<const double> expected, Likelihood& total);

// exp(eta) of each row, in sorted order; unknown (collinear) coefficients count as 0.
std::vector<double> relative_risks(const CoxDesign& design, std::span<const double> coefficient);

}  // namespace graftline::stats
