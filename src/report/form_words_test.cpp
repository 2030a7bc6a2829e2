#include "report/form_words.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

using namespace graftline::report;

namespace {

std::size_t n_blanks(std::string_view sentence) {
  return static_cast<std::size_t>(std::count(sentence.begin(), sentence.end(), '{'));
}

}  // namespace

TEST_CASE("every phrase of a form stands once, and its translation has the same blanks") {
  std::set<std::string_view> seen;
  for (const FormPhrase& phrase : form_phrases()) {
    CAPTURE(phrase.english);
    CHECK(seen.insert(phrase.english).second);
    CHECK_FALSE(phrase.chinese.empty());
    CHECK(n_blanks(phrase.english) == n_blanks(phrase.chinese));
  }
}

TEST_CASE("a sentence keeps its numbers in another language, and what nobody translated stays as it was") {
  CHECK(in_language(Language::chinese, "54.38 mL of 100 mL") == "54.38 mL（袋内 100 mL）");
  CHECK(in_language(Language::chinese, "Checked by, date and time") == "核对者，日期与时间");
  CHECK(in_language(Language::chinese, "DMSO 0.1 g per kg, at most 1; 527 mL at most at 10 %") ==
        "DMSO 0.1 g/kg，上限 1；10 % 时最多 527 mL");
  CHECK(in_language(Language::chinese, "bag B-3: already reserved") == "袋 B-3：已预留");
  CHECK(in_language(Language::chinese, "bag B-3") == "袋 B-3");
  CHECK(in_language(Language::chinese, "B. Ward wrote this") == "B. Ward wrote this");
  CHECK(in_language(Language::english, "Dose") == "Dose");
}
