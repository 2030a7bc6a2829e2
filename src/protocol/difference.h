#pragma once
// Two versions of a protocol, statement by statement on their canonical texts.

#include <string>
#include <vector>

#include "protocol/protocol.h"

namespace graftline::protocol {

// One difference. A strategy that came or went counts as one, with its rules.
struct StatementChange {
  enum class Form : unsigned char { added, removed, changed, reordered };
  Form form = Form::changed;
  std::string strategy;   // in which it stands; empty: common to all
  std::string statement;  // what it is: "criterion E5", "fact alt", "dose level 1", "order of strategies"
  std::string before;     // canonical text, without comments; empty when added
  std::string after;      // empty when removed
  // Whether it can change an answer by itself: not what is said about the protocol (title, sources, reviews,
  // gaps, claims), nor a declaration that came or went, which only the rules that name it use.
  bool can_matter = true;
};
std::string_view name(StatementChange::Form form);

// In the order of `after`, what was removed behind what stood before it. Comments, blank lines and the
// places of statements between which no order is kept make no difference.
// cost  the square of the number of statements
std::vector<StatementChange> differences(const Protocol& before, const Protocol& after);

// The text of a protocol that is `before` with the changes marked in `applied` (as numbered by
// `differences`), and with the declarations of both. errors show when it is parsed: a rule may name what only
// another change brings.
std::string mixture(const Protocol& before, const Protocol& after, const std::vector<bool>& applied);

}  // namespace graftline::protocol
