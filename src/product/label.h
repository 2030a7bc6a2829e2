#pragma once
// The public structures of an ISBT 128 label around the identification number. What a product description
// code means is licensed: a site loads its own table of names.

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "product/clock_time.h"
#include "product/din.h"

namespace graftline::product {

// Data structure 003: class and description (5), collection type (1), division (2).
struct ProductCode {
  std::string text;  // 8 characters
  friend bool operator==(const ProductCode&, const ProductCode&) = default;

  std::string_view description() const { return std::string_view(text).substr(0, 5); }
  char collection_type() const { return text.at(5); }
  bool is_autologous() const;                                   // an error on a bag of donor lymphocytes
  bool is_biohazardous() const;                                 // collection types 3, 6 and H
  bool needs_division() const { return text.ends_with("99"); }  // structure 032 has to be read too
};
// errors  malformed_input: form
Result<ProductCode> parse_product_code(std::string_view text);

// Description code -> name, from a table the site is licensed for: CSV with the columns code,name.
using ProductNames = std::map<std::string, std::string, std::less<>>;

// "A pos" of code 62, and so on; the four codes that bar release instead of a group.
struct BloodGroup {
  std::string text;     // "A pos"; empty for the barring codes
  std::string barring;  // "biohazardous", "quarantine", "research only", "not for transfusion"
};
// errors  not_found: a code that is none of the public ones
Result<BloodGroup> blood_group_of(std::string_view code);

// What was read from bar codes, one after another.
struct Scan {
  Din din;  // empty text: none was read
  std::vector<std::pair<std::string, std::string>>
      fields;                         // "product_code", "expires", "abo", "bars_release", ...
  std::vector<std::string> not_used;  // structures that say nothing about a bag here
};
// Structures one after another, with or without blanks or line ends between. errors  malformed_input: which
// one, and why
Result<Scan> read_scan(std::string_view text);

}  // namespace graftline::product
