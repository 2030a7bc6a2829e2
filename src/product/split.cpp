#include "product/split.h"

#include <fmt/format.h>

#include <algorithm>

namespace graftline::product {
namespace {

using Form = Finding::Form;

void ask(std::string about, std::string text, Findings& findings) {
  findings.push_back({Form::asked, std::move(about), std::move(text), ""});
}

// What bags are filled with and how far.
struct Filling {
  std::optional<CellsPerMl> concentration;
  std::vector<Millilitres> fills;  // ascending; empty: any between least and most
  Millilitres least;
  std::optional<Millilitres> most;
  std::size_t most_bags = 1;
  std::optional<Millilitres> most_volume;  // of one infusion, by DMSO
};

// One way to fill the bags of an infusion.
struct Option {
  std::vector<SplitBag> bags;
  Cells cells;
  Millilitres volume;
};

Option with_bags(std::vector<SplitBag> bags) {
  Option made;
  for (const SplitBag& bag : bags) {
    made.cells += bag.cells;
    made.volume += bag.fill;
  }
  made.bags = std::move(bags);
  return made;
}

bool is_allowed(const Option& option, const Filling& filling) {
  return !filling.most_volume || option.volume <= *filling.most_volume;
}

// Bags of any volume: as few as the largest fill allows, alike, each diluted where it would hold less than
// the smallest fill.
std::optional<Option> filled_freely(const Cells& needed, const Filling& filling) {
  const Millilitres exact = needed / *filling.concentration;
  for (std::size_t n = 1; n <= filling.most_bags; ++n) {
    const Fraction part(Rational(1, static_cast<long>(n)));
    const Millilitres fill = exact * part;
    if (filling.most && fill > *filling.most) continue;
    const bool is_diluted = fill < filling.least;
    return with_bags(
        std::vector<SplitBag>(n, {is_diluted ? filling.least : fill, needed * part, is_diluted}));
  }
  return std::nullopt;
}

// Every choice of up to most_bags of the given fills that holds enough; of those with equally many bags the
// one with the fewest cells.
std::vector<Option> filled_to(const Cells& needed, const Filling& filling, std::size_t& n_examined) {
  std::vector<std::optional<Option>> best(filling.most_bags + 1);
  std::vector<SplitBag> bags;
  const auto visit = [&](const auto& self, std::size_t first) -> void {
    if (!bags.empty()) {
      ++n_examined;
      Option made = with_bags(bags);
      if (made.cells >= needed) {
        auto& kept = best[bags.size()];
        if (is_allowed(made, filling) && (!kept || made.cells < kept->cells)) kept = std::move(made);
        return;  // more bags only add cells
      }
    }
    if (bags.size() == filling.most_bags) return;
    for (std::size_t i = first; i < filling.fills.size(); ++i) {
      bags.push_back({filling.fills[i], *filling.concentration * filling.fills[i], false});
      self(self, i);
      bags.pop_back();
    }
  };
  if (*filling.concentration * filling.fills.front() > needed) {
    Option diluted = with_bags({{filling.fills.front(), needed, true}});
    if (is_allowed(diluted, filling)) return {std::move(diluted)};
    return {};
  }
  visit(visit, 0);
  std::vector<Option> options;
  for (auto& one : best) {
    if (one) options.push_back(std::move(*one));
  }
  return options;
}

// The ways to fill one infusion, or why there is none.
std::vector<Option> options_for(const Cells& needed, const Filling& filling, std::size_t& n_examined,
                                std::string& why_none) {
  std::vector<Option> options;
  if (!filling.fills.empty()) {
    options = filled_to(needed, filling, n_examined);
  } else {
    ++n_examined;
    if (auto one = filled_freely(needed, filling)) options.push_back(std::move(*one));
  }
  const bool had_any = !options.empty();
  std::erase_if(options, [&](const Option& option) { return !is_allowed(option, filling); });
  if (!options.empty()) return options;
  why_none = had_any || filling.most_volume
                 ? fmt::format("no filling stays within {} of DMSO limit and {} bags",
                               filling.most_volume ? to_text(*filling.most_volume) : "the", filling.most_bags)
                 : fmt::format("it would take more than {} bags", filling.most_bags);
  return options;
}

// Which option each infusion takes: fewest cells in all, then fewest bags, or the other way round. best[t] is
// the smallest number of cells with t bags in all over the infusions so far; both orders read their answer
// from it.
struct Choice {
  std::vector<std::size_t> options;
  Cells cells;
};
std::optional<Choice> choose(const std::vector<const std::vector<Option>*>& infusions, const Cells& budget,
                             bool fewest_thaws_first, std::size_t& n_states) {
  std::vector<std::optional<Choice>> best(1, Choice{});
  for (const auto* options : infusions) {
    std::vector<std::optional<Choice>> next;
    for (std::size_t thaws = 0; thaws < best.size(); ++thaws) {
      if (!best[thaws]) continue;
      for (std::size_t i = 0; i < options->size(); ++i) {
        ++n_states;
        const Option& option = (*options)[i];
        const Cells cells = best[thaws]->cells + option.cells;
        if (cells > budget) continue;
        const std::size_t at = thaws + option.bags.size();
        if (next.size() <= at) next.resize(at + 1);
        if (next[at] && next[at]->cells <= cells) continue;
        Choice made{best[thaws]->options, cells};
        made.options.push_back(i);
        next[at] = std::move(made);
      }
    }
    best = std::move(next);
  }
  std::optional<Choice> chosen;
  for (auto& one : best) {
    if (!one) continue;
    if (!chosen || (!fewest_thaws_first && one->cells < chosen->cells)) chosen = std::move(one);
  }
  return chosen;
}

// The infusions to freeze for, with the cells each needs at infusion.
struct Infusion {
  std::string label;
  Cells target;
  bool is_reserve = false;
};

Result<std::vector<Infusion>> infusions_of(const SplitRequest& request, Findings& findings) {
  std::vector<Infusion> ladder;
  std::vector<Infusion> reserves;
  bool is_weight_asked = false;
  for (std::size_t i = 0; i < request.doses.size(); ++i) {
    const LadderDose& dose = request.doses[i];
    const auto target = std::find_if(dose.targets.begin(), dose.targets.end(),
                                     [&](const DoseTarget& t) { return t.kind == request.kind; });
    if (target == dose.targets.end()) {
      return Error{ErrorKind::unsupported,
                   fmt::format("{}: the dose has no {} target; say which cells the bags are filled by",
                               dose.label, name(request.kind))};
    }
    const auto cells =
        cells_of(request.upper_ends ? target->high : target->low, target->per_kilogram, request.weight);
    if (!cells) {
      if (!is_weight_asked) ask("weight", "the recipient's weight is not given", findings);
      is_weight_asked = true;
      continue;
    }
    if (target->low != target->high) {
      findings.push_back({Form::assumption, "range",
                          fmt::format("{}: {}; the {} end is planned for", dose.label, to_text(*target),
                                      request.upper_ends ? "upper" : "lower"),
                          "docs/conventions.md"});
    }
    for (int n = 0; n < dose.times; ++n) {
      const std::string label =
          dose.times == 1 ? dose.label : fmt::format("{} ({} of {})", dose.label, n + 1, dose.times);
      ladder.push_back({label, *cells, false});
    }
    const int extra = i < request.reserves.size() ? request.reserves[i] : 0;
    for (int n = 0; n < extra; ++n)
      reserves.push_back({fmt::format("reserve for {}", dose.label), *cells, true});
  }
  ladder.insert(ladder.end(), reserves.begin(), reserves.end());
  return ladder;
}

// The densest filling that every limit allows.
std::optional<CellsPerMl> concentration_of(const SplitRequest& request, const CellsPerMl& in_product,
                                           const SiteValues& site, Findings& findings) {
  const auto nucleated = nucleated_per_ml(request.product);
  const Rational limit = site.get("nucleated_cells_at_freezing_per_ml");
  std::optional<CellsPerMl> densest;
  if (nucleated && nucleated->per_ml > 0)
    densest = CellsPerMl(Rational(limit * in_product.value() / nucleated->per_ml));
  if (!densest || nucleated->is_lower_bound) {
    ask("tnc",
        fmt::format(
            "the limit of {} nucleated cells per mL at freezing is not checked{}", power_of_ten(limit),
            densest ? " for dead cells: whether the TNC count includes them is not stated, or its viability"
                    : ": the product has no TNC count"),
        findings);
  }
  if (request.freeze_at) {
    if (densest && *request.freeze_at > *densest) {
      findings.push_back(
          {Form::caution, "concentration",
           fmt::format("{} {} per mL would be more than {} nucleated cells per mL: bags are filled thinner, "
                       "at {} per mL",
                       power_of_ten(request.freeze_at->value()), full_name(request.kind), power_of_ten(limit),
                       power_of_ten(densest->value())),
           site.source("nucleated_cells_at_freezing_per_ml")});
      return densest;
    }
    return request.freeze_at;
  }
  const CellsPerMl chosen = densest ? std::min(*densest, in_product) : in_product;
  findings.push_back(
      {Form::assumption, "freeze_at",
       fmt::format(
           "freezing concentration not given: {} {} per mL, the product's own or the densest allowed; "
           "the cryoprotectant's volume has to be part of it",
           power_of_ten(chosen.value()), full_name(request.kind)),
       ""});
  return chosen;
}

Filling filling_of(const SplitRequest& request, const SiteValues& site, Findings& findings) {
  Filling filling;
  filling.fills = request.fills;
  std::sort(filling.fills.begin(), filling.fills.end());
  filling.fills.erase(std::unique(filling.fills.begin(), filling.fills.end()), filling.fills.end());
  filling.least = Millilitres(site.get("fill_min_ml"));
  if (const auto most = site.find("fill_max_ml")) filling.most = Millilitres(*most);
  if (filling.fills.empty()) {
    site.note_assumption("fill_min_ml", findings);
    if (!filling.most)
      ask("fill_max_ml",
          "the largest fill of a bag is not given (fill_max_ml): each dose is planned as one bag", findings);
  }
  filling.most_bags = static_cast<std::size_t>(site.count("bags_per_infusion"));
  const auto dmso =
      request.dmso
          ? request.dmso
          : (site.is_set("dmso_percent") ? std::optional(percent(site.get("dmso_percent"))) : std::nullopt);
  if (!dmso) {
    ask("dmso", "DMSO per kg is not checked: its share of the bag is not given (dmso_percent)", findings);
  } else if (!request.weight) {
    ask("weight", "DMSO per kg is not checked: the weight is unknown", findings);
  } else if (dmso->value() > 0) {
    filling.most_volume = Millilitres(Rational(site.get("dmso_g_per_kg") * request.weight->value() /
                                               (dmso->value() * site.get("dmso_g_per_ml"))));
    site.note_assumption("dmso_g_per_ml", findings);
  }
  return filling;
}

// The best plan with this many cells, this filling and this recovery.
struct Solution {
  std::vector<std::vector<Option>> options;  // of each infusion
  std::vector<std::string> why_none;
  std::vector<bool> is_frozen;
  std::vector<std::size_t> chosen;  // option of each frozen infusion
  Cells cells;
  std::size_t n_examined = 0;
};

Solution solve(const std::vector<Infusion>& infusions, const Fraction& recovery, const Filling& filling,
               const Cells& budget, bool fewest_thaws_first) {
  Solution made;
  const std::size_t n = infusions.size();
  made.why_none.resize(n);
  made.is_frozen.assign(n, false);
  made.chosen.assign(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    made.options.push_back(
        options_for(infusions[i].target / recovery, filling, made.n_examined, made.why_none[i]));
  }
  const auto fewest_cells = [&](std::size_t i) {
    return std::min_element(made.options[i].begin(), made.options[i].end(),
                            [](const Option& a, const Option& b) { return a.cells < b.cells; })
        ->cells;
  };
  // The ladder in its order: a dose is of no use before those below it.
  Cells left = budget;
  for (std::size_t i = 0; i < n && !infusions[i].is_reserve; ++i) {
    if (made.options[i].empty()) break;
    const Cells least = fewest_cells(i);
    if (least > left) {
      made.why_none[i] = fmt::format("{} viable cells are missing", power_of_ten((least - left).value()));
      break;
    }
    left -= least;
    made.is_frozen[i] = true;
  }
  // Reserves: the smallest first gives the most of them; none for a dose that is not frozen itself.
  std::vector<std::size_t> reserves;
  for (std::size_t i = 0; i < n; ++i) {
    if (infusions[i].is_reserve && !made.options[i].empty()) reserves.push_back(i);
  }
  std::stable_sort(reserves.begin(), reserves.end(),
                   [&](std::size_t a, std::size_t b) { return fewest_cells(a) < fewest_cells(b); });
  for (const std::size_t i : reserves) {
    bool is_of_frozen = false;
    for (std::size_t j = 0; j < n; ++j)
      is_of_frozen = is_of_frozen || (made.is_frozen[j] && !infusions[j].is_reserve &&
                                      infusions[j].target == infusions[i].target);
    const Cells least = fewest_cells(i);
    if (!is_of_frozen) {
      made.why_none[i] = "the dose itself is not frozen";
    } else if (least > left) {
      made.why_none[i] = fmt::format("{} viable cells are missing", power_of_ten((least - left).value()));
    } else {
      left -= least;
      made.is_frozen[i] = true;
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (!made.is_frozen[i] && made.why_none[i].empty()) made.why_none[i] = "a dose before it is not frozen";
  }
  std::vector<const std::vector<Option>*> chosen_from;
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < n; ++i) {
    if (!made.is_frozen[i]) continue;
    chosen_from.push_back(&made.options[i]);
    which.push_back(i);
  }
  const auto choice = choose(chosen_from, budget, fewest_thaws_first, made.n_examined);
  ensure(choice.has_value(), "what was found to fit fits");
  for (std::size_t k = 0; k < which.size(); ++k) made.chosen[which[k]] = choice->options[k];
  made.cells = choice->cells;
  return made;
}

std::optional<Error> check_request(const SplitRequest& request) {
  const auto wrong = [](std::string what) { return Error{ErrorKind::out_of_range, std::move(what)}; };
  if (request.recovery && (request.recovery->value() <= 0 || request.recovery->value() > 1))
    return wrong("recovery: expected above 0 and at most 100 %");
  if (request.freeze_at && request.freeze_at->value() <= 0)
    return wrong("freezing concentration: expected above 0");
  if (request.dmso && (request.dmso->value() < 0 || request.dmso->value() > 1))
    return wrong("DMSO: expected 0 to 100 %");
  for (const Millilitres& fill : request.fills) {
    if (fill.value() <= 0) return wrong("fills: expected volumes above 0");
  }
  if (request.fills.size() > 12) return wrong("fills: at most 12 different volumes");
  for (const int reserve : request.reserves) {
    if (reserve < 0 || reserve > 20) return wrong("reserve: expected 0 to 20");
  }
  return std::nullopt;
}

// Bags are filled by one kind of cell: how far they reach the other targets of a dose is said.
void note_other_targets(const SplitRequest& request, const CellsPerMl& per_ml, Findings& findings) {
  for (const LadderDose& dose : request.doses) {
    const auto filled_by = std::find_if(dose.targets.begin(), dose.targets.end(),
                                        [&](const DoseTarget& t) { return t.kind == request.kind; });
    for (const DoseTarget& target : dose.targets) {
      if (target.kind == request.kind) continue;
      const std::string_view other = full_name(target.kind);
      const auto other_per_ml = viable_per_ml(request.product, target.kind);
      const auto wanted = cells_of(target.low, target.per_kilogram, request.weight);
      const auto filled = cells_of(request.upper_ends ? filled_by->high : filled_by->low,
                                   filled_by->per_kilogram, request.weight);
      if (!other_per_ml || !wanted || !filled) {
        ask("second_target",
            fmt::format("{}: whether its bags reach the target of {} is not checked: {}", dose.label, other,
                        !other_per_ml ? other_per_ml.error().message : "the weight is unknown"),
            findings);
        continue;
      }
      const Cells brought = *filled * ratio(*other_per_ml, per_ml);
      findings.push_back(
          {brought < *wanted ? Form::caution : Form::met, "second_target",
           fmt::format("{}: its bags bring {} {}, {} % of that target, if they are recovered like {}",
                       dose.label, power_of_ten(brought.value()), other,
                       graftline::to_text(Rational(ratio(brought, *wanted).value() * 100), 4),
                       full_name(request.kind)),
           ""});
    }
  }
}

void add_sensitivity(const std::vector<Infusion>& infusions, const SplitRequest& request,
                     const Filling& filling, const Cells& budget, const SiteValues& site, SplitPlan& plan) {
  const Rational high = site.get("recovery_high_percent");
  for (Rational at = site.get("recovery_low_percent"); at <= high; at += 10) {
    if (at <= 0) continue;
    const Fraction recovery = percent(at);
    const Solution solution = solve(infusions, recovery, filling, budget, request.fewest_thaws_first);
    Sensitivity row{recovery, 0, 0, budget - solution.cells, ratio(recovery, plan.recovery)};
    for (std::size_t i = 0; i < infusions.size(); ++i) {
      if (solution.is_frozen[i]) ++(infusions[i].is_reserve ? row.reserves_frozen : row.doses_frozen);
    }
    plan.sensitivity.push_back(std::move(row));
  }
}

}  // namespace

Result<SplitPlan> plan_split(const SplitRequest& request, const SiteValues& site) {
  if (auto problem = check_request(request)) return *problem;
  SplitPlan plan;
  Findings& findings = plan.findings;
  if (request.doses.empty()) ask("dose", "no dose is given (dose, or a protocol's ladder)", findings);
  auto infusions = infusions_of(request, findings);
  if (!infusions) return infusions.error();
  if (const auto most = site.find("fill_max_ml"); most && *most < site.get("fill_min_ml"))
    return Error{ErrorKind::out_of_range, "fill_max_ml: expected at least fill_min_ml"};
  if (!request.recovery) site.note_assumption("recovery_percent", findings);
  plan.recovery = request.recovery ? *request.recovery : percent(site.get("recovery_percent"));
  if (plan.recovery.value() <= 0) return Error{ErrorKind::out_of_range, "recovery_percent: expected above 0"};
  for (const Infusion& infusion : *infusions) {
    SplitStep step;
    step.label = infusion.label;
    step.is_reserve = infusion.is_reserve;
    step.target = infusion.target;
    step.to_freeze = infusion.target / plan.recovery;
    plan.steps.push_back(std::move(step));
  }
  const auto per_ml = viable_per_ml(request.product, request.kind);
  if (!per_ml || !request.product.volume_ml || per_ml->value() == 0) {
    ask("product",
        fmt::format("no bags are planned: {}", !per_ml ? per_ml.error().message
                                               : !request.product.volume_ml
                                                   ? "the volume of the product is not given"
                                                   : "the product holds no viable cells"),
        findings);
    for (SplitStep& step : plan.steps) step.lost_because = "the product is not known";
    return plan;
  }
  if (request.age) {
    ProductState state;
    state.age = request.age;
    check_hold(request.product, state, site, findings);
  } else {
    ask("age", "time from collection to freezing is not checked: it is not given", findings);
  }
  plan.available = *per_ml * Millilitres(*request.product.volume_ml);
  Filling filling = filling_of(request, site, findings);
  filling.concentration = concentration_of(request, *per_ml, site, findings);
  plan.concentration = filling.concentration;
  plan.pilot_vials = site.count("pilot_vials");
  if (plan.pilot_vials > 0) {
    site.note_assumption("pilot_vials", findings);
    site.note_assumption("pilot_vial_ml", findings);
  }
  const Cells pilots =
      *filling.concentration * Millilitres(Rational(site.get("pilot_vial_ml") * plan.pilot_vials));
  if (pilots > *plan.available) {
    plan.pilot_vials = 0;
    findings.push_back(
        {Form::caution, "pilot_vials", "the product does not fill the pilot vials: none is planned", ""});
  } else {
    plan.in_pilots = pilots;
  }
  const Cells budget = *plan.available - plan.in_pilots;
  const Solution solution = solve(*infusions, plan.recovery, filling, budget, request.fewest_thaws_first);
  Cells whole_ladder;
  bool is_whole = true;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    SplitStep& step = plan.steps[i];
    if (!step.is_reserve) {
      whole_ladder += step.to_freeze;
      is_whole = is_whole && solution.is_frozen[i];
    }
    step.is_frozen = solution.is_frozen[i];
    if (!step.is_frozen) {
      step.lost_because = solution.why_none[i];
      continue;
    }
    const Option& option = solution.options[i][solution.chosen[i]];
    step.bags = option.bags;
    step.in_bags = option.cells;
    step.volume = option.volume;
    const auto dmso =
        request.dmso
            ? request.dmso
            : (site.is_set("dmso_percent") ? std::optional(percent(site.get("dmso_percent"))) : std::nullopt);
    if (dmso && request.weight) step.dmso = dmso_per_kg(option.volume, *dmso, *request.weight, site);
    plan.in_bags += option.cells;
    plan.waste += option.cells - step.to_freeze;
    plan.bags += static_cast<int>(option.bags.size());
    if (!step.is_reserve) ++plan.doses_frozen;
  }
  plan.left_over = budget - plan.in_bags;
  ensure(plan.in_bags + plan.in_pilots + plan.left_over == *plan.available, "no cell is lost or made");
  if (!is_whole && whole_ladder > budget) plan.short_by = whole_ladder - budget;
  if (request.weight) plan.left_over_dose = plan.left_over * plan.recovery / *request.weight;
  note_other_targets(request, *per_ml, findings);
  add_sensitivity(*infusions, request, filling, budget, site, plan);
  plan.method =
      fmt::format("exact: every filling of up to {} bags per infusion was compared, {} combinations; {}",
                  filling.most_bags, solution.n_examined,
                  request.fewest_thaws_first ? "fewest bags first, then least waste"
                                             : "least waste first, then fewest bags");
  return plan;
}

}  // namespace graftline::product
