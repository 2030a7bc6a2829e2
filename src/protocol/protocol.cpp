#include "protocol/protocol.h"

#include <algorithm>
#include <array>
#include <limits>

namespace graftline::protocol {
namespace {

template <class T>
const T* find_named(const std::vector<T>& items, std::string_view name, std::string T::*member) {
  const auto found = std::ranges::find_if(items, [&](const T& item) { return item.*member == name; });
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

// "1 month" in a criterion is 30 days and 12 months are 365, unless a protocol states days
// (docs/protocol-language.md, "Time"): a convention of this project, so that every site computes the same
// window.
int in_days(const Duration& duration) {
  switch (duration.unit) {
    case TimeUnit::days:
      return duration.count;
    case TimeUnit::weeks:
      return duration.count * 7;
    case TimeUnit::months:
      return duration.count / 12 * 365 + duration.count % 12 * 30;
    case TimeUnit::years:
      return duration.count * 365;
    case TimeUnit::hours:
    case TimeUnit::calendar_months:
      break;
  }
  ensure(false, "hours and calendar months are no fixed number of days");
  return 0;
}

std::string to_text(const Duration& duration) {
  constexpr std::array<std::string_view, 6> units{"hour", "day", "week", "month", "year", "calendar month"};
  std::string text = std::to_string(duration.count) + ' ';
  text += units.at(static_cast<std::size_t>(duration.unit));
  if (duration.count != 1) text += 's';
  return text;
}

std::string_view symbol(Op op) {
  constexpr std::array<std::string_view, 6> symbols{"<", "<=", "=", "!=", ">=", ">"};
  return symbols.at(static_cast<std::size_t>(op));
}

std::string_view name(Status status) {
  constexpr std::array<std::string_view, 4> names{"draft", "reviewed", "active", "retired"};
  return names.at(static_cast<std::size_t>(status));
}

// The unit of a literal is known by its text.
bool operator==(const Operand& a, const Operand& b) {
  return a.form == b.form && a.factor == b.factor && a.quantity_text == b.quantity_text &&
         a.quantity.value == b.quantity.value && a.quantity.kind == b.quantity.kind && a.name == b.name &&
         a.level == b.level && a.anchor == b.anchor;
}

bool operator==(const Protocol& a, const Protocol& b) {
  return a.title == b.title && a.id == b.id && a.version == b.version && a.status == b.status &&
         a.reviews == b.reviews && a.sources == b.sources && a.gaps == b.gaps && a.facts == b.facts &&
         a.judgements == b.judgements && a.parameters == b.parameters && a.definitions == b.definitions &&
         a.common == b.common && a.strategies == b.strategies && a.claims == b.claims && a.order == b.order &&
         a.closing_comments == b.closing_comments;
}

const FactDeclaration* Protocol::find_fact(std::string_view wanted) const {
  return find_named(facts, wanted, &FactDeclaration::name);
}
const Judgement* Protocol::find_judgement(std::string_view wanted) const {
  return find_named(judgements, wanted, &Judgement::name);
}
const Parameter* Protocol::find_parameter(std::string_view wanted) const {
  return find_named(parameters, wanted, &Parameter::name);
}
const Definition* Protocol::find_definition(std::string_view wanted) const {
  return find_named(definitions, wanted, &Definition::name);
}
const Source* Protocol::find_source(std::string_view wanted) const {
  return find_named(sources, wanted, &Source::id);
}

}  // namespace graftline::protocol
