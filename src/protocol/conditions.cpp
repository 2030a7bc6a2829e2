#include "protocol/conditions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "protocol/comparisons.h"
#include "protocol/vocabulary.h"

namespace graftline::protocol {
namespace {

using record::FactType;

class ConditionParser {
 public:
  ConditionParser(Reader& reader, Scope& scope, bool owns_from)
      : reader_(reader), scope_(scope), owns_from_(owns_from) {}

  ParsedCondition run() {
    ParsedCondition parsed;
    parsed.expr = disjunction(1);
    parsed.depth = deepest_;
    parsed.size = size_;
    return parsed;
  }

 private:
  // Counts a node at this depth; false (and a mistake) when the limits are passed.
  bool enter(int depth) {
    deepest_ = std::max(deepest_, depth);
    ++size_;
    if (depth > max_condition_depth) {
      reader_.fail(reader_.peek().span,
                   fmt::format("this condition nests more than {} deep", max_condition_depth),
                   "give a part of it a name with 'define'");
    } else if (size_ > max_condition_size) {
      reader_.fail(
          reader_.peek().span,
          fmt::format("this condition has more than {} parts, definitions written out", max_condition_size));
    }
    return !reader_.failed();
  }

  Expr disjunction(int depth) {
    return connected(depth, "or", Expr::Form::any, &ConditionParser::conjunction);
  }
  Expr conjunction(int depth) { return connected(depth, "and", Expr::Form::all, &ConditionParser::negation); }

  Expr connected(int depth, std::string_view word, Expr::Form form, Expr (ConditionParser::*part)(int)) {
    const std::size_t begin = reader_.mark();
    Expr first = (this->*part)(depth);
    if (reader_.failed() || !reader_.at_word(word)) return first;
    Expr whole;
    whole.form = form;
    whole.children.push_back(std::move(first));
    while (!reader_.failed() && reader_.accept_word(word)) whole.children.push_back((this->*part)(depth + 1));
    enter(depth);
    whole.span = reader_.span_since(begin);
    return whole;
  }

  Expr negation(int depth) {
    if (!enter(depth)) return {};
    const std::size_t begin = reader_.mark();
    if (!reader_.accept_word("not")) return primary(depth);
    Expr inner = negation(depth + 1);
    return negated(std::move(inner), reader_.span_since(begin));
  }

  static Expr negated(Expr inner, Span span) {
    Expr outer;
    outer.form = Expr::Form::negation;
    outer.children.push_back(std::move(inner));
    outer.span = span;
    return outer;
  }

  Expr primary(int depth) {
    const std::size_t begin = reader_.mark();
    if (reader_.accept_symbol("(")) {
      const bool outside = owns_from_;
      owns_from_ = true;
      Expr inner = disjunction(depth + 1);
      owns_from_ = outside;
      reader_.expect_symbol(")", "to close the parenthesis");
      return inner;
    }
    if (reader_.accept_words({"at", "least"})) {
      const int count = reader_.integer("how many of them");
      Expr expr = list_of(depth, Expr::Form::at_least, begin);
      expr.count = count;
      if (count < 1 || count > static_cast<int>(expr.children.size())) {
        reader_.error(
            expr.span,
            fmt::format("at least {} of {} conditions cannot be decided: the number lies between 1 and {}",
                        count, expr.children.size(), expr.children.size()));
      }
      return expr;
    }
    if (reader_.accept_word("all")) return collapsed(list_of(depth, Expr::Form::all, begin));
    if (reader_.accept_word("any")) return collapsed(list_of(depth, Expr::Form::any, begin));
    if (reader_.at_word("today")) return today(begin);
    return named_or_compared(begin);
  }

  static Expr collapsed(Expr expr) {
    if (expr.children.size() != 1) return expr;
    Expr only = std::move(expr.children.front());
    return only;
  }

  Expr list_of(int depth, Expr::Form form, std::size_t begin) {
    Expr expr;
    expr.form = form;
    reader_.expect_word("of", "and conditions in parentheses");
    reader_.expect_symbol("(", "and conditions separated by commas");
    const bool outside = owns_from_;
    owns_from_ = true;
    while (!reader_.failed()) {
      expr.children.push_back(disjunction(depth + 1));
      if (reader_.accept_symbol(")")) break;
      reader_.expect_symbol(",", "or ')'");
    }
    owns_from_ = outside;
    expr.span = reader_.span_since(begin);
    return expr;
  }

  // today from A to B, before A, after A, on or before A, on or after A
  Expr today(std::size_t begin) {
    Expr expr;
    expr.form = Expr::Form::today;
    reader_.take();
    const std::size_t window = reader_.mark();
    const bool is_inclusive = reader_.accept_words({"on", "or"});
    if (!is_inclusive && reader_.at_word("from")) {
      expr.window = parse_window(reader_, scope_);
    } else if (reader_.accept_word("before")) {
      const Anchor anchor = parse_anchor(reader_, scope_);
      expr.window.last = is_inclusive ? anchor : shifted(reader_, anchor, -1, reader_.span_since(window));
    } else if (reader_.accept_word("after")) {
      const Anchor anchor = parse_anchor(reader_, scope_);
      expr.window.first = is_inclusive ? anchor : shifted(reader_, anchor, 1, reader_.span_since(window));
    } else {
      reader_.fail_here("'from ... to ...', 'before', 'after', 'on or before' or 'on or after' a day");
    }
    expr.window.span = reader_.span_since(window);
    expr.span = reader_.span_since(begin);
    return expr;
  }

  bool at_plain_window() const { return at_window(reader_) && (owns_from_ || !reader_.at_word("from")); }

  Expr named_or_compared(std::size_t begin) {
    const Token first = reader_.peek();
    if (first.kind == TokenKind::word) {
      const bool is_name_next =
          reader_.at_word("in", 1) || reader_.at_word("is", 1) || reader_.at_word("at", 1);
      Symbol* symbol = scope_.find(first.text);
      if (is_name_next && is_name(first.text)) return about_name(begin, symbol);
      if (symbol != nullptr && !comparison_follows(1)) return standing_alone(begin);
    }
    Operand left = parse_operand(reader_, scope_, nullptr);
    if (reader_.failed()) return {};
    return comparison(begin, std::move(left));
  }

  bool comparison_follows(std::size_t ahead) const {
    const Token& token = reader_.peek(ahead);
    return token.kind == TokenKind::symbol && op_of(token.text).has_value();
  }

  Expr comparison(std::size_t begin, Operand left) {
    Expr expr;
    expr.form = Expr::Form::comparison;
    const Token sign = reader_.peek();
    const auto op = sign.kind == TokenKind::symbol ? op_of(sign.text) : std::nullopt;
    if (!op) {
      refuse_missing_comparison(left);
      return expr;
    }
    reader_.take();
    expr.op = *op;
    if (sign.text != symbol(*op)) {
      reader_.error(sign.span, fmt::format("'{}' is not a sign of this language", sign.text),
                    fmt::format("write {}", symbol(*op)));
    }
    expr.left = std::move(left);
    expr.right = parse_operand(reader_, scope_, &expr.left);
    expr.span = reader_.span_since(begin);
    if (reader_.failed()) return expr;
    if (comparison_follows(0)) {
      reader_.fail(reader_.peek().span, "two comparisons in a row", "join them: a <= b and b <= c");
      return expr;
    }
    bind_comparison(reader_, scope_, expr);
    return expr;
  }

  void refuse_missing_comparison(const Operand& left) {
    if (reader_.failed()) return;
    if (left.form == Operand::Form::level && left.level < 0) {
      reader_.fail(left.span, fmt::format("'{}' is not declared", left.name), scope_.suggest(left.name));
    } else {
      reader_.fail_here("a comparison (<, <=, =, !=, >=, >)");
    }
  }

  // NAME in {...}, NAME is ..., NAME at any time ...
  Expr about_name(std::size_t begin, Symbol* symbol) {
    const Token name = reader_.take();
    if (symbol == nullptr) {
      reader_.error(name.span, fmt::format("'{}' is not declared", name.text), scope_.suggest(name.text));
    } else {
      symbol->is_used = true;
      account_for(name, *symbol);
    }
    if (reader_.accept_word("in")) return membership(begin, name, symbol);
    if (reader_.accept_word("is")) return is_something(begin, name, symbol);
    reader_.take();  // at
    const bool at_no_time = reader_.accept_word("no");
    if (!at_no_time) reader_.expect_word("any", "or 'no' time");
    reader_.expect_word("time", "");
    return held(begin, name, symbol, at_no_time);
  }

  Expr held(std::size_t begin, const Token& name, const Symbol* symbol, bool at_no_time) {
    Expr expr;
    expr.form = Expr::Form::held;
    expr.name = name.text;
    expr.at_no_time = at_no_time;
    if (!reader_.failed() && at_window(reader_)) expr.window = parse_window(reader_, scope_);
    expr.span = reader_.span_since(begin);
    if (symbol == nullptr || !symbol->is_usable) return expr;
    if (symbol->kind != Symbol::Kind::fact) {
      reader_.error(name.span,
                    fmt::format("'{}' is {}: only facts have a time", name.text, with_article(symbol->kind)));
      return expr;
    }
    const record::Fact& row = scope_.catalogue_row(*symbol);
    if (row.type == FactType::quantity || row.type == FactType::ordinal || row.type == FactType::code) {
      reader_.error(name.span,
                    fmt::format("'{}' is {}: it is compared, it does not just hold at a time", name.text,
                                with_article(row.type)),
                    "put the window into its declaration, as in: fact ... is ..., worst since day 0");
    }
    return expr;
  }

  Expr membership(std::size_t begin, const Token& name, const Symbol* symbol) {
    Expr expr;
    expr.form = Expr::Form::membership;
    expr.name = name.text;
    reader_.expect_symbol("{", "and words separated by commas");
    while (!reader_.failed()) {
      read_level(reader_, scope_, symbol, name.text, expr.words, expr.levels);
      if (reader_.accept_symbol("}")) break;
      reader_.expect_symbol(",", "or '}'");
    }
    expr.span = reader_.span_since(begin);
    return expr;
  }

  Expr is_something(std::size_t begin, const Token& name, const Symbol* symbol) {
    const bool is_not = reader_.accept_word("not");
    Expr expr;
    if (reader_.accept_word("known")) {
      expr.form = Expr::Form::known;
      expr.name = name.text;
      expr.span = reader_.span_since(begin);
      if (symbol != nullptr && symbol->kind == Symbol::Kind::definition) {
        reader_.error(name.span,
                      fmt::format("'{}' is a definition: ask whether its facts are known", name.text));
      }
      if (!is_not) return expr;
      const Span span = expr.span;
      return negated(std::move(expr), span);
    }
    expr.form = Expr::Form::comparison;
    expr.op = is_not ? Op::not_equal : Op::equal;
    expr.left.form = symbol != nullptr && symbol->kind == Symbol::Kind::parameter ? Operand::Form::parameter
                                                                                  : Operand::Form::fact;
    expr.left.name = name.text;
    expr.left.span = name.span;
    expr.right.form = Operand::Form::level;
    const std::size_t word = reader_.mark();
    std::vector<std::string> words;
    std::vector<int> levels;
    read_level(reader_, scope_, symbol, name.text, words, levels);
    if (!words.empty()) expr.right.name = words.front();
    if (!levels.empty()) expr.right.level = levels.front();
    expr.right.span = reader_.span_since(word);
    expr.span = reader_.span_since(begin);
    return expr;
  }

  // A name whose truth is the condition, perhaps with a window: "mi within 6 months before enrolled".
  Expr standing_alone(std::size_t begin) {
    const Token name = reader_.take();
    Symbol* symbol = scope_.use(name.text);
    account_for(name, *symbol);
    if (at_plain_window()) return held(begin, name, symbol, false);
    Expr expr;
    expr.form = Expr::Form::is_true;
    expr.name = name.text;
    expr.span = name.span;
    if (!symbol->is_usable) return expr;
    if (symbol->kind == Symbol::Kind::parameter) {
      reader_.error(
          name.span, fmt::format("'{}' is a parameter: compare it", name.text),
          scope_.parameter(*symbol).choices.empty()
              ? ""
              : fmt::format("as in: {} is {}", name.text, scope_.parameter(*symbol).choices.front()));
    } else if (symbol->kind == Symbol::Kind::fact) {
      refuse_value_alone(name, scope_.catalogue_row(*symbol));
    }
    return expr;
  }

  void refuse_value_alone(const Token& name, const record::Fact& row) {
    if (row.type == FactType::quantity) {
      reader_.error(name.span, fmt::format("'{}' is a quantity: compare it", name.text),
                    fmt::format("as in: {} > 3 {}", name.text, row.unit));
    } else if (row.type == FactType::ordinal || row.type == FactType::code) {
      const auto levels = record::levels_of(row);
      reader_.error(name.span,
                    fmt::format("'{}' is one of {}: compare it", name.text, fmt::join(levels, ", ")),
                    fmt::format("as in: {} {} {}", name.text, row.type == FactType::ordinal ? ">=" : "is",
                                levels.back()));
    }
  }

  // A definition brings the depth and size of its own condition along.
  void account_for(const Token& name, const Symbol& symbol) {
    if (symbol.kind != Symbol::Kind::definition) return;
    if (!symbol.is_read) {
      return reader_.error(name.span, fmt::format("the definition '{}' is used before it stands", name.text),
                           "move it up");
    }
    size_ += symbol.size;
    deepest_ = std::max(deepest_, symbol.depth + 1);
    if (symbol.depth + 1 > max_condition_depth || size_ > max_condition_size) {
      reader_.fail(reader_.peek().span, "definitions within definitions grow beyond what can be explained");
    }
  }

  Reader& reader_;
  Scope& scope_;
  bool owns_from_;
  int deepest_ = 0;
  int size_ = 0;
};

}  // namespace

ParsedCondition parse_condition(Reader& reader, Scope& scope, bool owns_from) {
  return ConditionParser(reader, scope, owns_from).run();
}

}  // namespace graftline::protocol
