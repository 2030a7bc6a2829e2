// Each kind of finding has a planted mistake that is found in these words, and a repaired twin without it;
// every patient shown is a case that the case runner confirms.
#include "service/verification.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "service/case_runner.h"
#include "service/protocol_library.h"

using namespace graftline;
namespace fs = std::filesystem;

namespace {

const fs::path root = GRAFTLINE_SOURCE_DIR;
const fs::path planted = root / "tests/data/verify";

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

service::VerifiedProtocol verified(const fs::path& path) {
  const auto all = service::verify_protocols({path.string()}, {}, {});
  REQUIRE(all);
  REQUIRE(all->size() == 1);
  return all->front();
}

// "dead lock" is planted in dead-lock.protocol.
std::string file_of(verify::FindingKind kind) {
  std::string file(verify::name(kind));
  std::replace(file.begin(), file.end(), ' ', '-');
  return file;
}

std::vector<verify::FindingKind> kinds() {
  std::vector<verify::FindingKind> all;
  for (int i = 0; i < verify::finding_kind_count; ++i) {
    const auto kind = static_cast<verify::FindingKind>(i);
    // What was not settled in time is no mistake of the protocol: verify_test has it.
    if (kind != verify::FindingKind::not_settled) all.push_back(kind);
  }
  return all;
}

bool has(const service::VerifiedProtocol& verified, verify::FindingKind kind) {
  const auto& findings = verified.verification.findings;
  return std::any_of(findings.begin(), findings.end(), [&](const auto& f) { return f.kind == kind; });
}

void confirm_stories(const service::VerifiedProtocol& verified, const fs::path& path) {
  const auto protocol = service::load_protocol(path);
  REQUIRE(protocol);
  for (const auto& finding : verified.verification.findings) {
    if (!finding.story) continue;
    const std::string text = interop::to_text(service::case_of(finding, verified.id));
    CAPTURE(text);
    const auto read = interop::parse_case_file(text, "story.cases");
    REQUIRE(read);
    const auto outcome = service::run_case(read->cases.front(), "story.cases", *protocol);
    CHECK(fmt::format("{}", fmt::join(outcome.failures, "\n")).empty());
  }
}

}  // namespace

TEST_CASE(
    "each kind of mistake is found where it was planted, and what is wrong, why and what to do is said in "
    "these words") {
  for (const auto kind : kinds()) {
    const fs::path file = planted / (file_of(kind) + ".protocol");
    CAPTURE(file.filename().string());
    const auto found = verified(file);
    REQUIRE(found.is_usable());
    CHECK(has(found, kind));
    std::string said;
    for (const auto& finding : found.verification.findings) {
      said += verify::to_text(finding, file.filename().string());
      CHECK((finding.severity == verify::Severity::note || !finding.repair.empty()));
    }
    CHECK(said == contents(fs::path(file).replace_extension(".expected")));
    confirm_stories(found, file);
  }
}

TEST_CASE("the repaired twin of a planted mistake has no such finding, and no error at all") {
  for (const auto kind : kinds()) {
    const fs::path file = planted / (file_of(kind) + "-repaired.protocol");
    CAPTURE(file.filename().string());
    const auto found = verified(file);
    REQUIRE(found.is_usable());
    CHECK_FALSE(has(found, kind));
    CHECK_FALSE(has(found, verify::FindingKind::not_settled));
    CHECK_FALSE(found.verification.has_errors());
  }
}

TEST_CASE(
    "every shipped protocol is verified: no errors, everything settled, every patient shown is confirmed") {
  const auto files = service::ProtocolLibrary({root / "protocols"}).files();
  CHECK(files.size() >= 12);
  for (const fs::path& file : files) {
    const auto found = verified(file);
    CAPTURE(service::to_text({found}, true));
    CHECK_FALSE(found.verification.has_errors());
    CHECK_FALSE(has(found, verify::FindingKind::not_settled));
    confirm_stories(found, file);
  }
}

TEST_CASE("a file that cannot be used is not verified, and says what is wrong with it") {
  const auto found = service::verify_protocols(
      {(root / "tests/data/protocol-mistakes/bare-dose.protocol").string()}, {}, {});
  REQUIRE(found);
  CHECK_FALSE(found->front().is_usable());
  CHECK(found->front().mistakes.find("a bare number is not a dose") != std::string::npos);
}

TEST_CASE("whoever only wants to know whether a protocol is sound gets its errors, one a line") {
  const auto bad = service::load_protocol(planted / "too-close.protocol");
  const auto good = service::load_protocol(planted / "too-close-repaired.protocol");
  REQUIRE(bad);
  REQUIRE(good);
  CHECK(service::verification_errors(*good).empty());
  REQUIRE(service::verification_errors(*bad).size() == 1);
  CHECK(service::verification_errors(*bad).front() ==
        "line 11: two infusions can be 1 day apart, less than 4 weeks");
}
