#pragma once
// How much work verification may do. Counted in steps rather than in time, so that a protocol gets the same
// answer on a fast machine, a slow one and a busy one.

#include <cstdint>

namespace graftline::verify {

// A step is about what one rule costs for one patient: some tens of nanoseconds. What costs more counts more.
namespace steps {
inline constexpr std::uint64_t state = 4;           // of the dose machine, looked at
inline constexpr std::uint64_t evaluation = 200;    // of one condition, by the engine
inline constexpr std::uint64_t decision = 1000;     // of one story, by the engine
inline constexpr std::uint64_t solver_units = 100;  // of Z3's own count of its work, in one step
}  // namespace steps

class Work {
 public:
  explicit Work(std::uint64_t most_steps) : left_(most_steps), most_(most_steps) {}

  void spend(std::uint64_t n) {
    if (n > left_) {
      left_ = 0;
      is_over_ = true;
    } else {
      left_ -= n;
    }
  }
  // Something was left undone. What it would have said is unknown from then on.
  bool is_over() const { return is_over_; }
  std::uint64_t left() const { return left_; }
  std::uint64_t spent() const { return most_ - left_; }

 private:
  std::uint64_t left_;
  std::uint64_t most_;
  bool is_over_ = false;
};

}  // namespace graftline::verify
