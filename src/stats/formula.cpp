#include "stats/formula.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace graftline::stats {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Inside this file an expression that cannot be read throws; the public functions return it as an Error.
struct Unreadable {
  Error error;
};

[[noreturn]] void fail(ErrorKind kind, std::string message) {
  throw Unreadable{Error{kind, std::move(message)}};
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t\n") - first + 1));
}

// Recursive descent, loosest first:  |  &  !  comparison and %in%  + -  * /  unary -  ^  atom.
class Evaluator {
 public:
  Evaluator(const DataTable& table, std::string_view text) : table_(table), text_(text) {}

  Column run() {
    Column value = alternatives();
    blanks();
    if (at_ < text_.size()) unexpected();
    return value;
  }

 private:
  using Binary = std::function<double(double, double)>;

  void blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }
  bool accept(std::string_view token) {
    blanks();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  [[noreturn]] void unexpected() const {
    fail(ErrorKind::malformed_input,
         fmt::format("expression, position {}: cannot read \"{}\"", at_ + 1, text_.substr(at_)));
  }
  void expect(std::string_view token) {
    if (!accept(token)) unexpected();
  }

  static double truth(double x) { return std::isnan(x) ? nan : (x != 0.0 ? 1.0 : 0.0); }

  Column numbers(Column value) const {
    if (value.is_text)
      fail(ErrorKind::malformed_input,
           fmt::format("expression \"{}\": {} is text where a number is needed", text_,
                       last_text_.empty() ? "a word" : "column " + last_text_));
    return value;
  }
  Column apply(const Column& a, const Column& b, const Binary& f) const {
    Column x = numbers(a);
    const Column y = numbers(b);
    for (std::size_t i = 0; i < x.number.size(); ++i) x.number[i] = f(x.number[i], y.number[i]);
    return x;
  }
  template <class F> Column map(Column x, F f) const {
    x = numbers(std::move(x));
    for (double& v : x.number) v = f(v);
    return x;
  }

  Column alternatives() {
    Column left = conjunction();
    while (accept("||") || accept("|"))
      left = apply(left, conjunction(), [](double a, double b) {
        if (truth(a) == 1.0 || truth(b) == 1.0) return 1.0;
        return std::isnan(a) || std::isnan(b) ? nan : 0.0;
      });
    return left;
  }
  Column conjunction() {
    Column left = negation();
    while (accept("&&") || accept("&"))
      left = apply(left, negation(), [](double a, double b) {
        if (truth(a) == 0.0 || truth(b) == 0.0) return 0.0;
        return std::isnan(a) || std::isnan(b) ? nan : 1.0;
      });
    return left;
  }
  Column negation() {
    blanks();
    if (text_.substr(at_).starts_with("!") && !text_.substr(at_).starts_with("!=")) {
      ++at_;
      return map(negation(), [](double x) { return std::isnan(x) ? nan : (x == 0.0 ? 1.0 : 0.0); });
    }
    return comparison();
  }
  Column comparison() {
    Column left = sum();
    if (accept("%in%")) return is_in(left);
    if (accept("==")) return compare(left, sum(), [](auto c) { return c == 0; });
    if (accept("!=")) return compare(left, sum(), [](auto c) { return c != 0; });
    if (accept("<=")) return compare(left, sum(), [](auto c) { return c <= 0; });
    if (accept(">=")) return compare(left, sum(), [](auto c) { return c >= 0; });
    if (accept("<")) return compare(left, sum(), [](auto c) { return c < 0; });
    if (accept(">")) return compare(left, sum(), [](auto c) { return c > 0; });
    return left;
  }

  static std::string text_at(const Column& c, std::size_t i) {
    return c.is_text ? c.text(i) : label_of(c.number[i]);
  }
  static int order(const Column& a, const Column& b, std::size_t i) {
    if (!a.is_text && !b.is_text) return a.number[i] < b.number[i] ? -1 : (a.number[i] > b.number[i] ? 1 : 0);
    return text_at(a, i).compare(text_at(b, i));
  }
  template <class Holds> Column compare(const Column& a, const Column& b, Holds holds) const {
    std::vector<double> result(table_.rows);
    for (std::size_t i = 0; i < table_.rows; ++i)
      result[i] = a.is_missing(i) || b.is_missing(i) ? nan : (holds(order(a, b, i)) ? 1.0 : 0.0);
    return number_column(std::move(result));
  }
  Column is_in(const Column& left) {
    std::vector<Column> choices;
    blanks();
    if (accept("c(")) {
      do choices.push_back(sum());
      while (accept(","));
      expect(")");
    } else {
      choices.push_back(sum());
    }
    std::vector<double> result(table_.rows, 0.0);
    for (std::size_t i = 0; i < table_.rows; ++i)
      for (const Column& choice : choices)
        if (!left.is_missing(i) && !choice.is_missing(i) && order(left, choice, i) == 0) result[i] = 1.0;
    return number_column(std::move(result));
  }

  Column sum() {
    Column left = term();
    for (;;) {
      if (accept("+"))
        left = apply(left, term(), std::plus<>());
      else if (accept("-"))
        left = apply(left, term(), std::minus<>());
      else
        return left;
    }
  }
  Column term() {
    Column left = unary();
    for (;;) {
      blanks();
      if (text_.substr(at_).starts_with("%in%")) return left;
      if (accept("*"))
        left = apply(left, unary(), std::multiplies<>());
      else if (accept("/"))
        left = apply(left, unary(), std::divides<>());
      else if (accept("%%"))
        left = apply(left, unary(), [](double a, double b) { return a - b * std::floor(a / b); });
      else
        return left;
    }
  }
  Column unary() {
    if (accept("-")) return map(unary(), [](double x) { return -x; });
    Column base = atom();
    if (accept("^")) return apply(base, unary(), [](double a, double b) { return std::pow(a, b); });
    return base;
  }

  Column constant(double x) const { return number_column(std::vector<double>(table_.rows, x)); }

  Column atom() {
    blanks();
    if (at_ >= text_.size()) unexpected();
    const char c = text_[at_];
    if (c == '(') {
      ++at_;
      Column inner = alternatives();
      expect(")");
      return inner;
    }
    if (c == '"' || c == '\'') return quoted(c);
    if ((c >= '0' && c <= '9') || c == '.') return literal();
    return name_or_call();
  }
  Column quoted(char quote) {
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) unexpected();
    const std::string word(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    Column repeated;
    repeated.is_text = true;
    repeated.words = {"", word};
    repeated.word.assign(table_.rows, word.empty() ? 0 : 1);
    return repeated;
  }
  Column literal() {
    const std::string rest(text_.substr(at_));
    std::size_t used = 0;
    const double value = std::stod(rest, &used);
    at_ += used;
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;
    return constant(value);
  }
  Column name_or_call() {
    std::size_t end = at_;
    while (end < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[end])) || text_[end] == '_' || text_[end] == '.'))
      ++end;
    if (end == at_) unexpected();
    const std::string name(text_.substr(at_, end - at_));
    at_ = end;
    if (accept("(")) return call(name);
    if (const Column* column = table_.find(name)) {
      if (column->is_text) last_text_ = name;
      return *column;
    }
    if (name == "TRUE") return constant(1.0);
    if (name == "FALSE") return constant(0.0);
    if (name == "NA") return constant(nan);
    fail(ErrorKind::not_found, fmt::format("column {} is not in the table", name));
  }

  Column call(const std::string& name) {
    std::vector<Column> arguments;
    do arguments.push_back(alternatives());
    while (accept(","));
    expect(")");
    const auto one = [&](double (*f)(double)) { return map(arguments[0], f); };
    if (name == "I" || name == "identity") return arguments[0];
    if (name == "is.na") {
      std::vector<double> missing(table_.rows);
      for (std::size_t i = 0; i < missing.size(); ++i) missing[i] = arguments[0].is_missing(i) ? 1.0 : 0.0;
      return number_column(std::move(missing));
    }
    if (name == "log") return one(std::log);
    if (name == "log2") return one(std::log2);
    if (name == "log10") return one(std::log10);
    if (name == "log1p") return one(std::log1p);
    if (name == "exp") return one(std::exp);
    if (name == "sqrt") return one(std::sqrt);
    if (name == "abs") return one(std::fabs);
    if (name == "as.numeric" || name == "as.integer") return as_number(arguments[0]);
    if (name == "factor" || name == "as.factor" || name == "as.character") return as_text(arguments[0]);
    if (arguments.size() >= 2 && (name == "pmin" || name == "min"))
      return apply(arguments[0], arguments[1],
                   [](double a, double b) { return std::isnan(a + b) ? nan : std::min(a, b); });
    if (arguments.size() >= 2 && (name == "pmax" || name == "max"))
      return apply(arguments[0], arguments[1],
                   [](double a, double b) { return std::isnan(a + b) ? nan : std::max(a, b); });
    if (arguments.size() == 3 && name == "ifelse") return choose(arguments);
    fail(ErrorKind::unsupported, fmt::format("function {} is not offered in expressions", name));
  }
  Column as_number(const Column& x) const {
    if (!x.is_text) return x;
    std::vector<double> values;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::string& t = x.text(i);
      char* end = nullptr;
      const double v = std::strtod(t.c_str(), &end);
      values.push_back(!t.empty() && end == t.c_str() + t.size() ? v : nan);
    }
    return number_column(std::move(values));
  }
  Column as_text(const Column& x) const {
    if (x.is_text) return x;
    const Coded codes = coded(x);
    Column words;
    words.is_text = true;
    words.words.emplace_back();
    words.words.insert(words.words.end(), codes.label.begin(), codes.label.end());
    words.word.reserve(codes.code.size());
    for (const int code : codes.code) words.word.push_back(static_cast<std::uint32_t>(code + 1));
    return words;
  }
  Column choose(const std::vector<Column>& a) const {
    const Column test = numbers(a[0]);
    const Column yes = numbers(a[1]);
    const Column no = numbers(a[2]);
    std::vector<double> values(table_.rows);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = std::isnan(test.number[i]) ? nan : (test.number[i] != 0.0 ? yes.number[i] : no.number[i]);
    return number_column(std::move(values));
  }

  const DataTable& table_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::string last_text_;  // the last text column read, for messages
};

// The indicator columns of one factor of a term, or the column itself.
struct Part {
  std::vector<std::string> names;
  std::vector<std::vector<double>> columns;
};

// factor(x) of a number column keeps the numbers' order for its levels.
Coded levels_of(const DataTable& table, const std::string& expression, const Column& column) {
  for (const char* prefix : {"factor(", "as.factor("})
    if (expression.starts_with(prefix) && expression.back() == ')') {
      const std::size_t open = expression.find('(');
      const Column inner =
          Evaluator(table, std::string_view(expression).substr(open + 1, expression.size() - open - 2)).run();
      return coded(inner);
    }
  return coded(column);
}

// Which levels have an indicator, in order: all but the first, or those that are wanted when that is all but
// one.
std::vector<std::size_t> indicated(const std::string& expression, const std::vector<std::string>& labels,
                                   std::span<const std::string> wanted) {
  std::vector<std::size_t> levels;
  for (const std::string& name : wanted)
    for (std::size_t level = 0; level < labels.size(); ++level)
      if (name == expression + labels[level]) levels.push_back(level);
  if (levels.size() + 1 == labels.size()) return levels;
  levels.clear();
  for (std::size_t level = 1; level < labels.size(); ++level) levels.push_back(level);
  return levels;
}

Part part_of(const DataTable& table, const std::string& expression, std::span<const std::string> wanted) {
  const Column column = Evaluator(table, expression).run();
  if (!column.is_text) return {{expression}, {column.number}};
  const Coded codes = levels_of(table, expression, column);
  Part part;
  for (std::size_t level : indicated(expression, codes.label, wanted)) {
    part.names.push_back(expression + codes.label[level]);
    std::vector<double>& indicator = part.columns.emplace_back();
    for (int code : codes.code)
      indicator.push_back(code < 0 ? nan : (code == static_cast<int>(level) ? 1.0 : 0.0));
  }
  return part;
}

Part crossed(const Part& a, const Part& b) {
  Part result;
  for (std::size_t j = 0; j < b.names.size(); ++j)
    for (std::size_t i = 0; i < a.names.size(); ++i) {
      result.names.push_back(a.names[i] + ":" + b.names[j]);
      std::vector<double>& column = result.columns.emplace_back(a.columns[i]);
      for (std::size_t row = 0; row < column.size(); ++row) column[row] *= b.columns[j][row];
    }
  return result;
}

// Main effects first, then interactions by their order, each once: the order in which a model is usually
// written out.
std::vector<std::string> expanded_terms(std::string_view text) {
  std::vector<std::string> terms;
  const auto add = [&terms](const std::string& t) {
    if (std::find(terms.begin(), terms.end(), t) == terms.end()) terms.push_back(t);
  };
  for (const std::string& term : split_outside(text, '+')) {
    const std::vector<std::string> factors = split_outside(term, '*');
    const std::size_t sets = std::size_t{1} << factors.size();
    for (std::size_t size = 1; size <= factors.size(); ++size)
      for (std::size_t set = 1; set < sets; ++set) {
        std::string joined;
        std::size_t members = 0;
        for (std::size_t f = 0; f < factors.size(); ++f)
          if ((set >> f) & 1U) {
            joined += (members++ > 0 ? ":" : "") + factors[f];
          }
        if (members == size) add(joined);
      }
  }
  std::stable_sort(terms.begin(), terms.end(), [](const std::string& a, const std::string& b) {
    return split_outside(a, ':').size() < split_outside(b, ':').size();
  });
  return terms;
}

std::optional<std::vector<std::string>> arguments_of(const std::string& term, std::string_view function) {
  if (!term.starts_with(function) || term.size() <= function.size() || term[function.size()] != '(' ||
      term.back() != ')')
    return std::nullopt;
  return split_outside(std::string_view(term).substr(function.size() + 1, term.size() - function.size() - 2),
                       ',');
}

void add_term(const DataTable& table, const std::string& term, std::span<const std::string> wanted,
              ModelColumns& model) {
  Part part;
  bool first = true;
  for (const std::string& factor : split_outside(term, ':')) {
    Part next = part_of(table, factor, wanted);
    part = first ? std::move(next) : crossed(part, next);
    first = false;
  }
  for (std::size_t i = 0; i < part.names.size(); ++i) {
    model.names.push_back(part.names[i]);
    model.columns.push_back(std::move(part.columns[i]));
    model.term.push_back(static_cast<int>(model.term_names.size()));
  }
  model.term_names.push_back(term);
}

}  // namespace

std::vector<std::string> split_outside(std::string_view text, char separator) {
  std::vector<std::string> parts;
  int depth = 0;
  char quote = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')') {
      --depth;
    } else if (c == separator && depth == 0) {
      parts.push_back(trimmed(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  parts.push_back(trimmed(text.substr(begin)));
  return parts;
}

Result<Column> evaluate(const DataTable& table, std::string_view expression) {
  try {
    return Evaluator(table, expression).run();
  } catch (const Unreadable& unreadable) {
    return unreadable.error;
  } catch (const std::exception&) {
    return Error{ErrorKind::malformed_input, fmt::format("expression: cannot read \"{}\"", expression)};
  }
}

Result<std::vector<std::size_t>> rows_where(const DataTable& table, std::string_view condition) {
  auto holds = evaluate(table, condition);
  if (!holds) return holds.error();
  if (holds->is_text)
    return Error{ErrorKind::malformed_input, "a condition gives text instead of true or false"};
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < table.rows; ++i)
    if (!std::isnan(holds->number[i]) && holds->number[i] != 0.0) rows.push_back(i);
  return rows;
}

Result<ModelTerms> model_terms(const DataTable& table, std::string_view terms,
                               std::span<const std::string> wanted) {
  try {
    ModelTerms model;
    if (trimmed(terms).empty()) return model;
    for (const std::string& term : expanded_terms(terms)) {
      if (auto strata = arguments_of(term, "strata"))
        model.strata.insert(model.strata.end(), strata->begin(), strata->end());
      else if (auto cluster = arguments_of(term, "cluster"))
        model.cluster.insert(model.cluster.end(), cluster->begin(), cluster->end());
      else if (term != "1")
        add_term(table, term, wanted, model.covariates);
    }
    return model;
  } catch (const Unreadable& unreadable) {
    return unreadable.error;
  } catch (const std::exception&) {
    return Error{ErrorKind::malformed_input, fmt::format("terms: cannot read \"{}\"", terms)};
  }
}

namespace {

// One part of a column's name: "age", "log(age)", "armB", "factor(group)2".
Result<double> part_value(const DataTable& subject, const std::string& part) {
  const auto direct = evaluate(subject, part);
  if (direct && !direct->is_text) return direct->number[0];
  for (const auto& [column, values] : subject.columns) {
    const std::string level = values.is_text ? values.text(0) : label_of(values.number[0]);
    for (const std::string& head : {column, "factor(" + column + ")", "as.factor(" + column + ")"})
      if (part.starts_with(head)) return part.substr(head.size()) == level ? 1.0 : 0.0;
  }
  return Error{ErrorKind::not_found, fmt::format("no value is given for {}", part)};
}

}  // namespace

Result<std::vector<double>> subject_values(const DataTable& subject, std::span<const std::string> names) {
  std::vector<double> all;
  all.reserve(names.size());
  for (const std::string& name : names) {
    const auto whole = evaluate(subject, name);
    if (whole && !whole->is_text) {
      all.push_back(whole->number[0]);
      continue;
    }
    double value = 1.0;
    for (const std::string& part : split_outside(name, ':')) {
      const auto factor = part_value(subject, part);
      if (!factor) return factor.error();
      value *= *factor;
    }
    all.push_back(value);
  }
  return all;
}

}  // namespace graftline::stats
