#include "engine/decide.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "engine/doses.h"
#include "engine/evaluate.h"
#include "engine/judgements.h"
#include "engine/settle.h"
#include "protocol/format.h"
#include "record/facts.h"

namespace graftline::engine {
namespace {

using protocol::Guard;
using record::Entry;

// Unknowns that no measurement settles: a person, a site or the source's author would have to.
constexpr ReasonSet to_be_asked =
    Reason::judgement_not_given | Reason::parameter_not_set | ReasonSet(Reason::not_stated_by_source);

bool only_to_be_asked(ReasonSet reasons) {
  return !reasons.empty() && (reasons | to_be_asked) == to_be_asked;
}

// Also so when nothing but parameters and judgements is missing, whatever else makes a value imprecise.
bool only_to_be_asked(const Node& node, const protocol::Protocol& protocol) {
  std::vector<Missing> missing;
  collect_missing(node, "", protocol, missing);
  const auto is_asked = [&](const Missing& item) {
    return protocol.find_parameter(item.name) != nullptr || protocol.find_judgement(item.name) != nullptr;
  };
  if (!missing.empty() && std::all_of(missing.begin(), missing.end(), is_asked)) return true;
  return only_to_be_asked(node.answer.reasons);
}

Node leaf(Answer answer, std::string sentence, protocol::Span span = {}) {
  Node node;
  node.answer = answer;
  node.sentence = std::move(sentence);
  node.span = span;
  return node;
}

// Works out one strategy: everything that speaks against giving, then the dose.
class StrategyRun {
 public:
  StrategyRun(const Evaluator& evaluator, const protocol::Strategy* strategy, const std::vector<Node>& common)
      : evaluator_(evaluator), protocol_(evaluator.protocol()), view_(evaluator.view()), strategy_(strategy) {
    rules_.common = &protocol_.common;
    rules_.own = strategy != nullptr ? &strategy->rules : nullptr;
    if (strategy != nullptr) {
      out_.name = strategy->name;
      out_.label = strategy->label;
    }
    for (const Node& node : common) criteria_.push_back(&node);
  }

  StrategyDecision run() {
    trigger();
    own_criteria();
    day_zero();
    count_infusions();
    guards();
    waits();
    intervals();
    give_windows();
    dose();
    settle();
    return std::move(out_);
  }

 private:
  struct Obstacle {
    Action action;
    std::string because;
    ReasonSet reasons;
    std::optional<Day> until;
  };

  void obstacle(Action action, std::string because, ReasonSet reasons = {},
                std::optional<Day> until = std::nullopt) {
    obstacles_.push_back({action, std::move(because), reasons, until});
  }

  // An unknown is an obstacle of the weaker kind: data are needed, or somebody has to be asked.
  void unknown_obstacle(const Node& node, const std::string& rule, std::string because) {
    collect_missing(node, rule, protocol_, out_.missing);
    obstacle(only_to_be_asked(node, protocol_) ? Action::ask : Action::need_data, std::move(because),
             node.answer.reasons);
  }

  void trigger() {
    out_.open = answer(true);
    if (strategy_ == nullptr || !strategy_->when) return;
    out_.trigger = evaluator_.evaluate(*strategy_->when);
    out_.open = out_.trigger->answer;
    if (evaluator_.settings().strategy != strategy_->name) return;
    out_.chosen_by_user = true;
    if (out_.open.truth != Truth::unknown) return;
    out_.open = answer(true);
    out_.trigger->assumptions.emplace_back(
        "strategy chosen by the user; the record does not settle its trigger");
  }

  void own_criteria() {
    if (strategy_ != nullptr) {
      for (const auto& criterion : strategy_->rules.criteria)
        out_.criteria.push_back(evaluator_.criterion(criterion));
      for (const Node& node : out_.criteria) criteria_.push_back(&node);
    }
    out_.verdict = verdict_of(criteria_);
    for (const Node* criterion : criteria_) {
      collect_missing(*criterion, criterion->id, protocol_, out_.missing);
      const Truth met = criterion->counts_against ? !criterion->answer.truth : criterion->answer.truth;
      if (met == Truth::no) {
        obstacle(Action::outside, fmt::format("not eligible: {} {}", criterion->id, criterion->sentence));
      } else if (met == Truth::unknown) {
        obstacle(only_to_be_asked(*criterion, protocol_) ? Action::ask : Action::need_data,
                 fmt::format("{} is unknown: {}", criterion->id, criterion->sentence),
                 criterion->answer.reasons);
      }
    }
  }

  // All days count from the graft infusion: without it nothing can be said to be due.
  void day_zero() {
    if (view_.day_zero()) return;
    obstacle(Action::need_data, "the day of the transplant is not on record", Reason::never_measured);
    const Missing transplant{
        "transplant", "day of the transplant", ReasonSet(Reason::never_measured), {"day 0"}};
    out_.missing.push_back(transplant);
  }

  // Two records of one day that differ may be one infusion told twice, one in two bags, or two.
  void infusions_of_one_day() {
    for (std::size_t i = 1; i < given_.size(); ++i) {
      const PartialDate& when = given_[i]->when;
      if (when != given_[i - 1]->when || when.first != when.last) continue;
      if (!given_[i]->unusable.empty() || !given_[i - 1]->unusable.empty()) continue;
      obstacle(Action::need_data,
               fmt::format("two records of an infusion on {} differ: whether it was one is unknown",
                           to_text(when)),
               Reason::conflicting);
      out_.missing.push_back({"donor lymphocyte infusion",
                              "whether two records of one day are one infusion",
                              Reason::conflicting,
                              {"count"}});
      return;
    }
  }

  void count_infusions() {
    given_ = view_.infusions();
    infusions_of_one_day();
    int uncertain = 0;
    for (const Entry* infusion : given_) uncertain += infusion->unusable.empty() ? 0 : 1;
    out_.infusions_given = static_cast<int>(given_.size()) - uncertain;
    if (uncertain > 0) {
      obstacle(Action::need_data,
               fmt::format("whether {} recorded infusion{} took place is unknown", uncertain,
                           uncertain == 1 ? "" : "s"),
               Reason::status_unknown);
      out_.missing.push_back({"donor lymphocyte infusion",
                              "whether a recorded infusion took place",
                              Reason::status_unknown,
                              {"count"}});
    }
    out_.next_level = next_level();
    const protocol::Count* count = rules_.one(&protocol::Rules::count);
    if (count != nullptr && out_.infusions_given >= count->at_most) {
      obstacle(Action::stop, fmt::format("{} of at most {} infusions were given: the series is complete",
                                         out_.infusions_given, count->at_most));
    }
  }

  // Level of the next infusion: one more than the last, unless a repeat rule keeps it. Repeat rules are asked
  // as of each infusion, on what was known then.
  int next_level() const {
    const auto guards = rules_.all(&protocol::Rules::guards);
    const auto repeats = [&](const Evaluator& at) {
      return std::any_of(guards.begin(), guards.end(), [&](const Guard* guard) {
        return guard->form == Guard::Form::repeat && at.evaluate(*guard->when).answer.truth == Truth::yes;
      });
    };
    const bool has_repeat = std::any_of(
        guards.begin(), guards.end(), [](const Guard* guard) { return guard->form == Guard::Form::repeat; });
    int level = 0;
    for (const Entry* infusion : given_) {
      if (!infusion->unusable.empty()) continue;
      bool keeps = false;
      if (has_repeat && level > 0) {
        const record::View then(view_.timeline(), infusion->when.last,
                                std::min(infusion->when.last, view_.known_on()));
        keeps = repeats(Evaluator(protocol_, then, evaluator_.settings()));
      }
      if (!keeps) ++level;
    }
    return has_repeat && level > 0 && repeats(evaluator_) ? level : level + 1;
  }

  void guards() {
    for (const Guard* guard : rules_.all(&protocol::Rules::guards)) {
      RuleOutcome outcome;
      outcome.label = guard->label;
      outcome.is_caution = guard->form == Guard::Form::caution || guard->form == Guard::Form::repeat;
      outcome.node =
          guard->when ? evaluator_.evaluate(*guard->when) : leaf(answer(true), guard->label, guard->span);
      outcome.node.cite = guard->cite ? &*guard->cite : nullptr;
      if (outcome.label.empty()) outcome.label = guard->when ? to_text(*guard->when) : "";
      const Answer met = outcome.node.answer;
      static constexpr std::array actions{Action::hold, Action::stop, Action::ask, Action::give,
                                          Action::give};
      outcome.action = actions.at(static_cast<std::size_t>(guard->form));
      if (!outcome.is_caution) {
        const std::string rule(name(outcome.action));
        if (met.truth == Truth::yes) {
          obstacle(outcome.action, outcome.label);
        } else if (met.truth == Truth::unknown) {
          unknown_obstacle(outcome.node, rule,
                           fmt::format("whether to {} is unknown: {}", rule, outcome.label));
        }
      }
      if (guard->form != Guard::Form::repeat) out_.rules.push_back(std::move(outcome));
    }
  }

  void add_wait(std::string label, Node node, Day until) {
    RuleOutcome outcome;
    outcome.action = Action::wait;
    outcome.until = until;
    outcome.label = std::move(label);
    node.answer = graftline::answer(view_.as_of() < until);
    outcome.node = std::move(node);
    if (view_.as_of() < until)
      obstacle(Action::wait, fmt::format("{}: until {}", outcome.label, to_text(until)), {}, until);
    if (!out_.dates.earliest || *out_.dates.earliest < until) out_.dates.earliest = until;
    out_.rules.push_back(std::move(outcome));
  }

  // "wait 30 days after immunosuppression": held back while it lasts, then until so long after its end.
  void waits() {
    for (const protocol::Wait* wait : rules_.all(&protocol::Rules::waits)) {
      const protocol::FactDeclaration* fact = protocol_.find_fact(wait->after);
      if (fact == nullptr) throw std::logic_error("a wait names a declared fact");
      const std::string label = wait->label.empty()
                                    ? fmt::format("{} after {}", to_text(wait->duration), fact->phrase)
                                    : wait->label;
      Node node = leaf({}, label, wait->span);
      node.cite = wait->cite ? &*wait->cite : nullptr;
      const record::Absence absence = fact->absence.value_or(record::fact(fact->fact).absence);
      std::vector<const Entry*> evidence;
      const Day first = view_.as_of() - in_days(wait->duration) + 1;
      Answer recent = view_.held(fact->fact, {first, view_.as_of()}, absence, &evidence);
      for (const Entry* entry : evidence) node.evidence.push_back(evidence_of(fact->name, *entry));
      const bool is_course = record::fact(fact->fact).type == record::FactType::course;
      const auto free_since = view_.documented_absent_since(fact->fact);
      if (recent.truth == Truth::unknown && is_course && free_since && *free_since <= first &&
          view_.holds_now(fact->fact, absence).truth == Truth::no) {
        // Off it before the days in question, and nothing since: what is current says so too.
        recent = answer(false);
      }
      if (recent.truth == Truth::unknown) {
        node.answer = recent;
        node.missing.push_back(fact->name);
        unknown_obstacle(node, "wait", fmt::format("whether {} have passed is unknown", label));
        out_.rules.push_back({Action::wait, false, label, std::move(node), std::nullopt});
        continue;
      }
      if (recent.truth == Truth::yes && is_course &&
          view_.holds_now(fact->fact, absence).truth == Truth::yes) {
        node.answer = answer(true);
        obstacle(Action::hold, fmt::format("{}: {} has not ended", label, fact->phrase));
        out_.rules.push_back({Action::hold, false, label, std::move(node), std::nullopt});
        continue;
      }
      const std::optional<Day> ended = last_day_held(fact->fact);
      if (recent.truth == Truth::no && !ended && is_course && free_since && *free_since > first) {
        // "Not on it", said once, says nothing of the weeks before: free since when is what a wait asks.
        node.answer = unknown(Reason::never_measured);
        node.missing.push_back(fact->name);
        unknown_obstacle(
            node, "wait",
            fmt::format("whether {} have passed is unknown: {} is documented as absent only since {}", label,
                        fact->phrase, to_text(*free_since)));
        out_.rules.push_back({Action::wait, false, label, std::move(node), std::nullopt});
        continue;
      }
      const bool waits = recent.truth == Truth::yes && ended;
      add_wait(label, std::move(node), waits ? *ended + in_days(wait->duration) : view_.as_of());
    }
  }

  // The last day on which the fact may have held; none when it is not known ever to have. An event holds on
  // its day.
  std::optional<Day> last_day_held(record::FactId fact) const {
    std::optional<Day> last;
    for (const record::Stretch& stretch : view_.stretches(fact)) {
      if (stretch.holds == Truth::no) continue;
      const Day end = stretch.ended ? stretch.ended->last : stretch.began.last;
      if (!last || end > *last) last = end;
    }
    return last;
  }

  void intervals() {
    if (given_.empty() || !given_.back()->unusable.empty()) return;
    const PartialDate last = given_.back()->when;
    for (const protocol::Interval* interval : rules_.all(&protocol::Rules::intervals)) {
      const bool every = interval->last_level < interval->first_level;
      if (!every && (out_.next_level < interval->first_level || out_.next_level > interval->last_level))
        continue;
      if (interval->when) {
        const Node node = evaluator_.evaluate(*interval->when);
        if (node.answer.truth == Truth::no) continue;
        if (node.answer.truth == Truth::unknown) {
          unknown_obstacle(node, "interval", "whether an interval applies is unknown");
          continue;
        }
      }
      Node node = leaf({}, fmt::format("at least {} after the last infusion", to_text(interval->at_least)),
                       interval->span);
      node.cite = interval->cite ? &*interval->cite : nullptr;
      node.evidence.push_back(evidence_of("donor lymphocyte infusion", *given_.back()));
      // An imprecise last date counts as its last possible day: the minimum interval is then certainly kept.
      std::string sentence = node.sentence;
      add_wait(std::move(sentence), std::move(node), last.last + in_days(interval->at_least));
      if (interval->recommended_from)
        out_.dates.recommended_first = last.last + in_days(*interval->recommended_from);
      if (interval->recommended_to)
        out_.dates.recommended_last = last.first + in_days(*interval->recommended_to);
      if (!interval->at_most) continue;
      limit_latest(last.first + in_days(*interval->at_most));
      if (view_.as_of() > *out_.dates.latest) {
        obstacle(Action::ask,
                 fmt::format("more than {} since the last infusion: the source states no further step",
                             to_text(*interval->at_most)),
                 Reason::not_stated_by_source);
      }
    }
  }

  void limit_latest(Day day) {
    if (!out_.dates.latest || day < *out_.dates.latest) out_.dates.latest = day;
  }

  void give_windows() {
    for (const protocol::GiveRule* rule : rules_.all(&protocol::Rules::gives)) {
      if (out_.next_level < rule->first_level || out_.next_level > rule->last_level) continue;
      if (rule->when) {
        const Node node = evaluator_.evaluate(*rule->when);
        if (node.answer.truth == Truth::unknown)
          unknown_obstacle(node, "give", "whether the infusion is due is unknown");
        if (node.answer.truth == Truth::no) {
          obstacle(Action::hold,
                   fmt::format("level {} is given only when {}", out_.next_level, to_text(*rule->when)));
        }
      }
      const ResolvedAnchor first =
          rule->window.first ? evaluator_.anchor(*rule->window.first) : ResolvedAnchor{};
      const ResolvedAnchor last =
          rule->window.last ? evaluator_.anchor(*rule->window.last) : ResolvedAnchor{};
      for (const ResolvedAnchor* end : {&first, &last}) {
        if (end->reasons.empty()) continue;
        Node node = leaf(unknown(end->reasons), "window of the infusion", rule->span);
        node.missing.push_back(end->missing);
        unknown_obstacle(node, "window", "the window of the infusion is unknown");
      }
      if (last.date) {
        limit_latest(last.date->first);
        if (view_.as_of() > last.date->last) {
          obstacle(Action::outside, fmt::format("the window of level {} closed on {}", out_.next_level,
                                                to_text(last.date->last)));
        } else if (view_.as_of() > last.date->first) {
          obstacle(Action::need_data, "whether the window is still open is unknown", Reason::imprecise_date);
        }
      }
      if (!first.date) continue;
      Node node = leaf({}, fmt::format("level {} from {}", out_.next_level, to_text(*rule->window.first)),
                       rule->span);
      node.cite = rule->cite ? &*rule->cite : nullptr;
      std::string sentence = node.sentence;
      add_wait(std::move(sentence), std::move(node), first.date->last);
    }
  }

  void dose() {
    std::vector<TargetDose> previous;
    if (!given_.empty()) previous = delivered(*given_.back());
    NextDose next = dose_at(out_.next_level, previous, rules_, evaluator_);
    out_.dose = std::move(next.dose);
    out_.dose_gap = next.because;
    for (Missing& missing : next.missing) out_.missing.push_back(std::move(missing));
    switch (next.gap) {
      case DoseGap::none:
        break;
      case DoseGap::no_row:
        obstacle(Action::outside, next.because);
        break;
      case DoseGap::past_ladder:
        obstacle(Action::stop, next.because + ": the series is complete");
        break;
      case DoseGap::unknown:
        obstacle(only_to_be_asked(next.reasons) ? Action::ask : Action::need_data, next.because,
                 next.reasons);
        break;
      case DoseGap::ask:
        obstacle(Action::ask, next.because, next.reasons);
        break;
    }
  }

  void settle() {
    out_.action = Action::give;
    out_.because = out_.dose ? to_text(*out_.dose) : "";
    for (const Obstacle& obstacle : obstacles_) {
      if (obstacle.action < out_.action) {
        out_.action = obstacle.action;
        out_.because = obstacle.because;
      } else if (obstacle.action == Action::wait && out_.action == Action::wait &&
                 *obstacle.until > *out_.wait_until) {
        out_.because = obstacle.because;
      }
      if (obstacle.until && (!out_.wait_until || *obstacle.until > *out_.wait_until))
        out_.wait_until = obstacle.until;
      out_.reasons |= obstacle.reasons;
    }
    if (out_.action != Action::wait) out_.wait_until.reset();
  }

  const Evaluator& evaluator_;
  const protocol::Protocol& protocol_;
  const record::View& view_;
  const protocol::Strategy* strategy_;
  RuleSet rules_;
  std::vector<const Node*> criteria_;
  std::vector<const Entry*> given_;
  std::vector<Obstacle> obstacles_;
  StrategyDecision out_;
};

void merge_missing(const std::vector<Missing>& from, std::vector<Missing>& into) {
  for (const Missing& item : from) {
    const auto same =
        std::find_if(into.begin(), into.end(), [&](const Missing& m) { return m.name == item.name; });
    if (same == into.end()) {
      into.push_back(item);
      continue;
    }
    same->reasons |= item.reasons;
    for (const std::string& by : item.needed_by) {
      if (std::find(same->needed_by.begin(), same->needed_by.end(), by) == same->needed_by.end())
        same->needed_by.push_back(by);
    }
  }
}

void collect_assumptions(const Node& node, std::vector<std::string>& assumptions) {
  for (const std::string& assumption : node.assumptions) {
    if (std::find(assumptions.begin(), assumptions.end(), assumption) == assumptions.end())
      assumptions.push_back(assumption);
  }
  for (const Node& child : node.children) collect_assumptions(child, assumptions);
}

std::vector<std::string> parameters_in_force(const protocol::Protocol& protocol, const Settings& settings) {
  std::vector<std::string> result;
  for (const auto& parameter : protocol.parameters) {
    const auto set = settings.parameters.find(parameter.name);
    if (set != settings.parameters.end()) {
      result.push_back(fmt::format("{} = {} ({})", parameter.name, set->second.value, set->second.origin));
    } else if (parameter.default_value) {
      result.push_back(fmt::format("{} = {} (default of the protocol: {})", parameter.name,
                                   *parameter.default_value, parameter.default_because));
    } else {
      result.push_back(parameter.name + " is not set");
    }
  }
  return result;
}

// The strategy that answers: the user's choice; else the first whose trigger is met and that has an answer
// other than outside; else the first whose trigger is met.
int answering_strategy(const std::vector<StrategyDecision>& strategies, const Settings& settings) {
  int fallback = -1;
  for (std::size_t i = 0; i < strategies.size(); ++i) {
    if (!settings.strategy.empty() && strategies[i].name != settings.strategy) continue;
    if (strategies[i].open.truth != Truth::yes) continue;
    if (strategies[i].action != Action::outside) return static_cast<int>(i);
    if (fallback < 0) fallback = static_cast<int>(i);
  }
  return fallback;
}

// A strategy further up whose trigger is unknown would answer instead, if it is open: until that is known,
// nothing is given by the one below.
void wait_for_strategies_above(const protocol::Protocol& protocol, const Settings& settings,
                               Decision& decision) {
  if (!settings.strategy.empty() || decision.action != Action::give) return;
  for (int i = 0; i < decision.answering; ++i) {
    const StrategyDecision& above = decision.strategies[static_cast<std::size_t>(i)];
    if (above.open.truth != Truth::unknown || above.action == Action::outside) continue;
    decision.action = only_to_be_asked(above.open.reasons) ? Action::ask : Action::need_data;
    decision.because =
        fmt::format("whether strategy {} applies is unknown, and it would come first", above.name);
    if (above.trigger)
      collect_missing(*above.trigger, "trigger of " + above.name, protocol, decision.missing);
    return;
  }
}

// No trigger is met: what the common rules settle, else which triggers are unknown.
void answer_without_strategy(const protocol::Protocol& protocol, const std::vector<const Node*>& common,
                             Decision& decision) {
  decision.verdict = verdict_of(common);
  for (const Node* criterion : common) collect_missing(*criterion, criterion->id, protocol, decision.missing);
  if (decision.verdict == Verdict::not_eligible) {
    decision.action = Action::outside;
    decision.because = "not eligible";
    return;
  }
  ReasonSet reasons;
  for (const StrategyDecision& strategy : decision.strategies) {
    if (strategy.open.truth != Truth::unknown) continue;
    reasons |= strategy.open.reasons;
    if (strategy.trigger)
      collect_missing(*strategy.trigger, "trigger of " + strategy.name, protocol, decision.missing);
  }
  if (reasons.empty()) {
    decision.action = Action::outside;
    decision.because = "no strategy of the protocol is open for this patient today";
    return;
  }
  decision.action = only_to_be_asked(reasons) ? Action::ask : Action::need_data;
  decision.because = "which strategy applies is unknown";
}

}  // namespace

std::string_view name(Verdict verdict) {
  static constexpr std::array<std::string_view, 3> names{"eligible", "not eligible", "unknown"};
  return names.at(static_cast<std::size_t>(verdict));
}

std::string_view name(Action action) {
  static constexpr std::array<std::string_view, 7> names{"stop",      "outside", "hold", "wait",
                                                         "need data", "ask",     "give"};
  return names.at(static_cast<std::size_t>(action));
}

Decision decide(const protocol::Protocol& protocol, const record::View& view, const Settings& settings) {
  const Evaluator evaluator(protocol, view, settings);
  Decision decision;
  decision.patient = view.timeline().patient;
  decision.protocol_id = protocol.id;
  decision.protocol_version = protocol.version;
  decision.protocol_sha256 = protocol.sha256;
  decision.protocol_status = protocol.status;
  decision.as_of = view.as_of();
  decision.known_on = view.known_on();
  decision.day_zero = view.day_zero();
  decision.parameters = parameters_in_force(protocol, settings);
  for (const Entry* infusion : view.infusions()) {
    decision.infusions.push_back({infusion->when, infusion->amounts, infusion->as_written,
                                  infusion->origin.file + " " + infusion->origin.place,
                                  !infusion->unusable.empty()});
  }
  for (const auto& criterion : protocol.common.criteria)
    decision.criteria.push_back(evaluator.criterion(criterion));
  for (const auto& criterion : free_standing_judgements(protocol)) {
    Node node = evaluator.criterion(criterion);
    const protocol::Judgement* judgement = protocol.find_judgement(criterion.id);
    node.cite = judgement->cite ? &*judgement->cite : nullptr;
    decision.criteria.push_back(std::move(node));
  }

  if (protocol.strategies.empty()) {
    decision.strategies.push_back(StrategyRun(evaluator, nullptr, decision.criteria).run());
  }
  for (const auto& strategy : protocol.strategies) {
    decision.strategies.push_back(StrategyRun(evaluator, &strategy, decision.criteria).run());
  }

  std::vector<const Node*> criteria;
  for (const Node& node : decision.criteria) criteria.push_back(&node);
  decision.answering = answering_strategy(decision.strategies, settings);
  if (const StrategyDecision* strategy = decision.answer()) {
    for (const Node& node : strategy->criteria) criteria.push_back(&node);
    decision.verdict = strategy->verdict;
    decision.action = strategy->action;
    decision.because = strategy->because;
    merge_missing(strategy->missing, decision.missing);
    wait_for_strategies_above(protocol, settings, decision);
  } else {
    answer_without_strategy(protocol, criteria, decision);
  }
  for (const Node* criterion : criteria) {
    const Truth met = criterion->counts_against ? !criterion->answer.truth : criterion->answer.truth;
    if (met == Truth::no) decision.failing.push_back(criterion->id);
    collect_assumptions(*criterion, decision.assumptions);
  }
  for (const StrategyDecision& strategy : decision.strategies) {
    if (strategy.trigger) collect_assumptions(*strategy.trigger, decision.assumptions);
    for (const RuleOutcome& rule : strategy.rules) collect_assumptions(rule.node, decision.assumptions);
  }
  decision.decided_by = decided_by(criteria);
  decision.would_decide = would_decide(criteria);
  return decision;
}

}  // namespace graftline::engine
