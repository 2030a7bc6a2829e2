#include "service/validation.h"

#include <fmt/format.h>

#include <array>

#include "core/ucum_validation.h"

namespace graftline::service {
namespace {

Result<ValidationOutcome> validate_ucum(const std::string& folder) {
  const auto report = validate_ucum_directory(folder);
  if (!report) return report.error();
  ValidationOutcome outcome;
  int passed = 0;
  for (const auto& count : report->counts) {
    passed += count.passed;
    outcome.text += fmt::format("{:<24} {} passed, {} failed\n", count.kind, count.passed, count.failed);
  }
  for (const auto& failure : report->failures) {
    outcome.text += fmt::format("  {} {}: expected {}, got {}\n", failure.kind, failure.id, failure.expected,
                                failure.got);
  }
  for (const auto& file : report->skipped) outcome.text += fmt::format("{}: another layout, not run\n", file);
  outcome.text += fmt::format("{} passed, {} failed\n", passed, report->failures.size());
  outcome.ok = report->failures.empty();
  return outcome;
}

struct Suite {
  std::string_view name;
  Result<ValidationOutcome> (*run)(const std::string& folder);
};
constexpr std::array suites{Suite{"ucum", validate_ucum}};

}  // namespace

std::vector<std::string> validation_suites() {
  std::vector<std::string> names;
  for (const Suite& suite : suites) names.emplace_back(suite.name);
  return names;
}

Result<ValidationOutcome> validate(const std::string& suite, const std::string& folder) {
  for (const Suite& row : suites) {
    if (row.name == suite) return row.run(folder);
  }
  return Error{ErrorKind::not_found,
               fmt::format("no suite '{}'; there are: {}", suite, fmt::join(validation_suites(), ", "))};
}

}  // namespace graftline::service
