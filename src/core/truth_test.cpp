#include "core/truth.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <set>
#include <string>

#include "core/result.h"

namespace graftline {
namespace {

constexpr std::array truths{Truth::no, Truth::unknown, Truth::yes};

rc::Gen<Answer> any_answer() {
  return rc::gen::map(
      rc::gen::pair(rc::gen::elementOf(truths), rc::gen::inRange<std::uint32_t>(1, 1U << reason_count)),
      [](const std::pair<Truth, std::uint32_t>& drawn) {
        return Answer{drawn.first,
                      drawn.first == Truth::unknown ? ReasonSet::from_bits(drawn.second) : ReasonSet{}};
      });
}

TEST_CASE("one definite no decides an AND and one definite yes decides an OR, whatever is unknown") {
  CHECK((Truth::no & Truth::unknown) == Truth::no);
  CHECK((Truth::yes & Truth::unknown) == Truth::unknown);
  CHECK((Truth::yes | Truth::unknown) == Truth::yes);
  CHECK((Truth::no | Truth::unknown) == Truth::unknown);
  CHECK(!Truth::unknown == Truth::unknown);
  CHECK(!Truth::yes == Truth::no);
  CHECK(!Truth::no == Truth::yes);
}

TEST_CASE("Kleene's laws hold for all truths") {
  for (const Truth a : truths) {
    CHECK((a & a) == a);
    CHECK(!!a == a);
    CHECK((a & Truth::yes) == a);
    CHECK((a | Truth::no) == a);
    for (const Truth b : truths) {
      CHECK((a & b) == (b & a));
      CHECK((a | b) == (b | a));
      CHECK(!(a & b) == ((!a) | (!b)));
      CHECK((a | (a & b)) == a);
      for (const Truth c : truths) {
        CHECK((a & (b | c)) == ((a & b) | (a & c)));
        CHECK(((a & b) & c) == (a & (b & c)));
      }
    }
  }
}

TEST_CASE("knowing more never turns a yes into a no") {
  // Kleene logic is monotone: replacing an unknown by a definite value may decide a result, never reverse it.
  for (const Truth b : truths) {
    for (const Truth better : {Truth::no, Truth::yes}) {
      const Truth before = Truth::unknown & b;
      if (before != Truth::unknown) CHECK((better & b) == before);
      const Truth before_or = Truth::unknown | b;
      if (before_or != Truth::unknown) CHECK((better | b) == before_or);
    }
  }
}

TEST_CASE("an unknown answer carries the reasons of all its unknown members, a decided one carries none") {
  const Answer missing = unknown(Reason::never_measured);
  const Answer old = unknown(Reason::too_old);
  CHECK((missing & old).reasons == (Reason::never_measured | Reason::too_old));
  CHECK((missing | answer(true)) == answer(true));
  CHECK((missing & answer(false)) == answer(false));
  CHECK((missing & answer(true)) == missing);
  CHECK(!missing == missing);
}

TEST_CASE("answers obey the laws of their truths, reasons included") {
  CHECK(rc::check([] {
    const Answer a = *any_answer();
    const Answer b = *any_answer();
    const Answer c = *any_answer();
    RC_ASSERT((a & b) == (b & a));
    RC_ASSERT((a | b) == (b | a));
    RC_ASSERT(((a & b) & c) == (a & (b & c)));
    RC_ASSERT(!(a & b) == ((!a) | (!b)));
    RC_ASSERT(((a & b).truth == Truth::unknown) == !(a & b).reasons.empty());
  }));
}

TEST_CASE("every reason has a name of its own that leads back to it") {
  std::set<std::string_view> names;
  for (int i = 0; i < reason_count; ++i) {
    const auto reason = static_cast<Reason>(i);
    CAPTURE(name(reason));
    CHECK(names.insert(name(reason)).second);
    Reason found{};
    CHECK(reason_from_name(name(reason), found));
    CHECK(found == reason);
    CHECK(ReasonSet(reason).has(reason));
  }
  Reason untouched = Reason::comparator;
  CHECK_FALSE(reason_from_name("a hunch", untouched));
  CHECK(untouched == Reason::comparator);
}

TEST_CASE("a failed result cannot be read, and its error says its kind by name") {
  const Result<int> failed = Error{ErrorKind::not_found, "no file of that name"};
  CHECK_FALSE(failed);
  CHECK_THROWS_AS((void)*failed, std::logic_error);
  CHECK(failed.error().kind == ErrorKind::not_found);
  std::set<std::string_view> names;
  for (int i = 0; i < error_kind_count; ++i) CHECK(names.insert(name(static_cast<ErrorKind>(i))).second);
  CHECK(name(ErrorKind::unit_mismatch) == "unit_mismatch");
}

}  // namespace
}  // namespace graftline
