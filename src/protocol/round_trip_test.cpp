#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "core/sha256.h"
#include "protocol/format.h"
#include "protocol/json.h"
#include "protocol/parse.h"
#include "protocol/random_protocol.h"

using namespace graftline;
using namespace graftline::protocol;

namespace {

std::string mistakes(const Parsed& parsed, const std::string& text) {
  std::string all;
  for (const Diagnostic& d : parsed.diagnostics) {
    if (d.severity == Severity::error) all += to_text(d, text, "generated");
  }
  return all;
}

std::string first_difference(const std::string& a, const std::string& b) {
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  const auto at = static_cast<std::size_t>(in_a - a.begin());
  const std::size_t from = at < 200 ? 0 : at - 200;
  return a.substr(from, 400) + "\n---- instead ----\n" + b.substr(from, 400);
}

Protocol random_protocol() { return protocol::random_protocol(*rc::gen::arbitrary<std::uint64_t>()); }

}  // namespace

TEST_CASE("parsing the text of a protocol gives the protocol back") {
  CHECK(rc::check([] {
    const Protocol p = random_protocol();
    const std::string text = to_text(p);
    const Parsed parsed = parse_protocol(text);
    if (!parsed.ok()) RC_FAIL(mistakes(parsed, text));
    if (!(parsed.protocol == p)) {
      RC_FAIL(first_difference(to_readable_json(p), to_readable_json(parsed.protocol)));
    }
  }));
}

TEST_CASE("formatting what was formatted changes nothing") {
  CHECK(rc::check([] {
    const std::string text = to_text(random_protocol());
    const std::string again = to_text(parse_protocol(text).protocol);
    if (again != text) RC_FAIL(first_difference(text, again));
  }));
}

TEST_CASE("text to JSON to text is the identity on formatted text") {
  CHECK(rc::check([] {
    const std::string text = to_text(random_protocol());
    const Parsed parsed = parse_protocol(text);
    const std::string json = to_json(parsed.protocol);
    const Parsed back = from_json(json);
    if (!back.ok()) RC_FAIL(mistakes(back, json));
    if (to_text(back.protocol) != text) RC_FAIL(first_difference(text, to_text(back.protocol)));
    RC_ASSERT((to_json(back.protocol) == json));
    RC_ASSERT((back.protocol == parsed.protocol));
    RC_ASSERT(back.protocol.sha256 == parsed.protocol.sha256);
  }));
}

TEST_CASE("every diagnostic of a damaged protocol points into its text") {
  CHECK(rc::check([] {
    std::string text = to_text(random_protocol());
    const int n_damages = *rc::gen::inRange(1, 6);
    for (int i = 0; i < n_damages; ++i) {
      const auto at = static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(text.size())));
      const auto length = static_cast<std::size_t>(*rc::gen::inRange(0, 12));
      const std::string patch = *rc::gen::element<std::string>("", "\n", "\"", "(", ")", "{", "and", " x ",
                                                               "1e9", "day", "\xC3", "≥", "#", "when ");
      text.replace(at, std::min(length, text.size() - at), patch);
    }
    for (const Diagnostic& d : parse_protocol(text).diagnostics) {
      RC_ASSERT(d.span.offset + d.span.length <= text.size());
      RC_ASSERT(d.span.line >= 1U);
      RC_ASSERT(d.span.column >= 1U);
      RC_ASSERT(!d.message.empty());
    }
  }));
}

TEST_CASE("canonical JSON has sorted keys, no blanks, and a hash that anyone can compute from it") {
  CHECK(rc::check([] {
    const Parsed parsed = parse_protocol(to_text(random_protocol()));
    const std::string json = to_json(parsed.protocol);
    RC_ASSERT((nlohmann::json::parse(json).dump() == json));
    RC_ASSERT((sha256_hex(json) == parsed.protocol.sha256));
  }));
}

TEST_CASE("a protocol with only the order, a comment or a limit changed has another hash") {
  const std::string head =
      "protocol \"p\" id p version 1.0.0\nday 0 is graft infusion\nfact alt is ALT, latest\n";
  const auto hash = [&](const std::string& body) { return parse_protocol(head + body).protocol.sha256; };
  const std::string one = hash("exclude E1 \"liver\" alt > 120 U/L\n");
  CHECK(one.size() == 64);
  CHECK(one == hash("exclude   E1 \"liver\"\n   alt > 120 U/L"));
  CHECK(one != hash("exclude E1 \"liver\" alt > 121 U/L\n"));
  CHECK(one != hash("exclude E1 \"liver\" alt >= 120 U/L\n"));
  CHECK(one != hash("# why\nexclude E1 \"liver\" alt > 120 U/L\n"));
}

TEST_CASE("JSON cannot say what the language cannot") {
  const std::string json =
      to_json(parse_protocol("protocol \"p\" id p version 1.0.0\nday 0 is graft infusion\n").protocol);
  REQUIRE(from_json(json).ok());
  const auto refused = [&](const std::string& from, const std::string& to) {
    std::string changed = json;
    changed.replace(changed.find(from), from.size(), to);
    return !from_json(changed).ok();
  };
  CHECK(refused("\"title\":\"p\"", "\"title\":\"p\\nstatus active\""));   // a line break inside a text
  CHECK(refused("\"title\":\"p\"", "\"title\":\"p\",\"dose\":\"1e9\""));  // a field nobody reads
  CHECK(refused("\"status\":\"draft\"", "\"status\":\"signed\""));
  CHECK(refused("\"version\":\"1.0.0\"", "\"version\":1"));
  CHECK(refused("\"id\":\"p\"", "\"id\":\"p version 2.0.0 #\""));  // words that would run on in the text
}
