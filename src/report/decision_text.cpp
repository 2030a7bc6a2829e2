#include "report/decision_text.h"

#include <fmt/format.h>

#include "engine/doses.h"
#include "report/dose_text.h"

namespace graftline::report {
namespace {

using engine::Action;
using engine::Decision;
using engine::Node;
using engine::Plan;
using engine::PlannedInfusion;
using engine::StrategyDecision;

// A criterion passes or fails; a condition inside it is yes or no.
std::string_view mark(const Node& node) {
  if (node.answer.truth == Truth::unknown || node.form != Node::Form::criterion)
    return name(node.answer.truth);
  return (node.answer.truth == Truth::yes) == node.counts_against ? "FAILS" : "passes";
}

std::string dates_text(const engine::Dates& dates) {
  std::string text;
  const auto add = [&](std::string_view label, const std::string& value) {
    text += fmt::format("{}{} {}", text.empty() ? "" : "; ", label, value);
  };
  if (dates.earliest) add("not before", to_text(*dates.earliest));
  if (dates.recommended_first && dates.recommended_last) {
    add("recommended",
        fmt::format("{} to {}", to_text(*dates.recommended_first), to_text(*dates.recommended_last)));
  }
  if (dates.latest) add("not after", to_text(*dates.latest));
  return text;
}

class TreeWriter {
 public:
  TreeWriter(const protocol::Protocol& protocol, std::string& out) : protocol_(protocol), out_(out) {}

  // A criterion with a single condition is one paragraph; its parts are indented below it otherwise.
  void write(const Node& node, int depth) {
    const bool is_named = node.form == Node::Form::criterion || node.form == Node::Form::definition;
    const Node* only = is_named && node.children.size() == 1 && node.children.front().form == Node::Form::leaf
                           ? &node.children.front()
                           : nullptr;
    const Node& shown = only != nullptr ? *only : node;
    const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
    std::string line = fmt::format("{}{:<8}", indent, mark(node));
    if (!node.id.empty()) line += node.id + "  ";
    if (node.form == Node::Form::criterion) line += node.counts_against ? "exclude: " : "include: ";
    line += node.sentence;
    if (!shown.margin.empty()) line += fmt::format("  [{}]", shown.margin);
    if (node.answer.truth == Truth::unknown) line += fmt::format("  ({})", to_text(node.answer.reasons));
    out_ += line + "\n";
    const std::string under = indent + "          ";
    if (only != nullptr && only->sentence != node.sentence)
      out_ += fmt::format("{}rule: {}\n", under, only->sentence);
    for (const auto& evidence : shown.evidence) {
      out_ += fmt::format(
          "{}{}: {}, {}{}{}\n", under, evidence.fact, evidence.value.empty() ? "(no value)" : evidence.value,
          evidence.date, evidence.origin.empty() ? "" : ", " + evidence.origin,
          evidence.unusable.empty() ? "" : fmt::format(" - does not count: {}", to_text(evidence.unusable)));
    }
    if (!shown.note.empty()) out_ += fmt::format("{}how: {}\n", under, shown.note);
    for (const auto& assumption : shown.assumptions)
      out_ += fmt::format("{}assumed: {}\n", under, assumption);
    if (node.cite != nullptr) out_ += fmt::format("{}source: {}\n", under, to_text(node.cite, protocol_));
    for (const Node& child : shown.children) write(child, depth + 1);
  }

 private:
  const protocol::Protocol& protocol_;
  std::string& out_;
};

bool is_obstacle(const Node& criterion) {
  const Truth met = criterion.counts_against ? !criterion.answer.truth : criterion.answer.truth;
  return met != Truth::yes;
}

std::string headline(const Decision& decision) {
  std::string text{engine::name(decision.action)};
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  const StrategyDecision* strategy = decision.answer();
  if (strategy != nullptr && strategy->wait_until) text += " until " + to_text(*strategy->wait_until);
  if (strategy != nullptr && strategy->dose && decision.action == Action::give) {
    text += ", as far as the protocol goes: " + both_ways(*strategy->dose);
  } else if (!decision.because.empty()) {
    text += ": " + decision.because;
  }
  return text;
}

void write_tasks(std::string_view label, const std::vector<engine::DatedTask>& tasks,
                 const protocol::Protocol& protocol, std::string& out) {
  for (const auto& task : tasks) {
    out += fmt::format("    {:<12}{}, {}", label, task.what, task.timing);
    if (task.first && task.last) {
      out += *task.first == *task.last ? fmt::format(": {}", to_text(*task.first))
                                       : fmt::format(": {} to {}", to_text(*task.first), to_text(*task.last));
    }
    if (task.applies.truth == Truth::unknown)
      out += fmt::format("  (whether it applies is unknown: {})", to_text(task.applies.reasons));
    if (task.cite != nullptr) out += fmt::format("  [{}]", to_text(task.cite, protocol));
    out += "\n";
  }
}

void write_infusion(const PlannedInfusion& infusion, const Plan& plan, const protocol::Protocol& protocol,
                    std::string& out) {
  out += fmt::format("  infusion {} (level {}){}\n", infusion.number, infusion.level,
                     infusion.is_next ? "" : ", if nothing speaks against it");
  if (!infusion.dose) {
    out += fmt::format("    dose        none: {}\n", infusion.dose_gap);
  } else {
    const std::string source =
        infusion.dose->cite != nullptr ? fmt::format("  [{}]", to_text(infusion.dose->cite, protocol)) : "";
    out += fmt::format("    dose        {}{}{}\n", both_ways(*infusion.dose),
                       infusion.dose->capped ? ", the cap" : "", source);
    if (!infusion.dose->step.empty()) out += fmt::format("    step        {}\n", infusion.dose->step);
  }
  for (const auto& target : infusion.targets) {
    const std::string cells = std::string(full_name(target.dose.kind));
    if (target.cells_low) {
      out += fmt::format("    cells       {} {} for {} recipient weight (weighed {})\n", total_cells(target),
                         cells, plan.weight.text, plan.weight.date);
    }
    if (target.volume_ml) {
      std::string volume = millilitres(*target.volume_ml);
      if (*target.volume_ml_high > *target.volume_ml) volume += " to " + millilitres(*target.volume_ml_high);
      out += fmt::format("    volume      {} for {}", volume, cells);
      for (const auto& other : target.also_delivers) {
        out += fmt::format("; delivers {} {} per kg", engine::power_of_ten(Rational(other.per_kilogram), 4),
                           full_name(other.kind));
      }
      out += target.governs && infusion.targets.size() > 1 ? "; this target governs\n" : "\n";
    } else if (!target.volume_gap.empty()) {
      out += fmt::format("    volume      unknown: {}\n", target.volume_gap);
    }
    if (target.ratio_to_last)
      out += fmt::format("    ratio       {}{} times the dose before\n",
                         target.dose.low == target.dose.high ? "" : "up to ",
                         graftline::to_text(*target.ratio_to_last, 3));
  }
  if (const std::string dates = dates_text(infusion.dates); !dates.empty())
    out += fmt::format("    dates       {}\n", dates);
  write_tasks("before", infusion.preparation, protocol, out);
  write_tasks("after", infusion.prophylaxis, protocol, out);
  if (infusion.is_next) write_tasks("watch", infusion.monitoring, protocol, out);
}

}  // namespace

std::string to_text(ReasonSet reasons) {
  std::string text;
  for (int i = 0; i < reason_count; ++i) {
    const auto reason = static_cast<Reason>(i);
    if (reasons.has(reason)) text += (text.empty() ? "" : ", ") + std::string(name(reason));
  }
  return text;
}

std::string to_text(const protocol::Citation* cite, const protocol::Protocol& protocol) {
  if (cite == nullptr) return "";
  const protocol::Source* source = protocol.find_source(cite->source);
  const std::string document =
      source == nullptr || source->reference.empty() ? cite->source : source->reference;
  return cite->locator.empty() ? document : fmt::format("{}, {}", document, cite->locator);
}

std::string to_text(const Plan& plan, const protocol::Protocol& protocol) {
  std::string out = "Plan, if an infusion is given\n";
  if (plan.weight.kilograms) {
    out += fmt::format("  weight        {} ({}{})\n", plan.weight.text, plan.weight.date,
                       plan.weight.origin.empty() ? "" : ", " + plan.weight.origin);
  } else {
    out +=
        fmt::format("  weight        unknown: {}{}\n", to_text(plan.weight.reasons),
                    plan.weight.too_old.empty() ? "" : fmt::format(" (last known {})", plan.weight.too_old));
  }
  if (!plan.governing.empty()) out += fmt::format("  governing target: {}\n", plan.governing);
  for (const auto& infusion : plan.infusions) write_infusion(infusion, plan, protocol, out);
  if (!plan.end.empty()) out += fmt::format("  then          {}\n", plan.end);
  return out;
}

std::string to_text(const Decision& decision, const Plan& plan, const protocol::Protocol& protocol,
                    const TextOptions& options) {
  std::string out = fmt::format("{}\n", headline(decision));
  const StrategyDecision* strategy = decision.answer();
  out += fmt::format(
      "Patient {}, asked as of {}{}", decision.patient, to_text(decision.as_of),
      decision.known_on == decision.as_of ? "" : fmt::format(", as known on {}", to_text(decision.known_on)));
  if (decision.day_zero) {
    out += fmt::format(" (day {}{}; day 0 {})", decision.as_of >= decision.day_zero->last ? "+" : "",
                       decision.as_of - decision.day_zero->last, to_text(*decision.day_zero));
  }
  out += fmt::format("\nProtocol {} {} ({}), sha256 {}\n", decision.protocol_id, decision.protocol_version,
                     protocol::name(decision.protocol_status), decision.protocol_sha256.substr(0, 12));
  if (strategy != nullptr && !strategy->name.empty())
    out += fmt::format("Strategy {}: {}\n", strategy->name, strategy->label);
  out += fmt::format("Eligibility: {}", engine::name(decision.verdict));
  if (!decision.failing.empty()) out += fmt::format(" ({})", fmt::join(decision.failing, ", "));
  out += "\n";
  if (!decision.missing.empty()) {
    out += "Missing:\n";
    for (const auto& missing : decision.missing) {
      out += fmt::format("  {} ({}): {}; needed by {}\n", missing.name, missing.phrase,
                         to_text(missing.reasons), fmt::join(missing.needed_by, ", "));
    }
  }
  for (const auto& would : decision.would_decide) {
    out += fmt::format("Would decide {}: {}\n", engine::name(would.verdict), fmt::join(would.names, " and "));
  }
  for (const auto& caution : plan.cautions) out += fmt::format("Caution: {}\n", caution);
  if (!plan.infusions.empty() || !plan.end.empty()) out += "\n" + to_text(plan, protocol);

  if (!options.only_answer) {
    TreeWriter tree(protocol, out);
    out += "\nCriteria\n";
    for (const auto* list : {&decision.criteria, strategy != nullptr ? &strategy->criteria : nullptr}) {
      if (list == nullptr) continue;
      for (const Node& node : *list) {
        if (options.with_met || is_obstacle(node)) tree.write(node, 1);
      }
    }
    for (const auto& one : decision.strategies) {
      if (!one.name.empty()) {
        out += fmt::format("\nStrategy {} ({}): {}\n", one.name, one.label,
                           one.open.truth == Truth::yes ? std::string(engine::name(one.action))
                                                        : "trigger " + std::string(name(one.open.truth)));
        if (one.trigger) tree.write(*one.trigger, 1);
      } else if (!one.rules.empty()) {
        out += "\nRules\n";
      }
      if (&one != strategy && one.open.truth == Truth::no) continue;
      for (const auto& rule : one.rules) {
        out += fmt::format("  {:<9} {}{}\n", rule.is_caution ? "caution" : engine::name(rule.action),
                           rule.label, rule.until ? fmt::format(" (until {})", to_text(*rule.until)) : "");
        // An unconditional caution has no condition to show.
        if (rule.node.sentence != rule.label || !rule.node.evidence.empty()) tree.write(rule.node, 2);
      }
    }
    for (const auto& parameter : decision.parameters) out += fmt::format("Parameter: {}\n", parameter);
    for (const auto& assumption : decision.assumptions) out += fmt::format("Assumption: {}\n", assumption);
    if (!decision.decided_by.empty())
      out += fmt::format("Decided by: {}\n", fmt::join(decision.decided_by, "; "));
  }
  if (decision.protocol_status != protocol::Status::active) {
    out += fmt::format("\nThis protocol file is a {}: {}.\n", protocol::name(decision.protocol_status),
                       decision.protocol_status == protocol::Status::draft ? "no clinician has signed it"
                                                                           : "see its review log");
  }
  return out + research_use + "\n";
}

}  // namespace graftline::report
