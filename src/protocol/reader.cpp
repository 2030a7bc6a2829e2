#include "protocol/reader.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "protocol/vocabulary.h"

namespace graftline::protocol {
namespace {

struct TimeWord {
  std::string_view word;
  TimeUnit unit;
};
constexpr std::array<TimeWord, 10> time_words{{{"hour", TimeUnit::hours},
                                               {"hours", TimeUnit::hours},
                                               {"day", TimeUnit::days},
                                               {"days", TimeUnit::days},
                                               {"week", TimeUnit::weeks},
                                               {"weeks", TimeUnit::weeks},
                                               {"month", TimeUnit::months},
                                               {"months", TimeUnit::months},
                                               {"year", TimeUnit::years},
                                               {"years", TimeUnit::years}}};

bool is_smart_quote(std::string_view text) { return text == "“" || text == "”" || text == "„"; }

std::string hint_for(const Token& token) {
  if (token.kind != TokenKind::symbol) return "";
  if (is_smart_quote(token.text)) return "write straight quotes: \"";
  if (token.text == "–" || token.text == "—" || token.text == "−" || token.text == "‑" || token.text == "‐") {
    return "write a plain hyphen: -";
  }
  return "";
}

}  // namespace

std::string described(const Token& token) {
  constexpr std::size_t longest_quote = 40;
  switch (token.kind) {
    case TokenKind::end:
      return "the end of the statement";
    case TokenKind::string:
      return "a text in quotes";
    default:
      break;
  }
  std::string_view text = token.text;
  std::size_t length = std::min(text.size(), longest_quote);
  while (length < text.size() && length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U)
    --length;
  return fmt::format("'{}{}'", text.substr(0, length), length < text.size() ? "..." : "");
}

Reader::Reader(std::string_view text, std::span<const Token> tokens, std::vector<Diagnostic>& diagnostics)
    : text_(text), tokens_(tokens), diagnostics_(diagnostics) {
  if (tokens_.empty()) return;
  const Token& last = tokens_.back();
  end_.span = last.span;
  end_.span.offset += last.span.length;
  end_.span.length = 0;
  for (const char c : text_.substr(last.span.offset, last.span.length)) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++end_.span.column;
  }
}

const Token& Reader::peek(std::size_t ahead) const {
  return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : end_;
}

bool Reader::at_word(std::string_view word, std::size_t ahead) const {
  const Token& token = peek(ahead);
  return token.kind == TokenKind::word && token.text == word;
}

bool Reader::at_words(std::initializer_list<std::string_view> words) const {
  std::size_t ahead = 0;
  for (const std::string_view word : words) {
    if (!at_word(word, ahead++)) return false;
  }
  return true;
}

bool Reader::at_symbol(std::string_view symbol, std::size_t ahead) const {
  const Token& token = peek(ahead);
  return token.kind == TokenKind::symbol && token.text == symbol;
}

Token Reader::take() {
  const Token token = peek();
  if (!at_end()) ++at_;
  return token;
}

bool Reader::accept_word(std::string_view word) {
  if (!at_word(word)) return false;
  ++at_;
  return true;
}

bool Reader::accept_words(std::initializer_list<std::string_view> words) {
  if (!at_words(words)) return false;
  at_ += words.size();
  return true;
}

bool Reader::accept_symbol(std::string_view symbol) {
  if (!at_symbol(symbol)) return false;
  ++at_;
  return true;
}

void Reader::expect_word(std::string_view word, std::string_view where) {
  if (!accept_word(word)) fail_here(fmt::format("'{}' {}", word, where));
}

void Reader::expect_symbol(std::string_view symbol, std::string_view where) {
  if (!accept_symbol(symbol)) fail_here(fmt::format("'{}' {}", symbol, where));
}

std::string Reader::string(std::string_view what) {
  if (at_string()) return unquoted(take());
  fail_here(fmt::format("{} in quotes", what));
  return "";
}

std::string Reader::word(std::string_view what) {
  if (peek().kind == TokenKind::word) return std::string(take().text);
  fail_here(std::string(what));
  return "";
}

int Reader::integer(std::string_view what) {
  if (!at_number()) {
    fail_here(std::string(what));
    return 0;
  }
  const Token token = take();
  int value = 0;
  const auto [end, problem] =
      std::from_chars(token.text.data(), token.text.data() + token.text.size(), value);
  constexpr int largest = 99'999;
  if (problem != std::errc{} || end != token.text.data() + token.text.size() || value > largest) {
    fail(token.span, fmt::format("{} is a whole number up to {}, not {}", what, largest, described(token)));
    return 0;
  }
  return value;
}

Decimal Reader::decimal(std::string_view what) {
  if (!at_number()) {
    fail_here(std::string(what));
    return {};
  }
  const Token token = take();
  const bool is_power =
      (at_word("x") || at_word("X") || at_symbol("^") || at_symbol("*") || at_symbol("·")) &&
      (peek(1).kind == TokenKind::number || peek(1).glued);
  const bool is_glued_power = peek().glued && peek().kind == TokenKind::word && peek().text.size() > 1 &&
                              (peek().text[0] == 'x' || peek().text[0] == 'X') && peek().text[1] >= '0' &&
                              peek().text[1] <= '9';
  if (is_power || is_glued_power) {
    Span whole = token.span;
    const Span last = peek().span;
    whole.length = last.offset + last.length - whole.offset;
    if (is_power) whole.length = peek(1).span.offset + peek(1).span.length - whole.offset;
    fail(whole, "a power of ten written like this loses its exponent: 1x107 may be 1e7 or 107",
         "write it as in 1e7 or 2.5e6");
    return {};
  }
  auto value = parse_decimal(token.text);
  if (!value) {
    fail(token.span, fmt::format("{}: {}", what, value.error().message));
    return {};
  }
  return *value;
}

std::string_view Reader::peek_raw() const {
  if (at_end()) return {};
  const std::size_t begin = peek().span.offset;
  std::size_t end = begin;
  int open = 0;
  for (; end < text_.size(); ++end) {
    const char c = text_[end];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '"' || text_.substr(end, 2) == "\xC2\xA0")
      break;
    if (c == '{' || c == '[' || c == '(') ++open;
    if (c == '}' || c == ']' || c == ')') {
      if (open == 0) break;
      --open;
    }
    if (open == 0 && (c == ',' || c == ';')) break;
  }
  return text_.substr(begin, end - begin);
}

std::string_view Reader::raw(std::string_view what) {
  const std::string_view whole = peek_raw();
  if (whole.empty()) {
    fail_here(std::string(what));
    return {};
  }
  const std::size_t end = peek().span.offset + whole.size();
  while (!at_end() && peek().span.offset < end) ++at_;
  return whole;
}

std::optional<TimeUnit> Reader::accept_time_unit() {
  if (accept_words({"calendar", "months"}) || accept_words({"calendar", "month"}))
    return TimeUnit::calendar_months;
  if (peek().kind != TokenKind::word) return std::nullopt;
  for (const TimeWord& row : time_words) {
    if (accept_word(row.word)) return row.unit;
  }
  return std::nullopt;
}

Duration Reader::duration(std::string_view what) {
  Duration duration;
  duration.count = integer(what);
  if (failed_) return duration;
  if (const auto unit = accept_time_unit()) {
    duration.unit = *unit;
  } else {
    const std::string_view given = peek().kind == TokenKind::word ? peek().text : std::string_view{};
    fail_here("days, weeks, months, years or calendar months",
              did_you_mean(given, {"days", "weeks", "months", "years", "hours"}));
  }
  return duration;
}

Reader::DurationRange Reader::duration_range(std::string_view what) {
  DurationRange range;
  range.from.count = integer(what);
  const auto first_unit = accept_time_unit();
  if (accept_word("to")) {
    range.to = duration(what);
    range.from.unit = first_unit.value_or(range.to.unit);
  } else if (first_unit) {
    range.from.unit = *first_unit;
    range.to = range.from;
  } else if (!failed_) {
    fail_here("'to', or days, weeks, months or years");
  }
  return range;
}

void Reader::expect_days(const Duration& duration, Span span) {
  if (duration.unit == TimeUnit::hours) {
    error(span, "this is counted in whole days; hours stand only in 'prepare'", "write days or weeks");
  } else if (duration.unit == TimeUnit::calendar_months) {
    error(span, "this is counted in whole days; calendar months stand only in windows and anchors",
          "write months (30 days each, 365 for twelve) or days");
  }
}

std::optional<Citation> Reader::citation() {
  const std::size_t begin = mark();
  if (!accept_word("cite")) return std::nullopt;
  Citation cite;
  cite.source = word("the id of a source");
  cite.locator = string("section and item of the source");
  cite.span = span_since(begin);
  return cite;
}

void Reader::fail(Span span, std::string message, std::string suggestion) {
  if (!failed_) diagnostics_.push_back({Severity::error, std::move(message), std::move(suggestion), span});
  failed_ = true;
  at_ = tokens_.size();
}

void Reader::fail_here(std::string_view expected, std::string suggestion) {
  if (failed_) return;
  if (suggestion.empty()) suggestion = hint_for(peek());
  fail(peek().span, fmt::format("expected {}, not {}", expected, described(peek())), std::move(suggestion));
}

void Reader::error(Span span, std::string message, std::string suggestion) {
  if (failed_) return;
  diagnostics_.push_back({Severity::error, std::move(message), std::move(suggestion), span});
}

void Reader::warning(Span span, std::string message, std::string suggestion) {
  if (failed_) return;
  diagnostics_.push_back({Severity::warning, std::move(message), std::move(suggestion), span});
}

void Reader::finish() {
  if (failed_ || at_end()) return;
  const Token& token = peek();
  if (token.starts_line && token.kind == TokenKind::word) {
    std::vector<std::string_view> keywords;
    for (const StatementWord& row : statement_words()) keywords.push_back(row.keyword);
    return fail(
        token.span,
        fmt::format("no statement begins with {}, and nothing before goes on with it", described(token)),
        did_you_mean(token.text, keywords));
  }
  fail(token.span, fmt::format("{} was not expected here", described(token)), hint_for(token));
}

Span Reader::span_since(std::size_t mark) const {
  if (mark >= tokens_.size()) return end_.span;
  Span span = tokens_[mark].span;
  const std::size_t last = at_ > mark ? at_ - 1 : mark;
  const Span& end = tokens_[std::min(last, tokens_.size() - 1)].span;
  span.length = end.offset + end.length - span.offset;
  return span;
}

std::string_view Reader::text_since(std::size_t mark) const {
  const Span span = span_since(mark);
  return text_.substr(span.offset, span.length);
}

}  // namespace graftline::protocol
