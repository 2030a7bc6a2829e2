#include "interop/csv/stock.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

using namespace graftline;
using interop::csv::parse_stock;
using interop::csv::stock_csv;

TEST_CASE("a stock is read by its column names, whatever their order and separator") {
  const auto stock = parse_stock(
      "state;bag;recipient;din;tnc;expires;biohazard\nreleased;B1;R-1;A9999260000018;1.6e10;2031-02-10;no\n",
      "s.csv");
  REQUIRE(stock);
  const product::Bag& bag = stock->bags.at(0);
  CHECK(bag.state == product::BagState::released);
  CHECK(bag.din->text == "A999926000001");
  CHECK(to_rational(*bag.tnc) == 16000000000);
  CHECK(bag.biohazard == Truth::no);
  CHECK(bag.donor_cleared == Truth::unknown);
}

TEST_CASE("one wrong field refuses the stock, and every mistake is named with its line and column") {
  const auto stock = parse_stock(
      "bag,state,din,viability_percent\nB1,relesed,A9999260000017,90\nB2,frozen,,104\nB1,frozen,,\n",
      "s.csv");
  REQUIRE_FALSE(stock);
  const std::string& message = stock.error().message;
  CHECK(message.find("s.csv:2: state: expected one of") != std::string::npos);
  CHECK(message.find("did you mean released?") != std::string::npos);
  CHECK(message.find("s.csv:2: din:") != std::string::npos);
  CHECK(message.find("s.csv:3: viability_percent:") != std::string::npos);
  CHECK(message.find("s.csv:4: bag B1 stands on line 2 already") != std::string::npos);
  CHECK_FALSE(parse_stock("", "s.csv"));
  CHECK_FALSE(parse_stock("bag,recipient\nB1,R-1\n", "s.csv"));
  CHECK_FALSE(parse_stock("bag,state\nB1,frozen,more\n", "s.csv"));
}

TEST_CASE("columns that are not ours are passed over and named") {
  const auto stock = parse_stock("bag,state,donr\nB1,frozen,D-1\n", "s.csv");
  REQUIRE(stock);
  CHECK(stock->ignored_columns == std::vector<std::string>{"donr (did you mean donor?)"});
}

TEST_CASE("a stock written and read again is the same stock") {
  CHECK(rc::check([] {
    std::vector<product::Bag> bags;
    const int n = *rc::gen::inRange(0, 4);
    for (int i = 0; i < n; ++i) {
      product::Bag bag;
      bag.id = "B" + std::to_string(i);
      bag.state = static_cast<product::BagState>(*rc::gen::inRange(0, product::bag_state_count));
      bag.reason = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab ,;\"'=\t\n")));
      bag.history = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab ,;\"'=\t")));
      bag.volume_ml = Decimal{*rc::gen::inRange(0, 10000), *rc::gen::inRange(-3, 3)};
      bag.biohazard = static_cast<Truth>(*rc::gen::inRange(0, 3));
      bag.basis = static_cast<Viability>(*rc::gen::inRange(0, 3));
      bags.push_back(std::move(bag));
    }
    const std::string written = stock_csv(bags);
    const auto again = parse_stock(written, "s.csv");
    RC_ASSERT(static_cast<bool>(again));
    RC_ASSERT(stock_csv(again->bags) == written);
    RC_ASSERT(again->bags.size() == bags.size());
    for (std::size_t i = 0; i < bags.size(); ++i) {
      RC_ASSERT(again->bags[i].reason == bags[i].reason);
      RC_ASSERT(again->bags[i].history == bags[i].history);
      RC_ASSERT(again->bags[i].state == bags[i].state);
    }
  }));
}
