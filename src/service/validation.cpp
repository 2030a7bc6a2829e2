#include "service/validation.h"

#include <fmt/format.h>

#include <array>

#include "core/ucum_validation.h"
#include "stats/design_golden.h"
#include "stats/golden.h"

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

Result<ValidationOutcome> validate_stats(const std::string& folder) {
  const auto validation = stats::validate_survival(folder);
  if (!validation) return validation.error();
  if (validation->cases.empty())
    return Error{ErrorKind::not_found, fmt::format("{}: no file of schema survival-golden/1", folder)};
  return ValidationOutcome{validation->all_agree(), stats::survival_validation_table(*validation)};
}

Result<ValidationOutcome> validate_designs(const std::string& folder) {
  const auto validation = stats::validate_designs(folder);
  if (!validation) return validation.error();
  if (validation->cases.empty())
    return Error{ErrorKind::not_found, fmt::format("{}: no file of schema design-golden/1", folder)};
  return ValidationOutcome{validation->all_agree(), stats::design_validation_table(*validation)};
}

struct Suite {
  std::string_view name;
  Result<ValidationOutcome> (*run)(const std::string& folder);
};
constexpr std::array suites{Suite{"ucum", validate_ucum}, Suite{"stats", validate_stats},
                            Suite{"designs", validate_designs}};

}  // namespace

std::vector<std::string> validation_suites() {
  std::vector<std::string> names;
  names.reserve(suites.size());
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
