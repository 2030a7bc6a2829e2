#include "protocol/parse.h"

#include <doctest/doctest.h>

#include <string>

#include "protocol/format.h"

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

TEST_CASE("a fact may be named by a catalogue phrase that holds a word of the language") {
  const Protocol p =
      good("fact t is donor chimerism in T cells in %, latest within 30 days\ndefine d t > 10 %\n");
  CHECK(p.facts[0].phrase == "donor chimerism in T cells");
  CHECK(p.facts[0].unit == "%");
}

TEST_CASE(
    "'any' is part of a catalogue phrase where the catalogue has it, else it says which record counts") {
  const Protocol p =
      good("fact a is any relapse\nfact b is any donor lymphocyte infusion since day 0\ndefine d a or b\n");
  CHECK(p.facts[0].phrase == "relapse at any level");
  CHECK(p.facts[0].pick == Pick::current);
  CHECK(p.facts[1].phrase == "donor lymphocyte infusion");
  CHECK(p.facts[1].pick == Pick::any);
  CHECK(p.facts[1].window.first->base == Anchor::Base::day_zero);
}

TEST_CASE("before leaves the day itself out, until includes it") {
  const Protocol p = good(
      "fact r is relapse, any ever\nfact e is enrolment\n"
      "define a r at any time before e\ndefine b r at any time until e\ndefine c r at any time before day "
      "+30\n");
  const auto last = [&](std::size_t i) { return *p.definitions[i].when.window.last; };
  CHECK(last(0).sign == -1);
  CHECK(in_days(*last(0).offset) == 1);
  CHECK_FALSE(last(1).offset.has_value());
  CHECK(last(2).sign == 1);
  CHECK(in_days(*last(2).offset) == 29);
}

TEST_CASE("'or today' belongs to an event, unless it begins the next condition") {
  const Protocol p = good(
      "fact r is relapse, any ever\nfact e is enrolment\n"
      "define a r at any time since e or today\n"
      "define b r at any time since e or today before day +30\n");
  CHECK(p.definitions[0].when.form == Expr::Form::held);
  CHECK(p.definitions[0].when.window.first->or_today);
  CHECK(p.definitions[1].when.form == Expr::Form::any);
}

TEST_CASE("not binds tighter than and, and tighter than or") {
  const Protocol p =
      good("fact a is relapse\nfact b is death\nfact c is enrolment\ndefine d not a and b or c\n");
  const Expr& top = p.definitions[0].when;
  REQUIRE(top.form == Expr::Form::any);
  REQUIRE(top.children[0].form == Expr::Form::all);
  CHECK(top.children[0].children[0].form == Expr::Form::negation);
  CHECK(top.children[1].name == "c");
}

TEST_CASE("a dose keeps its digits, and 3.0e7 is not written as a long number") {
  const Protocol p = good("dose level 1 3.0e7 CD3/kg and 1e5 to 100000 MNC\n");
  const Amount& amount = p.common.doses[0].amount;
  REQUIRE(amount.targets.size() == 2);
  CHECK(amount.targets[0].low.mantissa == 30);
  CHECK(amount.targets[0].low.exponent == 6);
  CHECK(amount.targets[0].per_kilogram);
  CHECK_FALSE(amount.targets[1].per_kilogram);
  CHECK(to_text(amount) ==
        "3.0e7 CD3/kg and 1e5 MNC");  // 1e5 and 100000 are the same amount: one value, no range
}

TEST_CASE("a statement that begins a line inside another is told from a new one") {
  const Protocol p = good(
      "fact r is relapse\n"
      "strategy s \"one\"\n"
      "dose level 1 1e6 CD3/kg\n"
      "give level 1 within 30 days\n"
      "     after r\n"
      "     when not r\n"
      "after infusion \"methotrexate\" for 2 weeks\n"
      "     when r\n");
  REQUIRE(p.strategies.size() == 1);
  CHECK_FALSE(p.strategies[0].when.has_value());  // both belong to the statements above them
  REQUIRE(p.strategies[0].rules.gives.size() == 1);
  CHECK(p.strategies[0].rules.gives[0].when.has_value());
  REQUIRE(p.strategies[0].rules.prophylaxis.size() == 1);
  CHECK(p.strategies[0].rules.prophylaxis[0].when.has_value());
}

TEST_CASE(
    "conditions nest two hundred deep and no deeper, however many parentheses or negations are written") {
  const std::string head_of = head + "fact r is relapse\ndefine d ";
  const auto nested = [&](std::size_t depth) {
    return parse_protocol(head_of + std::string(depth, '(') + "r" + std::string(depth, ')') + "\n");
  };
  CHECK(nested(150).ok());
  CHECK_FALSE(nested(300).ok());
  CHECK_FALSE(nested(1'000'000).ok());
  std::string negations = head_of;
  for (int i = 0; i < 100'000; ++i) negations += "not ";
  CHECK_FALSE(parse_protocol(negations + "r\n").ok());
}

TEST_CASE("definitions that double with every line are refused before they fill the memory") {
  std::string text = head + "fact r is relapse\ndefine d0 r\n";
  for (int i = 1; i < 100; ++i) {
    const std::string before = "d" + std::to_string(i - 1);
    text += "define d" + std::to_string(i) + " " + before + " and " + before + "\n";
  }
  CHECK_FALSE(parse_protocol(text).ok());
}

TEST_CASE("a text of more than 4 MB is refused by its size") {
  const Parsed parsed = parse_protocol(std::string((std::size_t{4} << 20U) + 1, '#'));
  REQUIRE(parsed.diagnostics.size() == 1);
  CHECK(parsed.diagnostics[0].message == "a protocol has at most 4194304 bytes, this text 4194305");
}

TEST_CASE("a caret stands under the character, also behind letters of more than one byte") {
  const std::string text = head + "gap \"≥ 供者\" cite µ \"x\"\n";
  const Parsed parsed = parse_protocol(text);
  REQUIRE(parsed.diagnostics.size() == 1);
  // gap, blank, quote, 4 characters, quote, blank: cite begins at character 12
  CHECK(parsed.diagnostics[0].span.column == 12);
}

TEST_CASE("a megabyte of anything is read in a time that grows with the text, not with its square") {
  // Each of these once took minutes, or would have: the limit is generous, a square would pass it a
  // hundredfold.
  for (const std::string unit : {"\"x\" ", ", ", "(", "not ", "give\n", "fact f is nothing\n",
                                 "source s \"x\"\ngap \"x\" cite t \"y\"\n"}) {
    CAPTURE(unit);
    std::string text = head + "fact x is ";
    while (text.size() + unit.size() <= (std::size_t{1} << 20U)) text += unit;
    CHECK_FALSE(parse_protocol(text).ok());
  }
}

TEST_CASE("a file with more mistakes than anybody reads is cut short, and is not usable") {
  std::string text = head;
  for (int i = 0; i < 20'000; ++i) text += "give\n";
  const Parsed parsed = parse_protocol(text);
  CHECK_FALSE(parsed.ok());
  CHECK(parsed.diagnostics.size() == 10'001);
  CHECK(parsed.diagnostics.back().message == "there are more mistakes than can be shown");
}
