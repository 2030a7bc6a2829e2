#include "clinical/cml_molecular_relapse.h"

#include <algorithm>
#include <vector>

#include "clinical/laboratory.h"
#include "clinical/sample_chain.h"

namespace graftline::clinical {
namespace {

using Samples = std::vector<BcrAbl1Sample>;

Answer above(const BcrAbl1Sample& sample, const Decimal& threshold) {
  if (!sample.ratio_percent) return unknown(Reason::unreadable);
  return less(Range::exactly(to_rational(threshold)), *sample.ratio_percent, Reason::comparator);
}

std::vector<DatedAnswer> answers(std::span<const BcrAbl1Sample> samples, const Decimal& threshold) {
  std::vector<DatedAnswer> result;
  for (const BcrAbl1Sample& s : samples) result.push_back({s.taken, above(s, threshold)});
  return result;
}

// Why a rule that could still be met is not certain: what is uncertain in the samples, or that more samples
// are needed.
ReasonSet why_open(std::span<const DatedAnswer> samples, bool more_samples_would_decide) {
  ReasonSet why;
  for (const DatedAnswer& s : samples) {
    why |= s.positive.reasons;
    if (s.taken.first != s.taken.last) why |= Reason::imprecise_date;
  }
  if (more_samples_would_decide || why.empty()) why |= Reason::never_measured;
  return why;
}

Answer chain_of(std::span<const BcrAbl1Sample> samples, const Decimal& threshold, int n, int min_gap_days) {
  const auto dated = answers(samples, threshold);
  const auto needed = static_cast<std::size_t>(n);
  if (longest_chain(dated, min_gap_days, Reading::certain).size() >= needed) return answer(true);
  const bool may_be_met = longest_chain(dated, min_gap_days, Reading::possible).size() >= needed;
  const bool awaits_more = dated.empty() || is_positive(dated.back().positive, Reading::possible);
  if (may_be_met || awaits_more) return unknown(why_open(dated, !may_be_met));
  return answer(false);
}

// Whether the ratio of `later` is at least `factor` times that of `earlier`.
bool rises(const BcrAbl1Sample& earlier, const BcrAbl1Sample& later, const Rational& factor,
           Reading reading) {
  if (!earlier.ratio_percent || !later.ratio_percent) return reading == Reading::possible;
  Range target = *earlier.ratio_percent;
  if (target.low) *target.low *= factor;
  if (target.high) *target.high *= factor;
  return is_positive(less_or_equal(target, *later.ratio_percent, Reason::comparator), reading);
}

// For each sample in the middle: some earlier one it rises from, and some later one that rises from it with
// no sample at or below the threshold between the two.
bool has_rising_chain(std::span<const BcrAbl1Sample> s, const CmlRelapseRule& rule, Reading reading) {
  const auto dated = answers(s, rule.low_threshold_percent);
  const Rational factor = to_rational(rule.rise_factor);
  const auto linked = [&](std::size_t i, std::size_t j) {
    return at_least_days_apart(s[i].taken, s[j].taken, rule.min_gap_days, reading) &&
           rises(s[i], s[j], factor, reading);
  };
  for (std::size_t middle = 1; middle + 1 < s.size(); ++middle) {
    if (!is_positive(dated[middle].positive, reading)) continue;
    bool rises_from_earlier = false;
    for (std::size_t first = 0; first < middle && !rises_from_earlier; ++first)
      rises_from_earlier = linked(first, middle);
    if (!rises_from_earlier) continue;
    for (std::size_t last = middle + 1; last < s.size() && is_positive(dated[last].positive, reading); ++last)
      if (linked(middle, last)) return true;
  }
  return false;
}

Answer rising(std::span<const BcrAbl1Sample> samples, const CmlRelapseRule& rule) {
  if (has_rising_chain(samples, rule, Reading::certain)) return answer(true);
  const auto dated = answers(samples, rule.low_threshold_percent);
  const bool may_be_met = has_rising_chain(samples, rule, Reading::possible);
  const bool awaits_more = dated.empty() || is_positive(dated.back().positive, Reading::possible);
  if (may_be_met || awaits_more) return unknown(why_open(dated, !may_be_met));
  return answer(false);
}

CmlMolecularRelapse evaluate(std::span<const BcrAbl1Sample> samples, const CmlRelapseRule& rule) {
  CmlMolecularRelapse result;
  result.by_three_low = chain_of(samples, rule.low_threshold_percent, rule.n_low, rule.min_gap_days);
  result.by_rise = rising(samples, rule);
  result.by_two_high = chain_of(samples, rule.high_threshold_percent, rule.n_high, rule.min_gap_days);
  result.relapse = result.by_three_low | result.by_rise | result.by_two_high;
  result.n_counted = static_cast<int>(samples.size());
  return result;
}

}  // namespace

Result<CmlMolecularRelapse> cml_molecular_relapse(std::span<const BcrAbl1Sample> samples, Day transplant,
                                                  const CmlRelapseRule& rule) {
  const Day first_day = transplant + rule.first_day_after_transplant;
  Samples counted;   // certainly late enough: only these can establish a relapse
  Samples possible;  // those whose imprecise date may be late enough, too
  for (const BcrAbl1Sample& sample : samples) {
    if (sample.ratio_percent)
      if (auto error = outside(*sample.ratio_percent, 0, 10000, "BCR::ABL1 ratio, percent")) return *error;
    if (sample.taken.first >= first_day) counted.push_back(sample);
    if (sample.taken.last >= first_day) possible.push_back(sample);
  }
  const auto by_date = [](const BcrAbl1Sample& s) { return s.taken.first; };
  std::ranges::stable_sort(counted, {}, by_date);
  std::ranges::stable_sort(possible, {}, by_date);

  for (std::size_t n = 1; n <= counted.size(); ++n) {
    const auto known_so_far = std::span(counted).first(n);
    if (evaluate(known_so_far, rule).relapse.truth != Truth::yes) continue;
    CmlMolecularRelapse result = evaluate(counted, rule);
    result.established = counted[n - 1].taken;
    return result;
  }
  // Without a certain relapse, an imprecise early sample can only keep the question open.
  CmlMolecularRelapse result = evaluate(possible, rule);
  result.n_counted = static_cast<int>(counted.size());
  return result;
}

}  // namespace graftline::clinical
