// Whether donor chimerism falls or rises over serial tests (declared in chimerism.h).

#include <fmt/format.h>

#include <algorithm>

#include "clinical/chimerism.h"
#include "clinical/laboratory.h"

namespace graftline::clinical {
namespace {

enum class Side : unsigned char { donor, recipient };

// How many points the side lost from one test to the next.
std::optional<Range> points_lost(const ChimerismTest& before, const ChimerismTest& after, Side side) {
  if (!before.donor_percent || !after.donor_percent) return std::nullopt;
  const Range& from = side == Side::donor ? *before.donor_percent : *after.donor_percent;
  const Range& to = side == Side::donor ? *after.donor_percent : *before.donor_percent;
  // A share lies between 0 and 100, so an open comparator ("<5") still bounds the loss.
  const Rational from_low = from.low.value_or(Rational(0)), from_high = from.high.value_or(Rational(100));
  const Rational to_low = to.low.value_or(Rational(0)), to_high = to.high.value_or(Rational(100));
  return Range{from_low - to_high, from_high - to_low, from.low_open || to.high_open,
               from.high_open || to.low_open};
}

Answer lost_at_least(const ChimerismTest& before, const ChimerismTest& after, Side side,
                     const Decimal& points) {
  const auto lost = points_lost(before, after, side);
  if (!lost) return unknown(Reason::unreadable);
  return less_or_equal(Range::exactly(to_rational(points)), *lost, Reason::comparator);
}

Answer gap_at_least(const ChimerismTest& before, const ChimerismTest& after, int days) {
  if (after.taken.first - before.taken.last >= days) return answer(true);
  if (after.taken.last - before.taken.first < days) return answer(false);
  return unknown(Reason::imprecise_date);
}

// Which of two tests came first must be certain before one can be said to fall from the other.
Answer in_order(const ChimerismTest& before, const ChimerismTest& after) {
  return before.taken.last < after.taken.first ? answer(true) : unknown(Reason::imprecise_date);
}

// Whether the side is losing at test `last`: one large drop, or n steps in a row that end there.
Answer losing_at(std::span<const ChimerismTest> tests, std::size_t last, Side side, const FallingRule& rule) {
  const Answer single = lost_at_least(tests[last - 1], tests[last], side, rule.single_drop) &
                        in_order(tests[last - 1], tests[last]);
  const auto n_steps = static_cast<std::size_t>(rule.n_steps);
  if (last < n_steps) return single;
  Answer steps = answer(true);
  for (std::size_t i = last + 1 - n_steps; i <= last; ++i) {
    steps = steps & lost_at_least(tests[i - 1], tests[i], side, rule.step) & in_order(tests[i - 1], tests[i]);
    // "Two consecutive tests at least two weeks apart" is the distance between the tests that show the steps.
    if (i + 1 <= last) steps = steps & gap_at_least(tests[i], tests[i + 1], rule.min_gap_days);
  }
  return single | steps;
}

}  // namespace

Result<ChimerismTrend> chimerism_trend(std::span<const ChimerismTest> tests, const FallingRule& rule) {
  if (rule.n_steps < 1) return Error{ErrorKind::out_of_range, "falling rule: expected at least one step"};
  std::vector<ChimerismTest> ordered(tests.begin(), tests.end());
  for (const ChimerismTest& test : ordered)
    if (test.donor_percent)
      if (auto error = outside(*test.donor_percent, 0, 100, "donor chimerism, percent")) return *error;
  std::ranges::stable_sort(ordered, {}, [](const ChimerismTest& t) { return t.taken.first; });
  if (ordered.size() < 2)
    return ChimerismTrend{unknown(Reason::never_measured), unknown(Reason::never_measured), {}};

  ChimerismTrend trend{losing_at(ordered, ordered.size() - 1, Side::donor, rule),
                       losing_at(ordered, ordered.size() - 1, Side::recipient, rule),
                       {}};
  for (std::size_t i = 1; i < ordered.size(); ++i)
    if (losing_at(ordered, i, Side::donor, rule).truth == Truth::yes) trend.last_fall = ordered[i].taken;
  return trend;
}

std::string to_text(const ChimerismTrend& trend) {
  if (trend.donor_falling.truth == Truth::yes) return "donor falling (recipient increasing)";
  if (trend.donor_rising.truth == Truth::yes) return "donor rising (recipient decreasing)";
  if (trend.donor_falling.truth == Truth::no && trend.donor_rising.truth == Truth::no)
    return "donor neither falling nor rising";
  return "donor falling: unknown";
}

}  // namespace graftline::clinical
