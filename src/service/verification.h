#pragma once
// Protocols checked as programs: findings with their places, and the patients that show them as case files.

#include <filesystem>
#include <string>
#include <vector>

#include "core/result.h"
#include "interop/casefile/casefile.h"
#include "verify/verify.h"

namespace graftline::service {

struct VerifiedProtocol {
  std::string file;
  std::string id;
  std::string version;
  std::string sha256;
  std::string mistakes;  // a file that cannot be used: what protocol check says; nothing else was looked at
  verify::Verification verification;
  bool is_usable() const { return mistakes.empty(); }
};

// Ids, files, or folders: then every .protocol file below.
// errors  not_found: no such id, file or folder, or a folder without protocols
Result<std::vector<VerifiedProtocol>> verify_protocols(const std::vector<std::string>& ids_or_paths,
                                                       const std::vector<std::filesystem::path>& folders,
                                                       const verify::Limits& limits);

// Whether a protocol has errors that verification finds, in at most two seconds; empty when it has none.
std::vector<std::string> verification_errors(const protocol::Protocol& protocol);

// A finding's patient as a case of a case file, expecting what graftline answers.
interop::Case case_of(const verify::Finding& finding, const std::string& protocol_id);

std::string to_text(const std::vector<VerifiedProtocol>& verified, bool statistics);
std::string to_json(const std::vector<VerifiedProtocol>& verified);
std::string to_cases(const std::vector<VerifiedProtocol>& verified);

}  // namespace graftline::service
