#pragma once
// What verification finds in a protocol: what is wrong, why it matters, what would repair it, and where it
// can be shown, the patient in whom it happens.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/protocol.h"
#include "verify/story.h"

namespace graftline::verify {

// error    the protocol does what it must not do, or cannot do what it says
// warning  probably not meant: somebody should look
// note     worth knowing; nothing has to change
enum class Severity : unsigned char { error, warning, note };
std::string_view name(Severity severity);

// Each has a row in finding.cpp, a section in docs/verification.md and a pair of files in tests/data/verify.
enum class FindingKind : unsigned char {
  impossible_limit,
  contradictory_criteria,
  implied_criterion,
  dead_branch,
  dead_rule,
  always_applies,
  text,
  unused,
  parameter_without_default,
  overlap,
  dose_above_cap,
  ladder_falls,
  unreachable_level,
  dead_dose_row,
  dead_strategy,
  window_not_met,
  gap,
  dead_lock,
  endless_hold,
  forgotten_stop,
  too_close,
  unknown_gives,
  given_against_rule,
  claim_fails,
  not_settled,
};
inline constexpr int finding_kind_count = 25;
std::string_view name(FindingKind kind);  // "impossible limit", ...

struct Finding {
  FindingKind kind = FindingKind::not_settled;
  Severity severity = Severity::error;
  protocol::Span span;
  std::string what;    // "level 3 can never be given"
  std::string why;     // the rules that make it so
  std::string repair;  // what the author can do
  std::optional<Story> story;
};

// Something that was asked of all courses, and holds.
struct Proved {
  std::string claim;
};

struct Statistics {
  std::size_t n_states = 0;       // of the dose machine, reached
  std::size_t n_transitions = 0;  // between them
  std::size_t n_decisions = 0;    // distinct decisions looked at
  std::size_t n_formulas = 0;     // asked of the solver
  std::uint64_t n_steps = 0;      // of work spent
  std::size_t n_replays = 0;      // stories put to the engine
  std::size_t n_refuted = 0;      // of them, not confirmed and therefore not reported
  bool is_complete = true;        // false: a limit ended the search
};

struct Verification {
  std::vector<Finding> findings;  // by place in the text
  std::vector<Proved> proved;
  Statistics statistics;
  bool has_errors() const;
};

// "x.protocol:3:9: error: level 3 can never be given [unreachable level]", then why, then what to do.
std::string to_text(const Finding& finding, std::string_view file);

}  // namespace graftline::verify
