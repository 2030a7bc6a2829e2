#include "verify/decisions.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>
#include <tuple>
#include <unordered_map>

#include "protocol/format.h"
#include "verify/logic.h"

namespace graftline::verify {
namespace {

using engine::Action;
using protocol::Guard;

constexpr std::size_t largest_component = 60'000;  // patients looked at together
constexpr std::size_t largest_fold = 30'000;       // different outcomes put together

// An outcome is a few bytes for each strategy, then one for each claim:
//   open     Four, or `silent` where these rules do not speak of it
//   action   the strongest that these rules ask for
//   outside  why, if it is
//   row      index + row_base, or one of the answers below it
constexpr char silent = 9;
constexpr int row_base = 10;
enum Byte : unsigned char { open_byte, action_byte, outside_byte, row_byte, level_byte, strategy_bytes };

int sign_of(Action action) { return static_cast<int>(action); }

}  // namespace

struct Decisions::Item {
  enum class Kind : unsigned char { criterion, guard, wait, levels, trigger, claim } kind;
  int node = -1;      // condition; of waits their index
  int strategy = -1;  // -1: all
  bool include = true;
  Action action = Action::hold;
  int number = 0;  // claims
  std::string name = {};
};

struct Decisions::Levels {
  struct Row {
    int first, last, node;
  };
  struct Give {
    int first, last, when, from, until;
  };
  struct Interval {
    int first, last, when, at_least, at_most;
  };
  std::vector<int> repeats;
  std::vector<Row> rows;
  std::vector<Give> gives;
  std::vector<Interval> intervals;
  int last_level = 0;
};

Decisions::~Decisions() = default;

int Component::assignment(const std::vector<int>& places) const {
  int at = 0;
  int stride = 1;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    at += stride * places[i];
    stride *= static_cast<int>(candidates[i].size());
  }
  return at;
}

std::vector<int> Component::places(int assignment) const {
  std::vector<int> places(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const int size = static_cast<int>(candidates[i].size());
    places[i] = assignment % size;
    assignment /= size;
  }
  return places;
}

Decisions::Decisions(const protocol::Protocol& protocol, const Inputs& inputs, const Borders& borders,
                     Work& work)
    : protocol_(protocol),
      inputs_(inputs),
      borders_(borders),
      work_(work),
      conditions_(protocol, inputs, borders, work) {
  compile();
}

// Compiling
// -----------------------------------------------------------------------------------------------------

void Decisions::compile() {
  if (protocol_.strategies.empty()) rules_.push_back({&protocol_.common, nullptr});
  for (const auto& strategy : protocol_.strategies) rules_.push_back({&protocol_.common, &strategy.rules});
  compile_rules(protocol_.common, -1);
  for (const auto& judgement : protocol_.judgements) {
    bool is_asked = false;
    const std::function<void(const protocol::Expr&)> look = [&](const protocol::Expr& expr) {
      is_asked = is_asked || (expr.form == protocol::Expr::Form::is_true && expr.name == judgement.name);
      for (const auto& child : expr.children) look(child);
    };
    const auto look_in = [&](const auto& items) {
      for (const auto& item : items) {
        if constexpr (std::is_same_v<std::decay_t<decltype(item.when)>, protocol::Expr>) {
          look(item.when);
        } else {
          if (item.when) look(*item.when);
        }
      }
    };
    const auto look_in_rules = [&](const protocol::Rules& rules) {
      look_in(rules.criteria);
      look_in(rules.doses);
      look_in(rules.gives);
      look_in(rules.intervals);
      look_in(rules.guards);
      look_in(rules.preparations);
      look_in(rules.prophylaxis);
      look_in(rules.monitoring);
    };
    look_in(protocol_.definitions);
    look_in(protocol_.strategies);
    look_in_rules(protocol_.common);
    for (const auto& strategy : protocol_.strategies) look_in_rules(strategy.rules);
    if (is_asked) continue;
    Item item{Item::Kind::criterion};
    item.node = conditions_.judgement(judgement.name);
    item.name = judgement.name;
    items_.push_back(item);
  }
  for (std::size_t j = 0; j < protocol_.strategies.size(); ++j) {
    compile_rules(protocol_.strategies[j].rules, static_cast<int>(j));
    if (!protocol_.strategies[j].when) continue;
    Item item{Item::Kind::trigger};
    item.node = conditions_.compile(*protocol_.strategies[j].when);
    item.strategy = static_cast<int>(j);
    item.name = "the trigger of " + protocol_.strategies[j].name;
    items_.push_back(item);
  }
  for (std::size_t i = 0; i < protocol_.claims.size(); ++i) {
    if (!protocol_.claims[i].when || i >= 64) continue;
    Item item{Item::Kind::claim};
    item.node = conditions_.compile(*protocol_.claims[i].when);
    item.number = static_cast<int>(i);
    items_.push_back(item);
  }
  for (std::size_t j = 0; j < rules_.size(); ++j) {
    const engine::RuleSet& rules = rules_[j];
    Levels levels;
    levels.last_level = engine::last_level(rules);
    for (const auto* guard : rules.all(&protocol::Rules::guards)) {
      if (guard->form == Guard::Form::repeat && guard->when)
        levels.repeats.push_back(conditions_.compile(*guard->when));
    }
    for (const auto* row : rules.all(&protocol::Rules::doses)) {
      const int today = conditions_.today_in(row->window);
      levels.rows.push_back({row->first_level, row->last_level,
                             row->when ? conditions_.both(conditions_.compile(*row->when), today) : today});
    }
    for (const auto* give : rules.all(&protocol::Rules::gives)) {
      protocol::Window from;
      from.first = give->window.first;
      protocol::Window until;
      until.last = give->window.last;
      levels.gives.push_back(
          {give->first_level, give->last_level, give->when ? conditions_.compile(*give->when) : -1,
           from.first ? conditions_.today_in(from) : -1, until.last ? conditions_.today_in(until) : -1});
    }
    for (const auto* interval : rules.all(&protocol::Rules::intervals)) {
      levels.intervals.push_back({interval->first_level, interval->last_level,
                                  interval->when ? conditions_.compile(*interval->when) : -1,
                                  in_days(interval->at_least),
                                  interval->at_most ? in_days(*interval->at_most) : -1});
    }
    levels_.push_back(std::move(levels));
    const auto* count = rules.one(&protocol::Rules::count);
    at_most_.push_back(count != nullptr ? count->at_most : 0);
    Item item{Item::Kind::levels};
    item.strategy = static_cast<int>(j);
    items_.push_back(item);
  }
}

void Decisions::compile_rules(const protocol::Rules& rules, int strategy) {
  for (const auto& criterion : rules.criteria) {
    Item item{Item::Kind::criterion};
    item.node = conditions_.compile(criterion.when);
    item.strategy = strategy;
    item.include = criterion.include;
    item.name = name_of(criterion);
    items_.push_back(item);
  }
  for (const auto& guard : rules.guards) {
    const bool decides =
        guard.form == Guard::Form::hold || guard.form == Guard::Form::stop || guard.form == Guard::Form::ask;
    if (!decides) continue;
    Item item{Item::Kind::guard};
    item.node = guard.when ? conditions_.compile(*guard.when) : -1;
    item.strategy = strategy;
    item.action = guard.form == Guard::Form::hold   ? Action::hold
                  : guard.form == Guard::Form::stop ? Action::stop
                                                    : Action::ask;
    item.name = name_of(guard);
    items_.push_back(item);
  }
  for (const auto& wait : rules.waits) {
    Item item{Item::Kind::wait};
    item.node = conditions_.compile(wait);
    item.strategy = strategy;
    item.name = fmt::format("wait {} after {}", protocol::to_text(wait.duration), wait.after);
    items_.push_back(item);
  }
}

// One patient
// ---------------------------------------------------------------------------------------------------

std::string Decisions::neutral() const {
  std::string outcome;
  for (std::size_t j = 0; j < rules_.size(); ++j) {
    outcome += silent;
    outcome += static_cast<char>(Action::give);
    outcome += static_cast<char>(Outside::none);
    outcome += static_cast<char>(0);
    outcome += static_cast<char>(0);
  }
  return outcome + std::string(protocol_.claims.size(), 0);
}

namespace {

struct Writer {
  std::string& outcome;
  std::size_t strategy;
  char& at(Byte byte) const { return outcome[strategy * strategy_bytes + byte]; }
  void obstacle(Action action, Outside why = Outside::none) const {
    if (sign_of(action) < at(action_byte)) at(action_byte) = static_cast<char>(action);
    // Of several reasons to be outside, not eligible is the one that the verdict shows.
    const char given = static_cast<char>(why);
    if (why != Outside::none && (at(outside_byte) == 0 || given < at(outside_byte))) at(outside_byte) = given;
  }
  void unknown(Four four) const { obstacle(four == Four::ask ? Action::ask : Action::need_data); }
};

}  // namespace

void Decisions::apply(const Item& item, const Clocks& clocks, int level, const std::vector<int>& chosen,
                      std::string& outcome) const {
  using Kind = Item::Kind;
  if (item.kind == Kind::levels) return apply_levels(item, clocks, level, chosen, outcome);
  if (item.kind == Kind::claim) {
    const bool met = conditions_.truth(item.node, chosen) == Four::yes;
    outcome[rules_.size() * strategy_bytes + static_cast<std::size_t>(item.number)] = met ? 1 : 0;
    return;
  }
  for (std::size_t j = 0; j < rules_.size(); ++j) {
    if (item.strategy >= 0 && j != static_cast<std::size_t>(item.strategy)) continue;
    const Writer writer{outcome, j};
    if (item.kind == Kind::wait) {
      writer.obstacle(conditions_.action(item.node, chosen));
      continue;
    }
    const Four four = item.node < 0 ? Four::yes : conditions_.truth(item.node, chosen);
    if (item.kind == Kind::trigger) {
      writer.at(open_byte) = static_cast<char>(four);
    } else if (four == Four::data || four == Four::ask) {
      writer.unknown(four);
    } else if (item.kind == Kind::guard) {
      if (four == Four::yes) writer.obstacle(item.action);
    } else if ((four == Four::yes) != item.include) {
      writer.obstacle(Action::outside, Outside::not_eligible);
    }
  }
}

void Decisions::apply_levels(const Item& item, const Clocks& clocks, int level,
                             const std::vector<int>& chosen, std::string& outcome) const {
  const auto j = static_cast<std::size_t>(item.strategy);
  const Levels& rules = levels_[j];
  const Writer writer{outcome, j};
  if (at_most_[j] > 0 && clocks.n >= at_most_[j]) writer.obstacle(Action::stop);
  const bool keeps = level > 0 && std::any_of(rules.repeats.begin(), rules.repeats.end(), [&](int node) {
                       return conditions_.truth(node, chosen) == Four::yes;
                     });
  const int next = keeps ? level : level + 1;
  writer.at(level_byte) = static_cast<char>(next);
  for (const auto& interval : rules.intervals) {
    if (clocks.n == 0) break;
    const bool every = interval.last < interval.first;
    if (!every && (next < interval.first || next > interval.last)) continue;
    const Four applies = interval.when < 0 ? Four::yes : conditions_.truth(interval.when, chosen);
    if (applies == Four::no) continue;
    if (applies != Four::yes) {
      writer.unknown(applies);
      continue;
    }
    if (clocks.last < interval.at_least) writer.obstacle(Action::wait);
    if (interval.at_most >= 0 && clocks.last > interval.at_most) writer.obstacle(Action::ask);
  }
  for (const auto& give : rules.gives) {
    if (next < give.first || next > give.last) continue;
    const Four when = give.when < 0 ? Four::yes : conditions_.truth(give.when, chosen);
    if (when == Four::no) writer.obstacle(Action::hold);
    if (when == Four::data || when == Four::ask) writer.unknown(when);
    const Four from = give.from < 0 ? Four::yes : conditions_.truth(give.from, chosen);
    const Four until = give.until < 0 ? Four::yes : conditions_.truth(give.until, chosen);
    if (from == Four::no) writer.obstacle(Action::wait);
    if (until == Four::no) writer.obstacle(Action::outside, Outside::window_closed);
    for (const Four end : {from, until}) {
      if (end == Four::data || end == Four::ask) writer.unknown(end);
    }
  }
  apply_rows(j, next, chosen, outcome);
}

void Decisions::apply_rows(std::size_t strategy, int level, const std::vector<int>& chosen,
                           std::string& outcome) const {
  const Levels& rules = levels_[strategy];
  const Writer writer{outcome, strategy};
  if (rules.rows.empty()) return writer.obstacle(Action::ask);
  if (level > rules.last_level) return writer.obstacle(Action::stop);
  bool open = false;
  Four above = Four::no;
  for (std::size_t i = 0; i < rules.rows.size(); ++i) {
    if (level < rules.rows[i].first || level > rules.rows[i].last) continue;
    const Four applies = conditions_.truth(rules.rows[i].node, chosen);
    if (applies == Four::yes) {
      if (above != Four::no) return writer.unknown(above);
      writer.at(row_byte) = static_cast<char>(static_cast<int>(i) + row_base);
      return;
    }
    if (applies == Four::no) continue;
    open = true;
    if (above != Four::data) above = applies;
  }
  if (open) return writer.unknown(above);
  writer.obstacle(Action::outside, Outside::no_dose_row);
}

// Many patients
// -------------------------------------------------------------------------------------------------

std::vector<int> Decisions::nodes_of(const Item& item, int level) const {
  if (item.kind != Item::Kind::levels) return item.node < 0 ? std::vector<int>{} : std::vector{item.node};
  const Levels& rules = levels_[static_cast<std::size_t>(item.strategy)];
  std::vector<int> nodes = level > 0 ? rules.repeats : std::vector<int>{};
  const auto in_reach = [&](int first, int last) {
    const bool is_next = level + 1 >= first && level + 1 <= last;
    const bool is_same = !nodes.empty() && level >= first && level <= last;
    return is_next || is_same || last < first;
  };
  const std::vector<int> repeats = nodes;
  const auto add = [&](int node) {
    if (node >= 0) nodes.push_back(node);
  };
  for (const auto& row : rules.rows) {
    if (in_reach(row.first, row.last)) add(row.node);
  }
  for (const auto& give : rules.gives) {
    if (!in_reach(give.first, give.last)) continue;
    add(give.when);
    add(give.from);
    add(give.until);
  }
  for (const auto& interval : rules.intervals) {
    if (level > 0 && in_reach(interval.first, interval.last)) add(interval.when);
  }
  return nodes;
}

Conditions::Reach Decisions::reach_of(const Item& item, const Clocks&, int level) const {
  Conditions::Reach all;
  if (item.kind == Item::Kind::wait) {
    all.inputs = conditions_.inputs_of(item.node);
    return all;
  }
  for (const int node : nodes_of(item, level)) {
    const Conditions::Reach reach = conditions_.reach(node);
    all.inputs.insert(all.inputs.end(), reach.inputs.begin(), reach.inputs.end());
  }
  for (auto* list : {&all.inputs}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  return all;
}

std::shared_ptr<const Component> Decisions::component(const std::vector<int>& items,
                                                      const std::vector<int>& inputs, const Clocks& clocks,
                                                      int level) {
  // The same rules over the same answers: looked at before, at another point. What a rule can still answer
  // follows from the tables.
  std::vector<std::uint64_t> key;
  std::set<int> leaves;
  std::set<int> waits;
  std::set<int> joint;
  std::set<std::pair<int, int>> single;  // input, node
  bool has_levels = false;
  for (const int i : items) {
    const Item& item = items_[static_cast<std::size_t>(i)];
    key.push_back(static_cast<std::uint64_t>(i));
    if (item.kind == Item::Kind::wait) waits.insert(item.node);
    has_levels = has_levels || item.kind == Item::Kind::levels;
    for (const int node : nodes_of(item, level)) {
      const Conditions::Reach reach = conditions_.reach(node);
      key.push_back(reach.truths);
      leaves.insert(reach.leaves.begin(), reach.leaves.end());
      joint.insert(reach.joint.begin(), reach.joint.end());
      for (const int part : reach.single) single.emplace(conditions_.reach(part).inputs.front(), part);
    }
  }
  if (has_levels) {
    key.push_back(static_cast<std::uint64_t>(level));
    key.push_back(borders_.region(clocks, last_clock | count_clock));
  }
  for (const int leaf : leaves) key.push_back(reinterpret_cast<std::uintptr_t>(conditions_.table(leaf)));
  for (const int wait : waits) key.push_back(reinterpret_cast<std::uintptr_t>(conditions_.wait_table(wait)));
  auto& known = known_components_[key];
  if (known) return known;

  auto made = std::make_shared<Component>();
  made->inputs = inputs;
  // Values that no rule tells apart count as one: the cheapest.
  std::size_t size = 1;
  std::vector<int> one(inputs_.all().size(), 0);
  for (const int input : inputs) {
    std::map<std::string, int> by_signature;
    const auto& candidates = inputs_.all()[static_cast<std::size_t>(input)].candidates;
    for (std::size_t c = 0; c < candidates.size(); ++c) {
      std::string signature;
      one[static_cast<std::size_t>(input)] = static_cast<int>(c);
      for (const auto& [of, node] : single) {
        if (of == input) signature += static_cast<char>(conditions_.truth(node, one));
      }
      for (const int leaf : joint) {
        const auto& of_leaf = conditions_.inputs_of_leaf(leaf);
        const auto& table = *conditions_.table(leaf);
        std::size_t stride = 1;
        for (const int other : of_leaf) {
          if (other == input) {
            for (std::size_t at = 0; at < table.size(); ++at) {
              if (at / stride % conditions_.size_of(other) == c) signature += static_cast<char>(table[at]);
            }
          }
          stride *= conditions_.size_of(other);
        }
      }
      for (const int wait : waits) {
        if (conditions_.inputs_of(wait).front() == input)
          signature += static_cast<char>((*conditions_.wait_table(wait))[c]);
      }
      const auto [at, is_new] = by_signature.emplace(signature, static_cast<int>(c));
      if (!is_new && candidates[c].cost < candidates[static_cast<std::size_t>(at->second)].cost)
        at->second = static_cast<int>(c);
    }
    std::vector<int> kept;
    for (const auto& [signature, candidate] : by_signature) kept.push_back(candidate);
    std::sort(kept.begin(), kept.end());
    // Too many at once: fewer values are tried, and that is said.
    while (size * kept.size() > largest_component && kept.size() > 1) {
      kept.pop_back();
      is_complete_ = false;
    }
    size *= kept.size();
    made->candidates.push_back(std::move(kept));
  }
  std::vector<int> chosen(inputs_.all().size(), 0);
  std::unordered_map<std::string, int> by_outcome;
  std::vector<int> costs;
  made->outcome_of.resize(size);
  for (std::size_t assignment = 0; assignment < size; ++assignment) {
    std::size_t rest = assignment;
    int cost = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const auto& kept = made->candidates[i];
      const int candidate = kept[rest % kept.size()];
      rest /= kept.size();
      chosen[static_cast<std::size_t>(inputs[i])] = candidate;
      cost += inputs_.all()[static_cast<std::size_t>(inputs[i])]
                  .candidates[static_cast<std::size_t>(candidate)]
                  .cost;
    }
    std::string outcome = neutral();
    for (const int i : items) apply(items_[static_cast<std::size_t>(i)], clocks, level, chosen, outcome);
    tidy(outcome);
    const auto [at, is_new] = by_outcome.emplace(outcome, static_cast<int>(made->outcomes.size()));
    if (is_new) {
      made->outcomes.push_back(outcome);
      made->cheapest.push_back(static_cast<int>(assignment));
      costs.push_back(cost);
    } else if (cost < costs[static_cast<std::size_t>(at->second)]) {
      costs[static_cast<std::size_t>(at->second)] = cost;
      made->cheapest[static_cast<std::size_t>(at->second)] = static_cast<int>(assignment);
    }
    made->outcome_of[assignment] = at->second;
    work_.spend(items.size());
    if (work_.is_over()) {
      is_complete_ = false;
      break;
    }
  }
  known = made;
  return known;
}

// What no longer matters is forgotten, so that outcomes with the same consequences are the same: everything
// of a strategy that is closed, the row when something stronger than a question stands before it.
void Decisions::tidy(std::string& outcome) const {
  for (std::size_t j = 0; j < rules_.size(); ++j) {
    const Writer writer{outcome, j};
    if (writer.at(open_byte) == static_cast<char>(Four::no)) {
      // Whether the common criteria fail still counts when no strategy is open.
      const bool fails = writer.at(outside_byte) == static_cast<char>(Outside::not_eligible);
      writer.at(action_byte) = static_cast<char>(Action::stop);
      writer.at(outside_byte) = static_cast<char>(fails ? Outside::not_eligible : Outside::none);
      writer.at(row_byte) = 0;
      continue;
    }
    if (writer.at(action_byte) < sign_of(Action::ask)) writer.at(row_byte) = 0;
    const bool fails = writer.at(outside_byte) == static_cast<char>(Outside::not_eligible);
    if (writer.at(action_byte) != sign_of(Action::outside) && !fails) writer.at(outside_byte) = 0;
  }
}

void Decisions::put_together(std::string& into, const std::string& outcome) const {
  for (std::size_t j = 0; j < rules_.size(); ++j) {
    const std::size_t at = j * strategy_bytes;
    if (outcome[at + open_byte] != silent) into[at + open_byte] = outcome[at + open_byte];
    into[at + action_byte] = std::min(into[at + action_byte], outcome[at + action_byte]);
    const char why = outcome[at + outside_byte];
    if (why != 0 && (into[at + outside_byte] == 0 || why < into[at + outside_byte]))
      into[at + outside_byte] = why;
    into[at + row_byte] = std::max(into[at + row_byte], outcome[at + row_byte]);
    into[at + level_byte] = std::max(into[at + level_byte], outcome[at + level_byte]);
  }
  for (std::size_t i = rules_.size() * strategy_bytes; i < into.size(); ++i)
    into[i] = std::max(into[i], outcome[i]);
}

// The strategy that answers, and what: as decide() does it.
Option Decisions::option_of(const std::string& outcome, int level) const {
  const auto byte = [&](std::size_t strategy, Byte which) {
    return static_cast<int>(outcome[strategy * strategy_bytes + which]);
  };
  const auto open = [&](std::size_t j) {
    const int four = byte(j, open_byte);
    return four == silent ? Four::yes : static_cast<Four>(four);
  };
  Option option;
  option.level = level + 1;
  int fallback = -1;
  for (std::size_t j = 0; j < rules_.size() && option.strategy < 0; ++j) {
    if (open(j) != Four::yes) continue;
    if (byte(j, action_byte) != sign_of(Action::outside)) option.strategy = static_cast<int>(j);
    if (fallback < 0) fallback = static_cast<int>(j);
  }
  if (option.strategy < 0) option.strategy = fallback;
  for (std::size_t i = 0; i < std::min<std::size_t>(protocol_.claims.size(), 64); ++i) {
    const bool met = !protocol_.claims[i].when || outcome[rules_.size() * strategy_bytes + i] != 0;
    if (met) option.claims |= std::uint64_t{1} << i;
  }
  if (option.strategy < 0) {
    bool is_open = false;
    bool only_ask = true;
    bool fails = true;
    for (std::size_t j = 0; j < rules_.size(); ++j) {
      fails = fails && byte(j, outside_byte) == static_cast<int>(Outside::not_eligible);
      if (open(j) == Four::no) continue;
      is_open = true;
      only_ask = only_ask && open(j) == Four::ask;
    }
    option.not_eligible = fails;
    option.action = !fails && is_open ? (only_ask ? Action::ask : Action::need_data) : Action::outside;
    if (option.action == Action::outside)
      option.outside = fails ? Outside::not_eligible : Outside::no_strategy;
    return option;
  }
  const auto answering = static_cast<std::size_t>(option.strategy);
  option.action = static_cast<Action>(byte(answering, action_byte));
  option.outside = static_cast<Outside>(byte(answering, outside_byte));
  option.not_eligible = option.outside == Outside::not_eligible;
  option.level = byte(answering, level_byte);
  const int row = byte(answering, row_byte);
  option.row = row >= row_base ? row - row_base : no_row_here;
  for (std::size_t i = 0; i < answering; ++i) {
    if (open(i) == Four::yes || open(i) == Four::no || byte(i, action_byte) == sign_of(Action::outside))
      continue;
    option.above = open(i) == Four::ask ? Action::ask : Action::need_data;
    break;
  }
  return option;
}

const Point& Decisions::at(const Clocks& clocks, int level) {
  const std::uint64_t region = borders_.region(clocks, day_clock | last_clock | first_clock | count_clock);
  const Point*& at_region = points_[{region, level}];
  if (at_region != nullptr) return *at_region;
  conditions_.go_to(clocks);

  // Items that share an input belong together.
  const std::size_t n_inputs = inputs_.all().size();
  std::vector<int> group(n_inputs);
  std::iota(group.begin(), group.end(), 0);
  const std::function<int(int)> root = [&](int i) {
    while (group[static_cast<std::size_t>(i)] != i) i = group[static_cast<std::size_t>(i)];
    return i;
  };
  std::vector<Conditions::Reach> reaches;
  for (const Item& item : items_) {
    reaches.push_back(reach_of(item, clocks, level));
    for (const int input : reaches.back().inputs)
      group[static_cast<std::size_t>(root(input))] = root(reaches.back().inputs.front());
  }
  std::map<int, std::pair<std::vector<int>, std::set<int>>> groups;  // -1: no input at all
  for (std::size_t i = 0; i < items_.size(); ++i) {
    auto& [items, inputs] = groups[reaches[i].inputs.empty() ? -1 : root(reaches[i].inputs.front())];
    items.push_back(static_cast<int>(i));
    inputs.insert(reaches[i].inputs.begin(), reaches[i].inputs.end());
  }
  std::vector<std::shared_ptr<const Component>> parts;
  std::vector<const Component*> fold_key;
  for (const auto& [key, members] : groups) {
    parts.push_back(component(members.first, {members.second.begin(), members.second.end()}, clocks, level));
    fold_key.push_back(parts.back().get());
  }
  auto& known = folds_[{fold_key, level}];
  at_region = known.get();
  if (known) return *known;
  known = std::make_unique<Point>();
  at_region = known.get();
  known->components = parts;
  struct Partial {
    std::string outcome;
    std::vector<int> assignments;  // by component
  };
  std::vector<Partial> fold{{neutral(), {}}};
  for (const auto& part : parts) {
    std::unordered_map<std::string, Partial> next;
    for (const Partial& so_far : fold) {
      for (std::size_t o = 0; o < part->outcomes.size(); ++o) {
        std::string outcome = so_far.outcome;
        put_together(outcome, part->outcomes[o]);
        tidy(outcome);
        const auto [at, is_new] = next.try_emplace(outcome);
        if (!is_new) continue;
        at->second.outcome = outcome;
        at->second.assignments = so_far.assignments;
        at->second.assignments.push_back(part->cheapest[o]);
      }
      work_.spend(part->outcomes.size() * rules_.size());
      if (next.size() > largest_fold || work_.is_over()) {
        is_complete_ = false;
        break;
      }
    }
    fold.clear();
    for (auto& [text, partial] : next) fold.push_back(std::move(partial));
    // The same order on every machine.
    std::sort(fold.begin(), fold.end(),
              [](const Partial& a, const Partial& b) { return a.outcome < b.outcome; });
  }
  std::set<std::tuple<int, int, int, int, int, int, std::uint64_t>> seen;
  for (const Partial& partial : fold) {
    Option option = option_of(partial.outcome, level);
    if (!seen.emplace(sign_of(option.action), sign_of(option.above), option.strategy, option.row,
                      option.level, static_cast<int>(option.outside), option.claims)
             .second)
      continue;
    option.patient.assign(n_inputs, 0);
    for (std::size_t c = 0; c < known->components.size(); ++c) {
      const Component& part = *known->components[c];
      const auto places = part.places(partial.assignments[c]);
      for (std::size_t i = 0; i < places.size(); ++i)
        option.patient[static_cast<std::size_t>(part.inputs[i])] =
            part.candidates[i][static_cast<std::size_t>(places[i])];
    }
    known->options.push_back(std::move(option));
  }
  n_options_ += known->options.size();
  return *known;
}

Option Decisions::decide(const Clocks& clocks, int level, const std::vector<int>& patient) {
  conditions_.go_to(clocks);
  work_.spend(items_.size());
  std::string outcome = neutral();
  for (const Item& item : items_) {
    std::string own = neutral();
    apply(item, clocks, level, patient, own);
    put_together(outcome, own);
  }
  Option option = option_of(outcome, level);
  option.patient = patient;
  return option;
}

bool Decisions::lets_give(const std::string& outcome, int strategy) const {
  const std::size_t at = index(strategy) * strategy_bytes;
  const char open = outcome[at + open_byte];
  return outcome[at + action_byte] == static_cast<char>(Action::give) &&
         (open == silent || open == static_cast<char>(Four::yes));
}

std::vector<std::string> Decisions::blockers(const Clocks& clocks, int level, int strategy) {
  conditions_.go_to(clocks);
  const std::size_t own = index(strategy);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const Item& item = items_[i];
    if (item.kind == Item::Kind::claim || (item.strategy >= 0 && index(item.strategy) != own)) continue;
    const auto inputs = reach_of(item, clocks, level).inputs;
    const auto alone = component({static_cast<int>(i)}, inputs, clocks, level);
    int best = 0;
    for (const std::string& outcome : alone->outcomes) {
      const bool is_open = outcome[own * strategy_bytes + open_byte] == silent ||
                           outcome[own * strategy_bytes + open_byte] == static_cast<char>(Four::yes);
      if (is_open) best = std::max(best, static_cast<int>(outcome[own * strategy_bytes + action_byte]));
    }
    if (best == sign_of(Action::give)) continue;
    names.push_back(item.kind == Item::Kind::levels
                        ? fmt::format("days and dose rows ({})", engine::name(static_cast<Action>(best)))
                        : item.name);
  }
  return names;
}

}  // namespace graftline::verify
