#include "verify/solver.h"

#include <z3++.h>

#include <algorithm>
#include <unordered_map>

namespace graftline::verify {
namespace {

// Of one question, in Z3's own units. The formulas are small: what takes longer is not worth waiting for.
constexpr std::uint64_t most_units = 10'000'000;

}  // namespace

struct Solver::Inside {
  explicit Inside(Work& all) : work(all), solver(context) {}

  Formula keep(const z3::expr& e) {
    formulas.push_back(e);
    return {static_cast<int>(formulas.size()) - 1};
  }
  Number keep_number(const z3::expr& e) {
    numbers.push_back(e);
    return {static_cast<int>(numbers.size()) - 1};
  }
  const z3::expr& get(Formula f) const { return formulas[static_cast<std::size_t>(f.index)]; }
  const z3::expr& get(Number n) const { return numbers[static_cast<std::size_t>(n.index)]; }
  // What Z3 says it has done since the last question.
  void charge() {
    const z3::stats stats = solver.statistics();
    for (unsigned i = 0; i < stats.size(); ++i) {
      if (stats.key(i) != "rlimit count") continue;
      const std::uint64_t all = stats.is_uint(i) ? stats.uint_value(i) : 0;
      if (all > n_units) work.spend((all - n_units) / steps::solver_units + 1);
      n_units = all;
    }
  }
  z3::expr_vector vector(const std::vector<Formula>& parts) {
    z3::expr_vector all(context);
    for (const Formula part : parts) all.push_back(get(part));
    return all;
  }

  Work& work;
  z3::context context;
  z3::solver solver;
  std::vector<z3::expr> formulas;
  std::vector<z3::expr> numbers;
  std::unordered_map<std::string, Formula> truths_by_name;
  std::unordered_map<std::string, Number> numbers_by_name;
  std::size_t n_asked = 0;
  std::uint64_t n_units = 0;
};

Solver::Solver(Work& work) : inside_(std::make_unique<Inside>(work)) {}
Solver::~Solver() = default;

Formula Solver::truth(bool value) { return inside_->keep(inside_->context.bool_val(value)); }

Formula Solver::variable(const std::string& name) {
  const auto [at, is_new] = inside_->truths_by_name.try_emplace(name);
  if (is_new) at->second = inside_->keep(inside_->context.bool_const(name.c_str()));
  return at->second;
}

Formula Solver::all_of(const std::vector<Formula>& parts) {
  if (parts.empty()) return truth(true);
  return parts.size() == 1 ? parts.front() : inside_->keep(z3::mk_and(inside_->vector(parts)));
}

Formula Solver::any_of(const std::vector<Formula>& parts) {
  if (parts.empty()) return truth(false);
  return parts.size() == 1 ? parts.front() : inside_->keep(z3::mk_or(inside_->vector(parts)));
}

Formula Solver::at_least(int count, const std::vector<Formula>& parts) {
  if (count <= 0) return truth(true);
  if (count > static_cast<int>(parts.size())) return truth(false);
  return inside_->keep(z3::atleast(inside_->vector(parts), static_cast<unsigned>(count)));
}

Formula Solver::negation(Formula f) { return inside_->keep(!inside_->get(f)); }

Formula Solver::differ(Formula a, Formula b) { return inside_->keep(inside_->get(a) != inside_->get(b)); }

Number Solver::number(const Rational& value) {
  const std::string text = numerator(value).str() + "/" + denominator(value).str();
  return inside_->keep_number(inside_->context.real_val(text.c_str()));
}

Number Solver::real(const std::string& name) {
  const auto [at, is_new] = inside_->numbers_by_name.try_emplace(name);
  if (is_new) at->second = inside_->keep_number(inside_->context.real_const(name.c_str()));
  return at->second;
}

Number Solver::integer(const std::string& name) {
  const auto [at, is_new] = inside_->numbers_by_name.try_emplace(name);
  if (is_new) at->second = inside_->keep_number(z3::to_real(inside_->context.int_const(name.c_str())));
  return at->second;
}

Number Solver::scaled(const Rational& factor, Number n) {
  const Number by = number(factor);
  return inside_->keep_number(inside_->get(by) * inside_->get(n));
}

Number Solver::sum(Number a, Number b) { return inside_->keep_number(inside_->get(a) + inside_->get(b)); }

Formula Solver::compare(protocol::Op op, Number a, Number b) {
  const z3::expr& left = inside_->get(a);
  const z3::expr& right = inside_->get(b);
  switch (op) {
    case protocol::Op::less:
      return inside_->keep(left < right);
    case protocol::Op::less_or_equal:
      return inside_->keep(left <= right);
    case protocol::Op::equal:
      return inside_->keep(left == right);
    case protocol::Op::not_equal:
      return inside_->keep(left != right);
    case protocol::Op::greater_or_equal:
      return inside_->keep(left >= right);
    case protocol::Op::greater:
      return inside_->keep(left > right);
  }
  return truth(false);
}

void Solver::assume(Formula f) { inside_->solver.add(inside_->get(f)); }

Possible Solver::possible(const std::vector<Formula>& together) {
  if (inside_->work.is_over()) return Possible::unsettled;
  ++inside_->n_asked;
  const std::uint64_t units = std::min(most_units, inside_->work.left() * steps::solver_units + 1);
  z3::params limits(inside_->context);
  limits.set("rlimit", static_cast<unsigned>(units));
  inside_->solver.set(limits);
  inside_->solver.push();
  for (const Formula f : together) inside_->solver.add(inside_->get(f));
  z3::check_result result = z3::unknown;
  try {
    result = inside_->solver.check();
  } catch (const z3::exception&) {  // the only file that meets it: out of memory or work
    result = z3::unknown;
  }
  inside_->solver.pop();
  inside_->charge();
  if (result == z3::unknown) return Possible::unsettled;
  return result == z3::sat ? Possible::yes : Possible::no;
}

std::vector<std::size_t> Solver::conflict(const std::vector<Formula>& together) {
  std::vector<std::size_t> kept(together.size());
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i] = i;
  for (std::size_t i = kept.size(); i-- > 0;) {
    std::vector<Formula> rest;
    for (std::size_t j = 0; j < kept.size(); ++j) {
      if (j != i) rest.push_back(together[kept[j]]);
    }
    if (possible(rest) == Possible::no) kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return kept;
}

std::size_t Solver::n_asked() const { return inside_->n_asked; }

}  // namespace graftline::verify
