#include "engine/settle.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>
#include <set>

namespace graftline::engine {
namespace {

Node leaf(const std::string& name, Truth truth = Truth::unknown) {
  Node node;
  node.sentence = name;
  node.answer = truth == Truth::unknown ? unknown(Reason::never_measured) : Answer{truth, {}};
  if (truth == Truth::unknown) node.missing = {name};
  return node;
}

Answer answer_of(const Node& node);

Node with_answer(Node node) {
  node.answer = answer_of(node);
  return node;
}

Node join(Node::Form form, std::vector<Node> children, int count = 0) {
  Node node;
  node.form = form;
  node.count = count;
  node.children = std::move(children);
  return with_answer(std::move(node));
}

Answer answer_of(const Node& node) {
  switch (node.form) {
    case Node::Form::all: {
      Answer all = answer(true);
      for (const Node& child : node.children) all = all & child.answer;
      return all;
    }
    case Node::Form::any: {
      Answer any = answer(false);
      for (const Node& child : node.children) any = any | child.answer;
      return any;
    }
    case Node::Form::negation:
      return !node.children.front().answer;
    case Node::Form::at_least: {
      int yes = 0;
      int possible = 0;
      for (const Node& child : node.children) {
        yes += child.answer.truth == Truth::yes ? 1 : 0;
        possible += child.answer.truth != Truth::no ? 1 : 0;
      }
      if (yes >= node.count) return answer(true);
      return possible < node.count ? answer(false) : unknown(Reason::never_measured);
    }
    default:
      return node.answer;
  }
}

Node criterion(const std::string& id, bool include, Node when) {
  Node node;
  node.form = Node::Form::criterion;
  node.id = id;
  node.counts_against = !include;
  node.answer = when.answer;
  node.children.push_back(std::move(when));
  return node;
}

std::set<std::vector<std::string>> sets_for(const std::vector<WouldDecide>& all, Verdict verdict) {
  std::set<std::vector<std::string>> sets;
  for (const auto& one : all) {
    if (one.verdict == verdict) sets.insert(one.names);
  }
  return sets;
}

// The tree again with some leaves known.
Node settled(const Node& node, const std::map<std::string, Truth>& known) {
  Node copy = node;
  copy.children.clear();
  if (node.form == Node::Form::leaf) {
    const auto found = known.find(node.sentence);
    if (found != known.end()) copy.answer = Answer{found->second, {}};
    return copy;
  }
  for (const Node& child : node.children) copy.children.push_back(settled(child, known));
  if (node.form == Node::Form::criterion) {
    copy.answer = copy.children.front().answer;
    return copy;
  }
  copy.answer = answer_of(copy);
  return copy;
}

Node random_tree(int depth) {
  const int form = *rc::gen::inRange(0, depth == 0 ? 1 : 5);
  if (form == 0) return leaf("m" + std::to_string(*rc::gen::inRange(0, 4)));
  if (form == 1) return join(Node::Form::negation, {random_tree(depth - 1)});
  std::vector<Node> children;
  const int n = *rc::gen::inRange(1, 4);
  for (int i = 0; i < n; ++i) children.push_back(random_tree(depth - 1));
  if (form == 4) return join(Node::Form::at_least, std::move(children), *rc::gen::inRange(1, n + 1));
  return join(form == 2 ? Node::Form::all : Node::Form::any, std::move(children));
}

}  // namespace

TEST_CASE("one failing criterion decides not eligible, whatever else is missing") {
  const Node failing = criterion("E1", false, leaf("infection", Truth::yes));
  const Node missing = criterion("E2", false, leaf("lvef"));
  const std::vector<const Node*> criteria{&missing, &failing};
  CHECK(verdict_of(criteria) == Verdict::not_eligible);
  CHECK(decided_by(criteria) == std::vector<std::string>{"E1: infection"});
  CHECK(would_decide(criteria).empty());
}

TEST_CASE("two missing values must both be good for eligible; either being bad settles not eligible") {
  const Node heart = criterion("E1", false, leaf("lvef"));
  const Node liver = criterion("E2", false, leaf("alt"));
  const std::vector<const Node*> criteria{&heart, &liver};
  const auto sets = would_decide(criteria);
  CHECK(sets_for(sets, Verdict::eligible) == std::set<std::vector<std::string>>{{"alt", "lvef"}});
  CHECK(sets_for(sets, Verdict::not_eligible) == std::set<std::vector<std::string>>{{"alt"}, {"lvef"}});
}

TEST_CASE("of three measurements two suffice when two of three are asked for") {
  const Node two = criterion("I1", true, join(Node::Form::at_least, {leaf("a"), leaf("b"), leaf("c")}, 2));
  const auto sets = would_decide({&two});
  CHECK(sets_for(sets, Verdict::eligible) ==
        std::set<std::vector<std::string>>{{"a", "b"}, {"a", "c"}, {"b", "c"}});
}

TEST_CASE("a measurement that cannot change the verdict is never asked for") {
  // x or not x is yes whatever x is: only y matters.
  const Node always = join(Node::Form::any, {leaf("x"), join(Node::Form::negation, {leaf("x")})});
  const Node both = criterion("I1", true, join(Node::Form::all, {always, leaf("y")}));
  CHECK(sets_for(would_decide({&both}), Verdict::eligible) == std::set<std::vector<std::string>>{{"y"}});
}

TEST_CASE("the sets that would decide are exactly the smallest ones, by trying every assignment") {
  CHECK(rc::check([] {
    const Node one = criterion("I1", true, random_tree(3));
    const std::vector<const Node*> criteria{&one};
    if (verdict_of(criteria) != Verdict::unknown) return;
    const auto found = would_decide(criteria, 1000);
    for (const Verdict verdict : {Verdict::eligible, Verdict::not_eligible}) {
      // Brute force: a set of names is enough when some values for it make the verdict certain for all values
      // of the rest.
      std::vector<std::set<std::string>> enough;
      for (int mask = 0; mask < 16; ++mask) {
        bool can = false;
        for (int values = 0; values < 16 && !can; ++values) {
          bool holds = true;
          for (int rest = 0; rest < 16 && holds; ++rest) {
            std::map<std::string, Truth> known;
            for (int i = 0; i < 4; ++i) {
              const int bits = (mask >> i & 1) != 0 ? values : rest;
              known["m" + std::to_string(i)] = (bits >> i & 1) != 0 ? Truth::yes : Truth::no;
            }
            const Node tree = settled(one, known);
            holds = verdict_of({&tree}) == verdict;
          }
          can = holds;
        }
        if (!can) continue;
        std::set<std::string> names;
        for (int i = 0; i < 4; ++i) {
          if ((mask >> i & 1) != 0) names.insert("m" + std::to_string(i));
        }
        enough.push_back(names);
      }
      std::set<std::vector<std::string>> minimal;
      for (const auto& set : enough) {
        bool smaller_exists = false;
        for (const auto& other : enough) {
          smaller_exists |= other != set && std::includes(set.begin(), set.end(), other.begin(), other.end());
        }
        if (!smaller_exists) minimal.insert({set.begin(), set.end()});
      }
      RC_ASSERT(sets_for(found, verdict) == minimal);
    }
  }));
}

}  // namespace graftline::engine
