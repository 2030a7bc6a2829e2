#pragma once
// The arithmetic of a model file: numbers, curves over a clock, and questions about a patient's state.
//
// Truth is 1 and 0. A clock that has not started has no reading: every comparison with it is no, and a curve
// over it is 0. Patients are virtual and wholly known, so there is no third value here; what is *measured* of
// them is another matter, and becomes a record with unknowns like any other.

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace graftline::sim {

// Limits of one model; the reader refuses larger ones, so that a patient is a plain block of memory.
inline constexpr std::size_t most_states = 24;
inline constexpr std::size_t most_values = 32;  // of one state
inline constexpr std::size_t most_clocks = 32;
inline constexpr std::size_t most_traits = 12;
inline constexpr std::size_t most_transitions = 96;

inline constexpr double not_started = std::numeric_limits<double>::infinity();

// Everything that is true of a virtual patient at one moment. Times are in the model's unit since its time
// zero.
struct Patient {
  double time = 0.0;
  std::array<std::uint8_t, most_states> state{};
  std::array<double, most_clocks> started{};  // when each clock (last) started; not_started
  std::array<double, most_traits> trait{};    // continuous covariates and frailties
  double dose = 0.0;                          // of the last infusion, as the model counts it
  int infusions = 0;
  std::array<std::uint8_t, most_clocks> marks_passed{};  // of each clock, where rates may change (process.h)

  double since(std::size_t clock) const { return time - started[clock]; }  // minus infinity when not started
};

enum class Operation : unsigned char {
  constant,  // value
  number,    // index of a declared number
  let,       // index of a named expression
  curve,     // index of a curve, at the reading of its clock
  state_in,  // index of a state; mask of its values
  since,     // index of a clock
  start_of,  // index of a clock: when it started
  running,   // index of a clock
  trait,     // index of a covariate or frailty
  dose,
  infusions,
  add,
  subtract,
  multiply,
  divide,
  power,
  negate,
  exponential,
  logarithm,
  square_root,
  smaller,
  larger,
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
  both,
  either,
  negation,
  choose,  // a: condition; b: then; c: else
  passed,  // index of a clock; mask: how many of its marks must have been passed (process.h)
  steps,   // index of a clock; mask: where the values of its pieces begin, in the table of the process
};

struct ExpressionNode {
  Operation operation = Operation::constant;
  double value = 0.0;
  std::uint32_t index = 0;
  std::uint32_t mask = 0;
  int a = -1, b = -1, c = -1;  // operands, earlier in the vector
};

// Operands stand before what uses them; the last node is the whole.
struct Expression {
  std::vector<ExpressionNode> nodes;
  bool empty() const { return nodes.empty(); }
};

struct Interval {
  double low = 0.0;
  double high = 0.0;
};

}  // namespace graftline::sim
