#include "protocol/vocabulary.h"

#include <algorithm>
#include <array>

#include "core/suggestion.h"

namespace graftline::protocol {
namespace {

using Kind = StatementRef::Kind;
constexpr std::array<StatementWord, 32> rows{{
    {"protocol", Kind::header},
    {"status", Kind::status},
    {"review", Kind::review},
    {"source", Kind::source},
    {"day", Kind::day_zero},
    {"gap", Kind::gap},
    {"fact", Kind::fact},
    {"judgement", Kind::judgement},
    {"parameter", Kind::parameter},
    {"define", Kind::definition},
    {"include", Kind::criterion},
    {"exclude", Kind::criterion},
    {"strategy", Kind::strategy},
    {"common", Kind::common},
    {"when", Kind::when},
    {"dose", Kind::dose},
    {"give", Kind::give},
    {"interval", Kind::interval},
    {"infusions", Kind::count},
    {"cap", Kind::cap},
    {"no", Kind::cap},
    {"governing", Kind::governing},
    {"hold", Kind::guard},
    {"stop", Kind::guard},
    {"ask", Kind::guard},
    {"caution", Kind::guard},
    {"repeat", Kind::guard},
    {"wait", Kind::wait},
    {"prepare", Kind::preparation},
    {"after", Kind::prophylaxis},
    {"monitor", Kind::monitoring},
    {"claim", Kind::claim},
}};

constexpr std::array<std::string_view, 41> expression_words{
    "and",  "or",       "not",     "at",       "any",   "all",    "is",    "in",    "known",
    "time", "from",     "to",      "until",    "today", "within", "ever",  "since", "before",
    "days", "number",   "upper",   "limit",    "first", "last",   "x",     "cite",  "of",
    "for",  "with",     "on",      "while",    "once",  "level",  "least", "so",    "far",
    "same", "previous", "because", "infusion", "means"};

}  // namespace

std::span<const StatementWord> statement_words() { return rows; }

std::optional<StatementRef::Kind> statement_kind(std::string_view keyword) {
  const auto found = std::ranges::find(rows, keyword, &StatementWord::keyword);
  if (found == rows.end()) return std::nullopt;
  return found->kind;
}

bool is_reserved(std::string_view word) {
  return statement_kind(word).has_value() ||
         std::ranges::find(expression_words, word) != expression_words.end();
}

bool is_name(std::string_view word) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (word.empty() || !is_letter(word.front()) || is_reserved(word)) return false;
  return std::ranges::all_of(word, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
  if (word.size() < 2) return "";  // any other letter would be one change away
  const auto best = closest_name(word, std::span<const std::string_view>(candidates));
  return best ? "did you mean '" + *best + "'?" : "";
}

}  // namespace graftline::protocol
