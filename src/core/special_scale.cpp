#include "core/special_scale.h"

#include <array>
#include <boost/multiprecision/cpp_dec_float.hpp>

namespace graftline::ucum {
namespace {

// 50 decimal digits: far beyond the 12 figures that are kept, so rounding once at the end is all the error
// there is.
using Float = boost::multiprecision::cpp_dec_float_50;

enum class Shape : unsigned char { shift, logarithm, square_root, tangent };

// shift:      ratio = scale + offset
// logarithm:  ratio = base^(scale / per_decade), per_decade negative where the scale falls as the ratio grows
struct ScaleRow {
  std::string_view function;
  Shape shape = Shape::shift;
  Rational offset = 0;
  int base = 0;
  int per_decade = 1;
  bool in_degrees = false;  // tangent: whether the angle it gives is counted in degrees or in radians
};

const std::array<ScaleRow, 15>& rows() {
  static const std::array<ScaleRow, 15> table{{
      {"Cel", Shape::shift, Rational(27315, 100), 0, 1},
      {"degF", Shape::shift, Rational(45967, 100), 0, 1},
      {"degRe", Shape::shift, Rational(21852, 100), 0, 1},
      {"lg", Shape::logarithm, 0, 10, 1},
      {"lgTimes2", Shape::logarithm, 0, 10, 2},
      {"ld", Shape::logarithm, 0, 2, 1},
      {"ln", Shape::logarithm, 0, 0, 1},  // base e
      {"pH", Shape::logarithm, 0, 10, -1},
      {"hpX", Shape::logarithm, 0, 10, -1},
      {"hpC", Shape::logarithm, 0, 100, -1},
      {"hpM", Shape::logarithm, 0, 1000, -1},
      {"hpQ", Shape::logarithm, 0, 50000, -1},
      {"sqrt", Shape::square_root, 0, 0, 1},
      {"tanTimes100", Shape::tangent, 0, 0, 1},
      {"100tan", Shape::tangent, 0, 0, 1, true},
  }};
  return table;
}

const ScaleRow& row(std::string_view function) {
  for (const ScaleRow& candidate : rows()) {
    if (candidate.function == function) return candidate;
  }
  throw std::logic_error("each function of the UCUM table has a row");
}

Error out_of_scale() {
  return {ErrorKind::out_of_range, "a value has no place on the scale of the other unit"};
}

Float to_float(const Rational& value) {
  return Float(boost::multiprecision::numerator(value)) / Float(boost::multiprecision::denominator(value));
}

Rational to_fraction(const Float& value) {
  auto fraction = parse_rational(value.str(40, std::ios::scientific));
  ensure(static_cast<bool>(fraction), "a floating number of 40 digits reads as a fraction");
  return *fraction;
}

// Beyond these no measured quantity lies, and the digits would fill the memory.
constexpr int max_power = 300;

Result<Rational> exponential(const ScaleRow& scale, const Rational& on_scale) {
  const Rational exponent = on_scale / scale.per_decade;
  if (exponent > max_power || exponent < -max_power) return out_of_scale();
  const bool is_whole = boost::multiprecision::denominator(exponent) == 1;
  if (!is_whole || scale.base == 0) {
    const Float power = to_float(exponent);
    const Float ratio = scale.base == 0 ? exp(power) : pow(Float(scale.base), power);
    return to_fraction(ratio);
  }
  const int times = boost::multiprecision::numerator(exponent).convert_to<int>();
  const boost::multiprecision::cpp_int power = boost::multiprecision::pow(
      boost::multiprecision::cpp_int(scale.base), static_cast<unsigned>(times < 0 ? -times : times));
  return times < 0 ? Rational(1, power) : Rational(power);
}

Result<Rational> logarithm(const ScaleRow& scale, const Rational& ratio) {
  if (ratio <= 0) return out_of_scale();
  const Float natural = log(to_float(ratio));
  return to_fraction((scale.base == 0 ? natural : natural / log(Float(scale.base))) * scale.per_decade);
}

Float per_radian(const ScaleRow& scale) { return scale.in_degrees ? 180 / acos(Float(-1)) : Float(1); }

}  // namespace

bool is_exact(std::string_view function) { return row(function).shape == Shape::shift; }

Result<Rational> to_ratio(std::string_view function, const Rational& on_scale) {
  const ScaleRow& scale = row(function);
  switch (scale.shape) {
    case Shape::shift:
      return Rational(on_scale + scale.offset);
    case Shape::logarithm:
      return exponential(scale, on_scale);
    case Shape::square_root:
      if (on_scale < 0) return out_of_scale();
      return Rational(on_scale * on_scale);
    case Shape::tangent:
      break;
  }
  return to_fraction(atan(to_float(on_scale) / 100) * per_radian(scale));
}

Result<Rational> from_ratio(std::string_view function, const Rational& ratio) {
  const ScaleRow& scale = row(function);
  switch (scale.shape) {
    case Shape::shift:
      return Rational(ratio - scale.offset);
    case Shape::logarithm:
      return logarithm(scale, ratio);
    case Shape::square_root:
      if (ratio < 0) return out_of_scale();
      return to_fraction(sqrt(to_float(ratio)));
    case Shape::tangent:
      break;
  }
  return to_fraction(tan(to_float(ratio) / per_radian(scale)) * 100);
}

}  // namespace graftline::ucum
