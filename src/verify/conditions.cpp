#include "verify/conditions.h"

#include <algorithm>
#include <functional>

#include "engine/decide.h"
#include "engine/evaluate.h"
#include "engine/settle.h"
#include "protocol/format.h"

namespace graftline::verify {
namespace {

using protocol::Expr;
using protocol::Operand;

constexpr unsigned bit(Four four) { return 1U << static_cast<unsigned>(four); }

Four negated(Four four) {
  if (four == Four::yes) return Four::no;
  return four == Four::no ? Four::yes : four;
}

// What is not measured weighs more than what nobody has said: with both missing, data are needed.
Four both_of(Four a, Four b) {
  if (a == Four::no || b == Four::no) return Four::no;
  if (a == Four::data || b == Four::data) return Four::data;
  if (a == Four::ask || b == Four::ask) return Four::ask;
  return Four::yes;
}
Four either_of(Four a, Four b) { return negated(both_of(negated(a), negated(b))); }

Four at_least(int count, const std::vector<Four>& parts) {
  int certainly = 0;
  int possibly = 0;
  Four open = Four::ask;
  for (const Four part : parts) {
    certainly += part == Four::yes ? 1 : 0;
    possibly += part != Four::no ? 1 : 0;
    if (part == Four::data) open = Four::data;
  }
  if (certainly >= count) return Four::yes;
  return possibly < count ? Four::no : open;
}

void add_unique(std::vector<int>& all, const std::vector<int>& more) {
  for (const int item : more) {
    if (std::find(all.begin(), all.end(), item) == all.end()) all.push_back(item);
  }
}

}  // namespace

Four four_of(const engine::Node& node, const protocol::Protocol& protocol) {
  if (node.answer.truth == Truth::yes) return Four::yes;
  if (node.answer.truth == Truth::no) return Four::no;
  constexpr ReasonSet to_be_asked =
      Reason::judgement_not_given | Reason::parameter_not_set | ReasonSet(Reason::not_stated_by_source);
  std::vector<engine::Missing> missing;
  engine::collect_missing(node, "", protocol, missing);
  const bool all_asked =
      !missing.empty() && std::all_of(missing.begin(), missing.end(), [&](const engine::Missing& item) {
        return protocol.find_parameter(item.name) != nullptr || protocol.find_judgement(item.name) != nullptr;
      });
  const ReasonSet reasons = node.answer.reasons;
  return all_asked || (!reasons.empty() && (reasons | to_be_asked) == to_be_asked) ? Four::ask : Four::data;
}

// Compiling
// -----------------------------------------------------------------------------------------------------

int Conditions::compile(const Expr& expr) {
  if (expr.form == Expr::Form::is_true) {
    if (const auto* definition = protocol_.find_definition(expr.name)) {
      const auto known = definitions_.find(expr.name);
      if (known != definitions_.end()) return known->second;
      const int node = compile(definition->when);
      definitions_[expr.name] = node;
      return node;
    }
  }
  Node node;
  node.form = expr.form;
  node.count = expr.count;
  if (expr.children.empty()) {
    node.leaf = compile_leaf(expr);
  } else {
    for (const Expr& child : expr.children) node.children.push_back(compile(child));
  }
  nodes_.push_back(std::move(node));
  return static_cast<int>(nodes_.size()) - 1;
}

int Conditions::compile_leaf(const Expr& expr) {
  std::string text = to_text(expr);
  if (const auto known = leaf_by_text_.find(text); known != leaf_by_text_.end()) return known->second;
  Leaf leaf;
  leaf.expr = &expr;
  leaf.clocks = borders_.clocks_of(expr, protocol_);
  const auto use = [&](const std::string& name) {
    const int input = inputs_.find(name);
    if (input >= 0) add_unique(leaf.inputs, {input});
  };
  const auto use_window = [&](const protocol::Window& window) {
    for (const auto* end : {&window.first, &window.last}) {
      if (*end && (*end)->base == protocol::Anchor::Base::event) use((*end)->event);
    }
  };
  const auto use_fact = [&](const std::string& name) {
    use(name);
    const auto* fact = protocol_.find_fact(name);
    if (fact == nullptr) return;
    for (const auto* end : {&fact->window.first, &fact->window.last}) {
      if (*end && (*end)->base == protocol::Anchor::Base::event && !(*end)->or_today) use((*end)->event);
    }
    for (const auto& argument : fact->arguments) {
      if (argument.is_parameter) use(argument.value);
    }
  };
  use_fact(expr.name);
  use_window(expr.window);
  for (const Operand* side : {&expr.left, &expr.right}) {
    if (side->form == Operand::Form::fact || side->form == Operand::Form::parameter) use_fact(side->name);
    if (side->form == Operand::Form::days_since) use(side->anchor.event);
  }
  add_related(leaf.inputs);
  leaves_.push_back(std::move(leaf));
  const int index = static_cast<int>(leaves_.size()) - 1;
  leaf_by_text_.emplace(std::move(text), index);
  return index;
}

// Facts whose records bear on each other are asked together, as long as they are few.
void Conditions::add_related(std::vector<int>& inputs) const {
  constexpr std::size_t largest_table = 1500;
  std::size_t size = 1;
  for (const int input : inputs) size *= size_of(input);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (const int other : inputs_.related(inputs[i])) {
      if (std::find(inputs.begin(), inputs.end(), other) != inputs.end()) continue;
      if (size * size_of(other) > largest_table) continue;
      size *= size_of(other);
      inputs.push_back(other);
    }
  }
}

int Conditions::today_in(const protocol::Window& window) {
  Expr expr;
  expr.form = Expr::Form::today;
  expr.window = window;
  made_.push_back(std::move(expr));
  return compile(made_.back());
}

int Conditions::judgement(const std::string& name) {
  Expr expr;
  expr.form = Expr::Form::is_true;
  expr.name = name;
  made_.push_back(std::move(expr));
  return compile(made_.back());
}

int Conditions::both(int a, int b) {
  Node node;
  node.children = {a, b};
  nodes_.push_back(std::move(node));
  return static_cast<int>(nodes_.size()) - 1;
}

int Conditions::compile(const protocol::Wait& wait) {
  WaitLeaf leaf;
  leaf.wait = &wait;
  leaf.input = inputs_.find(wait.after);
  waits_.push_back(std::move(leaf));
  return static_cast<int>(waits_.size()) - 1;
}

// Asking the engine
// ----------------------------------------------------------------------------------------------

Story Conditions::story_at(const Clocks& clocks) const {
  Story story = skeleton(clocks);
  story.parameters = inputs_.settings();
  return story;
}

const Conditions::Table* Conditions::keep(Table table) {
  auto& kept = tables_[table];
  if (!kept) kept = std::make_unique<Table>(std::move(table));
  return kept.get();
}

const Conditions::Table* Conditions::fill(const Leaf& leaf, const Clocks& clocks) {
  Table table;
  std::vector<int> chosen(leaf.inputs.size(), 0);
  std::size_t size = 1;
  for (const int input : leaf.inputs) size *= size_of(input);
  while (true) {
    work_.spend(steps::evaluation);
    if (work_.is_over()) {
      is_complete_ = false;
      table.resize(size, static_cast<char>(Four::data));
      break;
    }
    Story story = story_at(clocks);
    std::vector<std::pair<int, int>> said;
    for (std::size_t i = 0; i < chosen.size(); ++i) said.emplace_back(leaf.inputs[i], chosen[i]);
    inputs_.tell(said, story);
    const record::Timeline timeline = timeline_of(story);
    const record::View view(timeline, story.as_of);
    engine::Settings settings = settings_of(story);
    const engine::Evaluator evaluator(protocol_, view, settings);
    table.push_back(static_cast<char>(four_of(evaluator.evaluate(*leaf.expr), protocol_)));
    std::size_t digit = 0;
    while (digit < chosen.size() && ++chosen[digit] == static_cast<int>(size_of(leaf.inputs[digit])))
      chosen[digit++] = 0;
    if (digit == chosen.size()) break;
  }
  return keep(std::move(table));
}

// A protocol that holds nothing but the wait, decided by the engine.
const Conditions::Table* Conditions::fill(const WaitLeaf& leaf, const Clocks& clocks) {
  protocol::Protocol alone;
  alone.facts = protocol_.facts;
  alone.parameters = protocol_.parameters;
  alone.common.waits.push_back(*leaf.wait);
  protocol::DoseRow row;
  row.last_level = 1000;
  row.amount.targets.push_back({Kind::cd3_cells, true, Decimal{1, 5}, Decimal{1, 5}, ""});
  alone.common.doses.push_back(row);
  Table table;
  for (std::size_t candidate = 0; candidate < size_of(leaf.input); ++candidate) {
    Story story = story_at(clocks);
    inputs_.tell({{leaf.input, static_cast<int>(candidate)}}, story);
    const record::Timeline timeline = timeline_of(story);
    const engine::Decision decision =
        engine::decide(alone, record::View(timeline, story.as_of), settings_of(story));
    table.push_back(static_cast<char>(decision.action));
  }
  return keep(std::move(table));
}

void Conditions::go_to(const Clocks& clocks) {
  now_.resize(leaves_.size());
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    const Table*& known = leaves_[i].tables[borders_.region(clocks, leaves_[i].clocks)];
    if (known == nullptr) known = fill(leaves_[i], clocks);
    now_[i] = known;
  }
  waits_now_.resize(waits_.size());
  for (std::size_t i = 0; i < waits_.size(); ++i) {
    const auto* fact = protocol_.find_fact(waits_[i].wait->after);
    const Table*& known =
        waits_[i].tables[borders_.region(clocks, borders_.clocks_of(fact->window) | day_clock)];
    if (known == nullptr) known = fill(waits_[i], clocks);
    waits_now_[i] = known;
  }
}

// Answers
// -------------------------------------------------------------------------------------------------------

Conditions::Reach Conditions::reach(int index) const {
  const Node& node = nodes_[static_cast<std::size_t>(index)];
  Reach result;
  if (node.leaf >= 0) {
    for (const char four : *now_[static_cast<std::size_t>(node.leaf)])
      result.truths |= bit(static_cast<Four>(four));
    if ((result.truths & (result.truths - 1)) != 0) {
      result.inputs = leaves_[static_cast<std::size_t>(node.leaf)].inputs;
      result.leaves = {node.leaf};
      (result.inputs.size() == 1 ? result.single : result.joint) = {result.inputs.size() == 1 ? index
                                                                                              : node.leaf};
    }
    return result;
  }
  std::vector<Reach> parts;
  for (const int child : node.children) parts.push_back(reach(child));
  const auto combine = [&](unsigned a, unsigned b, Four (*op)(Four, Four)) {
    unsigned truths = 0;
    for (unsigned i = 0; i < 4; ++i) {
      for (unsigned j = 0; j < 4; ++j) {
        if ((a >> i & 1U) != 0 && (b >> j & 1U) != 0)
          truths |= bit(op(static_cast<Four>(i), static_cast<Four>(j)));
      }
    }
    return truths;
  };
  if (node.form == Expr::Form::negation) {
    result = parts.front();
    if (!result.single.empty() && result.inputs.size() == 1) result.single = {index};
    result.truths = 0;
    for (unsigned i = 0; i < 4; ++i) {
      if ((parts.front().truths >> i & 1U) != 0) result.truths |= bit(negated(static_cast<Four>(i)));
    }
    return result;
  }
  if (node.form == Expr::Form::at_least) {
    result.truths = bit(Four::no) | bit(Four::yes) | bit(Four::data) | bit(Four::ask);
  } else {
    const bool is_all = node.form == Expr::Form::all;
    result.truths = bit(is_all ? Four::yes : Four::no);
    for (const Reach& part : parts)
      result.truths = combine(result.truths, part.truths, is_all ? both_of : either_of);
  }
  if ((result.truths & (result.truths - 1)) == 0) return result;
  for (const Reach& part : parts) {
    add_unique(result.inputs, part.inputs);
    add_unique(result.leaves, part.leaves);
    add_unique(result.joint, part.joint);
    add_unique(result.single, part.single);
  }
  if (result.inputs.size() == 1) result.single = {index};
  return result;
}

Four Conditions::truth(int index, const std::vector<int>& chosen) const {
  const Node& node = nodes_[static_cast<std::size_t>(index)];
  if (node.leaf >= 0) {
    const auto& inputs = leaves_[static_cast<std::size_t>(node.leaf)].inputs;
    std::size_t at = 0;
    std::size_t stride = 1;
    for (const int input : inputs) {
      at += stride * static_cast<std::size_t>(chosen[static_cast<std::size_t>(input)]);
      stride *= size_of(input);
    }
    return static_cast<Four>((*now_[static_cast<std::size_t>(node.leaf)])[at]);
  }
  if (node.form == Expr::Form::negation) return negated(truth(node.children.front(), chosen));
  if (node.form == Expr::Form::at_least) {
    std::vector<Four> parts;
    for (const int child : node.children) parts.push_back(truth(child, chosen));
    return at_least(node.count, parts);
  }
  const bool is_all = node.form == Expr::Form::all;
  Four result = is_all ? Four::yes : Four::no;
  for (const int child : node.children) {
    const Four part = truth(child, chosen);
    result = is_all ? both_of(result, part) : either_of(result, part);
    if (result == (is_all ? Four::no : Four::yes)) break;
  }
  return result;
}

engine::Action Conditions::action(int wait, const std::vector<int>& chosen) const {
  const int input = waits_[static_cast<std::size_t>(wait)].input;
  const auto& table = *waits_now_[static_cast<std::size_t>(wait)];
  return static_cast<engine::Action>(
      table[static_cast<std::size_t>(chosen[static_cast<std::size_t>(input)])]);
}

}  // namespace graftline::verify
