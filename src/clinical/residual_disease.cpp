#include "clinical/residual_disease.h"

#include <fmt/format.h>

#include <algorithm>

#include "clinical/sample_chain.h"

namespace graftline::clinical {
namespace {

using Samples = std::vector<MrdSample>;

const MrdResult* result_of(const MrdSample& sample, const std::string& method) {
  const auto found = std::ranges::find(sample.results, method, &MrdResult::method);
  return found == sample.results.end() ? nullptr : &*found;
}

bool counts(const MrdSample& sample, const MrdRule& rule) {
  return std::ranges::any_of(rule.methods,
                             [&](const std::string& m) { return result_of(sample, m) != nullptr; });
}

std::vector<DatedAnswer> by_method(std::span<const MrdSample> samples, const std::string& method) {
  std::vector<DatedAnswer> dated;
  for (const MrdSample& sample : samples)
    if (const MrdResult* result = result_of(sample, method))
      dated.push_back({sample.taken, result->positive});
  return dated;
}

struct Verdict {
  Answer positive = answer(false);
  std::vector<std::string> needed;
};

Verdict consecutive(std::span<const MrdSample> samples, const std::string& method, const MrdRule& rule) {
  const auto dated = by_method(samples, method);
  if (dated.empty()) return {unknown(Reason::never_measured), {fmt::format("{} was never done", method)}};
  const auto needed = static_cast<std::size_t>(rule.n_consecutive);
  if (last_chain(dated, rule.min_gap_days, Reading::certain).size() >= needed) return {answer(true), {}};
  const auto possible = last_chain(dated, rule.min_gap_days, Reading::possible);
  if (possible.empty()) return {answer(false), {}};
  ReasonSet why;
  for (const DatedAnswer& d : dated) why |= d.positive.reasons;
  if (possible.size() < needed) {
    const Day earliest = dated[possible.back()].taken.last + rule.min_gap_days;
    return {unknown(why | Reason::never_measured),
            {fmt::format("{} again, from {}", method, to_text(earliest))}};
  }
  if (why.empty()) why = Reason::imprecise_date;
  return {unknown(why), {fmt::format("a readable, dated result of {}", method)}};
}

Verdict in_one_sample(const MrdSample& sample, const MrdRule& rule) {
  int n_certain = 0;
  int n_possible = 0;
  ReasonSet why;
  Verdict verdict;
  for (const std::string& method : rule.methods) {
    const MrdResult* result = result_of(sample, method);
    const Answer positive = result ? result->positive : unknown(Reason::never_measured);
    n_certain += is_positive(positive, Reading::certain) ? 1 : 0;
    n_possible += is_positive(positive, Reading::possible) ? 1 : 0;
    if (positive.truth != Truth::unknown) continue;
    why |= positive.reasons;
    verdict.needed.push_back(fmt::format("{} in the sample of {}", method, to_text(sample.taken)));
  }
  if (n_certain >= rule.n_methods_in_one_sample) return {answer(true), {}};
  if (n_possible < rule.n_methods_in_one_sample) return {answer(false), {}};
  verdict.positive = unknown(why);
  return verdict;
}

void add(Verdict& total, Verdict part) {
  total.positive = total.positive | part.positive;
  total.needed.insert(total.needed.end(), part.needed.begin(), part.needed.end());
}

Verdict evaluate(std::span<const MrdSample> samples, const MrdRule& rule) {
  if (samples.empty()) return {unknown(Reason::never_measured), {"a sample"}};
  Verdict total;
  if (rule.n_methods_in_one_sample > 0) add(total, in_one_sample(samples.back(), rule));
  if (rule.n_consecutive > 0)
    for (const std::string& method : rule.methods) add(total, consecutive(samples, method, rule));
  if (total.positive.truth != Truth::unknown) total.needed.clear();
  return total;
}

std::optional<Error> unusable(const MrdRule& rule) {
  if (rule.methods.empty()) return Error{ErrorKind::not_found, "MRD rule: needs at least one method"};
  if (rule.n_methods_in_one_sample <= 0 && rule.n_consecutive <= 0)
    return Error{ErrorKind::not_found,
                 "MRD rule: needs the number of consecutive samples or of methods in one sample"};
  return std::nullopt;
}

}  // namespace

Answer is_positive(const MrdMethod& method, const Range& value) {
  const Range threshold = Range::exactly(to_rational(method.threshold));
  return method.is_positive_at_threshold ? less_or_equal(threshold, value, Reason::comparator)
                                         : less(threshold, value, Reason::comparator);
}

Result<MrdPositivity> mrd_positivity(std::span<const MrdSample> samples, const MrdRule& rule) {
  if (auto error = unusable(rule)) return *error;
  Samples counted;
  for (const MrdSample& sample : samples)
    if (counts(sample, rule)) counted.push_back(sample);
  std::ranges::stable_sort(counted, {}, [](const MrdSample& s) { return s.taken.first; });

  Verdict now = evaluate(counted, rule);
  MrdPositivity result{now.positive, std::nullopt, std::move(now.needed)};
  for (std::size_t n = 1; n <= counted.size() && !result.first_established; ++n)
    if (evaluate(std::span(counted).first(n), rule).positive.truth == Truth::yes)
      result.first_established = counted[n - 1].taken;
  return result;
}

}  // namespace graftline::clinical
