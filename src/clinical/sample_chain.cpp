#include "clinical/sample_chain.h"

#include <algorithm>

#include "core/result.h"

namespace graftline::clinical {
namespace {

// Greedy from the first sample of an unbroken run: taking each sample as soon as the gap allows gives the
// most links.
template <class OnRunEnd>
void walk(std::span<const DatedAnswer> samples, int min_gap_days, Reading reading, OnRunEnd on_run_end) {
  ensure(std::ranges::is_sorted(samples, {}, [](const DatedAnswer& s) { return s.taken.first; }),
         "samples are in order of their dates");
  std::vector<std::size_t> chain;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!is_positive(samples[i].positive, reading)) {
      on_run_end(chain);
      chain.clear();
    } else if (chain.empty() ||
               at_least_days_apart(samples[chain.back()].taken, samples[i].taken, min_gap_days, reading)) {
      chain.push_back(i);
    }
  }
  on_run_end(chain);
}

}  // namespace

bool is_positive(const Answer& answer, Reading reading) {
  return reading == Reading::certain ? answer.truth == Truth::yes : answer.truth != Truth::no;
}

bool at_least_days_apart(const PartialDate& earlier, const PartialDate& later, int days, Reading reading) {
  return (reading == Reading::certain ? later.first - earlier.last : later.last - earlier.first) >= days;
}

std::vector<std::size_t> longest_chain(std::span<const DatedAnswer> samples, int min_gap_days,
                                       Reading reading) {
  std::vector<std::size_t> longest;
  walk(samples, min_gap_days, reading, [&](const std::vector<std::size_t>& chain) {
    if (chain.size() > longest.size()) longest = chain;
  });
  return longest;
}

std::vector<std::size_t> last_chain(std::span<const DatedAnswer> samples, int min_gap_days, Reading reading) {
  std::vector<std::size_t> last;
  walk(samples, min_gap_days, reading, [&](const std::vector<std::size_t>& chain) { last = chain; });
  return last;
}

}  // namespace graftline::clinical
