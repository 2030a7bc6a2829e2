#include "product/stock.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "product/bag_moves.h"

using namespace graftline;
using namespace graftline::product;

namespace {

// A released bag of 30 mL with 6e8 viable CD3+ cells, 8.571e8 before freezing at 70 %.
Bag released_bag(std::string id) {
  Bag bag;
  bag.id = std::move(id);
  bag.din = Din{"A999926000001"};
  bag.state = BagState::released;
  bag.donor = "D-1";
  bag.recipient = "R-1";
  bag.volume_ml = *parse_decimal("30");
  bag.cd3 = *parse_decimal("6e8");
  bag.basis = Viability::viable;
  bag.dmso_percent = *parse_decimal("10");
  bag.frozen = *parse_clock_time("2026-03-01");
  bag.expires = *parse_clock_time("2031-03-01");
  bag.recovery_percent = *parse_decimal("80");
  bag.sterility = Sterility::no_growth;
  bag.biohazard = Truth::no;
  bag.donor_cleared = Truth::yes;
  return bag;
}

Need need(const char* dose) {
  Need made;
  made.recipient = "R-1";
  made.targets = *parse_dose(dose);
  made.weight = *parse_weight("64 kg");
  made.on = *parse_day("2026-08-14");
  made.abo = AboMismatch::none;
  return made;
}

std::vector<std::string> order_of(const Proposals& proposals) {
  std::vector<std::string> names;
  for (const Proposal& proposal : proposals.ranked) {
    std::string joined;
    for (const Draw& draw : proposal.draws) joined += (joined.empty() ? "" : "+") + draw.bag;
    names.push_back(joined);
  }
  return names;
}

Move move(BagState to, const char* at, const char* reason = "") {
  Move made;
  made.to = to;
  made.at = *parse_clock_time(at);
  made.by = "A. Lab";
  made.second_person = "B. Ward";
  made.reason = reason;
  return made;
}

}  // namespace

TEST_CASE("5e6 per kg for 64 kg are 20 mL of a bag with 4.8e8 cells expected after thawing in 30 mL") {
  // 3.2e8 / (6e8 x 0.8 / 30 mL) = 20 mL
  const auto proposals = propose({released_bag("B1")}, need("5e6 CD3/kg"), SiteValues());
  REQUIRE(proposals.ranked.size() == 1);
  CHECK(proposals.ranked[0].volume.value() == 20);
  CHECK(proposals.ranked[0].delivers[0].per_kg->value() == 5000000);
  CHECK(proposals.ranked[0].left_over.value() == 160000000);
}

TEST_CASE("nothing unreleased, expired, for somebody else or with an open biohazard is proposed") {
  std::vector<Bag> stock;
  const auto add = [&](const char* name, auto change) {
    stock.push_back(released_bag(name));
    change(stock.back());
  };
  add("frozen", [](Bag& b) { b.state = BagState::frozen; });
  add("quarantined", [](Bag& b) { b.state = BagState::quarantined; });
  add("expired", [](Bag& b) { b.expires = *parse_clock_time("2026-08-13"); });
  add("no expiry", [](Bag& b) { b.expires.reset(); });
  add("other", [](Bag& b) { b.recipient = "R-2"; });
  add("nobody", [](Bag& b) { b.recipient = ""; });
  add("hazard", [](Bag& b) { b.biohazard = Truth::yes; });
  add("hazard unknown", [](Bag& b) { b.biohazard = Truth::unknown; });
  add("grew", [](Bag& b) { b.sterility = Sterility::growth; });
  add("donor", [](Bag& b) { b.donor_cleared = Truth::no; });
  add("autologous", [](Bag& b) { b.code = ProductCode{"S1234100"}; });
  add("basis", [](Bag& b) { b.basis = Viability::unstated; });
  const auto proposals = propose(stock, need("5e6 CD3/kg"), SiteValues());
  CHECK(proposals.ranked.empty());
  CHECK(proposals.not_proposed.size() == stock.size());
  for (const NotProposed& one : proposals.not_proposed) CHECK_FALSE(one.reasons.empty());
}

TEST_CASE("first expiry, then fewest thaws, then the smallest that is enough, then the nearest weight") {
  std::vector<Bag> stock{released_bag("late"), released_bag("large"),  released_bag("heavy"),
                         released_bag("near"), released_bag("half 1"), released_bag("half 2")};
  stock[0].expires = *parse_clock_time("2032-01-01");
  stock[1].cd3 = *parse_decimal("9e8");
  stock[2].planned_weight_kg = *parse_decimal("80");
  stock[3].planned_weight_kg = *parse_decimal("63");
  stock[4].cd3 = stock[5].cd3 = *parse_decimal("2.5e8");  // 2e8 each: two are enough for 3.2e8
  auto asked = need("5e6 CD3/kg");
  const auto names = order_of(propose(stock, asked, SiteValues()));
  REQUIRE(names.size() >= 5);
  CHECK(names[0] == "near");
  CHECK(names[1] == "heavy");
  CHECK(names[2] == "large");
  CHECK(names[3] == "half 1+half 2");
  CHECK(names.back() == "late");
  asked.order = *parse_order("thaws,expiry,smallest,weight");
  CHECK(order_of(propose(stock, asked, SiteValues())).back() == "half 1+half 2");
  CHECK_FALSE(parse_order("thaws,thaws"));
  CHECK_FALSE(parse_order("best"));
}

TEST_CASE("a bag whose DMSO would be too much is not proposed, and says so") {
  auto asked = need("5e6 CD3/kg");
  asked.weight = *parse_weight("1 kg");
  Bag bag = released_bag("B1");
  bag.cd3 = *parse_decimal("7.5e6");  // 6e6 expected; 5e6 are 25 mL: 2.75 g/kg
  const auto proposals = propose({bag}, asked, SiteValues());
  CHECK(proposals.ranked.empty());
  CHECK(proposals.gap.find("DMSO") != std::string::npos);
}

TEST_CASE("a fresh bag older than 72 hours is not proposed") {
  Bag bag = released_bag("B1");
  bag.frozen.reset();
  bag.dmso_percent.reset();
  bag.collected = *parse_clock_time("2026-08-11");
  CHECK(propose({bag}, need("5e6 CD3/kg"), SiteValues()).ranked.size() == 1);
  bag.collected = *parse_clock_time("2026-08-10");
  CHECK(propose({bag}, need("5e6 CD3/kg"), SiteValues()).ranked.empty());
}

TEST_CASE("a bag goes from plan to patient only by the allowed moves") {
  const SiteValues site;
  Bag bag = released_bag("B1");
  bag.state = BagState::frozen;
  CHECK_FALSE(moved(bag, move(BagState::issued, "2026-08-14T10:00"), site));
  bag = *moved(bag, move(BagState::released, "2026-03-10T10:00"), site);
  bag = *moved(bag, move(BagState::reserved, "2026-08-01T10:00"), site);
  CHECK_FALSE(moved(bag, move(BagState::released, "2026-08-02"), site));  // without a reason
  CHECK_FALSE(moved(bag, move(BagState::issued, "2026-07-01"), site));    // before it was reserved
  auto alone = move(BagState::issued, "2026-08-14T09:00");
  alone.second_person = alone.by;
  CHECK_FALSE(moved(bag, alone, site));
  bag = *moved(bag, move(BagState::issued, "2026-08-14T09:00"), site);
  CHECK_FALSE(moved(bag, move(BagState::infused, "2026-08-14T09:30"), site));  // still frozen
  bag = *moved(bag, move(BagState::thawed, "2026-08-14T09:30"), site);
  auto part = move(BagState::infused, "2026-08-14T09:45");
  part.infused_ml = *parse_decimal("31");
  CHECK_FALSE(moved(bag, part, site));
  part.infused_ml = *parse_decimal("20");
  bag = *moved(bag, part, site);
  CHECK(bag.state == BagState::infused);
  CHECK_FALSE(moved(bag, move(BagState::released, "2026-08-15", "came back"), site));
  CHECK(std::count(bag.history.begin(), bag.history.end(), ';') == 4);
  const CellAccount sum = account({bag});
  CHECK(sum.infused.value() == 400000000);
  CHECK(sum.discarded.value() == 200000000);
}

TEST_CASE("release asks for donor clearance, biohazard, sterility and viability, each by name") {
  const SiteValues site;
  Bag bag = released_bag("B1");
  bag.state = BagState::frozen;
  bag.donor_cleared = Truth::unknown;
  bag.biohazard = Truth::unknown;
  bag.sterility = Sterility::pending;
  bag.viability_percent = *parse_decimal("70");
  CHECK(release_obstacles(bag, *parse_day("2026-03-10"), "", site).size() == 4);
  CHECK(release_obstacles(bag, *parse_day("2026-03-10"), "urgent", site).size() == 2);
  bag.donor_cleared = Truth::yes;
  bag.biohazard = Truth::no;
  bag.viability_percent = *parse_decimal("70.1");
  CHECK_FALSE(moved(bag, move(BagState::released, "2026-03-10"), site));
  CHECK(moved(bag, move(BagState::released, "2026-03-10", "conditional: culture day 7"), site));
}

TEST_CASE("what became known after the release keeps a bag from the patient") {
  for (const auto& change : std::initializer_list<void (*)(Bag&)>{
           [](Bag& b) { b.sterility = Sterility::growth; }, [](Bag& b) { b.donor_cleared = Truth::no; },
           [](Bag& b) { b.biohazard = Truth::unknown; }, [](Bag& b) { b.code = ProductCode{"S1234100"}; }}) {
    Bag bag = released_bag("B1");
    change(bag);
    for (const BagState to : {BagState::reserved, BagState::issued})
      CHECK_FALSE(moved(bag, move(to, "2026-08-14T09:00", "asked for"), SiteValues()));
    bag.state = BagState::issued;
    CHECK_FALSE(moved(bag, move(BagState::thawed, "2026-08-14T09:00", "asked for"), SiteValues()));
    CHECK(moved(bag, move(BagState::quarantined, "2026-08-14T09:00", "culture grew"), SiteValues()));
    // What has happened is recorded, with its reason.
    bag.state = BagState::thawed;
    CHECK_FALSE(moved(bag, move(BagState::infused, "2026-08-14T09:00"), SiteValues()));
    CHECK(moved(bag, move(BagState::infused, "2026-08-14T09:00", "result came after it"), SiteValues()));
  }
}

TEST_CASE("cells kept for too long move on only with a reason") {
  Bag thawed = released_bag("B1");
  thawed.state = BagState::thawed;
  thawed.thawed = *parse_clock_time("2026-08-14T09:00");
  CHECK(moved(thawed, move(BagState::infused, "2026-08-14T09:20"), SiteValues()));
  CHECK_FALSE(moved(thawed, move(BagState::infused, "2026-08-14T09:21"), SiteValues()));
  CHECK(moved(thawed, move(BagState::infused, "2026-08-14T09:21", "line had to be changed"), SiteValues()));
  CHECK_FALSE(moved(thawed, move(BagState::infused, "2026-08-14T08:59", "asked for"), SiteValues()));
  Bag fresh;
  fresh.id = "B2";
  fresh.state = BagState::collected;
  fresh.collected = *parse_clock_time("2026-03-01T08:00");
  CHECK(moved(fresh, move(BagState::frozen, "2026-03-04T08:00"), SiteValues()));
  CHECK_FALSE(moved(fresh, move(BagState::frozen, "2026-03-04T08:01"), SiteValues()));
}

TEST_CASE("one bag in two rows is not proposed at all") {
  std::vector<Bag> stock{released_bag("B1"), released_bag("B2")};
  for (Bag& bag : stock) bag.code = ProductCode{"S1234V00"};
  auto proposals = propose(stock, need("5e6 CD3/kg"), SiteValues());
  CHECK(proposals.ranked.empty());
  CHECK(proposals.not_proposed.size() == 2);
  stock[1].code = ProductCode{"S1234VAa"};
  CHECK(propose(stock, need("5e6 CD3/kg"), SiteValues()).ranked.size() == 2);
}

TEST_CASE("every state can be left or is final, and no way leads back from a patient") {
  for (int from = 0; from < bag_state_count; ++from) {
    const auto state = static_cast<BagState>(from);
    const bool is_final = state == BagState::infused || state == BagState::discarded;
    CHECK(next_states(state).empty() == is_final);
  }
}

namespace {

Bag any_bag(const std::string& id) {
  Bag bag = released_bag(id);
  const auto maybe = [] { return *rc::gen::inRange(0, 8) == 0; };
  if (maybe()) bag.state = static_cast<BagState>(*rc::gen::inRange(0, bag_state_count));
  if (maybe()) bag.recipient = *rc::gen::element(std::string(), std::string("R-2"));
  if (maybe()) bag.biohazard = static_cast<Truth>(*rc::gen::inRange(0, 3));
  if (maybe())
    bag.expires = ClockTime{*parse_day("2026-08-10") + *rc::gen::inRange(0, 10), std::nullopt, std::nullopt};
  if (maybe()) bag.expires.reset();
  bag.cd3 = Decimal{*rc::gen::inRange(1, 2000), 6};
  bag.volume_ml = Decimal{*rc::gen::inRange(1, 1200), -1};
  bag.recovery_percent = Decimal{*rc::gen::inRange(30, 101), 0};
  bag.dmso_percent = Decimal{*rc::gen::inRange(0, 11), 0};
  if (maybe()) bag.donor = "D-2";
  return bag;
}

}  // namespace

TEST_CASE("whatever the stock, what is proposed is allowed, is enough and breaks no limit") {
  CHECK(rc::check([] {
    std::vector<Bag> stock;
    const int n = *rc::gen::inRange(0, 8);
    for (int i = 0; i < n; ++i) stock.push_back(any_bag("B" + std::to_string(i)));
    auto asked = need("5e6 CD3/kg");
    asked.targets[0].low = asked.targets[0].high = Rational(*rc::gen::inRange(1, 200)) * 100000;
    asked.weight = Kilograms(Rational(*rc::gen::inRange(3, 100)));
    const auto proposals = propose(stock, asked, SiteValues());
    for (const Proposal& proposal : proposals.ranked) {
      RC_ASSERT(!has(proposal.findings, Finding::Form::limit));
      RC_ASSERT(proposal.delivers[0].per_kg->value() == asked.targets[0].low);
      Rational dmso = 0;
      std::string donor;
      for (const Draw& draw : proposal.draws) {
        const Bag& bag =
            *std::find_if(stock.begin(), stock.end(), [&](const Bag& b) { return b.id == draw.bag; });
        RC_ASSERT(bag.state == BagState::released || bag.state == BagState::reserved);
        RC_ASSERT(bag.recipient == "R-1" && bag.biohazard == Truth::no);
        RC_ASSERT(bag.expires && bag.expires->day >= asked.on);
        RC_ASSERT(draw.volume <= draw.of && draw.volume > Millilitres());
        RC_ASSERT(donor.empty() || donor == bag.donor);
        donor = bag.donor;
        dmso += draw.volume.value() * to_rational(*bag.dmso_percent) / 100 * Rational(11, 10);
      }
      RC_ASSERT(dmso <= asked.weight->value());
    }
    // Every bag is either part of a proposal or told why not.
    for (const Bag& bag : stock) {
      const bool is_used =
          std::any_of(proposals.ranked.begin(), proposals.ranked.end(), [&](const Proposal& p) {
            return std::any_of(p.draws.begin(), p.draws.end(),
                               [&](const Draw& d) { return d.bag == bag.id; });
          });
      const bool is_told = std::any_of(proposals.not_proposed.begin(), proposals.not_proposed.end(),
                                       [&](const NotProposed& one) { return one.bag == bag.id; });
      RC_ASSERT(is_used || is_told);
    }
  }));
}

TEST_CASE("moving bags about never changes the sum of their cells") {
  CHECK(rc::check([] {
    const SiteValues site;
    std::vector<Bag> stock;
    for (int i = 0; i < 3; ++i) stock.push_back(any_bag("B" + std::to_string(i)));
    const Cells before_moves = account(stock).total();
    for (int step = 0; step < 12; ++step) {
      Bag& bag = stock[*rc::gen::inRange<std::size_t>(0, stock.size())];
      auto wanted =
          move(static_cast<BagState>(*rc::gen::inRange(0, bag_state_count)), "2026-08-14", "because");
      if (*rc::gen::arbitrary<bool>()) wanted.infused_ml = Decimal{*rc::gen::inRange(1, 1200), -1};
      if (auto next = moved(bag, wanted, site)) bag = std::move(*next);
    }
    RC_ASSERT(account(stock).total() == before_moves);
  }));
}
