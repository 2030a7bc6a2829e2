#include "protocol/difference.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "protocol/format.h"
#include "protocol/parse.h"
#include "protocol/random_protocol.h"

using namespace graftline::protocol;

namespace {

Protocol read(const std::string& rules, const std::string& facts = "") {
  const std::string text =
      "protocol \"example\" id example version 1.0.0\n"
      "day 0 is graft infusion\n"
      "fact lvef is LVEF in %, latest within 90 days\n"
      "fact alt is ALT in U/L, latest within 14 days\n" +
      facts + rules;
  Parsed parsed = parse_protocol(text);
  REQUIRE(parsed.ok());
  return std::move(parsed.protocol);
}

std::vector<std::string> listed(const std::vector<StatementChange>& changes) {
  std::vector<std::string> lines;
  for (const auto& change : changes)
    lines.push_back(fmt::format("{} {}{}", name(change.form),
                                change.strategy.empty() ? "" : change.strategy + ": ", change.statement));
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("comments, blank lines and the order of criteria make no difference") {
  const Protocol a = read("include A \"heart\" lvef >= 50 %\nexclude B \"liver\" alt > 120 U/L\n");
  const Protocol b = read("# why\n\nexclude B \"liver\" alt > 120 U/L\ninclude A \"heart\" lvef >= 50 %\n");
  CHECK(differences(a, b).empty());
}

TEST_CASE("a changed limit, a new criterion and one that went are named with their texts") {
  const Protocol a = read("include A \"heart\" lvef >= 50 %\nexclude B \"liver\" alt > 120 U/L\n");
  const Protocol b = read("include A \"heart\" lvef >= 45 %\ninclude C \"heart known\" lvef is known\n");
  const auto changes = differences(a, b);
  CHECK(listed(changes) == Lines{"changed criterion A", "removed criterion B", "added criterion C"});
  CHECK(changes[0].before == "include A \"heart\" lvef >= 50 %\n");
  CHECK(changes[0].after == "include A \"heart\" lvef >= 45 %\n");
}

TEST_CASE("the first dose row that applies is taken, so their order is a difference") {
  const Protocol a = read("dose level 1 1e6 CD3/kg for lvef >= 50 %\ndose level 1 1e5 CD3/kg\n");
  const Protocol b = read("dose level 1 1e5 CD3/kg\ndose level 1 1e6 CD3/kg for lvef >= 50 %\n");
  CHECK(listed(differences(a, b)) == Lines{"reordered order of dose rows"});
}

TEST_CASE("a strategy that came is one difference with all its rules") {
  const Protocol a = read("dose level 1 1e6 CD3/kg\nstrategy early \"early\"\n  when lvef >= 50 %\n");
  const Protocol b = read(
      "dose level 1 1e6 CD3/kg\nstrategy early \"early\"\n  when lvef >= 55 %\n"
      "strategy late \"late\"\n  when lvef < 55 %\n  hold \"liver\" while alt > 120 U/L\n");
  CHECK(listed(differences(a, b)) == Lines{"changed early: trigger", "added late: strategy late"});
}

TEST_CASE("a hold without a label that is reworded is changed, not removed and added") {
  const Protocol a = read("hold while alt > 120 U/L\n");
  const Protocol b = read("hold while alt > 80 U/L\n");
  CHECK(listed(differences(a, b)) == Lines{"changed hold"});
}

TEST_CASE("a mixture with no difference applied is the old protocol, with all of them the new one") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Parsed before = parse_protocol(to_text(random_protocol(seed)));
    Parsed after = parse_protocol(to_text(random_protocol(seed + 1000)));
    REQUIRE(before.ok());
    REQUIRE(after.ok());
    CHECK(differences(before.protocol, before.protocol).empty());
    const auto changes = differences(before.protocol, after.protocol);
    for (const bool all : {false, true}) {
      CAPTURE(all);
      const Protocol& wanted = all ? after.protocol : before.protocol;
      const std::string text =
          mixture(before.protocol, after.protocol, std::vector<bool>(changes.size(), all));
      const Parsed mixed = parse_protocol(text);
      CAPTURE(text);
      REQUIRE(mixed.ok());
      // What is left over are declarations that nothing names: the mixture holds those of both.
      for (const auto& left : differences(mixed.protocol, wanted)) {
        CAPTURE(left.statement);
        CHECK(left.form == StatementChange::Form::removed);
        CHECK(!left.can_matter);
      }
    }
  }
}
