#pragma once
// ISBT 128 identification numbers and their check characters. The check algorithm is ISO/IEC 7064 mod 37-2;
// structures after the ISBT 128 Standard Technical Specification ST-001.

#include <string>
#include <string_view>

#include "core/result.h"

namespace graftline::product {

// A Donation Identification Number: facility (5), year (2), sequence (6).
struct Din {
  std::string text;  // 13 characters
  friend bool operator==(const Din&, const Din&) = default;
};

// How the number reached us decides what it must carry.
enum class DinEntry : unsigned char {
  keyed,     // typed by a person: 13 characters and the check character
  scanned,   // data structure 001: "=", 13 characters, two flag digits
  recorded,  // from a file: 13 characters, with or without the check character, or the scanned form
};

// Blanks as on a label ("A9999 26 000001 8") are passed over; lower case is not.
// errors  malformed_input: length, a character out of place, no check character where one is demanded,
//         or a check that does not fit (flags 60 to 96 hold it too); the message never repeats the number
Result<Din> parse_din(std::string_view text, DinEntry entry);

// 0 to 36. `text` holds digits and upper-case letters only.
int check_value(std::string_view text);
char check_character(int check_value);  // "0".."9", "A".."Z", "*"

std::string to_label(const Din& din);  // "A9999 26 000001 8": with the check character
std::string to_scan(const Din& din);   // "=A99992600000168": flags 60 + check value

// A Global Registration Identifier of Donors: 17 characters and two check digits.
// errors  malformed_input, as above
Result<std::string> parse_grid(std::string_view text);

}  // namespace graftline::product
