#include "verify/finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace graftline::verify {

std::string_view name(Severity severity) {
  static constexpr std::array<std::string_view, 3> names{"error", "warning", "note"};
  return names.at(static_cast<std::size_t>(severity));
}

std::string_view name(FindingKind kind) {
  static constexpr std::array<std::string_view, finding_kind_count> names{"impossible limit",
                                                                          "contradictory criteria",
                                                                          "implied criterion",
                                                                          "dead branch",
                                                                          "dead rule",
                                                                          "always applies",
                                                                          "text",
                                                                          "unused",
                                                                          "parameter without default",
                                                                          "overlap",
                                                                          "dose above cap",
                                                                          "ladder falls",
                                                                          "unreachable level",
                                                                          "dead dose row",
                                                                          "dead strategy",
                                                                          "window not met",
                                                                          "gap",
                                                                          "dead lock",
                                                                          "endless hold",
                                                                          "forgotten stop",
                                                                          "too close",
                                                                          "unknown gives",
                                                                          "given against a rule",
                                                                          "claim fails",
                                                                          "not settled"};
  return names.at(static_cast<std::size_t>(kind));
}

bool Verification::has_errors() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::error; });
}

std::string to_text(const Finding& finding, std::string_view file) {
  std::string text;
  if (finding.span.line > 0) {
    text = fmt::format("{}:{}:{}: ", file, finding.span.line, finding.span.column);
  } else if (!file.empty()) {
    text = fmt::format("{}: ", file);
  }
  text += fmt::format("{}: {} [{}]\n", name(finding.severity), finding.what, name(finding.kind));
  if (!finding.why.empty()) text += fmt::format("  {}\n", finding.why);
  if (!finding.repair.empty()) text += fmt::format("  {}\n", finding.repair);
  return text;
}

}  // namespace graftline::verify
