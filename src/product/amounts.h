#pragma once
// Exact amounts whose unit is their type: millilitres do not add to kilograms, and a bare number is no dose.
// Which cells were counted is a value (core/kind.h), since a protocol says it at run time; functions refuse
// kinds that differ.

#include <compare>
#include <utility>

#include "core/rational.h"

namespace graftline::product {

template <class Unit> class Amount {
 public:
  Amount() = default;
  explicit Amount(Rational value) : value_(std::move(value)) {}
  const Rational& value() const { return value_; }

  friend bool operator==(const Amount& a, const Amount& b) { return a.value_ == b.value_; }
  friend std::strong_ordering operator<=>(const Amount& a, const Amount& b) {
    return a.value_.compare(b.value_) <=> 0;
  }
  friend Amount operator+(const Amount& a, const Amount& b) { return Amount(Rational(a.value_ + b.value_)); }
  friend Amount operator-(const Amount& a, const Amount& b) { return Amount(Rational(a.value_ - b.value_)); }
  Amount& operator+=(const Amount& other) {
    value_ += other.value_;
    return *this;
  }
  Amount& operator-=(const Amount& other) {
    value_ -= other.value_;
    return *this;
  }

 private:
  Rational value_ = 0;
};

using Kilograms =
    Amount<struct Kilogram>;  // actual weight of the recipient, or of the donor where it is said
using Millilitres = Amount<struct Millilitre>;
using Grams = Amount<struct Gram>;
using Hours = Amount<struct Hour>;
using Fraction = Amount<struct One>;  // 0.7, not 70
using Cells = Amount<struct Cell>;
using CellsPerKg = Amount<struct CellPerKilogram>;
using CellsPerMl = Amount<struct CellPerMillilitre>;
using GramsPerKg = Amount<struct GramPerKilogram>;

inline Fraction percent(const Rational& value) { return Fraction(Rational(value / 100)); }

template <class Unit> Amount<Unit> operator*(const Amount<Unit>& a, const Fraction& share) {
  return Amount<Unit>(Rational(a.value() * share.value()));
}
template <class Unit> Amount<Unit> operator/(const Amount<Unit>& a, const Fraction& share) {
  return Amount<Unit>(Rational(a.value() / share.value()));
}
inline Cells operator*(const CellsPerKg& dose, const Kilograms& weight) {
  return Cells(Rational(dose.value() * weight.value()));
}
inline Cells operator*(const CellsPerMl& count, const Millilitres& volume) {
  return Cells(Rational(count.value() * volume.value()));
}
inline Millilitres operator/(const Cells& cells, const CellsPerMl& count) {
  return Millilitres(Rational(cells.value() / count.value()));
}
inline CellsPerKg operator/(const Cells& cells, const Kilograms& weight) {
  return CellsPerKg(Rational(cells.value() / weight.value()));
}
inline CellsPerMl operator/(const Cells& cells, const Millilitres& volume) {
  return CellsPerMl(Rational(cells.value() / volume.value()));
}
inline GramsPerKg operator/(const Grams& mass, const Kilograms& weight) {
  return GramsPerKg(Rational(mass.value() / weight.value()));
}
template <class Unit> Fraction ratio(const Amount<Unit>& a, const Amount<Unit>& b) {
  return Fraction(Rational(a.value() / b.value()));
}

}  // namespace graftline::product
