#pragma once
// The UCUM unit table as published (third_party/ucum/ucum-essence.xml, carried inside the program): symbols
// and their definitions as text. What a symbol means is worked out in unit.cpp.

#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/rational.h"

namespace graftline::ucum {

struct Prefix {
  std::string_view code;  // "m"
  std::string_view name;  // "milli"
  Rational factor;
};

// A unit symbol. Its definition is `value` x `unit`; a special unit is `function`(value x unit); a base unit
// has none.
struct Atom {
  std::string_view code;  // "mol", "[in_i]", "B[10.nV]"
  std::string_view name;  // "mole"
  std::string_view value;
  std::string_view unit;
  std::string_view function;  // "Cel", "lg", ...; empty for units on a ratio scale
  int base = -1;              // which base unit, in the order of Dimension; -1 for derived units
  int row = 0;                // its place in atoms()
  bool is_metric = false;     // takes prefixes
  bool is_arbitrary = false;
};

class Table {
 public:
  Table();
  const Atom* atom(std::string_view code) const;  // null when there is none
  const Prefix* prefix(std::string_view code) const;
  const std::vector<Atom>& atoms() const { return atoms_; }
  const std::vector<Prefix>& prefixes() const { return prefixes_; }

 private:
  std::vector<Atom> atoms_;
  std::vector<Prefix> prefixes_;
  std::unordered_map<std::string_view, int> atom_rows_;
  std::unordered_map<std::string_view, int> prefix_rows_;
};

// Read on first use, once for the program; safe from any thread.
const Table& table();

}  // namespace graftline::ucum
