#include "product/bag_moves.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace graftline::product {
namespace {

using enum BagState;

constexpr std::array<Transition, 38> rows{{
    {planned, collected, false},   {planned, discarded, true},
    {collected, frozen, false},    {collected, quarantined, true},
    {collected, released, false},  // given fresh
    {collected, discarded, true},  {collected, expired, false},
    {frozen, quarantined, true},   {frozen, released, false},
    {frozen, discarded, true},     {frozen, expired, false},
    {quarantined, frozen, true},  // the cause is settled, release has still to follow
    {quarantined, released, true}, {quarantined, discarded, true},
    {quarantined, expired, false}, {released, reserved, false},
    {released, issued, false},     {released, quarantined, true},
    {released, discarded, true},   {released, expired, false},
    {reserved, released, true},    {reserved, issued, false},
    {reserved, quarantined, true}, {reserved, discarded, true},
    {reserved, expired, false},    {issued, thawed, false},
    {issued, infused, false},     // given fresh
    {issued, quarantined, true},  // came back
    {issued, discarded, true},     {issued, expired, false},
    {thawed, infused, false},      {thawed, discarded, true},
    {thawed, expired, true},       {expired, discarded, false},
    {discarded, discarded, true},  // only its reason is corrected
    {infused, infused, true},      // likewise
    {planned, planned, true},      {quarantined, quarantined, true},
}};

const Transition* find(BagState from, BagState to) {
  for (const Transition& row : rows) {
    if (row.from == from && row.to == to) return &row;
  }
  return nullptr;
}

Error conflict(const Bag& bag, std::string_view what) {
  return {ErrorKind::conflict, fmt::format("bag {}: {}", bag.id, what)};
}

bool is_blank(std::string_view text) { return text.find_first_not_of(' ') == std::string_view::npos; }

bool is_expired(const Bag& bag, const ClockTime& at) {
  if (!bag.expires) return false;
  if (!bag.expires->minute) return at.day > bag.expires->day;
  return before(*bag.expires, at) == Truth::yes;
}

bool is_past_use(BagState state) { return state == discarded || state == expired || state == quarantined; }

// History is one field: its separators may not stand inside an entry.
std::string plain(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == ';' || c == '\n' || c == '\r'; }, ',');
  return out;
}

std::string entry_of(const Bag& bag, const Move& move) {
  std::string entry =
      fmt::format("{} {} to {} by {}", to_text(move.at), name(bag.state), name(move.to), plain(move.by));
  if (!is_blank(move.second_person)) entry += " and " + plain(move.second_person);
  if (!is_blank(move.reason)) entry += ": " + plain(move.reason);
  return entry;
}

// What became known after the release: it bars every further step but those that put the bag aside.
std::vector<std::string> known_since_release(const Bag& bag) {
  std::vector<std::string> found = contradictions(bag);
  if (bag.donor_cleared == Truth::no) found.emplace_back("the donor is not cleared");
  if (bag.biohazard == Truth::unknown) found.emplace_back("biohazard is not confirmed to be none");
  if (bag.sterility == Sterility::growth) found.emplace_back("the sterility culture grew");
  return found;
}

// Cells kept for too long before freezing, or between thaw and patient: it may have happened, and is then
// recorded with a reason.
std::optional<Error> check_hold_times(const Bag& bag, const Move& move, const SiteValues& site) {
  if (!is_blank(move.reason)) return std::nullopt;
  const bool is_fresh_use =
      (move.to == frozen && bag.state == collected) || (move.to == infused && !bag.is_frozen_product());
  const auto age = bag.collected ? hours_between(*bag.collected, move.at) : std::nullopt;
  if (is_fresh_use && age && age->value() > site.get("hold_hours")) {
    return conflict(
        bag, fmt::format("{} h after collection, and {} are allowed ({}): it needs a reason",
                         graftline::to_text(age->value(), 4), graftline::to_text(site.get("hold_hours"), 4),
                         site.source("hold_hours")));
  }
  const auto thawed_for = bag.thawed ? hours_between(*bag.thawed, move.at) : std::nullopt;
  const Rational most = site.get("thaw_to_infusion_minutes");
  if (move.to == infused && bag.state == thawed && thawed_for && thawed_for->value() * 60 > most) {
    return conflict(bag, fmt::format("{} minutes after thawing, and {} are allowed ({}): it needs a reason",
                                     graftline::to_text(Rational(thawed_for->value() * 60), 4),
                                     graftline::to_text(most, 4), site.source("thaw_to_infusion_minutes")));
  }
  return std::nullopt;
}

std::optional<Error> check_use(const Bag& bag, const Move& move) {
  const auto obstacles = known_since_release(bag);
  if (!obstacles.empty() && (move.to != infused || is_blank(move.reason)))
    return conflict(bag, fmt::format("not to be {}: {}", name(move.to), fmt::join(obstacles, "; ")));
  const std::string recipient = is_blank(bag.recipient) ? move.recipient : bag.recipient;
  if (is_blank(recipient)) return conflict(bag, "the intended recipient is not recorded");
  if (!is_blank(move.recipient) && move.recipient != recipient)
    return conflict(bag, "it is for another recipient");
  if (!bag.expires) return conflict(bag, "its expiry is not recorded");
  if (move.to != issued && move.to != infused) return std::nullopt;
  if (is_blank(move.second_person) || move.second_person == move.by)
    return conflict(bag, "issue and infusion need two persons: who does it, and who checks identity");
  if (move.to == infused && bag.is_frozen_product() && bag.state != thawed)
    return conflict(bag, "it is frozen: it has to be thawed first");
  if (move.to == infused && move.infused_ml) {
    const Rational given = to_rational(*move.infused_ml);
    if (given <= 0 || (bag.volume_ml && given > to_rational(*bag.volume_ml)))
      return conflict(bag, "the volume infused is above 0 and at most what the bag holds");
  }
  return std::nullopt;
}

}  // namespace

std::span<const Transition> transitions() { return rows; }

std::vector<BagState> next_states(BagState from) {
  std::vector<BagState> states;
  for (const Transition& row : rows) {
    if (row.from == from && row.to != from) states.push_back(row.to);
  }
  return states;
}

std::vector<std::string> release_obstacles(const Bag& bag, Day on, std::string_view reason,
                                           const SiteValues& site) {
  std::vector<std::string> found = contradictions(bag);
  const auto say = [&](std::string text) { found.push_back(std::move(text)); };
  if (bag.donor_cleared != Truth::yes)
    say(bag.donor_cleared == Truth::no ? "the donor is not cleared" : "donor clearance is not recorded");
  if (bag.biohazard == Truth::unknown) say("biohazard is not confirmed to be none");
  if (bag.biohazard == Truth::yes && is_blank(reason)) say("biohazard: a release needs a reason");
  if (bag.sterility == Sterility::growth) say("the sterility culture grew");
  if ((bag.sterility == Sterility::pending || bag.sterility == Sterility::unknown) && is_blank(reason))
    say("no sterility result: a conditional release needs a reason");
  if (!bag.expires) say("its expiry is not recorded");
  if (bag.expires && bag.expires->day < on) say("it is expired");
  if (bag.viability_percent && to_rational(*bag.viability_percent) <= site.get("viability_release_percent") &&
      is_blank(reason)) {
    say(fmt::format("viability is not above {} %: a release needs a reason",
                    graftline::to_text(site.get("viability_release_percent"), 3)));
  }
  return found;
}

Result<Bag> moved(const Bag& bag, const Move& move, const SiteValues& site) {
  const Transition* row = find(bag.state, move.to);
  if (row == nullptr) {
    std::vector<std::string_view> names;
    for (const BagState state : next_states(bag.state)) names.push_back(name(state));
    return conflict(bag, fmt::format("from {} it cannot become {}; {}", name(bag.state), name(move.to),
                                     names.empty() ? "this state is final"
                                                   : fmt::format("possible: {}", fmt::join(names, ", "))));
  }
  if (is_blank(move.by)) return conflict(bag, "who moves it is not stated");
  if (row->needs_reason && is_blank(move.reason))
    return conflict(bag, fmt::format("from {} to {} needs a reason", name(bag.state), name(move.to)));
  if (bag.since && before(move.at, *bag.since) == Truth::yes)
    return conflict(
        bag, fmt::format("it came into its present state on {}, after the time given", to_text(*bag.since)));
  for (const auto& earlier : {bag.collected, bag.frozen, bag.thawed}) {
    if (earlier && before(move.at, *earlier) == Truth::yes)
      return conflict(bag,
                      fmt::format("what happened to it on {} comes after the time given", to_text(*earlier)));
  }
  if (!is_past_use(move.to) && move.to != planned && is_expired(bag, move.at) && bag.state != infused)
    return conflict(bag, fmt::format("it expired on {}", to_text(*bag.expires)));
  if (move.to == expired && !is_expired(bag, move.at) && is_blank(move.reason))
    return conflict(bag, "its expiry is not reached: expiring it early needs a reason");
  if (move.to == released) {
    const auto obstacles = release_obstacles(bag, move.at.day, move.reason, site);
    if (!obstacles.empty()) return conflict(bag, fmt::format("not released: {}", fmt::join(obstacles, "; ")));
  }
  if (move.to == reserved || move.to == issued || move.to == thawed ||
      (move.to == infused && bag.state != infused)) {
    if (auto problem = check_use(bag, move)) return *problem;
  }
  if (move.to == thawed && !bag.is_frozen_product()) return conflict(bag, "it was never frozen");
  if (auto problem = check_hold_times(bag, move, site)) return *problem;
  Bag next = bag;
  next.history += (next.history.empty() ? "" : "; ") + entry_of(bag, move);
  next.state = move.to;
  next.reason = plain(move.reason);
  next.since = move.at;
  if (is_blank(next.recipient)) next.recipient = move.recipient;
  if (move.to == collected && !next.collected) next.collected = move.at;
  if (move.to == frozen && !next.frozen) next.frozen = move.at;
  if (move.to == thawed) next.thawed = move.at;
  if (move.to == infused && bag.state != infused)
    next.infused_ml = move.infused_ml ? move.infused_ml : bag.volume_ml;
  return next;
}

CellAccount account(const std::vector<Bag>& stock) {
  CellAccount sum;
  for (const Bag& bag : stock) {
    const auto cells = viable_cells(bag, Kind::cd3_cells);
    if (!cells) {
      ++sum.not_counted;
      continue;
    }
    switch (bag.state) {
      case planned:
        sum.planned += *cells;
        break;
      case issued:
      case thawed:
        sum.issued += *cells;
        break;
      case infused: {
        const bool is_part = bag.infused_ml && bag.volume_ml && bag.volume_ml->mantissa > 0;
        const Fraction share(is_part ? Rational(to_rational(*bag.infused_ml) / to_rational(*bag.volume_ml))
                                     : Rational(1));
        sum.infused += *cells * share;
        sum.discarded += *cells - *cells * share;
        break;
      }
      case discarded:
        sum.discarded += *cells;
        break;
      default:
        sum.in_stock += *cells;
    }
  }
  return sum;
}

}  // namespace graftline::product
