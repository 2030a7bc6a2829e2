#include "product/label.h"

#include <doctest/doctest.h>

using namespace graftline;
using namespace graftline::product;

TEST_CASE("an autologous collection type is an error on a bag of donor lymphocytes") {
  CHECK(parse_product_code("S1234100")->is_autologous());
  CHECK_FALSE(parse_product_code("S1234V00")->is_autologous());
  CHECK(parse_product_code("S1234300")->is_biohazardous());
  CHECK(parse_product_code("S1234V99")->needs_division());
  CHECK(parse_product_code("S1234VAa"));
  CHECK_FALSE(parse_product_code("S1234V0"));
  CHECK_FALSE(parse_product_code("S1234VaA"));
}

TEST_CASE("a scanned label gives number, product, blood group and expiry") {
  // Day 60 of 2026 is 1 March (31 + 28 + 1).
  const auto scan = read_scan("=A99992600000168 =<S1234V00 =%6200 &>0260602359 =)X123456789");
  REQUIRE(scan);
  CHECK(scan->din.text == "A999926000001");
  REQUIRE(scan->fields.size() == 3);
  CHECK(scan->fields[0].second == "S1234V00");
  CHECK(scan->fields[1].second == "A pos");
  CHECK(scan->fields[2].second == "2026-03-01T23:59");
  CHECK(scan->not_used.size() == 1);
  CHECK_FALSE(read_scan("=A99992600000168 &>0263662359"));  // 2026 has 365 days
  CHECK_FALSE(read_scan("A999926000001"));
}

TEST_CASE("a 2-D symbol has no blanks between its structures") {
  const auto scan = read_scan("=+04000=A99992600000168=<S1234V00=%6200&>0260602359");
  REQUIRE(scan);
  CHECK(scan->din.text == "A999926000001");
  CHECK(scan->fields.size() == 3);
  CHECK(scan->not_used == std::vector<std::string>{"=+04000"});
  CHECK_FALSE(read_scan("=A99992600000168=<S1234V0"));
  CHECK_FALSE(read_scan("=A999926000001681=<S1234V00"));
}

TEST_CASE("a label that bars release says so in place of a blood group") {
  const auto scan = read_scan("=A99992600000168 =%Mq00");
  REQUIRE(scan);
  REQUIRE(scan->fields.size() == 1);
  CHECK(scan->fields[0].first == "bars_release");
  CHECK(scan->fields[0].second == "quarantine");
}

TEST_CASE("hours between two times count across days and clock changes") {
  const auto at = [](const char* text) { return *parse_clock_time(text); };
  CHECK(hours_between(at("2026-03-01T08:00"), at("2026-03-04T07:30"))->value() == Rational(143, 2));
  // 02:30 summer time is 00:30 UTC.
  CHECK(hours_between(at("2026-03-29T00:30+01:00"), at("2026-03-29T02:30Z"))->value() == 3);
  CHECK_FALSE(hours_between(at("2026-03-01"), at("2026-03-04T07:30")));
  CHECK_FALSE(hours_between(at("2026-03-01T08:00Z"), at("2026-03-04T07:30")));
  CHECK(before(at("2026-03-01"), at("2026-03-01T07:30")) == Truth::unknown);
  CHECK(before(at("2026-03-01"), at("2026-03-02")) == Truth::yes);
  for (const char* text : {"2026-02-30", "2026-03-01T24:00", "2026-03-01T08:00+1", "01.03.2026"})
    CHECK_FALSE(parse_clock_time(text));
}
