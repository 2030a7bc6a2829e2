#pragma once
// Runs case files: what a clinician expects, against what the protocol file says.

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "interop/casefile/casefile.h"
#include "service/answer.h"
#include "service/protocol_library.h"

namespace graftline::service {

struct CaseOutcome {
  std::string file;
  int line = 0;
  std::string name;
  std::vector<std::string> failures;  // "line 12: decision = give, but it is hold: off immunosuppression"
  bool passed() const { return failures.empty(); }
};

struct CaseReport {
  std::vector<CaseOutcome> outcomes;
  std::vector<Error> unreadable;  // files that could not be read or name no protocol
  std::size_t passed() const;
  bool ok() const { return unreadable.empty() && passed() == outcomes.size(); }
};

// The timeline and the question that a case describes.
// errors  malformed_input: an entry that is no value of its fact, with file and line
struct CaseQuestion {
  record::Timeline timeline;
  Question question;
};
Result<CaseQuestion> question_of(const interop::Case& c, const std::string& file);

CaseOutcome run_case(const interop::Case& c, const std::string& file, const protocol::Protocol& protocol);

// Every *.cases file at or below the paths. A case names its protocol, or it is the one in the file's folder.
CaseReport run_cases(const std::vector<std::filesystem::path>& paths, const ProtocolLibrary& library);

std::string to_text(const CaseReport& report, bool verbose);

}  // namespace graftline::service
