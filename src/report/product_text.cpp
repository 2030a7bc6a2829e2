#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/decision_text.h"
#include "report/dose_text.h"
#include "report/product_report.h"

namespace graftline::report {
namespace {

using product::Cells;
using product::Finding;
using product::Millilitres;

std::string cells_text(const Cells& cells, Kind kind) {
  return fmt::format("{} {} ({})", product::power_of_ten(cells.value()), full_name(kind),
                     in_words(cells.value()));
}

std::string figure(const Rational& value, int significant = 4) {
  return graftline::to_text(value, significant);
}

std::string percentage(const product::Fraction& share) {
  return figure(Rational(share.value() * 100)) + " %";
}

std::string whole_ml(const Millilitres& volume) {
  return fmt::format("{:.1f} mL", to_double(volume.value()));
}

std::string spread_text(const product::Spread<Millilitres>& volume) {
  return fmt::format("{} ({} to {})", whole_ml(volume.expected), whole_ml(volume.low), whole_ml(volume.high));
}

std::string doses_text(const std::vector<product::LadderDose>& doses) {
  std::string out;
  for (const product::LadderDose& dose : doses) {
    out += fmt::format("  {:<22}  {}{}\n", dose.label, product::to_text(dose.targets),
                       dose.times > 1 ? fmt::format(", {} times", dose.times) : "");
  }
  return out;
}

std::string weight_text(const std::optional<product::Kilograms>& weight) {
  return weight ? figure(weight->value(), 6) + " kg" : "unknown";
}

std::string ending() { return fmt::format("\n{}\n", research_use); }

}  // namespace

std::string findings_text(const product::Findings& findings) {
  struct Heading {
    Finding::Form form;
    std::string_view text;
  };
  static constexpr std::array<Heading, 5> headings{{{Finding::Form::limit, "Limits broken"},
                                                    {Finding::Form::asked, "Asked for"},
                                                    {Finding::Form::caution, "Look twice"},
                                                    {Finding::Form::assumption, "Assumed"},
                                                    {Finding::Form::met, "Checked"}}};
  std::string out;
  for (const Heading& heading : headings) {
    std::vector<std::string> lines;
    for (const Finding& finding : findings) {
      if (finding.form != heading.form) continue;
      std::string line = fmt::format("  {}{}", finding.text,
                                     finding.source.empty() ? "" : fmt::format("  [{}]", finding.source));
      if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
    }
    if (!lines.empty()) out += fmt::format("{}\n{}\n", heading.text, fmt::join(lines, "\n"));
  }
  return out;
}

std::string to_text(const product::CollectionRequest& request, const product::CollectionAnswer& answer) {
  std::string out = "Collection\n" + doses_text(request.doses);
  out += fmt::format("  {:<24}{}\n", "recipient's weight", weight_text(request.weight));
  for (const product::CollectionTarget& target : answer.targets) {
    out += fmt::format("\n{}\n", full_name(target.kind));
    if (target.needed_low > Cells()) {
      out += fmt::format("  {:<24}{}\n", "to collect", cells_text(target.needed_low, target.kind));
      if (target.needed_high != target.needed_low)
        out +=
            fmt::format("  {:<24}{}\n", "for upper dose ends", cells_text(target.needed_high, target.kind));
    }
    if (target.blood)
      out += fmt::format("  {:<24}{} per uL\n", "in the donor's blood",
                         figure(Rational(target.blood->value() / 1000)));
    if (target.volume) out += fmt::format("  {:<24}{}\n", "blood to process", spread_text(*target.volume));
    if (target.volume_high && target.needed_high != target.needed_low)
      out += fmt::format("  {:<24}{}\n", "for upper dose ends", spread_text(*target.volume_high));
    if (target.yield) {
      out += fmt::format("  {:<24}{} ({} to {}) of {}\n", "expected yield",
                         product::power_of_ten(target.yield->expected.value()),
                         product::power_of_ten(target.yield->low.value()),
                         product::power_of_ten(target.yield->high.value()), whole_ml(*request.volume));
      out += fmt::format("  {:<24}{}\n", "doses covered", target.doses_covered);
    }
  }
  out += "\n";
  if (answer.volume) out += fmt::format("Blood volume to process: {}\n", whole_ml(*answer.volume));
  if (!answer.volume && !request.doses.empty()) out += "Blood volume to process: unknown\n";
  if (answer.efficiency) out += fmt::format("CE2: {}\n", percentage(*answer.efficiency));
  if (answer.blood_volumes) {
    out +=
        fmt::format("Donor: {} blood volumes of {}; {} session{}\n", figure(answer.blood_volumes->value(), 3),
                    whole_ml(*answer.donor_blood_volume), *answer.sessions, *answer.sessions == 1 ? "" : "s");
  }
  return out + "\n" + findings_text(answer.findings) + ending();
}

std::string to_text(const product::SplitRequest& request, const product::SplitPlan& plan) {
  const Kind kind = request.kind;
  std::string out = "Split before freezing\n" + doses_text(request.doses);
  out += fmt::format("  {:<24}{}\n  {:<24}{}\n", "recipient's weight", weight_text(request.weight),
                     "recovery after thawing", percentage(plan.recovery));
  if (plan.available)
    out += fmt::format("  {:<24}{}\n", "viable in the product", cells_text(*plan.available, kind));
  if (plan.concentration)
    out += fmt::format("  {:<24}{} {} per mL\n", "filled at",
                       product::power_of_ten(plan.concentration->value()), full_name(kind));
  for (const product::SplitStep& step : plan.steps) {
    out += fmt::format("\n{}\n  at infusion     {}\n  before freezing {}\n", step.label,
                       cells_text(step.target, kind), cells_text(step.to_freeze, kind));
    if (!step.is_frozen) {
      out += fmt::format("  not frozen: {}\n", step.lost_because);
      continue;
    }
    for (const product::SplitBag& bag : step.bags) {
      out += fmt::format("  bag of {} with {}{}\n", product::to_text(bag.fill), cells_text(bag.cells, kind),
                         bag.is_diluted ? ", diluted to the smallest fill" : "");
    }
    if (step.dmso) out += fmt::format("  DMSO {} g per kg\n", figure(step.dmso->value()));
  }
  if (plan.available) {
    out += fmt::format(
        "\n{} of {} doses frozen, {} bag{}, {} pilot vial{}\n", plan.doses_frozen,
        std::count_if(plan.steps.begin(), plan.steps.end(), [](const auto& s) { return !s.is_reserve; }),
        plan.bags, plan.bags == 1 ? "" : "s", plan.pilot_vials, plan.pilot_vials == 1 ? "" : "s");
    out += fmt::format(
        "in bags {}, pilot vials {}, left over {}; more than needed in bags {}\n",
        product::power_of_ten(plan.in_bags.value()), product::power_of_ten(plan.in_pilots.value()),
        product::power_of_ten(plan.left_over.value()), product::power_of_ten(plan.waste.value()));
    if (plan.short_by) {
      out += fmt::format("Lost: the whole ladder needs {} more", cells_text(*plan.short_by, kind));
      if (plan.left_over_dose)
        out += fmt::format("; what is left over would come to {} per kg at infusion",
                           product::power_of_ten(plan.left_over_dose->value(), 3));
      out += "\n";
    }
    out += fmt::format(
        "{}\n\nIf the recovery is      planned for it: doses, reserves, left over   these bags deliver\n",
        plan.method);
    for (const product::Sensitivity& row : plan.sensitivity) {
      out += fmt::format("  {:<22}{:>5}, {:>3}, {:<28}{} of each dose\n", percentage(row.recovery),
                         row.doses_frozen, row.reserves_frozen, product::power_of_ten(row.left_over.value()),
                         percentage(row.of_target));
    }
  }
  return out + "\n" + findings_text(plan.findings) + ending();
}

std::string to_text(const product::DoseRequest& request, const product::DoseAnswer& answer) {
  std::string out = fmt::format("Dose\n  {:<24}{}\n  {:<24}{}\n", "prescribed",
                                request.targets.empty() ? "not given" : product::to_text(request.targets),
                                "weight", weight_text(request.weight));
  for (const product::Product::Count& count : answer.viable) {
    out += fmt::format("  {:<24}{} viable {} per mL", "product", product::power_of_ten(count.per_ml),
                       full_name(count.kind));
    if (request.product.volume_ml)
      out += fmt::format(", {} in {}",
                         product::power_of_ten(Rational(count.per_ml * *request.product.volume_ml), 5),
                         product::to_text(Millilitres(*request.product.volume_ml)));
    out += "\n";
  }
  for (const product::TargetVolume& target : answer.targets) {
    out += fmt::format("\n{}{}\n", product::to_text(target.target),
                       target.governs && answer.targets.size() > 1 ? " (governs)" : "");
    if (target.cells_low) {
      out += fmt::format("  {:<24}{}", "cells", cells_text(*target.cells_low, target.target.kind));
      if (*target.cells_high != *target.cells_low)
        out += " to " + cells_text(*target.cells_high, target.target.kind);
      out += "\n";
    }
    if (!target.volume_low) {
      out += fmt::format("  {:<24}unknown\n", "volume");
      continue;
    }
    out += fmt::format(
        "  {:<24}{}{}\n", "volume", product::to_text(*target.volume_low),
        *target.volume_high == *target.volume_low ? "" : " to " + product::to_text(*target.volume_high));
    for (const product::Delivered& delivered : target.delivers) {
      if (delivered.kind == target.target.kind || !delivered.per_kg) continue;
      out += fmt::format("  {:<24}{} {} per kg\n", "delivers also",
                         product::power_of_ten(delivered.per_kg->value()), full_name(delivered.kind));
    }
  }
  if (answer.volume) {
    out += answer.within_limits()
               ? fmt::format("\nGive {}\n", product::to_text(*answer.volume))
               : fmt::format("\nNot to be given like this: {} would be the dose, and a limit is broken\n",
                             product::to_text(*answer.volume));
  }
  return out + "\n" + findings_text(answer.findings) + ending();
}

std::string to_line(const product::Proposal& proposal) {
  std::string out;
  for (const product::Draw& draw : proposal.draws) {
    out += fmt::format("{}{} of bag {}", out.empty() ? "" : " and ", product::to_text(draw.volume), draw.bag);
  }
  return out;
}

std::string to_text(const product::Need& need, const product::Proposals& proposals) {
  return proposals_text(need, proposals) + ending();
}

std::string proposals_text(const product::Need& need, const product::Proposals& proposals) {
  std::string out = fmt::format("Bag for {} on {}: {}\n", need.recipient, graftline::to_text(need.on),
                                product::to_text(need.targets));
  if (proposals.ranked.empty()) out += fmt::format("None: {}\n", proposals.gap);
  for (std::size_t i = 0; i < proposals.ranked.size(); ++i) {
    const product::Proposal& one = proposals.ranked[i];
    out += fmt::format("\n{} {}\n", i == 0 ? "Proposed:" : fmt::format("Alternative {}:", i), to_line(one));
    for (const product::Delivered& delivered : one.delivers) {
      out += fmt::format("  delivers {}{}\n", cells_text(delivered.cells, delivered.kind),
                         delivered.per_kg
                             ? fmt::format(", {} per kg", product::power_of_ten(delivered.per_kg->value()))
                             : "");
    }
    out += fmt::format("  {}\n", fmt::join(one.reasons, "; "));
    const std::string findings = findings_text(one.findings);
    std::size_t at = 0;
    while (at < findings.size()) {
      const std::size_t end = std::min(findings.find('\n', at), findings.size());
      out += "  " + findings.substr(at, end - at) + "\n";
      at = end + 1;
    }
  }
  if (proposals.n_behind > 0) out += fmt::format("\nand {} more behind these\n", proposals.n_behind);
  if (!proposals.not_proposed.empty()) out += "\nNot proposed\n";
  for (const product::NotProposed& one : proposals.not_proposed)
    out += fmt::format("  {}: {}\n", one.bag, fmt::join(one.reasons, "; "));
  if (!proposals.asked.empty()) out += "\n" + findings_text(proposals.asked);
  return out;
}

std::string to_text(const StockView& stock) {
  std::string out = fmt::format("{:<14} {:<12} {:<12} {:<18} {:>9}  {:<10} {}\n", "bag", "state", "recipient",
                                "filled for", "volume", "expires", "product");
  for (const product::Bag& bag : stock.bags) {
    std::string what = bag.din ? product::to_label(*bag.din) : "";
    if (bag.code) {
      const auto name = stock.names.find(bag.code->description());
      what += " " + bag.code->text + (name != stock.names.end() ? " " + name->second : "");
    }
    out +=
        fmt::format("{:<14} {:<12} {:<12} {:<18} {:>9}  {:<10} {}\n", bag.id, name(bag.state), bag.recipient,
                    bag.planned_dose, bag.volume_ml ? graftline::to_text(*bag.volume_ml) + " mL" : "",
                    bag.expires ? graftline::to_text(bag.expires->day) : "", what);
  }
  const product::CellAccount sum = account(stock.bags);
  out += fmt::format(
      "\n{} bags. Viable CD3+ cells: planned {}, in stock {}, issued {}, infused {}, discarded {}{}\n",
      stock.bags.size(), product::power_of_ten(sum.planned.value()),
      product::power_of_ten(sum.in_stock.value()), product::power_of_ten(sum.issued.value()),
      product::power_of_ten(sum.infused.value()), product::power_of_ten(sum.discarded.value()),
      sum.not_counted > 0 ? fmt::format("; of {} bags not known", sum.not_counted) : "");
  for (const std::string& column : stock.ignored_columns) out += fmt::format("Column not used: {}\n", column);
  for (const product::StockProblem& problem : stock.problems)
    out += fmt::format("bag {}: {}\n", problem.bag, problem.text);
  return out;
}

}  // namespace graftline::report
