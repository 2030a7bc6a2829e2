#include "protocol/difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "protocol/format.h"
#include "protocol/statement_text.h"

namespace graftline::protocol {
namespace {

using Kind = StatementRef::Kind;
using Form = StatementChange::Form;

// A statement of either version.
struct Statement {
  Kind kind = Kind::header;
  std::string strategy;  // name of the one it stands in
  std::string key;       // what makes it the same statement in another version
  std::string text;
};

std::string levels(int first, int last) {
  return first == last ? fmt::format("level {}", first) : fmt::format("level {} to {}", first, last);
}

std::string guard_key(const Guard& guard) {
  static constexpr std::array<std::string_view, 5> names{"hold", "stop", "ask", "caution", "repeat"};
  const std::string form(names.at(static_cast<std::size_t>(guard.form)));
  return guard.label.empty() ? form : fmt::format("{} \"{}\"", form, guard.label);
}

// By what a reader would call it: a statement with the same key in both versions is the same, changed.
std::string rule_key(const Rules& rules, const StatementRef& ref) {
  const auto i = static_cast<std::size_t>(ref.index);
  switch (ref.kind) {
    case Kind::criterion:
      return "criterion " + rules.criteria.at(i).id;
    case Kind::dose:
      return "dose " + levels(rules.doses.at(i).first_level, rules.doses.at(i).last_level);
    case Kind::give:
      return "give " + levels(rules.gives.at(i).first_level, rules.gives.at(i).last_level);
    case Kind::interval:
      return "interval";
    case Kind::count:
      return "number of infusions";
    case Kind::cap:
      return "highest dose";
    case Kind::governing:
      return "governing target";
    case Kind::guard:
      return guard_key(rules.guards.at(i));
    case Kind::wait:
      return "wait after " + rules.waits.at(i).after;
    case Kind::preparation:
      return fmt::format("prepare \"{}\"", rules.preparations.at(i).what);
    case Kind::prophylaxis:
      return fmt::format("after infusion \"{}\"", rules.prophylaxis.at(i).what);
    case Kind::monitoring:
      return fmt::format("monitor \"{}\"", rules.monitoring.at(i).what);
    default:
      throw std::logic_error("every rule has a key");
  }
}

std::string key_of(const Protocol& protocol, const StatementRef& ref) {
  const auto i = static_cast<std::size_t>(ref.index);
  switch (ref.kind) {
    case Kind::header:
      return "title, id and version";
    case Kind::status:
      return "status";
    case Kind::day_zero:
      return "day 0";
    case Kind::review:
      return "review of " + to_text(protocol.reviews.at(i).on);
    case Kind::source:
      return "source " + protocol.sources.at(i).id;
    case Kind::gap:
      return "gap";
    case Kind::fact:
      return "fact " + protocol.facts.at(i).name;
    case Kind::judgement:
      return "judgement " + protocol.judgements.at(i).name;
    case Kind::parameter:
      return "parameter " + protocol.parameters.at(i).name;
    case Kind::definition:
      return "definition " + protocol.definitions.at(i).name;
    case Kind::strategy:
      return "strategy " + protocol.strategies.at(i).name;
    case Kind::when:
      return "trigger";
    case Kind::claim:
      return "claim";
    case Kind::common:
      return "common";
    default:
      return rule_key(ref.strategy < 0 ? protocol.common
                                       : protocol.strategies.at(static_cast<std::size_t>(ref.strategy)).rules,
                      ref);
  }
}

// Metadata, declarations, common rules, then each strategy with its rules: the order in which a mixture is
// written.
std::vector<Statement> statements(const Protocol& protocol) {
  std::vector<Statement> all;
  for (const StatementRef& ref : default_order(protocol)) {
    Statement one;
    one.kind = ref.kind;
    one.key = key_of(protocol, ref);
    if (ref.kind == Kind::strategy) {
      one.strategy = protocol.strategies.at(static_cast<std::size_t>(ref.index)).name;
    } else if (ref.strategy >= 0) {
      one.strategy = protocol.strategies.at(static_cast<std::size_t>(ref.strategy)).name;
    }
    one.text = to_text(protocol, ref);
    all.push_back(std::move(one));
  }
  return all;
}

bool declares(Kind kind) {
  return kind == Kind::fact || kind == Kind::parameter || kind == Kind::definition || kind == Kind::source;
}

bool only_says(Kind kind) {
  return kind == Kind::header || kind == Kind::status || kind == Kind::review || kind == Kind::source ||
         kind == Kind::gap || kind == Kind::claim || kind == Kind::day_zero || kind == Kind::common;
}

constexpr std::size_t none = static_cast<std::size_t>(-1);

// Which statement of one version is which of the other, and what that makes of the two.
class Comparison {
 public:
  Comparison(const Protocol& before, const Protocol& after)
      : before_(statements(before)), after_(statements(after)) {
    partner_of_before_.assign(before_.size(), none);
    partner_of_after_.assign(after_.size(), none);
    pair([](const Statement& a, const Statement& b) { return a.text == b.text && a.key == b.key; });
    pair([](const Statement& a, const Statement& b) { return a.key == b.key; });
    // Left over of one kind in one place: most likely reworded. Facts and criteria have names of their own.
    pair([](const Statement& a, const Statement& b) {
      const bool is_unnamed = a.kind == Kind::guard || a.kind == Kind::dose || a.kind == Kind::give;
      return is_unnamed && a.key.substr(0, a.key.find(' ')) == b.key.substr(0, b.key.find(' '));
    });
    list();
  }

  std::vector<StatementChange> changes;

  std::string mixture(const std::vector<bool>& applied) const {
    ensure(applied.size() == changes.size(), "each change is applied or not");
    std::string text;
    const auto takes_after = [&](std::size_t change) { return change != none && applied[change]; };
    // Where the order was changed, each scope is written in the order of the version it is taken from.
    for (const std::string& strategy : scopes(takes_after(strategy_order_))) {
      const auto order = dose_order_.find(strategy);
      const bool by_after = order == dose_order_.end() || takes_after(order->second);
      for (const auto& [a, b] : merged(strategy, by_after)) {
        const std::size_t change = change_of(a, b);
        if (a == none) {
          if (takes_after(change) || declares(after_[b].kind)) text += after_[b].text;
        } else if (b == none) {
          if (!takes_after(change) || declares(before_[a].kind)) text += before_[a].text;
        } else {
          text += takes_after(change) ? after_[b].text : before_[a].text;
        }
      }
    }
    return text;
  }

 private:
  template <class Same> void pair(const Same& same) {
    for (std::size_t b = 0; b < after_.size(); ++b) {
      if (partner_of_after_[b] != none) continue;
      for (std::size_t a = 0; a < before_.size(); ++a) {
        const bool fits = partner_of_before_[a] == none && before_[a].kind == after_[b].kind &&
                          before_[a].strategy == after_[b].strategy && same(before_[a], after_[b]);
        if (!fits) continue;
        partner_of_before_[a] = b;
        partner_of_after_[b] = a;
        break;
      }
    }
  }

  bool has_strategy(const std::vector<Statement>& of, const std::string& strategy) const {
    return std::any_of(of.begin(), of.end(), [&](const Statement& s) {
      return s.kind == Kind::strategy && s.strategy == strategy;
    });
  }

  // Names of strategies in the order of one version, those of the other behind the one they stood behind;
  // the rules common to all come first, as "".
  std::vector<std::string> scopes(bool by_after) const {
    const auto& first = by_after ? after_ : before_;
    const auto& second = by_after ? before_ : after_;
    std::vector<std::string> names{""};
    for (const Statement& s : first) {
      if (s.kind == Kind::strategy) names.push_back(s.strategy);
    }
    std::string behind;
    for (const Statement& s : second) {
      if (s.kind != Kind::strategy) continue;
      if (std::find(names.begin(), names.end(), s.strategy) == names.end()) {
        names.insert(std::find(names.begin(), names.end(), behind) + 1, s.strategy);
      }
      behind = s.strategy;
    }
    return names;
  }

  using Pair = std::pair<std::size_t, std::size_t>;  // places in before_ and after_

  // The statements of a scope in the order of one version, those only in the other behind their forerunner.
  std::vector<Pair> merged(const std::string& strategy, bool by_after) const {
    std::vector<Pair> result;
    const auto& first = by_after ? after_ : before_;
    const auto& partner_of_first = by_after ? partner_of_after_ : partner_of_before_;
    const auto& second = by_after ? before_ : after_;
    const auto& partner_of_second = by_after ? partner_of_before_ : partner_of_after_;
    const auto as_pair = [&](std::size_t in_first, std::size_t in_second) {
      return by_after ? Pair{in_second, in_first} : Pair{in_first, in_second};
    };
    for (std::size_t i = 0; i < first.size(); ++i) {
      if (first[i].strategy == strategy) result.push_back(as_pair(i, partner_of_first[i]));
    }
    // An only-in-the-other stands behind the last of its scope and kind group that precedes it there.
    std::size_t behind = none;
    for (std::size_t i = 0; i < second.size(); ++i) {
      if (second[i].strategy != strategy) continue;
      if (partner_of_second[i] != none) {
        behind = i;
        continue;
      }
      auto place = result.begin();
      if (behind != none) {
        place = std::find_if(result.begin(), result.end(),
                             [&](const Pair& p) { return (by_after ? p.first : p.second) == behind; });
        if (place != result.end()) ++place;
      }
      result.insert(place, as_pair(none, i));
      behind = i;
    }
    return result;
  }

  std::size_t change_of(std::size_t a, std::size_t b) const {
    const auto found = change_of_.find({a, b});
    return found == change_of_.end() ? none : found->second;
  }

  void add_whole_strategy(Form form, const std::string& strategy) {
    StatementChange change;
    change.form = form;
    change.strategy = strategy;
    change.statement = "strategy " + strategy;
    for (const Pair& p : merged(strategy, true)) {
      change_of_[p] = changes.size();
      if (p.first != none) change.before += before_[p.first].text;
      if (p.second != none) change.after += after_[p.second].text;
    }
    changes.push_back(std::move(change));
  }

  void list() {
    for (const std::string& strategy : scopes(true)) {
      const bool was = strategy.empty() || has_strategy(before_, strategy);
      const bool is = strategy.empty() || has_strategy(after_, strategy);
      if (was != is) {
        add_whole_strategy(is ? Form::added : Form::removed, strategy);
        continue;
      }
      for (const Pair& p : merged(strategy, true)) list_one(p);
      list_dose_order(strategy);
    }
    list_strategy_order();
  }

  void list_one(const Pair& p) {
    const auto& [a, b] = p;
    if (a != none && b != none && before_[a].text == after_[b].text) return;
    const Statement& shown = b != none ? after_[b] : before_[a];
    StatementChange change;
    change.form = a == none ? Form::added : b == none ? Form::removed : Form::changed;
    change.strategy = shown.strategy;
    change.statement = shown.key;
    if (a != none) change.before = before_[a].text;
    if (b != none) change.after = after_[b].text;
    change.can_matter = !only_says(shown.kind) && !(declares(shown.kind) && change.form != Form::changed);
    change_of_[p] = changes.size();
    changes.push_back(std::move(change));
  }

  // Of dose rows the first that applies is taken, of strategies the first that is open: there the order
  // matters.
  template <class Take>
  std::optional<StatementChange> reordered(const std::string& strategy, const std::string& what,
                                           const Take& take) const {
    std::vector<std::size_t> as_before;
    std::vector<std::size_t> as_after;
    for (std::size_t a = 0; a < before_.size(); ++a) {
      if (take(before_[a]) && partner_of_before_[a] != none) as_before.push_back(a);
    }
    for (std::size_t b = 0; b < after_.size(); ++b) {
      if (take(after_[b]) && partner_of_after_[b] != none) as_after.push_back(partner_of_after_[b]);
    }
    if (as_before == as_after) return std::nullopt;
    StatementChange change;
    change.form = Form::reordered;
    change.strategy = strategy;
    change.statement = what;
    for (const std::size_t a : as_before) change.before += before_[a].text;
    for (const std::size_t a : as_after) change.after += before_[a].text;
    return change;
  }

  void list_dose_order(const std::string& strategy) {
    auto change = reordered(strategy, "order of dose rows", [&](const Statement& s) {
      return s.kind == Kind::dose && s.strategy == strategy;
    });
    if (!change) return;
    dose_order_[strategy] = changes.size();
    changes.push_back(std::move(*change));
  }

  void list_strategy_order() {
    auto change =
        reordered("", "order of strategies", [](const Statement& s) { return s.kind == Kind::strategy; });
    if (!change) return;
    strategy_order_ = changes.size();
    changes.push_back(std::move(*change));
  }

  std::vector<Statement> before_;
  std::vector<Statement> after_;
  std::vector<std::size_t> partner_of_before_;
  std::vector<std::size_t> partner_of_after_;
  std::map<Pair, std::size_t> change_of_;
  std::map<std::string, std::size_t> dose_order_;
  std::size_t strategy_order_ = none;
};

}  // namespace

std::string_view name(StatementChange::Form form) {
  static constexpr std::array<std::string_view, 4> names{"added", "removed", "changed", "reordered"};
  return names.at(static_cast<std::size_t>(form));
}

std::vector<StatementChange> differences(const Protocol& before, const Protocol& after) {
  return std::move(Comparison(before, after).changes);
}

std::string mixture(const Protocol& before, const Protocol& after, const std::vector<bool>& applied) {
  return Comparison(before, after).mixture(applied);
}

}  // namespace graftline::protocol
