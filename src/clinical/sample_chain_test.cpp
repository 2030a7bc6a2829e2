#include "clinical/sample_chain.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <optional>

using namespace graftline;
using namespace graftline::clinical;

namespace {

DatedAnswer on(int day, Answer positive) { return {exactly(Day{day}), positive}; }
using Indices = std::vector<std::size_t>;

}  // namespace

TEST_CASE("a chain takes each positive sample as soon as the gap allows") {
  const std::vector samples{on(0, answer(true)), on(10, answer(true)), on(28, answer(true)),
                            on(56, answer(true))};
  CHECK(longest_chain(samples, 28, Reading::certain) == Indices{0, 2, 3});
}

TEST_CASE("a negative sample breaks the chain, and the last chain is the one it left") {
  const std::vector samples{on(0, answer(true)), on(28, answer(true)), on(30, answer(false)),
                            on(60, answer(true))};
  CHECK(longest_chain(samples, 28, Reading::certain) == Indices{0, 1});
  CHECK(last_chain(samples, 28, Reading::certain) == Indices{3});
  CHECK(last_chain(std::span(samples).first(3), 28, Reading::certain).empty());
}

TEST_CASE("an unknown sample counts in the possible reading and breaks the certain one") {
  const std::vector samples{on(0, answer(true)), on(28, unknown(Reason::unreadable)), on(56, answer(true))};
  CHECK(longest_chain(samples, 28, Reading::certain).size() == 1);
  CHECK(longest_chain(samples, 28, Reading::possible).size() == 3);
}

TEST_CASE("a date known to the month is far enough apart only if every day of it is") {
  const PartialDate march = *parse_partial_date("2026-03");
  const PartialDate april_20 = exactly(*parse_day("2026-04-20"));
  CHECK(at_least_days_apart(march, april_20, 20, Reading::certain));  // from 31 March: 20 days
  CHECK_FALSE(at_least_days_apart(march, april_20, 21, Reading::certain));
  CHECK(at_least_days_apart(march, april_20, 50, Reading::possible));  // from 1 March: 50 days
  CHECK_FALSE(at_least_days_apart(march, april_20, 51, Reading::possible));
}

TEST_CASE("no choice of samples gives a longer chain than the one found") {
  CHECK(rc::check([] {
    std::vector<DatedAnswer> samples;
    int day = 0;
    for (int i = 0; i < 9; ++i)
      samples.push_back(on(day += *rc::gen::inRange(0, 20), answer(*rc::gen::inRange(0, 4) > 0)));
    std::size_t longest = 0;
    for (unsigned choice = 1; choice < (1U << samples.size()); ++choice) {
      std::size_t n = 0;
      std::optional<std::size_t> previous;
      bool is_chain = true;
      for (std::size_t i = 0; i < samples.size() && is_chain; ++i) {
        if ((choice >> i & 1U) == 0) continue;
        if (previous) is_chain = samples[i].taken.first - samples[*previous].taken.first >= 28;
        for (std::size_t k = previous.value_or(i); k <= i; ++k)
          is_chain = is_chain && samples[k].positive.truth == Truth::yes;
        previous = i;
        ++n;
      }
      if (is_chain) longest = std::max(longest, n);
    }
    RC_ASSERT(longest_chain(samples, 28, Reading::certain).size() == longest);
  }));
}
