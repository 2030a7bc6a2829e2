#include "product/din.h"

#include <fmt/format.h>

#include <algorithm>

namespace graftline::product {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool all_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }

Error malformed(std::string_view what) {
  return {ErrorKind::malformed_input, fmt::format("donation identification number: {}", what)};
}

std::string without_blanks(std::string_view text) {
  std::string compact;
  for (const char c : text) {
    if (c != ' ') compact += c;
  }
  return compact;
}

// Facility: A-N, P-Z or 1-9, then four of which the first two may be letters; year and sequence are digits.
bool is_din(std::string_view text) {
  if (text.size() != 13) return false;
  const bool has_first = (is_upper(text[0]) && text[0] != 'O') || (text[0] >= '1' && text[0] <= '9');
  const bool has_facility =
      std::all_of(text.begin() + 1, text.begin() + 3, [](char c) { return is_digit(c) || is_upper(c); });
  return has_first && has_facility && all_digits(text.substr(3));
}

}  // namespace

int check_value(std::string_view text) {
  int sum = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    ensure(value < 36, "only digits and upper-case letters have a check value");
    sum = (sum + static_cast<int>(value)) * 2 % 37;
  }
  return (38 - sum) % 37;
}

char check_character(int check_value) { return alphabet.at(static_cast<std::size_t>(check_value)); }

Result<Din> parse_din(std::string_view text, DinEntry entry) {
  std::string compact = without_blanks(text);
  const bool is_scan = compact.starts_with('=');
  if (entry == DinEntry::scanned && !is_scan)
    return malformed("expected a scanned data structure: '=', 13 characters, two flag digits");
  if (entry == DinEntry::keyed && is_scan)
    return malformed("expected it as typed from the label: 13 characters and the check character");
  int flags = -1;
  if (is_scan) {
    if (compact.size() != 16 || !all_digits(std::string_view(compact).substr(14)))
      return malformed("expected '=', 13 characters and two flag digits");
    flags = std::stoi(compact.substr(14));
    compact = compact.substr(1, 13);
  }
  char check = '\0';
  if (!is_scan && compact.size() == 14) {
    check = compact.back();
    compact.pop_back();
  }
  if (!is_din(compact))
    return malformed(
        "expected a facility of five characters, a year of two digits and a sequence of six digits, 13 in "
        "all");
  const int expected = check_value(compact);
  if (check == '\0' && entry == DinEntry::keyed)
    return malformed("the check character behind it is missing; a typed number has to carry it");
  if (check != '\0' && check != check_character(expected))
    return malformed("the check character does not fit: one character is wrong, or two are swapped");
  if (flags >= 97) return malformed("flags 97 to 99 are reserved");
  if (flags >= 60 && flags - 60 != expected)
    return malformed("the check in the flags does not fit: the scan is damaged");
  return Din{compact};
}

std::string to_label(const Din& din) {
  return fmt::format("{} {} {} {}", din.text.substr(0, 5), din.text.substr(5, 2), din.text.substr(7),
                     check_character(check_value(din.text)));
}

std::string to_scan(const Din& din) { return fmt::format("={}{}", din.text, check_value(din.text) + 60); }

Result<std::string> parse_grid(std::string_view text) {
  const std::string compact = without_blanks(text);
  const auto fails = [](std::string_view what) {
    return Error{ErrorKind::malformed_input, fmt::format("donor identifier (GRID): {}", what)};
  };
  const bool has_form = compact.size() == 19 && all_digits(std::string_view(compact).substr(0, 4)) &&
                        std::all_of(compact.begin() + 4, compact.begin() + 17,
                                    [](char c) { return is_digit(c) || is_upper(c); }) &&
                        all_digits(std::string_view(compact).substr(17));
  if (!has_form) return fails("expected four digits, 13 letters or digits, and two check digits");
  const int expected = check_value(std::string_view(compact).substr(0, 17));
  if (std::stoi(compact.substr(17)) != expected) return fails("the check digits do not fit");
  return compact;
}

}  // namespace graftline::product
