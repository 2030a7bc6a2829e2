#pragma once
// The operators of conditions, as the language reference explains them. One row each: a test looks every
// symbol up in docs/protocol-language.md and parses every example.

#include <span>
#include <string_view>

namespace graftline::protocol {

struct Operator {
  std::string_view symbol;   // as it is written: "at no time"
  std::string_view name;     // as one says it
  std::string_view meaning;  // when it is yes
  std::string_view example;  // a condition, with the facts of operators_test.cpp
};
std::span<const Operator> operators();

}  // namespace graftline::protocol
