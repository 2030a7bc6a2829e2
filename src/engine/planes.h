#pragma once
// Three-valued answers for many patients, one bit each: two planes, certainly yes and certainly no. Neither:
// unknown.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/truth.h"

namespace graftline::engine {

class Planes {
 public:
  using Word = std::uint64_t;
  static constexpr std::size_t word_bits = 64;

  Planes() = default;
  explicit Planes(std::size_t rows)  // all unknown
      : rows_(rows), yes_((rows + word_bits - 1) / word_bits), no_(yes_.size()) {}

  std::size_t rows() const { return rows_; }
  std::size_t words() const { return yes_.size(); }

  Truth operator[](std::size_t row) const {
    const Word bit = Word{1} << (row % word_bits);
    if ((yes_[row / word_bits] & bit) != 0) return Truth::yes;
    return (no_[row / word_bits] & bit) != 0 ? Truth::no : Truth::unknown;
  }
  void set(std::size_t row, Truth truth) {
    const Word bit = Word{1} << (row % word_bits);
    Word& yes = yes_[row / word_bits];
    Word& no = no_[row / word_bits];
    yes = truth == Truth::yes ? yes | bit : yes & ~bit;
    no = truth == Truth::no ? no | bit : no & ~bit;
  }

  // 64 rows at once. Bits beyond the last row may hold anything.
  Word& yes(std::size_t word) { return yes_[word]; }
  Word& no(std::size_t word) { return no_[word]; }
  Word yes(std::size_t word) const { return yes_[word]; }
  Word no(std::size_t word) const { return no_[word]; }

  std::size_t count_yes() const { return count(yes_); }
  std::size_t count_no() const { return count(no_); }

 private:
  std::size_t count(const std::vector<Word>& plane) const {
    std::size_t total = 0;
    for (std::size_t i = 0; i < plane.size(); ++i) {
      const std::size_t left = rows_ - i * word_bits;
      const Word mask = left < word_bits ? (Word{1} << left) - 1 : ~Word{0};
      total += static_cast<std::size_t>(std::popcount(plane[i] & mask));
    }
    return total;
  }

  std::size_t rows_ = 0;
  std::vector<Word> yes_;
  std::vector<Word> no_;
};

}  // namespace graftline::engine
