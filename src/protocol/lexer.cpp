#include "protocol/lexer.h"

#include <algorithm>
#include <array>

namespace graftline::protocol {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }
bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80U; }

struct Spelling {
  std::string_view written;
  std::string_view meant;
};
constexpr std::array<Spelling, 4> operator_spellings{{{"≤", "<="}, {"≥", ">="}, {"≠", "!="}, {"×", "x"}}};
// The last four are no signs of the language; reading them whole gives a better message.
constexpr std::array<std::string_view, 7> two_character_symbols{"<=", ">=", "!=", "==", "<>", "=>", "=<"};

// Characters beyond ASCII that stand alone: a number or word ends before them.
constexpr std::array<std::string_view, 25> lone_characters{"≤", "≥", "≠", "×", "⁰", "¹", "²", "³", "⁴",
                                                           "⁵", "⁶", "⁷", "⁸", "⁹", "⁻", "⁺", "‐", "‑",
                                                           "–", "—", "−", "“", "”", "„", "·"};
constexpr std::string_view no_break_space = "\xC2\xA0";

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Lexed run() {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") skip_bytes(3);
    while (at_ < text_.size()) step();
    Token end;
    end.span = here(0);
    end.starts_line = true;
    lexed_.tokens.push_back(end);
    return std::move(lexed_);
  }

 private:
  char current() const { return text_[at_]; }
  char next(std::size_t ahead = 1) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  std::string_view rest() const { return text_.substr(at_); }

  Span here(std::size_t length) const {
    return {static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(length), line_, column_};
  }

  void skip_bytes(std::size_t count) { at_ += count; }

  // Moves over `count` bytes of one line; columns count characters.
  void advance(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_continuation(text_[at_ + i])) ++column_;
    }
    at_ += count;
  }

  void newline() {
    ++at_;
    ++line_;
    column_ = 1;
    line_has_token_ = false;
    glued_ = false;
  }

  void mistake(Span span, std::string message, std::string suggestion = "") {
    constexpr std::size_t most = 10'000;  // as many as the parser shows
    if (lexed_.diagnostics.size() >= most) return;
    lexed_.diagnostics.push_back({Severity::error, std::move(message), std::move(suggestion), span});
  }

  void push(TokenKind kind, std::size_t length, std::string_view text) {
    lexed_.tokens.push_back({kind, !line_has_token_, glued_, here(length), text});
    line_has_token_ = true;
    advance(length);
    glued_ = true;
  }

  void step() {
    const char c = current();
    if (c == '\n') return newline();
    if (c == ' ' || c == '\t' || c == '\r') return blank(1);
    if (rest().substr(0, 2) == no_break_space) return blank(2);
    if (c == '#' && !glued_) return comment();
    if (c == '"') return string();
    if (is_digit(c)) return number();
    if (is_letter(c) || (is_beyond_ascii(c) && !is_lone())) return word();
    symbol();
  }

  void blank(std::size_t length) {
    advance(length);
    glued_ = false;
  }

  // Looked for once a line: a line may hold a million texts.
  std::size_t end_of_line() {
    if (line_end_ == std::string_view::npos || line_end_ < at_)
      line_end_ = std::min(text_.find('\n', at_), text_.size());
    return line_end_;
  }

  void comment() {
    const std::size_t end = end_of_line();
    std::string_view body = text_.substr(at_ + 1, end - at_ - 1);
    while (!body.empty() && (body.back() == ' ' || body.back() == '\t' || body.back() == '\r'))
      body.remove_suffix(1);
    lexed_.comments.push_back({body, static_cast<std::uint32_t>(at_), line_, !line_has_token_});
    for (std::size_t i = 0; i < body.size(); ++i) check_byte(body, i);
    advance(end - at_);
  }

  // A character that neither a string nor a comment may hold: reported once for each line at most.
  void check_byte(std::string_view body, std::size_t index) {
    const char c = body[index];
    const bool is_control = static_cast<unsigned char>(c) < 0x20U && c != '\t';
    const bool is_broken = is_beyond_ascii(c) && !is_continuation(c) && utf8_length(body.substr(index)) == 0;
    const bool is_stray = is_continuation(c) && (index == 0 || !is_beyond_ascii(body[index - 1]));
    if ((!is_control && !is_broken && !is_stray && c != 0x7F) || last_bad_line_ == line_) return;
    last_bad_line_ = line_;
    mistake(
        here(1),
        is_control || c == 0x7F ? "a control character stands in this line" : "this line is not valid UTF-8",
        "save the file as UTF-8 text");
  }

  void string() {
    const std::size_t end = end_of_line();
    for (std::size_t i = at_ + 1; i < end; ++i) {
      if (text_[i] == '\\' && i + 1 < end) {
        ++i;
      } else if (text_[i] == '"') {
        const std::size_t length = i + 1 - at_;
        const std::string_view whole = text_.substr(at_, length);
        for (std::size_t k = 0; k < whole.size(); ++k) check_byte(whole, k);
        return push(TokenKind::string, length, whole);
      }
    }
    std::size_t length = end - at_;
    while (length > 1 && text_[at_ + length - 1] == '\r') --length;
    mistake(here(length), "this text is not closed before the end of the line", "close it with \"");
    push(TokenKind::string, length, text_.substr(at_, length));
  }

  void number() {
    std::size_t length = 0;
    const auto digits = [&] {
      while (is_digit(next(length))) ++length;
    };
    digits();
    if (next(length) == '.' && is_digit(next(length + 1))) {
      ++length;
      digits();
    }
    if (next(length) == 'e' || next(length) == 'E') {
      const std::size_t sign = next(length + 1) == '-' || next(length + 1) == '+' ? 1 : 0;
      if (is_digit(next(length + 1 + sign))) {
        length += 1 + sign;
        digits();
      }
    }
    push(TokenKind::number, length, text_.substr(at_, length));
  }

  bool is_lone() const { return lone_character_length() != 0; }
  std::size_t lone_character_length(std::size_t ahead = 0) const {
    for (const std::string_view lone : lone_characters) {
      if (text_.substr(at_ + ahead, lone.size()) == lone) return lone.size();
    }
    return 0;
  }

  bool word_goes_on(std::size_t length) const {
    const char c = next(length);
    if (is_letter(c) || is_digit(c)) return true;
    if (is_beyond_ascii(c)) {
      return lone_character_length(length) == 0 && text_.substr(at_ + length, 2) != no_break_space;
    }
    const char after = next(length + 1);
    return (c == '-' || c == '.') && (is_letter(after) || is_digit(after));
  }

  void word() {
    std::size_t length = std::max<std::size_t>(1, utf8_length(rest()));
    while (at_ + length < text_.size() && word_goes_on(length)) ++length;
    const std::string_view whole = text_.substr(at_, length);
    for (std::size_t k = 0; k < whole.size(); ++k) check_byte(whole, k);
    push(TokenKind::word, length, whole);
  }

  void symbol() {
    for (const Spelling& spelling : operator_spellings) {
      if (rest().substr(0, spelling.written.size()) != spelling.written) continue;
      return push(spelling.meant == "x" ? TokenKind::word : TokenKind::symbol, spelling.written.size(),
                  spelling.meant);
    }
    for (const std::string_view two : two_character_symbols) {
      if (rest().substr(0, 2) == two) return push(TokenKind::symbol, 2, text_.substr(at_, 2));
    }
    const std::size_t length = std::max<std::size_t>(1, utf8_length(rest()));
    check_byte(text_.substr(at_, length), 0);
    push(TokenKind::symbol, length, text_.substr(at_, length));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_end_ = std::string_view::npos;  // not looked for yet
  std::uint32_t line_ = 1;
  std::uint32_t column_ = 1;
  std::uint32_t last_bad_line_ = 0;
  bool line_has_token_ = false;
  bool glued_ = false;
  Lexed lexed_;
};

}  // namespace

Lexed tokenise(std::string_view text) { return Lexer(text).run(); }

std::string unquoted(const Token& string) {
  std::string_view body = string.text;
  if (!body.empty() && body.front() == '"') body.remove_prefix(1);
  std::string value;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] == '\\' && i + 1 < body.size()) {
      value += body[++i];
    } else if (body[i] != '"') {
      value += body[i];
    }
  }
  return value;
}

std::string in_quotes(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80U) return 1;
  const std::size_t length = first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : first >= 0xC2U ? 2 : 0;
  if (length == 0 || first > 0xF4U || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  const bool is_overlong = (first == 0xE0U && byte(1) < 0xA0U) || (first == 0xF0U && byte(1) < 0x90U);
  const bool is_surrogate = first == 0xEDU && byte(1) > 0x9FU;
  const bool is_beyond = first == 0xF4U && byte(1) > 0x8FU;
  return is_overlong || is_surrogate || is_beyond ? 0 : length;
}

}  // namespace graftline::protocol
