#include "sim/parse_expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/suggestion.h"

namespace graftline::sim {
namespace {

using protocol::TokenKind;

constexpr int deepest = 60;
constexpr std::size_t largest = 2000;  // nodes, with the named expressions in it written out

constexpr std::array<std::string_view, 42> reserved{
    "and",        "or",       "not",    "if",       "then",      "else",    "is",   "in",        "since",
    "time",       "of",       "on",     "after",    "when",      "at",      "rate", "with",      "x",
    "exp",        "log",      "sqrt",   "min",      "max",       "started", "dose", "infusions", "infuse",
    "becomes",    "rises",    "starts", "restarts", "otherwise", "from",    "to",   "per",       "start",
    "transplant", "infusion", "found",  "recall",   "derived",   "proposal"};

bool is_simple_name(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool answers(const std::vector<ExpressionNode>& nodes, int at) {
  if (at < 0 || at >= static_cast<int>(nodes.size())) return false;
  const ExpressionNode& node = nodes[static_cast<std::size_t>(at)];
  switch (node.operation) {
    case Operation::state_in:
    case Operation::running:
    case Operation::less:
    case Operation::less_equal:
    case Operation::greater:
    case Operation::greater_equal:
    case Operation::equal:
    case Operation::not_equal:
    case Operation::both:
    case Operation::either:
    case Operation::negation:
      return true;
    case Operation::let:
      return node.mask == 1;  // set by named(): the let is a question
    case Operation::choose:
      return answers(nodes, node.b) && answers(nodes, node.c);
    default:
      return false;
  }
}

}  // namespace

bool is_question(const Expression& expression) {
  return answers(expression.nodes, static_cast<int>(expression.nodes.size()) - 1);
}

std::string_view name(Name::Kind kind) {
  constexpr std::array<std::string_view, 9> words{"a state",      "a clock",   "a covariate",
                                                  "a number",     "a curve",   "a named expression",
                                                  "a transition", "a variant", "a source"};
  return words[static_cast<std::size_t>(kind)];
}

void Names::declare(protocol::Reader& reader, const std::string& written, Name what) {
  if (reader.failed()) return;
  if (!is_simple_name(written) || std::ranges::find(reserved, written) != reserved.end()) {
    return reader.error(what.span, fmt::format("'{}' cannot be a name", written),
                        "use letters, digits and _, and no word of the language");
  }
  const auto [at, is_new] = names_.emplace(written, what);
  if (!is_new) {
    reader.error(what.span,
                 fmt::format("'{}' is already the name of {} (line {})", written, name(at->second.kind),
                             at->second.span.line),
                 "choose another name");
  }
}

const Name* Names::find(std::string_view written) const {
  const auto at = names_.find(std::string(written));
  return at == names_.end() ? nullptr : &at->second;
}

std::string Names::suggestion(std::string_view written) {
  if (suggestions_left_-- <= 0) return "";
  std::vector<std::string> candidates;
  for (const auto& [known, what] : names_) candidates.push_back(known);
  std::ranges::sort(candidates);
  const auto nearest = closest_name(written, std::span<const std::string>(candidates));
  return nearest ? fmt::format("did you mean '{}'?", *nearest) : "declare it on an earlier line";
}

std::optional<std::uint32_t> Names::find(protocol::Reader& reader, Name::Kind kind, std::string_view where) {
  const protocol::Span span = reader.peek().span;
  const std::string written = reader.word(fmt::format("the name of {} {}", name(kind), where));
  if (reader.failed()) return std::nullopt;
  const Name* known = find(written);
  if (known == nullptr) {
    reader.fail(span, fmt::format("there is no '{}' before this line", written), suggestion(written));
    return std::nullopt;
  }
  if (known->kind != kind) {
    reader.fail(span, fmt::format("'{}' is {}; here stands {}", written, name(known->kind), name(kind)));
    return std::nullopt;
  }
  return known->index;
}

Expression ExpressionParser::parse(Purpose purpose) {
  expression_ = {};
  depth_ = 0;
  written_out_ = 0;
  const protocol::Span span = reader_.peek().span;
  const int root = wanted(either(), purpose, span);
  if (reader_.failed()) return {};
  // The root is the last node: operands were pushed before what uses them.
  expression_.nodes.resize(static_cast<std::size_t>(root) + 1);
  return std::move(expression_);
}

int ExpressionParser::push(ExpressionNode node) {
  written_out_ += node.operation == Operation::let ? model_.lets[node.index].size : 1;
  if (written_out_ > largest) {
    reader_.fail(reader_.peek().span, "this expression is too long", "name a part of it with 'let'");
    return 0;
  }
  expression_.nodes.push_back(node);
  return static_cast<int>(expression_.nodes.size()) - 1;
}

int ExpressionParser::push(Operation operation, int a, int b, int c) {
  ExpressionNode node;
  node.operation = operation;
  node.a = a;
  node.b = b;
  node.c = c;
  return push(node);
}

bool ExpressionParser::is_condition(int at) const { return answers(expression_.nodes, at); }

int ExpressionParser::wanted(int node, Purpose purpose, const protocol::Span& span) {
  if (reader_.failed() || purpose == Purpose::any) return node;
  if (is_condition(node) != (purpose == Purpose::condition)) {
    reader_.fail(span,
                 purpose == Purpose::condition ? "here stands a question that is yes or no, not a number"
                                               : "here stands a number, not a question",
                 purpose == Purpose::condition ? "write a comparison, such as 'disease is relapsed'"
                                               : "write 'if CONDITION then NUMBER else NUMBER'");
  }
  return node;
}

int ExpressionParser::either() {
  if (++depth_ > deepest) {
    reader_.fail(reader_.peek().span, "this expression nests too deeply", "name a part of it with 'let'");
    return 0;
  }
  protocol::Span span = reader_.peek().span;
  int left = both();
  while (reader_.at_word("or") && !reader_.failed()) {
    wanted(left, Purpose::condition, span);
    reader_.take();
    span = reader_.peek().span;
    const int right = wanted(both(), Purpose::condition, span);
    left = push(Operation::either, left, right);
  }
  --depth_;
  return left;
}

int ExpressionParser::both() {
  protocol::Span span = reader_.peek().span;
  int left = comparison();
  while (reader_.at_word("and") && !reader_.failed()) {
    wanted(left, Purpose::condition, span);
    reader_.take();
    span = reader_.peek().span;
    const int right = wanted(comparison(), Purpose::condition, span);
    left = push(Operation::both, left, right);
  }
  return left;
}

int ExpressionParser::comparison() {
  if (reader_.at_word("not")) {
    reader_.take();
    if (++depth_ > deepest) {
      reader_.fail(reader_.peek().span, "this expression nests too deeply");
      return 0;
    }
    const protocol::Span span = reader_.peek().span;
    const int inner = wanted(comparison(), Purpose::condition, span);
    --depth_;
    return push(Operation::negation, inner);
  }
  const protocol::Span span = reader_.peek().span;
  const int left = sum();
  constexpr std::array<std::pair<std::string_view, Operation>, 6> signs{{{"<", Operation::less},
                                                                         {"<=", Operation::less_equal},
                                                                         {">", Operation::greater},
                                                                         {">=", Operation::greater_equal},
                                                                         {"=", Operation::equal},
                                                                         {"!=", Operation::not_equal}}};
  for (const auto& [sign, operation] : signs) {
    if (!reader_.accept_symbol(sign)) continue;
    wanted(left, Purpose::value, span);
    const protocol::Span right_span = reader_.peek().span;
    const int right = wanted(sum(), Purpose::value, right_span);
    return push(operation, left, right);
  }
  return left;
}

int ExpressionParser::sum() {
  protocol::Span span = reader_.peek().span;
  int left = product();
  while ((reader_.at_symbol("+") || reader_.at_symbol("-")) && !reader_.failed()) {
    wanted(left, Purpose::value, span);
    const Operation operation = reader_.take().text == "+" ? Operation::add : Operation::subtract;
    span = reader_.peek().span;
    left = push(operation, left, wanted(product(), Purpose::value, span));
  }
  return left;
}

int ExpressionParser::product() {
  protocol::Span span = reader_.peek().span;
  int left = power();
  while ((reader_.at_word("x") || reader_.at_symbol("*") || reader_.at_symbol("/")) && !reader_.failed()) {
    wanted(left, Purpose::value, span);
    const Operation operation = reader_.take().text == "/" ? Operation::divide : Operation::multiply;
    span = reader_.peek().span;
    left = push(operation, left, wanted(power(), Purpose::value, span));
  }
  return left;
}

int ExpressionParser::power() {
  const protocol::Span span = reader_.peek().span;
  const int left = primary();
  if (!reader_.accept_symbol("^")) return left;
  wanted(left, Purpose::value, span);
  const protocol::Span right_span = reader_.peek().span;
  return push(Operation::power, left, wanted(primary(), Purpose::value, right_span));
}

double ExpressionParser::units_of_time(protocol::TimeUnit unit, const protocol::Span& span) {
  double days = 1.0;
  switch (unit) {
    case protocol::TimeUnit::hours:
      days = 1.0 / 24.0;
      break;
    case protocol::TimeUnit::days:
      break;
    case protocol::TimeUnit::weeks:
      days = 7.0;
      break;
    case protocol::TimeUnit::months:
      if (model_.time_unit == "months") return 1.0;
      days = 30.4375;
      break;
    case protocol::TimeUnit::years:
      if (model_.time_unit == "months") return 12.0;
      days = 365.25;
      break;
    case protocol::TimeUnit::calendar_months:
      reader_.fail(span, "a model counts in days, weeks, months or years");
      return 1.0;
  }
  return days / model_.days_per_unit;
}

double ExpressionParser::figure(std::string_view what) {
  const bool is_negative = reader_.accept_symbol("-");
  if (!reader_.at_number()) {
    reader_.fail_here(std::string(what));
    return 0.0;
  }
  const protocol::Token token = reader_.take();
  double value = 0.0;
  const auto [end, problem] =
      std::from_chars(token.text.data(), token.text.data() + token.text.size(), value);
  if (problem != std::errc{} || end != token.text.data() + token.text.size() || !std::isfinite(value)) {
    reader_.fail(token.span, fmt::format("{} is no number that can be held", protocol::described(token)));
    return 0.0;
  }
  if (value != 0.0 && value != 1.0) saw_figure_ = true;
  if (is_negative) value = -value;
  if (reader_.accept_symbol("%")) return value / 100.0;
  if (reader_.at_word("per")) {
    const protocol::Span span = reader_.take().span;
    if (const auto unit = reader_.accept_time_unit()) return value / units_of_time(*unit, span);
    reader_.fail_here("days, weeks, months or years");
    return 0.0;
  }
  const protocol::Span span = reader_.peek().span;
  if (const auto unit = reader_.accept_time_unit()) {
    saw_figure_ = true;
    return value * units_of_time(*unit, span);
  }
  return value;
}

int ExpressionParser::primary() {
  if (reader_.failed()) return 0;
  if (++depth_ > deepest) {
    reader_.fail(reader_.peek().span, "this expression nests too deeply", "name a part of it with 'let'");
    return 0;
  }
  int result = 0;
  if (reader_.at_number()) {
    ExpressionNode node;
    node.value = figure("a number");
    result = push(node);
  } else if (reader_.accept_symbol("-")) {
    const protocol::Span span = reader_.peek().span;
    result = push(Operation::negate, wanted(primary(), Purpose::value, span));
  } else if (reader_.accept_symbol("(")) {
    result = either();
    reader_.expect_symbol(")", "to close the bracket");
  } else if (reader_.accept_word("if")) {
    protocol::Span span = reader_.peek().span;
    const int condition = wanted(either(), Purpose::condition, span);
    reader_.expect_word("then", "after the condition");
    const int yes = either();
    reader_.expect_word("else", "with the other value");
    const int no = either();
    if (!reader_.failed() && is_condition(yes) != is_condition(no)) {
      reader_.fail(span, "both branches are numbers, or both are questions");
    }
    result = push(Operation::choose, condition, yes, no);
  } else {
    result = named();
  }
  --depth_;
  return result;
}

int ExpressionParser::state_question(std::uint32_t index) {
  const StateVariable& state = model_.states[index];
  const auto value = [&]() -> std::uint32_t {
    const protocol::Span span = reader_.peek().span;
    const std::string word = reader_.word(fmt::format("a value of {}", state.name));
    if (reader_.failed()) return 0;
    const auto at = std::ranges::find(state.values, word);
    if (at == state.values.end()) {
      const auto nearest = closest_name(word, std::span<const std::string>(state.values));
      reader_.fail(span, fmt::format("{} has no value '{}'", state.name, word),
                   nearest ? fmt::format("did you mean '{}'?", *nearest)
                           : fmt::format("its values are {}", fmt::join(state.values, ", ")));
      return 0;
    }
    return static_cast<std::uint32_t>(at - state.values.begin());
  };
  const std::uint32_t all = state.values.size() >= 32 ? 0xFFFFFFFFU : (1U << state.values.size()) - 1U;
  ExpressionNode node;
  node.operation = Operation::state_in;
  node.index = index;
  if (reader_.accept_word("is")) {
    const bool is_not = reader_.accept_word("not");
    node.mask = 1U << value();
    if (is_not) node.mask = all & ~node.mask;
  } else if (reader_.accept_word("in")) {
    reader_.expect_symbol("{", "before the list of values");
    do {
      node.mask |= 1U << value();
    } while (reader_.accept_symbol(",") && !reader_.failed());
    reader_.expect_symbol("}", "after the list of values");
  } else if (reader_.accept_symbol("<")) {
    node.mask = (1U << value()) - 1U;
  } else if (reader_.accept_symbol(">=")) {
    node.mask = all & ~((1U << value()) - 1U);
  } else if (reader_.accept_symbol("<=")) {
    const std::uint32_t at = value();
    node.mask = ((1U << at) - 1U) | (1U << at);
  } else if (reader_.accept_symbol(">")) {
    const std::uint32_t at = value();
    node.mask = all & ~(((1U << at) - 1U) | (1U << at));
  } else {
    reader_.fail_here(fmt::format("'is', 'in' or a comparison behind the state {}", state.name));
  }
  return push(node);
}

int ExpressionParser::named() {
  const auto clock = [&](Operation operation) {
    ExpressionNode node;
    node.operation = operation;
    if (reader_.accept_word("start")) {
      node.index = clock_start;
    } else if (reader_.accept_word("transplant")) {
      node.index = clock_transplant;
    } else if (reader_.accept_word("infusion")) {
      node.index = clock_infusion;
    } else {
      node.index = names_.find(reader_, Name::Kind::clock, "").value_or(0);
    }
    return push(node);
  };
  if (reader_.accept_word("since")) return clock(Operation::since);
  if (reader_.accept_words({"time", "of"})) return clock(Operation::start_of);
  if (reader_.accept_word("started")) return clock(Operation::running);
  if (reader_.accept_word("dose")) return push(Operation::dose);
  if (reader_.accept_word("infusions")) return push(Operation::infusions);
  constexpr std::array<std::pair<std::string_view, Operation>, 5> functions{{{"exp", Operation::exponential},
                                                                             {"log", Operation::logarithm},
                                                                             {"sqrt", Operation::square_root},
                                                                             {"min", Operation::smaller},
                                                                             {"max", Operation::larger}}};
  for (const auto& [word, operation] : functions) {
    if (!reader_.accept_word(word)) continue;
    reader_.expect_symbol("(", "behind the function");
    protocol::Span span = reader_.peek().span;
    const int a = wanted(sum(), Purpose::value, span);
    int b = -1;
    if (operation == Operation::smaller || operation == Operation::larger) {
      reader_.expect_symbol(",", "between two numbers");
      span = reader_.peek().span;
      b = wanted(sum(), Purpose::value, span);
    }
    reader_.expect_symbol(")", "to close the function");
    return push(operation, a, b);
  }
  const protocol::Token token = reader_.peek();
  if (token.kind != TokenKind::word) {
    reader_.fail_here("a number, a name or a bracket");
    return 0;
  }
  const Name* known = names_.find(token.text);
  if (known == nullptr) {
    reader_.fail(token.span, fmt::format("there is no '{}' before this line", token.text),
                 names_.suggestion(token.text));
    return 0;
  }
  reader_.take();
  ExpressionNode node;
  node.index = known->index;
  switch (known->kind) {
    case Name::Kind::state:
      return state_question(known->index);
    case Name::Kind::number:
      node.operation = Operation::number;
      return push(node);
    case Name::Kind::curve:
      node.operation = Operation::curve;
      return push(node);
    case Name::Kind::trait:
      node.operation = Operation::trait;
      return push(node);
    case Name::Kind::let: {
      node.operation = Operation::let;
      node.mask = is_question(model_.lets[known->index].value) ? 1 : 0;
      return push(node);
    }
    case Name::Kind::clock:
      reader_.fail(token.span, fmt::format("'{}' is a clock", token.text),
                   fmt::format("write 'since {0}', 'time of {0}' or 'started {0}'", token.text));
      return 0;
    default:
      reader_.fail(token.span, fmt::format("'{}' is {}, which is no number and no question", token.text,
                                           name(known->kind)));
      return 0;
  }
}

}  // namespace graftline::sim
