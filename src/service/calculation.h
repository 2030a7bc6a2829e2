#pragma once
// The answer of a calculator: what was used, what came out, what is missing, and where the rule comes from.
// Words, so that command line, server and page show the same.

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace graftline::service {

struct Item {
  std::string name;
  std::string value;
};

struct Calculation {
  std::string what;          // "acute GVHD after MAGIC, adult"
  std::vector<Item> inputs;  // as used: name, value with its unit
  std::vector<Item> parts;   // what the result is made of: "liver stage" = "2"
  std::string result;     // "grade III", "at least grade II: liver not assessed", "unknown: never measured"
  std::string low, high;  // bounds of the result, equal when it is known; empty when there is no scale
  std::string unit;       // UCUM, of low and high; empty for a grade or class
  std::vector<std::string> missing;  // what was not given and could change the result
  std::vector<std::string> assumed;  // what was taken for granted, each by name
  std::vector<std::string> notes;
  std::string source;
};

std::string to_text(const Calculation& calculation);
// An object with the same fields; names and values of inputs and parts as a list, low and high null where
// there is none.
std::string to_json(const Calculation& calculation);

}  // namespace graftline::service
