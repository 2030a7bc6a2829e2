#include "record/entry_text.h"

#include <fmt/format.h>

namespace graftline::record {

namespace {

std::string quantity_text(const Quantity& quantity) {
  std::string text(symbol(quantity.comparator));
  if (!text.empty()) text += ' ';
  text += graftline::to_text(quantity.value);
  const bool is_bare = quantity.unit.code.empty() || quantity.unit.code == "1";
  if (!is_bare) text += " " + quantity.unit.code;
  if (is_cell_kind(quantity.kind)) text += fmt::format(" {}", name(quantity.kind));
  return text;
}

std::string level_text(const Fact& row, const Level& level) {
  const auto words = levels_of(row);
  ensure(level.low >= 0 && level.low <= level.high && level.high < static_cast<int>(words.size()),
         "a level lies on its fact's scale");
  const std::string_view low = words[static_cast<std::size_t>(level.low)];
  const std::string_view high = words[static_cast<std::size_t>(level.high)];
  if (level.low == level.high) return std::string(low);
  if (row.type == FactType::code) return fmt::format("{} or {}", low, high);
  const bool is_open = level.high + 1 == static_cast<int>(words.size());
  return is_open ? fmt::format("at least {}", low) : fmt::format("{} to {}", low, high);
}

std::string reasons_text(ReasonSet reasons) {
  std::string text;
  for (int i = 0; i < reason_count; ++i) {
    const auto reason = static_cast<Reason>(i);
    if (reasons.has(reason)) text += fmt::format("{}{}", text.empty() ? "" : ", ", name(reason));
  }
  return text;
}

}  // namespace

std::string value_text(const Entry& entry) {
  if (entry.is_stop) return "stopped";
  if (const Quantity* quantity = std::get_if<Quantity>(&entry.value)) return quantity_text(*quantity);
  if (const Level* level = std::get_if<Level>(&entry.value)) return level_text(fact(entry.fact), *level);
  if (const bool* said = std::get_if<bool>(&entry.value)) return *said ? "yes" : "no";
  const std::string written = entry.as_written.empty() ? "no value" : entry.as_written;
  return entry.unusable.empty() ? written : fmt::format("{} ({})", written, reasons_text(entry.unusable));
}

std::string days_text(const Entry& entry) {
  const std::string when = graftline::to_text(entry.when);
  if (entry.is_stop) return "until " + when;
  if (entry.until) return fmt::format("{} to {}", when, graftline::to_text(*entry.until));
  const bool* said = std::get_if<bool>(&entry.value);
  const bool is_open_course = fact(entry.fact).type == FactType::course && said != nullptr && *said;
  return is_open_course ? "since " + when : when;
}

std::string to_text(const Entry& entry) {
  std::string text = fmt::format("{} {}", fact(entry.fact).phrase, value_text(entry));
  if (entry.upper_limit) text += fmt::format(" (upper limit {})", quantity_text(*entry.upper_limit));
  if (entry.standing == Standing::preliminary) text += " (preliminary)";
  return fmt::format("{}, {}", text, days_text(entry));
}

}  // namespace graftline::record
