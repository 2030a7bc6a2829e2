#pragma once
// Where a patient stands in a course, as far as the rules of a protocol can tell: a few counts of days and
// the number of infusions. Days are told apart only where some rule changes its answer: at its borders.

#include <cstdint>
#include <vector>

#include "protocol/protocol.h"
#include "record/timeline.h"
#include "verify/story.h"

namespace graftline::verify {

struct Clocks {
  int day = 0;    // since day 0
  int last = 0;   // since the last infusion; 0 before the first
  int first = 0;  // since the first infusion; 0 before it
  int n = 0;      // infusions given
  friend bool operator==(const Clocks&, const Clocks&) = default;
};

enum Clock : unsigned char { day_clock = 1, last_clock = 2, first_clock = 4, count_clock = 8 };

// The counts at which a rule may change its answer, for each clock.
struct Borders {
  std::vector<int> day, last, first, n;  // sorted
  bool is_complete = true;  // false: the protocol counts from something that the search does not follow

  explicit Borders(const protocol::Protocol& protocol);

  unsigned clocks_of(const protocol::Expr& expr, const protocol::Protocol& protocol) const;
  unsigned clocks_of(const protocol::Window& window) const;

  // Beyond the last border a clock need not run any further.
  int largest_day() const { return day.empty() ? 0 : day.back(); }
  int largest_last() const { return last.empty() ? 1 : std::max(1, last.back()); }
  int largest_first() const { return first.empty() ? 0 : first.back(); }

  // The same number for all clocks between which no rule of these clocks tells apart.
  std::uint64_t region(const Clocks& clocks, unsigned which) const;
};

// Days that events have to lie back for a rule that counts from them, by the fact's name in the protocol.
std::vector<int> ages_of(const protocol::Protocol& protocol, const std::string& event);

inline constexpr Day story_day_zero{20454};  // 2026-01-01: every story begins there

// Day 0 and the infusions of a patient whose clocks stand so.
Story skeleton(const Clocks& clocks);

}  // namespace graftline::verify
