#include "protocol/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include "core/sha256.h"
#include "protocol/check.h"
#include "protocol/declarations.h"
#include "protocol/json.h"
#include "protocol/rules.h"
#include "protocol/statements.h"
#include "protocol/vocabulary.h"

namespace graftline::protocol {
namespace {

using Kind = StatementRef::Kind;
constexpr std::size_t max_diagnostics = 10'000;  // nobody reads more, and a hostile file could make millions
constexpr std::size_t max_text_bytes = std::size_t{4} << 20U;  // the largest real protocol is below 40 kB

// Reads the statements of a file in two rounds: first what declares names, so that order does not matter,
// then the rest in the order of the text.
class Parser {
 public:
  Parser(std::string_view text, std::string file) : text_(text), scope_(protocol_) {
    protocol_.file = std::move(file);
  }

  Parsed run() {
    Lexed lexed = tokenise(text_);
    diagnostics_ = std::move(lexed.diagnostics);
    Statements statements = split_statements(text_, lexed);
    for (const Statement& statement : statements.list) declare(statement);
    for (const Round round : {Round::declarations, Round::definitions, Round::rules}) {
      for (Statement& statement : statements.list) {
        if (round_of(statement) == round) parse(statement);
      }
    }
    for (Statement& statement : statements.list) protocol_.order.push_back(std::move(statement.ref));
    protocol_.closing_comments = std::move(statements.closing_comments);
    check_whole({protocol_, scope_, has_header_, has_day_zero_, start(statements), status_span_},
                diagnostics_);
    return finished();
  }

 private:
  enum class Round : unsigned char { declarations, definitions, rules };
  static Round round_of(const Statement& statement) {
    const Kind kind = statement.ref.kind;
    if (!statement.is_known) return Round::rules;
    if (kind == Kind::parameter || kind == Kind::judgement || kind == Kind::fact) return Round::declarations;
    return kind == Kind::definition ? Round::definitions : Round::rules;
  }

  static Span start(const Statements& statements) {
    return statements.list.empty() ? Span{0, 0, 1, 1} : statements.list.front().tokens.front().span;
  }

  Parsed finished() {
    Parsed parsed;
    drop_echoes();
    std::ranges::stable_sort(diagnostics_, {}, [](const Diagnostic& d) { return d.span.offset; });
    cut_short();
    parsed.diagnostics = std::move(diagnostics_);
    parsed.protocol = std::move(protocol_);
    if (parsed.ok()) parsed.protocol.sha256 = sha256_hex(to_json(parsed.protocol));
    return parsed;
  }

  // "No citation" says nothing new about a statement that could not be read to its end.
  void drop_echoes() {
    std::vector<std::uint32_t> errors;
    for (const Diagnostic& d : diagnostics_) {
      if (d.severity == Severity::error) errors.push_back(d.span.offset);
    }
    std::ranges::sort(errors);
    std::erase_if(diagnostics_, [&](const Diagnostic& d) {
      if (d.severity == Severity::error) return false;
      const auto next = std::ranges::lower_bound(errors, d.span.offset);
      return next != errors.end() && *next <= d.span.offset + d.span.length;
    });
  }

  // A file that is cut short is not usable, whatever it would have said.
  void cut_short() {
    if (diagnostics_.size() < max_diagnostics) return;
    diagnostics_.resize(max_diagnostics);
    diagnostics_.push_back({Severity::error, "there are more mistakes than can be shown",
                            "correct these first", diagnostics_.back().span});
  }

  // First of all: which names there are, whatever else is wrong with their statements.
  void declare(const Statement& statement) {
    if (!statement.is_known || statement.tokens.size() < 2) return;
    const Token& name = statement.tokens[1];
    Symbol symbol;
    symbol.span = name.span;
    switch (statement.ref.kind) {
      case Kind::fact:
        symbol.kind = Symbol::Kind::fact;
        symbol.index = n_facts_++;
        break;
      case Kind::judgement:
        symbol.kind = Symbol::Kind::judgement;
        symbol.index = n_judgements_++;
        break;
      case Kind::parameter:
        symbol.kind = Symbol::Kind::parameter;
        symbol.index = n_parameters_++;
        break;
      case Kind::definition:
        symbol.kind = Symbol::Kind::definition;
        symbol.index = n_definitions_++;
        break;
      default:
        return;
    }
    if (name.kind != TokenKind::word) return;
    if (!is_name(name.text)) {
      diagnostics_.push_back(
          {Severity::error,
           is_reserved(name.text)
               ? fmt::format("'{}' is a word of the language and cannot be a name", name.text)
               : fmt::format("'{}' cannot be a name", name.text),
           is_reserved(name.text) ? fmt::format("write {}_ or a longer name", name.text)
                                  : "a name is a letter, then letters, digits and _",
           name.span});
      return;
    }
    Span earlier;
    if (scope_.declare(name.text, symbol, earlier)) return;
    diagnostics_.push_back(
        {Severity::error,
         fmt::format("the name '{}' is taken: it was declared on line {}", name.text, earlier.line),
         "choose another name", name.span});
  }

  void parse(Statement& statement) {
    if (diagnostics_.size() >= max_diagnostics) return;
    Reader reader(text_, statement.tokens, diagnostics_);
    if (!statement.is_known) return refuse_unknown(reader);
    const Token keyword = reader.take();
    const Span whole = whole_span(statement);
    statement.ref.strategy = -1;
    const std::size_t before = diagnostics_.size();
    dispatch(reader, statement.ref, keyword, whole);
    reader.finish();
    const bool is_clean =
        std::none_of(diagnostics_.begin() + static_cast<std::ptrdiff_t>(before), diagnostics_.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
    if (is_clean && statement.tokens.size() > 1) mark_usable(statement);
  }

  // From now on others may be checked against it.
  void mark_usable(const Statement& statement) {
    const Kind kind = statement.ref.kind;
    if (kind != Kind::fact && kind != Kind::judgement && kind != Kind::parameter && kind != Kind::definition)
      return;
    Symbol* symbol = scope_.find(statement.tokens[1].text);
    if (symbol != nullptr && symbol->span.offset == statement.tokens[1].span.offset) symbol->is_usable = true;
  }

  static void refuse_unknown(Reader& reader) {
    std::vector<std::string_view> keywords;
    for (const StatementWord& row : statement_words()) keywords.push_back(row.keyword);
    const Token& token = reader.peek();
    reader.fail(token.span, fmt::format("no statement begins with {}", described(token)),
                token.kind == TokenKind::word ? did_you_mean(token.text, keywords) : "");
  }

  static Span whole_span(const Statement& statement) {
    Span span = statement.tokens.front().span;
    const Span& last = statement.tokens.back().span;
    span.length = last.offset + last.length - span.offset;
    return span;
  }

  // Stores one parsed statement in its list.
  template <class T> void store(std::vector<T>& list, T item, StatementRef& ref, Span span) {
    item.span = span;
    ref.index = static_cast<int>(list.size());
    list.push_back(std::move(item));
  }
  template <class T> void store_once(std::optional<T>& place, T item, const Token& keyword, Span span) {
    item.span = span;
    if (place) {
      return refuse_second(keyword, place->span);
    }
    place = std::move(item);
  }
  void refuse_second(const Token& keyword, const Span& first) {
    diagnostics_.push_back(
        {Severity::error,
         fmt::format("a second '{}' here; the first stands on line {}", keyword.text, first.line),
         "keep one of them", keyword.span});
  }

  void dispatch(Reader& reader, StatementRef& ref, const Token& keyword, Span whole) {
    switch (ref.kind) {
      case Kind::header:
      case Kind::status:
      case Kind::review:
      case Kind::source:
      case Kind::day_zero:
      case Kind::gap:
        return metadata(reader, ref, keyword, whole);
      case Kind::fact:
        return store(protocol_.facts, parse_fact(reader, scope_), ref, whole);
      case Kind::judgement:
        return store(protocol_.judgements, parse_judgement(reader), ref, whole);
      case Kind::parameter:
        return store(protocol_.parameters, parse_parameter(reader), ref, whole);
      case Kind::definition:
        return definition(reader, ref, whole);
      case Kind::strategy:
        return strategy(reader, ref, whole);
      case Kind::common:
        current_strategy_ = -1;
        return;
      case Kind::when:
        return trigger(reader, ref, keyword);
      case Kind::claim:
        current_strategy_ = -1;
        return store(protocol_.claims, parse_claim(reader, scope_), ref, whole);
      default:
        return rule(reader, ref, keyword, whole);
    }
  }

  void metadata(Reader& reader, StatementRef& ref, const Token& keyword, Span whole) {
    switch (ref.kind) {
      case Kind::header: {
        Header header = parse_header(reader);
        if (has_header_) return refuse_second(keyword, header_span_);
        has_header_ = true;
        header_span_ = whole;
        protocol_.title = std::move(header.title);
        protocol_.id = std::move(header.id);
        protocol_.version = std::move(header.version);
        return;
      }
      case Kind::status: {
        const Status status = parse_status(reader);
        if (status_span_.length != 0) return refuse_second(keyword, status_span_);
        status_span_ = whole;
        protocol_.status = status;
        return;
      }
      case Kind::review:
        return store(protocol_.reviews, parse_review(reader), ref, whole);
      case Kind::source:
        return source(reader, ref, whole);
      case Kind::day_zero:
        reader.take();  // 0
        if (!reader.accept_words({"is", "graft", "infusion"})) reader.fail_here("'day 0 is graft infusion'");
        if (has_day_zero_) return refuse_second(keyword, day_zero_span_);
        has_day_zero_ = true;
        day_zero_span_ = whole;
        return;
      default:
        return store(protocol_.gaps, parse_gap(reader), ref, whole);
    }
  }

  void source(Reader& reader, StatementRef& ref, Span whole) {
    const Token name = reader.peek();
    Source source = parse_source(reader);
    const auto [earlier, is_new] = source_ids_.emplace(source.id, whole);
    if (!is_new && !source.id.empty()) refuse_taken(name, "source", earlier->second);
    store(protocol_.sources, std::move(source), ref, whole);
  }

  void refuse_taken(const Token& name, std::string_view what, const Span& earlier) {
    diagnostics_.push_back(
        {Severity::error,
         fmt::format("the {} '{}' stands twice: first on line {}", what, name.text, earlier.line),
         "choose another id", name.span});
  }

  void definition(Reader& reader, StatementRef& ref, Span whole) {
    ParsedCondition condition;
    Definition definition = parse_definition(reader, scope_, condition);
    Symbol* symbol = scope_.find(definition.name);
    if (symbol != nullptr && symbol->kind == Symbol::Kind::definition) {
      symbol->is_read = true;
      symbol->depth = condition.depth;
      symbol->size = condition.size;
    }
    store(protocol_.definitions, std::move(definition), ref, whole);
  }

  void strategy(Reader& reader, StatementRef& ref, Span whole) {
    const Token name = reader.peek();
    Strategy strategy = parse_strategy(reader);
    const auto [earlier, is_new] = strategy_names_.emplace(strategy.name, whole);
    if (!is_new && !strategy.name.empty()) refuse_taken(name, "strategy", earlier->second);
    store(protocol_.strategies, std::move(strategy), ref, whole);
    current_strategy_ = ref.index;
    trigger_span_ = {};
  }

  void trigger(Reader& reader, StatementRef& ref, const Token& keyword) {
    ref.strategy = current_strategy_;
    Expr when = parse_condition(reader, scope_).expr;
    if (reader.failed()) return;
    if (current_strategy_ < 0) {
      return reader.error(keyword.span, "'when' is the trigger of a strategy, and none is open here",
                          "put it below its 'strategy' line");
    }
    auto& place = protocol_.strategies[static_cast<std::size_t>(current_strategy_)].when;
    if (place) return refuse_second(keyword, trigger_span_);
    place = std::move(when);
    trigger_span_ = keyword.span;
  }

  Rules& rules() {
    return current_strategy_ < 0 ? protocol_.common
                                 : protocol_.strategies[static_cast<std::size_t>(current_strategy_)].rules;
  }

  void rule(Reader& reader, StatementRef& ref, const Token& keyword, Span whole) {
    ref.strategy = current_strategy_;
    Rules& into = rules();
    switch (ref.kind) {
      case Kind::criterion:
        return criterion(reader, ref, keyword, whole);
      case Kind::dose:
        return store(into.doses, parse_dose(reader, scope_), ref, whole);
      case Kind::give:
        return store(into.gives, parse_give(reader, scope_), ref, whole);
      case Kind::interval:
        return store(into.intervals, parse_interval(reader, scope_), ref, whole);
      case Kind::count:
        return store_once(into.count, parse_count(reader), keyword, whole);
      case Kind::cap:
        return store_once(into.cap, keyword.text == "no" ? parse_no_cap(reader) : parse_cap(reader, scope_),
                          keyword, whole);
      case Kind::governing:
        return store_once(into.governing, parse_governing(reader, scope_), keyword, whole);
      case Kind::guard:
        return store(into.guards, parse_guard(reader, scope_, guard_form(keyword.text)), ref, whole);
      case Kind::wait:
        return store(into.waits, parse_wait(reader, scope_), ref, whole);
      case Kind::preparation:
        return store(into.preparations, parse_preparation(reader, scope_), ref, whole);
      case Kind::prophylaxis:
        return store(into.prophylaxis, parse_prophylaxis(reader, scope_), ref, whole);
      case Kind::monitoring:
        return store(into.monitoring, parse_monitoring(reader, scope_), ref, whole);
      default:
        ensure(false, "every kind of statement has a parser");
    }
  }

  static Guard::Form guard_form(std::string_view word) {
    for (const auto form : {Guard::Form::hold, Guard::Form::stop, Guard::Form::ask, Guard::Form::caution}) {
      if (keyword(form) == word) return form;
    }
    return Guard::Form::repeat;
  }

  void criterion(Reader& reader, StatementRef& ref, const Token& keyword, Span whole) {
    const Token id = reader.peek();
    Criterion criterion = parse_criterion(reader, scope_, keyword.text == "include");
    if (!criterion.id.empty()) {
      // Arms may share ids ("I1" of each), but what holds for all strategies may not meet them again.
      const auto [place, is_new] = criterion_ids_.emplace(std::pair(current_strategy_, criterion.id), whole);
      const auto common = criterion_ids_.find(std::pair(-1, criterion.id));
      if (!is_new) {
        refuse_taken(id, "criterion", place->second);
      } else if (current_strategy_ >= 0 && common != criterion_ids_.end()) {
        refuse_taken(id, "criterion", common->second);
      }
    }
    store(rules().criteria, std::move(criterion), ref, whole);
  }

  std::string_view text_;
  Protocol protocol_;
  Scope scope_;
  std::vector<Diagnostic> diagnostics_;
  int current_strategy_ = -1;
  bool has_header_ = false;
  bool has_day_zero_ = false;
  Span header_span_, day_zero_span_, status_span_, trigger_span_;
  std::size_t n_facts_ = 0, n_judgements_ = 0, n_parameters_ = 0, n_definitions_ = 0;
  std::map<std::string, Span> source_ids_, strategy_names_;
  std::map<std::pair<int, std::string>, Span> criterion_ids_;
};

Parsed refused(std::string message, std::string suggestion = "") {
  Parsed parsed;
  parsed.diagnostics.push_back({Severity::error, std::move(message), std::move(suggestion), {0, 0, 1, 1}});
  return parsed;
}

}  // namespace

bool Parsed::ok() const {
  return std::ranges::none_of(diagnostics, [](const Diagnostic& d) { return d.severity == Severity::error; });
}

Parsed parse_protocol(std::string_view text, std::string file) {
  if (text.size() > max_text_bytes) {
    return refused(fmt::format("a protocol has at most {} bytes, this text {}", max_text_bytes, text.size()));
  }
  return Parser(text, std::move(file)).run();
}

Parsed parse_protocol_file(const std::filesystem::path& path) {
  std::error_code problem;
  std::filesystem::path file = path;
  if (std::filesystem::is_directory(path, problem)) {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(path, problem)) {
      if (entry.path().extension() == ".protocol") found.push_back(entry.path());
    }
    if (found.size() != 1) {
      return refused(fmt::format("the folder {} holds {} files that end in .protocol; one is expected",
                                 path.string(), found.size()));
    }
    file = found.front();
  }
  const auto size = std::filesystem::file_size(file, problem);
  if (problem) return refused(fmt::format("the file {} cannot be read", file.string()));
  if (size > max_text_bytes) {
    return refused(
        fmt::format("a protocol has at most {} bytes, {} has {}", max_text_bytes, file.string(), size));
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) return refused(fmt::format("the file {} cannot be read", file.string()));
  const std::string text(std::istreambuf_iterator<char>(in), {});
  return parse_protocol(text, file.string());
}

std::optional<Duration> parse_duration(std::string_view text) {
  std::vector<Diagnostic> diagnostics;
  const Lexed lexed = tokenise(text);
  Reader reader(text, {lexed.tokens.data(), lexed.tokens.size() - 1}, diagnostics);
  const Duration duration = reader.duration("a length of time");
  reader.finish();
  if (reader.failed()) return std::nullopt;
  return duration;
}

std::string to_text(const Diagnostic& diagnostic, std::string_view text, std::string_view file) {
  const Span& span = diagnostic.span;
  std::string out =
      fmt::format("{}:{}:{}: {}: {}\n", file, span.line, span.column,
                  diagnostic.severity == Severity::error ? "error" : "warning", diagnostic.message);
  const std::size_t offset = std::min<std::size_t>(span.offset, text.size());
  const std::size_t before = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  const std::size_t line_begin = before == std::string_view::npos ? 0 : before + 1;
  const std::size_t line_end = std::min(text.find('\n', offset), text.size());
  std::string_view line = text.substr(line_begin, line_end - line_begin);
  constexpr std::size_t longest_line = 500;  // longer lines are no protocol, and no help on a screen
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (!line.empty() && line.size() <= longest_line) {
    out += fmt::format("  {}\n  ", line);
    const auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
    for (const char c : line.substr(0, std::min(offset - line_begin, line.size()))) {
      if (is_start(c)) out += c == '\t' ? '\t' : ' ';
    }
    std::size_t carets = 0;
    const std::size_t in_line = std::min(offset - line_begin, line.size());
    for (const char c : line.substr(in_line, span.length)) carets += is_start(c) ? 1 : 0;
    out += std::string(std::max<std::size_t>(1, carets), '^') + '\n';
  }
  if (!diagnostic.suggestion.empty()) out += fmt::format("  {}\n", diagnostic.suggestion);
  return out;
}

}  // namespace graftline::protocol
