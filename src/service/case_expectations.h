#pragma once
// What a case may expect. docs/case-files.md lists the subjects; the table in case_expectations.cpp is what
// runs.

#include <span>
#include <string>
#include <string_view>

#include "interop/casefile/casefile.h"
#include "service/answer.h"

namespace graftline::service {

// Empty when it holds; else what was found instead.
std::string check_expectation(const interop::Expectation& expectation, const Answered& answered,
                              const protocol::Protocol& protocol);

// A subject's form and meaning, for docs and error messages.
struct ExpectationSubject {
  std::string_view form;
  std::string_view meaning;
};
std::span<const ExpectationSubject> expectation_subjects();

}  // namespace graftline::service
