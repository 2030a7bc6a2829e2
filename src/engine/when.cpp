#include "engine/when.h"

#include <algorithm>
#include <set>

#include "engine/decide.h"
#include "engine/doses.h"
#include "engine/evaluate.h"
#include "engine/selection.h"

namespace graftline::engine {
namespace {

// What a decision takes from a condition.
struct Said {
  Answer answer;
  std::vector<std::string> missing;
  friend bool operator==(const Said&, const Said&) = default;
};

std::vector<Day> days_of_change(const protocol::Protocol& protocol, const record::Timeline& timeline,
                                const Settings& settings, const Series& series,
                                const std::vector<Dependent>& all, std::size_t& n_asked) {
  std::set<Day> changes;
  for (const Dependent& one : all) {
    if (one.condition != nullptr) continue;
    for (const Day day : borders(one, timeline, series)) changes.insert(day);
  }
  for (const Dependent& one : all) {
    if (one.condition == nullptr) continue;
    const Selection selection(timeline, {&one});
    const auto ask = [&](Day at) {
      ++n_asked;
      const record::Timeline at_hand = selection.at(series.as_of(at), series.known_on(at));
      const record::View view(at_hand, series.as_of(at), series.known_on(at));
      Node node = Evaluator(protocol, view, settings).evaluate(*one.condition);
      return Said{node.answer, std::move(node.missing)};
    };
    std::optional<Said> before;
    for (const Day day : borders(one, timeline, series)) {
      if (!before) before = ask(series.first);
      Said now = ask(day);
      if (now != *before) changes.insert(day);
      before = std::move(now);
    }
  }
  return {changes.begin(), changes.end()};
}

// The leaves of two trees of the same condition, side by side.
void changed_leaves(const Node& before, const Node& after, Change& change) {
  if (!after.children.empty() && before.children.size() == after.children.size()) {
    for (std::size_t i = 0; i < after.children.size(); ++i) {
      changed_leaves(before.children[i], after.children[i], change);
    }
    return;
  }
  if (before.answer == after.answer) return;
  const auto name = [&](const std::string& fact) {
    if (std::find(change.facts.begin(), change.facts.end(), fact) == change.facts.end()) {
      change.facts.push_back(fact);
    }
  };
  for (const Evidence& evidence : after.evidence) {
    name(evidence.fact);
    change.evidence.push_back(evidence);
  }
  for (const std::string& missing : after.missing) name(missing);
  if (!change.facts.empty()) return;
  for (const Evidence& evidence : before.evidence) name(evidence.fact);
  for (const std::string& missing : before.missing) name(missing);
}

void compare(Change::Of of, const std::string& strategy, const std::string& id, const std::string& sentence,
             const Node& before, const Node& after, std::vector<Change>& changes) {
  if (before.answer == after.answer) return;
  Change change{of, strategy, id, sentence, before.answer, after.answer, {}, {}};
  changed_leaves(before, after, change);
  changes.push_back(std::move(change));
}

void compare_criteria(const std::string& strategy, const std::vector<Node>& before,
                      const std::vector<Node>& after, std::vector<Change>& changes) {
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    compare(Change::Of::criterion, strategy, after[i].id, after[i].sentence, before[i], after[i], changes);
  }
}

const RuleOutcome* same_rule(const std::vector<RuleOutcome>& rules, const RuleOutcome& wanted) {
  for (const RuleOutcome& rule : rules) {
    if (rule.label == wanted.label && rule.is_caution == wanted.is_caution &&
        rule.node.span.offset == wanted.node.span.offset) {
      return &rule;
    }
  }
  return nullptr;
}

// Rules of infusions come and go with the infusions: one that was not there did not apply.
void compare_rules(const std::string& strategy, const std::vector<RuleOutcome>& before,
                   const std::vector<RuleOutcome>& after, std::vector<Change>& changes) {
  const auto id = [](const RuleOutcome& rule) {
    return rule.is_caution ? std::string("caution") : std::string(name(rule.action));
  };
  for (const RuleOutcome& rule : after) {
    const RuleOutcome* old = same_rule(before, rule);
    Node absent;
    absent.answer = answer(false);
    compare(Change::Of::rule, strategy, id(rule), rule.label, old != nullptr ? old->node : absent, rule.node,
            changes);
  }
  for (const RuleOutcome& rule : before) {
    if (same_rule(after, rule) != nullptr) continue;
    Node absent;
    absent.answer = answer(false);
    compare(Change::Of::rule, strategy, id(rule), rule.label, rule.node, absent, changes);
  }
}

// Rules that every strategy shares are told once.
bool is_told(const Change& change, const std::vector<Change>& changes) {
  return std::any_of(changes.begin(), changes.end(), [&](const Change& other) {
    return other.of == change.of && other.id == change.id && other.sentence == change.sentence &&
           other.before == change.before && other.after == change.after;
  });
}

std::vector<Change> changes_between(const Decision& before, const Decision& after) {
  std::vector<Change> changes;
  compare_criteria("", before.criteria, after.criteria, changes);
  for (std::size_t i = 0; i < std::min(before.strategies.size(), after.strategies.size()); ++i) {
    const StrategyDecision& was = before.strategies[i];
    const StrategyDecision& is = after.strategies[i];
    if (was.trigger && is.trigger) {
      compare(Change::Of::strategy, is.name, is.name, is.label, *was.trigger, *is.trigger, changes);
    }
    compare_criteria(is.name, was.criteria, is.criteria, changes);
    std::vector<Change> of_rules;
    compare_rules(is.name, was.rules, is.rules, of_rules);
    for (Change& change : of_rules) {
      if (!is_told(change, changes)) changes.push_back(std::move(change));
    }
  }
  return changes;
}

Step step_of(const Decision& decision, Day at) {
  Step step;
  step.first = step.last = at;
  step.verdict = decision.verdict;
  step.action = decision.action;
  step.because = decision.because;
  step.failing = decision.failing;
  for (const Missing& missing : decision.missing) step.missing.push_back(missing.name);
  if (const StrategyDecision* strategy = decision.answer()) {
    step.strategy = strategy->name;
    step.wait_until = strategy->wait_until;
    if (strategy->dose) step.dose = to_text(*strategy->dose);
  }
  return step;
}

// What is missing counts where it is what the answer waits for.
bool says_the_same(const Step& a, const Step& b) {
  const bool waits_for_data = a.action == Action::need_data || a.action == Action::ask;
  return a.verdict == b.verdict && a.action == b.action && a.strategy == b.strategy &&
         a.because == b.because && a.wait_until == b.wait_until && a.dose == b.dose &&
         a.failing == b.failing && (!waits_for_data || a.missing == b.missing);
}

void note_openings(const Decision& decision, Day at, std::vector<Opening>& openings) {
  for (std::size_t i = 0; i < decision.strategies.size(); ++i) {
    const StrategyDecision& strategy = decision.strategies[i];
    if (openings.size() <= i) openings.push_back({strategy.name, strategy.label, {}, {}});
    const bool is_open = strategy.open.truth == Truth::yes && strategy.action != Action::outside;
    if (is_open && !openings[i].first_open) openings[i].first_open = at;
    if (is_open && strategy.action == Action::give && !openings[i].first_give) openings[i].first_give = at;
  }
}

}  // namespace

History history(const protocol::Protocol& protocol, const record::Timeline& timeline,
                const Settings& settings, const Series& series, bool every_change) {
  ensure(series.first <= series.last, "a series has at least one day");
  History result;
  const std::vector<Dependent> all = dependents(protocol, settings);
  std::vector<Day> days = days_of_change(protocol, timeline, settings, series, all, result.conditions_asked);
  days.insert(days.begin(), series.first);
  std::vector<const Dependent*> everything;
  for (const Dependent& one : all) everything.push_back(&one);
  const Selection selection(timeline, everything);
  std::optional<Decision> before;
  for (const Day day : days) {
    ++result.decisions_made;
    const record::Timeline at_hand = selection.at(series.as_of(day), series.known_on(day));
    const record::View view(at_hand, series.as_of(day), series.known_on(day));
    Decision now = decide(protocol, view, settings);
    note_openings(now, day, result.openings);
    Step step = step_of(now, day);
    if (before) step.changes = changes_between(*before, now);
    const bool goes_on = !result.steps.empty() && says_the_same(result.steps.back(), step) &&
                         (!every_change || step.changes.empty());
    if (!goes_on) {
      if (!result.steps.empty()) result.steps.back().last = day - 1;
      result.steps.push_back(std::move(step));
    }
    before = std::move(now);
  }
  result.steps.back().last = series.last;
  return result;
}

}  // namespace graftline::engine
