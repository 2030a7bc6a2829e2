#pragma once
// What a bag may become: a strict state machine. Every move has a time and a person, some a reason, issue and
// infusion two persons.

#include <string>
#include <vector>

#include "product/bag.h"

namespace graftline::product {

struct Move {
  BagState to = BagState::planned;
  ClockTime at;
  std::string by;
  std::string second_person;  // who checked identity: issue and infusion
  std::string reason;
  std::string recipient;              // reservation: for whom, when the bag does not say yet
  std::optional<Decimal> infused_ml;  // infusion: when less than the bag was given
};

struct Transition {
  BagState from;
  BagState to;
  bool needs_reason;
};
std::span<const Transition> transitions();
std::vector<BagState> next_states(BagState from);

// The bag after the move.
// errors  conflict: there is no such move, or the bag may not make it now: the message says why and what
// would
//         have to be true. Contents never change by moving.
Result<Bag> moved(const Bag& bag, const Move& move, const SiteValues& site);

// Why a bag cannot be released, each a sentence; empty when it can. Conditions that a reason can waive
// (sterility pending, viability at or below the site's limit) are left out when `reason` says something.
std::vector<std::string> release_obstacles(const Bag& bag, Day on, std::string_view reason,
                                           const SiteValues& site);

// Viable CD3+ cells by where they are now. What was infused or discarded is counted too: moving a bag never
// changes the sum.
struct CellAccount {
  Cells planned, in_stock, issued, infused, discarded;
  int not_counted = 0;  // bags whose viable CD3+ cells are not known
  Cells total() const { return planned + in_stock + issued + infused + discarded; }
};
CellAccount account(const std::vector<Bag>& stock);

}  // namespace graftline::product
