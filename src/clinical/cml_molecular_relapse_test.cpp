#include "clinical/cml_molecular_relapse.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace graftline;
using namespace graftline::clinical;

namespace {

Range at(const char* decimal_text) { return Range::exactly(to_rational(*parse_decimal(decimal_text))); }

// Days after transplant; day 0 is day 1000 of the calendar.
constexpr Day transplant{1000};
using Series = std::vector<std::pair<int, const char*>>;
CmlMolecularRelapse relapse(const Series& days) {
  std::vector<BcrAbl1Sample> samples;
  for (const auto& [day, ratio] : days) samples.push_back({exactly(transplant + day), at(ratio)});
  return *cml_molecular_relapse(samples, transplant);
}

}  // namespace

TEST_CASE("(a) above 0.02 % in three samples 28 days apart is a relapse, dated by the third") {
  const auto three = relapse({{130, "0.03"}, {158, "0.021"}, {186, "0.03"}});
  CHECK(three.by_three_low == answer(true));
  CHECK(three.by_two_high == answer(false));  // no sample above 0.05
  CHECK(three.relapse == answer(true));
  CHECK(*three.established == exactly(transplant + 186));
}

TEST_CASE("(a) exactly 0.02 % is not above, and breaks the chain") {
  CHECK(relapse({{130, "0.03"}, {158, "0.02"}, {186, "0.03"}, {214, "0.03"}}).by_three_low.truth !=
        Truth::yes);
  CHECK(relapse({{130, "0.03"}, {158, "0.03"}, {186, "0.02"}}).relapse == answer(false));
}

TEST_CASE("(a) a gap of 27 days is too short, and a sample in between may be passed over") {
  CHECK(relapse({{130, "0.03"}, {157, "0.03"}, {185, "0.03"}, {200, "0.02"}}).by_three_low == answer(false));
  CHECK(relapse({{130, "0.03"}, {140, "0.03"}, {158, "0.03"}, {170, "0.03"}, {186, "0.03"}}).by_three_low ==
        answer(true));
}

TEST_CASE("(b) a ratio that doubles twice, the last two above 0.02 %, is a relapse") {
  CHECK(relapse({{130, "0.012"}, {158, "0.024"}, {186, "0.048"}}).by_rise == answer(true));
  CHECK(relapse({{130, "0.012"}, {158, "0.0239"}, {186, "0.048"}, {200, "0.01"}}).by_rise == answer(false));
  CHECK(relapse({{130, "0.01"}, {158, "0.02"}, {186, "0.048"}, {200, "0.01"}}).by_rise == answer(false));
  CHECK(relapse({{130, "0"}, {158, "0.021"}, {186, "0.042"}}).by_rise == answer(true));
}

TEST_CASE("(b) a sample at or below 0.02 % between the last two breaks the rise") {
  CHECK(relapse({{130, "0.012"}, {158, "0.024"}, {170, "0.02"}, {186, "0.048"}, {190, "0"}}).by_rise ==
        answer(false));
}

TEST_CASE("(c) above 0.05 % in two samples 28 days apart is a relapse; exactly 0.05 % or 27 days is not") {
  CHECK(relapse({{130, "0.051"}, {158, "0.06"}}).relapse == answer(true));
  CHECK(relapse({{130, "0.05"}, {158, "0.06"}, {159, "0.01"}}).relapse == answer(false));
  CHECK(relapse({{130, "0.06"}, {157, "0.06"}, {158, "0.01"}}).relapse == answer(false));
}

TEST_CASE("samples before day +120 do not count, day +120 does") {
  CHECK(relapse({{119, "0.06"}, {147, "0.06"}, {148, "0.01"}}).relapse == answer(false));
  CHECK(relapse({{120, "0.06"}, {148, "0.06"}}).relapse == answer(true));
  CHECK(relapse({{60, "0.06"}, {100, "0.06"}}).relapse == unknown(Reason::never_measured));
}

TEST_CASE("a last sample above the threshold waits for the next one: unknown, not no") {
  CHECK(relapse({{130, "0.06"}}).relapse == unknown(Reason::never_measured));
  CHECK(relapse({{130, "0.03"}}).by_two_high == answer(false));
  CHECK(relapse({{130, "0.03"}}).relapse == unknown(Reason::never_measured));
  CHECK(relapse({{130, "0.01"}}).relapse == answer(false));
  CHECK(relapse({}).relapse == unknown(Reason::never_measured));
}

TEST_CASE("a relapse once established is not undone by a negative sample") {
  CHECK(relapse({{130, "0.06"}, {158, "0.06"}, {186, "0"}}).relapse == answer(true));
}

TEST_CASE("a result below a poor detection limit cannot break the chain for certain") {
  std::vector<BcrAbl1Sample> samples{{exactly(transplant + 130), at("0.06")},
                                     {exactly(transplant + 145), Range{{}, Rational(1, 10), false, true}},
                                     {exactly(transplant + 158), at("0.06")},
                                     {exactly(transplant + 170), at("0")}};
  CHECK(cml_molecular_relapse(samples, transplant)->relapse == unknown(Reason::comparator));
  samples[1].ratio_percent = Range{{}, Rational(1, 100), false, true};  // below 0.01: certainly not above
  CHECK(cml_molecular_relapse(samples, transplant)->relapse == answer(false));
}

TEST_CASE("a negative ratio is out of range") {
  const std::vector<BcrAbl1Sample> samples{{exactly(transplant + 130), at("-0.1")}};
  CHECK(cml_molecular_relapse(samples, transplant).error().kind == ErrorKind::out_of_range);
}

TEST_CASE("a further sample never turns an established relapse back, whatever it shows") {
  CHECK(rc::check([] {
    std::vector<BcrAbl1Sample> samples;
    int day = 120;
    for (int i = 0; i < 8; ++i) {
      day += *rc::gen::inRange(1, 40);
      samples.push_back({exactly(transplant + day), Range::exactly(Rational(*rc::gen::inRange(0, 9), 100))});
    }
    const auto before = cml_molecular_relapse(std::span(samples).first(7), transplant)->relapse.truth;
    const auto after = cml_molecular_relapse(samples, transplant)->relapse.truth;
    if (before == Truth::yes) RC_ASSERT(after == Truth::yes);
  }));
}
