#pragma once
// Formulas over numbers and truths, and whether they can hold together. Z3 stays behind this header.

#include <memory>
#include <string>
#include <vector>

#include "core/rational.h"
#include "protocol/protocol.h"
#include "verify/work.h"

namespace graftline::verify {

struct Formula {
  int index = 0;
};
struct Number {
  int index = 0;
};

// unsettled: the work was used up, or the question is too hard. Never counted as either.
enum class Possible : unsigned char { yes, no, unsettled };

class Solver {
 public:
  explicit Solver(Work& work);
  ~Solver();
  Solver(const Solver&) = delete;
  Solver& operator=(const Solver&) = delete;

  Formula truth(bool value);
  Formula variable(const std::string& name);  // the same name is the same variable
  Formula all_of(const std::vector<Formula>& parts);
  Formula any_of(const std::vector<Formula>& parts);
  Formula at_least(int count, const std::vector<Formula>& parts);
  Formula negation(Formula f);
  Formula both(Formula a, Formula b) { return all_of({a, b}); }
  Formula either(Formula a, Formula b) { return any_of({a, b}); }
  Formula differ(Formula a, Formula b);

  Number number(const Rational& value);
  Number real(const std::string& name);
  Number integer(const std::string& name);
  Number scaled(const Rational& factor, Number n);
  Number sum(Number a, Number b);
  Formula compare(protocol::Op op, Number a, Number b);

  // What holds in every question from now on.
  void assume(Formula f);

  Possible possible(const std::vector<Formula>& together);
  // After an answer "no": a small set of places in `together` that already exclude each other, by leaving out
  // one after the other.
  std::vector<std::size_t> conflict(const std::vector<Formula>& together);

  std::size_t n_asked() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace graftline::verify
