#include "engine/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "engine/compare.h"
#include "engine/operators.h"
#include "protocol/format.h"
#include "record/facts.h"

namespace graftline::engine {
namespace {

using protocol::Expr;
using protocol::FactDeclaration;
using protocol::Operand;
using record::Absence;
using record::Entry;
using record::FactType;

// An imprecise date is tried day by day; a year-only transplant date has 366.
constexpr int widest_date = 366;

record::Pick pick_of(protocol::Pick pick) {
  switch (pick) {
    case protocol::Pick::first:
      return record::Pick::first;
    case protocol::Pick::worst:
      return record::Pick::worst;
    case protocol::Pick::best:
      return record::Pick::best;
    case protocol::Pick::any:
      return record::Pick::any;
    default:
      return record::Pick::latest;
  }
}

Absence absence_of(const FactDeclaration& declared) {
  return declared.absence.value_or(record::fact(declared.fact).absence);
}

bool holds_or_not(FactType type) {
  return type == FactType::statement || type == FactType::event || type == FactType::course;
}

// Names were bound when the protocol was read: one that is not declared is a bug.
const FactDeclaration& declared_fact(const protocol::Protocol& protocol, std::string_view name) {
  const FactDeclaration* declared = protocol.find_fact(name);
  if (declared == nullptr) throw std::logic_error("a rule names a declared fact");
  return *declared;
}

void add_unique(std::vector<std::string>& names, const std::string& name) {
  if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

Node::Form form_of(Expr::Form form) {
  switch (form) {
    case Expr::Form::all:
      return Node::Form::all;
    case Expr::Form::any:
      return Node::Form::any;
    case Expr::Form::negation:
      return Node::Form::negation;
    case Expr::Form::at_least:
      return Node::Form::at_least;
    default:
      return Node::Form::leaf;
  }
}

// The days a window comes to: "2026-02-09 to 2026-03-11", "until 2026-03-11".
std::string days_text(const record::Window& window) {
  if (window.first && window.last)
    return fmt::format("{} to {}", to_text(*window.first), to_text(*window.last));
  if (window.first) return "since " + to_text(*window.first);
  return window.last ? "until " + to_text(*window.last) : "";
}

// Entries that answer, then those that exist and do not count.
void show_evidence(std::string_view name, const record::Reading& reading, Node& node) {
  for (const record::Member& member : reading.members) {
    for (const Entry* entry : member.evidence) node.evidence.push_back(evidence_of(name, *entry));
    if (node.note.empty()) node.note = member.note;
  }
  for (const Entry* entry : reading.nearest) {
    Evidence evidence = evidence_of(name, *entry);
    evidence.unusable |= reading.reasons;
    node.evidence.push_back(std::move(evidence));
  }
}

}  // namespace

Evidence evidence_of(std::string_view fact_name, const Entry& entry) {
  std::string value = entry.as_written;
  if (entry.upper_limit) value += fmt::format(" (upper limit {})", to_text(*entry.upper_limit));
  std::string date = to_text(entry.when);
  if (entry.until) {
    date += " to " + to_text(*entry.until);
  } else if (record::fact(entry.fact).type == FactType::course && !entry.is_stop) {
    date = "since " + date;
  }
  std::string origin = entry.origin.file;
  if (!entry.origin.place.empty()) origin += (origin.empty() ? "" : " ") + entry.origin.place;
  return {std::string(fact_name), std::move(value), std::move(date), std::move(origin), entry.unusable};
}

std::optional<std::string> Evaluator::parameter(std::string_view name) const {
  if (const auto set = settings_.parameters.find(name); set != settings_.parameters.end()) {
    return set->second.value;
  }
  const protocol::Parameter* declared = protocol_.find_parameter(name);
  return declared != nullptr ? declared->default_value : std::nullopt;
}

std::vector<record::Argument> Evaluator::arguments(const FactDeclaration& fact) const {
  std::vector<record::Argument> result;
  for (const auto& argument : fact.arguments) {
    result.push_back(
        {argument.name, argument.is_parameter ? parameter(argument.value).value_or("") : argument.value});
  }
  return result;
}

// Days
// ---------------------------------------------------------------------------------------------------------

ResolvedAnchor Evaluator::anchor(const protocol::Anchor& anchor) const {
  using Base = protocol::Anchor::Base;
  ResolvedAnchor result;
  const auto infusion = [&](std::size_t which) {
    const auto given = view_.infusions();
    if (which < given.size() && given[which]->unusable.empty()) {
      result.date = given[which]->when;
    } else {
      // Before the first infusion nothing can have happened since it: not unknown, but not applicable.
      result.reasons = which < given.size() ? given[which]->unusable : ReasonSet(Reason::not_applicable);
      result.missing = "donor lymphocyte infusion";
    }
  };
  switch (anchor.base) {
    case Base::day_zero:
      result.date = view_.day_zero();
      if (!result.date) {
        result.reasons = Reason::never_measured;
        result.missing = "transplant";
      }
      break;
    case Base::today:
      result.date = exactly(view_.as_of());
      break;
    case Base::first_infusion:
      infusion(0);
      break;
    case Base::last_infusion:
      infusion(std::max<std::size_t>(view_.infusions().size(), 1) - 1);
      break;
    case Base::infusion:
      infusion(static_cast<std::size_t>(std::max(anchor.infusion, 1) - 1));
      break;
    case Base::event: {
      const FactDeclaration& declared = declared_fact(protocol_, anchor.event);
      for (const Entry* entry : view_.entries(declared.fact)) {
        const bool* happened = std::get_if<bool>(&entry->value);
        if (happened == nullptr || !*happened) continue;
        if (!result.date || entry->when.last >= result.date->last) result.date = entry->when;
      }
      if (!result.date && anchor.or_today) result.date = exactly(view_.as_of());
      if (!result.date) {
        result.reasons = Reason::never_measured;
        result.missing = anchor.event;
      }
      break;
    }
  }
  if (result.date && anchor.offset) {
    const auto move = [&](Day day) {
      if (anchor.offset->unit == protocol::TimeUnit::calendar_months) {
        return add_months(day, anchor.sign * anchor.offset->count);
      }
      return day + anchor.sign * in_days(*anchor.offset);
    };
    result.date = PartialDate{move(result.date->first), move(result.date->last), result.date->precision};
  }
  return result;
}

int Evaluator::anchor_width(const protocol::Window& window) const {
  int width = 0;
  for (const auto* end : {&window.first, &window.last}) {
    if (!*end) continue;
    const ResolvedAnchor resolved = anchor(**end);
    if (resolved.date) width = std::max(width, resolved.date->last - resolved.date->first);
  }
  return std::min(width, widest_date);
}

record::Window Evaluator::resolve(const protocol::Window& window, int shift, ReasonSet& reasons,
                                  std::string& missing) const {
  const auto day = [&](const std::optional<protocol::Anchor>& end) -> std::optional<Day> {
    if (!end) return std::nullopt;
    const ResolvedAnchor resolved = anchor(*end);
    if (!resolved.date) {
      reasons |= resolved.reasons;
      missing = resolved.missing;
      return std::nullopt;
    }
    return std::min(resolved.date->first + shift, resolved.date->last);
  };
  record::Window result{day(window.first), day(window.last)};
  if (window.so_far && result.last) result.last = std::min(*result.last, view_.as_of());
  return result;
}

Answer Evaluator::today_in(const protocol::Window& window) const {
  ReasonSet reasons;
  std::string missing;
  std::optional<Answer> agreed;
  for (int shift = 0; shift <= anchor_width(window); ++shift) {
    const record::Window days = resolve(window, shift, reasons, missing);
    if (!reasons.empty()) return unknown(reasons);
    const Answer now =
        answer((!days.first || view_.as_of() >= *days.first) && (!days.last || view_.as_of() <= *days.last));
    if (agreed && *agreed != now) return unknown(Reason::imprecise_date);
    agreed = now;
  }
  return *agreed;
}

// Facts
// --------------------------------------------------------------------------------------------------------

record::Window Evaluator::window_of(const FactDeclaration& fact, int shift, ReasonSet& reasons,
                                    std::string& missing) const {
  if (fact.window.first || fact.window.last) return resolve(fact.window, shift, reasons, missing);
  const bool over_time = fact.pick == protocol::Pick::worst || fact.pick == protocol::Pick::best ||
                         fact.pick == protocol::Pick::any;
  if (!over_time || fact.window.ever) return {};
  protocol::Window since_day_zero;
  since_day_zero.first = protocol::Anchor{};
  return resolve(since_day_zero, shift, reasons, missing);
}

record::Reading Evaluator::read_shifted(const FactDeclaration& fact, int shift) const {
  ReasonSet reasons;
  std::string missing;
  const record::Window window = window_of(fact, shift, reasons, missing);
  if (!reasons.empty()) {
    record::Reading unanchored;
    unanchored.pick = pick_of(fact.pick);
    unanchored.reasons = reasons;
    return unanchored;
  }
  return view_.read(fact.fact, pick_of(fact.pick), window, arguments(fact));
}

record::Reading Evaluator::read(const FactDeclaration& fact) const { return read_shifted(fact, 0); }

void Evaluator::assume_absence(const FactDeclaration& fact, Node& node) const {
  node.assumptions.push_back(
      fact.absence
          ? fmt::format("no record of {} counts as no, because {}", fact.phrase, fact.absence_because)
          : fmt::format("no record of {} counts as no (catalogue of facts)", fact.phrase));
}

Answer Evaluator::truth_of(const FactDeclaration& fact, int shift, Node& node) const {
  const record::Fact& row = record::fact(fact.fact);
  if (!row.derivation.empty()) {
    const record::Reading reading = read_shifted(fact, shift);
    show_evidence(fact.name, reading, node);
    if (reading.members.empty()) return unknown(reading.reasons);
    const bool* value = std::get_if<bool>(&reading.members.front().value);
    return value != nullptr ? answer(*value) : unknown(reading.members.front().reasons | reading.reasons);
  }
  ReasonSet reasons;
  std::string missing;
  const record::Window window = window_of(fact, shift, reasons, missing);
  if (reasons == ReasonSet(Reason::not_applicable)) return graftline::answer(false);
  if (!reasons.empty()) return unknown(reasons);
  std::vector<const Entry*> evidence;
  const Absence absence = absence_of(fact);
  const bool now = fact.pick == protocol::Pick::current && !fact.window.is_written();
  if (!now) node.margin = days_text(window);
  const Answer result = now ? view_.holds_now(fact.fact, absence, &evidence)
                            : view_.held(fact.fact, window, absence, &evidence);
  for (const Entry* entry : evidence) node.evidence.push_back(evidence_of(fact.name, *entry));
  if (result.truth == Truth::no && evidence.empty() && absence == Absence::no) assume_absence(fact, node);
  return result;
}

// Conditions
// -----------------------------------------------------------------------------------------------------

Node Evaluator::evaluate(const Expr& expr) const {
  Node node;
  node.form = form_of(expr.form);
  if (node.form == Node::Form::leaf) {
    node = leaf(expr);
  } else {
    node.count = expr.count;
    std::vector<Answer> sides;
    for (const Expr& child : expr.children) {
      node.children.push_back(evaluate(child));
      sides.push_back(node.children.back().answer);
    }
    node.answer = joining(expr.form).one(sides, expr.count);
  }
  node.span = expr.span;
  if (node.sentence.empty()) node.sentence = to_text(expr);
  return node;
}

Node Evaluator::criterion(const protocol::Criterion& criterion) const {
  Node node;
  node.form = Node::Form::criterion;
  node.id = criterion.id;
  node.sentence = criterion.label;
  node.counts_against = !criterion.include;
  node.cite = criterion.cite ? &*criterion.cite : nullptr;
  node.span = criterion.span;
  node.children.push_back(evaluate(criterion.when));
  node.answer = node.children.front().answer;
  return node;
}

Node Evaluator::leaf(const Expr& expr) const {
  switch (expr.form) {
    case Expr::Form::comparison:
      return comparison(expr);
    case Expr::Form::membership:
      return membership(expr);
    case Expr::Form::held:
      return held(expr);
    case Expr::Form::known:
      return known(expr);
    case Expr::Form::today:
      return today(expr);
    default:
      return named(expr);
  }
}

namespace {

// Tries each day that an imprecise anchor may be. Agreement is an answer; anything else is unknown.
template <class At> Node for_each_shift(int width, const At& at) {
  Node node = at(0);
  for (int shift = 1; shift <= width; ++shift) {
    const Node other = at(shift);
    if (other.answer.truth == node.answer.truth) continue;
    node.answer = unknown(Reason::imprecise_date | other.answer.reasons | node.answer.reasons);
    break;
  }
  return node;
}

void name_missing(const FactDeclaration& fact, const Evaluator& evaluator, Node& node) {
  if (node.answer.truth != Truth::unknown) return;
  bool parameter_missing = false;
  if (node.answer.reasons.has(Reason::parameter_not_set)) {
    for (const auto& argument : fact.arguments) {
      if (!argument.is_parameter || evaluator.parameter(argument.value)) continue;
      add_unique(node.missing, argument.value);
      parameter_missing = true;
    }
  }
  if (!parameter_missing) add_unique(node.missing, fact.name);
}

}  // namespace

Node Evaluator::named(const Expr& expr) const {
  if (const protocol::Definition* definition = protocol_.find_definition(expr.name)) {
    Node node;
    node.form = Node::Form::definition;
    node.id = definition->name;
    node.sentence = definition->label.empty() ? definition->name : definition->label;
    node.cite = definition->cite ? &*definition->cite : nullptr;
    node.children.push_back(evaluate(definition->when));
    node.answer = node.children.front().answer;
    return node;
  }
  if (const protocol::Judgement* judgement = protocol_.find_judgement(expr.name)) {
    Node node;
    node.sentence = judgement->question;
    node.cite = judgement->cite ? &*judgement->cite : nullptr;
    if (const auto given = settings_.judgements.find(expr.name); given != settings_.judgements.end()) {
      node.answer = answer(given->second.value == "yes");
      node.evidence.push_back(
          {expr.name, given->second.value, to_text(view_.as_of()), given->second.origin, {}});
      return node;
    }
    const record::GivenJudgement* latest = nullptr;
    for (const auto& given : view_.timeline().judgements) {
      if (given.name != expr.name || given.known_on > view_.known_on() || given.when.last > view_.as_of())
        continue;
      if (latest == nullptr || given.when.last >= latest->when.last) latest = &given;
    }
    if (latest == nullptr) {
      node.answer = unknown(Reason::judgement_not_given);
      node.missing.push_back(expr.name);
      return node;
    }
    node.answer = answer(latest->value);
    node.evidence.push_back({expr.name,
                             latest->value ? "yes" : "no",
                             to_text(latest->when),
                             latest->origin.file + " " + latest->origin.place,
                             {}});
    return node;
  }
  const FactDeclaration& fact = declared_fact(protocol_, expr.name);
  return for_each_shift(anchor_width(fact.window), [&](int shift) {
    Node node;
    node.answer = truth_of(fact, shift, node);
    name_missing(fact, *this, node);
    return node;
  });
}

Node Evaluator::held(const Expr& expr) const {
  const FactDeclaration& fact = declared_fact(protocol_, expr.name);
  return for_each_shift(anchor_width(expr.window), [&](int shift) {
    Node node;
    ReasonSet reasons;
    std::string missing;
    const record::Window window = expr.window.is_written() ? resolve(expr.window, shift, reasons, missing)
                                                           : window_of(fact, shift, reasons, missing);
    if (reasons == ReasonSet(Reason::not_applicable)) {
      node.answer = answer(expr.at_no_time);
      return node;
    }
    if (!reasons.empty()) {
      node.answer = unknown(reasons);
      add_unique(node.missing, missing);
      return node;
    }
    std::vector<const Entry*> evidence;
    node.answer = view_.held(fact.fact, window, absence_of(fact), &evidence);
    node.margin = days_text(window);
    for (const Entry* entry : evidence) node.evidence.push_back(evidence_of(fact.name, *entry));
    if (node.answer.truth == Truth::no && evidence.empty()) assume_absence(fact, node);
    if (expr.at_no_time) node.answer = !node.answer;
    name_missing(fact, *this, node);
    return node;
  });
}

Node Evaluator::known(const Expr& expr) const {
  Node node;
  if (protocol_.find_parameter(expr.name) != nullptr) {
    node.answer = answer(parameter(expr.name).has_value());
    return node;
  }
  if (protocol_.find_judgement(expr.name) != nullptr) {
    node = named(expr);
    node.answer = answer(node.answer.truth != Truth::unknown);
    return node;
  }
  const FactDeclaration& fact = declared_fact(protocol_, expr.name);
  if (holds_or_not(record::fact(fact.fact).type)) {
    node.answer = answer(truth_of(fact, 0, node).truth != Truth::unknown);
    return node;
  }
  const record::Reading reading = read(fact);
  show_evidence(fact.name, reading, node);
  const bool usable =
      std::any_of(reading.members.begin(), reading.members.end(), [](const record::Member& m) {
        return m.reasons.empty() && (m.range || !std::holds_alternative<std::monostate>(m.value));
      });
  node.answer = answer(usable && !reading.reasons.has(Reason::conflicting));
  return node;
}

Node Evaluator::today(const Expr& expr) const {
  Node node;
  node.answer = today_in(expr.window);
  const ResolvedAnchor first = expr.window.first ? anchor(*expr.window.first) : ResolvedAnchor{};
  const ResolvedAnchor last = expr.window.last ? anchor(*expr.window.last) : ResolvedAnchor{};
  const auto text = [](const ResolvedAnchor& end) {
    return end.date ? to_text(end.date->first) : std::string("?");
  };
  if (expr.window.first && expr.window.last) {
    node.margin = fmt::format("{} to {}", text(first), text(last));
  } else if (expr.window.first) {
    node.margin = "from " + text(first);
  } else if (expr.window.last) {
    node.margin = "until " + text(last);
  }
  if (node.answer.truth == Truth::unknown) {
    add_unique(node.missing, first.missing);
    add_unique(node.missing, last.missing);
    if (node.missing.empty()) node.missing.emplace_back("transplant");
  }
  return node;
}

Node Evaluator::membership(const Expr& expr) const {
  if (protocol_.find_parameter(expr.name) != nullptr) {
    Node node;
    const auto value = parameter(expr.name);
    if (value) {
      node.answer = answer(std::find(expr.words.begin(), expr.words.end(), *value) != expr.words.end());
    } else {
      node.answer = unknown(Reason::parameter_not_set);
      node.missing.push_back(expr.name);
    }
    return node;
  }
  const FactDeclaration& fact = declared_fact(protocol_, expr.name);
  return for_each_shift(anchor_width(fact.window), [&](int shift) {
    Node node;
    const record::Reading reading = read_shifted(fact, shift);
    show_evidence(fact.name, reading, node);
    node.answer = in_set(reading, expr.levels);
    name_missing(fact, *this, node);
    return node;
  });
}

Node Evaluator::comparison(const Expr& expr) const {
  const Sides found = sides_of(expr);
  const Operand& subject = *found.subject;
  const Operand& limit = *found.limit;
  int width = 0;
  for (const Operand* side : {&subject, &limit}) {
    if (side->form != Operand::Form::fact) continue;
    width = std::max(width, anchor_width(declared_fact(protocol_, side->name).window));
  }
  return for_each_shift(width, [&](int shift) {
    Node node;
    Comparison sides{subject, found.op, limit};
    for (const Operand* side : {&subject, &limit}) {
      Side& filled = side == &subject ? sides.subject : sides.limit;
      switch (side->form) {
        case Operand::Form::fact: {
          filled.fact = &declared_fact(protocol_, side->name);
          filled.reading = read_shifted(*filled.fact, shift);
          show_evidence(filled.fact->name, filled.reading, node);
          break;
        }
        case Operand::Form::parameter:
          filled.parameter = protocol_.find_parameter(side->name);
          filled.parameter_value = parameter(side->name);
          break;
        case Operand::Form::days_since: {
          const ResolvedAnchor from = anchor(side->anchor);
          filled.missing = from.missing;
          filled.reasons = from.reasons;
          if (from.date) {
            filled.range = Range{Rational(view_.as_of() - from.date->last),
                                 Rational(view_.as_of() - from.date->first), false, false};
            filled.reasons = Reason::imprecise_date;
          }
          break;
        }
        case Operand::Form::infusions: {
          const auto given = view_.infusions();
          const auto certain =
              std::count_if(given.begin(), given.end(), [](const Entry* e) { return e->unusable.empty(); });
          filled.range = Range{Rational(certain), Rational(given.size()), false, false};
          filled.reasons = Reason::status_unknown;
          filled.missing = "donor lymphocyte infusion";
          break;
        }
        default:
          break;
      }
    }
    if (sides.subject.fact != nullptr) {
      const auto site = settings_.upper_limits.find(record::fact(sides.subject.fact->fact).id);
      if (site != settings_.upper_limits.end()) sides.site_upper_limit = site->second;
    }
    judge(sides, node);
    if (node.answer.truth == Truth::unknown && node.missing.empty()) {
      for (const Side* side : {&sides.subject, &sides.limit}) {
        if (side->fact != nullptr) name_missing(*side->fact, *this, node);
        add_unique(node.missing, side->missing);
      }
    }
    return node;
  });
}

}  // namespace graftline::engine
