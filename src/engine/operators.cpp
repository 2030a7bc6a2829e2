#include "engine/operators.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace graftline::engine {
namespace {

using protocol::Op;
using Form = protocol::Expr::Form;

Answer not_equal(const Range& left, const Range& right, ReasonSet why) { return !equal(left, right, why); }
Answer greater_or_equal(const Range& left, const Range& right, ReasonSet why) {
  return less_or_equal(right, left, why);
}
Answer greater(const Range& left, const Range& right, ReasonSet why) { return less(right, left, why); }

constexpr std::array<Comparing, 6> comparing_rows{{
    {Op::less, Op::greater, false, less},
    {Op::less_or_equal, Op::greater_or_equal, false, less_or_equal},
    {Op::equal, Op::equal, false, equal},
    {Op::not_equal, Op::not_equal, false, not_equal},
    {Op::greater_or_equal, Op::less_or_equal, true, greater_or_equal},
    {Op::greater, Op::less, true, greater},
}};

Answer all_of(std::span<const Answer> sides, int) {
  Answer result = answer(true);
  for (const Answer& side : sides) result = result & side;
  return result;
}
void all_of_many(std::span<const Planes* const> sides, int, Planes& out) {
  for (std::size_t word = 0; word < out.words(); ++word) {
    out.yes(word) = ~Planes::Word{0};
    out.no(word) = 0;
    for (const Planes* side : sides) {
      out.yes(word) &= side->yes(word);
      out.no(word) |= side->no(word);
    }
  }
}

Answer any_of(std::span<const Answer> sides, int) {
  Answer result = answer(false);
  for (const Answer& side : sides) result = result | side;
  return result;
}
void any_of_many(std::span<const Planes* const> sides, int, Planes& out) {
  for (std::size_t word = 0; word < out.words(); ++word) {
    out.yes(word) = 0;
    out.no(word) = ~Planes::Word{0};
    for (const Planes* side : sides) {
      out.yes(word) |= side->yes(word);
      out.no(word) &= side->no(word);
    }
  }
}

Answer not_of(std::span<const Answer> sides, int) { return !sides.front(); }
void not_of_many(std::span<const Planes* const> sides, int, Planes& out) {
  for (std::size_t word = 0; word < out.words(); ++word) {
    out.yes(word) = sides.front()->no(word);
    out.no(word) = sides.front()->yes(word);
  }
}

Answer at_least_of(std::span<const Answer> sides, int count) {
  int certainly = 0;
  int possibly = 0;
  ReasonSet reasons;
  for (const Answer& side : sides) {
    certainly += side.truth == Truth::yes ? 1 : 0;
    possibly += side.truth != Truth::no ? 1 : 0;
    reasons |= side.reasons;
  }
  if (certainly >= count) return answer(true);
  return possibly < count ? answer(false) : unknown(reasons);
}
void at_least_of_many(std::span<const Planes* const> sides, int count, Planes& out) {
  for (std::size_t row = 0; row < out.rows(); ++row) {
    int certainly = 0;
    int possibly = 0;
    for (const Planes* side : sides) {
      const Truth truth = (*side)[row];
      certainly += truth == Truth::yes ? 1 : 0;
      possibly += truth != Truth::no ? 1 : 0;
    }
    const bool is_open = certainly < count && possibly >= count;
    out.set(row, is_open ? Truth::unknown : truth(certainly >= count));
  }
}

constexpr std::array<Joining, 4> joining_rows{{
    {Form::all, all_of, all_of_many},
    {Form::any, any_of, any_of_many},
    {Form::negation, not_of, not_of_many},
    {Form::at_least, at_least_of, at_least_of_many},
}};

}  // namespace

const Comparing& comparing(Op op) {
  const auto row = std::ranges::find(comparing_rows, op, &Comparing::op);
  if (row == comparing_rows.end()) throw std::logic_error("an operator without a row");
  return *row;
}

const Joining& joining(Form form) {
  const auto row = std::ranges::find(joining_rows, form, &Joining::form);
  if (row == joining_rows.end()) throw std::logic_error("only connectives join conditions");
  return *row;
}

std::span<const Comparing> comparing_operators() { return comparing_rows; }
std::span<const Joining> joining_operators() { return joining_rows; }

}  // namespace graftline::engine
