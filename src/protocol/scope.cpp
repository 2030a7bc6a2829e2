#include "protocol/scope.h"

#include <fmt/format.h>

#include <array>

#include "protocol/vocabulary.h"

namespace graftline::protocol {

std::string_view name(Symbol::Kind kind) {
  constexpr std::array<std::string_view, 4> names{"fact", "judgement", "parameter", "definition"};
  return names.at(static_cast<std::size_t>(kind));
}

std::string_view with_article(record::FactType type) {
  constexpr std::array<std::string_view, 6> names{"a quantity",  "a grade",  "a choice of words",
                                                  "a statement", "an event", "a course"};
  return names.at(static_cast<std::size_t>(type));
}

std::string_view with_article(Symbol::Kind kind) {
  constexpr std::array<std::string_view, 4> names{"a fact", "a judgement", "a parameter", "a definition"};
  return names.at(static_cast<std::size_t>(kind));
}

bool Scope::declare(std::string_view name, Symbol symbol, Span& earlier) {
  const auto [place, is_new] = symbols_.emplace(name, symbol);
  if (!is_new) earlier = place->second.span;
  return is_new;
}

Symbol* Scope::find(std::string_view name) {
  const auto found = symbols_.find(name);
  return found == symbols_.end() ? nullptr : &found->second;
}

Symbol* Scope::use(std::string_view name) {
  Symbol* symbol = find(name);
  if (symbol != nullptr) symbol->is_used = true;
  return symbol;
}

std::vector<std::string_view> Scope::names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, symbol] : symbols_) names.push_back(name);
  std::ranges::sort(names);  // the same suggestion on every run
  return names;
}

bool Scope::may_suggest() {
  constexpr int most = 100;
  return n_suggestions_++ < most;
}

std::string Scope::suggest(std::string_view name) {
  if (!may_suggest()) return "";
  std::string suggestion = did_you_mean(name, names());
  if (suggestion.empty())
    suggestion = fmt::format("declare it: fact {} is ...", is_name(name) ? name : "NAME");
  return suggestion;
}

bool bind_event(Reader& reader, Scope& scope, std::string_view name, Span span, std::string_view what_for) {
  if (reader.failed()) return false;
  Symbol* symbol = scope.use(name);
  if (symbol == nullptr) {
    reader.error(span, fmt::format("'{}' is not declared", name), scope.suggest(name));
    return false;
  }
  if (symbol->kind != Symbol::Kind::fact) {
    reader.error(span, fmt::format("{} is the name of an event or a course; '{}' is {}", what_for, name,
                                   with_article(symbol->kind)));
    return false;
  }
  if (!symbol->is_usable) return true;
  const record::Fact& row = scope.catalogue_row(*symbol);
  if (row.type != record::FactType::event && row.type != record::FactType::course) {
    reader.error(span, fmt::format("{} is the name of an event or a course; '{}' is {}", what_for, name,
                                   with_article(row.type)));
    return false;
  }
  return true;
}

namespace {

bool same_base(const Anchor& a, const Anchor& b) {
  return a.base == b.base && a.infusion == b.infusion && a.event == b.event && a.or_today == b.or_today;
}

bool is_fixed(const std::optional<Duration>& offset) {
  return !offset || (offset->unit != TimeUnit::hours && offset->unit != TimeUnit::calendar_months);
}

int distance(const Anchor& anchor) { return anchor.offset ? anchor.sign * in_days(*anchor.offset) : 0; }

void refuse_hours(Reader& reader, const Duration& duration, Span span) {
  if (duration.unit != TimeUnit::hours) return;
  reader.error(span, "windows and anchors count whole days; hours stand only in 'prepare'");
}

// day 0, day +45, day -7
Anchor parse_day(Reader& reader) {
  Anchor anchor;
  const bool is_minus = reader.at_symbol("-");
  if (is_minus || reader.at_symbol("+")) reader.take();
  const int count = reader.integer("the number of the day");
  anchor.sign = is_minus ? -1 : 1;
  if (count != 0) anchor.offset = Duration{count, TimeUnit::days};
  if (count == 0) anchor.sign = 1;
  return anchor;
}

Anchor parse_offset_anchor(Reader& reader, Scope& scope) {
  const std::size_t begin = reader.mark();
  const Duration offset = reader.duration("a length of time");
  int sign = 1;
  if (reader.accept_word("before")) {
    sign = -1;
  } else {
    reader.expect_word("after", "or 'before' a day");
  }
  if (reader.failed()) return {};
  Anchor anchor = parse_anchor(reader, scope);
  if (reader.failed()) return anchor;
  refuse_hours(reader, offset, reader.span_since(begin));
  if (anchor.offset) {
    reader.error(reader.span_since(begin), "a day is counted once, from a plain anchor",
                 "count it from day 0, today, an infusion or an event");
    return anchor;
  }
  if (offset.count == 0) return anchor;
  anchor.offset = offset;
  anchor.sign = sign;
  return anchor;
}

Window within(Reader& reader, Scope& scope) {
  const std::size_t begin = reader.mark();
  const Duration length = reader.duration("a length of time");
  refuse_hours(reader, length, reader.span_since(begin));
  Anchor last;
  last.base = Anchor::Base::today;
  if (reader.accept_word("before")) last = parse_anchor(reader, scope);
  if (reader.failed()) return {};
  if (last.offset) {
    reader.error(last.span, "'within ... before' counts from a plain anchor", "write 'from ... to ...'");
  }
  last.span = reader.span_since(begin);
  Anchor first = last;
  first.sign = -1;
  first.offset = length;
  if (length.count == 0) first = last;
  Window window;
  window.first = first;
  window.last = last;
  return window;
}

}  // namespace

namespace {

// "enrolled or today"; but in "... since enrolled or today before day +60" the `or` joins two conditions.
bool accept_or_today(Reader& reader) {
  for (const std::string_view word : {"from", "before", "after", "on"}) {
    if (reader.at_words({"or", "today", word})) return false;
  }
  return reader.accept_words({"or", "today"});
}

}  // namespace

Anchor parse_anchor(Reader& reader, Scope& scope) {
  const std::size_t begin = reader.mark();
  Anchor anchor;
  if (reader.at_number()) {
    anchor = parse_offset_anchor(reader, scope);
  } else if (reader.accept_word("day")) {
    anchor = parse_day(reader);
  } else if (reader.accept_word("today")) {
    anchor.base = Anchor::Base::today;
  } else if (reader.accept_words({"first", "infusion"})) {
    anchor.base = Anchor::Base::first_infusion;
  } else if (reader.accept_words({"last", "infusion"})) {
    anchor.base = Anchor::Base::last_infusion;
  } else if (reader.accept_word("infusion")) {
    anchor.base = Anchor::Base::infusion;
    anchor.infusion = reader.integer("the number of the infusion");
    if (!reader.failed() && anchor.infusion == 0)
      reader.error(reader.span_since(begin), "infusions count from 1");
  } else if (reader.peek().kind == TokenKind::word && is_name(reader.peek().text)) {
    anchor.base = Anchor::Base::event;
    const Token token = reader.take();
    anchor.event = token.text;
    bind_event(reader, scope, token.text, token.span, "a day to count from");
    anchor.or_today = accept_or_today(reader);
  } else {
    reader.fail_here("a day (day 0, day +30, today, last infusion, 2 weeks after ..., the name of an event)");
  }
  anchor.span = reader.span_since(begin);
  return anchor;
}

Anchor shifted(Reader& reader, Anchor anchor, int days, Span span) {
  if (anchor.offset && anchor.offset->unit != TimeUnit::days) {
    reader.error(
        span, "the day itself would have to be left out of a window counted in weeks, months or years",
        days < 0 ? "write 'until', which includes the day" : "write 'on or after', which includes the day");
    return anchor;
  }
  const int total = distance(anchor) + days;
  anchor.sign = total < 0 ? -1 : 1;
  anchor.offset.reset();
  if (total != 0) anchor.offset = Duration{total < 0 ? -total : total, TimeUnit::days};
  return anchor;
}

bool at_window(const Reader& reader) {
  for (const std::string_view word : {"within", "since", "from", "before", "until", "ever"}) {
    if (reader.at_word(word)) return true;
  }
  return false;
}

Window parse_window(Reader& reader, Scope& scope) {
  const std::size_t begin = reader.mark();
  Window window;
  if (reader.accept_word("ever")) {
    window.ever = true;
  } else if (reader.accept_word("within")) {
    window = within(reader, scope);
  } else if (reader.accept_word("since")) {
    window.first = parse_anchor(reader, scope);
    reader.accept_words({"so", "far"});  // "since" never waits for days to come
  } else if (reader.accept_word("until")) {
    window.last = parse_anchor(reader, scope);
  } else if (reader.accept_word("before")) {
    const Anchor anchor = parse_anchor(reader, scope);
    window.last = shifted(reader, anchor, -1, reader.span_since(begin));
  } else if (reader.accept_word("from")) {
    window.first = parse_anchor(reader, scope);
    reader.expect_word("to", "and the last day of the window");
    if (!reader.failed()) window.last = parse_anchor(reader, scope);
    if (reader.accept_words({"so", "far"})) window.so_far = true;
  } else {
    reader.fail_here("a window (within ..., since ..., from ... to ..., before ..., until ..., ever)");
  }
  window.span = reader.span_since(begin);
  check_order(reader, window);
  return window;
}

void check_order(Reader& reader, const Window& window) {
  if (reader.failed() || !window.first || !window.last || !same_base(*window.first, *window.last)) return;
  if (!is_fixed(window.first->offset) || !is_fixed(window.last->offset)) return;
  if (distance(*window.first) <= distance(*window.last)) return;
  reader.error(window.span, "this window ends before it begins", "exchange the two days");
}

}  // namespace graftline::protocol
