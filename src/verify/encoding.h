#pragma once
// Conditions as formulas. A condition becomes a pair: when it is certainly yes, when it is certainly no. Each
// fact is a pair too, whether it is known and its value, so "unknown" follows from the formulas themselves.

#include <map>
#include <string>

#include "protocol/protocol.h"
#include "verify/solver.h"

namespace graftline::verify {

struct Truths {
  Formula yes;
  Formula no;
};

class Encoding {
 public:
  Encoding(const protocol::Protocol& protocol, Solver& solver);

  Truths of(const protocol::Expr& expr);
  Truths today_in(const protocol::Window& window);

  // Days and infusions are other variables at another moment; facts stay the same.
  void at_moment(int moment) { moment_ = moment; }
  // "is known" asks something of its own, whatever the fact: shows what contradicts itself by it alone.
  void free_known(bool on) {
    free_known_ = on;
    definitions_.clear();
  }
  // Every fact, judgement and parameter met so far is known.
  Formula everything_known();

 private:
  struct Side {  // of a comparison
    Number value;
    Formula known;
    bool since_no_infusion = false;  // before the first infusion: longer ago than any number of days
  };

  Truths decided(Formula known, Formula holds);
  Truths opaque(const std::string& name);
  Formula known_of(const std::string& name);
  std::string name_of(const protocol::FactDeclaration& fact) const;
  std::string timed(const std::string& name) const;
  Number infusions();
  Side days_since(const protocol::Anchor& anchor);
  Number offset_of(const protocol::Anchor& anchor);
  Formula reached(const protocol::Anchor& anchor, protocol::Op op);
  Side fact_value(const protocol::FactDeclaration& fact);
  bool side(const protocol::Operand& operand, const protocol::Operand& other, Side& filled);
  Truths comparison(const protocol::Expr& expr);
  Truths membership(const protocol::Expr& expr);
  Truths named(const protocol::Expr& expr);
  Truths at_least(const protocol::Expr& expr);

  const protocol::Protocol& protocol_;
  Solver& solver_;
  int moment_ = 0;
  bool free_known_ = false;
  std::map<std::string, Formula> known_;
  std::map<std::string, Truths> definitions_;
  std::map<std::string, bool> bounded_;  // variables whose limits were assumed
};

}  // namespace graftline::verify
