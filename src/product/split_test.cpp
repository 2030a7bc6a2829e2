#include "product/split.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace graftline;
using namespace graftline::product;

namespace {

SplitRequest request(const char* weight, std::initializer_list<const char*> doses, const char* counted = "") {
  SplitRequest made;
  made.weight = *parse_weight(weight);
  for (const char* dose : doses) made.doses.push_back({dose, *parse_dose(dose), 1});
  if (*counted != '\0') made.product = *parse_product(counted);
  return made;
}

bool says(const Findings& findings, Finding::Form form, std::string_view about) {
  for (const Finding& finding : findings) {
    if (finding.form == form && finding.about == about) return true;
  }
  return false;
}

double cells(const Cells& amount) { return to_double(amount.value()); }

SiteValues without_pilots() {
  SiteValues site;
  REQUIRE_FALSE(site.set("pilot_vials", "0", "test"));
  return site;
}

}  // namespace

TEST_CASE("at recovery 0.70, 3.2e7 and 3.2e8 cells at infusion are 4.571e7 and 4.571e8 before freezing") {
  auto asked = request("64 kg", {"5e5 CD3/kg", "5e6 CD3/kg"});
  asked.recovery = percent(70);
  const auto plan = plan_split(asked, SiteValues());
  CHECK(plan->steps[0].target.value() == 32000000);
  CHECK(plan->steps[1].target.value() == 320000000);
  CHECK(cells(plan->steps[0].to_freeze) == doctest::Approx(4.571e7).epsilon(1e-4));
  CHECK(cells(plan->steps[1].to_freeze) == doctest::Approx(4.571e8).epsilon(1e-4));
  CHECK(says(plan->findings, Finding::Form::asked, "product"));
}

TEST_CASE("bags of 0.19 mL are diluted to a practical fill; 1.89 and 18.95 mL come out as worked") {
  // 72 kg, recovery 0.76, 5e7/mL: 7.2e6/0.76 = 9.474e6 = 0.19 mL, 9.474e7 = 1.89 mL, 9.474e8 = 18.95 mL;
  // sum 1.0516e9.
  auto asked = request("72 kg", {"1e5 CD3/kg", "1e6 CD3/kg", "1e7 CD3/kg"}, "CD3 5e7/mL viable, 100 mL");
  asked.recovery = percent(76);
  asked.freeze_at = CellsPerMl(50000000);
  const auto plan = plan_split(asked, without_pilots());
  REQUIRE(plan->doses_frozen == 3);
  CHECK(plan->steps[0].volume.value() == 10);
  CHECK(plan->steps[0].bags[0].is_diluted);
  CHECK(plan->steps[1].volume.value() == 10);
  CHECK(to_double(plan->steps[2].volume.value()) == doctest::Approx(18.95).epsilon(1e-3));
  CHECK(cells(plan->in_bags) == doctest::Approx(1.0516e9).epsilon(1e-4));
  CHECK(plan->waste == Cells());
}

TEST_CASE("when cells do not suffice the first doses are kept, and what is lost is said") {
  // 70 kg at 70 %: 1e8, 1e9, 1e10 before freezing; the product has 5e9.
  auto asked = request("70 kg", {"1e6 CD3/kg", "1e7 CD3/kg", "1e8 CD3/kg"},
                       "CD3 5e7/mL viable, TNC 1e8/mL total, 100 mL");
  asked.recovery = percent(70);
  asked.reserves = {1, 1, 1};
  const auto plan = plan_split(asked, without_pilots());
  CHECK(plan->doses_frozen == 2);
  CHECK_FALSE(plan->steps[2].is_frozen);
  CHECK(plan->short_by->value() == Rational(6100000000));
  CHECK(plan->steps[3].is_frozen);  // reserves of the doses that are frozen
  CHECK(plan->steps[4].is_frozen);
  CHECK(plan->steps[5].lost_because == "the dose itself is not frozen");
  CHECK(plan->left_over.value() == Rational(2800000000));  // 5e9 - 2 x 1e8 - 2 x 1e9
  CHECK(plan->left_over_dose->value() == 28000000);        // x 0.7 / 70
}

TEST_CASE("of given fills the least waste wins, and equal waste goes to fewer bags") {
  // 1e7/mL; 70 kg x 7e6 / 0.7 = 7e8 = 70 mL. 50 + 20 wastes nothing with 2 bags; 100 wastes 30 mL with one.
  auto asked = request("70 kg", {"7e6 CD3/kg"}, "CD3 1e7/mL viable, 200 mL");
  asked.recovery = percent(70);
  for (const int fill : {10, 20, 50, 100}) asked.fills.emplace_back(Rational(fill));
  auto plan = plan_split(asked, without_pilots());
  CHECK(plan->steps[0].bags.size() == 2);
  CHECK(plan->waste == Cells());
  asked.fewest_thaws_first = true;
  plan = plan_split(asked, without_pilots());
  CHECK(plan->steps[0].bags.size() == 1);
  CHECK(plan->waste.value() == 300000000);
}

TEST_CASE("the density of nucleated cells limits how full a bag is, and DMSO how much of it one may get") {
  auto asked = request("10 kg", {"1e7 CD3/kg"}, "CD3 4e8/mL viable, TNC 8e8/mL total, 50 mL");
  asked.recovery = percent(50);
  asked.dmso = percent(10);
  // 2e8 cells; 4e8 nucleated per mL allow 2e8 CD3 per mL: 1 mL, filled up to 10 mL: 1.1 g = 0.11 g/kg.
  auto plan = plan_split(asked, without_pilots());
  CHECK(plan->concentration->value() == 200000000);
  CHECK(plan->steps[0].dmso->value() == Rational(11, 100));
  asked.freeze_at = CellsPerMl(2000000);  // 100 mL: 1.10 g/kg
  plan = plan_split(asked, without_pilots());
  CHECK(plan->doses_frozen == 0);
  CHECK(plan->steps[0].lost_because.find("90.91 mL") != std::string::npos);
}

TEST_CASE("no bag is filled below the smallest fill, also when a dose takes several") {
  // 20 mL in bags of at most 19: two of 10 mL would be too small, so each is diluted to 18 mL.
  auto asked = request("70 kg", {"1e7 CD3/kg"}, "CD3 5e7/mL viable, TNC 1e8/mL total, 100 mL");
  asked.recovery = percent(70);
  SiteValues site = without_pilots();
  REQUIRE_FALSE(site.set("fill_min_ml", "18", "test"));
  REQUIRE_FALSE(site.set("fill_max_ml", "19", "test"));
  const auto plan = plan_split(asked, site);
  REQUIRE(plan->steps[0].bags.size() == 2);
  for (const SplitBag& bag : plan->steps[0].bags) {
    CHECK(bag.fill.value() == 18);
    CHECK(bag.cells.value() == 500000000);
    CHECK(bag.is_diluted);
  }
  REQUIRE_FALSE(site.set("fill_max_ml", "17", "test"));
  CHECK_FALSE(plan_split(asked, site));
}

TEST_CASE("bags filled by CD3+ cells say how far they reach the mononuclear target") {
  // 70 x 1e7 CD3 bring 4 times as many MNC, 4e7 per kg: 40 % of 1e8 and 100 % of 4e7.
  auto asked =
      request("70 kg", {"1e7 CD3/kg and 1e8 MNC/kg"}, "CD3 2e7/mL viable, MNC 8e7/mL viable, 100 mL");
  auto plan = plan_split(asked, SiteValues());
  REQUIRE(says(plan->findings, Finding::Form::caution, "second_target"));
  asked.doses[0].targets = *parse_dose("1e7 CD3/kg and 4e7 MNC/kg");
  plan = plan_split(asked, SiteValues());
  CHECK(says(plan->findings, Finding::Form::met, "second_target"));
  asked.product = *parse_product("CD3 2e7/mL viable, 100 mL");
  plan = plan_split(asked, SiteValues());
  CHECK(says(plan->findings, Finding::Form::asked, "second_target"));
}

TEST_CASE("a site value that nothing can be worked out with is refused, with what was expected") {
  SiteValues site;
  for (const char* name :
       {"cd3_percent_of_lymphocytes", "collection_efficiency_percent", "recovery_percent", "fill_max_ml",
        "dmso_g_per_ml", "donor_blood_volume_ml_per_kg", "session_blood_volumes", "bags_per_infusion"}) {
    CAPTURE(name);
    CHECK(site.set(name, "0", "test"));
  }
  CHECK(site.set("bags_per_infusion", "1.5", "test"));
  CHECK(site.set("bags_per_infusion", "9", "test"));
  CHECK(site.set("pilot_vials", "1e12", "test"));
  CHECK_FALSE(site.set("pilot_vials", "0", "test"));
  CHECK_FALSE(site.set("fill_min_ml", "0", "test"));
}

TEST_CASE("a count that may hold dead cells plans nothing, and asks") {
  const auto plan = plan_split(request("70 kg", {"1e6 CD3/kg"}, "CD3 5e7/mL, 100 mL"), SiteValues());
  CHECK_FALSE(plan->available);
  CHECK(says(plan->findings, Finding::Form::asked, "product"));
}

namespace {

SplitRequest any_request() {
  SplitRequest made;
  made.weight = Kilograms(Rational(*rc::gen::inRange(10, 1200), 10));
  const int n = *rc::gen::inRange(1, 5);
  for (int i = 0; i < n; ++i) {
    const Rational dose = Rational(*rc::gen::inRange(1, 1000)) * 100000;
    made.doses.push_back({"dose", {{Kind::cd3_cells, true, dose, dose}}, *rc::gen::inRange(1, 3)});
    made.reserves.push_back(*rc::gen::inRange(0, 3));
  }
  made.product.counts = {
      {Kind::cd3_cells, Rational(*rc::gen::inRange(1, 300)) * 1000000, Viability::viable},
      {Kind::total_nucleated_cells, Rational(*rc::gen::inRange(300, 900)) * 1000000, Viability::total}};
  made.product.volume_ml = Rational(*rc::gen::inRange(10, 400));
  made.recovery = percent(*rc::gen::inRange(40, 95));
  made.dmso = percent(*rc::gen::inRange(5, 11));
  if (*rc::gen::arbitrary<bool>()) {
    for (const int fill : *rc::gen::container<std::vector<int>>(3, rc::gen::inRange(5, 120)))
      made.fills.emplace_back(Rational(fill));
  }
  made.fewest_thaws_first = *rc::gen::arbitrary<bool>();
  return made;
}

}  // namespace

TEST_CASE("no cell is lost or made, no limit is broken, and a better recovery never freezes fewer doses") {
  CHECK(rc::check([] {
    const SplitRequest asked = any_request();
    SiteValues site;
    if (*rc::gen::arbitrary<bool>()) RC_ASSERT(!site.set("fill_max_ml", "60", "test"));
    const auto plan = plan_split(asked, site);
    RC_ASSERT(static_cast<bool>(plan));
    RC_ASSERT(plan->in_bags + plan->in_pilots + plan->left_over == *plan->available);
    RC_ASSERT(plan->left_over >= Cells() && plan->waste >= Cells());
    bool is_open = true;
    Cells in_bags;
    for (const SplitStep& step : plan->steps) {
      if (!step.is_reserve) {
        RC_ASSERT(is_open || !step.is_frozen);  // never a dose after one that is lost
        is_open = step.is_frozen;
      }
      RC_ASSERT(step.is_frozen == step.lost_because.empty());
      if (!step.is_frozen) continue;
      RC_ASSERT(step.in_bags >= step.to_freeze);
      RC_ASSERT(step.dmso->value() <= 1);
      RC_ASSERT(step.bags.size() <= 4);
      Cells sum;
      for (const SplitBag& bag : step.bags) {
        RC_ASSERT(bag.cells <= *plan->concentration * bag.fill);
        // 4e8 nucleated cells per mL at most
        RC_ASSERT(bag.cells.value() / bag.fill.value() * asked.product.counts[1].per_ml /
                      asked.product.counts[0].per_ml <=
                  400000000);
        sum += bag.cells;
      }
      RC_ASSERT(sum == step.in_bags);
      in_bags += sum;
    }
    RC_ASSERT(in_bags == plan->in_bags);
    for (std::size_t i = 1; i < plan->sensitivity.size(); ++i)
      RC_ASSERT(plan->sensitivity[i].doses_frozen >= plan->sensitivity[i - 1].doses_frozen);
  }));
}

TEST_CASE("the plan is the best there is: every other choice of fills was worse") {
  // Two doses, fills of 2 sizes, at most 2 bags each: all choices are tried here one by one.
  CHECK(rc::check([] {
    SplitRequest asked;
    asked.weight = Kilograms(70);
    const Rational a = Rational(*rc::gen::inRange(1, 60)) * 1000000;
    const Rational b = Rational(*rc::gen::inRange(1, 60)) * 1000000;
    asked.doses = {{"a", {{Kind::cd3_cells, true, a, a}}, 1}, {"b", {{Kind::cd3_cells, true, b, b}}, 1}};
    asked.product = *parse_product("CD3 5e7/mL viable, TNC 1e8/mL total, 300 mL");
    asked.recovery = percent(100);
    const int small = *rc::gen::inRange(1, 60);
    const int large = small + *rc::gen::inRange(1, 60);
    asked.fills = {Millilitres(small), Millilitres(large)};
    asked.fewest_thaws_first = *rc::gen::arbitrary<bool>();
    SiteValues site;
    RC_ASSERT(!site.set("pilot_vials", "0", "test") && !site.set("bags_per_infusion", "2", "test"));
    const auto plan = plan_split(asked, site);
    const std::vector<std::vector<int>> fillings{
        {small}, {large}, {small, small}, {small, large}, {large, large}};
    const Rational per_ml = 50000000;
    std::optional<std::pair<Rational, std::size_t>> best;
    const auto cells_in = [&](const std::vector<int>& bags,
                              const Rational& needed) -> std::optional<Rational> {
      Rational sum = 0;
      for (const int bag : bags) sum += per_ml * bag;
      if (bags.size() == 1 && bags[0] == small && sum > needed) return needed;  // diluted
      if (sum < needed || per_ml * small > needed) return std::nullopt;
      return sum;
    };
    for (const auto& first : fillings) {
      for (const auto& second : fillings) {
        const auto one = cells_in(first, a * 70);
        const auto two = cells_in(second, b * 70);
        if (!one || !two || *one + *two > per_ml * 300) continue;
        const std::pair<Rational, std::size_t> found{*one + *two, first.size() + second.size()};
        const auto is_better = [&](const auto& x, const auto& y) {
          if (asked.fewest_thaws_first) return std::pair(x.second, x.first) < std::pair(y.second, y.first);
          return x < y;
        };
        if (!best || is_better(found, *best)) best = found;
      }
    }
    RC_ASSERT((plan->doses_frozen == 2) == best.has_value());
    if (best) {
      RC_ASSERT(plan->in_bags.value() == best->first);
      RC_ASSERT(static_cast<std::size_t>(plan->bags) == best->second);
    }
  }));
}
