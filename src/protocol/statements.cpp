#include "protocol/statements.h"

#include <algorithm>
#include <array>

#include "protocol/vocabulary.h"

namespace graftline::protocol {
namespace {

using Kind = StatementRef::Kind;

bool is_word(const Token& token, std::string_view word) {
  return token.kind == TokenKind::word && token.text == word;
}

// Statements that may themselves go on with "when ..." on the next line.
bool takes_when(Kind kind) {
  constexpr std::array<Kind, 7> kinds{Kind::give,        Kind::interval,   Kind::guard, Kind::preparation,
                                      Kind::prophylaxis, Kind::monitoring, Kind::claim};
  return std::ranges::find(kinds, kind) != kinds.end();
}

bool has_word(std::span<const Token> tokens, std::string_view word) {
  return std::ranges::any_of(tokens, [&](const Token& token) { return is_word(token, word); });
}

class Splitter {
 public:
  Splitter(std::string_view text, const Lexed& lexed) : text_(text), lexed_(lexed) {}

  Statements run() {
    const std::span<const Token> tokens(lexed_.tokens.data(), lexed_.tokens.size() - 1);
    std::size_t begin = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const auto kind = starting_kind(i, begin);
      if (!kind && i != 0) continue;
      close(tokens, begin, i);
      begin = i;
      open(kind);
    }
    close(tokens, begin, tokens.size());
    find_blank_lines();
    attach_comments();
    return std::move(statements_);
  }

 private:
  void open(std::optional<Kind> kind) {
    Statement statement;
    statement.is_known = kind.has_value();
    statement.ref.kind = kind.value_or(Kind::header);
    statements_.list.push_back(std::move(statement));
  }

  void close(std::span<const Token> tokens, std::size_t begin, std::size_t end) {
    if (!statements_.list.empty()) statements_.list.back().tokens = tokens.subspan(begin, end - begin);
  }

  // The statement that token i starts, if it does; `begin` is where the current one began.
  std::optional<Kind> starting_kind(std::size_t i, std::size_t begin) const {
    const auto& tokens = lexed_.tokens;
    const Token& token = tokens[i];
    if (!token.starts_line || token.kind != TokenKind::word) return std::nullopt;
    const auto kind = statement_kind(token.text);
    if (!kind) return std::nullopt;
    // Some keywords are also words inside statements and may come first on a line that goes on.
    if (token.text == "day" &&
        !(tokens[i + 1].text == "0" && is_word(tokens[std::min(i + 2, tokens.size() - 1)], "is")))
      return std::nullopt;
    if (token.text == "no" && !is_word(tokens[i + 1], "cap")) return std::nullopt;
    if (token.text == "after" && !is_word(tokens[i + 1], "infusion")) return std::nullopt;
    if (token.text == "when" && !statements_.list.empty()) {
      const std::span<const Token> before(tokens.data() + begin, i - begin);
      const Kind last = statements_.list.back().ref.kind;
      if (takes_when(last) && !has_word(before, "when") && !has_word(before, "while") &&
          !has_word(before, "cite")) {
        return std::nullopt;
      }
    }
    return kind;
  }

  void find_blank_lines() {
    const auto lines = static_cast<std::size_t>(std::ranges::count(text_, '\n')) + 2;
    is_blank_.assign(lines, true);
    for (const Token& token : lexed_.tokens) {
      if (token.kind != TokenKind::end) is_blank_[token.span.line] = false;
    }
    for (const Comment& comment : lexed_.comments) is_blank_[comment.line] = false;
  }

  bool blank_before(std::uint32_t line) const { return line > 1 && is_blank_[line - 1]; }

  // Own-line comments stand before the statement that follows them; one behind or inside a statement stays on
  // its first line, several inside are set before it.
  void attach_comments() {
    std::size_t next = 0;
    for (Statement& statement : statements_.list) {
      const Token& first = statement.tokens.front();
      const Token& last = statement.tokens.back();
      std::vector<const Comment*> before;
      for (; next < lexed_.comments.size() && lexed_.comments[next].offset < first.span.offset; ++next) {
        before.push_back(&lexed_.comments[next]);
      }
      std::vector<const Comment*> inside;
      for (; next < lexed_.comments.size(); ++next) {
        const Comment& comment = lexed_.comments[next];
        if (comment.offset > last.span.offset && comment.line != last.span.line) break;
        inside.push_back(&comment);
      }
      const std::uint32_t top = before.empty() ? first.span.line : before.front()->line;
      statement.ref.blank_lines_before = blank_before(top) && &statement != &statements_.list.front() ? 1 : 0;
      add(statement.ref.comments, before, first.span.line);
      if (inside.size() == 1) {
        statement.ref.trailing_comment = "#" + std::string(inside.front()->text);
      } else {
        for (const Comment* comment : inside) statement.ref.comments.emplace_back(comment->text);
      }
    }
    std::vector<const Comment*> rest;
    for (; next < lexed_.comments.size(); ++next) rest.push_back(&lexed_.comments[next]);
    if (!rest.empty() && blank_before(rest.front()->line) && !statements_.list.empty()) {
      statements_.closing_comments.emplace_back("\n");
    }
    add(statements_.closing_comments, rest, 0);
  }

  // `below`: the line that follows them, or 0
  void add(std::vector<std::string>& out, const std::vector<const Comment*>& comments,
           std::uint32_t below) const {
    for (std::size_t i = 0; i < comments.size(); ++i) {
      if (i > 0 && blank_before(comments[i]->line)) out.emplace_back("\n");
      out.emplace_back(comments[i]->text);
    }
    if (!comments.empty() && below != 0 && blank_before(below)) out.emplace_back("\n");
  }

  std::string_view text_;
  const Lexed& lexed_;
  Statements statements_;
  std::vector<bool> is_blank_;
};

}  // namespace

Statements split_statements(std::string_view text, const Lexed& lexed) { return Splitter(text, lexed).run(); }

}  // namespace graftline::protocol
