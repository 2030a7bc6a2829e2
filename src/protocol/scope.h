#pragma once
// The names a protocol declares, and what they are.

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "protocol/reader.h"

namespace graftline::protocol {

struct Symbol {
  enum class Kind : unsigned char { fact, judgement, parameter, definition };
  Kind kind = Kind::fact;
  std::size_t index = 0;  // in its vector of the protocol
  Span span;
  bool is_usable =
      false;  // false until its statement was read without a mistake: others then stay silent about it
  bool is_used = false;
  bool is_read = false;  // definition: its statement has been read; before, no other definition may use it
  int depth = 0;         // definition: how deeply its condition nests, definitions written out
  int size = 0;          // definition: number of conditions, definitions written out
};
std::string_view name(Symbol::Kind kind);
// "an event", "a grade", "a parameter": what something is, in a message for the author of a protocol.
std::string_view with_article(record::FactType type);
std::string_view with_article(Symbol::Kind kind);

class Scope {
 public:
  explicit Scope(Protocol& protocol) : protocol_(&protocol) {}

  // False when the name is taken; `earlier` is then where.
  bool declare(std::string_view name, Symbol symbol, Span& earlier);
  Symbol* find(std::string_view name);
  // As find, and remembers that the name is used.
  Symbol* use(std::string_view name);

  const FactDeclaration& fact(const Symbol& symbol) const { return protocol_->facts[symbol.index]; }
  const record::Fact& catalogue_row(const Symbol& symbol) const { return record::fact(fact(symbol).fact); }
  const Parameter& parameter(const Symbol& symbol) const { return protocol_->parameters[symbol.index]; }

  // "did you mean", or how to declare it. Only the first of many mistakes get one: looking for the nearest of
  // many names is what costs in a hostile file.
  std::string suggest(std::string_view name);
  bool may_suggest();
  const std::unordered_map<std::string_view, Symbol>& symbols() const { return symbols_; }

  Protocol& protocol() { return *protocol_; }

 private:
  std::vector<std::string_view> names() const;

  Protocol* protocol_;
  int n_suggestions_ = 0;
  std::unordered_map<std::string_view, Symbol> symbols_;  // views into the text
};

// Anchors and windows, wherever they stand. Names of events are bound here.
Anchor parse_anchor(Reader& reader, Scope& scope);
bool at_window(const Reader& reader);
Window parse_window(Reader& reader, Scope& scope);
// The day `days` after (before) an anchor: "before" and "after" leave the day itself out.
Anchor shifted(Reader& reader, Anchor anchor, int days, Span span);
void check_order(Reader& reader, const Window& window);  // both ends on one base: not reversed

// The event fact (or course) of this name; complains and returns false when it is something else.
bool bind_event(Reader& reader, Scope& scope, std::string_view name, Span span, std::string_view what_for);

}  // namespace graftline::protocol
