#include "report/worklist_phrases.h"

#include <fmt/format.h>

namespace graftline::report {
namespace {

// Longer lists hide what matters; the whole list stands under "why" and in the CSV.
constexpr std::size_t most_missing_shown = 6;

template <class... Args> std::string filled(std::string_view form, const Args&... args) {
  return fmt::format(fmt::runtime(form), args...);
}

std::string when_text(const WorklistRow& row, const WorklistWords& words) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (row.date && row.lane == Lane::overdue) {
    add(filled(words.overdue_since, to_text(*row.date)));
    add(filled(words.days_overdue, row.days_overdue));
  } else if (row.date) {
    add(filled(row.lane == Lane::upcoming ? words.until : words.since, to_text(*row.date)));
  }
  const bool is_open = row.lane == Lane::due || row.lane == Lane::overdue || row.lane == Lane::upcoming;
  if (row.latest && is_open) add(filled(words.not_after, to_text(*row.latest)));
  return text;
}

std::string missing_text(const WorklistRow& row, const WorklistWords& words) {
  if (row.missing_phrases.empty()) return "";
  const std::size_t shown = std::min(row.missing_phrases.size(), most_missing_shown);
  std::string list;
  for (std::size_t i = 0; i < shown; ++i) list += (i == 0 ? "" : ", ") + row.missing_phrases[i];
  if (shown < row.missing_phrases.size())
    list += " " + filled(words.and_more, row.missing_phrases.size() - shown);
  return filled(words.missing, list);
}

std::string obstacle_text(const WorklistRow& row, const WorklistWords& words) {
  std::string text = row.failing.empty()
                         ? row.blocked_by
                         : filled(words.not_eligible, fmt::format("{}", fmt::join(row.failing, "; ")));
  const std::string missing = missing_text(row, words);
  if (!text.empty() && !missing.empty()) text += "; ";
  return text + missing;
}

}  // namespace

RowPhrases phrases(const WorklistRow& row, const WorklistWords& words) {
  RowPhrases result;
  result.day = row.day.empty() ? std::string(words.day_zero_unknown) : filled(words.day, row.day);
  result.strategy = strategy_word(words, row.strategy);
  result.decision = words.decisions.at(static_cast<std::size_t>(row.decision));
  result.when = when_text(row, words);
  for (const std::string& caution : row.cautions) result.cautions.push_back(filled(words.caution, caution));
  if (row.lane != Lane::due && row.lane != Lane::overdue) {
    result.obstacle = obstacle_text(row, words);
    return result;
  }
  result.dose = row.dose;
  result.cells = row.cells.empty() ? std::string(words.no_weight)
                                   : filled(words.cells_for_weight, row.cells, row.weight, row.weighed_on);
  if (!row.ratio.empty()) {
    result.ratio = filled(row.is_range ? words.up_to_times_last : words.times_last, row.ratio);
    if (!row.last_infusion.empty()) result.ratio += ", " + filled(words.last_dose, row.last_infusion);
  }
  return result;
}

}  // namespace graftline::report
