#pragma once
// Reads the tokens of one statement. The first mistake of form ends the statement (what follows could only
// echo it); mistakes of meaning are collected and reading goes on.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/lexer.h"

namespace graftline::protocol {

class Reader {
 public:
  // `tokens` are those of one statement; `after` stands where it ends.
  Reader(std::string_view text, std::span<const Token> tokens, std::vector<Diagnostic>& diagnostics);

  const Token& peek(std::size_t ahead = 0) const;
  bool at_end() const { return at_ >= tokens_.size(); }
  bool at_word(std::string_view word, std::size_t ahead = 0) const;
  bool at_words(std::initializer_list<std::string_view> words) const;
  bool at_symbol(std::string_view symbol, std::size_t ahead = 0) const;
  bool at_string() const { return peek().kind == TokenKind::string; }
  bool at_number() const { return peek().kind == TokenKind::number; }

  Token take();
  bool accept_word(std::string_view word);
  bool accept_words(std::initializer_list<std::string_view> words);
  bool accept_symbol(std::string_view symbol);
  void expect_word(std::string_view word, std::string_view where);
  void expect_symbol(std::string_view symbol, std::string_view where);

  std::string string(std::string_view what);  // a text between quotes
  std::string word(std::string_view what);    // any word
  int integer(std::string_view what);         // 0 to 99999, no sign
  Decimal decimal(std::string_view what);     // no sign

  // What stands here up to a blank, comma, semicolon or closing bracket, whatever its characters: units,
  // kinds, versions, dates, references. Brackets opened inside are kept: mL/min/{1.73_m2}.
  std::string_view raw(std::string_view what);
  std::string_view peek_raw() const;

  Duration duration(std::string_view what);  // "4 weeks"
  struct DurationRange {
    Duration from;
    Duration to;
  };
  DurationRange duration_range(std::string_view what);  // "4 to 8 weeks", "48 hours"
  std::optional<TimeUnit> accept_time_unit();
  // Complains about hours and calendar months, which are no fixed number of days.
  void expect_days(const Duration& duration, Span span);

  std::optional<Citation> citation();  // `cite SOURCE STRING`, when it stands here

  // A mistake of form: reported once, and the rest of the statement is skipped.
  void fail(Span span, std::string message, std::string suggestion = "");
  void fail_here(std::string_view expected, std::string suggestion = "");  // "expected ..., not 'x'"
  bool failed() const { return failed_; }
  // A mistake of meaning.
  void error(Span span, std::string message, std::string suggestion = "");
  void warning(Span span, std::string message, std::string suggestion = "");
  void finish();  // the statement must end here

  std::size_t mark() const { return at_; }
  void reset(std::size_t mark) { at_ = mark; }
  Span span_since(std::size_t mark) const;
  std::string_view text_since(std::size_t mark) const;
  std::string_view source_text() const { return text_; }

 private:
  std::string_view text_;
  std::span<const Token> tokens_;
  std::vector<Diagnostic>& diagnostics_;
  Token end_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

// How a token reads in a message: 'alt', or "the end of the statement".
std::string described(const Token& token);

}  // namespace graftline::protocol
