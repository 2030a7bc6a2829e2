#pragma once
// A sum that does not lose small terms (Neumaier's form of Kahan's compensated summation).
//
//   source   Neumaier A, ZAMM 1974; 54:39
//   error    about one rounding of the exact sum, whatever the number of terms

#include <cmath>

namespace graftline::stats {

class Sum {
 public:
  Sum() = default;
  explicit Sum(double start) : total_(start) {}
  void add(double term) {
    const double next = total_ + term;
    carry_ += std::abs(total_) >= std::abs(term) ? (total_ - next) + term : (term - next) + total_;
    total_ = next;
  }
  void subtract(double term) { add(-term); }
  double value() const { return total_ + carry_; }

 private:
  double total_ = 0.0;
  double carry_ = 0.0;
};

}  // namespace graftline::stats
