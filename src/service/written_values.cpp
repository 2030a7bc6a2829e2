#include "service/written_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace graftline::service {
namespace {

Error malformed(std::string_view field, std::string_view expected) {
  return {ErrorKind::malformed_input, fmt::format("{}: expected {}", field, expected)};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Where the number with its comparator ends: digits, point, and an exponent if digits follow it.
std::size_t end_of_number(std::string_view text) {
  std::size_t end = text.find_first_not_of("<>= +-");
  if (end == std::string_view::npos) return text.size();
  while (end < text.size() && (is_digit(text[end]) || text[end] == '.')) ++end;
  if (end == text.size() || (text[end] != 'e' && text[end] != 'E')) return end;
  std::size_t digits = end + 1;
  if (digits < text.size() && (text[digits] == '+' || text[digits] == '-')) ++digits;
  if (digits == text.size() || !is_digit(text[digits])) return end;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  return digits;
}

std::string with_aliases(std::string_view unit) {
  std::string text(unit);
  const auto replace = [&](std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  };
  replace("\u00b5", "u");  // micro sign
  replace("\u03bc", "u");  // Greek mu
  replace("/day", "/d");
  return text;
}

std::string fixed(const Rational& value, int decimals) {
  return fmt::format("{:.{}f}", to_double(value), decimals);
}

}  // namespace

Result<Quantity> read_quantity(std::string_view field, std::string_view text, std::string_view unit_if_none) {
  const std::string_view whole = trimmed(text);
  const std::size_t end = end_of_number(whole);
  const std::string_view number = trimmed(whole.substr(0, end));
  const std::string_view unit_text = trimmed(whole.substr(end));
  if (unit_text.empty() && unit_if_none.empty()) return malformed(field, "a unit behind the number");
  auto unit = parse_unit(unit_text.empty() ? std::string(unit_if_none) : with_aliases(unit_text));
  if (!unit) return malformed(field, "a UCUM unit, such as mg/dL or umol/L");
  auto quantity = parse_quantity(number, *unit, Kind::none);
  if (!quantity) return malformed(field, "a plain number, such as 1.35 or <0.5, before the unit");
  return quantity;
}

Result<Range> read_range(std::string_view field, std::string_view text, std::string_view unit) {
  auto quantity = read_quantity(field, text, unit);
  if (!quantity) return quantity.error();
  auto range = range_in(*quantity, *parse_unit(unit), Kind::none, {});
  if (!range) return Error{ErrorKind::unit_mismatch, fmt::format("{}: expected a number in {}", field, unit)};
  return range;
}

Result<std::optional<Range>> read_range(std::string_view field, const std::optional<std::string>& text,
                                        std::string_view unit) {
  if (!text) return std::optional<Range>();
  auto range = read_range(field, std::string_view(*text), unit);
  if (!range) return range.error();
  return std::optional<Range>(*range);
}

Result<Truth> read_truth(std::string_view field, const std::optional<std::string>& text) {
  if (!text) return Truth::unknown;
  if (text->empty() || *text == "yes") return Truth::yes;
  if (*text == "no") return Truth::no;
  if (*text == "unknown") return Truth::unknown;
  return malformed(field, "yes, no or unknown");
}

Result<int> read_word(std::string_view field, std::string_view text,
                      const std::vector<std::string_view>& words) {
  const auto found = std::ranges::find(words, trimmed(text));
  if (found == words.end()) return malformed(field, fmt::format("one of {}", fmt::join(words, ", ")));
  return static_cast<int>(found - words.begin());
}

Result<std::vector<std::string>> read_parts(std::string_view field, std::string_view text, std::size_t n) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t comma = text.find(',');
    parts.emplace_back(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  if (parts.size() != n) return malformed(field, fmt::format("{} parts with commas between them", n));
  return parts;
}

Result<PartialDate> read_date(std::string_view field, std::string_view text) {
  auto date = parse_partial_date(text);
  if (!date) return malformed(field, "a date such as 2026-01-31 or 2026-01");
  return date;
}

Result<int> read_integer(std::string_view field, std::string_view text) {
  int value = 0;
  const std::string_view digits = trimmed(text);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.empty())
    return malformed(field, "a whole number");
  return value;
}

std::string written(const Range& range, int decimals) {
  if (range.is_point()) return fixed(*range.low, decimals);
  if (range.low && range.high)
    return fmt::format("{} to {}", fixed(*range.low, decimals), fixed(*range.high, decimals));
  if (range.low)
    return fmt::format("{} {}", range.low_open ? "above" : "at least", fixed(*range.low, decimals));
  if (range.high)
    return fmt::format("{} {}", range.high_open ? "below" : "at most", fixed(*range.high, decimals));
  return "any value";
}

}  // namespace graftline::service
