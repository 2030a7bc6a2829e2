#include "protocol/operators.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "protocol/format.h"
#include "protocol/parse.h"
#include "protocol/vocabulary.h"

using namespace graftline::protocol;

namespace {

const std::string declarations =
    "protocol \"operators\" id operators version 1.0.0\n"
    "day 0 is graft infusion\n"
    "fact relapse is relapse, any\n"
    "fact infection is uncontrolled infection, any\n"
    "fact lvef is LVEF in %, latest\n"
    "fact alt is ALT in U/L, latest\n"
    "fact bilirubin is total bilirubin, latest\n"
    "fact agvhd is acute GVHD grade, current\n"
    "fact donor is donor type\n"
    "fact disease is disease\n";

std::string language_reference() {
  std::ifstream in(std::string(GRAFTLINE_SOURCE_DIR) + "/docs/protocol-language.md", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("every operator of the table is one that the language reads") {
  for (const Operator& row : operators()) {
    CAPTURE(row.symbol);
    const std::string text = declarations + fmt::format("define condition {}\n", row.example);
    const Parsed parsed = parse_protocol(text);
    CHECK(parsed.ok());
    for (const Diagnostic& d : parsed.diagnostics) {
      if (d.severity == Severity::error) FAIL_CHECK(to_text(d, text, "operators"));
    }
  }
}

TEST_CASE("the language reference explains every operator and every statement") {
  const std::string reference = language_reference();
  REQUIRE(!reference.empty());
  for (const Operator& row : operators()) {
    CAPTURE(row.symbol);
    CHECK(reference.find(fmt::format("`{}`", row.symbol)) != std::string::npos);
  }
  for (const StatementWord& row : statement_words()) {
    CAPTURE(row.keyword);
    CHECK(reference.find(fmt::format("`{}", row.keyword)) != std::string::npos);
  }
}

namespace {

// The blocks of the language reference between ```protocol and ```.
std::vector<std::string> examples() {
  const std::string reference = language_reference();
  const std::string open = "```protocol\n";
  std::vector<std::string> blocks;
  for (std::size_t at = reference.find(open); at != std::string::npos; at = reference.find(open, at)) {
    at += open.size();
    blocks.push_back(reference.substr(at, reference.find("```", at) - at));
  }
  return blocks;
}

std::string errors_of(const std::string& text) {
  std::string errors;
  for (const Diagnostic& d : parse_protocol(text).diagnostics) {
    if (d.severity == Severity::error) errors += to_text(d, text, "docs/protocol-language.md");
  }
  return errors;
}

}  // namespace

TEST_CASE("every example of the language reference is read without a mistake") {
  const std::vector<std::string> blocks = examples();
  REQUIRE(blocks.size() >= 10);
  CHECK(errors_of(blocks[0]) == "");
  const std::string before =
      "protocol \"example\" id example version 1.0.0\nday 0 is graft infusion\n" + blocks[1];
  for (std::size_t i = 1; i < blocks.size(); ++i) {
    CAPTURE(blocks[i]);
    CHECK(errors_of(i == 1 ? before : before + blocks[i]) == "");
  }
}

TEST_CASE("the worked example of the language reference stands in canonical layout") {
  const std::string text = examples().at(0);
  CHECK(to_text(parse_protocol(text).protocol) == text);
}
