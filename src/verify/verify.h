#pragma once
// A protocol checked as a program: its conditions, its dose table, and every course that it allows.

#include <cstdint>
#include <span>

#include "protocol/parse.h"
#include "verify/finding.h"

namespace graftline::verify {

struct Limits {
  // What has not been settled with them is reported as "not settled", never as clean. Steps of work.h.
  std::uint64_t n_steps = 200'000'000;
  std::size_t n_states = 4'000'000;
};

// `text_findings`: what reading the text already said (warnings); an unusable protocol is not verified.
Verification verify(const protocol::Protocol& protocol, std::span<const protocol::Diagnostic> text_findings,
                    const Limits& limits = {});

// For callers that only need to know: the errors alone, with a fifth of the steps. A protocol that could
// not be settled with them is not called clean.
struct Soundness {
  bool is_sound = false;
  std::vector<std::string> errors;  // one line each
};
Soundness soundness_of(const protocol::Protocol& protocol);

}  // namespace graftline::verify
