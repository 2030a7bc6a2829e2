#include "verify/verify.h"

#include <fmt/format.h>

#include <algorithm>

#include "verify/behaviour.h"
#include "verify/dose_table.h"
#include "verify/encoding.h"
#include "verify/logic.h"
#include "verify/solver.h"

namespace graftline::verify {
namespace {

void add_text_findings(std::span<const protocol::Diagnostic> diagnostics, std::vector<Finding>& findings) {
  for (const auto& diagnostic : diagnostics) {
    const bool is_unused = diagnostic.message.find("never used") != std::string::npos ||
                           diagnostic.message.find("never cited") != std::string::npos;
    findings.push_back(
        {is_unused ? FindingKind::unused : FindingKind::text,
         diagnostic.severity == protocol::Severity::error ? Severity::error : Severity::warning,
         diagnostic.span,
         diagnostic.message,
         "",
         is_unused && diagnostic.suggestion.empty() ? "use it, or leave it out" : diagnostic.suggestion,
         {}});
  }
}

void not_settled(std::string what, std::vector<Finding>& findings) {
  findings.push_back({FindingKind::not_settled,
                      Severity::warning,
                      {},
                      std::move(what),
                      "this is no answer: neither that something is wrong nor that all is well",
                      "allow it more steps, or make the protocol simpler",
                      {}});
}

}  // namespace

Verification verify(const protocol::Protocol& protocol, std::span<const protocol::Diagnostic> text_findings,
                    const Limits& limits) {
  Verification result;
  Work work(limits.n_steps);
  add_text_findings(text_findings, result.findings);
  list_open_parameters(protocol, result.findings);
  Solver solver(work);
  Encoding encoding(protocol, solver);
  bool is_settled = check_logic(protocol, encoding, solver, result.findings);
  is_settled = check_dose_table(protocol, encoding, solver, result.findings) && is_settled;
  result.statistics.n_formulas = solver.n_asked();
  check_behaviour(protocol, work, limits.n_states, result);
  result.statistics.n_steps = work.spent();
  if (!is_settled) not_settled("some conditions were not settled", result.findings);
  std::stable_sort(result.findings.begin(), result.findings.end(),
                   [](const Finding& a, const Finding& b) { return a.span.offset < b.span.offset; });
  return result;
}

Soundness soundness_of(const protocol::Protocol& protocol) {
  Limits limits;
  limits.n_steps /= 5;
  const Verification verification = verify(protocol, {}, limits);
  Soundness soundness;
  soundness.is_sound = true;
  for (const Finding& finding : verification.findings) {
    const bool is_open = finding.kind == FindingKind::not_settled;
    if (finding.severity != Severity::error && !is_open) continue;
    soundness.is_sound = false;
    soundness.errors.push_back(fmt::format("line {}: {}", finding.span.line, finding.what));
  }
  return soundness;
}

}  // namespace graftline::verify
