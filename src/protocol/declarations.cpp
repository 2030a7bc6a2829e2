#include "protocol/declarations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "protocol/units.h"
#include "protocol/vocabulary.h"

namespace graftline::protocol {
namespace {

using record::FactType;

bool is_version(std::string_view text) {
  int numbers = 1;
  bool has_digit = false;
  for (const char c : text.substr(0, text.find_first_of("-+"))) {
    if (c == '.') {
      if (!has_digit) return false;
      ++numbers;
      has_digit = false;
    } else if (c >= '0' && c <= '9') {
      has_digit = true;
    } else {
      return false;
    }
  }
  return numbers == 3 && has_digit;
}

// Words that end the phrase of a fact.
bool is_clause(const Reader& reader, std::size_t ahead) {
  const Token& token = reader.peek(ahead);
  if (token.kind == TokenKind::end || token.starts_line) return true;
  if (token.kind == TokenKind::symbol) return token.text == "," || token.text == ";";
  constexpr std::array<std::string_view, 11> words{"in",    "with", "within",  "since", "from", "before",
                                                   "until", "ever", "absence", "cite",  "any"};
  return token.kind == TokenKind::word && std::ranges::find(words, token.text) != words.end();
}

// The longest run of words from here that the catalogue knows, and that is followed by a clause or the end.
struct Phrase {
  std::optional<record::FactId> fact;
  std::string text;
  Span span;
};

Phrase read_phrase(Reader& reader) {
  const std::size_t begin = reader.mark();
  Phrase best;
  std::size_t best_end = begin;
  std::size_t first_clause = 0;
  constexpr std::size_t longest = 40;  // words; the catalogue's longest phrase has 11
  for (std::size_t ahead = 1; ahead <= longest; ++ahead) {
    if (reader.peek(ahead - 1).kind == TokenKind::end || reader.at_symbol(";", ahead - 1)) break;
    if (!is_clause(reader, ahead)) continue;
    if (first_clause == 0) first_clause = ahead;
    reader.reset(begin + ahead);
    std::string text(reader.text_since(begin));
    std::ranges::replace_if(
        text, [](char c) { return c == '\n' || c == '\t' || c == '\r'; }, ' ');
    if (const auto fact = record::find_fact(text)) {
      best = {fact, std::string(record::fact(*fact).phrase), reader.span_since(begin)};
      best_end = begin + ahead;
    }
    reader.reset(begin);
  }
  if (!best.fact) {
    best_end = begin + (first_clause == 0 ? longest : first_clause);
    reader.reset(best_end);
    best.text = reader.text_since(begin);
    best.span = reader.span_since(begin);
  }
  reader.reset(best_end);
  return best;
}

std::optional<Pick> accept_pick(Reader& reader) {
  constexpr std::array<std::pair<std::string_view, Pick>, 6> picks{{{"latest", Pick::latest},
                                                                    {"first", Pick::first},
                                                                    {"worst", Pick::worst},
                                                                    {"best", Pick::best},
                                                                    {"any", Pick::any},
                                                                    {"current", Pick::current}}};
  for (const auto& [word, pick] : picks) {
    if (reader.accept_word(word)) return pick;
  }
  return std::nullopt;
}

bool holds_or_not(FactType type) {
  return type == FactType::statement || type == FactType::event || type == FactType::course;
}

RuleArgument parse_argument(Reader& reader, Scope& scope, const record::Fact* row) {
  const std::size_t begin = reader.mark();
  RuleArgument argument;
  const Token name = reader.peek();
  argument.name = reader.word("what the rule must be told");
  reader.expect_symbol("=", "and the name of a parameter, or a value");
  if (reader.failed()) return argument;
  argument.value = reader.raw("the name of a parameter, or a value");
  argument.span = reader.span_since(begin);
  if (row != nullptr) {
    const auto known = record::split(row->parameters);
    if (std::ranges::find(known, argument.name) == known.end()) {
      reader.error(name.span,
                   known.empty()
                       ? fmt::format("{} is recorded, not computed: it takes no 'with'", row->phrase)
                       : fmt::format("the rule of {} takes no '{}'", row->phrase, argument.name),
                   known.empty() ? "" : fmt::format("it takes {}", fmt::join(known, ", ")));
    }
  }
  const Symbol* symbol = scope.use(argument.value);
  argument.is_parameter = symbol != nullptr && symbol->kind == Symbol::Kind::parameter;
  return argument;
}

void parse_selection(Reader& reader, Scope& scope, FactDeclaration& fact, bool says_any) {
  const Token start = reader.peek();
  std::optional<Pick> pick = accept_pick(reader);
  if (pick && says_any && *pick != Pick::any) {
    reader.error(start.span, "'any' and another choice of record cannot both hold");
  }
  if (says_any && !pick) pick = Pick::any;
  if (at_window(reader)) {
    fact.window = parse_window(reader, scope);
  } else if (!pick) {
    reader.fail_here("latest, first, worst, best, any, current or a window (within 14 days, since day 0)");
  }
  fact.pick = pick.value_or(Pick::latest);
  if (!pick && holds_or_not(record::fact(fact.fact).type)) fact.pick = Pick::any;
}

void check_selection(Reader& reader, FactDeclaration& fact, Span span) {
  const record::Fact& row = record::fact(fact.fact);
  if (row.type == FactType::quantity && fact.pick == Pick::current && !fact.window.is_written())
    fact.pick = Pick::latest;
  if (fact.pick == Pick::current && fact.window.is_written()) {
    reader.error(span, "'current' is about today and takes no window", "write 'latest' with a window");
  }
  const bool is_ranked = row.type == FactType::quantity || row.type == FactType::ordinal;
  if ((fact.pick == Pick::worst || fact.pick == Pick::best) && !is_ranked) {
    reader.error(span,
                 fmt::format("{} is {}: it has no order, so none is worst or best", row.phrase,
                             with_article(row.type)),
                 "write 'any' or 'latest'");
  }
}

void parse_absence(Reader& reader, FactDeclaration& fact, const record::Fact* row) {
  const std::size_t begin = reader.mark();
  if (!reader.accept_words({"absence", "means"}))
    return reader.fail_here("'absence means no' or 'absence means unknown'");
  if (reader.accept_word("no")) {
    fact.absence = record::Absence::no;
  } else if (reader.accept_word("unknown")) {
    fact.absence = record::Absence::unknown;
  } else {
    return reader.fail_here("no or unknown");
  }
  const Span span = reader.span_since(begin);
  if (reader.accept_word("because")) fact.absence_because = reader.string("the reason");
  if (fact.absence != record::Absence::no) return;
  // No record of a grade may be declared to mean the lowest one; no record of a value or a word means
  // nothing.
  if (row != nullptr && (row->type == FactType::quantity || row->type == FactType::code)) {
    reader.error(span,
                 fmt::format("{} is {}: without a record it is unknown, never no", row->phrase,
                             with_article(row->type)),
                 "write 'absence means unknown', or leave it out");
  } else if (fact.absence_because.empty()) {
    reader.warning(span, "no reason is given why a missing record means no", "add: because \"...\"");
  }
}

void parse_fact_unit(Reader& reader, FactDeclaration& fact, const record::Fact* row) {
  const std::size_t begin = reader.mark();
  fact.unit = reader.raw("a unit");
  const Span span = reader.span_since(begin);
  if (reader.failed() || row == nullptr) return;
  if (row->type != FactType::quantity) {
    reader.error(span, fmt::format("{} is {} and has no unit", row->phrase, with_article(row->type)));
  } else if (const auto unit = read_unit(reader, fact.unit, span)) {
    check_unit(reader, *row, *unit, fact.name, span);
  }
}

}  // namespace

Header parse_header(Reader& reader) {
  Header header;
  header.title = reader.string("the title of the protocol");
  reader.expect_word("id", "and a short name without blanks");
  const std::size_t begin = reader.mark();
  if (!reader.failed()) header.id = reader.raw("a short name without blanks");
  const Span id_span = reader.span_since(begin);
  const bool is_plain = std::ranges::all_of(header.id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
  if (!is_plain) reader.error(id_span, "the id holds letters, digits, '-', '.' and '_' only");
  reader.expect_word("version", "and a number such as 0.1.0");
  const std::size_t version = reader.mark();
  if (!reader.failed()) header.version = reader.raw("a version such as 0.1.0");
  if (!reader.failed() && !is_version(header.version)) {
    reader.error(reader.span_since(version), fmt::format("'{}' is not a version", header.version),
                 "write three numbers, as in 0.1.0");
  }
  return header;
}

Status parse_status(Reader& reader) {
  for (const Status status : {Status::draft, Status::reviewed, Status::active, Status::retired}) {
    if (reader.accept_word(name(status))) return status;
  }
  reader.fail_here("draft, reviewed, active or retired",
                   did_you_mean(reader.peek().text, {"draft", "reviewed", "active", "retired"}));
  return Status::draft;
}

Review parse_review(Reader& reader) {
  Review review;
  reader.expect_word("by", "and the reviewer's role");
  review.role = reader.string("the reviewer's role");
  reader.expect_word("on", "and the day of the review");
  const std::size_t begin = reader.mark();
  const std::string_view day = reader.failed() ? std::string_view{} : reader.raw("the day of the review");
  if (!reader.failed()) {
    if (auto date = parse_day(day)) {
      review.on = *date;
    } else {
      reader.error(reader.span_since(begin), fmt::format("'{}' is not a day", day),
                   "write it as in 2026-03-01");
    }
  }
  reader.expect_word("compared", "and what it was compared with");
  review.compared = reader.string("what it was compared with");
  if (reader.accept_word("finding")) review.finding = reader.string("what was found");
  return review;
}

Source parse_source(Reader& reader) {
  Source source;
  source.id = reader.word("a short id for the source");
  if (!reader.failed() && !reader.at_string())
    source.reference = reader.raw("a reference, or a description in quotes");
  source.description = reader.string("what the source is");
  if (reader.accept_word("url")) source.url = reader.string("the address");
  return source;
}

Gap parse_gap(Reader& reader) {
  Gap gap;
  gap.text = reader.string("what the source does not settle");
  gap.cite = reader.citation();
  return gap;
}

FactDeclaration parse_fact(Reader& reader, Scope& scope) {
  FactDeclaration fact;
  fact.name = reader.word("a name for the fact");
  reader.expect_word("is", "and what the catalogue calls it");
  if (reader.failed()) return fact;
  if (reader.at_end()) reader.fail_here("what the catalogue calls it");
  if (reader.failed()) return fact;

  const std::size_t phrase_begin = reader.mark();
  Phrase phrase = read_phrase(reader);
  bool says_any = false;
  if (!phrase.fact) {
    // "any donor lymphocyte infusion": tried second, since some phrases of the catalogue begin with "any".
    const std::size_t after = reader.mark();
    reader.reset(phrase_begin);
    if (reader.accept_word("any") && !reader.at_end()) {
      const Phrase rest = read_phrase(reader);
      if (rest.fact) {
        phrase = rest;
        says_any = true;
      }
    }
    if (!phrase.fact) reader.reset(after);
  }
  const record::Fact* row = nullptr;
  if (phrase.fact) {
    fact.fact = *phrase.fact;
    row = &record::fact(fact.fact);
    fact.phrase = row->phrase;
  } else {
    reader.error(phrase.span, fmt::format("the catalogue of facts knows no '{}'", phrase.text),
                 phrase.text.size() > 80 || !scope.may_suggest()
                     ? "`graftline facts` lists them"
                     : fmt::format("did you mean '{}'? `graftline facts` lists all",
                                   record::closest_fact(phrase.text)));
    fact.phrase = phrase.text;
  }

  bool has_selection = false;
  Span selection = phrase.span;
  while (!reader.failed() && !reader.at_end() && !reader.at_word("cite")) {
    const bool has_comma = reader.accept_symbol(",") || reader.accept_symbol(";");
    if (reader.accept_word("in")) {
      parse_fact_unit(reader, fact, row);
    } else if (reader.accept_word("with")) {
      fact.arguments.push_back(parse_argument(reader, scope, row));
      while (reader.at_symbol(",") && reader.at_symbol("=", 2)) {
        reader.take();
        fact.arguments.push_back(parse_argument(reader, scope, row));
      }
    } else if (reader.at_word("absence")) {
      parse_absence(reader, fact, row);
    } else if (has_comma || at_window(reader)) {
      const std::size_t begin = reader.mark();
      if (has_selection) reader.fail_here("the end of the statement: the choice of record was made before");
      if (!reader.failed()) parse_selection(reader, scope, fact, says_any);
      has_selection = true;
      selection = reader.span_since(begin);
    } else if (reader.peek().starts_line) {
      break;  // perhaps a misspelt keyword, about which `finish` knows more
    } else {
      reader.fail_here("a comma, 'in UNIT', 'absence means' or 'cite'");
    }
  }
  if (says_any && !has_selection) fact.pick = Pick::any;
  if (row != nullptr && !reader.failed()) check_selection(reader, fact, selection);
  fact.cite = reader.citation();
  return fact;
}

Judgement parse_judgement(Reader& reader) {
  Judgement judgement;
  judgement.name = reader.word("a name for the judgement");
  judgement.question = reader.string("the question that a person answers");
  judgement.cite = reader.citation();
  return judgement;
}

namespace {

void parse_choices(Reader& reader, Parameter& parameter) {
  reader.expect_symbol("{", "and the choices");
  while (!reader.failed()) {
    const Token token = reader.peek();
    std::string choice = reader.word("a choice");
    if (reader.failed()) return;
    if (std::ranges::find(parameter.choices, choice) != parameter.choices.end()) {
      reader.error(token.span, fmt::format("the choice '{}' stands twice", choice));
    }
    parameter.choices.push_back(std::move(choice));
    constexpr std::size_t most = 100;
    if (parameter.choices.size() > most) {
      return reader.fail(token.span, fmt::format("a parameter has at most {} choices", most));
    }
    if (reader.accept_symbol("}")) return;
    reader.expect_symbol(",", "or '}'");
  }
}

void parse_parameter_type(Reader& reader, Parameter& parameter) {
  if (reader.accept_words({"one", "of"})) {
    parse_choices(reader, parameter);
  } else if (reader.accept_word("number")) {
    parameter.type = ParameterType::number;
  } else if (reader.accept_word("duration")) {
    parameter.type = ParameterType::duration;
  } else if (reader.accept_word("quantity")) {
    parameter.type = ParameterType::quantity;
    reader.expect_word("in", "and its unit");
    const std::size_t begin = reader.mark();
    if (!reader.failed()) parameter.unit = reader.raw("a unit");
    if (!reader.failed()) read_unit(reader, parameter.unit, reader.span_since(begin));
  } else {
    reader.fail_here("'one of {...}', 'number', 'duration' or 'quantity in UNIT'");
  }
}

void parse_default(Reader& reader, Parameter& parameter) {
  const std::size_t begin = reader.mark();
  switch (parameter.type) {
    case ParameterType::word: {
      const std::string value = reader.word("one of the choices");
      parameter.default_value = value;
      if (reader.failed() || std::ranges::find(parameter.choices, value) != parameter.choices.end()) break;
      reader.error(reader.span_since(begin),
                   fmt::format("'{}' is not among the choices of '{}'", value, parameter.name),
                   fmt::format("they are {}", fmt::join(parameter.choices, ", ")));
      break;
    }
    case ParameterType::number:
    case ParameterType::quantity:
      reader.decimal("a number");
      parameter.default_value = std::string(reader.failed() ? "" : reader.text_since(begin));
      break;
    case ParameterType::duration:
      parameter.default_value = to_text(reader.duration("a length of time"));
      break;
  }
  reader.expect_word("because", "and the reason for this default");
  parameter.default_because = reader.string("the reason");
}

}  // namespace

Parameter parse_parameter(Reader& reader) {
  Parameter parameter;
  parameter.name = reader.word("a name for the parameter");
  reader.expect_word("is", "and what it may be");
  if (!reader.failed()) parse_parameter_type(reader, parameter);
  if (reader.accept_word("default")) parse_default(reader, parameter);
  if (reader.at_string()) parameter.description = reader.string("what the parameter decides");
  parameter.cite = reader.citation();
  return parameter;
}

}  // namespace graftline::protocol
