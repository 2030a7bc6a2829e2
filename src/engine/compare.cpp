#include "engine/compare.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/decimal.h"
#include "core/unit.h"
#include "engine/operators.h"
#include "protocol/parse.h"
#include "record/facts.h"

namespace graftline::engine {
namespace {

using protocol::Op;
using protocol::Operand;
using record::FactType;
using record::Member;
using record::Pick;

// A value to compare: its range and why that range is wide, or why there is none.
struct Value {
  std::optional<Range> range;
  ReasonSet reasons;
  std::string text;
};

Value no_value(ReasonSet reasons) { return {std::nullopt, reasons, {}}; }

Range scaled(Range range, const Rational& factor) {
  if (range.low) *range.low *= factor;
  if (range.high) *range.high *= factor;
  return range;
}

MolarMass molar_mass_of(const record::Fact& row) {
  if (row.molar_mass.empty()) return std::nullopt;
  auto mass = parse_decimal(row.molar_mass);
  ensure(static_cast<bool>(mass), "the catalogue's molar masses are decimals");
  return *mass;
}

// The unit in which a comparison is made, when it is made in one.
struct Scale {
  const Unit* unit = nullptr;
  const record::Fact* row = nullptr;
};

Value value_of(const Quantity& quantity, const Scale& scale) {
  const auto range = range_in(quantity, *scale.unit, scale.row->kind, molar_mass_of(*scale.row));
  if (!range) return no_value(Reason::not_convertible);
  return {*range, Reason::comparator, to_text(quantity)};
}

Value value_of(const Member& member, const Scale& scale) {
  if (!member.reasons.empty() && !member.range && std::holds_alternative<std::monostate>(member.value)) {
    return no_value(member.reasons);
  }
  if (member.range) {
    Range range = *member.range;
    if (scale.unit != nullptr && member.unit != scale.unit->code) {
      const auto from = parse_unit(member.unit);
      if (!from) return no_value(Reason::not_convertible);
      for (auto* end : {&range.low, &range.high}) {
        if (!*end) continue;
        auto converted = convert(**end, *from, *scale.unit);
        if (!converted) return no_value(Reason::not_convertible);
        *end = *converted;
      }
    }
    std::string text = range.is_point() ? to_text(*range.low, 4)
                                        : fmt::format("{} to {}", range.low ? to_text(*range.low, 4) : "?",
                                                      range.high ? to_text(*range.high, 4) : "?");
    if (!member.unit.empty()) text += " " + (scale.unit != nullptr ? scale.unit->code : member.unit);
    return {range, member.reasons.empty() ? ReasonSet(Reason::imprecise_date) : member.reasons, text};
  }
  if (const auto* level = std::get_if<record::Level>(&member.value)) {
    const auto words = record::levels_of(*scale.row);
    std::string text(words.at(static_cast<std::size_t>(level->low)));
    if (level->low != level->high) text = "at least " + text;
    return {Range{Rational(level->low), Rational(level->high), false, false},
            member.reasons.empty() ? ReasonSet(Reason::never_measured) : member.reasons, text};
  }
  if (const auto* quantity = std::get_if<Quantity>(&member.value);
      quantity != nullptr && scale.unit != nullptr) {
    return value_of(*quantity, scale);
  }
  return no_value(member.reasons.empty() ? ReasonSet(Reason::unreadable) : member.reasons);
}

// A number with an optional unit, as a site writes a parameter or an upper limit: "40 U/L", "28", "3e5
// CD3/kg".
Result<Quantity> read_setting(std::string_view text, std::string_view default_unit) {
  const std::size_t blank = text.find(' ');
  std::string_view unit_text = blank == std::string_view::npos ? default_unit : text.substr(blank + 1);
  while (!unit_text.empty() && unit_text.front() == ' ') unit_text.remove_prefix(1);
  if (unit_text == "days" || unit_text == "day") unit_text = "d";
  if (unit_text.empty()) unit_text = "1";
  auto unit = parse_unit(unit_text);
  if (!unit) return unit.error();
  return parse_quantity(text.substr(0, blank), *unit, Kind::none);
}

Value limit_from_parameter(const Side& side, const Operand& operand, const Scale& scale, Node& node) {
  if (!side.parameter_value) {
    node.missing.push_back(operand.name);
    return no_value(Reason::parameter_not_set);
  }
  if (side.parameter->type == protocol::ParameterType::word) {
    const auto level = record::level_of(*scale.row, *side.parameter_value);
    if (!level) return no_value(Reason::unreadable);
    return {Range::exactly(*level), {}, *side.parameter_value};
  }
  if (side.parameter->type == protocol::ParameterType::duration) {
    const auto duration = protocol::parse_duration(*side.parameter_value);
    const bool is_days = duration && duration->unit != protocol::TimeUnit::hours &&
                         duration->unit != protocol::TimeUnit::calendar_months;
    if (!is_days) return no_value(Reason::unreadable);
    return {Range::exactly(in_days(*duration)), {}, *side.parameter_value};
  }
  auto quantity = read_setting(*side.parameter_value, side.parameter->unit);
  if (!quantity) return no_value(Reason::unreadable);
  if (scale.unit == nullptr || side.parameter->type != protocol::ParameterType::quantity) {
    return {Range::exactly(to_rational(quantity->value)), {}, *side.parameter_value};
  }
  quantity->kind = scale.row->kind;
  return value_of(*quantity, scale);
}

// Upper limit of the very value it is compared with, else of the site, else unknown: never a textbook's.
Value upper_limit_for(const Member& member, const Comparison& comparison, const Scale& scale, Node& node) {
  for (const record::Entry* entry : member.evidence) {
    if (entry->upper_limit) return value_of(*entry->upper_limit, scale);
  }
  if (!comparison.site_upper_limit) return no_value(Reason::no_reference_range);
  auto site = read_setting(comparison.site_upper_limit->value, scale.row->unit);
  if (!site) return no_value(Reason::unreadable);
  site->kind = scale.row->kind;
  node.assumptions.push_back(fmt::format("upper limit of {} taken as {} ({}), since the report gives none",
                                         scale.row->phrase, comparison.site_upper_limit->value,
                                         comparison.site_upper_limit->origin));
  return value_of(*site, scale);
}

std::string op_words(Op op) { return std::string(protocol::symbol(op)); }

void describe(const Value& subject, const Value& limit, const Comparison& comparison, Node& node) {
  if (!node.margin.empty() || !subject.range || !limit.range) return;
  const auto& factor = comparison.limit_operand.factor;
  if (comparison.limit_operand.form == Operand::Form::upper_limit) {
    if (!subject.range->is_point() || !limit.range->is_point() || *limit.range->low == 0) return;
    const Rational one = factor ? to_rational(*factor) : Rational(1);
    const Rational upper = *limit.range->low / one;
    node.margin =
        fmt::format("{} x upper limit, asked: {} {} x", to_text(Rational(*subject.range->low / upper), 3),
                    op_words(comparison.op), factor ? to_canonical(*factor) : "1");
    return;
  }
  node.margin = fmt::format("{}, asked: {} {}", subject.text, op_words(comparison.op), limit.text);
}

// A literal that days, or a number of infusions, are held against.
Value days_or_count(const Operand& limit) {
  Rational number = to_rational(limit.quantity.value);
  const auto days = parse_unit("d");
  if (days && comparable(limit.quantity.unit, *days)) {
    if (const auto converted = convert(number, limit.quantity.unit, *days)) number = *converted;
  }
  return {Range::exactly(number), {}, limit.quantity_text};
}

// A literal, a level or a parameter that a fact is held against.
Value same_for_all(const Comparison& comparison, const Scale& scale, Node& node) {
  const Operand& limit = comparison.limit_operand;
  switch (limit.form) {
    case Operand::Form::literal: {
      if (scale.unit == nullptr) return no_value(Reason::unreadable);
      Quantity quantity = limit.quantity;
      quantity.kind = scale.row->kind;
      Value value = value_of(quantity, scale);
      value.text = limit.quantity_text.empty() ? value.text : limit.quantity_text;
      return value;
    }
    case Operand::Form::level:
      return {Range::exactly(limit.level), {}, limit.name};
    case Operand::Form::parameter:
      return limit_from_parameter(comparison.limit, limit, scale, node);
    default:
      return no_value(Reason::unreadable);
  }
}

void judge_days_or_count(const Comparison& comparison, Node& node) {
  const Side& side = comparison.subject;
  if (!side.range && side.reasons == ReasonSet(Reason::not_applicable)) {
    // No infusion yet: longer ago than any number of days.
    node.answer = answer(comparison.op == Op::greater || comparison.op == Op::greater_or_equal ||
                         comparison.op == Op::not_equal);
    return;
  }
  if (!side.range) {
    node.answer = unknown(side.reasons);
    return;
  }
  const Operand& limit = comparison.limit_operand;
  Value bound;
  if (limit.form == Operand::Form::parameter) {
    bound = limit_from_parameter(comparison.limit, limit, {}, node);
  } else if (limit.form == Operand::Form::literal) {
    bound = days_or_count(limit);
  } else if (comparison.limit.range) {
    bound = {comparison.limit.range, comparison.limit.reasons, "days"};
  } else {
    bound = no_value(comparison.limit.reasons);
  }
  if (!bound.range) {
    node.answer = unknown(bound.reasons);
    return;
  }
  if (limit.factor) bound.range = scaled(*bound.range, to_rational(*limit.factor));
  node.answer = comparing(comparison.op).one(*side.range, *bound.range, side.reasons | bound.reasons);
  const bool is_days = comparison.subject_operand.form == Operand::Form::days_since;
  const std::string value = side.range->is_point()
                                ? to_text(*side.range->low, 9)
                                : to_text(*side.range->low, 9) + " to " + to_text(*side.range->high, 9);
  node.margin =
      fmt::format("{}{}, asked: {} {}", value, is_days ? " days" : "", op_words(comparison.op), bound.text);
}

// "egfr_equation is ckd_epi_2021", "most > 3": the site's choice itself is asked about.
void judge_parameter(const Comparison& comparison, Node& node) {
  const Side& side = comparison.subject;
  const Operand& limit = comparison.limit_operand;
  if (!side.parameter_value) {
    node.answer = unknown(Reason::parameter_not_set);
    node.missing.push_back(side.parameter->name);
    return;
  }
  node.margin = fmt::format("{} = {}", side.parameter->name, *side.parameter_value);
  if (limit.form == Operand::Form::level) {
    const bool same = *side.parameter_value == limit.name;
    node.answer = answer(same == (comparison.op == Op::equal));
    return;
  }
  const Value subject = limit_from_parameter(side, comparison.subject_operand, {}, node);
  Value bound;
  if (limit.form == Operand::Form::parameter) {
    bound = limit_from_parameter(comparison.limit, limit, {}, node);
  } else {
    bound = {Range::exactly(to_rational(limit.quantity.value)), {}, limit.quantity_text};
  }
  if (!subject.range || !bound.range) {
    node.answer = unknown(subject.reasons | bound.reasons);
    return;
  }
  const auto times = [](const Range& range, const Operand& operand) {
    return operand.factor ? scaled(range, to_rational(*operand.factor)) : range;
  };
  node.answer = comparing(comparison.op)
                    .one(times(*subject.range, comparison.subject_operand), times(*bound.range, limit), {});
}

}  // namespace

Answer quantify(Op op, const record::Reading& reading, const std::vector<Answer>& answers) {
  const bool upward = comparing(op).is_upward;
  if (reading.members.empty()) {
    // Asked since an infusion that was never given: nothing has happened since, none is above, all are below.
    if (reading.reasons == ReasonSet(Reason::not_applicable))
      return answer(op == Op::less || op == Op::less_or_equal);
    return unknown(reading.reasons);
  }
  const auto exists = [&] {
    Answer any = answer(false);
    for (std::size_t i = 0; i < answers.size(); ++i) any = any | (answers[i] & reading.members[i].in_window);
    return any.truth == Truth::no && reading.window_is_open ? unknown(Reason::window_open) : any;
  };
  const auto for_all = [&] {
    Answer all = answer(true);
    for (std::size_t i = 0; i < answers.size(); ++i) all = all & (answers[i] | !reading.members[i].in_window);
    return all.truth == Truth::yes && reading.window_is_open ? unknown(Reason::window_open) : all;
  };
  switch (reading.pick) {
    case Pick::any:
      return exists();
    case Pick::worst:
      return upward ? exists() : for_all();
    case Pick::best:
      return upward ? for_all() : exists();
    default:
      break;
  }
  for (const Answer& member : answers) {
    if (member.truth != answers.front().truth) return unknown(Reason::conflicting);
  }
  // A reading that conflicts or may not be the latest still answers when every candidate says the same.
  if (answers.size() == 1 && !reading.reasons.empty())
    return unknown(reading.reasons | answers.front().reasons);
  return answers.front();
}

Answer in_set(const record::Reading& reading, const std::vector<int>& levels) {
  std::vector<Answer> answers;
  for (const Member& member : reading.members) {
    const auto* level = std::get_if<record::Level>(&member.value);
    if (level == nullptr) {
      answers.push_back(unknown(member.reasons.empty() ? ReasonSet(Reason::unreadable) : member.reasons));
      continue;
    }
    int inside = 0;
    for (int candidate = level->low; candidate <= level->high; ++candidate) {
      inside += std::find(levels.begin(), levels.end(), candidate) != levels.end() ? 1 : 0;
    }
    if (inside == 0 || inside == level->high - level->low + 1) {
      answers.push_back(answer(inside != 0));
    } else {
      answers.push_back(unknown(Reason::unreadable));
    }
  }
  record::Reading each = reading;
  if (each.pick == Pick::worst || each.pick == Pick::best) each.pick = Pick::any;
  return quantify(Op::equal, each, answers);
}

namespace {

// A result of which the laboratory itself says that it tells nothing: neither of the words asked for, nor
// certainly another.
bool tells_nothing(const Member& member, const record::Fact& row, const Operand& limit) {
  const auto* level = std::get_if<record::Level>(&member.value);
  if (level == nullptr || level->low != level->high || limit.form != Operand::Form::level) return false;
  const std::string_view word = record::levels_of(row).at(static_cast<std::size_t>(level->low));
  return (word == "indeterminate" || word == "not_evaluable") && limit.name != word;
}

// Which side a comparison is about.
int rank_as_subject(const Operand& operand) {
  switch (operand.form) {
    case Operand::Form::fact:
      return 3;
    case Operand::Form::days_since:
    case Operand::Form::infusions:
      return 2;
    case Operand::Form::parameter:
      return 1;
    default:
      return 0;
  }
}

}  // namespace

Sides sides_of(const protocol::Expr& expr) {
  // The fact, days or count being judged is the subject; what it is held against is the limit.
  const bool swapped = rank_as_subject(expr.right) > rank_as_subject(expr.left);
  if (swapped) return {&expr.right, &expr.left, comparing(expr.op).mirrored};
  return {&expr.left, &expr.right, expr.op};
}

Unit unit_of_comparison(const record::Fact& row, const Operand& limit) {
  if (limit.form == Operand::Form::literal) return limit.quantity.unit;
  auto canonical = parse_unit(row.unit.empty() ? "1" : row.unit);
  ensure(static_cast<bool>(canonical), "the catalogue's units are UCUM");
  return *canonical;
}

std::optional<Range> fixed_limit(const Comparison& comparison) {
  const Operand& limit = comparison.limit_operand;
  Node unused;
  Value bound;
  if (comparison.subject.fact == nullptr) {
    if (limit.form == Operand::Form::parameter) {
      bound = limit_from_parameter(comparison.limit, limit, {}, unused);
    } else if (limit.form == Operand::Form::literal) {
      bound = days_or_count(limit);
    }
  } else {
    const record::Fact& row = record::fact(comparison.subject.fact->fact);
    const Unit unit = unit_of_comparison(row, limit);
    const Scale scale{row.type == FactType::quantity ? &unit : nullptr, &row};
    bound = same_for_all(comparison, scale, unused);
  }
  if (!bound.range) return std::nullopt;
  return limit.factor ? scaled(*bound.range, to_rational(*limit.factor)) : *bound.range;
}

std::optional<Range> site_limit(const Comparison& comparison) {
  const record::Fact& row = record::fact(comparison.subject.fact->fact);
  const Unit unit = unit_of_comparison(row, comparison.limit_operand);
  Node unused;
  return upper_limit_for({}, comparison, {&unit, &row}, unused).range;
}

void judge(const Comparison& comparison, Node& node) {
  if (comparison.subject.parameter != nullptr) {
    judge_parameter(comparison, node);
    return;
  }
  if (comparison.subject.fact == nullptr) {
    judge_days_or_count(comparison, node);
    return;
  }
  const protocol::FactDeclaration& declared = *comparison.subject.fact;
  const record::Fact& row = record::fact(declared.fact);
  const Operand& limit = comparison.limit_operand;

  const Unit unit = unit_of_comparison(row, limit);
  const Scale scale{row.type == FactType::quantity ? &unit : nullptr, &row};

  record::Reading reading = comparison.subject.reading;
  const record::Absence absence = declared.absence.value_or(row.absence);
  if (reading.members.empty() && absence == record::Absence::no && row.type == FactType::ordinal &&
      reading.reasons == ReasonSet(Reason::never_measured)) {
    Member lowest;
    lowest.value = record::Level{0, 0};
    reading.members.push_back(lowest);
    reading.reasons = {};
    node.assumptions.push_back(
        fmt::format("no record of {} counts as {}", row.phrase, record::levels_of(row).front()));
  }

  const auto limit_for = [&](const Member& member) -> Value {
    switch (limit.form) {
      case Operand::Form::literal:
      case Operand::Form::level:
      case Operand::Form::parameter:
        return same_for_all(comparison, scale, node);
      case Operand::Form::upper_limit:
        return upper_limit_for(member, comparison, scale, node);
      case Operand::Form::fact: {
        const record::Reading& other = comparison.limit.reading;
        if (other.members.size() != 1 || !other.reasons.empty()) {
          return no_value(other.reasons.empty() ? ReasonSet(Reason::conflicting) : other.reasons);
        }
        return value_of(other.members.front(), scale);
      }
      default:
        return comparison.limit.range ? Value{comparison.limit.range, comparison.limit.reasons, "days"}
                                      : no_value(comparison.limit.reasons);
    }
  };

  const auto judge_all = [&](Op op) {
    std::vector<Answer> answers;
    for (const Member& member : reading.members) {
      if (tells_nothing(member, row, limit)) {
        answers.push_back(unknown(Reason::unreadable));
        continue;
      }
      Value subject = value_of(member, scale);
      Value bound = limit_for(member);
      if (!subject.range || !bound.range) {
        // Of a value that cannot be used it does not matter what its limit would have been.
        answers.push_back(unknown(subject.range ? bound.reasons : subject.reasons));
        continue;
      }
      if (limit.factor) bound.range = scaled(*bound.range, to_rational(*limit.factor));
      if (comparison.subject_operand.factor) {
        subject.range = scaled(*subject.range, to_rational(*comparison.subject_operand.factor));
      }
      answers.push_back(comparing(op).one(*subject.range, *bound.range, subject.reasons | bound.reasons));
      describe(subject, bound, comparison, node);
    }
    return quantify(op, reading, answers);
  };
  const bool extreme = reading.pick == Pick::worst || reading.pick == Pick::best;
  if (extreme && (comparison.op == Op::equal || comparison.op == Op::not_equal)) {
    // "the worst is II": one reaches it and none exceeds it.
    const Answer is_extreme = judge_all(Op::greater_or_equal) & judge_all(Op::less_or_equal);
    node.answer = comparison.op == Op::equal ? is_extreme : !is_extreme;
    return;
  }
  node.answer = judge_all(comparison.op);
}

}  // namespace graftline::engine
