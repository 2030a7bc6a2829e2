#pragma once
// The words by which the JSON twin names what protocol.h enumerates: one table for writing and reading.

#include <array>
#include <optional>
#include <string_view>

#include "protocol/protocol.h"

namespace graftline::protocol {

template <class E> struct JsonNames;  // names, in the order of the enumeration

#define GRAFTLINE_JSON_NAMES(Enum, ...)                                           \
  template <> struct JsonNames<Enum> {                                            \
    static constexpr auto names = std::to_array<std::string_view>({__VA_ARGS__}); \
  }
GRAFTLINE_JSON_NAMES(Anchor::Base, "day 0", "today", "first infusion", "last infusion", "infusion", "event");
GRAFTLINE_JSON_NAMES(Status, "draft", "reviewed", "active", "retired");
GRAFTLINE_JSON_NAMES(Pick, "latest", "first", "worst", "best", "any", "current");
GRAFTLINE_JSON_NAMES(record::Absence, "unknown", "no");
GRAFTLINE_JSON_NAMES(ParameterType, "word", "number", "duration", "quantity");
GRAFTLINE_JSON_NAMES(Op, "<", "<=", "=", "!=", ">=", ">");
GRAFTLINE_JSON_NAMES(Operand::Form, "literal", "level", "fact", "upper limit", "parameter", "days since",
                     "infusions");
GRAFTLINE_JSON_NAMES(Expr::Form, "all", "any", "not", "at least", "comparison", "in", "true", "held", "known",
                     "today");
GRAFTLINE_JSON_NAMES(Amount::Form, "targets", "log step", "factor", "same", "not stated");
GRAFTLINE_JSON_NAMES(Cap::Form, "amount", "not stated", "none");
GRAFTLINE_JSON_NAMES(Guard::Form, "hold", "stop", "ask", "caution", "repeat");
GRAFTLINE_JSON_NAMES(Claim::Form, "never", "always", "reachable", "eventually");
GRAFTLINE_JSON_NAMES(Claim::About, "give", "give level", "two infusions within", "decision");
GRAFTLINE_JSON_NAMES(StatementRef::Kind, "protocol", "status", "review", "source", "day 0", "gap", "fact",
                     "judgement", "parameter", "define", "criterion", "strategy", "common", "when", "dose",
                     "give", "interval", "infusions", "cap", "governing", "guard", "wait", "prepare",
                     "after infusion", "monitor", "claim");
#undef GRAFTLINE_JSON_NAMES

template <class E> std::string_view json_name(E value) {
  return JsonNames<E>::names.at(static_cast<std::size_t>(value));
}

template <class E> std::optional<E> from_json_name(std::string_view name) {
  for (std::size_t i = 0; i < JsonNames<E>::names.size(); ++i) {
    if (JsonNames<E>::names[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

}  // namespace graftline::protocol
