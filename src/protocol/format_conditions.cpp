// Conditions, anchors, windows and amounts back to text.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "protocol/format.h"
#include "protocol/lexer.h"
#include "protocol/units.h"

namespace graftline::protocol {
namespace {

using Base = Anchor::Base;
using Form = Expr::Form;

std::string base_text(const Anchor& anchor) {
  switch (anchor.base) {
    case Base::day_zero:
      return "day 0";
    case Base::today:
      return "today";
    case Base::first_infusion:
      return "first infusion";
    case Base::last_infusion:
      return "last infusion";
    case Base::infusion:
      return fmt::format("infusion {}", anchor.infusion);
    case Base::event:
      return anchor.event + (anchor.or_today ? " or today" : "");
  }
  return "";
}

bool same_base(const Anchor& a, const Anchor& b) {
  return a.base == b.base && a.infusion == b.infusion && a.event == b.event && a.or_today == b.or_today;
}

// One day before or after its base: what "before" and "after" leave out.
bool is_next_day(const Anchor& anchor, int sign) {
  return anchor.sign == sign && anchor.offset && anchor.offset->count == 1 &&
         anchor.offset->unit == TimeUnit::days;
}

std::string today_text(const Window& window) {
  if (window.first && window.last) {
    return fmt::format("today from {} to {}{}", to_text(*window.first), to_text(*window.last),
                       window.so_far ? " so far" : "");
  }
  if (window.last && is_next_day(*window.last, -1)) return "today before " + base_text(*window.last);
  if (window.last) return "today on or before " + to_text(*window.last);
  if (window.first && is_next_day(*window.first, 1)) return "today after " + base_text(*window.first);
  if (window.first) return "today on or after " + to_text(*window.first);
  return "today from day 0 to day 0";  // no such node is ever parsed
}

// A level as it stands in text: quoted when it would not be read as one word.
std::string level_text(const std::string& level) {
  const bool is_word = !level.empty() && std::ranges::all_of(level, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  return is_word && level != "known" && level != "not" ? level : in_quotes(level);
}

bool is_leaf(const Expr& expr) {
  return expr.form != Form::all && expr.form != Form::any && expr.form != Form::negation;
}

std::string negation_text(const Expr& inner) {
  if (inner.form == Form::known) return inner.name + " is not known";
  const bool stands_alone =
      inner.form == Form::is_true || inner.form == Form::at_least || inner.form == Form::negation;
  return stands_alone ? "not " + to_text(inner) : fmt::format("not ({})", to_text(inner));
}

std::string comparison_text(const Expr& expr) {
  const bool is_word = expr.right.form == Operand::Form::level && !expr.left.factor &&
                       (expr.left.form == Operand::Form::fact || expr.left.form == Operand::Form::parameter);
  if (is_word && expr.op == Op::equal) return fmt::format("{} is {}", expr.left.name, to_text(expr.right));
  if (is_word && expr.op == Op::not_equal)
    return fmt::format("{} is not {}", expr.left.name, to_text(expr.right));
  return fmt::format("{} {} {}", to_text(expr.left), symbol(expr.op), to_text(expr.right));
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  return fmt::format("{}", fmt::join(words, separator));
}

// A child of `and` or `or`.
std::string child_text(const Expr& child, Form parent) {
  const bool binds_tighter =
      is_leaf(child) || child.form == Form::negation || (parent == Form::any && child.form == Form::all);
  return binds_tighter ? to_text(child) : fmt::format("({})", to_text(child));
}

}  // namespace

std::string decimal_text(const Decimal& value) {
  if (value.exponent <= 0 || value.mantissa == 0) return graftline::to_text(value);
  std::string digits = std::to_string(value.mantissa < 0 ? -value.mantissa : value.mantissa);
  const int exponent = value.exponent + static_cast<int>(digits.size()) - 1;
  if (digits.size() > 1) digits.insert(1, ".");
  return fmt::format("{}{}e{}", value.mantissa < 0 ? "-" : "", digits, exponent);
}

std::string range_text(const Duration& from, const Duration& to) {
  if (from == to) return to_text(to);
  if (from.unit == to.unit) return fmt::format("{} to {}", from.count, to_text(to));
  return fmt::format("{} to {}", to_text(from), to_text(to));
}

std::string to_text(const Anchor& anchor) {
  if (!anchor.offset) return base_text(anchor);
  if (anchor.base == Base::day_zero && anchor.offset->unit == TimeUnit::days) {
    return fmt::format("day {}{}", anchor.sign < 0 ? '-' : '+', anchor.offset->count);
  }
  return fmt::format("{} {} {}", to_text(*anchor.offset), anchor.sign < 0 ? "before" : "after",
                     base_text(anchor));
}

std::string to_text(const Window& window) {
  if (window.ever) return "ever";
  if (window.first && window.last) {
    const Anchor& first = *window.first;
    const Anchor& last = *window.last;
    const bool is_within = !window.so_far && !last.offset && first.offset && first.sign < 0 &&
                           same_base(first, last) && first.base != Base::day_zero;
    if (is_within && last.base == Base::today) return "within " + to_text(*first.offset);
    if (is_within) return fmt::format("within {} before {}", to_text(*first.offset), base_text(last));
    return fmt::format("from {} to {}{}", to_text(first), to_text(last), window.so_far ? " so far" : "");
  }
  if (window.first) return "since " + to_text(*window.first);
  if (window.last && is_next_day(*window.last, -1)) return "before " + base_text(*window.last);
  if (window.last) return "until " + to_text(*window.last);
  return "";
}

std::string to_text(const Operand& operand) {
  const std::string factor = operand.factor ? decimal_text(*operand.factor) + " x " : "";
  switch (operand.form) {
    case Operand::Form::literal:
      return operand.quantity_text;
    case Operand::Form::level:
      return level_text(operand.name);
    case Operand::Form::fact:
    case Operand::Form::parameter:
      return factor + operand.name;
    case Operand::Form::upper_limit:
      return factor + "upper limit";
    case Operand::Form::days_since:
      return factor + "days since " + to_text(operand.anchor);
    case Operand::Form::infusions:
      return factor + "number of infusions";
  }
  return "";
}

std::vector<std::string> condition_parts(const Expr& expr) {
  const bool is_list = (expr.form == Form::all || expr.form == Form::any) && expr.children.size() > 1;
  if (!is_list) return {to_text(expr)};
  std::vector<std::string> parts;
  for (const Expr& child : expr.children) {
    std::string text = child_text(child, expr.form);
    parts.push_back(parts.empty() ? std::move(text) : (expr.form == Form::all ? "and " : "or ") + text);
  }
  return parts;
}

std::string to_text(const Expr& expr) {
  switch (expr.form) {
    case Form::all:
    case Form::any:
      if (expr.children.size() == 1) return to_text(expr.children.front());
      return joined(condition_parts(expr), " ");
    case Form::negation:
      return expr.children.empty() ? "not" : negation_text(expr.children.front());
    case Form::at_least: {
      std::vector<std::string> children;
      for (const Expr& child : expr.children) children.push_back(to_text(child));
      return fmt::format("at least {} of ({})", expr.count, joined(children, ", "));
    }
    case Form::comparison:
      return comparison_text(expr);
    case Form::membership: {
      std::vector<std::string> words;
      for (const std::string& word : expr.words) words.push_back(level_text(word));
      return fmt::format("{} in {{{}}}", expr.name, joined(words, ", "));
    }
    case Form::is_true:
      return expr.name;
    case Form::held:
      return fmt::format("{} at {} time{}{}", expr.name, expr.at_no_time ? "no" : "any",
                         expr.window.is_written() ? " " : "", to_text(expr.window));
    case Form::known:
      return expr.name + " is known";
    case Form::today:
      return today_text(expr.window);
  }
  return "";
}

std::string to_text(const Target& target) {
  if (!target.parameter.empty()) return target.parameter;
  const std::string cells = cell_unit_text(target.kind, target.per_kilogram);
  if (target.low == target.high) return fmt::format("{} {}", decimal_text(target.low), cells);
  return fmt::format("{} to {} {}", decimal_text(target.low), decimal_text(target.high), cells);
}

std::string to_text(const Amount& amount) {
  const auto range = [&] {
    if (amount.low == amount.high) return decimal_text(amount.low);
    return fmt::format("{} to {}", decimal_text(amount.low), decimal_text(amount.high));
  };
  switch (amount.form) {
    case Amount::Form::targets: {
      std::vector<std::string> targets;
      for (const Target& target : amount.targets) targets.push_back(to_text(target));
      return joined(targets, " and ");
    }
    case Amount::Form::log_step:
      return fmt::format("previous + {} log", range());
    case Amount::Form::factor:
      return fmt::format("previous x {}", range());
    case Amount::Form::same:
      return "same as previous";
    case Amount::Form::not_stated:
      return "not stated by the source";
  }
  return "";
}

}  // namespace graftline::protocol
