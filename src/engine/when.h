#pragma once
// All days at once: the decision as a step function over time, with what changes at each border.
//
// Each condition of the protocol is asked on its own border days only (borders.h), of the few entries that it
// can depend on (selection.h); the whole decision is worked out where some condition changed. No day is asked
// because it is the next one.

#include <optional>
#include <string>
#include <vector>

#include "engine/borders.h"
#include "engine/decision.h"

namespace graftline::engine {

// A criterion, trigger or rule whose answer changed, with the facts behind it after the change.
struct Change {
  enum class Of : unsigned char { criterion, strategy, rule };
  Of of = Of::criterion;
  std::string strategy;  // whose it is; empty: common
  std::string id;        // criterion id, strategy name, action of the rule
  std::string sentence;
  Answer before;
  Answer after;
  std::vector<std::string> facts;  // that the changed conditions name
  std::vector<Evidence> evidence;  // of the changed conditions
};

// Days over which nothing that a reader is told changes.
struct Step {
  Day first;
  Day last;
  Verdict verdict = Verdict::unknown;
  Action action = Action::need_data;
  std::string strategy;  // that answers; empty: none, or a protocol without strategies
  std::string because;
  std::optional<Day> wait_until;
  std::string dose;
  std::vector<std::string> failing;
  std::vector<std::string> missing;
  std::vector<Change> changes;  // since the day before `first`; empty for the first step
};

// When a strategy opens: its trigger is met and it answers something other than outside.
struct Opening {
  std::string strategy;  // empty: the protocol has none
  std::string label;
  std::optional<Day> first_open;
  std::optional<Day> first_give;
};

struct History {
  std::vector<Step> steps;  // at least one; together they cover the series without a gap
  std::vector<Opening> openings;
  std::size_t conditions_asked = 0;  // single conditions, on their borders
  std::size_t decisions_made = 0;
};

// `timeline` must be arranged. With `every_change` a step also ends where a condition changes and the answer
// stays.
//   cost  linear in the entries of facts that are read as the latest value; a fact that is asked about all
//   its
//         past (worst, at any time, courses) costs the square of its own entries
History history(const protocol::Protocol& protocol, const record::Timeline& timeline,
                const Settings& settings, const Series& series, bool every_change = false);

}  // namespace graftline::engine
