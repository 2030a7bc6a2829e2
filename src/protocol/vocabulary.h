#pragma once
// The words of the language: which begin a statement, which no name may be, and "did you mean".

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/protocol.h"

namespace graftline::protocol {

// One row per statement. The language reference explains each by its keyword.
struct StatementWord {
  std::string_view keyword;
  StatementRef::Kind kind;
};
std::span<const StatementWord> statement_words();
std::optional<StatementRef::Kind> statement_kind(std::string_view keyword);

bool is_reserved(std::string_view word);  // cannot name a fact, judgement, parameter or definition
bool is_name(std::string_view word);      // a letter, then letters, digits and _, and not reserved

// "did you mean 'alt'?", or nothing
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace graftline::protocol
