// What people read of a dose may not be misread: web pages, paper and terminals show these texts alike.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cctype>
#include <string>

#include "core/kind.h"
#include "report/dose_text.h"
#include "report/worklist_phrases.h"

using namespace graftline;

namespace {

bool is_digit(const std::string& text, std::size_t at) {
  return at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0;
}

// Empty when the text keeps the rules for written doses; else the rule it breaks.
std::string broken_rule(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_e = text[i] == 'e' || text[i] == 'E';
    if (is_e && i > 0 && is_digit(text, i - 1)) return "E notation";
    if (text[i] != '.' || !is_digit(text, i + 1)) continue;
    if (i == 0 || !is_digit(text, i - 1)) return "no leading zero";
    std::size_t end = i + 1;
    while (is_digit(text, end)) ++end;
    if (text[end - 1] == '0') return "trailing zero";
  }
  return "";
}

// A dose as protocols write them: up to three figures times a power of ten.
rc::Gen<engine::TargetDose> any_dose() {
  return rc::gen::map(rc::gen::tuple(rc::gen::inRange(1, 1000), rc::gen::inRange(0, 8),
                                     rc::gen::inRange(1, 1000), rc::gen::arbitrary<bool>()),
                      [](const std::tuple<int, int, int, bool>& parts) {
                        const auto& [mantissa, exponent, wider, is_half_log] = parts;
                        engine::TargetDose dose;
                        dose.low = mantissa;
                        for (int i = 0; i < exponent; ++i) dose.low *= 10;
                        dose.high = Rational(dose.low * wider / (wider > 500 ? wider : 1));
                        dose.rounded = is_half_log;
                        if (is_half_log) dose.high = Rational(dose.low * Rational(3162278, 1000000));
                        return dose;
                      });
}

}  // namespace

TEST_CASE("the rules for written doses are rules that a text can break") {
  CHECK(broken_rule("1e7 cells") == "E notation");
  CHECK(broken_rule(".5 mL") == "no leading zero");
  CHECK(broken_rule("1.0 mL") == "trailing zero");
  CHECK(broken_rule("1.50 mL") == "trailing zero");
  CHECK(broken_rule("0.5 mL, 1 × 10⁶ CD3+ cells per kg (1 million per kg)").empty());
}

TEST_CASE("no dose is shown in E notation, with a trailing zero or without a leading one") {
  CHECK(rc::check([] {
    const engine::TargetDose dose = *any_dose();
    const std::string text = report::both_ways(dose);
    RC_LOG() << text << '\n';
    RC_ASSERT(broken_rule(text).empty());
    RC_ASSERT(text.find(" per kg") != std::string::npos);
    RC_ASSERT(text.find("CD3+ cells") != std::string::npos);
  }));
}

TEST_CASE("no volume is shown with a trailing zero or without a leading one") {
  CHECK(rc::check([] {
    const int microlitres = *rc::gen::inRange(1, 2'000'000);
    const std::string text = report::millilitres(microlitres / 1000.0);
    RC_LOG() << text << '\n';
    RC_ASSERT(broken_rule(text).empty());
    RC_ASSERT(text.substr(text.size() - 3) == " mL");
  }));
}

TEST_CASE("a count of cells in words keeps its size: two figures are never lost") {
  CHECK(rc::check([] {
    const engine::TargetDose dose = *any_dose();
    const std::string words = report::in_words(dose.low);
    RC_LOG() << words << '\n';
    RC_ASSERT(broken_rule(words).empty());
    std::string digits;
    for (const char c : words) {
      if (c == '.' || std::isdigit(static_cast<unsigned char>(c)) != 0) digits += c;
    }
    double shown = std::stod(digits);
    if (words.find("million") != std::string::npos) shown *= 1e6;
    if (words.find("billion") != std::string::npos) shown *= 1e9;
    const double meant = to_double(dose.low);
    // Three figures of the mantissa are generated and four are shown, so nothing is lost.
    RC_ASSERT(std::abs(shown - meant) <= 1e-9 * meant);
  }));
}

TEST_CASE("a dose is read both ways") {
  engine::TargetDose dose;
  dose.low = dose.high = 5'000'000;
  CHECK(report::both_ways(dose) == "5 × 10⁶ CD3+ cells per kg (5 million per kg)");
  dose.low = 100'000;
  dose.high = 500'000;
  CHECK(report::both_ways(dose) == "1 × 10⁵ to 5 × 10⁵ CD3+ cells per kg (100,000 to 500,000 per kg)");
}

TEST_CASE("a half-log step shows the same three figures both ways") {
  // 10^0.5 = 3.16228: 3.16 × 10⁵ is 316,000 in words, not 316,228.
  engine::TargetDose dose;
  dose.low = Rational(316228);
  dose.high = Rational(1'000'000);
  dose.rounded = true;
  CHECK(report::both_ways(dose) == "3.16 × 10⁵ to 1 × 10⁶ CD3+ cells per kg (316,000 to 1 million per kg)");
}

TEST_CASE("cells for a patient name the recipient's weight and the day it was measured") {
  report::WorklistRow row;
  row.lane = report::Lane::due;
  row.dose = "1 × 10⁶ CD3+ cells per kg (1 million per kg)";
  row.cells = "72 million CD3+ cells";
  row.weight = "72 kg";
  row.weighed_on = "2026-02-27";
  CHECK(report::phrases(row, report::words(report::Language::english)).cells ==
        "72 million CD3+ cells for 72 kg recipient weight (weighed 2026-02-27)");
  row.cells.clear();
  CHECK(report::phrases(row, report::words(report::Language::english)).cells ==
        "total cells unknown: no recipient weight of the last 30 days");
}
