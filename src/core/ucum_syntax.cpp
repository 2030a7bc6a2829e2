#include "core/ucum_syntax.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

namespace graftline::ucum {
namespace {

constexpr std::size_t max_length = 256;
constexpr std::int64_t max_number = 99'999'999'999'999'999;  // ten times it still fits
constexpr std::int64_t max_power = 9999;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_visible_ascii(char c) { return c >= '!' && c <= '~'; }
bool is_operator(char c) { return std::string_view("./(){}+-").find(c) != std::string_view::npos; }

struct SimpleUnit {
  const Prefix* prefix = nullptr;
  const Atom* atom = nullptr;
};

// A symbol of its own comes before a prefixed one: "cd" is the candela. No symbol splits in two ways (a test
// looks).
std::optional<SimpleUnit> find_symbol(std::string_view symbol) {
  if (const Atom* atom = table().atom(symbol)) return SimpleUnit{nullptr, atom};
  for (const std::size_t length : {2U, 1U}) {
    if (symbol.size() <= length) continue;
    const Prefix* prefix = table().prefix(symbol.substr(0, length));
    const Atom* atom = prefix == nullptr ? nullptr : table().atom(symbol.substr(length));
    if (atom != nullptr && atom->is_metric) return SimpleUnit{prefix, atom};
  }
  return std::nullopt;
}

bool same_letters(std::string_view a, std::string_view b) {
  const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return upper(x) == upper(y); });
}

// What was probably meant: brackets left out, or other letters in capitals.
std::string suggestion(std::string_view symbol) {
  if (const std::string bracketed = fmt::format("[{}]", symbol); find_symbol(bracketed)) {
    return fmt::format("; did you mean {}?", bracketed);
  }
  if (symbol.size() > 1 && find_symbol(fmt::format("{}[{}]", symbol[0], symbol.substr(1)))) {
    return fmt::format("; did you mean {}[{}]?", symbol[0], symbol.substr(1));
  }
  for (const Atom& atom : table().atoms()) {
    if (same_letters(atom.code, symbol)) return fmt::format("; did you mean {}?", atom.code);
  }
  return "; a word such as cells belongs in braces: {cells}";
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Term> parse() {
    if (text_.empty()) return fail("there is no unit; a bare number has the unit 1");
    if (text_.size() > max_length)
      return Error{ErrorKind::out_of_range, "a unit is longer than 256 characters"};
    const auto odd = std::find_if_not(text_.begin(), text_.end(), is_visible_ascii);
    if (odd != text_.end()) {
      at_ = static_cast<std::size_t>(odd - text_.begin());
      return fail(*odd == ' ' ? "a unit holds a space"
                              : "a unit holds a character that is not visible ASCII");
    }
    auto term = parse_components();
    if (term && at_ < text_.size()) {
      return fail(text_[at_] == ')' ? "a parenthesis is closed that was not opened" : "expected . or /");
    }
    return term;
  }

 private:
  Error fail(std::string_view what) const {
    return {ErrorKind::malformed_input, fmt::format("unit, character {}: {}", at_ + 1, what)};
  }
  bool at_end() const { return at_ == text_.size(); }
  bool at(char c) const { return !at_end() && text_[at_] == c; }
  bool take(char c) {
    if (!at(c)) return false;
    ++at_;
    return true;
  }

  // The whole text or what a parenthesis holds; only the whole text may begin with a division.
  Result<Term> parse_components() {
    Term term;
    bool is_divided = at_ == 0 && take('/');
    do {
      auto component = parse_component();
      if (!component) return component.error();
      component->is_divided = is_divided;
      term.push_back(std::move(*component));
      if (at('.') || at('/')) {
        is_divided = text_[at_++] == '/';
      } else {
        return term;
      }
    } while (true);
  }

  Result<Component> parse_component() {
    if (at_end()) return fail("a unit ends where a symbol is expected");
    if (at('{')) return parse_annotation();
    if (at('(')) return parse_group();
    auto component = starts_power_of_ten() || !is_digit(text_[at_]) ? parse_unit_symbol() : parse_number();
    if (component && at('{')) {
      auto annotation = parse_annotation();
      if (!annotation) return annotation;
    }
    return component;
  }

  Result<Component> parse_annotation() {
    const std::size_t end = text_.find_first_of("{}", at_ + 1);
    if (end == std::string_view::npos) return fail("an annotation in braces is not closed");
    if (text_[end] == '{') {
      at_ = end;
      return fail("an annotation holds another brace");
    }
    at_ = end + 1;
    Component annotation;
    annotation.kind = ComponentKind::annotation;
    return annotation;
  }

  Result<Component> parse_group() {
    const std::size_t opened = at_;
    ++at_;
    auto term = parse_components();
    if (!term) return term.error();
    if (!take(')')) {
      if (!at_end()) return fail("expected . or / or )");
      at_ = opened;
      return fail("a parenthesis is not closed");
    }
    Component group;
    group.kind = ComponentKind::group;
    group.group = std::move(*term);
    return group;
  }

  bool starts_power_of_ten() const {
    const std::string_view rest = text_.substr(at_);
    return rest.substr(0, 3) == "10*" || rest.substr(0, 3) == "10^";
  }

  Result<Component> parse_number() {
    const std::size_t start = at_;
    Component component;
    auto number = parse_digits(max_number);
    if (!number) return number.error();
    if (*number == 0) {
      at_ = start;
      return fail("zero is not a unit");
    }
    component.number = *number;
    if (!at_end() && !is_operator(text_[at_])) {
      return fail("a number is multiplied with a dot, as in 12.h");
    }
    return component;
  }

  Result<Component> parse_unit_symbol() {
    const std::size_t start = at_;
    auto symbol = take_symbol();
    if (!symbol) return symbol.error();
    const auto found = find_symbol(*symbol);
    if (!found) {
      at_ = start;
      constexpr std::size_t printed = 24;
      return fail(fmt::format("{} is not a UCUM symbol{}", symbol->substr(0, printed), suggestion(*symbol)));
    }
    Component component;
    component.kind = ComponentKind::unit;
    component.prefix = found->prefix;
    component.atom = found->atom;
    auto exponent = parse_exponent();
    if (!exponent) return exponent.error();
    component.exponent = *exponent;
    return component;
  }

  // Letters and marks up to an operator or digit; inside brackets everything belongs to the symbol
  // ("B[10.nV]").
  Result<std::string_view> take_symbol() {
    const std::size_t start = at_;
    if (starts_power_of_ten()) {
      at_ += 3;
      return text_.substr(start, 3);
    }
    while (!at_end() && !is_operator(text_[at_]) && !is_digit(text_[at_])) {
      if (text_[at_] == '[') {
        const std::size_t close = text_.find(']', at_);
        if (close == std::string_view::npos) return fail("a square bracket is not closed");
        at_ = close;
      }
      ++at_;
    }
    if (at_ == start) return fail("expected a unit symbol");
    return text_.substr(start, at_ - start);
  }

  Result<int> parse_exponent() {
    const bool has_sign = at('-') || at('+');
    const bool is_negative = at('-');
    if (has_sign) ++at_;
    if (at_end() || !is_digit(text_[at_])) {
      if (has_sign) return fail("a sign is not followed by an exponent");
      return 1;
    }
    auto exponent = parse_digits(max_power);
    if (!exponent) return exponent.error();
    return static_cast<int>(is_negative ? -*exponent : *exponent);
  }

  Result<std::int64_t> parse_digits(std::int64_t largest) {
    std::int64_t number = 0;
    for (; !at_end() && is_digit(text_[at_]); ++at_) {
      number = number * 10 + (text_[at_] - '0');
      if (number > largest) return Error{ErrorKind::out_of_range, "a number in a unit is too large"};
    }
    return number;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string display_name(const Component& component) {
  switch (component.kind) {
    case ComponentKind::number:
      return std::to_string(component.number);
    case ComponentKind::annotation:
      return "1";
    case ComponentKind::group:
      return "(" + ucum::display_name(component.group) + ")";
    case ComponentKind::unit:
      break;
  }
  std::string words = "(";
  if (component.prefix != nullptr) words += component.prefix->name;
  words += component.atom->name;
  if (component.exponent != 1) words += fmt::format(" ^ {}", component.exponent);
  return words + ")";
}

}  // namespace

std::string display_name(const Term& term) {
  std::string words;
  for (const Component& component : term) {
    if (words.empty()) {
      words = component.is_divided ? "1 / " : "";
    } else {
      words += component.is_divided ? " / " : " * ";
    }
    words += display_name(component);
  }
  return words;
}

Result<Term> parse_term(std::string_view text) { return Parser(text).parse(); }

}  // namespace graftline::ucum
