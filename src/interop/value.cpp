#include "interop/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/decimal.h"

namespace graftline::interop {

using record::Fact;
using record::FactType;
using record::Level;

namespace {

bool is_yes_no(FactType type) {
  return type == FactType::statement || type == FactType::event || type == FactType::course;
}

// Facts counted without a unit: scores and pure numbers. "%" is a unit and must be there.
bool needs_no_unit(const Fact& fact) {
  return fact.unit.empty() || fact.unit == "1" || (fact.unit.front() == '{' && fact.unit.back() == '}');
}

Problem unreadable(std::string detail) {
  return {"value", Reason::unreadable, "value unreadable", std::move(detail)};
}

std::optional<Level> level_between(const Fact& fact, std::string_view low, std::string_view high) {
  const auto a = record::level_of(fact, low);
  const auto b = record::level_of(fact, high);
  if (!a || !b) return std::nullopt;
  return Level{std::min(*a, *b), std::max(*a, *b)};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text = trimmed(text.substr(prefix.size()));
  return true;
}

// Takes "<", "<=", ">=", ">" (or the single-character forms) off the front.
Comparator take_comparator(std::string_view& text) {
  if (take_prefix(text, "<=") || take_prefix(text, "\u2264")) return Comparator::less_or_equal;
  if (take_prefix(text, ">=") || take_prefix(text, "\u2265")) return Comparator::greater_or_equal;
  if (take_prefix(text, "<")) return Comparator::less;
  if (take_prefix(text, ">")) return Comparator::greater;
  return Comparator::none;
}

// whole - part, exactly; nothing when the part is larger or does not fit 18 digits.
std::optional<Decimal> rest_of(std::int64_t whole, const Decimal& part) {
  Decimal scaled = decimal(whole);
  Decimal taken = part;
  const auto shift = [](Decimal& d, std::int32_t exponent) {
    for (; d.exponent > exponent; --d.exponent) {
      if (d.mantissa > 99'999'999'999'999'999 || d.mantissa < 0) return false;
      d.mantissa *= 10;
    }
    return true;
  };
  if (!shift(scaled, std::min(0, part.exponent)) || !shift(taken, scaled.exponent)) return std::nullopt;
  if (taken.mantissa < 0 || taken.mantissa > scaled.mantissa) return std::nullopt;
  return Decimal{scaled.mantissa - taken.mantissa, scaled.exponent};
}

// A level, "II-IV", "II|III", ">=II", "<II".
std::optional<Level> read_level(const Fact& fact, std::string_view text) {
  text = trimmed(text);
  if (const auto level = record::level_of(fact, text)) return Level{*level, *level};
  if (fact.type != FactType::ordinal) {
    // Neighbouring levels that a code does not tell apart: "cml_cp|cml_ap".
    const auto first = text.find('|');
    if (first == text.npos) return std::nullopt;
    return level_between(fact, text.substr(0, first), text.substr(text.rfind('|') + 1));
  }
  const int top = static_cast<int>(record::levels_of(fact).size()) - 1;
  std::string_view rest = text;
  const Comparator comparator = take_comparator(rest);
  if (comparator != Comparator::none) {
    const auto level = record::level_of(fact, rest);
    if (!level) return std::nullopt;
    switch (comparator) {
      case Comparator::less:
        return *level > 0 ? std::optional(Level{0, *level - 1}) : std::nullopt;
      case Comparator::less_or_equal:
        return Level{0, *level};
      case Comparator::greater_or_equal:
        return Level{*level, top};
      case Comparator::greater:
        return *level < top ? std::optional(Level{*level + 1, top}) : std::nullopt;
      case Comparator::none:
        break;
    }
  }
  for (const char separator : {'-', '|'}) {
    const auto at = text.find(separator);
    if (at == text.npos || at == 0) continue;
    if (auto level = level_between(fact, trimmed(text.substr(0, at)),
                                   trimmed(text.substr(text.rfind(separator) + 1)))) {
      return level;
    }
  }
  return std::nullopt;
}

// "detected" and "absent" of a fact whose levels are positive and negative.
std::optional<Level> read_finding(const Fact& fact, std::string_view word) {
  const auto positive = record::level_of(fact, "positive");
  const auto negative = record::level_of(fact, "negative");
  const bool is_a_word = word.find_first_of("0123456789") == word.npos;
  if (!positive || !negative || !is_a_word) return std::nullopt;
  const auto found = yes_or_no(word);
  if (!found) return std::nullopt;
  return *found ? Level{*positive, *positive} : Level{*negative, *negative};
}

}  // namespace

std::optional<bool> yes_or_no(std::string_view word) {
  static constexpr std::array<std::string_view, 9> yes{"yes",     "y",        "true",     "1",   "positive",
                                                       "present", "detected", "reactive", "done"};
  static constexpr std::array<std::string_view, 11> no{"no",           "n",        "false",        "0",
                                                       "negative",     "absent",   "not detected", "none",
                                                       "non-reactive", "not done", "never"};
  const std::string text = folded(word);
  if (std::find(yes.begin(), yes.end(), text) != yes.end()) return true;
  if (std::find(no.begin(), no.end(), text) != no.end()) return false;
  return std::nullopt;
}

const Result<Unit>& ValueReader::parsed(std::string_view code) {
  const auto [at, is_new] = units_.try_emplace(std::string(code), Error{});
  if (is_new) at->second = parse_unit(code);
  return at->second;
}

std::optional<Problem> ValueReader::read_unit(const WrittenUnit& unit, Unit& found) {
  if (unit.empty()) return Problem{"unit", Reason::no_unit, "no unit", "a value without a unit is not read"};
  // A code declared to be UCUM is; a text is an alias of the site first, since "a site's m" may be anything.
  if (!unit.code.empty()) {
    if (const auto& read = parsed(unit.code)) {
      found = *read;
      return std::nullopt;
    }
  }
  for (const std::string_view written : {unit.code, unit.text}) {
    if (written.empty()) continue;
    const std::string_view alias = mapping_->unit_alias(written);
    if (alias.empty()) continue;
    if (const auto& read = parsed(alias)) {
      found = *read;
      return std::nullopt;
    }
  }
  if (unit.code.empty()) {
    if (const auto& read = parsed(unit.text)) {
      found = *read;
      return std::nullopt;
    }
  }
  const std::string_view shown = unit.code.empty() ? unit.text : unit.code;
  return Problem{"unit", Reason::not_convertible, "unit is not UCUM",
                 fmt::format("'{}' is not a UCUM unit and the mapping declares no alias for it", shown)};
}

std::optional<Problem> ValueReader::read_number(const Meaning& meaning, std::string_view number,
                                                Comparator comparator, const WrittenUnit& unit,
                                                record::Value& value) {
  const Fact& fact = record::fact(meaning.fact);
  if (fact.type != FactType::quantity) {
    const std::string word = fmt::format("{}{}", symbol(comparator), number);
    return read_answer(meaning, {{{}, {}, word}}, value);
  }
  number = trimmed(number);
  if (comparator == Comparator::none) comparator = take_comparator(number);
  const auto decimal_read = parse_decimal(number);
  if (!decimal_read) return unreadable(decimal_read.error().message);
  Quantity quantity{*decimal_read, comparator, {}, fact.kind, Viability::unstated};

  WrittenUnit written = unit;
  if (written.empty() && !meaning.unit.empty()) written.code = meaning.unit;
  if (written.empty() && needs_no_unit(fact)) written.code = fact.unit.empty() ? "1" : fact.unit;
  if (auto problem = read_unit(written, quantity.unit)) return problem;

  std::optional<Decimal> molar_mass;
  if (!fact.molar_mass.empty()) {
    if (const auto mass = parse_decimal(fact.molar_mass)) molar_mass = *mass;
  }
  const auto& canonical = parsed(fact.unit.empty() ? "1" : fact.unit);
  ensure(static_cast<bool>(canonical), "every unit of the catalogue is UCUM");
  if (const auto range = range_in(quantity, *canonical, fact.kind, molar_mass); !range) {
    return Problem{
        "unit", Reason::not_convertible, "unit does not convert",
        fmt::format("'{}' does not convert to '{}', the unit of {}", quantity.unit.code, fact.unit, fact.id)};
  }
  if (meaning.is_recipient_share) {
    if (quantity.unit.code != "%" && quantity.unit.code != "1") {
      return Problem{"unit", Reason::not_convertible, "unit does not convert", "a share is in % or 1"};
    }
    const auto rest = rest_of(quantity.unit.code == "%" ? 100 : 1, quantity.value);
    if (!rest) return unreadable("a recipient share is between 0 and 100 %");
    quantity.value = *rest;
    switch (comparator) {
      case Comparator::less:
        quantity.comparator = Comparator::greater;
        break;
      case Comparator::less_or_equal:
        quantity.comparator = Comparator::greater_or_equal;
        break;
      case Comparator::greater_or_equal:
        quantity.comparator = Comparator::less_or_equal;
        break;
      case Comparator::greater:
        quantity.comparator = Comparator::less;
        break;
      case Comparator::none:
        break;
    }
  }
  value = std::move(quantity);
  return std::nullopt;
}

std::optional<Problem> ValueReader::read_answer(const Meaning& meaning,
                                                const std::vector<WrittenAnswer>& answers,
                                                record::Value& value) {
  const Fact& fact = record::fact(meaning.fact);
  const auto understand = [&](std::string_view word, bool is_by_mapping) -> bool {
    if (is_yes_no(fact.type)) {
      if (const auto truth = yes_or_no(word)) value = *truth;
      return yes_or_no(word).has_value();
    }
    if (fact.type == FactType::quantity) {
      // Text is not a measurement, unless the site says which number it stands for ("undetectable" = "0").
      if (!is_by_mapping) return false;
      WrittenUnit unit{meaning.unit.empty() ? fact.unit : std::string_view(meaning.unit), {}};
      return !read_number(meaning, word, Comparator::none, unit, value);
    }
    auto level = read_level(fact, word);
    if (!level) level = read_finding(fact, word);
    if (level) value = *level;
    return level.has_value();
  };

  for (const auto& answer : answers) {
    for (const std::string& key :
         {answer.code.empty() ? std::string() : code_key(mapping_->system(answer.system), answer.code),
          answer.code.empty() ? std::string() : std::string(answer.code), folded(answer.text)}) {
      if (key.empty()) continue;
      const auto mapped = meaning.values.find(key);
      if (mapped != meaning.values.end() && understand(mapped->second, true)) return std::nullopt;
    }
    if (!answer.code.empty()) {
      const std::string_view word = mapping_->answer(answer.system, answer.code);
      if (!word.empty() && understand(word, false)) return std::nullopt;
    }
  }
  for (const auto& answer : answers) {
    if (!answer.text.empty() && understand(answer.text, false)) return std::nullopt;
  }
  for (const auto& answer : answers) {
    // Our own code lists name levels by their words; another system's "2" may mean anything.
    if (!answer.code.empty() && mapping_->system(answer.system) == record::graftline_codes &&
        understand(answer.code, false)) {
      return std::nullopt;
    }
  }
  const bool has_code = !answers.empty() && !answers.front().code.empty();
  return unreadable(
      has_code ? fmt::format("the answer {}|{} is not mapped to a value of {}", answers.front().system,
                             answers.front().code, fact.id)
               : fmt::format("not a value of {}{}", fact.id,
                             fact.levels.empty() ? "" : fmt::format("; expected one of {}", fact.levels)));
}

std::optional<Problem> ValueReader::read_code_itself(const Meaning& meaning, record::Value& value) const {
  const Fact& fact = record::fact(meaning.fact);
  if (is_yes_no(fact.type)) {
    value = true;
    return std::nullopt;
  }
  if (!meaning.level.empty()) {
    if (const auto level = read_level(fact, meaning.level)) {
      value = *level;
      return std::nullopt;
    }
  }
  return unreadable(fmt::format("the code carries no value of {}", fact.id));
}

std::optional<Problem> ValueReader::read_amount(std::string_view number, const WrittenUnit& unit, Kind kind,
                                                Quantity& amount) {
  number = trimmed(number);
  const Comparator comparator = take_comparator(number);
  const auto value = parse_decimal(number);
  if (!value) return unreadable(value.error().message);
  amount = {*value, comparator, {}, kind, Viability::unstated};
  return read_unit(unit, amount.unit);
}

}  // namespace graftline::interop
