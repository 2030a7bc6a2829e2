#pragma once
// The words around a worklist, one table per language. What a protocol says (labels, citations) and what a
// record says stay in the language they were written in. Preemptive (抢先) and prophylactic (预防性) are
// different treatments and never share a word; a test holds it.

#include <array>
#include <optional>
#include <string_view>

namespace graftline::report {

enum class Language : unsigned char { english, chinese };
std::optional<Language> language_of(std::string_view code);  // "en", "zh"

// "{}" stands for a number, date or text.
struct WorklistWords {
  std::string_view code;  // of the language, for the page
  std::string_view title, as_of, answers, lanes_label, nobody;
  std::array<std::string_view, 5> lanes;      // in the order of Lane
  std::array<std::string_view, 7> decisions;  // in the order of engine::Action
  std::string_view day, day_zero_unknown;
  std::string_view since, until, not_after, overdue_since, days_overdue;
  std::string_view cells_for_weight, no_weight, last_dose, up_to_times_last, times_last;
  std::string_view missing, and_more, caution, why, protocol, not_eligible, not_used, research_use;
  std::string_view prophylactic, preemptive, relapse;
};

const WorklistWords& words(Language language);

// A strategy's name as people of that language say it; as the protocol names it when the table has none.
std::string_view strategy_word(const WorklistWords& words, std::string_view strategy);

}  // namespace graftline::report
