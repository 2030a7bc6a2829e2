#include "protocol/parse.h"

#include <doctest/doctest.h>

#include <string>

using namespace graftline;
using namespace graftline::protocol;

namespace {

const std::string head = "protocol \"test\" id test version 0.1.0\nday 0 is graft infusion\n";

Protocol good(const std::string& body) {
  const std::string text = head + body;
  Parsed parsed = parse_protocol(text, "test");
  for (const Diagnostic& d : parsed.diagnostics) {
    if (d.severity == Severity::error) FAIL_CHECK(to_text(d, text, "test"));
  }
  return parsed.protocol;
}

}  // namespace

TEST_CASE("a limit of three times the upper limit keeps the factor and names the fact") {
  const Protocol p =
      good("fact alt is ALT in U/L, latest within 14 days\nexclude E5 \"liver\" alt > 3 x upper limit\n");
  REQUIRE(p.common.criteria.size() == 1);
  const Expr& when = p.common.criteria[0].when;
  CHECK(when.form == Expr::Form::comparison);
  CHECK(when.op == Op::greater);
  CHECK(when.left.name == "alt");
  CHECK(when.right.form == Operand::Form::upper_limit);
  REQUIRE(when.right.factor);
  CHECK(*when.right.factor == decimal(3));
  CHECK(p.facts[0].pick == Pick::latest);
  CHECK(p.facts[0].window.first->sign == -1);
  CHECK(in_days(*p.facts[0].window.first->offset) == 14);
}

TEST_CASE("a month in a window is 30 days, and twelve months are a year of 365") {
  CHECK(in_days({1, TimeUnit::months}) == 30);
  CHECK(in_days({6, TimeUnit::months}) == 180);
  CHECK(in_days({12, TimeUnit::months}) == 365);
  CHECK(in_days({13, TimeUnit::months}) == 395);
  CHECK(in_days({2, TimeUnit::weeks}) == 14);
}

TEST_CASE("a fact may be named by a catalogue phrase that holds the words of a window") {
  const Protocol p = good(
      "fact rise is rise in donor T-cell chimerism since day +28 in %\ndefine d rise > 10 %\ninclude I1 "
      "\"x\" d\n");
  CHECK(p.facts[0].phrase == "rise in donor T-cell chimerism since day +28");
  CHECK(p.facts[0].unit == "%");
}
