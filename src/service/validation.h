#pragma once
// Conformance suites that anybody can run against this build.

#include <string>
#include <vector>

#include "core/result.h"

namespace graftline::service {

std::vector<std::string> validation_suites();  // "ucum", "designs", ...

struct ValidationOutcome {
  bool ok = false;
  std::string text;  // counts by kind, and every failure
};

// errors  not_found: no such suite, folder or files; malformed_input
Result<ValidationOutcome> validate(const std::string& suite, const std::string& folder);

}  // namespace graftline::service
