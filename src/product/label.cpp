#include "product/label.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace graftline::product {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool all_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }

// Structures 005, 007 and 009: cyyjjjhhmm, c = 0 for 20yy, jjj the day of the year.
Result<ClockTime> parse_julian(std::string_view text) {
  const Error malformed{ErrorKind::malformed_input, "expected a date of ten digits, cyyjjjhhmm"};
  if (text.size() != 10 || !all_digits(text) || text[0] != '0') return malformed;
  const auto number = [&](std::size_t at, std::size_t length) {
    return std::stoi(std::string(text.substr(at, length)));
  };
  const int year = 2000 + number(1, 2);
  const int day_of_year = number(3, 3);
  const int hour = number(6, 2);
  const int minute = number(8, 2);
  const Day first = day_of({year, 1, 1});
  const int days_in_year = day_of({year + 1, 1, 1}) - first;
  if (day_of_year < 1 || day_of_year > days_in_year || hour > 23 || minute > 59) return malformed;
  return ClockTime{first + (day_of_year - 1), hour * 60 + minute, std::nullopt};
}

struct Structure {
  std::string_view identifier;
  std::string_view field;  // empty: not used here; its length tells where the next one begins
  std::size_t length;
};
constexpr std::array<Structure, 14> structures{{
    {"=%", "abo", 4},
    {"=<", "product_code", 8},
    {"&>", "expires", 10},
    {"&*", "collected_at", 10},
    {"=,", "division", 6},
    {"&:", "donor_grid", 19},
    {"&}", "", 10},  // production
    {"=)", "", 10},  // container
    {"&)", "", 10},  // lot
    {"=;", "", 21},  // donor identification
    {"=+", "", 5},   // compound message: how many structures follow
    {"=(", "", 16},  // flexible date and time
    {"&+", "", 11},  // processing facility
    {"&/", "", 15},  // chain of identity
}};

bool begins_din(std::string_view text) {
  return text.size() > 1 && text[0] == '=' &&
         ((is_upper(text[1]) && text[1] != 'O') || (text[1] >= '1' && text[1] <= '9'));
}

// Where the structure at the front of a scan ends: a scanner of a 2-D symbol puts no blank between them.
std::size_t end_of_first(std::string_view piece) {
  constexpr std::size_t din_length = 16;
  if (begins_din(piece)) return std::min(din_length, piece.size());
  for (const Structure& structure : structures) {
    if (piece.starts_with(structure.identifier))
      return std::min(structure.identifier.size() + structure.length, piece.size());
  }
  return piece.size();
}

Result<std::string> field_value(const Structure& structure, std::string_view content) {
  if (content.size() != structure.length)
    return Error{ErrorKind::malformed_input,
                 fmt::format("expected {} characters behind {}", structure.length, structure.identifier)};
  if (structure.field == "product_code") {
    auto code = parse_product_code(content);
    if (!code) return code.error();
    return code->text;
  }
  if (structure.field == "expires" || structure.field == "collected_at") {
    const auto time = parse_julian(content);
    if (!time) return time.error();
    return to_text(*time);
  }
  if (structure.field == "abo") {
    const auto group = blood_group_of(content.substr(0, 2));
    if (!group) return group.error();
    return group->text;
  }
  if (structure.field == "donor_grid") return parse_grid(content);
  return std::string(content);
}

}  // namespace

bool ProductCode::is_autologous() const {
  return std::string_view("1XA8").find(collection_type()) != std::string_view::npos;
}
bool ProductCode::is_biohazardous() const {
  return std::string_view("36H").find(collection_type()) != std::string_view::npos;
}

Result<ProductCode> parse_product_code(std::string_view text) {
  const auto is_code = [](char c) { return is_digit(c) || is_upper(c); };
  const bool has_form =
      text.size() == 8 && is_upper(text[0]) && std::all_of(text.begin(), text.begin() + 6, is_code) &&
      (is_digit(text[6]) || is_upper(text[6])) && (is_digit(text[7]) || (text[7] >= 'a' && text[7] <= 'z'));
  if (!has_form)
    return Error{
        ErrorKind::malformed_input,
        "product code: expected eight characters: a letter, four of the description, collection type, "
        "division (00, 99, or an upper and a lower-case letter)"};
  return ProductCode{std::string(text)};
}

Result<BloodGroup> blood_group_of(std::string_view code) {
  struct Row {
    std::string_view code, group, barring;
  };
  static constexpr std::array<Row, 12> rows{{{"51", "O pos", ""},
                                             {"95", "O neg", ""},
                                             {"62", "A pos", ""},
                                             {"06", "A neg", ""},
                                             {"73", "B pos", ""},
                                             {"17", "B neg", ""},
                                             {"84", "AB pos", ""},
                                             {"28", "AB neg", ""},
                                             {"Mb", "", "biohazardous"},
                                             {"Mq", "", "quarantine"},
                                             {"Mr", "", "research only"},
                                             {"Mx", "", "not for transfusion"}}};
  for (const Row& row : rows) {
    if (row.code == code) return BloodGroup{std::string(row.group), std::string(row.barring)};
  }
  return Error{ErrorKind::not_found, "blood group: a code that is none of the public ones"};
}

Result<Scan> read_scan(std::string_view text) {
  Scan scan;
  int number = 0;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find_first_of(" \t\r\n"), text.size());
    const std::string_view piece = text.substr(0, end_of_first(text.substr(0, blank)));
    text.remove_prefix(piece.size());
    if (piece.empty()) {
      text.remove_prefix(1);
      continue;
    }
    ++number;
    const auto fails = [&](const std::string& why) {
      return Error{ErrorKind::malformed_input, fmt::format("scanned structure {}: {}", number, why)};
    };
    if (piece.size() < 3 || (piece[0] != '=' && piece[0] != '&'))
      return fails("expected '=' or '&' and a data structure");
    if (begins_din(piece)) {
      auto din = parse_din(piece, DinEntry::scanned);
      if (!din) return fails(din.error().message);
      if (!scan.din.text.empty()) return fails("a second donation identification number");
      scan.din = std::move(*din);
      continue;
    }
    const auto structure = std::find_if(structures.begin(), structures.end(),
                                        [&](const Structure& s) { return piece.starts_with(s.identifier); });
    if (structure == structures.end() || structure->field.empty()) {
      scan.not_used.emplace_back(piece);
      continue;
    }
    if (structure->field == "abo" && piece.size() >= 4) {
      if (const auto group = blood_group_of(piece.substr(2, 2)); group && !group->barring.empty()) {
        scan.fields.emplace_back("bars_release", group->barring);
        continue;
      }
    }
    auto value = field_value(*structure, piece.substr(structure->identifier.size()));
    if (!value) return fails(value.error().message);
    scan.fields.emplace_back(structure->field, std::move(*value));
  }
  return scan;
}

}  // namespace graftline::product
