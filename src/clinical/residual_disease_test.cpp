#include "clinical/residual_disease.h"

#include <doctest/doctest.h>

using namespace graftline;
using namespace graftline::clinical;

namespace {

constexpr Answer pos = answer(true), neg = answer(false);
MrdSample sample(int day, std::vector<MrdResult> results) { return {exactly(Day{day}), std::move(results)}; }

// Numbers of the test, not a published rule: either of two in one sample, or twice by one method 14 days
// apart.
const MrdRule two_and_two{{"flow", "WT1"}, 2, 2, 14};

Answer positive(const std::vector<MrdSample>& samples, const MrdRule& rule = two_and_two) {
  return mrd_positivity(samples, rule)->positive;
}

Range at(const char* decimal_text) { return Range::exactly(to_rational(*parse_decimal(decimal_text))); }

}  // namespace

TEST_CASE("two different methods positive in one sample make it positive at once") {
  const std::vector samples{sample(0, {{"flow", pos}, {"WT1", pos}})};
  CHECK(positive(samples) == answer(true));
  CHECK(*mrd_positivity(samples, two_and_two)->first_established == exactly(Day{0}));
}

TEST_CASE("one method positive twice, 14 days apart, makes it positive; 13 days apart it waits for another") {
  CHECK(positive({sample(0, {{"flow", pos}, {"WT1", neg}}), sample(14, {{"flow", pos}, {"WT1", neg}})}) ==
        answer(true));
  const std::vector close{sample(0, {{"flow", pos}, {"WT1", neg}}),
                          sample(13, {{"flow", pos}, {"WT1", neg}})};
  CHECK(positive(close) == unknown(Reason::never_measured));
  CHECK(mrd_positivity(close, two_and_two)->needed ==
        std::vector<std::string>{"flow again, from 1970-01-15"});
}

TEST_CASE("positives by different methods in different samples are not the same method twice") {
  CHECK(positive({sample(0, {{"flow", pos}, {"WT1", neg}}), sample(14, {{"flow", neg}, {"WT1", pos}})}) ==
        unknown(Reason::never_measured));  // WT1 still waits for its repeat
  CHECK(positive({sample(0, {{"flow", pos}, {"WT1", neg}}), sample(14, {{"flow", neg}, {"WT1", neg}})}) ==
        answer(false));
}

TEST_CASE("a negative sample in between ends the run") {
  CHECK(positive({sample(0, {{"flow", pos}, {"WT1", neg}}), sample(14, {{"flow", neg}, {"WT1", neg}}),
                  sample(28, {{"flow", pos}, {"WT1", neg}})}) == unknown(Reason::never_measured));
}

TEST_CASE("a single positive asks for its repeat and, where it was not done, for the other method") {
  const std::vector single{sample(0, {{"flow", pos}})};
  const auto result = *mrd_positivity(single, two_and_two);
  CHECK(result.positive == unknown(Reason::never_measured));
  CHECK(result.needed == std::vector<std::string>{"WT1 in the sample of 1970-01-01",
                                                  "flow again, from 1970-01-15", "WT1 was never done"});
}

TEST_CASE("negative by all methods is no; no sample is unknown") {
  CHECK(positive({sample(0, {{"flow", neg}, {"WT1", neg}})}) == answer(false));
  CHECK(positive({}) == unknown(Reason::never_measured));
  CHECK(positive({sample(0, {{"karyotype", pos}})}) == unknown(Reason::never_measured));
}

TEST_CASE("a positivity that later became negative is dated, and is over") {
  const std::vector samples{sample(0, {{"flow", pos}, {"WT1", pos}}),
                            sample(30, {{"flow", neg}, {"WT1", neg}})};
  const auto result = *mrd_positivity(samples, two_and_two);
  CHECK(result.positive == answer(false));
  CHECK(*result.first_established == exactly(Day{0}));
}

TEST_CASE("a rule of a single positive sample is met by one, and unreadable results keep it open") {
  const MrdRule single{{"flow"}, 0, 1, 0};
  CHECK(positive({sample(0, {{"flow", pos}})}, single) == answer(true));
  CHECK(positive({sample(0, {{"flow", unknown(Reason::unreadable)}})}, single) ==
        unknown(Reason::unreadable));
}

TEST_CASE("a rule without methods, or without a count, is refused") {
  CHECK(mrd_positivity({}, MrdRule{{}, 0, 2, 14}).error().kind == ErrorKind::not_found);
  CHECK(mrd_positivity({}, MrdRule{{"flow"}, 0, 0, 14}).error().kind == ErrorKind::not_found);
}

TEST_CASE(
    "the threshold itself is positive or not as the method says; a detection limit above it is unknown") {
  const MrdMethod at_or_above{"flow", {1, -1}, true}, above{"WT1", {6, -1}, false};
  CHECK(is_positive(at_or_above, at("0.1")) == answer(true));
  CHECK(is_positive(at_or_above, at("0.099")) == answer(false));
  CHECK(is_positive(above, at("0.60")) == answer(false));
  CHECK(is_positive(above, at("0.61")) == answer(true));
  CHECK(is_positive(at_or_above, Range{{}, Rational(1, 100), false, true}) == answer(false));
  CHECK(is_positive(at_or_above, Range{{}, Rational(1, 1), false, true}) == unknown(Reason::comparator));
}
