#include "product/stock.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

namespace graftline::product {
namespace {

using Form = Finding::Form;
constexpr std::size_t most_in_sets = 24;
constexpr std::size_t most_listed = 20;
constexpr std::array<std::string_view, 4> preference_names{"expiry", "thaws", "smallest", "weight"};

Rational of(const Decimal& value) { return to_rational(value); }

// A bag that may be proposed, with what it is expected to hold at infusion.
struct Candidate {
  const Bag* bag = nullptr;
  Millilitres volume;
  std::map<Kind, Cells> cells;  // expected viable, whole bag
  Findings findings;
};

bool is_expired_on(const Bag& bag, Day day) { return bag.expires && bag.expires->day < day; }

// Everything that bars a bag from this recipient on this day, whatever it holds.
std::vector<std::string> bars(const Bag& bag, const Need& need) {
  std::vector<std::string> found = contradictions(bag);
  const auto say = [&](std::string text) { found.push_back(std::move(text)); };
  if (bag.state != BagState::released && bag.state != BagState::reserved)
    say(fmt::format("not released: {}{}", name(bag.state),
                    bag.reason.empty() ? "" : " (" + bag.reason + ")"));
  if (need.recipient.empty()) {
    say("the recipient is not stated");
  } else if (bag.recipient.empty()) {
    say("its intended recipient is not recorded");
  } else if (bag.recipient != need.recipient) {
    say("for another recipient");
  }
  if (!need.donor.empty() && bag.donor != need.donor)
    say(bag.donor.empty() ? "its donor is not recorded" : "of another donor");
  if (!bag.expires) say("its expiry is not recorded");
  if (is_expired_on(bag, need.on)) say(fmt::format("expires {}, before the infusion", to_text(*bag.expires)));
  if (bag.biohazard == Truth::unknown) say("biohazard is not confirmed to be none");
  if (bag.biohazard == Truth::yes) say("biohazard");
  if (bag.code && bag.code->is_biohazardous()) say("the product code says biohazard");
  if (bag.donor_cleared == Truth::no) say("the donor is not cleared");
  if (bag.sterility == Sterility::growth) say("the sterility culture grew");
  return found;
}

std::optional<Candidate> candidate(const Bag& bag, const Need& need, const SiteValues& site,
                                   std::vector<std::string>& why_not) {
  why_not = bars(bag, need);
  if (!bag.volume_ml || bag.volume_ml->mantissa == 0) why_not.emplace_back("its volume is not recorded");
  Candidate made;
  made.bag = &bag;
  for (const DoseTarget& target : need.targets) {
    const bool has_to = !need.governing || target.kind == *need.governing || need.targets.size() == 1;
    const auto cells = viable_cells(bag, target.kind);
    if (!cells && has_to) why_not.push_back(cells.error().message);
  }
  if (!why_not.empty()) return std::nullopt;
  made.volume = Millilitres(of(*bag.volume_ml));
  const Fraction recovery = expected_recovery(bag, site, made.findings);
  for (const Kind kind :
       {Kind::cd3_cells, Kind::mononuclear_cells, Kind::total_nucleated_cells, Kind::cd34_cells}) {
    if (const auto cells = viable_cells(bag, kind)) made.cells[kind] = *cells * recovery;
  }
  const auto note = [&](Form form, std::string_view about, std::string text) {
    made.findings.push_back({form, std::string(about), fmt::format("bag {}: {}", bag.id, text), ""});
  };
  if (bag.state == BagState::reserved)
    note(Form::caution, "reserved",
         fmt::format("already reserved{}", bag.reason.empty() ? "" : ": " + bag.reason));
  if (bag.sterility == Sterility::pending)
    note(Form::caution, "sterility", "released before the sterility result");
  if (bag.sterility == Sterility::unknown) note(Form::asked, "sterility", "no sterility result is recorded");
  if (bag.donor_cleared == Truth::unknown)
    note(Form::asked, "donor_cleared", "donor clearance is not recorded");
  if (!bag.din) note(Form::asked, "din", "no donation identification number is recorded");
  if (bag.expires->day == need.on)
    note(Form::caution, "expiry", fmt::format("expires on the day of infusion: {}", to_text(*bag.expires)));
  if (!bag.is_frozen_product() && bag.collected &&
      site.get("hold_hours") < 24 * (need.on - bag.collected->day + 1)) {
    note(Form::caution, "hold",
         fmt::format("fresh: to be infused within {} h of its collection, {}",
                     graftline::to_text(site.get("hold_hours"), 4), to_text(*bag.collected)));
  }
  if (bag.is_frozen_product() && made.cells.size() > 1) {
    note(Form::assumption, "recovery_of_others",
         fmt::format("the recovery of {} % is that of CD3+ cells, and is used for the other counts too",
                     graftline::to_text(Rational(recovery.value() * 100), 4)));
  }
  if (!bag.planned_dose.empty() && !need.targets.empty()) {
    const auto planned = parse_dose(bag.planned_dose);
    const auto is_met = [&](const DoseTarget& target) {
      return std::any_of(planned->begin(), planned->end(), [&](const DoseTarget& one) {
        return one.kind == target.kind && one.low <= target.high && one.high >= target.low;
      });
    };
    const bool is_same = planned && std::any_of(need.targets.begin(), need.targets.end(), is_met);
    if (!is_same) note(Form::caution, "planned_dose", fmt::format("was filled for {}", bag.planned_dose));
  }
  if (bag.planned_weight_kg && need.weight && bag.planned_weight_kg->mantissa > 0)
    check_weight_drift(Kilograms(of(*bag.planned_weight_kg)), *need.weight, site, made.findings);
  return made;
}

ProductState state_of(const Bag& bag, const Need& need) {
  ProductState state;
  state.is_frozen = truth(bag.is_frozen_product());
  if (bag.dmso_percent) state.dmso = percent(of(*bag.dmso_percent));
  if (!bag.is_frozen_product() && bag.collected) {
    // Only days are known ahead: the latest hour is what has to fit.
    state.age = Hours(Rational(24 * (need.on - bag.collected->day)));
  }
  if (bag.rbc_ml && bag.volume_ml) state.rbc_ml_per_ml = of(*bag.rbc_ml) / of(*bag.volume_ml);
  state.abo = need.abo;
  return state;
}

// Limits over all that is given together, and over each draw.
void check_draws(const std::vector<const Candidate*>& set, const Need& need, const SiteValues& site,
                 Proposal& made) {
  Grams dmso;
  Millilitres red_cells;
  bool dmso_known = true;
  bool red_cells_known = true;
  bool any_frozen = false;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const Bag& bag = *set[i]->bag;
    const ProductState state = state_of(bag, need);
    Product counted;
    if (bag.tnc) {
      counted.counts.push_back(
          {Kind::total_nucleated_cells, of(*bag.tnc) / set[i]->volume.value(), bag.basis});
      if (bag.viability_percent) counted.viable_fraction = of(*bag.viability_percent) / 100;
    }
    ProductState alone = state;  // what is checked per bag: syringe, hold time
    alone.dmso = Fraction(0);
    alone.abo = AboMismatch::none;
    alone.is_frozen = state.is_frozen;
    Findings checked;
    check_volume(made.draws[i].volume, need.weight, counted, alone, site, checked);
    for (Finding& finding : checked) {
      if (finding.about == "dmso" || finding.about == "abo" || finding.about == "dmso_g_per_ml") continue;
      finding.text = fmt::format("bag {}: {}", bag.id, finding.text);
      made.findings.push_back(std::move(finding));
    }
    if (bag.is_frozen_product()) {
      any_frozen = true;
      const auto share = state.dmso
                             ? state.dmso
                             : (site.is_set("dmso_percent") ? std::optional(percent(site.get("dmso_percent")))
                                                            : std::nullopt);
      if (share) {
        dmso += Grams(Rational((made.draws[i].volume * *share).value() * site.get("dmso_g_per_ml")));
      } else {
        dmso_known = false;
      }
    }
    if (state.rbc_ml_per_ml) {
      red_cells += made.draws[i].volume * Fraction(*state.rbc_ml_per_ml);
    } else {
      red_cells_known = false;
    }
  }
  // The same sentences as for one product: a product of the whole volume with the mean shares.
  ProductState together;
  together.is_frozen = truth(any_frozen);
  if (any_frozen && dmso_known)
    together.dmso = Fraction(Rational(dmso.value() / site.get("dmso_g_per_ml") / made.volume.value()));
  if (red_cells_known) together.rbc_ml_per_ml = ratio(red_cells, made.volume).value();
  together.abo = need.abo;
  Findings checked;
  check_volume(made.volume, need.weight, Product(), together, site, checked);
  for (Finding& finding : checked) {
    const bool is_per_bag = finding.about == "syringe" || finding.about == "age" || finding.about == "hold";
    if (!is_per_bag) made.findings.push_back(std::move(finding));
  }
}

Cells cells_in(const Candidate& candidate, Kind kind) {
  const auto at = candidate.cells.find(kind);
  return at == candidate.cells.end() ? Cells() : at->second;
}

Cells cells_in(const std::vector<const Candidate*>& set, Kind kind) {
  Cells sum;
  for (const Candidate* one : set) sum += cells_in(*one, kind);
  return sum;
}

// The kinds that a volume has to reach, with the cells needed.
struct Wanted {
  Kind kind;
  Cells cells;
};

bool is_adequate(const std::vector<const Candidate*>& set, const std::vector<Wanted>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](const Wanted& one) { return cells_in(set, one.kind) >= one.cells; });
}

// A target that does not govern the volume may be missed by it: how far is said.
void check_other_targets(const Need& need, const std::vector<Wanted>& wanted, Proposal& made) {
  for (const DoseTarget& target : need.targets) {
    const auto is_it = [&](const auto& one) { return one.kind == target.kind; };
    if (std::any_of(wanted.begin(), wanted.end(), is_it)) continue;
    const auto delivered = std::find_if(made.delivers.begin(), made.delivers.end(), is_it);
    const auto low = cells_of(target.low, target.per_kilogram, need.weight);
    const auto high = cells_of(target.high, target.per_kilogram, need.weight);
    if (delivered == made.delivers.end()) {
      made.findings.push_back(
          {Form::asked, "second_target",
           fmt::format("what it delivers of {} is not known: no count is recorded", full_name(target.kind)),
           ""});
    } else if (low && high && (delivered->cells < *low || delivered->cells > *high)) {
      made.findings.push_back(
          {Form::caution, "second_target",
           fmt::format(
               "delivers {} % of the {} target: the other target governs the volume",
               graftline::to_text(
                   Rational(ratio(delivered->cells, delivered->cells < *low ? *low : *high).value() * 100),
                   4),
               full_name(target.kind)),
           ""});
    }
  }
}

// All of every bag but the last, and of the last what is still missing: bags that expire first are emptied
// first.
Proposal drawn(const std::vector<const Candidate*>& set, const std::vector<Wanted>& wanted, const Need& need,
               const SiteValues& site) {
  Proposal made;
  std::vector<Wanted> missing = wanted;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const Candidate& one = *set[i];
    Millilitres volume = one.volume;
    if (i + 1 == set.size()) {
      Fraction share(0);
      for (const Wanted& still : missing) {
        const Cells held = cells_in(one, still.kind);
        if (held > Cells() && still.cells > Cells()) share = std::max(share, ratio(still.cells, held));
      }
      volume = one.volume * share;
    }
    const Fraction share = ratio(volume, one.volume);
    for (Wanted& still : missing) still.cells -= cells_in(one, still.kind) * share;
    made.draws.push_back({one.bag->id, volume, one.volume});
    made.volume += volume;
    made.left_over += cells_in(one, wanted.front().kind) * (Fraction(1) - share);
    for (const auto& [kind, cells] : one.cells) {
      const bool is_everywhere = std::all_of(set.begin(), set.end(),
                                             [k = kind](const Candidate* c) { return c->cells.contains(k); });
      if (!is_everywhere) continue;
      auto at = std::find_if(made.delivers.begin(), made.delivers.end(),
                             [k = kind](const Delivered& d) { return d.kind == k; });
      if (at == made.delivers.end())
        at = made.delivers.insert(made.delivers.end(), {kind, Cells(), std::nullopt});
      at->cells += cells * share;
    }
    made.findings.insert(made.findings.end(), one.findings.begin(), one.findings.end());
    const Day expiry = one.bag->expires->day;
    made.first_expiry = made.first_expiry ? std::min(*made.first_expiry, expiry) : expiry;
  }
  for (Delivered& delivered : made.delivers) {
    if (need.weight) delivered.per_kg = delivered.cells / *need.weight;
  }
  check_other_targets(need, wanted, made);
  check_draws(set, need, site, made);
  return made;
}

// How far the planned weights are from the recipient's; bags without one come last.
Rational weight_distance(const Proposal& proposal, const std::map<std::string, const Candidate*>& by_name,
                         const Need& need) {
  Rational worst = 0;
  for (const Draw& draw : proposal.draws) {
    const Bag& bag = *by_name.at(draw.bag)->bag;
    if (!bag.planned_weight_kg || !need.weight) return 1000000;
    const Rational apart = of(*bag.planned_weight_kg) - need.weight->value();
    worst = std::max(worst, apart < 0 ? Rational(-apart) : apart);
  }
  return worst;
}

std::strong_ordering compare(const Rational& a, const Rational& b) { return a.compare(b) <=> 0; }

void rank(std::vector<Proposal>& proposals, const std::vector<Candidate>& candidates, const Need& need) {
  std::map<std::string, const Candidate*> by_name;
  for (const Candidate& one : candidates) by_name[one.bag->id] = &one;
  const auto by = [&](Preference preference, const Proposal& a, const Proposal& b) {
    switch (preference) {
      case Preference::first_expiry:
        return a.first_expiry->value <=> b.first_expiry->value;
      case Preference::fewest_thaws:
        return a.draws.size() <=> b.draws.size();
      case Preference::smallest_adequate:
        return a.left_over <=> b.left_over;
      case Preference::matching_weight:
        return compare(weight_distance(a, by_name, need), weight_distance(b, by_name, need));
    }
    return std::strong_ordering::equal;
  };
  const auto names_of = [](const Proposal& p) {
    std::string names;
    for (const Draw& draw : p.draws) names += draw.bag + "\n";
    return names;
  };
  std::sort(proposals.begin(), proposals.end(), [&](const Proposal& a, const Proposal& b) {
    for (const Preference preference : need.order) {
      if (const auto order = by(preference, a, b); order != 0) return order < 0;
    }
    return names_of(a) < names_of(b);
  });
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    Proposal& one = proposals[i];
    one.reasons = {fmt::format("expires {}", graftline::to_text(*one.first_expiry)),
                   fmt::format("{} bag{} to open", one.draws.size(), one.draws.size() == 1 ? "" : "s"),
                   fmt::format("{} {} left over", power_of_ten(one.left_over.value(), 3),
                               full_name(need.governing ? *need.governing : need.targets.front().kind))};
    if (i == 0) continue;
    std::string behind = "equal to the one before; ordered by name";
    for (const Preference preference : need.order) {
      if (by(preference, proposals[i - 1], one) == 0) continue;
      static constexpr std::array<std::string_view, 4> words{"expires later", "more bags to open",
                                                             "leaves more cells over",
                                                             "planned for a weight further away"};
      behind = fmt::format("after the one before: {}", words.at(static_cast<std::size_t>(preference)));
      break;
    }
    one.reasons.push_back(std::move(behind));
  }
}

}  // namespace

std::string_view name(Preference preference) {
  return preference_names.at(static_cast<std::size_t>(preference));
}

Result<std::vector<Preference>> parse_order(std::string_view text) {
  std::vector<Preference> order;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const auto at = std::find(preference_names.begin(), preference_names.end(), text.substr(0, end));
    const auto preference = static_cast<Preference>(at - preference_names.begin());
    if (at == preference_names.end() || std::find(order.begin(), order.end(), preference) != order.end())
      return Error{ErrorKind::malformed_input,
                   fmt::format("order: expected some of {}, each once", fmt::join(preference_names, ", "))};
    order.push_back(preference);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (order.empty())
    return Error{ErrorKind::malformed_input,
                 fmt::format("order: expected some of {}", fmt::join(preference_names, ", "))};
  return order;
}

Proposals propose(const std::vector<Bag>& stock, const Need& need, const SiteValues& site) {
  Proposals result;
  std::vector<Candidate> candidates;
  candidates.reserve(stock.size());
  // One bag that stands in two rows would count twice.
  std::map<std::string, int> rows_of;
  for (const Bag& bag : stock) {
    if (bag.code && bag.din) ++rows_of[bag.key()];
  }
  for (const Bag& bag : stock) {
    std::vector<std::string> why_not;
    auto one = candidate(bag, need, site, why_not);
    if (bag.code && bag.din && rows_of[bag.key()] > 1)
      why_not.emplace_back("another bag has the same number, product code and division");
    if (one && why_not.empty()) {
      candidates.push_back(std::move(*one));
    } else {
      result.not_proposed.push_back({bag.id, std::move(why_not)});
    }
  }
  std::vector<Wanted> wanted;
  for (const DoseTarget& target : need.targets) {
    if (need.governing && need.targets.size() > 1 && target.kind != *need.governing) continue;
    const auto cells = cells_of(target.low, target.per_kilogram, need.weight);
    if (!cells) {
      result.asked.push_back({Form::asked, "weight", cells.error().message, ""});
      result.gap = "the weight is unknown";
      return result;
    }
    wanted.push_back({target.kind, *cells});
    if (target.low != target.high) {
      result.asked.push_back({Form::assumption, "range",
                              fmt::format("{}: the lower end is looked for", to_text(target)),
                              "docs/conventions.md"});
    }
  }
  if (wanted.empty()) {
    result.gap =
        need.targets.empty() ? "no dose is stated" : "the dose has no target that governs the volume";
    return result;
  }
  if (wanted.size() > 1) {
    result.asked.push_back(
        {Form::asked, "governing",
         "which target decides the volume is for the protocol or the site to say; volumes here reach "
         "every target",
         ""});
  }
  if (candidates.empty()) {
    result.gap = stock.empty() ? "the stock is empty"
                               : "no bag of the stock may be given to this recipient on that day";
    return result;
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return std::tie(a.bag->expires->day, a.bag->id) < std::tie(b.bag->expires->day, b.bag->id);
  });
  const auto most = static_cast<std::size_t>(site.count("bags_per_infusion"));
  std::set<std::string> used;
  Findings broken;
  std::vector<const Candidate*> set;
  // Sets in the order of expiry, so that the last bag of a set is the one only partly used.
  const auto visit = [&](const auto& self, std::size_t first) -> void {
    if (!set.empty() && is_adequate(set, wanted)) {
      // None of the set could be left out: otherwise more bags are opened than needed.
      for (std::size_t skip = 0; skip < set.size() && set.size() > 1; ++skip) {
        std::vector<const Candidate*> rest = set;
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(skip));
        if (is_adequate(rest, wanted)) return;
      }
      Proposal made = drawn(set, wanted, need, site);
      if (has(made.findings, Form::limit)) {
        for (const Finding& finding : made.findings) {
          if (finding.form == Form::limit && set.size() == 1)
            result.not_proposed.push_back({set.front()->bag->id, {finding.text}});
        }
        if (broken.empty()) broken = made.findings;
        return;
      }
      result.ranked.push_back(std::move(made));
      return;
    }
    if (set.size() >= std::max<std::size_t>(most, 1)) return;
    const bool is_set = !set.empty();
    const std::size_t end = is_set ? std::min(candidates.size(), most_in_sets) : candidates.size();
    for (std::size_t i = first; i < end; ++i) {
      if (is_set && candidates[i].bag->donor != set.front()->bag->donor) continue;
      set.push_back(&candidates[i]);
      self(self, i + 1);
      set.pop_back();
    }
  };
  visit(visit, 0);
  rank(result.ranked, candidates, need);
  std::set<std::string> behind;
  if (result.ranked.size() > most_listed) {
    result.n_behind = result.ranked.size() - most_listed;
    for (std::size_t i = most_listed; i < result.ranked.size(); ++i) {
      for (const Draw& draw : result.ranked[i].draws) behind.insert(draw.bag);
    }
    result.ranked.resize(most_listed);
  }
  for (const Proposal& one : result.ranked) {
    for (const Draw& draw : one.draws) used.insert(draw.bag);
  }
  std::set<std::string> told;
  for (const NotProposed& one : result.not_proposed) told.insert(one.bag);
  const Wanted& first = wanted.front();
  for (const Candidate& one : candidates) {
    if (used.contains(one.bag->id) || told.contains(one.bag->id)) continue;
    if (behind.contains(one.bag->id)) {
      result.not_proposed.push_back({one.bag->id, {"only in sets that are ranked behind those listed"}});
      continue;
    }
    const Cells held = cells_in(one, first.kind);
    std::string per_kg;
    if (need.weight) per_kg = fmt::format(", {} per kg", power_of_ten((held / *need.weight).value(), 3));
    result.not_proposed.push_back(
        {one.bag->id,
         {fmt::format("holds {} of the {} {} needed{}", power_of_ten(held.value(), 3),
                      power_of_ten(first.cells.value(), 3), full_name(first.kind), per_kg)}});
  }
  if (result.ranked.empty()) {
    result.gap = "no bag, and no set of bags, holds enough";
    for (const Finding& finding : broken) {
      if (finding.form == Form::limit) result.gap = "what holds enough breaks a limit: " + finding.text;
    }
  }
  return result;
}

std::vector<StockProblem> check_stock(const std::vector<Bag>& stock, std::optional<Day> as_of) {
  std::vector<StockProblem> problems;
  std::set<std::string> names;
  std::map<std::string, std::string> keys;
  for (const Bag& bag : stock) {
    if (!names.insert(bag.id).second) problems.push_back({bag.id, "the name stands twice"});
    if (const std::string key = bag.key(); !key.empty() && bag.code) {
      const auto [at, is_new] = keys.emplace(key, bag.id);
      if (!is_new)
        problems.push_back(
            {bag.id, fmt::format("same number, product code and division as bag {}", at->second)});
    }
    for (std::string& text : contradictions(bag)) problems.push_back({bag.id, std::move(text)});
    const bool is_over =
        bag.state == BagState::infused || bag.state == BagState::discarded || bag.state == BagState::expired;
    if (as_of && !is_over && is_expired_on(bag, *as_of))
      problems.push_back(
          {bag.id, fmt::format("expired on {} and still {}", to_text(*bag.expires), name(bag.state))});
  }
  return problems;
}

}  // namespace graftline::product
