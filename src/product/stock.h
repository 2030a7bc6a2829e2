#pragma once
// Which bag for the next dose: what may be proposed, in which order, and why every other bag may not.

#include <optional>
#include <string>
#include <vector>

#include "product/bag.h"
#include "product/dose_volume.h"

namespace graftline::product {

// What the order of proposals looks at, in the order given. Ties fall to the next, the last to the bag's
// name.
enum class Preference : unsigned char {
  first_expiry,
  fewest_thaws,
  smallest_adequate,  // least viable cells left over
  matching_weight,    // planned weight nearest to the recipient's
};
std::string_view name(Preference preference);  // "expiry", "thaws", "smallest", "weight"
inline const std::vector<Preference> usual_order{Preference::first_expiry, Preference::fewest_thaws,
                                                 Preference::smallest_adequate, Preference::matching_weight};
// "expiry,thaws,smallest,weight", each once. errors  malformed_input
Result<std::vector<Preference>> parse_order(std::string_view text);

struct Need {
  std::string recipient;
  std::string donor;  // empty: any donor of the stock whose bags are for the recipient
  std::vector<DoseTarget> targets;
  std::optional<Kind> governing;
  std::optional<Kilograms> weight;
  Day on;  // the day of infusion
  AboMismatch abo = AboMismatch::unknown;
  std::vector<Preference> order = usual_order;
};

// Part of a bag that is given.
struct Draw {
  std::string bag;
  Millilitres volume;
  Millilitres of;  // in the bag
};

struct Proposal {
  std::vector<Draw> draws;
  Millilitres volume;               // of all draws
  std::vector<Delivered> delivers;  // viable cells expected at infusion, of every kind that is known
  Cells left_over;                  // of the governing kind, expected viable, in the bags that are opened
  std::optional<Day> first_expiry;
  Findings findings;
  std::vector<std::string> reasons;  // why it stands where it stands
};

struct NotProposed {
  std::string bag;
  std::vector<std::string> reasons;
};

struct Proposals {
  std::vector<Proposal> ranked;  // the first is the proposal, the rest are alternatives; the first 20
  std::size_t n_behind = 0;      // sets of bags that would do too, ranked behind those
  std::vector<NotProposed> not_proposed;
  std::string gap;  // why there is none
  Findings asked;   // what is missing from the question itself: weight, governing target
};

// Never proposes a bag that is not released, is expired on the day, is for somebody else, whose biohazard is
// not confirmed to be none, or that breaks a limit.
//   cost  every set of up to `bags_per_infusion` bags of one donor, none of which could be left out; at most
//         the 24 bags that expire first take part in sets
Proposals propose(const std::vector<Bag>& stock, const Need& need, const SiteValues& site);

// Bags that contradict themselves or each other: the same name or the same ISBT 128 key twice.
struct StockProblem {
  std::string bag;
  std::string text;
};
std::vector<StockProblem> check_stock(const std::vector<Bag>& stock, std::optional<Day> as_of);

}  // namespace graftline::product
