#pragma once
// A sum that does not lose small terms: the rounding of each step, which Knuth's two-sum gives exactly and
// without a branch, is carried along.
//
//   source   Knuth, The Art of Computer Programming 2, 4.2.2; Neumaier A, ZAMM 1974; 54:39 (the sum)
//   error    about one rounding of the exact sum, whatever the number of terms

namespace graftline::stats {

class Sum {
 public:
  Sum() = default;
  explicit Sum(double start) : total_(start) {}
  void add(double term) {
    const double next = total_ + term;
    const double part = next - total_;
    carry_ += (total_ - (next - part)) + (term - part);
    total_ = next;
  }
  void subtract(double term) { add(-term); }
  double value() const { return total_ + carry_; }

 private:
  double total_ = 0.0;
  double carry_ = 0.0;
};

}  // namespace graftline::stats
