#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "protocol/parse.h"

using namespace graftline::protocol;

namespace {

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE(
    "a mistake in a protocol is reported at its place, in words an author understands, with a way out") {
  const std::filesystem::path folder =
      std::filesystem::path(GRAFTLINE_SOURCE_DIR) / "tests/data/protocol-mistakes";
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".protocol") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  CHECK(files.size() >= 40);
  for (const auto& file : files) {
    const std::string name = file.filename().string();
    CAPTURE(name);
    // Warnings are expected where the file's name begins with "warning"; elsewhere they would only distract.
    const bool shows_warnings = name.starts_with("warning");
    const std::string text = contents(file);
    std::string reported;
    for (const Diagnostic& d : parse_protocol(text).diagnostics) {
      if (d.severity == Severity::error || shows_warnings) reported += to_text(d, text, name);
    }
    CHECK(reported == contents(std::filesystem::path(file).replace_extension(".expected")));
  }
}

TEST_CASE("a protocol with a mistake is not usable, one with a warning is") {
  CHECK_FALSE(parse_protocol("protocol \"p\" id p version 1.0.0\n").ok());
  const Parsed warned =
      parse_protocol("protocol \"p\" id p version 1.0.0\nday 0 is graft infusion\nfact r is relapse\n");
  CHECK(warned.ok());
  CHECK(warned.diagnostics.size() == 1);
}
