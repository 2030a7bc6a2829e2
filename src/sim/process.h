#pragma once
// A model with one variant applied, ready to run: numbers put in, named expressions written out, constants
// folded, and every moment at which a rate may change by the passing of time turned into a mark on a clock.
// Between marks and events all rates are constant (or a constant times one parametric hazard), so patients
// are simulated exactly, without time steps.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "sim/model.h"

namespace graftline::sim {

struct CompiledTransition {
  std::uint32_t index = 0;  // in the model: draws are keyed by it, whatever the variant leaves out
  Expression when;
  Expression rate;      // of constants between marks; empty: triggered
  int parametric = -1;  // the curve that multiplies the rate
  Expression probability;
  const Transition* source = nullptr;
  std::optional<Delay> after;
  std::vector<Outcome> outcomes;
};

struct Process {
  const Model* model = nullptr;
  std::string variant;
  double transplant_at = 0.0;        // day 0, on the model's clock: zero or below
  std::vector<std::uint8_t> begins;  // value of each state without shares
  std::vector<Curve> curves;
  std::vector<double> numbers;
  std::vector<std::vector<double>>
      marks;                  // of each clock: readings at which some rate may change, increasing
  std::vector<double> table;  // values of step curves between marks
  std::vector<CompiledTransition> transitions;
  // What all rates depend on, packed into 64 bits: few such situations occur, so their rates are worked out
  // once. Empty when they depend on more (a frailty, a dose).
  struct SituationPart {
    enum class Kind : unsigned char { state, clock, infusions } kind = Kind::state;
    std::uint32_t index = 0;
    std::uint32_t shift = 0;
  };
  std::vector<SituationPart> situation;
  std::vector<std::uint32_t> by_rate;  // which of them happen at a rate
  std::vector<std::vector<std::uint32_t>>
      triggered_by;  // compiled transitions triggered by each model transition
  std::vector<std::uint32_t> on_start;
  std::vector<std::uint32_t> on_infusion;

  // An expression of a check or a measurement, with this variant's numbers in it.
  Expression instantiate(const Expression& expression) const;
};

// `variant` empty: the model as it stands. The model must outlive the process.
//   errors   not_found: no such variant; unsupported: a rate that changes continuously other than by one
//            parametric curve as a factor; out_of_range: more marks on a clock than fit
Result<Process> compile(const Model& model, std::string_view variant);

// Of the patient now; none when the process has no such key, or this patient does not fit into it.
std::optional<std::uint64_t> situation(const Process& process, const Patient& patient);

double evaluate(const Expression& expression, const Patient& patient, const Process& process);
inline bool holds(const Expression& expression, const Patient& patient, const Process& process) {
  return expression.empty() || evaluate(expression, patient, process) != 0.0;
}

// Of a parametric curve: the hazard at a reading, its integral from 0, and the reading at which the integral
// is h.
double hazard(const Curve& curve, double reading);
double cumulative_hazard(const Curve& curve, double reading);
double inverse_cumulative_hazard(const Curve& curve, double h);

// Bounds of an expression over all patients: never too narrow.
Interval bounds(const Expression& expression, const Process& process);

}  // namespace graftline::sim
