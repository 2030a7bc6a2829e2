#include "protocol/vocabulary.h"

#include <algorithm>
#include <array>

namespace graftline::protocol {
namespace {

using Kind = StatementRef::Kind;
constexpr std::array<StatementWord, 32> rows{{
    {"protocol", Kind::header},      {"status", Kind::status},
    {"review", Kind::review},        {"source", Kind::source},
    {"day", Kind::day_zero},         {"gap", Kind::gap},
    {"fact", Kind::fact},            {"judgement", Kind::judgement},
    {"parameter", Kind::parameter},  {"define", Kind::definition},
    {"include", Kind::criterion},    {"exclude", Kind::criterion},
    {"strategy", Kind::strategy},    {"common", Kind::common},
    {"when", Kind::when},            {"dose", Kind::dose},
    {"give", Kind::give},            {"interval", Kind::interval},
    {"infusions", Kind::count},      {"cap", Kind::cap},
    {"no", Kind::cap},               {"governing", Kind::governing},
    {"hold", Kind::guard},           {"stop", Kind::guard},
    {"ask", Kind::guard},            {"caution", Kind::guard},
    {"repeat", Kind::guard},         {"wait", Kind::wait},
    {"prepare", Kind::preparation},  {"after", Kind::prophylaxis},
    {"monitor", Kind::monitoring},   {"claim", Kind::claim},
}};

constexpr std::array<std::string_view, 41> expression_words{
    "and",    "or",    "not",   "at",     "any",  "all",     "is",     "in",   "known",     "time",  "from",
    "to",     "until", "today", "within", "ever", "since",   "before", "days", "number",    "upper", "limit",
    "first",  "last",  "x",     "cite",   "of",   "for",     "with",   "on",   "while",     "once",  "level",
    "least",  "so",    "far",   "same",   "previous", "because", "infusion", "means"};

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::span<const StatementWord> statement_words() { return rows; }

std::optional<StatementRef::Kind> statement_kind(std::string_view keyword) {
  const auto found = std::ranges::find(rows, keyword, &StatementWord::keyword);
  if (found == rows.end()) return std::nullopt;
  return found->kind;
}

bool is_reserved(std::string_view word) {
  return statement_kind(word).has_value() || std::ranges::find(expression_words, word) != expression_words.end();
}

bool is_name(std::string_view word) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (word.empty() || !is_letter(word.front()) || is_reserved(word)) return false;
  return std::ranges::all_of(word, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

std::string closest(std::string_view word, const std::vector<std::string_view>& candidates) {
  constexpr std::size_t longest_word = 64;  // what is longer is no slip of the keyboard
  if (word.size() > longest_word) return "";
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  std::string best;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > longest_word || candidate == word) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance >= best_distance || distance >= std::max(word.size(), candidate.size())) continue;
    best_distance = distance;
    best = candidate;
  }
  return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
  const std::string best = closest(word, candidates);
  return best.empty() ? "" : "did you mean '" + best + "'?";
}

}  // namespace graftline::protocol
