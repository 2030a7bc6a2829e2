#include "engine/settle.h"

#include <algorithm>
#include <map>

namespace graftline::engine {
namespace {

// A literal is a leaf with the value it must take; an implicant is a sorted set of literals, none with its
// opposite.
using Literal =
    std::pair<std::string, bool>;  // the leaf's sentence identifies it: equal sentences are equal questions
using Implicant = std::vector<Literal>;
using Implicants = std::vector<Implicant>;

constexpr std::size_t most_implicants = 4096;

bool contradicts(const Implicant& set) {
  for (std::size_t i = 1; i < set.size(); ++i) {
    if (set[i].first == set[i - 1].first) return true;
  }
  return false;
}

Implicant merged(const Implicant& a, const Implicant& b) {
  Implicant result;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
  return result;
}

// Keeps the minimal sets, smallest first.
void absorb(Implicants& sets) {
  std::sort(sets.begin(), sets.end(), [](const Implicant& a, const Implicant& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  Implicants minimal;
  for (const Implicant& candidate : sets) {
    const bool covered = std::any_of(minimal.begin(), minimal.end(), [&](const Implicant& smaller) {
      return std::includes(candidate.begin(), candidate.end(), smaller.begin(), smaller.end());
    });
    if (!covered) minimal.push_back(candidate);
    if (minimal.size() >= most_implicants) break;
  }
  sets = std::move(minimal);
}

Implicants either(Implicants a, const Implicants& b) {
  a.insert(a.end(), b.begin(), b.end());
  absorb(a);
  return a;
}

Implicants both(const Implicants& a, const Implicants& b) {
  Implicants result;
  for (const Implicant& x : a) {
    for (const Implicant& y : b) {
      Implicant set = merged(x, y);
      if (!contradicts(set)) result.push_back(std::move(set));
    }
    if (result.size() > most_implicants) absorb(result);
  }
  absorb(result);
  return result;
}

// (x and A) or (not x and B) also implies A and B: without these the recursion misses implicants of leaves
// used twice.
void add_consensus(Implicants& sets) {
  for (Implicants before; before != sets && sets.size() < most_implicants / 8;) {
    before = sets;
    for (const Implicant& a : before) {
      for (const Implicant& b : before) {
        Literal clash;
        int clashes = 0;
        for (const Literal& literal : a) {
          if (std::binary_search(b.begin(), b.end(), Literal{literal.first, !literal.second})) {
            clash = literal;
            ++clashes;
          }
        }
        if (clashes != 1) continue;
        Implicant set = merged(a, b);
        std::erase_if(set, [&](const Literal& literal) { return literal.first == clash.first; });
        sets.push_back(std::move(set));
      }
    }
    absorb(sets);
  }
}

// The minimal sets of literals over unknown leaves that make `node` be `wanted`.
Implicants implicants(const Node& node, bool wanted) {
  if (node.answer.truth != Truth::unknown) {
    return (node.answer.truth == Truth::yes) == wanted ? Implicants{{}} : Implicants{};
  }
  switch (node.form) {
    case Node::Form::criterion:
    case Node::Form::definition:
      return implicants(node.children.front(), wanted);
    case Node::Form::negation:
      return implicants(node.children.front(), !wanted);
    case Node::Form::all:
    case Node::Form::any: {
      const bool conjunction = (node.form == Node::Form::all) == wanted;
      Implicants result = conjunction ? Implicants{{}} : Implicants{};
      for (const Node& child : node.children) {
        const Implicants next = implicants(child, wanted);
        result = conjunction ? both(result, next) : either(std::move(result), next);
      }
      return result;
    }
    case Node::Form::at_least: {
      // By dynamic programming: reached[k] are the sets that make at least k of the children so far `wanted`.
      const int n = static_cast<int>(node.children.size());
      const int needed = wanted ? node.count : n - node.count + 1;
      std::vector<Implicants> reached(static_cast<std::size_t>(needed) + 1);
      reached[0] = {{}};
      for (const Node& child : node.children) {
        const Implicants next = implicants(child, wanted);
        for (auto k = static_cast<std::size_t>(needed); k > 0; --k) {
          reached[k] = either(std::move(reached[k]), both(reached[k - 1], next));
        }
      }
      return reached[static_cast<std::size_t>(needed)];
    }
    case Node::Form::leaf:
      return {{{node.sentence, wanted}}};
  }
  return {};
}

void names_by_leaf(const Node& node, std::map<std::string, std::vector<std::string>>& names) {
  if (node.form == Node::Form::leaf && node.answer.truth == Truth::unknown)
    names[node.sentence] = node.missing;
  for (const Node& child : node.children) names_by_leaf(child, names);
}

// A smallest set of leaves whose known answers fix the answer of `node`.
std::vector<std::string> justification(const Node& node) {
  const bool wanted = node.answer.truth == Truth::yes;
  switch (node.form) {
    case Node::Form::leaf:
      return {node.sentence};
    case Node::Form::criterion:
    case Node::Form::definition:
    case Node::Form::negation:
      return justification(node.children.front());
    case Node::Form::all:
    case Node::Form::any:
    case Node::Form::at_least:
      break;
  }
  std::vector<std::vector<std::string>> parts;
  for (const Node& child : node.children) {
    if (child.answer.truth == node.answer.truth) parts.push_back(justification(child));
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const auto& a, const auto& b) { return a.size() < b.size(); });
  std::size_t needed = parts.size();
  if (node.form == Node::Form::at_least) {
    needed = static_cast<std::size_t>(wanted ? node.count
                                             : static_cast<int>(node.children.size()) - node.count + 1);
  } else if ((node.form == Node::Form::all) != wanted) {
    needed = 1;
  }
  std::vector<std::string> result;
  for (std::size_t i = 0; i < std::min(needed, parts.size()); ++i) {
    result.insert(result.end(), parts[i].begin(), parts[i].end());
  }
  return result;
}

Truth met(const Node& criterion) {
  return criterion.counts_against ? !criterion.answer.truth : criterion.answer.truth;
}

}  // namespace

Verdict verdict_of(const std::vector<const Node*>& criteria) {
  Truth all = Truth::yes;
  for (const Node* criterion : criteria) all = all & met(*criterion);
  if (all == Truth::yes) return Verdict::eligible;
  return all == Truth::no ? Verdict::not_eligible : Verdict::unknown;
}

std::vector<std::string> decided_by(const std::vector<const Node*>& criteria) {
  const Verdict verdict = verdict_of(criteria);
  std::vector<std::vector<std::string>> parts;
  for (const Node* criterion : criteria) {
    const bool fails = met(*criterion) == Truth::no;
    if (verdict == Verdict::unknown || (verdict == Verdict::not_eligible) != fails) continue;
    std::vector<std::string> leaves = justification(*criterion);
    for (std::string& leaf : leaves) leaf.insert(0, criterion->id + ": ");
    parts.push_back(std::move(leaves));
  }
  if (verdict == Verdict::not_eligible) {
    return *std::min_element(parts.begin(), parts.end(),
                             [](const auto& a, const auto& b) { return a.size() < b.size(); });
  }
  std::vector<std::string> result;
  for (const auto& part : parts) result.insert(result.end(), part.begin(), part.end());
  return result;
}

std::vector<WouldDecide> would_decide(const std::vector<const Node*>& criteria, std::size_t limit) {
  if (verdict_of(criteria) != Verdict::unknown) return {};
  std::map<std::string, std::vector<std::string>> names;
  Implicants eligible{{}};
  Implicants not_eligible;
  for (const Node* criterion : criteria) {
    names_by_leaf(*criterion, names);
    const bool wanted = !criterion->counts_against;
    eligible = both(eligible, implicants(*criterion, wanted));
    not_eligible = either(std::move(not_eligible), implicants(*criterion, !wanted));
  }
  add_consensus(not_eligible);
  add_consensus(eligible);

  std::vector<WouldDecide> result;
  const auto append = [&](Verdict verdict, const Implicants& sets) {
    // Several leaves may wait for the same measurement: what counts are the names.
    std::vector<std::vector<std::string>> by_name;
    for (const Implicant& set : sets) {
      std::vector<std::string> needed;
      for (const Literal& literal : set)
        needed.insert(needed.end(), names[literal.first].begin(), names[literal.first].end());
      std::sort(needed.begin(), needed.end());
      needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
      by_name.push_back(std::move(needed));
    }
    std::sort(by_name.begin(), by_name.end(), [](const auto& a, const auto& b) {
      return a.size() != b.size() ? a.size() < b.size() : a < b;
    });
    std::vector<std::vector<std::string>> minimal;
    for (const auto& candidate : by_name) {
      const bool covered = std::any_of(minimal.begin(), minimal.end(), [&](const auto& smaller) {
        return std::includes(candidate.begin(), candidate.end(), smaller.begin(), smaller.end());
      });
      if (!covered && minimal.size() < limit) minimal.push_back(candidate);
    }
    for (auto& set : minimal) result.push_back({verdict, std::move(set)});
  };
  append(Verdict::eligible, eligible);
  append(Verdict::not_eligible, not_eligible);
  return result;
}

void collect_missing(const Node& node, const std::string& needed_by, const protocol::Protocol& protocol,
                     std::vector<Missing>& missing) {
  if (node.answer.truth != Truth::unknown) return;
  for (const Node& child : node.children) collect_missing(child, needed_by, protocol, missing);
  for (const std::string& name : node.missing) {
    auto known =
        std::find_if(missing.begin(), missing.end(), [&](const Missing& m) { return m.name == name; });
    if (known == missing.end()) {
      Missing added;
      added.name = name;
      if (const auto* fact = protocol.find_fact(name)) added.phrase = fact->phrase;
      if (const auto* judgement = protocol.find_judgement(name)) added.phrase = judgement->question;
      if (const auto* parameter = protocol.find_parameter(name)) {
        added.phrase = parameter->description.empty() ? "parameter of the site" : parameter->description;
      }
      if (added.phrase.empty()) added.phrase = name;
      missing.push_back(std::move(added));
      known = missing.end() - 1;
    }
    known->reasons |= node.answer.reasons;
    auto& by = known->needed_by;
    if (!needed_by.empty() && std::find(by.begin(), by.end(), needed_by) == by.end()) by.push_back(needed_by);
  }
}

}  // namespace graftline::engine
