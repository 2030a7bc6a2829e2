#include "clinical/chimerism.h"

#include <doctest/doctest.h>

using namespace graftline;
using namespace graftline::clinical;

namespace {

Range at(const char* decimal_text) { return Range::exactly(to_rational(*parse_decimal(decimal_text))); }
std::string class_at(const char* donor_percent) { return to_text(chimerism_class(at(donor_percent))); }

std::string over(const std::vector<LineageChimerism>& lineages) {
  return to_text(chimerism_over_lineages(lineages)->overall);
}

std::vector<ChimerismTest> tests(const std::vector<std::pair<int, const char*>>& days) {
  std::vector<ChimerismTest> result;
  for (const auto& [day, percent] : days) result.push_back({exactly(Day{day}), at(percent)});
  return result;
}
ChimerismTrend trend(const std::vector<std::pair<int, const char*>>& days) {
  return *chimerism_trend(tests(days));
}

using enum Lineage;

}  // namespace

TEST_CASE("95 % donor is mixed and above is full; 5 % is mixed and below is absent") {
  CHECK(class_at("100") == "full");
  CHECK(class_at("95.1") == "full");
  CHECK(class_at("95") == "mixed");
  CHECK(class_at("5") == "mixed");
  CHECK(class_at("4.9") == "absent");
  CHECK(class_at("0") == "absent");
}

TEST_CASE("a center that calls 90 % full says so") {
  CHECK(to_text(chimerism_class(at("91"), {.full_above = {90, 0}, .absent_below = {5, 0}})) == "full");
}

TEST_CASE(
    "20 % residual host is 80 % donor, and a percentage that does not say whose it is counts for nothing") {
  Quantity share = *parse_quantity("20", *parse_unit("%"), Kind::recipient_share);
  CHECK(*donor_percent(share)->low == 80);
  share = *parse_quantity("<5", *parse_unit("%"), Kind::recipient_share);
  CHECK(to_text(chimerism_class(*donor_percent(share))) == "full");
  share = *parse_quantity("20", *parse_unit("%"), Kind::none);
  CHECK(donor_percent(share).error().kind == ErrorKind::unit_mismatch);
}

TEST_CASE("full chimerism needs T cells and myeloid cells both above 95 %") {
  CHECK(over({{t_cell, at("98")}, {myeloid, at("99")}}) == "full");
  CHECK(over({{t_cell, at("60")}, {myeloid, at("99")}}) == "split");
  CHECK(over({{t_cell, at("60")}, {myeloid, at("40")}}) == "mixed");
  CHECK(over({{t_cell, at("1")}, {myeloid, at("2")}}) == "absent");
  CHECK(over({{t_cell, at("98")}, {myeloid, at("99")}, {b_cell, at("50")}}) == "split");
}

TEST_CASE("with a lineage missing, its being different stays possible") {
  CHECK(over({{t_cell, at("98")}}) == "full or split");
  CHECK(over({{myeloid, at("60")}, {t_cell, std::nullopt}}) == "mixed or split");
  CHECK(over({{whole_blood, at("60")}}) == "mixed or split");
  CHECK(over({{t_cell, at("60")}, {b_cell, at("99")}}) == "split");
  CHECK(over({}) == "absent or mixed or full or split");
  const auto partly = *chimerism_over_lineages(std::vector<LineageChimerism>{{t_cell, at("98")}});
  CHECK(partly.missing == std::vector{myeloid});
  CHECK(is(partly.overall, ChimerismClass::full) == unknown(Reason::never_measured));
  CHECK(is(partly.overall, ChimerismClass::mixed) == answer(false));
}

TEST_CASE("a result above 90 % donor may be mixed or full") {
  const Range above_90{Rational(90), {}, true, false};
  CHECK(to_text(chimerism_class(above_90)) == "mixed or full");
}

TEST_CASE("a lineage given twice, or 101 %, is refused") {
  using Lineages = std::vector<LineageChimerism>;
  CHECK(chimerism_over_lineages(Lineages{{t_cell, at("1")}, {t_cell, at("2")}}).error().kind ==
        ErrorKind::conflict);
  CHECK(chimerism_over_lineages(Lineages{{t_cell, at("101")}}).error().kind == ErrorKind::out_of_range);
}

TEST_CASE("two drops of 5 points in tests two weeks apart are falling; of 4.9 points or 13 days apart not") {
  CHECK(trend({{0, "95"}, {14, "90"}, {28, "85"}}).donor_falling == answer(true));
  CHECK(trend({{0, "95"}, {14, "90"}, {28, "85.1"}}).donor_falling == answer(false));
  CHECK(trend({{0, "95"}, {14, "90"}, {27, "85"}}).donor_falling == answer(false));
  CHECK(trend({{0, "95"}, {28, "90"}}).donor_falling == answer(false));
}

TEST_CASE("one drop of 10 points is falling, of 9.9 points not") {
  CHECK(trend({{0, "95"}, {7, "85"}}).donor_falling == answer(true));
  CHECK(trend({{0, "95"}, {7, "85.1"}}).donor_falling == answer(false));
}

TEST_CASE("a fall that has stopped is remembered with its day, and is not falling now") {
  const auto stopped = trend({{0, "95"}, {14, "80"}, {28, "80"}});
  CHECK(stopped.donor_falling == answer(false));
  CHECK(*stopped.last_fall == exactly(Day{14}));
}

TEST_CASE("the direction names the side") {
  CHECK(to_text(trend({{0, "95"}, {14, "80"}})) == "donor falling (recipient increasing)");
  CHECK(to_text(trend({{0, "60"}, {14, "80"}})) == "donor rising (recipient decreasing)");
  CHECK(to_text(trend({{0, "60"}, {14, "61"}})) == "donor neither falling nor rising");
  CHECK(to_text(trend({{0, "60"}})) == "donor falling: unknown");
}

TEST_CASE("tests are taken in the order of their days, however they are listed") {
  CHECK(trend({{28, "85"}, {0, "95"}, {14, "90"}}).donor_falling == answer(true));
}

TEST_CASE("one test, an unreadable test, or a result above 95 % leave the trend unknown") {
  CHECK(trend({{0, "95"}}).donor_falling == unknown(Reason::never_measured));
  auto series = tests({{0, "95"}, {14, "90"}});
  series[1].donor_percent = std::nullopt;
  CHECK(chimerism_trend(series)->donor_falling == unknown(Reason::unreadable));
  series = tests({{0, "95"}, {14, "86"}});
  series[0].donor_percent =
      Range{Rational(95), {}, true, false};  // above 95: a drop of more than 9 and up to 14
  CHECK(chimerism_trend(series)->donor_falling == unknown(Reason::comparator));
  series[1].donor_percent = at("85");  // more than 10
  CHECK(chimerism_trend(series)->donor_falling == answer(true));
}

TEST_CASE("two results of an imprecise date that may lie in either order prove no fall") {
  std::vector<ChimerismTest> series{{*parse_partial_date("2026-03"), at("95")},
                                    {exactly(*parse_day("2026-03-15")), at("80")}};
  CHECK(chimerism_trend(series)->donor_falling == unknown(Reason::imprecise_date));
}

TEST_CASE("a center's own rule replaces the numbers") {
  const FallingRule strict{.step = {2, 0}, .n_steps = 1, .min_gap_days = 0, .single_drop = {50, 0}};
  CHECK(chimerism_trend(tests({{0, "95"}, {3, "93"}}), strict)->donor_falling == answer(true));
}
