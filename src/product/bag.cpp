#include "product/bag.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/suggestion.h"

namespace graftline::product {
namespace {

constexpr std::array<std::string_view, bag_state_count> state_names{
    "planned", "collected", "frozen",  "quarantined", "released", "reserved",
    "issued",  "thawed",    "infused", "discarded",   "expired"};
constexpr std::array<std::string_view, 4> sterility_names{"", "pending", "no_growth", "growth"};
constexpr std::array<std::string_view, 3> method_names{"", "unstimulated", "g_csf"};
constexpr std::array<std::string_view, 8> blood_groups{"O pos", "O neg", "A pos",  "A neg",
                                                       "B pos", "B neg", "AB pos", "AB neg"};

bool is_blank(std::string_view text) { return text.find_first_not_of(' ') == std::string_view::npos; }

// One word of several; its index, or -1.
template <std::size_t n> int index_in(const std::array<std::string_view, n>& words, std::string_view text) {
  const auto at = std::find(words.begin(), words.end(), text);
  return at == words.end() ? -1 : static_cast<int>(at - words.begin());
}

template <std::string Bag::*member> BagColumn text(std::string_view name, std::string_view meaning) {
  return {name, meaning, false, [](const Bag& bag) { return bag.*member; },
          [](Bag& bag, std::string_view value) {
            bag.*member = value;
            return std::string();
          }};
}

template <std::optional<Decimal> Bag::*member>
BagColumn number(std::string_view name, std::string_view meaning) {
  return {name, meaning, false,
          [](const Bag& bag) { return bag.*member ? graftline::to_text(*(bag.*member)) : std::string(); },
          [](Bag& bag, std::string_view value) -> std::string {
            const auto read = parse_decimal(value);
            if (!read || read->mantissa < 0) return "a number, not negative";
            bag.*member = *read;
            return "";
          }};
}

template <std::optional<Decimal> Bag::*member>
BagColumn share(std::string_view name, std::string_view meaning) {
  BagColumn column = number<member>(name, meaning);
  column.set = [](Bag& bag, std::string_view value) -> std::string {
    const auto read = parse_decimal(value);
    if (!read || read->mantissa < 0 || to_rational(*read) > 100)
      return "a percentage from 0 to 100, without the sign";
    bag.*member = *read;
    return "";
  };
  return column;
}

template <std::optional<ClockTime> Bag::*member>
BagColumn time(std::string_view name, std::string_view meaning) {
  return {name, meaning, false,
          [](const Bag& bag) { return bag.*member ? to_text(*(bag.*member)) : std::string(); },
          [](Bag& bag, std::string_view value) -> std::string {
            const auto read = parse_clock_time(value);
            if (!read) return "a day or time such as 2026-03-01T08:30";
            bag.*member = *read;
            return "";
          }};
}

template <Truth Bag::*member> BagColumn yes_or_no(std::string_view name, std::string_view meaning) {
  return {name, meaning, false,
          [](const Bag& bag) {
            return bag.*member == Truth::unknown ? std::string() : std::string(graftline::name(bag.*member));
          },
          [](Bag& bag, std::string_view value) -> std::string {
            if (value != "yes" && value != "no") return "yes, no, or nothing when it is not known";
            bag.*member = truth(value == "yes");
            return "";
          }};
}

std::string set_id(Bag& bag, std::string_view value) {
  bag.id = value;
  return "";
}

std::string set_din(Bag& bag, std::string_view value) {
  auto din = parse_din(value, DinEntry::recorded);
  if (!din) return "a donation identification number whose check fits (" + din.error().message + ")";
  bag.din = std::move(*din);
  return "";
}

std::string set_code(Bag& bag, std::string_view value) {
  auto code = parse_product_code(value);
  if (!code) return code.error().message;
  bag.code = std::move(*code);
  return "";
}

std::string set_state(Bag& bag, std::string_view value) {
  const auto state = bag_state_from(value);
  if (!state) {
    const std::vector<std::string> names(state_names.begin(), state_names.end());
    const auto closest = closest_name(value, names);
    return fmt::format("one of {}{}", fmt::join(names, ", "),
                       closest ? fmt::format("; did you mean {}?", *closest) : "");
  }
  bag.state = *state;
  return "";
}

std::string set_method(Bag& bag, std::string_view value) {
  const int index = index_in(method_names, value);
  if (index < 1) return "unstimulated or g_csf";
  bag.method = static_cast<CollectionMethod>(index);
  return "";
}

std::string set_basis(Bag& bag, std::string_view value) {
  if (value != "viable" && value != "total") return "viable or total: whether dead cells are in the counts";
  bag.basis = value == "viable" ? Viability::viable : Viability::total;
  return "";
}

std::string get_basis(const Bag& bag) {
  if (bag.basis == Viability::unstated) return "";
  return bag.basis == Viability::viable ? "viable" : "total";
}

std::string set_planned_dose(Bag& bag, std::string_view value) {
  const auto dose = parse_dose(value);
  if (!dose) return dose.error().message;
  bag.planned_dose = value;
  return "";
}

std::string set_sterility(Bag& bag, std::string_view value) {
  const int index = index_in(sterility_names, value);
  if (index < 1) return "pending, no_growth or growth";
  bag.sterility = static_cast<Sterility>(index);
  return "";
}

std::string set_abo(Bag& bag, std::string_view value) {
  if (index_in(blood_groups, value) < 0) return "a blood group such as 'A pos' or 'AB neg'";
  bag.abo = value;
  return "";
}

std::vector<BagColumn> make_columns() {
  std::vector<BagColumn> columns{
      {"bag", "name of the bag, unique in the stock", true, [](const Bag& bag) { return bag.id; }, set_id},
      {"din", "ISBT 128 donation identification number, with or without its check character", false,
       [](const Bag& bag) { return bag.din ? bag.din->text : std::string(); }, set_din},
      {"product_code", "ISBT 128 product code, eight characters", false,
       [](const Bag& bag) { return bag.code ? bag.code->text : std::string(); }, set_code},
      text<&Bag::division>("division", "ISBT 128 division, when the product code ends in 99"),
      text<&Bag::number>("bag_number", "which of how many: 2 of 5"),
      {"state",
       "planned, collected, frozen, quarantined, released, reserved, issued, thawed, infused, discarded, "
       "expired",
       true, [](const Bag& bag) { return std::string(name(bag.state)); }, set_state},
      text<&Bag::reason>("reason", "why it is in this state"),
      time<&Bag::since>("since", "when it came into this state"),
      text<&Bag::donor>("donor", "the donor's identifier"),
      text<&Bag::recipient>("recipient", "the intended recipient's identifier, as in the records"),
      time<&Bag::collected>("collected_at", "end of the collection"),
      {"collection_method", "unstimulated or g_csf", false,
       [](const Bag& bag) { return std::string(method_names.at(static_cast<std::size_t>(bag.method))); },
       set_method},
      number<&Bag::volume_ml>("volume_ml", "what is in the bag, mL"),
      number<&Bag::tnc>("tnc", "total nucleated cells in the bag"),
      share<&Bag::mnc_percent>("mnc_percent", "mononuclear cells, percent of TNC"),
      share<&Bag::cd3_percent>("cd3_percent", "CD3+ cells, percent of TNC"),
      number<&Bag::cd3>("cd3", "CD3+ cells in the bag; wins over the percentage"),
      {"count_basis", "viable or total: whether dead cells are in the counts", false, get_basis, set_basis},
      share<&Bag::viability_percent>("viability_percent", "viable cells, percent"),
      text<&Bag::viability_method>("viability_method", "7-AAD, trypan blue, ..."),
      number<&Bag::cd34>("cd34", "CD34+ cells in the bag, of a mobilised donor"),
      number<&Bag::rbc_ml>("rbc_ml", "red cells in the bag, mL"),
      share<&Bag::dmso_percent>("dmso_percent", "DMSO, percent by volume"),
      text<&Bag::additive>("additive", "what else was added"),
      {"planned_dose", "the dose it was filled for: 1e6 CD3/kg", false,
       [](const Bag& bag) { return bag.planned_dose; }, set_planned_dose},
      number<&Bag::planned_weight_kg>("planned_weight_kg", "the weight it was filled for"),
      text<&Bag::location>("location", "where it is kept"),
      time<&Bag::frozen>("frozen_at", "when it was frozen"),
      time<&Bag::thawed>("thawed_at", "when it was thawed"),
      time<&Bag::expires>("expires", "last day, or time, of use"),
      {"sterility", "pending, no_growth or growth", false,
       [](const Bag& bag) {
         return std::string(sterility_names.at(static_cast<std::size_t>(bag.sterility)));
       },
       set_sterility},
      {"abo", "blood group of the donor: A pos", false, [](const Bag& bag) { return bag.abo; }, set_abo},
      yes_or_no<&Bag::biohazard>("biohazard", "yes, or confirmed to be none: no"),
      yes_or_no<&Bag::donor_cleared>("donor_cleared", "whether the donor's tests allow the use"),
      number<&Bag::recovery_percent>(
          "recovery_percent",
          "viable CD3+ cells after thawing, percent of those frozen, from the pilot vial"),
      number<&Bag::infused_ml>("infused_ml", "of an infused bag, what was given"),
      text<&Bag::history>("history", "every move, the oldest first"),
  };
  return columns;
}

Rational of(const Decimal& value) { return to_rational(value); }

}  // namespace

std::string_view name(BagState state) { return state_names.at(static_cast<std::size_t>(state)); }

std::optional<BagState> bag_state_from(std::string_view text) {
  const int index = index_in(state_names, text);
  return index < 0 ? std::nullopt : std::optional(static_cast<BagState>(index));
}

std::string Bag::key() const {
  if (!din) return "";
  return fmt::format("{} {} {}", din->text, code ? code->text : "", division);
}

std::span<const BagColumn> bag_columns() {
  static const std::vector<BagColumn> columns = make_columns();
  return columns;
}

std::vector<std::string> contradictions(const Bag& bag) {
  std::vector<std::string> found;
  const auto say = [&](std::string text) { found.push_back(std::move(text)); };
  if (is_blank(bag.id)) say("the bag has no name");
  if (bag.code && bag.code->is_autologous()) say("the product code's collection type is autologous");
  if (bag.code && bag.code->needs_division() && is_blank(bag.division))
    say("the product code ends in 99: the division has to be scanned too");
  if (bag.code && bag.code->is_biohazardous() && bag.biohazard == Truth::no)
    say("the product code says biohazard, and biohazard is no");
  if (bag.tnc && bag.cd3_percent && bag.cd3) {
    const Rational from_share = of(*bag.tnc) * of(*bag.cd3_percent) / 100;
    const Rational apart =
        from_share > of(*bag.cd3) ? Rational(from_share - of(*bag.cd3)) : Rational(of(*bag.cd3) - from_share);
    if (apart * 100 > of(*bag.cd3)) say("cd3 and cd3_percent of tnc are more than 1 % apart");
  }
  if (bag.tnc && bag.cd3 && of(*bag.cd3) > of(*bag.tnc)) say("more CD3+ cells than nucleated cells");
  if (bag.rbc_ml && bag.volume_ml && of(*bag.rbc_ml) > of(*bag.volume_ml)) say("more red cells than volume");
  if (bag.infused_ml && bag.volume_ml && of(*bag.infused_ml) > of(*bag.volume_ml))
    say("more was infused than the bag held");
  if (bag.infused_ml && bag.state != BagState::infused) say("infused_ml belongs to a bag that was infused");
  const auto after = [&](const std::optional<ClockTime>& late, const std::optional<ClockTime>& early,
                         std::string_view sentence) {
    if (late && early && before(*late, *early) == Truth::yes) say(std::string(sentence));
  };
  after(bag.frozen, bag.collected, "it was frozen before it was collected");
  after(bag.thawed, bag.frozen, "it was thawed before it was frozen");
  after(bag.expires, bag.collected, "it expires before it was collected");
  return found;
}

Result<Cells> viable_cells(const Bag& bag, Kind kind) {
  const auto asked = [](std::string message) { return Error{ErrorKind::not_found, std::move(message)}; };
  std::optional<Rational> cells;
  if (kind == Kind::cd3_cells && bag.cd3) {
    cells = of(*bag.cd3);
  } else if (kind == Kind::cd34_cells && bag.cd34) {
    cells = of(*bag.cd34);
  } else if (kind == Kind::total_nucleated_cells && bag.tnc) {
    cells = of(*bag.tnc);
  } else {
    const std::optional<Decimal>& percentage = kind == Kind::cd3_cells           ? bag.cd3_percent
                                               : kind == Kind::mononuclear_cells ? bag.mnc_percent
                                                                                 : std::optional<Decimal>();
    if (bag.tnc && percentage) cells = of(*bag.tnc) * of(*percentage) / 100;
  }
  if (!cells) return asked(fmt::format("no {} count is recorded", name(kind)));
  if (bag.basis == Viability::viable) return Cells(*cells);
  if (bag.basis == Viability::unstated)
    return asked("whether the counts are of viable or of all cells is not recorded (count_basis)");
  if (!bag.viability_percent)
    return asked("the counts include dead cells and the viability is not recorded (viability_percent)");
  return Cells(*cells) * percent(of(*bag.viability_percent));
}

Fraction expected_recovery(const Bag& bag, const SiteValues& site, Findings& findings) {
  if (!bag.is_frozen_product()) return Fraction(1);
  if (bag.recovery_percent) return percent(of(*bag.recovery_percent));
  if (!site.is_set("recovery_percent")) {
    findings.push_back(
        {Finding::Form::assumption, "recovery",
         fmt::format("bag {}: no pilot vial was assayed; recovery of {} % after thawing is assumed", bag.id,
                     graftline::to_text(site.get("recovery_percent"), 4)),
         site.source("recovery_percent")});
  }
  return percent(site.get("recovery_percent"));
}

}  // namespace graftline::product
