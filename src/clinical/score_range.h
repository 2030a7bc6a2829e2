#pragma once
// A score of an ordinal scale that may be known only within bounds: an organ nobody looked at is not a score
// of 0.

#include <span>

#include "core/quantity.h"
#include "core/truth.h"

namespace graftline::clinical {

// The lowest and the highest score that the findings allow, both ends included.
struct ScoreRange {
  int low = 0;
  int high = 0;

  static constexpr ScoreRange exactly(int score) { return {score, score}; }
  constexpr bool is_exact() const { return low == high; }
  friend constexpr bool operator==(ScoreRange, ScoreRange) = default;
};

// A part of an organ decides together with the others: the higher of the scores.
constexpr ScoreRange higher(ScoreRange a, ScoreRange b) {
  return {a.low > b.low ? a.low : b.low, a.high > b.high ? a.high : b.high};
}

// yes, no, or unknown (never measured) when the bounds lie on both sides.
constexpr Answer at_least(ScoreRange range, int score) {
  if (range.low >= score) return answer(true);
  if (range.high < score) return answer(false);
  return unknown(Reason::never_measured);
}

// One printed boundary of a scale: values above it score one more. Whether the boundary itself belongs to the
// lower or the upper score is part of the table.
enum class AtLimit : unsigned char { below, above };
struct Cut {
  Decimal limit;
  AtLimit at_limit = AtLimit::below;
};

// How many of the cuts (in increasing order) the value lies above; for a range of values, the fewest and the
// most.
ScoreRange steps(const Range& value, std::span<const Cut> cuts);

// The score of a three-valued finding: `score` when yes, 0 when no, either when unknown.
constexpr ScoreRange scored(Truth finding, int score) {
  return {finding == Truth::yes ? score : 0, finding == Truth::no ? 0 : score};
}

}  // namespace graftline::clinical
