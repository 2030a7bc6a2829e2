#include "report/worklist.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "report/worklist_phrases.h"

using namespace graftline;
using report::Lane;
using report::Language;

namespace {

report::WorklistRow due(const char* patient) {
  report::WorklistRow row;
  row.lane = Lane::due;
  row.decision = engine::Action::give;
  row.patient = patient;
  row.protocol = "p";
  row.day = "+100";
  row.dose = "1 × 10⁶ CD3+ cells per kg (1 million per kg)";
  return row;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("preemptive and prophylactic never share a word, nor do two decisions or two sections") {
  for (const Language language : {Language::english, Language::chinese}) {
    const auto& words = report::words(language);
    CAPTURE(words.code);
    CHECK(std::set<std::string_view>{words.prophylactic, words.preemptive, words.relapse}.size() == 3);
    CHECK(words.preemptive.find(words.prophylactic) == std::string_view::npos);
    CHECK(words.prophylactic.find(words.preemptive) == std::string_view::npos);
    CHECK(std::set<std::string_view>(words.decisions.begin(), words.decisions.end()).size() == 7);
    CHECK(std::set<std::string_view>(words.lanes.begin(), words.lanes.end()).size() == 5);
    for (const auto word : words.decisions) CHECK_FALSE(word.empty());
    for (const auto word : words.lanes) CHECK_FALSE(word.empty());
    CHECK_FALSE(words.research_use.empty());
  }
  CHECK(report::words(Language::chinese).preemptive == "抢先");
  CHECK(report::words(Language::chinese).prophylactic == "预防性");
}

TEST_CASE("what a record says cannot become markup on the page") {
  report::Worklist list;
  list.as_of = day_of({2026, 3, 2});
  auto row = due("<script>alert(1)</script>");
  row.detail = "a < b & \"c\"";
  row.cautions = {"<img src=x>"};
  list.rows = {row};
  const std::string page = report::to_html(list);
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("<img") == std::string::npos);
  CHECK(page.find("a &lt; b &amp; &quot;c&quot;") != std::string::npos);
}

TEST_CASE("the page fetches nothing, runs nothing, and carries the research-use line") {
  report::Worklist list;
  list.as_of = day_of({2026, 3, 2});
  list.rows = {due("A")};
  for (const Language language : {Language::english, Language::chinese}) {
    list.language = language;
    const std::string page = report::to_html(list);
    for (const char* const outside : {"http:", "https:", "src=", "url(", "@import", "<script", "<link"})
      CHECK(page.find(outside) == std::string::npos);
    CHECK(page.find(report::words(language).research_use) != std::string::npos);
  }
}

TEST_CASE("a power of ten on the page keeps its mantissa and stands out") {
  report::Worklist list;
  list.rows = {due("A")};
  CHECK(report::to_html(list).find("<span class=\"power\">1 × <b>10⁶</b></span> CD3+ cells") !=
        std::string::npos);
}

TEST_CASE("a long list of missing facts is cut to six and says how many more there are") {
  report::WorklistRow row;
  row.lane = Lane::blocked;
  for (int i = 0; i < 9; ++i) row.missing_phrases.push_back("fact " + std::to_string(i));
  CHECK(report::phrases(row, report::words(Language::english)).obstacle ==
        "missing: fact 0, fact 1, fact 2, fact 3, fact 4, fact 5 and 3 more");
}

TEST_CASE("the table has one row per answer and keeps commas and quotes inside their fields") {
  report::Worklist list;
  auto row = due("A, \"B\"");
  list.rows = {row, due("C")};
  const std::string csv = report::to_csv(list);
  CHECK(count(csv, "\n") == 3);
  CHECK(csv.find("due,\"A, \"\"B\"\"\",+100,") != std::string::npos);
}

TEST_CASE("overdue comes before due, and within a section the earliest date first") {
  report::Worklist list;
  auto late = due("late");
  late.lane = Lane::overdue;
  late.date = day_of({2026, 2, 1});
  auto a = due("a");
  a.date = day_of({2026, 2, 20});
  auto b = due("b");
  b.date = day_of({2026, 2, 10});
  list.rows = {due("no date"), a, b, late};
  list.sort();
  CHECK(list.rows[0].patient == "late");
  CHECK(list.rows[1].patient == "b");
  CHECK(list.rows[2].patient == "a");
  CHECK(list.rows[3].patient == "no date");
}
