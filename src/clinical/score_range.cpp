#include "clinical/score_range.h"

namespace graftline::clinical {
namespace {

bool certainly_above(const Range& value, const Cut& cut) {
  if (!value.low) return false;
  const Rational limit = to_rational(cut.limit);
  if (*value.low != limit) return *value.low > limit;
  return value.low_open || cut.at_limit == AtLimit::above;
}

bool possibly_above(const Range& value, const Cut& cut) {
  if (!value.high) return true;
  const Rational limit = to_rational(cut.limit);
  if (*value.high != limit) return *value.high > limit;
  return !value.high_open && cut.at_limit == AtLimit::above;
}

}  // namespace

ScoreRange steps(const Range& value, std::span<const Cut> cuts) {
  ScoreRange score;
  for (const Cut& cut : cuts) {
    score.low += certainly_above(value, cut) ? 1 : 0;
    score.high += possibly_above(value, cut) ? 1 : 0;
  }
  return score;
}

}  // namespace graftline::clinical
