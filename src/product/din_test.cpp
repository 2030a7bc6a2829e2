#include "product/din.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

using namespace graftline;
using namespace graftline::product;

TEST_CASE("check characters of published and recomputed numbers come out") {
  // ST-001's worked example G123417654321 has K = A; the others are printed labels.
  CHECK(check_character(check_value("G123417654321")) == 'A');
  CHECK(check_character(check_value("A999820123456")) == 'E');
  CHECK(check_character(check_value("A999917123456")) == '9');
  CHECK(check_character(check_value("A999917123654")) == 'Y');
  CHECK(check_character(check_value("A999926000001")) == '8');
  CHECK(check_character(check_value("Z012326123456")) == 'K');
  CHECK(to_scan({"G123417654321"}) == "=G12341765432170");
  CHECK(to_label({"A999926000001"}) == "A9999 26 000001 8");
}

TEST_CASE("a typed number needs its check character, a scanned one does not") {
  CHECK_FALSE(parse_din("A999926000001", DinEntry::keyed));
  CHECK(parse_din("A9999 26 000001 8", DinEntry::keyed));
  CHECK(parse_din("=A99992600000100", DinEntry::scanned));
  CHECK(parse_din("=A99992600000168", DinEntry::scanned));
  CHECK_FALSE(parse_din("=A99992600000169", DinEntry::scanned));
  CHECK_FALSE(parse_din("=A99992600000198", DinEntry::scanned));
  CHECK(parse_din("A999926000001", DinEntry::recorded));
  CHECK_FALSE(parse_din("A9999260000017", DinEntry::recorded));
}

TEST_CASE("what is no donation identification number is refused") {
  for (const char* text : {"", "A99992600000", "O999926000001", "0999926000001", "a999926000001",
                           "A9X9926O00001", "A999926000001 88", "=A9999260000016", "A99992600000\xc3\xa9"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_din(text, DinEntry::recorded));
  }
}

TEST_CASE("a donor identifier carries two check digits over 17 characters") {
  // 999900000000ABC12 -> 13
  CHECK(parse_grid("9999 00000000ABC12 13"));
  CHECK_FALSE(parse_grid("9999 00000000ABC12 14"));
  CHECK_FALSE(parse_grid("99990000000ABC1213"));
}

TEST_CASE("every wrong character and every adjacent swap in a typed number is noticed") {
  CHECK(rc::check([] {
    std::string text = *rc::gen::element(std::string("A9999"), std::string("G1234"), std::string("7AB12"));
    for (int i = 0; i < 8; ++i) text += static_cast<char>('0' + *rc::gen::inRange(0, 10));
    const std::string typed = text + check_character(check_value(text));
    RC_ASSERT(static_cast<bool>(parse_din(typed, DinEntry::keyed)));
    const auto at = *rc::gen::inRange<std::size_t>(0, typed.size());
    std::string wrong = typed;
    wrong[at] = "0123456789ABCDEFGHIJKLMNPQRSTUVWXYZ*"[*rc::gen::inRange(0, 36)];
    if (wrong != typed) RC_ASSERT(!parse_din(wrong, DinEntry::keyed));
    const auto swap = *rc::gen::inRange<std::size_t>(0, typed.size() - 1);
    std::string swapped = typed;
    std::swap(swapped[swap], swapped[swap + 1]);
    if (swapped != typed) RC_ASSERT(!parse_din(swapped, DinEntry::keyed));
  }));
}
